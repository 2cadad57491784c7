"""Documents without their event beside them: joined to an event of the archive, or kept until it comes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.noticed import is_decided
from sfm_archive.archive.reading import statements_of_kept_files, waiting_files, waiting_parts_of
from sfm_archive.archive.running import tells_spans
from sfm_archive.archive.saving import ToSave, attach, keep_parts, keep_waiting, save
from sfm_archive.base.plain import flat
from sfm_archive.base.texts import sentences
from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadInput, Damaged
from sfm_archive.importing.belonging import Belonging, Misfits, events_of, events_that_have, owners_of
from sfm_archive.importing.documents import Document, named_identity, names_of_event, read_document
from sfm_archive.importing.halves import contradicting_halves
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.importing.named_otherwise import Joined, join_named, name_contradiction, of_several
from sfm_archive.importing.parts import as_it_is_kept, kept_alone, kept_capture, why_parts_wait
from sfm_archive.importing.prepare import PartsToKeep
from sfm_archive.importing.recognise import DOCUMENT_KINDS, LARGE_TEXT, PLACED, FoundFile, SourceKind, read_file
from sfm_archive.importing.report import ImportItem, ItemOutcome, item_of
from sfm_archive.importing.sample_findings import SampleFindings
from sfm_archive.importing.unlike_files import unlike_files
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.storage.files import FileRow

_KEPT_AS_FOUND = {**DOCUMENT_KINDS, FileKind.EVENT_FILE: SourceKind.MICROMATE_FILE}
"""Files that are placed by what they or their names tell."""

_SHOWN = "file_id kind name folder pairs_with size sha256 received_at_utc"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A file that is kept without an event.

    `serial`, `recorded_at_local`: what it says of its event, '' where it does not. `message`: why it waits, and what
    joins it. `damaged`: its bytes are not those received, so nothing joins it. `waits`: an event can come for it;
    what is only kept as received waits for nothing.
    """

    file: FileRow = field(metadata=flat(*_SHOWN.split()))
    serial: str = ""
    recorded_at_local: str = ""
    message: str
    damaged: bool = False
    waits: bool = True


def place_file(archive: Archive, path: Path, samples: SampleFindings, time_zone: str) -> ImportItem:
    """Read a document again, and join it to the one event it belongs to; a report that tells unit, time and type is an
    event where none is, everything else waits for its event. `time_zone`: of an event that is made."""
    file = read_file(path, archive.plugins.importers)
    if file.kind not in PLACED:
        # It may have changed since it was found.
        return item_of(file, ItemOutcome.REJECTED, file.problem or "the file was changed while it was imported")
    document, kept = read_document(file), file.received
    held = events_that_have(archive, kept, document)
    found = _events_of(archive, kept, document)
    if owners := held or owners_of(archive, found, document):
        for event_id in owners:
            samples.before_change_of(event_id)
        changed, findings = _join(archive, owners, kept, document, found)
        outcome = ItemOutcome.JOINED if changed else ItemOutcome.DUPLICATE
        findings += document.findings + _differs_from_name(archive, owners[0], document)
        return item_of(file, outcome, findings=tuple(dict.fromkeys(findings)), event_ids=tuple(owners))
    if not found.matching and (event := document.event) is not None:
        saved = save(
            archive,
            ToSave(
                event=event,
                names=names_of_event(file),
                files=(kept,),
                readings=document.reading_sets,
                findings=document.kept_findings(),
                time_zone=time_zone,
                apart_from=found.apart,
            ),
        )
        was = join_named(archive, path.name, saved.event_id, found.others) if kept.kind is FileKind.REPORT else Joined()
        findings = (*document.findings, *(was.findings or _points_elsewhere(path.name, found.others)))
        outcome = ItemOutcome.JOINED if was.is_known else ItemOutcome.NEW  # the event was here, by its name
        return item_of(file, outcome, findings=findings, event_ids=(saved.event_id,))
    # A sidecar says nothing of serial and time, so there is nothing to note of it.
    states = _as_kept(document.identity) if kept.kind is FileKind.REPORT else None
    is_new = keep_waiting(archive.store, kept, archive.actor, states)
    why = _why_it_waits(document, found)
    message = "; ".join([why, *(finding.message for finding in document.findings)])
    outcome = ItemOutcome.WAITING if is_new else ItemOutcome.DUPLICATE
    return item_of(file, outcome, message, findings=document.findings)


def keep_without_event(
    archive: Archive, file: FoundFile, reason: str, findings: tuple[Finding, ...] = ()
) -> ImportItem:
    """Keep a file that no event can be made of, and none will come for."""
    is_new = keep_waiting(archive.store, file.received, archive.actor)
    message = sentences([reason, *(finding.message for finding in findings)])
    return item_of(file, ItemOutcome.KEPT if is_new else ItemOutcome.DUPLICATE, message, findings=findings)


