"""Documents without their event beside them: joined to an event of the archive, or kept until it comes."""

from __future__ import annotations

from pathlib import Path

from sfm_archive.formats.findings import Finding
from sfm_archive.formats.serials import checked_serial, is_serial
from sfm_archive.formats.timestamps import parse_local_text
from sfm_archive.holdings import Holdings
from sfm_archive.importing.documents import Document, is_same_moment, pairs_with, read_document, received
from sfm_archive.importing.recognise import Kind, SourceFile
from sfm_archive.importing.report import ImportItem, Outcome
from sfm_archive.results import FileKind, ReceivedFile

_KINDS = {FileKind.REPORT.value: Kind.REPORT, FileKind.SIDECAR.value: Kind.JSON_SIDECAR}


def place_document(holdings: Holdings, document: Document) -> ImportItem:
    """Join a document to the one event it belongs to, or keep it waiting."""
    source = document.source
    file = received(source)
    events = events_of_document(holdings, document)
    findings = () if document.finding is None else (document.finding,)
    if len(events) == 1:
        reading_set = document.reading_set()
        added = holdings.attach(events[0], [file], [] if reading_set is None else [reading_set])
        outcome = Outcome.JOINED if added else Outcome.DUPLICATE
        return _item(source, outcome, tuple(events), "", findings)
    kept = holdings.keep_waiting(file)
    if not events:
        message = "its event is not in the archive yet; it will be joined when the event comes"
    else:
        ids = ", ".join(map(str, events))
        message = f"it could belong to any of the events {ids}; it is kept and joined to none"
    return _item(source, Outcome.WAITING if kept else Outcome.DUPLICATE, (), message, findings)


def join_waiting(holdings: Holdings) -> int:
    """Join documents that waited for events which have come since; how many were joined."""
    joined = 0
    for row in holdings.waiting_files():
        kind = _KINDS.get(row.kind)
        if kind is None:
            continue
        path = Path(row.folder) / row.name
        document = read_document(SourceFile(path, holdings.file_bytes(row), kind))
        events = events_of_document(holdings, document)
        if len(events) != 1:
            continue
        reading_set = document.reading_set()
        file = ReceivedFile(
            kind=FileKind(row.kind),
            name=row.name,
            data=document.source.data,
            folder=row.folder,
            pairs_with=row.pairs_with,
        )
        joined += holdings.attach(events[0], [file], [] if reading_set is None else [reading_set])
    return joined


def events_of_document(holdings: Holdings, document: Document) -> list[int]:
    """Events that a document may belong to: by serial and time where it says both, else by its name."""
    path = document.source.path
    header = document.header
    serial = header.serial if header is not None else None
    if serial is None and is_serial(path.parent.name):
        serial = checked_serial(path.parent.name)
    recorded_at = header.recorded_at if header is not None else None
    named = []
    for event_id in holdings.ids_by_name(pairs_with(path.name)):
        row = holdings.event(event_id)
        if serial not in (None, row.serial):
            continue
        if not is_same_moment(recorded_at, parse_local_text(row.recorded_at_local)):
            continue
        named.append(event_id)
    if named or serial is None or recorded_at is None:
        return named
    return holdings.ids_at(serial, recorded_at)


def _item(
    source: SourceFile, outcome: Outcome, events: tuple[int, ...], message: str, findings: tuple[Finding, ...]
) -> ImportItem:
    return ImportItem(
        path=str(source.path),
        kind=source.kind.value,
        outcome=outcome,
        event_ids=events,
        message=message,
        findings=findings,
    )
