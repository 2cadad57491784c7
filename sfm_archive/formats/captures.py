"""Raw captures (`raw_s3_*.bin`, `raw_rx_*.bin`): the events that a flat stream from a unit holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sfm_archive.errors import BadInput
from sfm_archive.formats.event_file import EVENT_HEADER, Strt, describe_memory, read_strt
from sfm_archive.formats.findings import Finding, Severity
from sfm_archive.formats.frames import A5, A5Frame, logical_frame
from sfm_archive.formats.link import WireFrame, scan_replies, stored_frame
from sfm_archive.formats.records import EVENT_RECORD_SUB, EventRecord, read_event_record
from sfm_archive.formats.streams import readable_memory, survey_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedEvent:
    """One event of a capture: its A5 frames in the order received, and the 0C record that belongs to it."""

    offset: int
    frames: tuple[A5Frame, ...]
    strt: Strt
    record: EventRecord | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a capture holds. `replies` counts every sound reply, `findings` tell what could not be used."""

    events: tuple[CapturedEvent, ...]
    replies: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _OpenEvent:
    strt: Strt
    offset: int
    frames: list[A5Frame]
    reached: int
    record_before: int | None


def read_capture(stream: bytes) -> Capture:
    """All events in a capture. Never raises: what is damaged or belongs to no event is a finding.

    A frame that begins with type tag and STRT opens an event; frames follow until the STRT's end key is reached, and
    those behind it (old downloads over-read) stay with it until another event opens. The same header again before
    the end is reached is a doubled address (the 0x1000 fault of old downloads, or a restarted download), not a
    second event; after the end it is the same event downloaded once more.
    """
    scan = scan_replies(stream)
    events: list[_OpenEvent] = []
    records: list[EventRecord] = []
    record_before: int | None = None
    orphans = 0
    for frame in scan.frames:
        if frame.sub == EVENT_RECORD_SUB:
            try:
                records.append(read_event_record(frame.content))
            except BadInput:
                continue
            record_before = len(records) - 1
        elif frame.sub == A5:
            stored = stored_frame(frame)
            opened = _opens_event(frame, events[-1] if events else None)
            if opened is not None:
                events.append(_OpenEvent(opened, frame.offset, [], opened.start_key, record_before))
                record_before = None
            if not events:
                orphans += 1
                continue
            events[-1].frames.append(stored)
            piece = logical_frame(stored)
            events[-1].reached = max(events[-1].reached, piece.address + len(piece.content))
    return Capture(
        events=_with_records(events, records),
        replies=len(scan.frames),
        findings=_capture_findings(scan.damaged, orphans),
    )


def _opens_event(frame: WireFrame, current: _OpenEvent | None) -> Strt | None:
    if not frame.content.startswith(EVENT_HEADER):
        return None
    strt = read_strt(frame.content)
    if strt is None:
        return None
    if (
        current is not None
        and (strt.start_key, strt.end_key) == (current.strt.start_key, current.strt.end_key)
        and current.reached < current.strt.end_key
    ):
        return None
    return strt


def _with_records(events: list[_OpenEvent], records: list[EventRecord]) -> tuple[CapturedEvent, ...]:
    """Give each event the record whose time is the footer's; else the one that came just before it."""
    times = [_recorded_at(event.frames) for event in events]
    free = set(range(len(records)))
    chosen: list[int | None] = []
    for event, recorded_at in zip(events, times, strict=True):
        equal = [index for index in sorted(free) if records[index].recorded_at == recorded_at]
        match = event.record_before if event.record_before in equal else (equal[0] if equal else None)
        if match is not None:
            free.discard(match)
        chosen.append(match)
    captured = []
    for event, recorded_at, equal_time in zip(events, times, chosen, strict=True):
        match = equal_time
        findings: tuple[Finding, ...] = ()
        if match is None and event.record_before in free:
            match = event.record_before
            if recorded_at is not None:
                message = (
                    f"the 0C record says {records[match].recorded_at.isoformat()}, the footer "
                    f"{recorded_at.isoformat()}; the footer counts"
                )
                findings = (Finding(code="time-contradiction", message=message),)
        record = None if match is None else records[match]
        captured.append(
            CapturedEvent(
                offset=event.offset,
                frames=tuple(event.frames),
                strt=event.strt,
                record=record,
                findings=findings + (() if record is None else record.findings),
            )
        )
    return tuple(captured)


def _recorded_at(frames: list[A5Frame]) -> datetime | None:
    return describe_memory(readable_memory(survey_stream(frames))).recorded_at


def _capture_findings(damaged: tuple[int, ...], orphans: int) -> tuple[Finding, ...]:
    findings = []
    if damaged:
        findings.append(
            Finding(
                code="damaged-frames",
                message=f"{len(damaged)} frame(s) fail their check or are cut off, the first at byte {damaged[0]}; "
                "they were left out",
                start=damaged[0],
                end=damaged[-1] + 1,
            )
        )
    if orphans:
        findings.append(
            Finding(
                code="orphan-frames",
                message=f"{orphans} A5 frame(s) came before any event opened; they belong to no event of this capture",
                severity=Severity.WARNING,
            )
        )
    return tuple(findings)
