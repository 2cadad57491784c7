"""`sfm extract`: some events of an archive as an archive of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import Filters, archive_to_change, event_filters, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit_result, event_words, shown, tell, tell_first
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.moving import ExtractReport

_MOST_SHOWN = 50


@click.command("extract")
@archive_to_change
@click.argument("new", type=path_type())
@event_filters
@json_option
@click.pass_context
def command(ctx: click.Context, access: Access, new: Path, filters: Filters, output: OutputFormat) -> None:
    """Make an archive of some events and their job.

    NEW gets the events that pass the filters, with their files, values, reviews, points, windows, limits, hand-overs,
    an id and a history of its own, and where it comes from. Nothing of other jobs is in it: windows of its units
    elsewhere, blasts and certificates of others, hand-overs with other events and files that wait stay behind, and so
    does a capture that holds other events (its name and hash go along). Of the history, changes that speak of what goes
    along are there, of all others the hash. ARCHIVE stays as it is; merging NEW back changes nothing.

    \b
    Examples:
      sfm extract office.sfm north-quarry.sfm --job "North Quarry"
      sfm extract office.sfm may.sfm --serial BE11529 --since 2026-05 --until 2026-05
    """
    import sfm_archive as sfm

    with access.to_read() as archive:
        selection = filters.to_work_on(archive)
        with progress_on_terminal("extracting") as progress:
            report = sfm.extract(archive, new, selection, actor=access.actor, progress=progress)
    emit_result(output, report, _result)
    if report.several_points:
        tell(f"of other points too, and whole in it: {event_words(report.several_points)}")
    tell_first([f"damaged: change {one.change}: {one.subject}: {one.message}" for one in report.not_taken], _MOST_SHOWN)
    tell(f"history head {report.history_head}; next: {command_line('sfm', 'verify', new)}")
    if report.not_taken:
        ctx.exit(ExitCode.DAMAGED)


def _result(report: ExtractReport) -> str:
    rows = ", ".join(f"{number:,} {table.replace('_', ' ')}" for table, number in report.rows.items())
    lines = [
        shown(
            f"{report.target}: {counted(report.events, 'event')} of {report.path}; its own id is {report.archive_id}"
        ),
        f"  rows: {rows}",
        f"  history there: {report.whole_changes:,} changes whole, {report.shortened_changes:,} with time and person, "
        f"{report.withheld_changes:,} by their hash alone",
    ]
    if report.withheld:
        lines.append(f"  {counted(report.withheld, 'file')} stayed behind: other events are in it; its hash is here")
    return "\n".join(lines)
