"""Seal: one compacted file that is only read from now on, and a sheet that says how to verify it."""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadName
from sfm_archive.files.writing import new_file
from sfm_archive.maintaining.copy_report import CopyReport
from sfm_archive.maintaining.proof import proved
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.copies import compacted_copy
from sfm_archive.storage.new_archives import new_archive_file
from sfm_archive.verifying import Level

_SHEET = """\
Verification sheet of {name}

sealed (UTC)     {at_utc}
by               {actor}, {tool}
archive id       {archive_id}
events           {events:,}
frame revisions  {frame_revisions:,}
received files   {files:,}
changes          {history_length:,}
history head     {history_head}
size             {size} bytes
SHA-256          {sha256}

Is the file the one that was sealed?
  sha256sum {name}          prints the SHA-256 above (Windows: certutil -hashfile {name} SHA256)
Is everything in it intact?
  sfm verify {name}         ends with "everything is intact" and the history head above

The history head is the hash of the newest change; each change holds the hash of the one before. Whoever noted it, or
has this sheet from another hand than the file, can tell whether anything was altered since. That makes the archive
tamper-evident: it shows alterations, it does not prevent them, and it does not say who made the file.
"""


def sheet_path(target: Path) -> Path:
    """Where the sheet of a sealed archive lies. Raises BadName for a target that names no file."""
    if not target.name:
        raise BadName(f"{target} names no file; give the sealed archive a name, such as sealed.sfm")
    return target.with_name(f"{target.name}.verification.txt")


def seal(archive: Archive, target: Path, progress: Progress = silent) -> CopyReport:
    """Write a compacted copy to `target`, verify it fully, make it read-only, and write its sheet beside it.

    Raises AlreadyExists when copy or sheet are there already, StorageFailed, Busy, Damaged.
    """
    sheet = sheet_path(target)
    # The last is named first: after a power cut there may be a copy without its sheet, never a sheet without a copy.
    with new_file(sheet) as unfinished_sheet, new_archive_file(target) as unfinished:
        expected = compacted_copy(archive.store, unfinished)
        report = proved(archive, unfinished, target, expected, Level.FULL, progress)
        text = _SHEET.format(
            name=target.name,
            at_utc=utc_now(),
            actor=archive.actor,
            tool=TOOL,
            archive_id=archive.info().archive_id,
            events=report.events,
            frame_revisions=report.frame_revisions,
            files=report.files,
            history_length=report.history_length,
            history_head=report.history_head,
            size=report.size,
            sha256=report.sha256,
        )
        unfinished_sheet.write_text(text, encoding="utf-8", newline="\n")
    for path in (target, sheet):
        with suppress(OSError):  # a drive without such permissions
            path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    return replace(report, sheet=str(sheet))
