"""Which event the received bytes tell of: serial and time from content first, then from name and folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sfm_archive.errors import BadInput, BadName
from sfm_archive.formats.event_file import MemoryDescription
from sfm_archive.formats.events import Event, RecordType
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.names import DecodedName, decode_event_file_name
from sfm_archive.formats.serials import checked_serial, is_serial, serial_number
from sfm_archive.formats.timestamps import local_text


@dataclass(slots=True, kw_only=True)
class Testimony:
    """Everything that could tell, in the order of weight within each list: (who says it, what)."""

    serials: list[tuple[str, str]] = field(default_factory=list)
    times: list[tuple[str, datetime]] = field(default_factory=list)
    record_types: list[RecordType] = field(default_factory=list)
    start_key: int | None = None
    name: DecodedName | None = None


def testimony_of(description: MemoryDescription) -> Testimony:
    """What event memory itself tells."""
    told = Testimony(record_types=[description.record_type])
    if description.serial is not None:
        told.serials.append(("the settings text", description.serial))
    if description.recorded_at is not None:
        told.times.append(("the footer", description.recorded_at))
    if description.strt is not None:
        told.start_key = description.strt.start_key
    return told


def add_name_and_folder(told: Testimony, name: str, folder: str, option: str | None) -> None:
    """Add what is not content: the name's time and number, the folder's name, and the serial that the user gave."""
    try:
        told.name = decode_event_file_name(name)
    except BadName:
        told.name = None
    if told.name is not None:
        told.times.append((f"the name {name}", told.name.recorded_at))
    if is_serial(folder):
        told.serials.append((f"the folder {folder}", checked_serial(folder)))
    if option is not None:
        told.serials.append(("--serial", checked_serial(option)))


def identify(told: Testimony) -> tuple[Event, list[Finding]]:
    """The event, and a finding for each contradiction.

    Raises BadInput when nothing tells the serial or the time: such an event could not be told from another one.
    """
    if not told.serials:
        raise BadInput("nothing tells the unit's serial (content, folder or report); give it with --serial")
    if not told.times:
        raise BadInput(
            "nothing tells when it was recorded (footer, 0C record, report or name); it cannot be kept apart"
        )
    findings: list[Finding] = []
    serial = _first_serial(told, findings)
    recorded_at = _first_time(told, findings)
    record_type = next((kind for kind in told.record_types if kind is not RecordType.UNKNOWN), RecordType.UNKNOWN)
    event = Event(serial=serial, recorded_at=recorded_at, record_type=record_type, start_key=told.start_key)
    return event, findings


def _first_serial(told: Testimony, findings: list[Finding]) -> str:
    who, serial = told.serials[0]
    for other, text in told.serials[1:]:
        if text != serial:
            findings.append(_contradiction("serial", who, serial, other, text))
    if told.name is not None and serial_number(serial) != told.name.serial_number:
        findings.append(_contradiction("serial", who, serial, "the name", f"unit number {told.name.serial_number}"))
    return serial


def _first_time(told: Testimony, findings: list[Finding]) -> datetime:
    who, recorded_at = told.times[0]
    for other, time in told.times[1:]:
        if time != recorded_at:
            findings.append(_contradiction("time", who, local_text(recorded_at), other, local_text(time)))
    return recorded_at


def _contradiction(what: str, who: str, says: str, other: str, other_says: str) -> Finding:
    return Finding(code=f"{what}-contradiction", message=f"{who} says {says}, {other} says {other_says}; {who} counts")
