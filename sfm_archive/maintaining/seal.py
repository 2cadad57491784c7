"""Seal: one compacted file that is only read from now on, and a sheet that says how to verify it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadName, SealedArchive
from sfm_archive.files.writing import make_read_only, new_file
from sfm_archive.maintaining.copy_report import CopyReport
from sfm_archive.maintaining.proof import proved
from sfm_archive.storage import seals
from sfm_archive.storage.changes import Seal
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.copies import compacted_copy
from sfm_archive.storage.failures import translated
from sfm_archive.storage.new_archives import change_file, new_archive_file
from sfm_archive.storage.writing import Writing
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

The newest change seals the file: sfm-archive writes nothing into it any more, whoever may write the file, and reading,
reports and exports leave the SHA-256 above as it is. sfm backup --unsealed makes a copy to work on.

The history head is the hash of that change; each change holds the hash of the one before. Whoever noted it, or
has this sheet from another hand than the file, can tell whether anything was altered since. That makes the archive
tamper-evident: it shows alterations, it does not prevent them, and it does not say who made the file.
"""


def sheet_path(target: Path) -> Path:
    """Where the sheet of a sealed archive lies. Raises BadName for a target that names no file."""
    if not target.name:
        raise BadName(f"{target} names no file; give the sealed archive a name, such as sealed.sfm")
    return target.with_name(f"{target.name}.verification.txt")


def seal(archive: Archive, target: Path, progress: Progress = silent) -> CopyReport:
    """Write a compacted copy to `target`, seal it, verify it fully, and write its sheet beside it. The archive itself
    stays as it is.

    Raises AlreadyExists when copy or sheet are there already, StorageFailed, Busy, Damaged, and SealedArchive for what
    is sealed already.
    """
    if archive.store.sealed:
        step = command_line("sfm", "backup", archive.path, "COPY")
        raise SealedArchive(f"{archive.path} is sealed already; {step} copies it as it is, with the same SHA-256")

    def sealing(connection: Any) -> None:
        writing = Writing(connection)
        seals.seal(writing)
        writing.note(Seal(), archive.actor)

    sheet = sheet_path(target)
    # The last is named first: after a power cut there may be a copy without its sheet, never a sheet without a copy.
    with new_file(sheet) as unfinished_sheet, new_archive_file(target) as unfinished:
        expected = compacted_copy(archive.store, unfinished)
        with translated(target):
            change_file(unfinished, sealing)
        report = proved(archive, unfinished, target, expected, Level.FULL, progress, adds_change=True)
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
        make_read_only(path)
    return replace(report, sheet=str(sheet))
