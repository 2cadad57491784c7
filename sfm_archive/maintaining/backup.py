"""Backup: a copy of the archive as it is at one moment, proved before it gets its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import pins
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import UsageError
from sfm_archive.files.writing import make_read_only
from sfm_archive.maintaining.copy_report import CopyReport
from sfm_archive.maintaining.proof import proved
from sfm_archive.storage import seals
from sfm_archive.storage.changes import CopyUnsealed
from sfm_archive.storage.copies import copy_in_steps, copy_of_sealed
from sfm_archive.storage.failures import translated
from sfm_archive.storage.new_archives import change_file, new_archive_file
from sfm_archive.storage.writing import Writing
from sfm_archive.verifying import Level


def backup(
    archive: Archive, target: Path, *, quick: bool = False, unsealed: bool = False, progress: Progress = silent
) -> CopyReport:
    """Copy the archive to `target` while others read and write; see docs/trust.md, "Backup".

    The copy is opened, verified and compared with the archive, and only then named `target`; with `quick` not every
    stored byte of it is read again. Nothing is replaced. Of a sealed archive the copy is sealed too, byte for byte, but
    for `unsealed`: then it can be changed, keeps the archive's id, and its history says which sealed archive it was.
    Raises AlreadyExists, StorageFailed, Busy, UsageError for `unsealed` where the archive is not sealed, and Damaged
    when the copy does not prove right.
    """
    level, sealed = Level.QUICK if quick else Level.FULL, archive.store.sealed
    if unsealed and not sealed:
        raise UsageError(f"{archive.path} is not sealed; leave --unsealed out, every copy of it can be changed")
    with new_archive_file(target) as unfinished:
        copied = copy_of_sealed if sealed else copy_in_steps
        moment = copied(archive.store, unfinished, progress)
        if unsealed:
            with translated(target):
                change_file(unfinished, _going_on(archive))
        report = proved(archive, unfinished, target, moment, level, progress, adds_change=unsealed)
    if report.sealed:
        make_read_only(target)
    return report


def _going_on(archive: Archive) -> Callable[[Any], None]:
    number, head = archive.history_head()
    of = CopyUnsealed(archive_id=pins(archive.store).archive_id, history_length=number, history_head=head)

    def go_on(connection: Any) -> None:
        writing = Writing(connection)
        seals.go_on(writing)
        writing.note(of, archive.actor)

    return go_on
