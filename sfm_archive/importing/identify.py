"""Which event the received bytes tell of: serial and time from content first, then from name and folder.

What only happens to lie beside (a report) speaks last, and only where all else is silent: the same event must get the
same identity whether its report has come already or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sfm_archive.errors import BadInput, BadName
from sfm_archive.formats.blastware.event_file import MemoryDescription
from sfm_archive.formats.blastware.names import DecodedName, decode_event_file_name
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.serials import checked_serial, serial_number
from sfm_archive.model.timestamps import local_text

_FOLDER_OF_UNIT = re.compile(r"[A-Z]{2}[0-9]{3,6}", re.ASCII | re.IGNORECASE)
"""Narrower than what serials may be: MAY2026 and JOB7 are no units."""

_Said = TypeVar("_Said", str, datetime)


@dataclass(slots=True, kw_only=True)
class Testimony:
    """Everything that could tell.

    Each list is in the order of weight, as (who says it, what). `serials`, `times`, `record_types`: from the content;
    the name's time is the last one. `name`: what it says. `folder`: the unit that the folder is named after.
    `reported_serials`, `reported_times`: from reports beside. `option`: the serial that the user gave.
    """

    serials: list[tuple[str, str]] = field(default_factory=list)
    times: list[tuple[str, datetime]] = field(default_factory=list)
    record_types: list[RecordType] = field(default_factory=list)
    start_key: int | None = None
    name: DecodedName | None = None
    folder: str | None = None
    reported_serials: list[tuple[str, str]] = field(default_factory=list)
    reported_times: list[tuple[str, datetime]] = field(default_factory=list)
    option: str | None = None

    def add_content(self, description: MemoryDescription) -> None:
        """What event memory itself tells. Equal statements are not repeated."""
        self.record_types.append(description.record_type)
        add_statement(self.serials, "the settings text", description.serial)
        add_statement(self.times, "the footer", description.recorded_at)
        if description.strt is not None and self.start_key is None:
            self.start_key = description.strt.start_key

    def add_surroundings(self, name: str, folder: str, option: str | None) -> None:
        """What is not content: the name's time and number, the folder's name, and the serial that the user gave."""
        try:
            self.name = decode_event_file_name(name)
        except BadName:
            self.name = None
        else:
            self.times.append((f"the name {name}", self.name.recorded_at))
        self.folder = serial_of_folder(folder)
        self.option = None if option is None else checked_serial(option)


def serial_of_folder(folder: str) -> str | None:
    """The unit that a folder is named after, as older stores do (`BE11529`); None for any other folder."""
    return folder.upper() if _FOLDER_OF_UNIT.fullmatch(folder) else None


def identify(told: Testimony) -> tuple[Event, list[Finding]]:
    """The event, and a finding for each contradiction.

    Raises BadInput when nothing tells the serial or the time, or when only name and folder tell the serial and they
    disagree: such an event could not be told from another one.
    """
    findings: list[Finding] = []
    serial = _serial(told, findings)
    recorded_at = _time(told, findings)
    record_type = next((kind for kind in told.record_types if kind is not RecordType.UNKNOWN), RecordType.UNKNOWN)
    event = Event(serial=serial, recorded_at=recorded_at, record_type=record_type, start_key=told.start_key)
    return event, findings


def add_statement(statements: list[tuple[str, _Said]], who: str, said: _Said | None) -> None:
    """Add what somebody says, where nobody has said just that before."""
    if said is not None and all(known != said for _, known in statements):
        statements.append((who, said))


def _serial(told: Testimony, findings: list[Finding]) -> str:
    if not told.serials:
        who, serial = _serial_from_beside(told)
    else:
        who, serial = told.serials[0]
        # Reports are not held against the content: one that contradicts is another event's, and says so itself.
        for other, text in told.serials[1:] + _folder_says(told):
            if text != serial:
                findings.append(_contradiction("serial", who, serial, other, text))
    if told.name is not None and serial_number(serial) != told.name.serial_number:
        findings.append(_contradiction("serial", who, serial, "the name", f"unit number {told.name.serial_number}"))
    return serial


def _serial_from_beside(told: Testimony) -> tuple[str, str]:
    """The serial where the content is silent: what agrees with the number in the name, else what the user says."""
    beside = told.reported_serials + _folder_says(told)
    for who, serial in beside:
        if told.name is None or serial_number(serial) == told.name.serial_number:
            return who, serial
    if told.option is not None:
        return "--serial", told.option
    if told.name is not None and beside:
        said = ", ".join(f"{who} says {serial}" for who, serial in beside)
        raise BadInput(
            f"its content does not tell the unit's serial; its name says unit number {told.name.serial_number}, "
            f"but {said}. Give the right one with --serial"
        )
    raise BadInput("nothing tells the unit's serial (content, folder or report); give it with --serial")


def _folder_says(told: Testimony) -> list[tuple[str, str]]:
    return [] if told.folder is None else [(f"the folder {told.folder}", told.folder)]


def _time(told: Testimony, findings: list[Finding]) -> datetime:
    stated = told.times or told.reported_times
    if not stated:
        raise BadInput(
            "nothing tells when it was recorded (footer, 0C record, name or report), so it could not be told from "
            "other events; give it back its Blastware name, or download it again"
        )
    who, recorded_at = stated[0]
    for other, time in stated[1:]:
        if time != recorded_at:
            findings.append(_contradiction("time", who, local_text(recorded_at), other, local_text(time)))
    return recorded_at


def _contradiction(what: str, who: str, says: str, other: str, other_says: str) -> Finding:
    return Finding(code=f"{what}-contradiction", message=f"{who} says {says}, {other} says {other_says}; {who} counts")
