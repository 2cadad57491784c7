"""Backup: a copy of the archive as it is at one moment, proved before it gets its name."""

from __future__ import annotations

from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.maintaining.copy_report import CopyReport
from sfm_archive.maintaining.proof import proved
from sfm_archive.storage.copies import copy_in_steps
from sfm_archive.storage.new_archives import new_archive_file
from sfm_archive.verifying import Level


def backup(archive: Archive, target: Path, *, quick: bool = False, progress: Progress = silent) -> CopyReport:
    """Copy the archive to `target` while others read and write; see docs/trust.md, "Backup".

    The copy is opened, verified and compared with the archive, and only then named `target`; with `quick` not every
    stored byte of it is read again. Nothing is replaced.
    Raises AlreadyExists, StorageFailed, Busy, and Damaged when the copy does not prove right.
    """
    with new_archive_file(target) as unfinished:
        moment = copy_in_steps(archive.store, unfinished, progress)
        return proved(archive, unfinished, target, moment, Level.QUICK if quick else Level.FULL, progress)
