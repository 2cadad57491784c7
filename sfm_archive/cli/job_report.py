"""`sfm job report`: what a job's report of a period says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.as_of import emit_as_of
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.job_report_text import sections
from sfm_archive.cli.noting import record_options, tell_noted
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_look_back, json_option, since_moment, units_option, until_moment
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json, tell
from sfm_archive.cli.page_options import language_option, paper_option
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.plot import exit_with_findings
from sfm_archive.cli.preferences import preferred
from sfm_archive.cli.progress_bar import progress_on_terminal

if TYPE_CHECKING:
    from sfm_archive.model.units import GeoUnit
    from sfm_archive.reporting.period.report import JobReport


@click.command("report")
@archive_to_look_back
@click.argument("job")
@click.option(
    "--since", type=since_moment, required=True, metavar="WHEN", help="Begin of the period, that day or month included."
)
@click.option(
    "--until", type=until_moment, required=True, metavar="WHEN", help="End of the period, that day or month included."
)
@click.option(
    "--months",
    type=WholeNumber(min=1, max=1200),
    default=12,
    show_default=True,
    help="Of how many months up to the period's end shares of blasts within the limits are.",
)
@click.option(
    "--pages",
    multiple=True,
    default=("none",),
    show_default=True,
    metavar="above|all|none|EVENT",
    shell_complete=complete_events,
    help="Which events get a page of their own: those that are or may be above a limit, all, none, or this one. EVENT "
    "may be given again.",
)
@click.option("--number", default="", metavar="TEXT", help="Number of the report.")
@click.option("--measured-by", default="", metavar="NAME", help="Who measured.")
@click.option("--analysed-by", default="", metavar="NAME", help="Who analysed.")
@units_option("that of the job, else what sfm firm or sfm config states, else that of most of the reports")
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE.pdf",
    help="Write the report as pages instead. Needs the extra `plots`.",
)  # fmt: skip
@click.option(
    "--no-day-tables", "day_tables", is_flag=True, flag_value=False, default=True,
    help="Leave out the numbers of days, a line for each day of each point; their charts stay.",
)  # fmt: skip
@paper_option
@language_option
@record_options
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    job: str,
    since: datetime,
    until: datetime,
    months: int,
    pages: tuple[str, ...],
    number: str,
    measured_by: str,
    analysed_by: str,
    units: GeoUnit | None,
    target: Path | None,
    day_tables: bool,
    paper: str | None,
    language: str | None,
    record: bool,
    overwrite: bool,
    output: OutputFormat,
) -> None:
    """Make a job's report of a period.

    Points with their limits, blasts at each point with distance, peaks and verdict, the largest values, each day's
    greatest intervals with when units ran, and the share of blasts within the limits of each point. A blast without an
    event is within only where documents tell that a unit there ran and waited for a trigger at a level that is not
    above the limit; else it is undecided, and the share a range. False triggers stand apart: they are counted as
    events; their records are in no value, outcome or share. With -o the report is a PDF with a page to sign, charts,
    and the pages of the events that --pages names, and the archive keeps a hand-over record, with the PDF
    (sfm handovers); without, it is told.

    \b
    Examples:
      sfm job report quarry.sfm "North Quarry" --since 2026-05 --until 2026-05 -o may.pdf --pages above --language de
      sfm job report quarry.sfm "North Quarry" --since 2026-05 --until 2026-05
      sfm job report quarry.sfm 1 --since 2026-05 --until 2026-05 --pages above --json > may.json
    """
    from sfm_archive import period_report, write_period_report

    if target is not None:
        require_extra("sfm job report -o", "plots")
    asked: dict[str, Any] = {
        "months": months, "pages": pages, "number": number, "measured_by": measured_by, "analysed_by": analysed_by,
        "units": units,
    }  # fmt: skip
    written = None
    with access.to_note(record=record and target is not None) as archive:
        with progress_on_terminal("reading") as progress:
            found = preferred(archive, paper=paper, language=language)
            asked["preferred"], wanted = found, found.preferences
            if target is None:
                report = period_report(archive, job, since, until, progress=progress, **asked)
            else:
                report, written = write_period_report(
                    archive, target, job, since, until, paper=wanted.paper or "a4", language=wanted.language or "en",
                    day_tables=day_tables, overwrite=overwrite, record=record, progress=progress, **asked,
                )  # fmt: skip
        handover = None if written is None else written.handover.number or None
        if output is OutputFormat.JSON:
            emit_json({"archive": str(access.path), "report": to_plain(report), "handover": handover})
        elif written is None:
            emit_as_of(archive)
            emit("\n\n".join(sections(report, day_tables=day_tables)))
        if written is not None:
            events = f", {counted(written.events, 'event')} with a page" if written.events else ""
            tell(f"{written.path} written: {_job_text(report)}{events} ({written.size:,} bytes)")
            tell_noted(archive, written.handover)
    if output is not OutputFormat.JSON:
        for note in report.notes:
            tell(note)
    if written is not None:
        exit_with_findings(ctx, written)


def _job_text(report: JobReport) -> str:
    """The job and the days of a report in a few words."""
    return f"{report.job.name}, {' to '.join(dict.fromkeys((report.period.first_day, report.period.last_day)))}"
