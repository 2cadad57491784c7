"""The third age of an event: saved, and what that means for each of its files."""

from __future__ import annotations

from dataclasses import replace

from sfm_archive.archive import Archive
from sfm_archive.archive.results import Saved
from sfm_archive.archive.saving import save
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.importing.named_otherwise import Joined, join_reported
from sfm_archive.importing.prepare import PreparedEvent
from sfm_archive.importing.recognise import FoundFile
from sfm_archive.importing.report import ImportItem, ItemOutcome, item_of
from sfm_archive.model.findings import ONE_DOWNLOAD, Finding, Severity
from sfm_archive.model.received import FileKind
from sfm_archive.storage import encodings, events


def save_event(archive: Archive, prepared: PreparedEvent) -> tuple[Saved | None, list[ImportItem]]:
    """Save one event with everything that came with it; None where it is rejected for what it says.

    Gives an item for each of its files. Failures of the archive itself (Busy, StorageFailed) are raised.
    """
    found = prepared.found
    documents = [document.file for document in prepared.documents]
    differs = _differs_from_kept(archive, prepared) + _has_all_of_it(archive, prepared)
    if differs:
        to_save = replace(prepared.to_save, findings=(*prepared.to_save.findings, *differs))
        prepared = replace(prepared, to_save=to_save, findings=(*prepared.findings, *differs))
    try:
        saved = save(archive, prepared.to_save)
    except (BadInput, UsageError) as error:
        return None, [item_of(file, ItemOutcome.REJECTED, str(error)) for file in (*found.files, *documents)]
    was = join_reported(archive, prepared.to_save.names, saved.event_id) if saved.changed else Joined()
    if was.is_known:
        saved = replace(saved, created=False)  # the event was here, by its report
    prepared = replace(prepared, findings=(*prepared.findings, *was.findings))
    is_new = iter(saved.files_new)  # event file, captures, documents: the order in which they were given
    event_file = found.event_file
    file_outcome = None if event_file is None else _event_file_outcome(archive, event_file, saved, next(is_new))
    rows: list[tuple[FoundFile, ItemOutcome, tuple[Finding, ...]]] = []
    if found.captures:
        outcome = _frames_outcome(saved, next(is_new))
        if outcome is ItemOutcome.JOINED and file_outcome is ItemOutcome.REVISED:
            outcome = ItemOutcome.REVISED
        rows.append((found.captures[0], outcome, prepared.findings))
        rows += [(file, _kept_outcome(next(is_new)), ()) for file in found.captures[1:]]
    elif event_file is not None and file_outcome is not None:
        rows.append((event_file, file_outcome, prepared.findings))
    if found.frames_file is not None and not found.captures:
        # A pickle is not kept, its frames are. Findings about the event stand at one of its files.
        findings = prepared.findings if event_file is None else ()
        rows.append((found.frames_file, _frames_outcome(saved, is_new=False), findings))
    rows += [(document.file, _kept_outcome(next(is_new)), document.findings) for document in prepared.documents]
    items = [item_of(file, outcome, findings=findings, event_ids=(saved.event_id,)) for file, outcome, findings in rows]
    return saved, items


def _differs_from_kept(archive: Archive, prepared: PreparedEvent) -> tuple[Finding, ...]:
    """The finding for an event file with other bytes than the newest one that is kept of the event."""
    file = prepared.found.event_file
    with archive.store.reading() as connection:
        event_id = None if file is None else events.find(connection, prepared.to_save.event)[0]
    if file is None or event_id is None:
        return ()
    kept = [one for one in archive.files(event_id) if one.kind == FileKind.EVENT_FILE.value]
    if not kept or any(one.sha256 == file.sha256 for one in kept):
        return ()
    newest = kept[-1]
    message = (
        f"{file.path.name} ({file.received.size:,} bytes) differs from the event file that is kept of this event, "
        f"{newest.name} of {newest.received_at_utc[:10]} ({newest.size:,} bytes). Both are kept; the newest that "
        "decodes to its end counts"
    )
    return (Finding(code="differs-from-kept", message=message),)


def _has_all_of_it(archive: Archive, prepared: PreparedEvent) -> tuple[Finding, ...]:
    """The finding for a file with all frames of an event that was put together of several captures by addresses."""
    frames = prepared.to_save.prepared
    with archive.store.reading() as connection:
        event_id = None if frames is None else events.find(connection, prepared.to_save.event)[0]
        if frames is None or event_id is None or not encodings.unproven(connection, [event_id]):
            return ()
    if frames.blob.sha256 not in {revision.sha256 for revision in archive.revisions(event_id)}:
        return ()
    message = f"{prepared.found.files[0].path.name} has all frames of this event: they are of one download"
    return (Finding(code=ONE_DOWNLOAD, message=message, severity=Severity.NOTE),)


def _kept_outcome(is_new: bool) -> ItemOutcome:
    return ItemOutcome.JOINED if is_new else ItemOutcome.DUPLICATE


def _frames_outcome(saved: Saved, is_new: bool) -> ItemOutcome:
    """Of a file that brought frames; `is_new` says whether the file itself is."""
    if saved.created:
        return ItemOutcome.NEW
    return ItemOutcome.REVISED if saved.new_revision else _kept_outcome(is_new)


def _event_file_outcome(archive: Archive, file: FoundFile, saved: Saved, is_new: bool) -> ItemOutcome:
    if saved.created:
        return ItemOutcome.NEW
    if not is_new:
        return ItemOutcome.DUPLICATE
    kept = [one for one in archive.files(saved.event_id) if one.kind == FileKind.EVENT_FILE.value]
    return ItemOutcome.REVISED if any(one.sha256 != file.sha256 for one in kept) else ItemOutcome.JOINED
