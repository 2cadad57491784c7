"""Files without their event beside them: joined to an event of the archive, or kept until it comes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import ids_at, ids_by_name
from sfm_archive.archive.reading import events_of_file, statements_of_kept_files, waiting_files
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.base.version import TOOL
from sfm_archive.errors import Damaged
from sfm_archive.importing.documents import Document, Told, pairs_with, read_document, received
from sfm_archive.importing.identify import serial_of_folder
from sfm_archive.importing.items import item_of
from sfm_archive.importing.recognise import Kind, SourceFile, read_source, shown_to
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.storage.files import FileRow

_KINDS = {FileKind.REPORT.value: Kind.REPORT, FileKind.SIDECAR.value: Kind.JSON_SIDECAR}


def place_file(archive: Archive, path: Path) -> ImportItem:
    """Read a document again and place it; what the file is may have changed since it was found."""
    source = shown_to(archive.plugins.importers, read_source(path))
    if source.kind not in _KINDS.values():
        return item_of(source, Outcome.REJECTED, source.problem or "the file was changed while it was imported")
    return place_document(archive, read_document(source))


def place_document(archive: Archive, document: Document) -> ImportItem:
    """Join a document to the one event it belongs to, or keep it waiting."""
    source = document.source
    file = received(source)
    findings = document.findings
    events, named = events_of_document(archive, document)
    if len(events) == 1:
        added = _attach(archive, events[0], file, document)
        outcome = Outcome.JOINED if added else Outcome.DUPLICATE
        return item_of(source, outcome, findings=findings, event_ids=tuple(events))
    # A sidecar says nothing of serial and time, so there is nothing to note of it.
    tells = document.told.as_kept() if source.kind is Kind.REPORT else None
    kept = keep_waiting(archive.store, file, archive.actor, tells)
    owners = [] if kept else events_of_file(archive.store, file)
    why = _why_it_stays(events, owners) if owners else _why_it_waits(document, events, named)
    message = "; ".join([why, *(finding.message for finding in findings)])
    outcome = Outcome.WAITING if kept else Outcome.DUPLICATE
    return item_of(source, outcome, message, findings=findings, event_ids=tuple(owners))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A file that is kept without an event.

    `serial`, `recorded_at_local`: what it says of its event, '' where it does not. `message`: why it waits, and what
    joins it. `damaged`: its bytes are not those received, so nothing joins it.
    """

    file: FileRow
    serial: str
    recorded_at_local: str
    message: str
    damaged: bool = False


class Joined(NamedTuple):
    """What became of files that waited: how many were joined, and a sentence for each whose own bytes are damaged."""

    files: int
    damaged: tuple[str, ...]


def list_waiting(archive: Archive) -> list[WaitingFile]:
    """Every file that waits for its event, in the order of receipt, with the reason as it is now."""
    found = []
    for row in waiting_files(archive.store):
        kind = _KINDS.get(row.kind)
        if kind is None:
            message = "no event could be made of it; it is kept as received"
            found.append(WaitingFile(file=row, serial="", recorded_at_local="", message=message))
            continue
        try:
            document = _document_of(archive, row, kind)
        except Damaged as error:
            found.append(WaitingFile(file=row, serial="", recorded_at_local="", message=str(error), damaged=True))
            continue
        message = _why_it_waits(document, *events_of_document(archive, document))
        told = document.told.as_kept()
        found.append(
            WaitingFile(file=row, serial=told["serial"], recorded_at_local=told["recorded_at_local"], message=message)
        )
    return found


def keep_unattached(archive: Archive, source: SourceFile, reason: str) -> ImportItem:
    """Keep a file that no event can be made of yet."""
    kept = keep_waiting(archive.store, received(source), archive.actor)
    return item_of(source, Outcome.WAITING if kept else Outcome.DUPLICATE, reason)


