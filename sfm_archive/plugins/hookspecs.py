"""The plug-in contract: the hooks a package may implement. docs/writing-a-plugin.md shows whole ones.

Hook API 1. Hooks are added and parameters never change within one version; a plug-in states the version that it was
written for as `SFM_HOOK_API = 1` in its module. What a hook raises costs only its own plug-in: it is skipped and named
by `sfm plugins`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy

from sfm_archive.model.encoders import Encoder
from sfm_archive.plugins.contracts import Decoder, Exporter
from sfm_archive.plugins.importers import Importer

PROJECT = "sfm_archive"
"""Name of pluggy's project and of the entry-point group that packages are found through."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sfm_encoders() -> Iterable[Encoder]:  # type: ignore[empty-body]
    """The encoders that a package provides.

    Called once when plug-ins are first needed. Every package's encoders are collected; two with one
    (family, version) are refused by name, so that none can shadow another.

    A complete plug-in, in a module named by an entry point of the group `sfm_archive`::

        from sfm_archive.plugins.api import FILE_PREFIX, EncodedFile, hookimpl, logical_frame

        class PrefixAndContents:
            family = "example"
            version = 1
            description = "prefix and contents, nothing checked"

            def encode(self, event, frames):
                contents = (logical_frame(frame).content for frame in frames)
                return EncodedFile(FILE_PREFIX + b"".join(contents))

        @hookimpl
        def sfm_encoders():
            return [PrefixAndContents()]
    """


@hookspec
def sfm_exporters() -> Iterable[Exporter]:  # type: ignore[empty-body]
    """The exporters that a package provides: each writes one event in another format.

    Called once when plug-ins are first needed. Two with one name are refused, with both packages. `export` gets the
    `Event` (`recorded_at` is device-local), the event file as an export would write it (None where there is none),
    and the values that count, each with its unit and state. It gives bytes, or pieces of bytes; none at all is a
    failure. It raises `BadInput` for an event that the format cannot hold. It reads and writes nothing itself.
    `name` stays; unlike an encoder's, its bytes may get better from release to release, and no hash is recorded.
    Exporters of samples decode with `sfm_archive.plugins.api.decoded_recording`; what an exporter may have besides
    (`export_recording`, `recognise`, `file_name`, `beside`, `utc_only`, `export_table`) says `extensions.Exporter`.

    A complete plug-in::

        import json

        from sfm_archive.plugins.api import hookimpl

        class AsJson:
            name = "peaks-json"
            extension = ".json"
            description = "peak particle velocities as JSON, in the unit of their source"

            def export(self, event, file, values):
                peaks = {one.channel: [one.number, one.unit, one.state] for one in values if one.quantity == "ppv"}
                return json.dumps({"serial": event.serial, "ppv": peaks}).encode()

        @hookimpl
        def sfm_exporters():
            return [AsJson()]
    """


@hookspec
def sfm_decoders() -> Iterable[Decoder]:  # type: ignore[empty-body]
    """The decoders that a package provides: each turns event memory into samples.

    Called once when plug-ins are first needed. Two with one (family, version) are refused, with both packages; a
    released version never changes what it gives. `decode` gets event memory (type tag, STRT, body, settings, footer:
    a Blastware file without its first 18 bytes) and gives `Samples`, whose units are stated channel by channel. It
    raises `BadInput` where the memory holds no samples that it understands, and must not guess.

    A complete plug-in::

        from sfm_archive.plugins.api import BODY_OFFSET, BadInput, Samples, hookimpl

        class RawWords:
            family = "raw-words"
            version = 1
            description = "the body as big-endian 16-bit words, one channel of counts"

            def decode(self, memory):
                body = memory[BODY_OFFSET:]
                if len(body) < 2:
                    raise BadInput("the memory has no body")
                words = [int.from_bytes(body[at:at + 2], "big", signed=True) for at in range(0, len(body) - 1, 2)]
                return Samples(
                    channels=("all",), units=("counts",), samples=(words,), sample_rate=1024.0, pretrigger=0
                )

        @hookimpl
        def sfm_decoders():
            return [RawWords()]
    """


@hookspec
def sfm_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """The importers that a package provides: each recognises a kind of source file, and reads it into events.

    Called once when plug-ins are first needed. Two with one (family, version) are refused, with both packages. `sfm
    import` finds out by itself what event files, sidecars, HDF5 arrays, SQLite files and reports are; whatever else has
    bytes is shown to the importers, families in the order of their names and of one family the newest first. The first
    whose `recognise` says yes reads the file, and no other. `recognise` gets all bytes and the file's name, which is
    only a hint; it is asked about every such file, so it must be quick. `read` gives `ImportedEvent` records in the
    order of the file, or an `ImportedFile` with findings about the whole: times are device-local without a zone, frames
    are A5 frames in the order received, readings keep the unit and state in which they were given.

    The source file is kept byte for byte beside each of its events. `read` raises `BadInput` for a file that it cannot
    read; that, any other error and a result of another type reject this file alone, and all but the first name the
    package. It reads and writes nothing itself, and the same bytes give the same records: importing twice must change
    nothing. What takes long or much memory holds up the whole import. `family` stands in reports and stays.

    A complete plug-in::

        from datetime import datetime

        from sfm_archive.plugins.api import BadInput, ImportedEvent, hookimpl, measured_reading

        MARK = b"QUARRY LOG 1"

        class QuarryLog:
            family = "quarry-log"
            version = 1
            description = "the quarry's own log: unit, time and peak of each event"

            def recognise(self, data, name):
                return data.startswith(MARK)

            def read(self, data, name):
                events = []
                for number, line in enumerate(data.decode("ascii", "replace").splitlines()[1:], start=2):
                    try:
                        serial, time, peak = line.split(";")
                        recorded_at = datetime.strptime(time, "%Y-%m-%d %H:%M:%S")
                    except ValueError as error:
                        raise BadInput(f"line {number} is not 'unit;time;peak': {line!r}") from error
                    events.append(
                        ImportedEvent(
                            serial=serial,
                            recorded_at=recorded_at,
                            readings=(measured_reading("pvs", peak),),
                            place=f"in line {number}",
                        )
                    )
                return events

        @hookimpl
        def sfm_importers():
            return [QuarryLog()]
    """


@hookspec
def sfm_commands() -> Iterable[Any]:  # type: ignore[empty-body]
    """Commands that a package adds: click commands, found as `sfm NAME`.

    Called only when somebody asks for a command that is not built in, and by `sfm plugins`; import click and whatever
    else the commands need inside of the hook, so that everything else starts without it. A name that is built in
    or that another package has is refused. A command takes its archive first (`sfm NAME ARCHIVE …`), uses the public
    API (`import sfm_archive as sfm`), prints data to standard output and everything else to standard error. An
    `SfmError` that leaves it becomes one sentence and its exit code; do not catch those.

    A complete plug-in::

        from sfm_archive.plugins.api import hookimpl

        @hookimpl
        def sfm_commands():
            import click
            import sfm_archive as sfm

            @click.command("count")
            @click.argument("archive", type=click.Path())
            def count(archive):
                '''Print how many events ARCHIVE holds.'''
                with sfm.open(archive, read_only=True) as opened:
                    click.echo(opened.count())

            return [count]
    """
