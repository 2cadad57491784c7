"""Saving one prepared event, and what that means for each of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.findings import Finding
from sfm_archive.holdings import Holdings
from sfm_archive.importing.documents import received
from sfm_archive.importing.events import Pending, compared
from sfm_archive.importing.recognise import SourceFile
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.plugins import RegisteredEncoder
from sfm_archive.results import FileKind, PreparedFrames, ReadingSet, Saved
from sfm_archive.saving import ToSave, completed_event, prepare_frames, run_encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What saving one event came to: an item for each of its files."""

    items: dict[Path, ImportItem]
    created: bool = False
    revised: bool = False


@dataclass(slots=True, kw_only=True)
class Ready:
    """An event with its frames packed and encoded; `done` gets the result."""

    pending: Pending
    prepared: PreparedFrames | None
    done: list[Done] = field(default_factory=list)


def make_ready(pending: Pending, encoder: RegisteredEncoder, others: Sequence[RegisteredEncoder]) -> Ready:
    """Pack, encode, and compare a received event file with what the encoder makes of the frames."""
    if pending.stream is None:
        return Ready(pending=pending, prepared=None)
    pending.event = completed_event(pending.event, pending.stream[0])
    prepared = prepare_frames(pending.event, pending.stream, encoder)
    made = prepared.encoding.file
    difference = compared(pending, None if made is None else made.data, str(encoder.name))
    if difference is not None:
        pending.findings.append(difference)
        same = _made_by_another(pending, others)
        if same is not None:
            pending.findings.append(same)
    elif made is None:
        reasons = "; ".join(f.message for f in prepared.encoding.findings if f.severity != "note")
        text = f"{encoder.name} refuses these frames: {reasons}"
        pending.findings.append(Finding(code="not-encodable", message=text))
    return Ready(pending=pending, prepared=prepared)


def _made_by_another(pending: Pending, others: Sequence[RegisteredEncoder]) -> Finding | None:
    """Whether another installed encoder makes exactly the received file: then its history is known."""
    if pending.event_file is None or pending.stream is None:
        return None
    for other in others:
        made = run_encoder(pending.event, pending.stream, other).file
        if made is not None and made.data == pending.event_file.data:
            message = f"{pending.event_file.path.name} is what {other.name} makes of these frames"
            return Finding(code="made-by", message=message)
    return None


def save_prepared(holdings: Holdings, ready: Ready, time_zone: str) -> Done:
    """Save one event with everything that came with it.

    An event that cannot be saved for what it says is rejected with all of its files; failures of the archive itself
    (Busy, StorageFailed) are raised.
    """
    pending = ready.pending
    sources = _kept_sources(pending)
    readings = [*pending.readings, *_document_readings(pending)]
    item = ToSave(
        event=pending.event,
        prepared=ready.prepared,
        names=pending.names,
        files=tuple(received(source) for source in sources),
        readings=tuple(readings),
        findings=tuple(pending.findings),
        time_zone=time_zone,
    )
    try:
        saved = holdings.save_prepared(item)
    except (BadInput, UsageError) as error:
        return Done(items={source.path: _rejected(source, str(error)) for source in _all_sources(pending)})
    items = {
        source.path: _taken(holdings, pending, source, saved, is_new)
        for source, is_new in zip(sources, saved.files_new, strict=True)
    }
    frames_file = pending.frames_file
    if frames_file is not None:
        outcome = Outcome.NEW if saved.created else Outcome.REVISED if saved.new_revision else Outcome.DUPLICATE
        findings = tuple(pending.findings) if pending.event_file is None else ()
        items[frames_file.path] = _item(frames_file, outcome, saved, findings)
    return Done(items=items, created=saved.created, revised=saved.new_revision and not saved.created)


def _taken(holdings: Holdings, pending: Pending, source: SourceFile, saved: Saved, is_new: bool) -> ImportItem:
    if source is pending.event_file:
        return _item(
            source, _event_file_outcome(holdings, pending, source, saved, is_new), saved, tuple(pending.findings)
        )
    if source in pending.captures[:1]:
        outcome = (
            Outcome.NEW
            if saved.created
            else Outcome.REVISED
            if saved.new_revision
            else Outcome.JOINED
            if is_new
            else Outcome.DUPLICATE
        )
        return _item(source, outcome, saved, tuple(pending.findings))
    findings = tuple(
        document.finding for document in pending.documents if document.source is source and document.finding is not None
    )
    return _item(source, Outcome.JOINED if is_new else Outcome.DUPLICATE, saved, findings)


def _event_file_outcome(
    holdings: Holdings, pending: Pending, source: SourceFile, saved: Saved, is_new: bool
) -> Outcome:
    if saved.created:
        return Outcome.NEW
    if not is_new:
        return Outcome.DUPLICATE
    others = [
        file
        for file in holdings.files(saved.event_id)
        if file.kind == FileKind.EVENT_FILE.value and file.sha256 != source.sha256
    ]
    return Outcome.REVISED if others else Outcome.JOINED


def _kept_sources(pending: Pending) -> list[SourceFile]:
    """Sources whose bytes are kept. A pickle is not: its frames are."""
    event_file = [] if pending.event_file is None else [pending.event_file]
    return [*event_file, *pending.captures, *(document.source for document in pending.documents)]


def _all_sources(pending: Pending) -> list[SourceFile]:
    frames_file = [] if pending.frames_file is None else [pending.frames_file]
    return [*frames_file, *_kept_sources(pending)]


def _document_readings(pending: Pending) -> list[ReadingSet]:
    sets = (document.reading_set() for document in pending.documents)
    return [reading_set for reading_set in sets if reading_set is not None]


def _item(source: SourceFile, outcome: Outcome, saved: Saved, findings: tuple[Finding, ...]) -> ImportItem:
    return ImportItem(
        path=str(source.path),
        kind=source.kind.value,
        outcome=outcome,
        event_ids=(saved.event_id,),
        message="; ".join(finding.message for finding in findings),
        findings=findings,
    )


def _rejected(source: SourceFile, message: str) -> ImportItem:
    return ImportItem(path=str(source.path), kind=source.kind.value, outcome=Outcome.REJECTED, message=message)
