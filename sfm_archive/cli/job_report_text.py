"""A job's report of a period as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sfm_archive.cli.job_report_blasts import blast_sections, reading_cell
from sfm_archive.cli.output import Column, at_text, counted, table

if TYPE_CHECKING:
    from sfm_archive.reporting.period.report import (
        BlastShare,
        JobReport,
        ReportedExceedance,
        ReportedPoint,
        ReportedUnit,
    )
    from sfm_archive.reporting.period.values import (
        ChartDay,
        FalseTriggerThere,
        LargestValue,
    )

UNITS = (
    Column("serial", "serial"),
    Column("point", "point_name"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("model, firmware", "models"),
    Column("trigger level", "trigger_levels"),
    Column("range", "ranges"),
    Column("rate", "sample_rates"),
    Column("calibration", "calibration"),
)
COUNTS = (
    Column("point", "name"),
    Column("events", "events", number=True),
    Column("waveforms", "waveforms", number=True),
    Column("histograms", "histograms", number=True),
    Column("ran into it", "continued", number=True),
    Column("exceeded", "exceeded", number=True),
    Column("undecided", "undecided", number=True),
    Column("within", "within", number=True),
    Column("not compared", "not_compared", number=True),
    Column("counted once", "counted_once", number=True),
    Column("false triggers", "false_triggers", number=True),
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
ABOVE = (
    Column("point", "name"),
    Column("event", "event_id", number=True),
    Column("at", "at_local"),
    Column("type", "record_type"),
    Column("intervals", "intervals", number=True),
    Column("what", "what"),
    Column("value", "value", number=True),
    Column("frequency", "frequency", number=True),
    Column("share of limit", "share", number=True),
    Column("blast", "blasts"),
)
FALSE = (
    Column("event", "event_id", number=True),
    Column("serial", "serial"),
    Column("at", "at_local"),
    Column("point", "points"),
    Column("by", "by"),
    Column("why", "why"),
    Column("also in histogram", "histograms"),
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
_COUNTED = (
    "  events that began at the point in the period, and what ran into it: events that began before, and histograms "
    "that began at another point, counted by what was recorded here:"
)
_SIGNS = "≥: at least that; ≤: at most; ~: geophone range assumed; †: or of another day; …: more than the samples show"


def sections(report: JobReport, *, day_tables: bool) -> Iterator[str]:
    """The parts of a report in plain text, in the order in which its pages have them."""
    yield "\n".join(_head(report))
    yield "\n".join(["points:", *(line for one in report.points for line in _point_lines(one)), *_counts(report)])
    if report.blasts:
        yield from blast_sections(report)
    if report.largest:
        lines = [table(LARGEST, [_largest_cells(one) for one in report.largest], indent="  ")]
        lines += [
            f"  {one.name}, {_what(one)}: {text}" for one in report.largest if (text := _false(one.false_triggers))
        ]
        yield "\n".join(["largest values:", *lines])
    for chart in report.charts:
        days = [one for one in chart.days if one.windows or one.intervals]
        if days and day_tables:
            head = f"days at {chart.name}, greatest intervals of histograms in {report.unit} ({_SIGNS}):"
            lines = [table(DAYS, [_day_cells(one) for one in days], indent="  ")]
            lines += [f"  {one.day}: {text}" for one in days if (text := _false(one.false_triggers))]
            yield "\n".join([head, *lines])
    if report.shares:
        yield "\n".join(_shares(report))
    if report.exceedances:
        rows = [_exceedance_cells(report, one) for one in report.exceedances]
        lines = [table(ABOVE, rows, indent="  ")]
        lines += [
            f"  {one.name}, event {one.event_id}: {text}"
            for one in report.exceedances
            if (text := _false(one.false_triggers))
        ]
        yield "\n".join(["above a limit, and of no blast of the period:", *lines])
    else:
        yield "above a limit, and of no blast of the period: nothing"
    if report.false_triggers:
        rows = [
            (
                one.event_id,
                one.serial,
                at_text(one.at_local),
                ", ".join(one.points),
                one.by,
                one.why,
                ", ".join(map(str, one.histograms)),
            )
            for one in report.false_triggers
        ]
        head = "false triggers, their records in no value, outcome or share; histograms that ran then count"
        yield f"{head}:\n{table(FALSE, rows, indent='  ')}"
    if report.undecided:
        yield "\n".join(_undecided(report))
    if report.not_compared:
        lines = [f"  {one.what}: {one.events:,}: {one.why}" for one in report.not_compared]
        yield "\n".join(["not compared, events and parts of histograms:", *lines])
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
            told = (unit.trigger_levels + unit.air_trigger_levels, *_settings(unit))
            settings = (", ".join(texts) or "not stated" for texts in told)
            at = at_text(one.from_local), until
            rows.append((unit.serial, one.point_name, *at, models, *settings, ", then ".join(states)))
    if rows:
        yield f"units:\n{table(UNITS, rows, indent='  ')}"
    yield from (f"  {unit.serial}: {_clocks(unit)}" for unit in report.units if unit.clocks)


def _clocks(unit: ReportedUnit) -> str:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import clock_text

    return "; ".join(clock_text(language(ENGLISH), one) for one in unit.clocks)


def _settings(unit: ReportedUnit) -> Iterator[tuple[str, ...]]:
    """Ranges and rates, as documents tell them and as people state them."""
    for told, name in ((unit.ranges, "geo_range"), (unit.sample_rates, "sample_rate")):
        yield (*told, *(f"{getattr(one, name)} (stated)" for one in unit.stated_settings if getattr(one, name)))


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
    return [_COUNTED, table(COUNTS, rows, indent="  ")] if rows else []


def _false(found: Sequence[FalseTriggerThere]) -> str:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import false_trigger_text

    return false_trigger_text(language(ENGLISH), found)


def _what(one: LargestValue) -> str:
    return {"pvs": "vector sum", "pspl": "PSPL"}.get(one.quantity, one.value.channel or "PPV")


def _largest_cells(one: LargestValue) -> tuple[object, ...]:
    return (
        one.name,
        _what(one),
        one.value.text,
        reading_cell(one.frequency),
        one.value.event_id,
        at_text(one.at_local),
        one.record_type,
    )


def _exceedance_cells(report: JobReport, one: ReportedExceedance) -> tuple[object, ...]:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import beside_text, exceedance_text, frequencies_text, ratio_text

    words = language(ENGLISH)
    return (
        one.name,
        one.event_id,
        at_text(one.at_local),
        one.record_type,
        "" if one.intervals is None else one.intervals,
        one.what,
        exceedance_text(words, one, report.unit),
        frequencies_text(words, one.verdict),
        "" if one.verdict.ratio is None else ratio_text(one.verdict.ratio),
        beside_text(words, one.blasts) or "none",
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
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import share_text

    return share_text(language(ENGLISH), one) if one.n else "no blast"


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