def join_waiting(archive: Archive) -> Joined:
    """Join documents that waited for events which have come since. A damaged one is named, and the others are joined:
    what has been imported must not depend on it."""
    joined = 0
    damaged: list[str] = []
    waiting = [row for row in waiting_files(archive.store) if row.kind in _KINDS]
    told = _told_when_kept(archive, waiting)
    for row in waiting:
        said = told.get(row.file_id)
        if said is not None and not _events_told_of(archive, row.name, row.folder, said)[0]:
            continue  # unread: what waits can be a lot, and is looked at by every import
        kind = _KINDS[row.kind]
        try:
            document = _document_of(archive, row, kind)
        except Damaged as error:
            damaged.append(str(error))
            continue
        events, _ = events_of_document(archive, document)
        if len(events) != 1:
            continue
        file = ReceivedFile(
            kind=FileKind(row.kind),
            name=row.name,
            data=document.source.data,
            folder=row.folder,
            pairs_with=row.pairs_with,
        )
        joined += _attach(archive, events[0], file, document)
    return Joined(joined, tuple(damaged))


def _attach(archive: Archive, event_id: int, file: ReceivedFile, document: Document) -> bool:
    reading_set = document.reading_set()
    return archive.attach(event_id, [file], [] if reading_set is None else [reading_set], document.kept_findings())


def events_of_document(archive: Archive, document: Document) -> tuple[list[int], list[int]]:
    """Events that a document may belong to: by serial and time where it says both, else by its name.

    And the events that its name points to, although serial or time contradict.
    """
    path = document.source.path
    return _events_told_of(archive, path.name, path.parent.name, document.told)


def _events_told_of(archive: Archive, name: str, folder: str, told: Told) -> tuple[list[int], list[int]]:
    """`events_of_document`, of a document that is not read."""
    if told.serial is None:
        told = told._replace(serial=serial_of_folder(folder))
    found: list[int] = []
    contradicted: list[int] = []
    for event_id in ids_by_name(archive.store, pairs_with(name)):
        (found if told.fits(archive.event(event_id).event()) else contradicted).append(event_id)
    if not found and told.serial is not None and told.recorded_at is not None:
        at_that_second = ids_at(archive.store, told.serial, told.recorded_at)
        found = [event_id for event_id in at_that_second if told.fits(archive.event(event_id).event())]
    return found, contradicted


def _told_when_kept(archive: Archive, waiting: list[FileRow]) -> dict[int, Told]:
    """What each of these says of its event, by the file's id; only for files that need not be read to know it."""
    found = {row.file_id: Told(None, None) for row in waiting if row.kind == FileKind.SIDECAR.value}
    reports = [row for row in waiting if row.kind == FileKind.REPORT.value]
    for file_id, kept in statements_of_kept_files(archive.store, reports).items():
        told = Told.of_kept(kept.serial, kept.recorded_at_local)
        # Where another version did not understand all of a header, this one may.
        if told is not None and (None not in told or kept.tool == TOOL):
            found[file_id] = told
    return found


def _document_of(archive: Archive, row: FileRow, kind: Kind) -> Document:
    return read_document(SourceFile(Path(row.folder) / row.name, archive.file_bytes(row), kind))


def _why_it_waits(document: Document, events: list[int], named: list[int]) -> str:
    """`events`, `named`: as `events_of_document` gives them, where no single event is the one."""
    if len(events) == 1:
        return f"{_listed(events)} has come meanwhile; the next import joins it"
    if events:
        return f"it could belong to any of the {_listed(events)}; it is kept and joined to none"
    if named:
        return f"its name points to {_listed(named)}, but it tells of another one; kept until that event comes"
    told = None if document.header is None else document.header.value("File Name")
    if told is not None and told.strip().lower().endswith((".idfw", ".idfh")):
        return (
            f"it is of {told.strip()}, a Micromate's (Series IV) event file, which this version does not read; it is "
            "kept, without samples or numbers of an event"
        )
    return "its event is not in the archive yet; it will be joined when the event comes"


def _why_it_stays(events: list[int], owners: list[int]) -> str:
    """Of a document that was joined before, and that no single event would be the one for now."""
    fits = f"it could belong to any of the {_listed(events)}; " if len(events) > 1 else ""
    return f"{fits}it was joined to {_listed(owners)} before, and stays there"


def _listed(events: list[int]) -> str:
    return f"event{'s' if len(events) > 1 else ''} {', '.join(map(str, events))}"
