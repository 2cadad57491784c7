"""`sfm job report`: what a job's report of a period says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.as_of import emit_as_of
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.noting import record_options, tell_noted
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_look_back, json_option, since_moment, units_option, until_moment
from sfm_archive.cli.output import Column, OutputFormat, at_text, counted, emit, emit_json, table, tell
from sfm_archive.cli.page_options import language_option, paper_option
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.plot import exit_with_findings
from sfm_archive.cli.preferences import preferred
from sfm_archive.cli.progress_bar import progress_on_terminal

if TYPE_CHECKING:
    from sfm_archive.model.units import GeoUnit
    from sfm_archive.reporting.period.report import BlastAtPoint, BlastShare, JobReport, ReportedPoint
    from sfm_archive.reporting.period.values import ChartDay, LargestValue, PeriodValue, PeriodVerdict

UNITS = (
    Column("serial", "serial"),
    Column("point", "point_name"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("model, firmware", "models"),
    Column("calibration", "calibration"),
)
COUNTS = (
    Column("point", "name"),
    Column("events", "events", number=True),
    Column("waveforms", "waveforms", number=True),
    Column("histograms", "histograms", number=True),
    Column("exceeded", "exceeded", number=True),
    Column("undecided", "undecided", number=True),
    Column("within", "within", number=True),
    Column("not compared", "not_compared", number=True),
    Column("counted once", "counted_once", number=True),
    Column("false triggers", "false_triggers", number=True),
)
BLASTS = (
    Column("blast", "name"),
    Column("no.", "blast", number=True),
    Column("at", "at_local"),
    Column("point", "point"),
    Column("distance", "distance", number=True),
    Column("scaled", "scaled", number=True),
    Column("PPV", "ppv", number=True),
    Column("ZC", "frequency", number=True),
    Column("vector sum", "pvs", number=True),
    Column("PSPL", "pspl", number=True),
    Column("vibration", "vibration"),
    Column("airblast", "airblast"),
)
LARGEST = (
    Column("point", "name"),
    Column("what", "what"),
    Column("value", "value", number=True),
    Column("ZC", "frequency", number=True),
    Column("event", "event_id", number=True),
    Column("at", "at_local"),
    Column("type", "record_type"),
)
DAYS = (
    Column("day", "day"),
    Column("Tran", "tran", number=True),
    Column("Vert", "vert", number=True),
    Column("Long", "long", number=True),
    Column("dB(L)", "mic", number=True),
    Column("share of limit", "share", number=True),
    Column("ran", "running", number=True),
    Column("not known", "not_known", number=True),
)
SHARES = (
    Column("point", "name"),
    Column("of", "what"),
    Column("within", "percent", number=True),
    Column("n", "n", number=True),
    Column("exceeded", "exceeded", number=True),
    Column("undecided", "undecided", number=True),
    Column("not compared", "not_compared", number=True),
    Column("no unit", "no_unit", number=True),
)
FALSE = (
    Column("event", "event_id", number=True),
    Column("serial", "serial"),
    Column("at", "at_local"),
    Column("point", "points"),
    Column("by", "by"),
    Column("why", "why"),
)
UNDECIDED = (
    Column("event", "event_id", number=True),
    Column("blast", "name"),
    Column("no.", "blast", number=True),
    Column("point", "point"),
    Column("at", "at_local"),
    Column("what", "what"),
    Column("why", "why"),
)
MOST_UNDECIDED = 50
_SIGNS = "≥: at least that; ≤: at most; ~: geophone range assumed; †: or of another day; …: more than the samples show"


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
    above the limit; else it is undecided, and the share a range. False triggers stand apart: they are counted
    as events, and are in no value, outcome or share. With -o the report is a PDF with a page to sign, charts, and the
    pages of the events that --pages names, and the archive keeps a hand-over record, with the PDF (sfm handovers);
    without, it is told.

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
                    overwrite=overwrite, record=record, progress=progress, **asked,
                )  # fmt: skip
        handover = None if written is None else written.handover.number or None
        if output is OutputFormat.JSON:
            emit_json({"archive": str(access.path), "report": to_plain(report), "handover": handover})
        elif written is None:
            emit_as_of(archive)
            emit("\n\n".join(_sections(report)))
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


def _sections(report: JobReport) -> Iterator[str]:
    yield "\n".join(_head(report))
    yield "\n".join(["points:", *(line for one in report.points for line in _point_lines(one)), *_counts(report)])
    if report.blasts:
        rows = [_blast_cells(report, place, cell) for place, one in enumerate(report.blasts) for cell in one.points]
        yield f"blasts at points, {_scaled_unit(report)}:\n{table(BLASTS, rows, indent='  ')}"
    if report.largest:
        yield f"largest values:\n{table(LARGEST, [_largest_cells(one) for one in report.largest], indent='  ')}"
    for chart in report.charts:
        days = [one for one in chart.days if one.windows or one.intervals]
        if days:
            head = f"days at {chart.name}, greatest intervals of histograms in {report.unit} ({_SIGNS}):"
            yield f"{head}\n{table(DAYS, [_day_cells(one) for one in days], indent='  ')}"
    if report.shares:
        yield "\n".join(_shares(report))
    if report.false_triggers:
        rows = [
            (one.event_id, one.serial, at_text(one.at_local), ", ".join(one.points), one.by, one.why)
            for one in report.false_triggers
        ]
        yield f"false triggers, in no value, outcome or share:\n{table(FALSE, rows, indent='  ')}"
    if report.undecided:
        yield "\n".join(_undecided(report))
    if report.not_compared:
        lines = [f"  {one.what}: {counted(one.events, 'event')}: {one.why}" for one in report.not_compared]
        yield "\n".join(["not compared:", *lines])
    yield "\n".join(_provenance(report))


def _head(report: JobReport) -> Iterator[str]:
    job, period, by = report.job, report.period, report.by
    client = f", client {job.client}" if job.client else ""
    yield f"job {job.job}: {job.name}{client}"
    zone = job.time_zone or "time zone not stated"
    yield f"period: {at_text(period.since_local)} up to {at_text(period.until_local)} ({zone}), {report.unit}"
    firm = report.firm
    said = (
        ("firm", "" if firm is None else ", ".join(filter(None, (firm.name, *firm.lines)))),
        ("report", by.number),
        ("measured by", by.measured_by),
        ("analysed by", by.analysed_by),
        ("to be signed by", "" if firm is None else firm.signature),
    )
    yield from (f"{name}: {text}" for name, text in said if text)
    rows = []
    for unit in report.units:
        states = dict.fromkeys((unit.calibration_first.told, unit.calibration_last.told))
        for one in unit.windows:
            until = at_text(one.until_local) or "on"
            models = "; ".join(unit.models) or "not recorded"
            rows.append((unit.serial, one.point_name, at_text(one.from_local), until, models, ", then ".join(states)))
    if rows:
        yield f"units:\n{table(UNITS, rows, indent='  ')}"


def _point_lines(one: ReportedPoint) -> Iterator[str]:
    at = ", ".join(filter(None, (one.address, one.structure)))
    yield f"  {one.name}{f' ({at})' if at else ''}"
    for limits in one.limits:
        since = f"since {at_text(limits.from_local)}" if limits.from_local else "from the first record on"
        until = f" until {at_text(limits.until_local)}" if limits.until_local else ""
        titles = "; ".join(limits.titles) or "no limit of velocity"
        airblast = f"; airblast {limits.airblast}" if limits.airblast else ""
        yield f"    limits {limits.number}, {since}{until}: {titles}{airblast}"
    if not one.limits:
        yield "    no limits are stated"


def _counts(report: JobReport) -> list[str]:
    rows = [
        (one.name, *(getattr(one.counts, column.name) for column in COUNTS[1:]))
        for one in report.points
        if one.counts is not None
    ]
    return [table(COUNTS, rows, indent="  ")] if rows else []


def _scaled_unit(report: JobReport) -> str:
    return "scaled distance in ft/lb^½" if report.unit == "in/s" else "scaled distance in m/kg^½"


def _blast_cells(report: JobReport, place: int, cell: BlastAtPoint) -> tuple[object, ...]:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import distance_text

    blast = report.blasts[place].blast
    scaled = cell.ft_lb_square if report.unit == "in/s" else cell.m_kg_square
    ppv = "" if cell.events else cell.state.value
    if cell.ppv is not None:
        ppv = f"{cell.ppv.channel} {cell.ppv.text}".lstrip()
    return (
        blast.name,
        blast.blast,
        at_text(blast.at_local),
        cell.name,
        "" if cell.distance_m is None else distance_text(language(ENGLISH), cell.distance_m, report.unit),
        "" if scaled is None else f"{scaled:.1f}",
        ppv,
        _reading(cell.frequency),
        _text(cell.pvs),
        _text(cell.pspl),
        _verdict(cell.vibration),
        _verdict(cell.airblast),
    )


def _verdict(one: PeriodVerdict) -> str:
    if one.ratio is None:
        return one.outcome.value
    return f"{one.outcome.value} ({f'{one.channel} {one.ratio:.0%}'.lstrip()})"


def _text(value: PeriodValue | None) -> str:
    return "" if value is None else value.text


def _reading(reading: object) -> str:
    from sfm_archive.model.reading_text import reading_text
    from sfm_archive.model.readings import Reading

    return reading_text(reading) if isinstance(reading, Reading) else ""


def _largest_cells(one: LargestValue) -> tuple[object, ...]:
    what = {"pvs": "vector sum", "pspl": "PSPL"}.get(one.quantity, one.value.channel or "PPV")
    return (
        one.name,
        what,
        one.value.text,
        _reading(one.frequency),
        one.value.event_id,
        at_text(one.at_local),
        one.record_type,
    )


def _day_cells(one: ChartDay) -> tuple[object, ...]:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import day_share_text, maximum_text

    words = language(ENGLISH)
    return (
        one.day + ("…" if one.partly else ""),
        *(maximum_text(words, value, 3) for value in (one.tran, one.vert, one.long)),
        maximum_text(words, one.mic, 1),
        day_share_text(words, one.share),
        _hours(one.running_s),
        _hours(one.not_known_s),
    )


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f} h"


def _shares(report: JobReport) -> Iterator[str]:
    first = report.shares[0]
    yield (
        f"share of blasts within the limits, {at_text(first.since_local)} up to {at_text(first.until_local)} "
        f"({counted(report.months, 'month')}, {counted(first.blasts, 'blast')}):"
    )
    rows = [
        (one.name, one.what, _percent(one), one.n, one.exceeded, one.undecided, one.not_compared, one.no_unit)
        for one in report.shares
    ]
    yield table(SHARES, rows, indent="  ")


def _percent(one: BlastShare) -> str:
    least, most = one.least_percent, one.most_percent
    if least is None or most is None:
        return "no blast"
    texts = list(dict.fromkeys(f"{one:.1f}" for one in (least, most)))
    return f"{' to '.join(texts)} %"


def _undecided(report: JobReport) -> Iterator[str]:
    yield "undecided:"
    rows = [
        (
            one.event_id or "",
            report.blast_name(one.blast),
            one.blast or "",
            one.point,
            at_text(one.at_local),
            one.what,
            one.why,
        )
        for one in report.undecided[:MOST_UNDECIDED]
    ]
    yield table(UNDECIDED, rows, indent="  ")
    if len(report.undecided) > MOST_UNDECIDED:
        yield f"  and {len(report.undecided) - MOST_UNDECIDED:,} more; --json has all"


def _provenance(report: JobReport) -> Iterator[str]:
    made = report.provenance
    yield f"archive {made.archive_id}, history head {made.history_head} ({counted(made.history_length, 'change')})"
    yield (
        f"encoder {made.encoder}, decoder {made.decoder}, rules {made.rules}, {made.program}; "
        f"{counted(len(made.events), 'event')} used, whose hashes --json has"
    )
    if report.pages:
        yield f"pages of events: {', '.join(map(str, report.pages))}"
