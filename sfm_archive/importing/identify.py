"""Which event received bytes belong to: serial and time from the content first, then from name and folder.

What only lies beside (a report) counts last, and only where all else is silent: the same event must get the same
identity whether its report has come already or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sfm_archive.errors import BadInput, BadName, NotTold
from sfm_archive.formats.blastware.names import DecodedName, decode_event_file_name
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.serials import serial_number
from sfm_archive.model.timestamps import is_same_moment, local_text

_FOLDER_OF_UNIT = re.compile(r"[A-Z]{2}[0-9]{3,6}", re.ASCII | re.IGNORECASE)
"""Narrower than what serials may be: MAY2026 and JOB7 are no units."""

_Value = TypeVar("_Value", str, datetime)


class IdentitySource(NamedTuple):
    """What one source says of an event's identity; None, or an unknown record type, where it does not say.

    `who`: the source as messages name it, such as `the footer`. `recorded_at` is device-local.
    """

    who: str
    serial: str | None = None
    recorded_at: datetime | None = None
    record_type: RecordType = RecordType.UNKNOWN
    start_key: int | None = None

    def fits(self, event: Event) -> bool:
        """Whether nothing of it contradicts the event: a unit can record a waveform and a histogram in one second."""
        return not self.misfits(event)

    def misfits(self, event: Event) -> tuple[str, ...]:
        """What of it contradicts the event, in words: serial, time or type of both."""
        found = []
        if self.serial not in (None, event.serial):
            found.append(f"its serial is {self.serial}, not {event.serial}")
        if self.recorded_at is not None and not is_same_moment(self.recorded_at, event.recorded_at):
            found.append(f"its time is {local_text(self.recorded_at)}, not {local_text(event.recorded_at)}")
        if len({self.record_type, event.record_type} - {RecordType.UNKNOWN}) > 1:
            found.append(f"its type is {self.record_type.value}, not {event.record_type.value}")
        return tuple(found)


def identify(
    content: Sequence[IdentitySource], name: str, folder: str, reports: Sequence[IdentitySource], serial: str | None
) -> tuple[Event, tuple[Finding, ...]]:
    """The event, and a finding for each contradiction.

    `content`: what the event's own bytes say, in the order of weight. `name`: of the event file. `folder`: the name of
    the folder. `reports`: those that lie beside. `serial`: given by the user. Raises NotTold when nothing gives
    the serial or the time, BadInput when only name and folder give the serial and they disagree.
    """
    try:
        decoded = decode_event_file_name(name)
    except BadName:
        decoded = None
    unit, findings = _serial(content, decoded, folder, reports, serial)
    times = list(_statements((one.who, one.recorded_at) for one in content))
    if decoded is not None:
        times.append((f"the name {name}", decoded.recorded_at))
    times = times or list(_statements((one.who, one.recorded_at) for one in reports))
    if not times:
        raise NotTold(
            "neither footer, 0C record, name nor report gives the time of recording, without which it cannot be kept "
            "apart from other events; give it back its Blastware name, or download it again"
        )
    (who, recorded_at), *others = times
    for other, time in others:
        if time != recorded_at:
            findings.append(_contradiction("time", who, local_text(recorded_at), other, local_text(time)))
    types = [one.record_type for one in content if one.record_type is not RecordType.UNKNOWN]
    keys = [one.start_key for one in content if one.start_key is not None]
    event = Event(
        serial=unit,
        recorded_at=recorded_at,
        record_type=types[0] if types else RecordType.UNKNOWN,
        start_key=keys[0] if keys else None,
    )
    return event, tuple(findings)


def serial_of_folder(folder: str) -> str | None:
    """The unit that a folder is named after, as older stores do (`BE11529`); None for any other folder."""
    return folder.upper() if _FOLDER_OF_UNIT.fullmatch(folder) else None


def _serial(
    content: Sequence[IdentitySource],
    name: DecodedName | None,
    folder: str,
    reports: Sequence[IdentitySource],
    given: str | None,
) -> tuple[str, list[Finding]]:
    stated = list(_statements((one.who, one.serial) for one in content))
    of_folder = list(_statements([(f"the folder {folder.upper()}", serial_of_folder(folder))]))
    findings: list[Finding] = []
    if stated:
        (who, serial), *others = stated
        # Reports are not compared with the content: one that contradicts is another event's, and says so itself.
        for other, text in others + of_folder:
            if text != serial:
                findings.append(_contradiction("serial", who, serial, other, text))
    else:
        beside = [*_statements((one.who, one.serial) for one in reports), *of_folder]
        who, serial = _serial_from_beside(beside, name, given)
    if name is not None and serial_number(serial) != name.serial_number:
        findings.append(_contradiction("serial", who, serial, "the name", f"unit number {name.serial_number}"))
    return serial, findings


def _serial_from_beside(beside: list[tuple[str, str]], name: DecodedName | None, given: str | None) -> tuple[str, str]:
    """The serial where the content is silent: what agrees with the number in the name, else what the user gave."""
    for who, serial in beside:
        if name is None or serial_number(serial) == name.serial_number:
            return who, serial
    if given is not None:
        return "--serial", given
    if name is not None and beside:
        others = ", ".join(f"{who} says {serial}" for who, serial in beside)
        raise BadInput(
            f"its content does not give the unit's serial; its name says unit number {name.serial_number}, "
            f"but {others}. Give the right one with --serial"
        )
    raise NotTold("neither content, folder nor report gives the unit's serial; give it with --serial")


def _statements(sources: Iterable[tuple[str, _Value | None]]) -> Iterable[tuple[str, _Value]]:
    """Who says what, in the order of weight; of those that say the same the first one."""
    found: dict[_Value, str] = {}
    for who, value in sources:
        if value is not None:
            found.setdefault(value, who)
    return ((who, value) for value, who in found.items())


def _contradiction(what: str, who: str, says: str, other: str, other_says: str) -> Finding:
    message = f"{who} says {says}, {other} says {other_says}; {who} counts"
    return Finding(code=f"{what}-contradiction", message=message)
