"""`sfm seal`: one file that nothing is written into any more, with a verification sheet."""

from __future__ import annotations

from pathlib import Path

import click

from sfm_archive.cli.backup import tell_copy
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal


@click.command("seal")
@archive_to_change
@click.argument("target", type=path_type())
@json_option
def command(access: Access, target: Path, output: OutputFormat) -> None:
    """Make a sealed copy with a verification sheet.

    The copy is compacted, and says itself that it is sealed: every command reads it, and none writes into it any more,
    whoever may write the file. Nothing unseals it; sfm backup --unsealed makes a copy to work on.

    The sheet is a text beside it, TARGET.verification.txt: counts, the head of the history and the SHA-256 of the
    file. Print it, or send it by another way than the file: then it shows whether the file was altered. The archive
    itself stays as it is. A file at TARGET is never replaced.

    \b
    Example:
      sfm seal quarry.sfm quarry-2026.sfm
    """
    with access.to_read() as archive, progress_on_terminal("sealing") as progress:
        report = archive.seal(target, progress=progress)
    tell_copy(report, output, ("sealed", report.target), ("sheet", report.sheet))
