"""A person says which event a received report is of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import derive
from sfm_archive.archive.leaving_out import decision_texts, file_identity
from sfm_archive.archive.saving import add_findings, add_readings
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.importing.documents import read_document
from sfm_archive.importing.waiting import kept_document
from sfm_archive.model.received import FileKind
from sfm_archive.storage import files, report_decisions
from sfm_archive.storage.changes import JoinReport
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.report_decisions import ReportDecision
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive import Archive

_REPORT = FileKind.REPORT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJoined:
    """What a decision did. `report`, `sha256`: name and hash of the report; `event_id`: the event that it is of.
    `others`: events among whose files it is too, and for which it does not count. `misfits`: what of it contradicts the
    event, in sentences. `changed`: False where all of that was decided before."""

    report: str
    sha256: str
    event_id: int
    others: tuple[int, ...]
    misfits: tuple[str, ...]
    changed: bool


def join_report(archive: Archive, report: str | Path, event: int | str, *, by: str = "", reason: str) -> ReportJoined:
    """Say that a report in the archive is of an event, and of no other: it is joined to it, and counts for it alone.

    `report`: the name under which it was received, its path, or the SHA-256 of its bytes. `event`: an id or a name.
    `by`: who decides, the actor where nobody is named; `reason`: why. The last decision on a report counts. Raises
    NotFound for a report that the archive does not hold, EventNotFound, UsageError for a name of several reports and
    for no reason, Damaged, ReadOnlyArchive, Busy.
    """
    why, who = decision_texts(report, by, reason, "say how it is known whose report this is")
    file, row = _report(archive, report), archive.find(str(event))
    document = read_document(kept_document(archive, file))
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        before = report_decisions.that_count(connection).get(file.sha256)
        owners = {
            one
            for same in files.with_bytes(connection, file.sha256)
            for one in files.events_of(connection, same.file_id)
        }
        is_new = row.event_id not in owners
        if is_new:
            files.link(writing, row.event_id, file.file_id)
            add_readings(writing, row.event_id, document.reading_sets)
            add_findings(writing, row.event_id, document.kept_findings())
        changed = is_new or before is None or before.event_id != row.event_id
        if changed:
            decision = ReportDecision(file.sha256, row.event_id, file.name, who or archive.actor, why)
            report_decisions.decide(writing, decision)
            described = ((file.kind, file.name),) if is_new else ()
            writing.note(JoinReport(files=described), archive.actor, row.event_id)
            for one in sorted({row.event_id, *owners}):
                derive(archive, one, documents=True)
    return ReportJoined(
        report=file.name,
        sha256=file.sha256,
        event_id=row.event_id,
        others=tuple(sorted(owners - {row.event_id})),
        misfits=document.identity.misfits(row.event()),
        changed=changed,
    )


def _report(archive: Archive, report: str | Path) -> FileRow:
    """The received report that is meant."""
    text = str(report)
    with archive.store.reading() as connection:
        found = files.named(connection, text, _REPORT)
        if not found:
            sha256 = _hash_of(report)
            found = (
                []
                if sha256 is None
                else [file for file in files.with_bytes(connection, sha256) if file.kind == _REPORT]
            )
    if not found:
        raise NotFound(f"{archive.path} holds no report {text}; import it first, or give its name, path or SHA-256")
    if len({file.sha256 for file in found}) > 1:
        hashes = ", ".join(sorted({file.sha256 for file in found}))
        raise UsageError(f"{archive.path}: several reports were received as {text}: give one of the hashes {hashes}")
    return found[0]


def _hash_of(report: str | Path) -> str | None:
    try:
        return file_identity(report)[0]
    except NotFound:
        return None
