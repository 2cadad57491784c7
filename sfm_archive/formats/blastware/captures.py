"""Raw captures (`raw_s3_*.bin`, `raw_rx_*.bin`): the events that a flat stream from a unit holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.event_file import Strt, describe_memory, read_strt
from sfm_archive.formats.blastware.frames import A5, LogicalFrame, logical_frame
from sfm_archive.formats.blastware.link import ReplyScan, stored_frame
from sfm_archive.formats.blastware.records import EVENT_RECORD_SUB, EventRecord, read_event_record
from sfm_archive.formats.blastware.streams import readable_memory, survey_stream, surveyed
from sfm_archive.model.events import MOST_EVENTS
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.timestamps import read_device_time

MOST_FRAMES = 1 << 18
"""A5 frames of one capture: 64 MiB of the smallest that units send (0x100 bytes). Frames without content would take
twenty times their bytes in memory."""


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


@dataclass(frozen=True, slots=True)
class _Record:
    """A 0C record as received: it is read for its event alone, for a capture can hold any number."""

    recorded_at: datetime
    content: bytes


@dataclass(slots=True)
class _OpenEvent:
    strt: Strt
    offset: int
    frames: list[A5Frame]
    reached: int
    record_before: int | None
    seen: set[int] = field(default_factory=set)

    @property
    def finished(self) -> bool:
        return self.reached >= self.strt.end_key

    def accepts(self, stored: A5Frame, piece: LogicalFrame) -> bool:
        """Whether a frame that opens no event can be this one's.

        Behind the event's end only what goes on without a hole is (old downloads over-read); once the end was
        reached, an address that came before is only taken for a repeat of the last frame. Everything else is
        another event's, whose own header was lost.
        """
        address = piece.address
        if address >= self.strt.end_key and address not in self.seen:
            return address <= self.reached
        if not self.finished:
            return True
        return address >= self.strt.start_key and (address not in self.seen or stored == self.frames[-1])

    def add(self, stored: A5Frame, piece: LogicalFrame) -> None:
        self.frames.append(stored)
        self.seen.add(piece.address)
        self.reached = max(self.reached, piece.address + len(piece.content))


def read_capture(stream: bytes) -> Capture:
    """All events in a capture; what is damaged or belongs to no event is a finding.

    A frame that begins with type tag and STRT opens an event; frames follow until the STRT's end key is reached, and
    those behind it without a hole (old downloads over-read) stay with it until another event opens. The same header
    again before the end is reached is a doubled address (the 0x1000 fault of old downloads, or a restarted
    download), not a second event; after the end it is the same event downloaded once more.

    Raises BadInput for more than MOST_FRAMES A5 frames or MOST_EVENTS events, and for nothing else.
    """
    scan = ReplyScan(stream)
    events: list[_OpenEvent] = []
    records: list[_Record] = []
    record_before: int | None = None
    replies = kept = orphans = unreadable = 0
    for frame in scan:
        replies += 1
        if frame.sub == EVENT_RECORD_SUB:
            try:
                records.append(_Record(read_device_time(frame.content), frame.content))
            except BadInput:
                unreadable += 1
                continue
            record_before = len(records) - 1
        elif frame.sub == A5:
            stored = stored_frame(frame)
            piece = logical_frame(stored)
            opened = _opens_event(piece, events[-1] if events else None)
            if opened is not None:
                events.append(_OpenEvent(opened, frame.offset, [], opened.start_key, record_before))
                record_before = None
            if events and (opened is not None or events[-1].accepts(stored, piece)):
                events[-1].add(stored, piece)
                kept += 1
                if kept > MOST_FRAMES or len(events) > MOST_EVENTS:
                    raise BadInput(
                        f"the capture holds more than {MOST_FRAMES:,} A5 frames or {MOST_EVENTS:,} events, the most "
                        "that this program reads of one; cut it in two between two events, and import both"
                    )
            else:
                orphans += 1
    return Capture(
        events=_with_records(events, records),
        replies=replies,
        findings=_capture_findings(scan, orphans, unreadable),
    )


def _opens_event(piece: LogicalFrame, current: _OpenEvent | None) -> Strt | None:
    strt = read_strt(piece.content)
    if strt is None or current is None or current.finished:
        return strt
    if (strt.start_key, strt.end_key) == (current.strt.start_key, current.strt.end_key):
        return None
    # In the middle of an event, samples can spell a header; a header stands at the address that it names.
    return strt if piece.address == strt.start_key else None


def _with_records(events: list[_OpenEvent], records: list[_Record]) -> tuple[CapturedEvent, ...]:
    """Give each event the record whose time is the footer's; else the one that came just before it."""
    streams = [surveyed(event.frames) for event in events]
    times = [_recorded_at(frames) for frames in streams]
    # Dictionaries for their order: the first record of a time goes to the first event of that time.
    free: dict[datetime | None, dict[int, None]] = {}
    for index, each in enumerate(records):
        free.setdefault(each.recorded_at, {})[index] = None
    chosen: list[int | None] = []
    for event, recorded_at in zip(events, times, strict=True):
        equal = free.get(recorded_at, {})
        nearest = event.record_before if event.record_before in equal else next(iter(equal), None)
        if nearest is not None:
            del equal[nearest]
        chosen.append(nearest)
    captured = []
    for event, frames, recorded_at, equal_time in zip(events, streams, times, chosen, strict=True):
        match = equal_time
        findings: tuple[Finding, ...] = ()
        before = event.record_before
        if match is None and before is not None and before in free[records[before].recorded_at]:
            match = before
            if recorded_at is not None:
                message = (
                    f"the 0C record says {records[match].recorded_at.isoformat()}, the footer "
                    f"{recorded_at.isoformat()}; the footer counts"
                )
                findings = (Finding(code="time-contradiction", message=message),)
        record = None if match is None else read_event_record(records[match].content)
        captured.append(
            CapturedEvent(
                offset=event.offset,
                frames=frames,
                strt=event.strt,
                record=record,
                findings=findings + (() if record is None else record.findings),
            )
        )
    return tuple(captured)


def _recorded_at(frames: tuple[A5Frame, ...]) -> datetime | None:
    return describe_memory(readable_memory(survey_stream(frames))).recorded_at


def _capture_findings(scan: ReplyScan, orphans: int, unreadable: int) -> tuple[Finding, ...]:
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
    if orphans:
        findings.append(
            Finding(
                code="orphan-frames",
                message=f"{orphans} A5 frame(s) came before any event opened or do not go on where one ended: "
                "the frame that opens their event is missing, and they belong to no event of this capture",
                severity=Severity.WARNING,
            )
        )
    if unreadable:
        findings.append(
            Finding(
                code="unreadable-records",
                message=f"{unreadable} 0C record(s) do not begin with a time; nothing was read from them",
            )
        )
    return tuple(findings)
