"""Raw captures (`raw_s3_*.bin`, `raw_rx_*.bin`): the events that a flat stream from a unit holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from sfm_archive.base.counting import counted
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.event_file import Strt
from sfm_archive.formats.blastware.frames import A5, logical_frame
from sfm_archive.formats.blastware.frames_to_events import FramesToEvents, LoosePart
from sfm_archive.formats.blastware.link import ReplyScan, stored_frame
from sfm_archive.formats.blastware.records import EVENT_RECORD_SUB, EventRecord, read_event_record
from sfm_archive.formats.blastware.records_to_events import ReceivedRecord, events_of_records
from sfm_archive.formats.blastware.streams import surveyed
from sfm_archive.formats.blastware.unit_replies import (
    COMPLIANCE_SUB,
    EVENT_HEADER_SUB,
    MonitoringInterval,
    is_of_eight_channels,
    is_triggered,
    read_compliance,
    read_monitoring,
)
from sfm_archive.model.eight_channels import EIGHT_CHANNEL, eight_channels
from sfm_archive.model.events import MOST_EVENTS
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading
from sfm_archive.model.timestamps import local_text, read_device_time

MOST_FRAMES = 1 << 18
"""A5 frames of one capture: 64 MiB of the smallest that units send (0x100 bytes). Frames without content would take
twenty times their bytes in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedEvent:
    """One event of a capture: its A5 frames in the order received, and the 0C record that belongs to it.

    `strt`: the header of its first frame that has one, whatever its keys.
    """

    offset: int
    frames: tuple[A5Frame, ...]
    strt: Strt
    record: EventRecord | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPart:
    """A5 frames of an event that no frame of the capture opens, in the order received. `findings`: that its first frame
    came and is damaged, where that is so; else it never came."""

    offset: int
    frames: tuple[A5Frame, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedRecord:
    """A 0C record of an event that the capture does not hold. `start_key`: that it echoes."""

    offset: int
    start_key: int
    record: EventRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a capture holds.

    `parts`: frames that no event of it can be given. `records`: 0C records of events that it does not hold.
    `monitoring`: intervals in which the unit ran and nothing triggered. `compliance`: what it says of its settings, the
    last time that it does. `replies` counts every sound reply, `findings` tell what could not be used.
    """

    events: tuple[CapturedEvent, ...]
    replies: int
    findings: tuple[Finding, ...]
    parts: tuple[CapturedPart, ...] = ()
    records: tuple[CapturedRecord, ...] = ()
    monitoring: tuple[MonitoringInterval, ...] = ()
    compliance: tuple[Reading, ...] = ()


def read_capture(stream: bytes) -> Capture:
    """All that a capture holds; no sound A5 frame is left out.

    Which frames are whose: `frames_to_events`; which records: `records_to_events`. Raises BadInput for more than
    MOST_FRAMES A5 frames or MOST_EVENTS events, and for nothing else.
    """
    scan = ReplyScan(stream)
    frames = FramesToEvents()
    records: list[ReceivedRecord] = []
    monitoring: dict[MonitoringInterval, None] = {}
    compliance: tuple[Reading, ...] = ()
    of_eight: tuple[Finding, ...] = ()
    headers: list[int] = []
    replies = 0
    unreadable: Counter[str] = Counter()
    behind_damage: dict[int, int] = {}
    before = -1
    for reply in scan:
        replies += 1
        if scan.last_damaged > before:
            behind_damage[reply.offset] = scan.last_damaged
        before = reply.offset
        if reply.sub == EVENT_RECORD_SUB:
            try:
                recorded_at = read_device_time(reply.content)
            except BadInput:
                unreadable["0C record(s) do not begin with a time"] += 1
                continue
            records.append(ReceivedRecord(reply.offset, reply.echoed_key, recorded_at, reply.content))
        elif reply.sub == EVENT_HEADER_SUB:
            if is_triggered(reply.content):
                headers.append(reply.echoed_key)
            try:
                interval = read_monitoring(reply.content)
            except BadInput:
                unreadable["monitoring interval(s) (0A) have times that cannot be"] += 1
                continue
            if interval is not None and len(monitoring) < MOST_EVENTS:
                monitoring[interval] = None
        elif reply.sub == COMPLIANCE_SUB:
            settings = read_compliance(reply)
            compliance = settings or compliance
            if not settings:
                unreadable["compliance record(s) (1A) have no setting where it is looked for"] += 1
            if is_of_eight_channels(reply):
                of_eight = (eight_channels("the unit's compliance record has every geophone twice"),)
        elif reply.sub == A5:
            stored = stored_frame(reply)
            frames.add(reply.offset, stored, logical_frame(stored))
            if frames.count > MOST_FRAMES or len(frames.events) > MOST_EVENTS:
                raise BadInput(
                    f"the capture holds more than {MOST_FRAMES:,} A5 frames or {MOST_EVENTS:,} events, the most "
                    "that this program reads of one; cut it in two between two events, and import both"
                )
    frames.give_late_ones()
    events = [(event.offset, event.strt, surveyed(event.frames)) for event in frames.events]
    given, left = events_of_records([(offset, strt.start_key, stream) for offset, strt, stream in events], records)
    keys = {one.start_key for one in left}
    told_of = _told_of(headers, {strt.start_key for _, strt, _ in events} | keys, frames.parts())
    parts = tuple(
        CapturedPart(
            offset=part.offset,
            frames=tuple(part.frames),
            findings=_opener_damaged(part, behind_damage.get(part.offset), keys),
        )
        for part in frames.parts()
    )
    return Capture(
        events=tuple(
            CapturedEvent(
                offset=offset,
                frames=frames_of,
                strt=strt,
                record=record,
                findings=_of_event(record, of_eight),
            )
            for (offset, strt, frames_of), record in zip(events, given, strict=True)
        ),
        replies=replies,
        findings=(*_findings(scan, parts, left, unreadable), *told_of),
        parts=parts,
        records=tuple(
            CapturedRecord(offset=one.offset, start_key=one.start_key, record=read_event_record(one.content))
            for one in left
        ),
        monitoring=tuple(monitoring),
        compliance=compliance,
    )


def _told_of(headers: list[int], received: Set[int], parts: Sequence[LoosePart]) -> tuple[Finding, ...]:
    """The finding for record headers (0A) of triggered events of which the capture has nothing else. `received`: start
    keys of its events and 0C records."""
    begun = {logical_frame(part.frames[0]).address for part in parts}
    missing = [key for key in dict.fromkeys(headers) if key not in received and key not in begun]
    if not missing:
        return ()
    keys = ", ".join(f"{key:08X}" for key in missing[:3]) + (", …" if len(missing) > 3 else "")
    message = (
        f"the unit tells of {counted(len(missing), 'event')} of which nothing else is in this capture (record headers "
        f"0A, keys {keys}): where the archive has no events of these keys, download them"
    )
    return (Finding(code="told-of", message=message, severity=Severity.NOTE),)


def _of_event(record: EventRecord | None, of_eight: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of an event: those of its record, and that the capture says the unit to be one of eight channels."""
    own = () if record is None else record.findings
    return own if any(one.code == EIGHT_CHANNEL for one in own) else (*own, *of_eight)


OPENER_DAMAGED: Final = "opener-damaged"
"""Code of the finding that the first frame of an event came and cannot be used."""


def _opener_damaged(part: LoosePart, damaged_at: int | None, keys: Set[int]) -> tuple[Finding, ...]:
    """`damaged_at`: the byte of a frame directly before the part that fails its check; `keys`: start keys of records
    whose event the capture does not hold."""
    address = logical_frame(part.frames[0]).address
    if address in keys:
        message = (
            f"the first frame is damaged: it is there, at the event's start {address:08X}, and does not begin with "
            "type tag and STRT"
        )
    elif damaged_at is not None:
        message = f"the first frame is damaged: that at byte {damaged_at}, directly before these, fails its check"
    else:
        return ()
    return (Finding(code=OPENER_DAMAGED, message=message),)


def _findings(
    scan: ReplyScan, parts: tuple[CapturedPart, ...], left: list[ReceivedRecord], unreadable: Mapping[str, int]
) -> tuple[Finding, ...]:
    findings = []
    if scan.damaged:
        findings.append(
            Finding(
                code="damaged-frames",
                message=f"{scan.damaged} frame(s) fail their check or are cut off, the first at byte "
                f"{scan.first_damaged}; they were left out",
                start=scan.first_damaged,
                end=scan.last_damaged + 1,
            )
        )
    if parts:
        count = sum(len(part.frames) for part in parts)
        missing = "the frame that opens their event is missing"
        told = [one.message for part in parts for one in part.findings]
        told += [missing] if any(not part.findings for part in parts) else []
        findings.append(
            Finding(
                code="orphan-frames",
                message=f"{count} A5 frame(s) came before any event opened or do not go on where one ended: "
                f"{sentences(told)}, and they belong to no event of this capture",
                severity=Severity.WARNING,
            )
        )
    if left:
        first = left[0]
        others = f", and {len(left) - 1:,} more such record(s)" if len(left) > 1 else ""
        findings.append(
            Finding(
                code="record-of-another",
                message=f"the 0C record at byte {first.offset} is of the event with the key {first.start_key:08X} of "
                f"{local_text(first.recorded_at)}, which this capture does not hold{others}; it was given to no event",
            )
        )
    for what, count in unreadable.items():
        findings.append(Finding(code="unreadable-records", message=f"{count} {what}; nothing was read from them"))
    return tuple(findings)
