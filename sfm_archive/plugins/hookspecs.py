"""The hooks a package may implement; what they give is in `contracts`. docs/writing-a-plugin.md shows whole ones.

Hook API 1. Hooks are added and parameters never change within one version; a plug-in states the version that it was
written for as `SFM_HOOK_API = 1` in its module. Each hook is called once, when plug-ins are first needed. What one
raises costs only its own plug-in: it is skipped and named by `sfm plugins`. Two packages that claim one name of a kind
are refused, with both named, so that none can shadow the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy

from sfm_archive.plugins.contracts import Decoder, Encoder, Exporter, Importer

PROJECT = "sfm_archive"
"""Name of pluggy's project and of the entry-point group that packages are found through."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def sfm_encoders() -> Iterable[Encoder]:  # type: ignore[empty-body]
    """The encoders that a package provides.

    A complete plug-in, in a module named by an entry point of the group `sfm_archive`::

        from sfm_archive.plugins.api import FILE_PREFIX, EncodedFile, Encoder, hookimpl, logical_frame

        class PrefixAndContents(Encoder):
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
    """The exporters that a package provides: each writes one event in another format, and reads and writes nothing
    itself.

    A complete plug-in::

        import json

        from sfm_archive.plugins.api import Exporter, hookimpl

        class AsJson(Exporter):
            name = "peaks-json"
            extension = ".json"
            description = "peak particle velocities as JSON, in the unit of their source"

            def export(self, exported):
                ppv = [one for one in exported.values if one.quantity == "ppv"]
                peaks = {one.channel: [one.number, one.unit, one.state] for one in ppv}
                return json.dumps({"serial": exported.event.serial, "ppv": peaks}).encode()

        @hookimpl
        def sfm_exporters():
            return [AsJson()]
    """


@hookspec
def sfm_decoders() -> Iterable[Decoder]:  # type: ignore[empty-body]
    """The decoders that a package provides: each turns event memory into samples or intervals.

    A complete plug-in; numpy and `sfm_archive.waveforms` are imported when it is used, since listing events needs
    neither::

        from sfm_archive.plugins.api import BODY_OFFSET, BadInput, Decoder, RecordType, hookimpl

        class RawWords(Decoder):
            family = "raw-words"
            version = 1
            description = "the body as big-endian 16-bit words of four channels in turn"

            def decode(self, memory, stated):
                import numpy as np
                from sfm_archive.waveforms import DecodedEvent, Waveform

                words = (len(memory) - BODY_OFFSET) // 8 * 4
                if words <= 0:
                    raise BadInput("the memory has no body")
                counts = np.frombuffer(memory, ">i2", words, BODY_OFFSET).reshape(-1, 4).T.astype(np.int32)
                waveform = Waveform(
                    counts=counts,
                    sample_rate=stated.sample_rate or 1024.0,
                    sample_rate_assumed=stated.sample_rate is None,
                    pretrigger=stated.pretrigger or 0,
                    pretrigger_assumed=stated.pretrigger is None,
                )
                return DecodedEvent(
                    record_type=RecordType.WAVEFORM, waveform=waveform, histogram=None, findings=()
                )

        @hookimpl
        def sfm_decoders():
            return [RawWords()]
    """


@hookspec
def sfm_importers() -> Iterable[Importer]:  # type: ignore[empty-body]
    """The importers that a package provides: each recognises a kind of source file, and reads it into events.

    docs/writing-a-plugin.md says when one is asked and what becomes of what it gives. The same bytes must give the same
    records: importing twice must change nothing.

    A complete plug-in::

        from datetime import datetime

        from sfm_archive.plugins.api import BadInput, ImportedEvent, Importer, hookimpl, measured_reading

        MARK = b"QUARRY LOG 1"

        class QuarryLog(Importer):
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
    else the commands need inside of the hook, so that everything else starts without it.

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