def keep_part_of(archive: Archive, parts: PartsToKeep) -> ImportItem:
    """Keep a capture of which parts wait, and say for what."""
    is_new = keep_parts(archive.store, parts.file.received, parts.at_bytes, archive.actor, parts.serial)
    outcome = ItemOutcome.WAITING if is_new else ItemOutcome.DUPLICATE
    return item_of(parts.file, outcome, parts.why, findings=parts.findings)


def list_waiting(archive: Archive) -> list[WaitingFile]:
    """Every file without an event, in the order of receipt, with the reason as it is now: those that wait for one, and
    those that are only kept as received."""
    parts: dict[str, list[int]] = {}
    for part in waiting_parts_of(archive.store):
        parts.setdefault(part.sha256, []).append(part.at_byte)
    contradicting = contradicting_halves(archive) if parts else {}
    return [
        _as_it_waits(archive, row, parts.get(row.sha256, []), contradicting.get(row.sha256, ""))
        for row in waiting_files(archive.store)
    ]


def _as_it_waits(archive: Archive, row: FileRow, at_bytes: list[int], contradicts: str) -> WaitingFile:
    if row.kind == FileKind.CAPTURE.value and at_bytes:
        try:
            return WaitingFile(file=row, message=sentences([contradicts, why_parts_wait(archive, row, at_bytes)]))
        except Damaged as error:
            return WaitingFile(file=row, message=str(error), damaged=True)
    if row.kind not in DOCUMENT_KINDS and not row.pairs_with:
        try:
            file = kept_capture(archive, row) or as_it_is_kept(archive, row)
            message = kept_alone(file, taken=tells_spans(archive, row.sha256))
        except Damaged as error:
            return WaitingFile(file=row, message=str(error), damaged=True, waits=False)
        return WaitingFile(file=row, message=message, waits=False)
    try:
        document = _document_of(archive, row)
    except Damaged as error:
        return WaitingFile(file=row, message=str(error), damaged=True)
    message = _why_it_waits(document, _events_of(archive, row, document))
    says = _as_kept(document.identity)
    return WaitingFile(file=row, serial=says["serial"], recorded_at_local=says["recorded_at_local"], message=message)


def join_waiting(archive: Archive) -> tuple[dict[int, list[Finding]], int, tuple[str, ...]]:
    """Join documents that waited for events which have come since.

    Gives what is to be said of events for that, how many were joined, and a sentence for each whose own bytes are
    damaged: what has been imported, and the other documents, must not depend on it.
    """
    joined = 0
    told: dict[int, list[Finding]] = {}
    damaged: list[str] = []
    waiting = [row for row in waiting_files(archive.store) if row.kind in DOCUMENT_KINDS or row.pairs_with]
    known = _identities_when_kept(archive, waiting)
    for row in waiting:
        kind = FileKind(row.kind)
        if row.file_id in known and not events_of(archive, row.name, row.folder, known[row.file_id], kind).matching:
            continue  # unread: what waits can be a lot, and is looked at by every import
        try:
            document = _document_of(archive, row)
        except Damaged as error:
            damaged.append(str(error))
            continue
        found = _events_of(archive, row, document)
        owners = owners_of(archive, found, document)
        if not owners:
            continue
        file = ReceivedFile(
            kind=kind,
            name=row.name,
            data=archive.file_bytes(row),
            folder=row.folder,
            pairs_with=row.pairs_with,
        )
        changed, findings = _join(archive, owners, file, document, found)
        joined += changed
        told.setdefault(owners[0], []).extend(findings)
    return told, joined, tuple(damaged)


def _events_of(archive: Archive, file: FileRow | ReceivedFile, document: Document) -> Belonging:
    said = () if document.readings is None else document.readings.readings
    kind = FileKind(file.kind)
    return events_of(archive, file.name, file.folder, document.identity, kind, document.event_file, said)


def belonging_of(archive: Archive, row: FileRow) -> Belonging:
    """The events that a document which the archive keeps may belong to, as if it came now. Raises Damaged."""
    return _events_of(archive, row, _document_of(archive, row))


def _join(
    archive: Archive, owners: list[int], file: ReceivedFile, document: Document, found: Belonging
) -> tuple[bool, tuple[Finding, ...]]:
    """Join a document to its events; whether anything changed, and what is to be said of it. Of several a report goes
    to the first, and is shared from there (`archive.doubts`)."""
    if file.kind is FileKind.REPORT:
        changed = _attach(archive, owners[0], file, document)
        was = join_named(archive, file.name, owners[0], found.others) if len(owners) == 1 else Joined()
        return changed or was.is_known, was.findings
    doubt = (of_several(file.name),) if len(owners) > 1 and not is_decided(archive, file.sha256) else ()
    changed = False
    for event_id in owners:
        unlike = unlike_files(archive, (*archive.files(event_id), file)) if file.kind is FileKind.EVENT_FILE else ()
        changed |= _attach(archive, event_id, file, document, (*doubt, *unlike))
        doubt = tuple(dict.fromkeys((*doubt, *unlike)))
    return changed, doubt


