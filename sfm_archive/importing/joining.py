"""A person says which event a received file is of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import TakenBack, derive
from sfm_archive.archive.leaving_out import decision_texts, file_identity
from sfm_archive.archive.saving import add_findings, add_readings
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.importing.documents import names_of_event, read_document
from sfm_archive.importing.waiting import kept_document
from sfm_archive.model.received import FileKind
from sfm_archive.storage import events, files, report_decisions
from sfm_archive.storage.changes import JoinFile
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.report_decisions import ReportDecision
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJoined:
    """What a decision did. `file`, `sha256`: name and hash of the file; `event_id`: the event that it is of.
    `others`: events among whose files it is too, and for which it does not count. `misfits`: what of it contradicts the
    event, in sentences. `changed`: False where all of that was decided before. `dry_run`: nothing was kept."""

    file: str
    sha256: str
    event_id: int
    others: tuple[int, ...]
    misfits: tuple[str, ...]
    changed: bool
    dry_run: bool = False


def join_file(
    archive: Archive, file: str | Path, event: int | str, *, by: str = "", reason: str, dry_run: bool = False
) -> FileJoined:
    """Say that a file in the archive is of an event, and of no other: it is joined to it, and counts for it alone.

    `file`: a report, or a file that its name ties to its event, such as a Micromate's binary or a page of THOR; the
    name under which it was received, its path, or the SHA-256 of its bytes. `event`: an id or a name. `by`: who
    decides, the actor where nobody is named; `reason`: why. The last decision on a file counts. `dry_run`: all is done
    and taken back. Raises NotFound for a file that the archive does not hold, EventNotFound, UsageError for a name of
    several files, for one whose own bytes say its event, and for no reason, Damaged, ReadOnlyArchive, Busy.
    """
    why, who = decision_texts(file, by, reason, "say how it is known whose file this is")
    kept, row = _kept(archive, file), archive.find(str(event))
    document = read_document(kept_document(archive, kept))
    owners: set[int] = set()
    changed = False
    try:
        with archive.store.transaction() as connection:
            writing = Writing(connection)
            before = report_decisions.that_count(connection).get(kept.sha256)
            owners = {
                one
                for same in files.with_bytes(connection, kept.sha256)
                for one in files.events_of(connection, same.file_id)
            }
            is_new = row.event_id not in owners
            if is_new:
                for name in names_of_event(document.file):
                    events.add_name(writing, row.event_id, name)
                files.link(writing, row.event_id, kept.file_id)
                add_readings(writing, row.event_id, document.reading_sets)
                add_findings(writing, row.event_id, document.kept_findings())
            changed = is_new or before is None or before.event_id != row.event_id
            if changed:
                decision = ReportDecision(kept.sha256, row.event_id, kept.name, who or archive.actor, why)
                report_decisions.decide(writing, decision)
                described = ((kept.kind, kept.name),) if is_new else ()
                writing.note(JoinFile(files=described), archive.actor, row.event_id)
                for one in sorted({row.event_id, *owners}):
                    derive(archive, one, documents=True)
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    return FileJoined(
        file=kept.name,
        sha256=kept.sha256,
        event_id=row.event_id,
        others=tuple(sorted(owners - {row.event_id})),
        misfits=document.identity.misfits(row.event()),
        changed=changed,
        dry_run=dry_run,
    )


def _kept(archive: Archive, file: str | Path) -> FileRow:
    """The received file that is meant, of those that their own bytes tie to no event."""
    text = str(file)
    with archive.store.reading() as connection:
        named = [one for kind in FileKind for one in files.named(connection, text, kind.value)]
        sha256 = None if named else _hash_of(file)
        every = named if sha256 is None else files.with_bytes(connection, sha256)
    if not every:
        raise NotFound(f"{archive.path} holds no file {text}; import it first, or give its name, path or SHA-256")
    found = [one for one in every if one.kind == FileKind.REPORT or one.pairs_with]
    if not found:
        raise UsageError(
            f"{archive.path}: {every[0].name} is of the kind {every[0].kind}, whose own bytes say which event it is "
            "of; only reports, and files that their names tie to an event, are joined by a decision"
        )
    if len({one.sha256 for one in found}) > 1:
        hashes = ", ".join(sorted({one.sha256 for one in found}))
        raise UsageError(f"{archive.path}: several files were received as {text}: give one of the hashes {hashes}")
    return found[0]


def _hash_of(file: str | Path) -> str | None:
    try:
        return file_identity(file)[0]
    except NotFound:
        return None
