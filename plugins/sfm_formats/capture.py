"""The importer capture@1 as a plug-in: raw captures of a unit's replies (`raw_s3_….bin`, `raw_rx_….bin`)."""

from __future__ import annotations

from sfm_archive.plugins.api import (
    CapturedEvent,
    CapturedPart,
    CapturedRecord,
    ImportedEvent,
    ImportedFile,
    Importer,
    Reading,
    UnitRan,
    hookimpl,
    may_hold_replies,
    read_capture,
)

SFM_HOOK_API = 1


class RawCapture(Importer):
    """A flat stream from a unit: its events, each with its frames and the 0C record that belongs to it."""

    family = "capture"
    version = 1
    description = "raw captures of a unit's replies (raw_s3_….bin, raw_rx_….bin): frames and 0C records"

    def recognise(self, data: bytes, name: str) -> bool:
        """Whether a reply of a unit may begin somewhere inside; captures may have any name."""
        return may_hold_replies(data)

    def read(self, data: bytes, name: str) -> ImportedFile:
        """All events; what is damaged or belongs to no event is a finding. Raises BadInput for more than this program
        reads of one capture."""
        content = read_capture(data)
        return ImportedFile(
            events=tuple(_event(captured, content.compliance) for captured in content.events),
            findings=tuple(found for found in content.findings if found.code not in _TOLD_BY_PARTS),
            parts=tuple(map(_frames, content.parts)) + tuple(map(_record, content.records)),
            ran=tuple(UnitRan(one.serial, one.started_at, one.stopped_at, one.trigger) for one in content.monitoring),
            unit_settings=content.compliance,
            evidence=f"the replies of a unit in it ({content.replies:,} sound), none of which is an A5 frame or a "
            "0C record with a time"
            if content.replies
            else "",
            without_events="no sound reply of a unit is in this file; it is not kept",
        )


_TOLD_BY_PARTS = ("orphan-frames", "record-of-another")
"""Each part says it of itself, for as long as it waits."""


def _event(captured: CapturedEvent, compliance: tuple[Reading, ...]) -> ImportedEvent:
    record = captured.record
    return ImportedEvent(
        recorded_at=None if record is None else record.recorded_at,
        start_key=captured.strt.start_key,
        frames=captured.frames,
        readings=() if record is None else record.readings,
        readings_source="device record",
        findings=captured.findings,
        place=f"at byte {captured.offset}",
        at_byte=captured.offset,
        unit_settings=compliance,
    )


def _frames(part: CapturedPart) -> ImportedEvent:
    return ImportedEvent(
        frames=part.frames, findings=part.findings, place=f"at byte {part.offset}", at_byte=part.offset
    )


def _record(captured: CapturedRecord) -> ImportedEvent:
    return ImportedEvent(
        recorded_at=captured.record.recorded_at,
        start_key=captured.start_key,
        readings=captured.record.readings,
        readings_source="device record",
        findings=captured.record.findings,
        place=f"at byte {captured.offset}",
        at_byte=captured.offset,
    )


@hookimpl
def sfm_importers() -> list[RawCapture]:
    """Raw captures."""
    return [RawCapture()]
