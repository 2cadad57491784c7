"""The event: which unit recorded what, when, and where in its memory it lay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sfm_archive.errors import UsageError
from sfm_archive.model.serials import checked_serial

MOST_EVENTS = 20_000
"""Events that this program takes of one received file; no unit's memory holds a tenth of them."""


class RecordType(StrEnum):
    """How the unit recorded. UNKNOWN is an answer: names and tags do not tell, only the body does."""

    WAVEFORM = "waveform"
    HISTOGRAM = "histogram"
    MONITOR_LOG = "monitor log"
    UNKNOWN = "unknown"


def record_type_from_text(text: object) -> RecordType:
    """The record type that a free text means (`"Histogram"`, `"Full Waveform"`, …); one with the words of two types
    (`"Waveform Histogram Combo"`) means neither."""
    lowered = str(text or "").lower().replace("_", " ")
    named = [one for one in RecordType if one is not RecordType.UNKNOWN and one.value in lowered]
    return named[0] if len(named) == 1 else RecordType.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What identifies one recorded event.

    `serial`: the unit, upper case, such as `BE11529`. `recorded_at`: device-local time as recorded, whole seconds,
    without a zone (naive). `record_type`: see RecordType. `start_key`: 32-bit address of the event's first byte in
    the unit's memory, None where it is not known. Keys restart after every erase, so a key alone identifies nothing;
    the four together do.

    Raises BadSerial for a serial that no unit has, UsageError for a time with a zone or a key outside 32 bits.
    """

    serial: str
    recorded_at: datetime
    record_type: RecordType = RecordType.UNKNOWN
    start_key: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "serial", checked_serial(self.serial))
        if self.recorded_at.tzinfo is not None:
            raise UsageError(
                f"{self.serial}: recorded_at {self.recorded_at.isoformat()} carries a zone; "
                "give the device-local time as recorded, without one"
            )
        if self.recorded_at.microsecond:
            object.__setattr__(self, "recorded_at", self.recorded_at.replace(microsecond=0))
        if self.start_key is not None and not 0 <= self.start_key <= 0xFFFF_FFFF:
            raise UsageError(f"{self.serial}: start key {self.start_key} is not a 32-bit address")


def event_from_object(source: Any, serial: str | None = None) -> Event:
    """An Event from ours or from any object with the older library's attribute names.

    Those are `timestamp` with `year, month, day, hour, minute, second`, `record_type` (text) and, where `serial` is
    not given, `serial`. Raises UsageError naming the attribute that is missing or not a time, BadSerial.
    """
    if isinstance(source, Event):
        if serial is None or checked_serial(serial) == source.serial:
            return source
        raise UsageError(f"event of {source.serial} given with serial {serial}; which one is right?")
    stamp = getattr(source, "timestamp", None)
    if stamp is None:
        raise UsageError(f"{serial or 'event'}: the event has no timestamp; it cannot be named or found again")
    try:
        year, month, day = (int(getattr(stamp, part)) for part in ("year", "month", "day"))
        hour, minute, second = (int(getattr(stamp, part, None) or 0) for part in ("hour", "minute", "second"))
        recorded_at = datetime(year, month, day, hour, minute, second)
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{serial or 'event'}: the event's timestamp is not a time: {error}") from error
    own_serial = serial if serial is not None else getattr(source, "serial", None)
    return Event(
        serial="" if own_serial is None else str(own_serial),
        recorded_at=recorded_at,
        record_type=record_type_from_text(getattr(source, "record_type", None)),
    )
