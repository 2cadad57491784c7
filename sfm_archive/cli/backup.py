"""`sfm backup`: a copy of an archive that was opened and verified before the command says done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import SEALED_MEANS, OutputFormat, counted, emit_result, pairs, size_text, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal

if TYPE_CHECKING:
    from sfm_archive.maintaining import CopyReport


@click.command("backup")
@archive_to_change
@click.argument("target", type=path_type())
@click.option("--quick", is_flag=True, help="Verify the copy quickly: not every stored byte is read again.")
@click.option(
    "--unsealed",
    is_flag=True,
    help="Of a sealed archive make a copy that can be changed; its history says which archive it is a copy of.",
)
@json_option
def command(access: Access, target: Path, quick: bool, unsealed: bool, output: OutputFormat) -> None:
    """Copy an archive while others write, and prove the copy.

    The copy is of one moment. It is opened, verified and compared with the archive (counts and history head) before
    it gets the name TARGET; a TARGET that is there already is never replaced, a folder as TARGET gets a file in it.
    A copy of a sealed archive is sealed too, byte for byte.

    \b
    Examples:
      sfm backup quarry.sfm /media/disk/quarry-2026-05.sfm
      sfm backup quarry.sfm /media/disk
      sfm backup --unsealed sealed.sfm work.sfm
    """
    place = target / access.path.name if target.is_dir() else target
    with access.to_read() as archive, progress_on_terminal("copying") as progress:
        report = archive.backup(place, quick=quick, unsealed=unsealed, progress=progress)
    tell_copy(report, output, ("copy", report.target))


def tell_copy(report: CopyReport, output: OutputFormat, *first: tuple[str, str]) -> None:
    """A finished copy: what it is, what it holds, how it was proved, and what could not be checked."""
    rows = (
        *first,
        ("size", size_text(report.size)),
        ("SHA-256", report.sha256),
        ("events", f"{report.events:,}"),
        ("received files", f"{report.files:,}"),
        ("verified", report.level.value),
        *([("sealed", SEALED_MEANS)] if report.sealed else []),
    )
    emit_result(output, report, lambda _: pairs(rows))
    if output is not OutputFormat.JSON:
        for note in report.notes:
            tell(f"note: {note}")
    tell(f"history head {report.history_head} ({counted(report.history_length, 'change')})")
