"""Which event a report's header tells of, where its lines do not agree with each other or with its table.

The lines `Serial Number`, `Event Date` and `Event Time` count before the line `File Name`, which is written of them, as
an event's own bytes count before its name. Its type is that of its table, for that is what was printed, else that of
the line `Event Type`, else what the last letter of `File Name` suggests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sfm_archive.base.texts import quoted, without_copy_mark
from sfm_archive.errors import BadName
from sfm_archive.formats.blastware.names import decode_event_file_name
from sfm_archive.formats.micromate.names import micromate_name
from sfm_archive.model.events import RecordType, record_type_from_text
from sfm_archive.model.findings import Finding
from sfm_archive.model.serials import serial_number
from sfm_archive.model.timestamps import is_same_moment, local_text


class NamedFile(NamedTuple):
    """What a line `File Name` says; a Blastware name has the number of its unit without the letters."""

    unit: str
    number: int
    recorded_at: datetime
    record_type: RecordType


def named_file(name: str | None) -> NamedFile | None:
    """What the name of an event file says; None of any other text."""
    plain = without_copy_mark((name or "").strip())
    micromate = micromate_name(plain)
    if micromate is not None:
        serial, recorded_at, record_type = micromate
        return NamedFile(serial, serial_number(serial), recorded_at, record_type)
    try:
        decoded = decode_event_file_name(plain)
    except BadName:
        return None
    suggested = decoded.suggested_record_type
    return NamedFile(f"unit number {decoded.serial_number}", decoded.serial_number, decoded.recorded_at, suggested)


def time_told(names: Iterable[str | None], serial: str | None, recorded_at: datetime | None) -> datetime | None:
    """The second of a report's event. A trigger and the start of its record may round to other seconds, and a report's
    lines may have the one and its event's bytes the other; the name of the event file has that of the bytes. So the
    first of several names counts that is of the unit and at most two seconds off: a report that comes first is then the
    event that its binary will be."""
    for name in names:
        named = named_file(name)
        if recorded_at is None or named is None or not is_same_moment(recorded_at, named.recorded_at):
            continue
        if serial is None or serial_number(serial) == named.number:
            return named.recorded_at
    return recorded_at


def type_told(event_type: str | None, in_table: RecordType, file_name: str | None) -> RecordType:
    """The record type that a report tells."""
    stated = record_type_from_text(event_type)
    named = named_file(file_name)
    for one in (in_table, stated):
        if one is not RecordType.UNKNOWN:
            return one
    # A type with two words leaves it open on purpose.
    return RecordType.UNKNOWN if named is None or (event_type or "").strip() else named.record_type


def contradictions(
    event_type: str | None,
    in_table: RecordType,
    file_name: str | None,
    serial: str | None,
    recorded_at: datetime | None,
) -> Iterator[Finding]:
    """What a report's lines say of its event otherwise than its table or each other."""
    stated = record_type_from_text(event_type)
    if len({stated, in_table} - {RecordType.UNKNOWN}) > 1:
        message = (
            f"its line Event Type says {quoted((event_type or '').strip())}, and its table is that of a "
            f"{in_table.value}; the table counts"
        )
        yield Finding(code="type-contradiction", message=message)
    named = named_file(file_name)
    if named is None:
        return
    line = f"its line File Name, {quoted((file_name or '').strip())}, says"
    if serial is not None and serial_number(serial) != named.number:
        yield _of_name(f"{line} {named.unit}, and its line Serial Number {serial}; the latter counts")
    # A trigger and the start of its record may round to other seconds.
    if not is_same_moment(recorded_at, named.recorded_at) and recorded_at is not None:
        message = (
            f"{line} {local_text(named.recorded_at)}, and its lines Event Date and Event Time "
            f"{local_text(recorded_at)}; the latter count"
        )
        yield _of_name(message)
    told = type_told(event_type, in_table, None)
    if len({told, named.record_type} - {RecordType.UNKNOWN}) > 1:
        what = "its table" if in_table is told else f"its line Event Type {quoted((event_type or '').strip())}"
        yield _of_name(f"{line} a {named.record_type.value}, and {what} a {told.value}; the latter counts")


def _of_name(message: str) -> Finding:
    return Finding(code="file-name-contradiction", message=message)
