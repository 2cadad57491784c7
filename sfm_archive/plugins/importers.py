"""The records in which an importer hands over what it read, and the check that they are such."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sfm_archive.base.texts import is_text
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.event_file import FILE_PREFIX
from sfm_archive.formats.blastware.frames import is_a5_frame
from sfm_archive.model.events import MOST_EVENTS, RecordType
from sfm_archive.model.findings import MOST_SAID, Finding, are_findings
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import CHANNELS, LONGEST_TEXT, Reading, ValueState
from sfm_archive.model.running import UnitRan

READINGS_SOURCES = ("device record", "report")
"""What an importer may say of where its readings come from: the unit's own numbers, or a printed report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedEvent:
    """One event that a source file holds. Everything may be left out that something else gives.

    `serial`, `recorded_at` (device-local, no zone), `record_type`, `start_key` (32-bit device address): what the file
    says of the event beside its frames and its event file. What those say counts before it; file name, folder and
    `--serial` come after it. `names`: of the event file as received, the first one counts. `frames`: A5 frames in the
    order received, escapes still inside. `file`: a whole event file, its first 18 bytes included. `readings`: values
    with the unit and state they were given in, one for each quantity and channel; `readings_source`: `device record`
    or `report`. `findings`: all that is odd about this event; with the code `time-contradiction` among them, the
    archive does not say that a second time. `place`: where in the source it lies, for messages (`at byte 4711`).
    `at_byte`: the same as a number, by which it is known as long as it waits for a serial or a time. `unit_settings`:
    what the unit says in the file of its own settings (range, record time, …): the event's may have been others.
    """

    serial: str | None = None
    recorded_at: datetime | None = None
    record_type: RecordType = RecordType.UNKNOWN
    start_key: int | None = None
    names: tuple[str, ...] = ()
    frames: tuple[A5Frame, ...] = ()
    file: bytes | None = None
    readings: tuple[Reading, ...] = ()
    readings_source: str = "report"
    findings: tuple[Finding, ...] = ()
    place: str = ""
    at_byte: int = 0
    unit_settings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """Everything that was read of one source file.

    `findings`: what is odd about the file as a whole. `parts`: what is of events that the file does not hold, each with
    its `at_byte`: frames without the one that opens their event, or the readings of an event with its key and time.
    They are kept, and joined when their event comes. `ran`: spans in which units were running. `unit_settings`: what
    the unit says of its own settings, for which a file without events is kept. `evidence`: what else a file without
    events holds for which it is kept, in words, such as `12 replies of a unit`. `without_events`: the sentence for a
    file that is sound and holds none of these; such a file is not taken.
    """

    events: tuple[ImportedEvent, ...]
    findings: tuple[Finding, ...] = ()
    parts: tuple[ImportedEvent, ...] = ()
    ran: tuple[UnitRan, ...] = ()
    unit_settings: tuple[Reading, ...] = ()
    evidence: str = ""
    without_events: str = "no event and no part of one is in this file; it is not kept"


def checked_import(given: object) -> ImportedFile:
    """What an importer gave, if it is what it must be. Raises TypeError, ValueError that say what is not, and
    BadInput for more than MOST_EVENTS events."""
    found = given if isinstance(given, ImportedFile) else ImportedFile(events=_tuple_of_events(given))
    for records in (found.events, found.parts):
        if not isinstance(records, tuple) or not all(isinstance(one, ImportedEvent) for one in records):
            raise TypeError("it gave something else than ImportedEvent records")
    if not are_findings(found.findings) or not all(
        is_text(text, MOST_SAID) for text in (found.evidence, found.without_events)
    ):
        raise TypeError("it gave findings or a sentence about the file that are none")
    if not _are(found.ran, _is_span):
        raise TypeError("it gave spans of running units that are none")
    if not _are(found.unit_settings, _is_reading):
        raise TypeError("it gave settings of a unit that are none")
    most = max(len(found.events), len(found.parts))
    if most > MOST_EVENTS:
        raise BadInput(
            f"{most:,} events are in this file, and this program takes up to {MOST_EVENTS:,} of one; cut "
            "it in two between two events, and import both"
        )
    for event in (*found.events, *found.parts):
        for field, is_right in _FIELDS.items():
            if not is_right(getattr(event, field)):
                raise TypeError(f"it gave an event whose {field} cannot be: {getattr(event, field)!r:.80}")
        for readings in (event.readings, event.unit_settings):
            if len({(one.quantity, one.channel) for one in readings}) < len(readings):
                raise ValueError("it gave an event with two readings of one quantity and channel")
    return _with_places(found)


def _with_places(found: ImportedFile) -> ImportedFile:
    """Each event and part with an `at_byte` of its own: their numbers in the file where the importer gives none."""
    every = (*found.events, *found.parts)
    if len({one.at_byte for one in every}) == len(every):
        return found
    numbered = tuple(replace(one, at_byte=number) for number, one in enumerate(every))
    return replace(found, events=numbered[: len(found.events)], parts=numbered[len(found.events) :])


def _tuple_of_events(given: object) -> tuple[Any, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise TypeError(f"it gave no events but {type(given).__name__}")
    return tuple(given)


def _are(value: object, is_right: Callable[[Any], bool]) -> bool:
    return isinstance(value, tuple) and all(is_right(one) for one in value)


def _is_reading(value: object) -> bool:
    return (
        isinstance(value, Reading)
        and is_text(value.quantity, MOST_SAID)
        and is_text(value.unit, MOST_SAID)
        and is_text(value.text, LONGEST_TEXT)
        and value.quantity != ""
        and value.channel in ("", *CHANNELS)
        and isinstance(value.state, ValueState)
        and (value.number is None or (isinstance(value.number, int | float) and math.isfinite(value.number)))
    )


def _is_span(value: object) -> bool:
    return (
        isinstance(value, UnitRan)
        and is_text(value.serial, MOST_SAID)
        and is_text(value.text, MOST_SAID)
        and all(isinstance(one, datetime) and one.tzinfo is None for one in (value.since, value.until))
        and value.since <= value.until
    )


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "serial": lambda value: value is None or is_text(value, MOST_SAID),
    "recorded_at": lambda value: value is None or (isinstance(value, datetime) and value.tzinfo is None),
    "record_type": lambda value: isinstance(value, RecordType),
    "start_key": lambda value: value is None or (isinstance(value, int) and 0 <= value <= 0xFFFF_FFFF),
    "names": lambda value: _are(value, lambda one: is_text(one, MOST_SAID)),
    "frames": lambda value: _are(value, lambda one: isinstance(one, A5Frame) and is_a5_frame(one)),
    "file": lambda value: value is None or (isinstance(value, bytes) and value.startswith(FILE_PREFIX)),
    "readings": lambda value: _are(value, _is_reading),
    "readings_source": lambda value: value in READINGS_SOURCES,
    "findings": are_findings,
    "place": lambda value: is_text(value, MOST_SAID),
    "unit_settings": lambda value: _are(value, _is_reading),
    "at_byte": lambda value: isinstance(value, int) and 0 <= value < 1 << 63,
}