def _differs_from_name(archive: Archive, event_id: int, document: Document) -> tuple[Finding, ...]:
    return name_contradiction(document.file.path.name, document.identity, archive.event(event_id).event())


def _attach(
    archive: Archive, event_id: int, file: ReceivedFile, document: Document, more: tuple[Finding, ...] = ()
) -> bool:
    findings = document.kept_findings() + _differs_from_name(archive, event_id, document) + more
    return attach(archive, event_id, [file], document.reading_sets, findings, names=names_of_event(document.file))


def _identities_when_kept(archive: Archive, waiting: list[FileRow]) -> dict[int, IdentitySource]:
    """What each of these says of its event, by the file's id; only for files that need not be read to know it."""
    found = {
        row.file_id: IdentitySource(row.name) if row.kind == FileKind.SIDECAR.value else named_identity(row.name)
        for row in waiting
        if row.kind != FileKind.REPORT.value
    }
    reports = [row for row in waiting if row.kind == FileKind.REPORT.value]
    for file_id, kept in statements_of_kept_files(archive.store, reports).items():
        serial, recorded_at = kept.serial, kept.recorded_at_local
        # Where another version did not understand all of a header, this one may.
        if not (isinstance(serial, str) and isinstance(recorded_at, str)) or (
            kept.tool != TOOL and not (serial and recorded_at)
        ):
            continue
        with suppress(BadInput):  # a text that this program never wrote
            when = parse_local_text(recorded_at) if recorded_at else None
            found[file_id] = IdentitySource("", serial or None, when)
    return found


def _as_kept(identity: IdentitySource) -> dict[str, str]:
    """Serial and time as the history keeps them: texts, '' where they are not said; the record type is read again."""
    recorded_at = "" if identity.recorded_at is None else local_text(identity.recorded_at)
    return {"serial": identity.serial or "", "recorded_at_local": recorded_at}


def _document_of(archive: Archive, row: FileRow) -> Document:
    return read_document(kept_document(archive, row))


def kept_document(archive: Archive, row: FileRow, event_id: int | None = None) -> FoundFile:
    """A document that the archive keeps, as a file that was found. Raises Damaged where it is held and not as received;
    of a large report, which is not, whoever reads it to its end learns that."""
    path, kind = Path(row.folder) / row.name, _KEPT_AS_FOUND[FileKind(row.kind)]
    if row.size <= LARGE_TEXT or kind is not SourceKind.REPORT:
        return FoundFile(path, archive.file_bytes(row, event_id), kind)
    return FoundFile(path, b"", kind, pieces=lambda: archive.file_pieces(row, event_id))


def _why_it_waits(document: Document, found: Belonging) -> str:
    """Why, where no single event is the one."""
    matching, others = found.matching, found.others
    if len(matching) == 1:
        return f"{_listed(matching)} has come meanwhile; the next import joins it"
    if matching:
        return f"it could belong to any of the {_listed(matching)}; it is kept and joined to none"
    if others:
        return f"it points to {_told(others)}; kept until the event comes that it fits"
    says = document.identity
    unknown = says.record_type is RecordType.UNKNOWN and document.file.kind is SourceKind.REPORT
    told = {"serial": says.serial, "time": says.recorded_at, "type": None if unknown else says.record_type}
    missing = [name for name, value in told.items() if value is None]
    if missing:
        return (
            f"its event is not in the archive yet: it does not say its {_and(missing)}, and no event has the "
            "name that its own points to; it will be joined when the event of that name comes"
        )
    return "its event is not in the archive yet; it will be joined when the event comes"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _points_elsewhere(name: str, others: Misfits) -> tuple[Finding, ...]:
    """The finding for a report that is an event of its own although its name, or unit and time, point to others."""
    message = f"{name} points to {_told(others)}; so it is an event of its own"
    return (Finding(code="points-elsewhere", message=message),) if others else ()


def _told(others: Misfits) -> str:
    each = [f"event {event_id}, but {' and '.join(misfits)}" for event_id, misfits in others.items()]
    more = f"; and {len(each) - 2} more events" if len(each) > 2 else ""
    return f"{'; '.join(each[:2])}{more}"


def _listed(events: list[int]) -> str:
    return f"event{'s' if len(events) > 1 else ''} {', '.join(map(str, events))}"
