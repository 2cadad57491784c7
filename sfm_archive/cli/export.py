"""`sfm export`: a folder of event files that opens in Blastware."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.noting import no_record_option, say_noted
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import Filters, archive_to_change, encoder_option, event_filters, json_option
from sfm_archive.cli.output import (
    OutputFormat,
    counted,
    emit_result,
    size_text,
    tell,
    tell_first,
    totals_table,
)
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.exporting import ExportReport

_MOST_SHOWN = 50


@click.command("export")
@archive_to_change
@click.argument("folder", type=path_type())
@event_filters
@encoder_option("Make the files with this encoder.  [default: as received, else the pinned one]")
@click.option(
    "--names",
    type=click.Choice(["manual", "call-home"]),
    help="Compute all names in this style, instead of keeping those received.",
)
@click.option(
    "--like",
    type=WholeNumber(min=1),
    metavar="N",
    help="Make the folder of hand-over N again (sfm handovers) and check every hash.",
)
@click.option("--overwrite", is_flag=True, help="Replace different files of the same name.")
@click.option("--manifest", is_flag=True, help="Write SHA256SUMS, for sha256sum -c.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would happen.")
@no_record_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    folder: Path,
    filters: Filters,
    encoder: str | None,
    names: str | None,
    like: int | None,
    overwrite: bool,
    manifest: bool,
    dry_run: bool,
    record: bool,
    output: OutputFormat,
) -> None:
    """Write event files into FOLDER as SERIAL/NAME.

    Each EVENT is an id or an event file's name; without any, all that pass the filters are exported. Files that are
    there already and equal are left alone. When any event is left without its file, or, without
    --encoder, its file is made of frames that are not the whole event, the exit code is 1.

    An export leaves a hand-over record in the archive. With --like N the folder of that record is made again: the same
    paths and bytes, by the same encoders of the same frames. What cannot be made again ends with exit code 5.

    \b
    Examples:
      sfm export quarry.sfm out
      sfm export quarry.sfm out --serial BE11529 --since 2026-05-01 --manifest
      sfm export quarry.sfm out M529LKIQ.7M0W --encoder blastware@1
      sfm export quarry.sfm again --like 3
    """
    from sfm_archive import ExportOptions, ExportStatus, NameStyle

    if like is not None and (encoder is not None or names is not None or filters != Filters()):
        raise click.UsageError("--like makes the whole folder as it was; leave out events, filters, --encoder, --names")
    options = ExportOptions(
        encoder=encoder,
        names=None if names is None else NameStyle(names),
        overwrite=overwrite,
        manifest=manifest,
        dry_run=dry_run,
        record=record,
    )
    archive = access.to_read() if dry_run else access.to_write_if_possible()
    with changing(archive):
        selection = filters.to_work_on(archive)
        with progress_on_terminal("exporting") as progress:
            report = archive.export(folder, selection, like=like, options=options, progress=progress)
        emit_result(output, report, totals)
        _tell_items(report)
    if any(item.status is ExportStatus.DAMAGED for item in report.problems):
        ctx.exit(ExitCode.DAMAGED)
    if report.problems or report.torn:
        ctx.exit(ExitCode.FINDINGS)


def totals(report: ExportReport) -> str:
    """How many events had which outcome, as a table."""
    done = "would be written" if report.dry_run else "written"
    last = f"selected; {size_text(report.size)} {done} to {report.target}"
    return totals_table(report.totals, len(report.items), last)


def _tell_items(report: ExportReport) -> None:
    problems = report.problems
    # One cause, such as a missing encoder, can hold for every event: it is printed once, with how many it concerns.
    said = Counter(f"{item.status}: {item.message}" for item in problems)
    lines = [cause if number == 1 else f"{cause} ({counted(number, 'event')})" for cause, number in said.items()]
    tell_first(lines, _MOST_SHOWN, "more that were not written")
    troubled = {item.event_id for item in problems}
    notes = [item for item in report.items if item.message and item.event_id not in troubled]
    tell_first([f"look at: {item.path}: {item.message}" for item in notes], _MOST_SHOWN, "more to look at")
    say_noted(report.handover)
    if report.like and not report.dry_run:
        good = "is reproduced: every file and the manifest match the record"
        proof = good if report.proved else "was not reproduced completely"
        tell(f"hand-over {report.like} {proof}")
    if report.placement_rule:
        tell(report.placement_rule)
    if report.manifest and not report.dry_run:
        check = command_line("sha256sum", "-c", Path(report.manifest).name)
        tell(f"sums in {report.manifest}; check them with: {check}")
