"""The proof of a copy: it is opened as an archive, verified, and holds what it must."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import read_change
from sfm_archive.base.progress import Progress
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import Damaged
from sfm_archive.maintaining.copy_report import CopyReport
from sfm_archive.storage.copies import Snapshot, behind_the_change_before, snapshot
from sfm_archive.storage.store import open_file
from sfm_archive.verifying import Level, VerifyOptions, VerifyReport, verify


def proved(
    source: Archive,
    copy: Path,
    target: Path,
    expected: Snapshot | None,
    level: Level,
    progress: Progress,
    *,
    adds_change: bool = False,
) -> CopyReport:
    """Open the copy, verify it, compare counts and history head. Raises Damaged when anything differs.

    Where the copy's moment is not known (`expected` is None), its newest change must stand in the source's history.
    `adds_change`: the copy has one more change than the archive, which is left out of the comparison.
    """
    with Archive(open_file(copy, read_only=True)) as opened:
        with opened.store.reading() as connection:
            found = snapshot(connection)
            of_source = behind_the_change_before(connection, found) if adds_change else found
        if expected is not None and of_source != expected:
            raise Damaged(f"{target}: the copy does not hold what {source.path} held; it was removed. Try again")
        if not _is_in_the_history(source, of_source):
            raise Damaged(f"{target}: the copy's history is not that of {source.path}; it was removed. Try again")
        sealed = opened.store.sealed
        report = verify(opened, progress, VerifyOptions(level=level))
        if not report.ok:
            first, what = report.damage[0], "out of date" if report.only_out_of_date else "damaged"
            raise Damaged(
                f"{source.path}: the copy has {len(report.damage)} {what} place(s), the first: {first.subject}: "
                f"{first.message}. The copy was removed; {next_step(report, source.path)}"
            )
    return CopyReport(
        path=str(source.path),
        target=str(target),
        size=copy.stat().st_size,
        sha256=file_hash(copy),
        events=found.counts.events,
        frame_revisions=found.counts.frames,
        files=found.counts.files,
        history_length=found.sequence,
        history_head=found.head,
        sealed=sealed,
        verified=report,
    )


def next_step(report: VerifyReport, archive: Path) -> str:
    """What to run where an archive does not verify."""
    if report.only_out_of_date:
        return f"run {command_line('sfm', 'rebuild', archive)}"
    return f"run {command_line('sfm', 'verify', archive)}, then sfm salvage"


def _is_in_the_history(source: Archive, found: Snapshot) -> bool:
    row = read_change(source.store, found.sequence)
    return row is not None and row.sha256 == found.head


def file_hash(path: Path) -> str:
    """SHA-256 of a file that nobody writes to, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
