"""`sfm compact`: the same archive in a smaller file."""

from __future__ import annotations

import click

from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, emit, emit_json, size_text, tell
from sfm_archive.cli.progress_bar import progress_on_terminal


@click.command("compact")
@archive_to_change
@json_option
def command(access: Access, output: OutputFormat) -> None:
    """Rewrite an archive without its free space.

    What it holds stays the same, and so does its history. It is one transaction: if interrupted, the
    archive is unchanged. It needs free space of twice the archive's size. A damaged archive is left alone, and so is a
    sealed one.

    \b
    Example:
      sfm compact quarry.sfm
    """
    from sfm_archive.maintaining import compact_sound, require_sound

    # Opening it for writing changes two numbers of its header: a damaged one is not even opened so.
    with access.to_read() as archive, progress_on_terminal("checking") as progress:
        require_sound(archive, progress)
    with access.to_write() as archive:
        report = compact_sound(archive)
    if output is OutputFormat.JSON:
        emit_json(report)
    else:
        emit(f"{report.path}: {size_text(report.size_before)} before, {size_text(report.size)} now")
    tell(f"history head {report.history_head}")
