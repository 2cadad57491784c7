"""What plug-ins offer besides encoders: exporters and decoders. Their contracts, and the records that travel.

Values here are plain (texts, numbers, sequences), so that a plug-in needs no array library and no part of the archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading

HOOK_API = 1
"""Version of the hooks. A plug-in may declare the one that it was written for as `SFM_HOOK_API` in its module."""

DEPRECATED_HOOK_APIS: dict[int, str] = {}
"""Older hook APIs that still load and will not for ever: number, and a sentence that says what to change."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_EXTENSION = re.compile(r"(\.[A-Za-z0-9]{1,16})?", re.ASCII)


class Exporter(Protocol):
    """Writes one event in another format. docs: `hookspecs.sfm_exporters`.

    Attributes that an exporter may have besides, and need not (`plugins.registry.RegisteredExporter` has what counts
    without them):

    `export_recording(recording)`: the bytes, made of the decoded event (`sfm_archive.plugins.api.Recording`) instead of
    its file. An archive calls it in place of `export`, since its recording knows more than a file does: the event's id
    and name, the zone of its times, what each source says, and what was decoded.
    `recognise(data)`: whether a document that was received with the event is in this format already. The newest one
    that is, is given back byte for byte, and nothing is made.
    `file_name(event_file)`: what a file beside an event file of this name is called, where that is settled.
    `beside`: names of exporters whose files belong beside this one's in a folder of data.
    `utc_only`: True where the format knows no device-local times, so that people are told which are.
    `export_table(titles, rows)`: a table of all events as bytes, where it should not be CSV.
    """

    @property
    def name(self) -> str:
        """Lower-case letters, digits, hyphens: what people write."""
        ...

    @property
    def extension(self) -> str:
        """What is put behind the event file's name, such as `.csv`; '' for none."""
        ...

    @property
    def description(self) -> str:
        """One line for people who choose."""
        ...

    def export(self, event: Event, file: bytes | None, values: Sequence[Reading]) -> bytes | Iterable[bytes]:
        """The bytes, whole or in pieces. Raises BadInput for an event that this format cannot hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What a decoder understood of a waveform.

    `samples`: one sequence for each of `channels`, all equally long, in the unit of the same place in `units` (`in/s`,
    `mm/s`, `Pa`, `counts`); a value that no unit measures is NaN. `sample_rate`: per second. `pretrigger`: how many
    samples lie before the trigger. `findings`: what was assumed, not understood or is not possible.
    """

    channels: tuple[str, ...]
    units: tuple[str, ...]
    samples: tuple[Sequence[float], ...]
    sample_rate: float
    pretrigger: int
    findings: tuple[Finding, ...] = ()


class Decoder(Protocol):
    """Turns event memory into samples. docs: `hookspecs.sfm_decoders`."""

    @property
    def family(self) -> str:
        """As of encoders: lower-case letters, digits, hyphens."""
        ...

    @property
    def version(self) -> int:
        """A released version never changes what it gives."""
        ...

    @property
    def description(self) -> str:
        """One line for people who choose."""
        ...

    def decode(self, memory: bytes) -> Samples:
        """The samples. Raises BadInput, with the reason, where the memory holds none that it understands."""
        ...


def exporter_name(exporter: Any) -> str:
    """The name of an exporter that a plug-in gave. Raises UsageError for what is none."""
    name, extension = getattr(exporter, "name", None), getattr(exporter, "extension", None)
    if isinstance(exporter, type) or not callable(getattr(exporter, "export", None)):
        raise UsageError(f"{exporter!r} is not an exporter: it needs name, extension, description and export()")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot be the name of an exporter; use lower-case letters, digits and hyphens")
    if not isinstance(extension, str) or _EXTENSION.fullmatch(extension) is None:
        raise UsageError(f"exporter {name}: {extension!r} is no extension; give one such as '.csv', or ''")
    _check_description(exporter, f"exporter {name}")
    _check_what_it_may_have(exporter, name)
    return name


def _check_what_it_may_have(exporter: Any, name: str) -> None:
    for method in ("export_recording", "recognise", "file_name", "export_table"):
        if hasattr(exporter, method) and not callable(getattr(exporter, method)):
            raise UsageError(f"exporter {name}: {method} is not a method; see docs/writing-a-plugin.md")
    beside = getattr(exporter, "beside", ())
    if not isinstance(beside, tuple | list) or not all(isinstance(one, str) for one in beside):
        raise UsageError(f"exporter {name}: beside is {beside!r}; give the names of other exporters")


def decoder_name(decoder: Any) -> EncoderName:
    """The name of a decoder that a plug-in gave. Raises UsageError for what is none."""
    family, version = getattr(decoder, "family", None), getattr(decoder, "version", None)
    is_number = isinstance(version, int) and not isinstance(version, bool)
    if isinstance(decoder, type) or not is_number or not callable(getattr(decoder, "decode", None)):
        raise UsageError(f"{decoder!r} is not a decoder: it needs family, version (a number) and decode()")
    _check_description(decoder, f"decoder {family}@{version}")
    return parse_encoder_name(f"{family}@{version}")


def command_name(command: Any) -> str:
    """The name of a click command that a plug-in gave. Raises UsageError for what is none."""
    name = getattr(command, "name", None)
    if isinstance(command, type) or not callable(getattr(command, "make_context", None)):
        raise UsageError(f"{command!r} is not a click command; decorate the function with @click.command()")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot be the name of a command; use lower-case letters, digits and hyphens")
    return name


def _check_description(offered: Any, what: str) -> None:
    if not isinstance(getattr(offered, "description", None), str):
        raise UsageError(f"{what} has no description")


def checked_samples(found: object, decoder: str) -> Samples:
    """What a decoder gave, if it is what it must be. Raises BadInput."""
    if not isinstance(found, Samples):
        raise BadInput(f"{decoder} gave no samples but {type(found).__name__}; report it to its author")
    lengths = {len(one) for one in found.samples}
    if not len(found.channels) == len(found.units) == len(found.samples) or len(lengths) > 1:
        raise BadInput(f"{decoder} gave channels, units and samples of different numbers; report it to its author")
    return found
