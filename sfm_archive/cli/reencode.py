"""`sfm reencode`: what another encoder would change, event by event, before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.cli.completers import complete_encoders
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import Filters, archive_to_change, encoder_name, event_filters, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json, tell_first, totals_table
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.maintaining.reencoding import ReencodeItem, ReencodeReport

_MOST_SHOWN = 50


@click.command("reencode")
@archive_to_change
@event_filters
@click.option(
    "--encoder",
    type=encoder_name,
    required=True,
    metavar="NAME",
    shell_complete=complete_encoders,
    help="The encoder to run. Any installed version.",
)
@click.option("--dry-run", is_flag=True, help="Record nothing; say what would change.")
@click.option("--again", "ignore_records", is_flag=True, help="Run it also where its record is there already.")
@click.option(
    "--processes",
    type=WholeNumber(1, 256),
    metavar="NUMBER",
    help="How many processes.  [default: one for each core, one for few events]",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    filters: Filters,
    encoder: str,
    dry_run: bool,
    ignore_records: bool,
    processes: int | None,
    output: OutputFormat,
) -> None:
    """Run an encoder over events and say what it changes.

    Each EVENT is an id or an event file's name; without any, all that pass the filters are meant. What it makes is
    compared with what the pinned encoder made, and recorded beside that. The pin stays: sfm encoders ARCHIVE --pin
    moves it. When any event got worse, the exit code is 1. After an interruption, run it again: it goes on from there.

    \b
    Examples:
      sfm reencode quarry.sfm --encoder blastware@3 --dry-run
      sfm reencode quarry.sfm --encoder blastware@3 --serial BE11529 --since 2026-05-01
    """
    from sfm_archive import ReencodeOptions

    options = ReencodeOptions(dry_run=dry_run, ignore_records=ignore_records, processes=processes)
    with changing(access.to_read() if dry_run else access.to_write()) as archive:
        selection = filters.to_work_on(archive)
        with progress_on_terminal("encoding") as progress:
            report = archive.reencode(encoder, selection, options=options, progress=progress)
        if output is OutputFormat.JSON:
            emit_json(report)
        else:
            emit(result(report))
            _tell_items(report)
    if report.damaged:
        ctx.exit(ExitCode.DAMAGED)
    if report.worse:
        ctx.exit(ExitCode.FINDINGS)


def result(report: ReencodeReport) -> str:
    """How many events had which outcome, and the distribution of what changed."""
    what = "nothing recorded: dry run" if report.dry_run else f"{counted(report.recorded, 'new record')}"
    last = f"{report.encoder} against {report.compared_with}; {what}"
    lines = [totals_table(report.totals, len(report.items), last)]
    distribution = report.distribution
    where, why = distribution["first_difference_in"], distribution["reasons"]
    for title, numbers in (("first difference in", where), ("worse because of", why)):
        if numbers:
            counts = ", ".join(f"{word} {number:,}" for word, number in numbers.items())
            lines.append(f"{title}: {counts}")
    change = distribution["size_change"]
    if change["smaller"] or change["equal"] or change["larger"]:
        lines.append(
            f"size of different files: {change['smaller']:,} smaller, {change['equal']:,} equal, "
            f"{change['larger']:,} larger; {change['least']:+,} to {change['most']:+,} bytes, median "
            f"{change['median']:+,}"
        )
    return "\n".join(lines)


def _tell_items(report: ReencodeReport) -> None:
    shown = {"different", "newly possible"}
    first = [*report.damaged, *report.worse]
    others = [item for item in report.items if item.status.value in shown]
    tell_first([sentence(item) for item in (*first, *others)], _MOST_SHOWN)


def sentence(item: ReencodeItem) -> str:
    """What became of one event."""
    if item.status.value == "different":
        where = "" if item.first_difference is None else f" from offset 0x{item.first_difference:X} ({item.part})"
        return f"different: event {item.event_id}: {item.size_before:,} bytes, now {item.size:,}{where}"
    if item.status.value == "newly possible":
        return f"newly possible: event {item.event_id}: {item.size:,} bytes"
    return f"{item.status}: {item.message}"
