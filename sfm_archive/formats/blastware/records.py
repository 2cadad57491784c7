"""The 0C record (reply F3): what the unit itself says of an event (docs/facts.md, "Other replies")."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from datetime import datetime

from sfm_archive.base.code_pages import windows_text
from sfm_archive.model.eight_channels import eight_channels
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.timestamps import read_device_time
from sfm_archive.model.units import NORMAL_RANGE_IN_S, RAIL, UNITS_PER_RANGE

EVENT_RECORD_SUB = 0xF3
"""Reply to request 0C (known: FF − request SUB)."""

_PEAK_OFFSET = 6
_VECTOR_SUM_OFFSET = -12
_PROJECT_LABEL = b"Project:"
_FLOAT = struct.Struct(">f")

_PEAKS = (
    ("Tran", "ppv", "in/s"),
    ("Vert", "ppv", "in/s"),
    ("Long", "ppv", "in/s"),
    ("MicL", "pspl", "psi"),
)

_RAIL_IN_S = (RAIL - 0.5) * NORMAL_RANGE_IN_S / UNITS_PER_RANGE
"""From here on a peak is at the rail of the Normal range: over range. That of the Sensitive range lies below, but
nothing in the record states the range."""

_LARGEST_POSSIBLE = {"in/s": 40.0, "psi": 10.0}
"""Gate against misread records (docs/facts.md, F5): above any range a unit has; not a statement about damage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One 0C record.

    `recorded_at`: device-local. `readings`: peaks of Tran, Vert, Long (in/s), MicL (psi), peak vector sum (in/s) and
    project, as far as the record holds them. `findings`: values no unit can measure, which are left out, and that it is
    an eight-channel unit's, whose peaks are not read.
    """

    recorded_at: datetime
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]


def read_event_record(content: bytes) -> EventRecord:
    """Read the content of an F3 reply. Raises BadInput when it does not begin with a time."""
    recorded_at = read_device_time(content)
    readings: list[Reading] = []
    findings: list[Finding] = []
    project, labels = _project(content)
    if all(labels.count(label.encode("ascii"), 8) > 1 for label, _, _ in _PEAKS):
        findings.append(eight_channels("the 0C record has every channel twice"))
    for label, quantity, unit in () if findings else _PEAKS:
        at = labels.find(label.encode("ascii"), 8)
        if at != -1:
            _read_float(content, at + _PEAK_OFFSET, (quantity, label, unit), readings, findings)
            if label == "Tran":
                _read_float(content, at + _VECTOR_SUM_OFFSET, ("pvs", "", "in/s"), readings, findings)
    if project:
        readings.append(Reading(quantity="project", text=project))
    return EventRecord(recorded_at=recorded_at, readings=tuple(readings), findings=tuple(findings))


def _read_float(
    content: bytes, at: int, what: tuple[str, str, str], readings: list[Reading], findings: list[Finding]
) -> None:
    quantity, channel, unit = what
    if at < 8 or at + 4 > len(content):
        return
    (number,) = _FLOAT.unpack_from(content, at)
    if math.isfinite(number) and 0 <= number <= _LARGEST_POSSIBLE[unit]:
        if quantity == "ppv" and number >= _RAIL_IN_S:
            over = Reading(
                quantity=quantity, channel=channel, state=ValueState.OVER_RANGE, unit=unit, text=f"{number:.6g} {unit}"
            )
            readings.append(over)
        else:
            readings.append(Reading(quantity=quantity, channel=channel, number=number, unit=unit))
    else:
        message = (
            f"the record's {quantity} {channel or 'of all channels'} reads {number:g} {unit}, which no unit measures"
        )
        findings.append(Finding(code="impossible-value", message=message))


def _project(content: bytes) -> tuple[str, bytes]:
    """The text behind `Project:`, and the content with that text blanked: it may spell a channel's label."""
    at = content.find(_PROJECT_LABEL, 8)
    if at == -1:
        return "", content
    start = at + len(_PROJECT_LABEL)
    while start < len(content) and content[start] == 0:
        start += 1
    end = content.find(b"\x00", start)
    end = len(content) if end == -1 else end
    return windows_text(content[start:end]).strip(), content[:start] + bytes(end - start) + content[end:]
