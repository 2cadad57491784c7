"""The verification itself: SQLite's checks, then every row, frames before files and the history last."""

from __future__ import annotations

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import EncoderNotFound, SfmError
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.findings import Severity
from sfm_archive.storage import integrity
from sfm_archive.storage.structure import foreign_indexes
from sfm_archive.storage.tables import schema_text
from sfm_archive.verifying.chain import HistoryCheck
from sfm_archive.verifying.derived import DerivedCheck
from sfm_archive.verifying.files import FileChecker
from sfm_archive.verifying.frames import FrameCheck
from sfm_archive.verifying.merged import check_merged_histories
from sfm_archive.verifying.options import Level, VerifyOptions
from sfm_archive.verifying.report import COPY_FIRST, Account, VerifyFinding, VerifyReport
from sfm_archive.verifying.resume_point import ResumePoint
from sfm_archive.verifying.walks import EVERY_SUBJECT, Walks

WHOLE_VERIFICATION = VerifyOptions()


def verify(archive: Archive, progress: Progress = silent, options: VerifyOptions = WHOLE_VERIFICATION) -> VerifyReport:
    """Check every stored hash, every recorded encoding and the history. Goes on behind damage and changes nothing.

    `options` say what of it is left out. Others may save meanwhile: what is looked at are the rows of the changes that
    were there when it began. These never change, so no moment of the archive has to be held for it. Raises Busy,
    UsageError, and errors that are no damage.
    """
    archive.store.refuse_looking_back("verify it")
    with archive.store.reading() as connection:
        until = integrity.newest_change(connection, archive.path)
        account = Account(integrity.sizes(connection, archive.path), progress)
    resume_point = ResumePoint(options, _archive_id(archive), account)
    try:
        full = options.level is Level.FULL
        rows = {integrity.HISTORY_KEYS.subject, integrity.SUMMARY_KEYS.subject} if options.rows else frozenset()
        looked_into = EVERY_SUBJECT if full else rows
        with Walks(archive, account, resume_point, until, looked_into, processes=options.processes) as walks:
            chain = _checked(archive, account, walks, full=full)
    except KeyboardInterrupt:
        resume_point.keep()
        raise
    resume_point.finish(complete=not resume_point.left)
    if account.left_out:
        account.findings.append(
            VerifyFinding(
                code="not-shown",
                subject="report",
                message=f"{account.left_out} more findings are not listed",
                advice=COPY_FIRST,
            )
        )
    progress(account.total, account.total)
    return VerifyReport(
        path=str(archive.path),
        findings=tuple(account.findings),
        checked=account.checked,
        history_head=chain.head,
        level=options.level,
        share=resume_point.share.text,
        unchecked=resume_point.left,
        sealed=chain.sealed,
    )


def _checked(archive: Archive, account: Account, walks: Walks, *, full: bool) -> HistoryCheck:
    """Everything in order; the check of the history."""
    _structure(archive, account)
    held_events: set[int] = set()
    for keys in walks.pages(integrity.EVENT_KEYS):
        account.count("events", len(keys))
        held_events.update(event_id for (event_id,) in keys)
    frames = FrameCheck(archive, account, _pinned(archive, account))
    for page in walks.of(integrity.FRAMES_KEYS):
        frames.are_right(page.sound)
        for event_id, revision in page.left:
            frames.revision(event_id, revision)
    files = FileChecker(archive, account, frames.reproduced)
    for (content_id,) in walks.alone(integrity.CONTENT_KEYS):
        files.content(content_id)
    for (file_id,) in walks.alone(integrity.FILE_KEYS):
        files.file(file_id)
    chain = HistoryCheck(archive, account, bytes_checked=full)
    for page in walks.of(integrity.HISTORY_KEYS):
        # The chain is followed whole, whatever the share; what its rows say is compared for the share.
        chain.several([sequence for (sequence,) in page.keys], {sequence for (sequence,) in page.left})
    chain.all_recorded()
    check_merged_histories(archive, account)
    derived = DerivedCheck(archive, account)
    for page in walks.of(integrity.SUMMARY_KEYS):
        derived.are_right(page.sound)
        derived.are_there([event_id for (event_id,) in page.passed_over])
        for (event_id,) in page.left:
            derived.row(event_id)
    derived.all_there(held_events)
    if full:
        frames.notes()
        files.notes()
    return chain


def _archive_id(archive: Archive) -> str:
    """The archive's id, '' where its row cannot be read: that is a finding later."""
    try:
        return archive.info().archive_id
    except (SfmError, ValueError, TypeError):
        return ""


def _structure(archive: Archive, account: Account) -> None:
    with archive.store.reading() as connection:
        problems, whole = integrity.sqlite_check(connection, archive.path)
        broken = integrity.broken_references(connection, archive.path)
        added = [] if problems else foreign_indexes(connection, schema_text())
    for problem in problems:
        account.add(
            VerifyFinding(
                code="structure",
                subject="SQLite's structure",
                message=f"{problem}; what the findings below do not name is still good",
                advice=COPY_FIRST,
            )
        )
    if not whole:
        account.add(
            VerifyFinding(
                code="not-checked",
                subject="SQLite's structure",
                message="each table was checked, but not whether two of them share a page: others wrote too much "
                "meanwhile",
                advice="verify again when nobody writes, or verify a backup",
                severity=Severity.NOTE,
            )
        )
    for table, parent, number in broken:
        account.add(
            VerifyFinding(
                code="reference",
                subject=f"table {table}",
                message=f"{number} row(s) belong to a row of {parent} that is not there",
                advice="another program removed rows; take the missing ones from a backup",
            )
        )
    for index in added:
        account.add(
            VerifyFinding(
                code="added-index",
                subject=f"index {index}",
                message="another program added it; it costs space and changes nothing",
                advice="drop it with that program where the space matters",
                severity=Severity.NOTE,
            )
        )


def _pinned(archive: Archive, account: Account) -> EncoderName | None:
    try:
        pinned = archive.pinned_encoder
    except (SfmError, ValueError) as error:
        account.add(
            VerifyFinding(
                code="archive",
                subject="the archive's own row",
                message=f"cannot be read: {error}",
                advice="choose the encoder by name when exporting",
            )
        )
        return None
    try:
        archive.plugins.encoder(pinned)
    except EncoderNotFound as error:
        account.add(
            VerifyFinding(
                code="not-checked",
                subject=f"encoder {pinned}",
                message="the pinned encoder is not installed",
                advice=str(error),
                severity=Severity.NOTE,
            )
        )
    return pinned
