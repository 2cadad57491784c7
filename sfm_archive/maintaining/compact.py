"""Compact: the same content in a file without free pages."""

from __future__ import annotations

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import read_change
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import Damaged
from sfm_archive.maintaining.copy_report import CompactReport
from sfm_archive.maintaining.proof import next_step
from sfm_archive.storage import copies
from sfm_archive.storage.copies import snapshot
from sfm_archive.verifying import Level, VerifyOptions, verify


def require_sound(archive: Archive, progress: Progress = silent) -> None:
    """Raise Damaged where something is wrong with a page of the archive, a row is not as the history has it, or a
    derived row is not what its content gives; and SealedArchive.

    That takes as long as reading the file and making the derived rows again: no file is made again.
    """
    archive.store.refuse_sealed()
    check = verify(archive, progress, VerifyOptions(level=Level.QUICK, rows=True))
    if not check.ok:
        first, what = check.damage[0], "out of date" if check.only_out_of_date else "damaged"
        raise Damaged(
            f"{archive.path} is {what} ({first.subject}: {first.message}) and was not changed; "
            f"{next_step(check, archive.path)}"
        )


def compact(archive: Archive, progress: Progress = silent) -> CompactReport:
    """Write the archive anew in one transaction; what it holds is compared before and after.

    A damaged archive is left alone: writing it anew would spread the damage over whole pages, and what salvage finds on
    free pages would be gone. Raises Damaged, Busy, ReadOnlyArchive, StorageFailed (it needs as much free space as the
    archive has bytes, twice).
    """
    require_sound(archive, progress)
    return compact_sound(archive)


def compact_sound(archive: Archive) -> CompactReport:
    """`compact` behind `require_sound`."""
    size_before = archive.store.size()
    with archive.store.reading() as connection:
        before = snapshot(connection)
    copies.compact(archive.store)
    with archive.store.reading() as connection:
        after = snapshot(connection)
    # Others may have saved between; then there is more, never less.
    kept = read_change(archive.store, before.sequence)
    if kept is None or kept.sha256 != before.head:
        raise Damaged(f"{archive.path}: the history ends earlier than before; go on with a backup")
    return CompactReport(
        path=str(archive.path),
        size_before=size_before,
        size=archive.store.size(),
        history_head=after.head,
    )
