"""`sfm rebuild`: the derived half of an archive made anew."""

from __future__ import annotations

import click

from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json
from sfm_archive.cli.progress_bar import progress_on_terminal


@click.command("rebuild")
@archive_to_change
@json_option
def command(access: Access, output: OutputFormat) -> None:
    """Rebuild the rows that lists and filters read.

    An archive keeps a row for each event with its peaks, texts and states, made from what was received. Saving keeps it
    right; this makes every row again, as after a program with other rules or a repair with SQL. What was received stays
    as it is, and so does the history. It happens in one transaction: cut off, the archive is as before.

    \b
    Example:
      sfm rebuild quarry.sfm
    """
    with access.to_write() as archive, progress_on_terminal("making anew") as progress:
        report = archive.rebuild(progress)
    if output is OutputFormat.JSON:
        emit_json(report)
    else:
        emit(f"{report.path}: {counted(report.events, 'event')}, the rows of {report.changed:,} were others before")
