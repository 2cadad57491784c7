"""What files and frames say themselves of the event that they belong to, for those of which no change tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sfm_archive.base.texts import quoted
from sfm_archive.errors import BadInput, BadName
from sfm_archive.formats.blastware.event_file import describe_memory, is_event_file, memory_of_file
from sfm_archive.formats.blastware.names import decode_event_file_name, report_pairing_name
from sfm_archive.formats.blastware.streams import memory_to_decode, survey_stream
from sfm_archive.formats.micromate.names import event_named
from sfm_archive.formats.reports.dialects import dialect_of, read_header
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.serials import serial_number
from sfm_archive.model.timestamps import is_same_moment, local_text, parse_local_text


class _Said(NamedTuple):
    """What one source says of the event: the unit's number, and the time on its clock; None where it does not."""

    who: str
    number: int | None
    recorded_at: datetime | None

    def misfit(self, event: Mapping[str, Any]) -> str:
        """What of it contradicts the event, '' where nothing does."""
        at = parse_local_text(event["recorded_at_local"])
        if self.number is not None and self.number != serial_number(event["serial"]):
            return f"{self.who} says unit number {self.number}, not {event['serial']}"
        if self.recorded_at is not None and not is_same_moment(self.recorded_at, at):
            return f"{self.who} says {local_text(self.recorded_at)}, not {local_text(at)}"
        return ""

    @property
    def is_whole(self) -> bool:
        return self.number is not None and self.recorded_at is not None


def doubt_of_file(file: Mapping[str, Any], data: bytes, event: Mapping[str, Any]) -> str:
    """Why a file cannot be believed to be of an event, '' where its own serial and time are the event's: those of its
    content where that tells both, else those of its name. `data`: its bytes, of a report at least its header."""
    content = list(_by_content(data))
    said = [one for one in content if one.is_whole] or [*content, *_by_names(file["name"], file["pairs_with"])]
    for one in said:
        if misfit := one.misfit(event):
            return misfit
    return "" if any(one.is_whole for one in said) else "neither its name nor its content tells unit and time"


def doubt_of_name(name: str, event: Mapping[str, Any]) -> str:
    """What a received name says that is not of the event, '' where nothing does."""
    return next(filter(None, (one.misfit(event) for one in _by_names(name, ""))), "")


def doubt_of_frames(frames: Sequence[A5Frame], event: Mapping[str, Any]) -> str:
    """What in the frames of a whole event says that it is another one, '' where nothing does."""
    try:
        survey = survey_stream(frames)
    except BadInput:
        return ""
    memory = memory_to_decode(survey)
    return "" if memory is None else _of_memory("their content", memory).misfit(event)


def _by_content(data: bytes) -> Iterator[_Said]:
    try:
        if is_event_file(data):
            yield _of_memory("its content", memory_of_file(data))
        elif dialect_of(data) is not None:
            header = read_header(data)
            yield _Said("its header", _number(header.serial), header.recorded_at)
    except BadInput:
        return


def _of_memory(who: str, memory: bytes) -> _Said:
    own = describe_memory(memory)
    return _Said(who, _number(own.serial), own.recorded_at)


def _by_names(name: str, pairs_with: str) -> Iterator[_Said]:
    for text in dict.fromkeys((name, report_pairing_name(name) or "", pairs_with)):
        who = f"its name {quoted(name)}"
        micromate = event_named(text)
        if micromate is not None:
            yield _Said(who, _number(micromate.serial), micromate.recorded_at)
            continue
        try:
            decoded = decode_event_file_name(text)
        except BadName:
            continue
        yield _Said(who, decoded.serial_number, decoded.recorded_at)


def _number(serial: str | None) -> int | None:
    return None if serial is None else serial_number(serial)
