"""Saving one prepared event, and what that means for each of its files."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfm_archive.archive import Archive
from sfm_archive.archive.results import PreparedFrames, Saved
from sfm_archive.archive.saving import ToSave, save
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.importing.documents import received
from sfm_archive.importing.events import Pending
from sfm_archive.importing.items import item_of
from sfm_archive.importing.recognise import SourceFile
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.findings import Finding
from sfm_archive.model.received import FileKind


@dataclass(slots=True, kw_only=True)
class Ready:
    """An event with its frames packed and encoded; `items` gets one for each of its files when it is saved."""

    pending: Pending
    prepared: PreparedFrames | None
    items: list[ImportItem] = field(default_factory=list)


def save_ready(archive: Archive, ready: Ready, time_zone: str) -> Saved | None:
    """Save one event with everything that came with it; None where it is rejected for what it says.

    Failures of the archive itself (Busy, StorageFailed) are raised.
    """
    pending = ready.pending
    sources = _kept_sources(pending)
    item = ToSave(
        event=pending.event,
        prepared=ready.prepared,
        names=pending.names,
        files=tuple(received(source) for source in sources),
        readings=(*pending.readings, *_document_readings(pending)),
        findings=(*pending.findings, *(found for document in pending.documents for found in document.kept_findings())),
        time_zone=time_zone,
    )
    try:
        saved = save(archive.store, item, archive.actor)
    except (BadInput, UsageError) as error:
        frames_file = [] if pending.frames_file is None else [pending.frames_file]
        found = (source for source in (*frames_file, *sources) if not _is_inside(pending, source))
        ready.items = [item_of(source, Outcome.REJECTED, str(error)) for source in found]
        return None
    ready.items = [
        _taken(archive, pending, source, saved, is_new)
        for source, is_new in zip(sources, saved.files_new, strict=True)
        if not _is_inside(pending, source)
    ]
    if pending.frames_file is not None:
        findings = tuple(pending.findings) if pending.event_file is None else ()
        outcome = _frames_outcome(saved, is_new=False)
        ready.items.append(_item(pending.frames_file, outcome, saved, findings))
    return saved


def _taken(archive: Archive, pending: Pending, source: SourceFile, saved: Saved, is_new: bool) -> ImportItem:
    """The item of a file that is kept. Findings about the event stand at the file that brought it."""
    about_event = tuple(pending.findings)
    if source is pending.event_file:
        return _item(source, _event_file_outcome(archive, source, saved, is_new), saved, about_event)
    if source in pending.captures[:1]:
        outcome = _frames_outcome(saved, is_new)
        if outcome is Outcome.JOINED and pending.is_inside and pending.event_file is not None:
            inside = _event_file_outcome(archive, pending.event_file, saved, saved.files_new[0])
            outcome = Outcome.REVISED if inside is Outcome.REVISED else outcome
        return _item(source, outcome, saved, about_event)
    findings = tuple(
        finding for document in pending.documents if document.source is source for finding in document.findings
    )
    return _item(source, Outcome.JOINED if is_new else Outcome.DUPLICATE, saved, findings)


def _is_inside(pending: Pending, source: SourceFile) -> bool:
    """Whether this is an event file out of an importer's file: it is kept, and only that file is reported."""
    return pending.is_inside and source is pending.event_file


def _frames_outcome(saved: Saved, is_new: bool) -> Outcome:
    """Of a file that brought frames; `is_new` says whether the file itself is."""
    if saved.created:
        return Outcome.NEW
    if saved.new_revision:
        return Outcome.REVISED
    return Outcome.JOINED if is_new else Outcome.DUPLICATE


def _event_file_outcome(archive: Archive, source: SourceFile, saved: Saved, is_new: bool) -> Outcome:
    if saved.created:
        return Outcome.NEW
    if not is_new:
        return Outcome.DUPLICATE
    differs = any(
        file.kind == FileKind.EVENT_FILE.value and file.sha256 != source.sha256
        for file in archive.files(saved.event_id)
    )
    return Outcome.REVISED if differs else Outcome.JOINED


def _kept_sources(pending: Pending) -> list[SourceFile]:
    """Sources whose bytes are kept. A pickle is not: its frames are."""
    event_file = [] if pending.event_file is None else [pending.event_file]
    return [*event_file, *pending.captures, *(document.source for document in pending.documents)]


def _document_readings(pending: Pending) -> list[ReadingSet]:
    sets = (document.reading_set() for document in pending.documents)
    return [reading_set for reading_set in sets if reading_set is not None]


def _item(source: SourceFile, outcome: Outcome, saved: Saved, findings: tuple[Finding, ...]) -> ImportItem:
    return item_of(source, outcome, findings=findings, event_ids=(saved.event_id,))
