"""A chart for each point over the whole period: the greatest interval of each day, when a unit ran, and where a limit
depends on frequency also the day's greatest share of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sfm_archive.model.reading_text import digits
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.graph import Graph, Scale, numbers
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.page import Box
from sfm_archive.reporting.period.report import JobReport
from sfm_archive.reporting.period.values import ChartDay, DayMaximum, PointChart
from sfm_archive.reporting.period.wording import NONE, day_share_text, false_trigger_text, maximum_text
from sfm_archive.reporting.sheets import Column, Row, Sheets
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, GRID, INK, MARKERS

_GEO, _MIC, _SHARE, _BAND, _BELOW, _APART = 34.0, 16.0, 16.0, 4.5, 9.0, 5.0
_LEFT = 16.0
_AROUND = 17.0
"""Name and notes."""

_MOST_DATES = 12
_RUNNING = "#7fb2d6"
_NARROWEST = 0.15
_LEAST_RUNNING = 300
"""Seconds a day that can be seen in a band."""


def day_charts(sheets: Sheets, report: JobReport, *, tables: bool = True) -> None:
    """`tables`: with the numbers behind each chart, a line a day."""
    if report.charts:
        keep = _height(report.charts[0]) + _AROUND
        sheets.heading(sheets.words.says("Daily maxima of the histograms, and when units ran"), keep=keep)
    for chart in report.charts:
        point_chart(sheets, report, chart)
        if tables:
            _table(sheets, report, chart)


def point_chart(sheets: Sheets, report: JobReport, chart: PointChart) -> None:
    """The chart of one point."""
    words = sheets.words
    if chart.days and not _is_drawn(chart):
        sheets.need(_AROUND)
        sheets.paragraph(chart.name, bold=True)
        sheets.paragraph(_instead(words, chart))
        sheets.y += 3.0
        return
    geo = [name for name in GEO_CHANNELS if any(_of(day, name) is not None for day in chart.days)]
    sheets.need(_height(chart) + _AROUND)
    sheets.paragraph(chart.name, bold=True)
    if not chart.days:
        sheets.paragraph(words.says("The period has no day here."))
        return
    sheets.y += 2.5
    place = sheets.box(_height(chart))
    begin = datetime.fromisoformat(chart.days[0].day)
    across = Scale(0.0, float(len(chart.days)))
    left, right, y = place.left + _LEFT, place.right, place.top
    dates = _dates(sheets, chart.days)
    if geo:
        graph = _graph(sheets, Box(left, y, right, y + _GEO), across, _most(chart, GEO_CHANNELS), report.unit, dates)
        _maxima(graph, chart.days, GEO_CHANNELS)
        _level_limits(graph, report, chart, begin)
        x = left
        for channel in geo:
            sheets.page.sample(x + 1.5, y - 2.0, colour=COLOURS[channel], mark=MARKERS[channel])
            sheets.page.text(x + 4.0, y - 1.2, words.channel(channel), size=6.5)
            x += 32.0
        y += _GEO + _APART
    if _has_mic(chart):
        graph = _graph(sheets, Box(left, y, right, y + _MIC), across, _levels(chart), "dB(L)", dates)
        _maxima(graph, chart.days, ("MicL",))
        y += _MIC + _APART
    if _has_share(chart):
        text = words.says("share, %")
        graph = _graph(sheets, Box(left, y, right, y + _SHARE), across, _most_share(chart), text, dates)
        _shares(graph, chart.days)
        y += _SHARE + _APART
    _band(sheets, chart, Box(left, y, right, y + _BAND), across, begin, dates)
    _notes(sheets, chart)


def _table(sheets: Sheets, report: JobReport, chart: PointChart) -> None:
    found = day_table(sheets.words, report, chart)
    if found is None:
        return  # the chart's notes say all of it
    columns, rows, below = found
    # On its next page a table has to say of which point it is.
    sheets.table(columns, [Row(band=chart.name), *rows], below=[below])
    sheets.y += 3.0


def day_table(words: Language, report: JobReport, chart: PointChart) -> tuple[list[Column], list[Row], str] | None:
    """The numbers behind the chart, of the days on which a unit stood there or an interval is known, and what their
    signs mean; None where there are none."""
    days = [day for day in chart.days if day.windows or day.intervals]
    if not any(map(_has_values, days)):
        return None
    columns = [
        Column(words.says("Day")), *(Column(f"{words.channel(name)}, {report.unit}", "right") for name in GEO_CHANNELS),
        Column(f"{words.channel('MicL')}, dB(L)", "right"), Column(words.says("Of limit"), "right"),
        Column(words.says("ran, h"), "right"), Column(words.says("not known, h"), "right"),
    ]  # fmt: skip
    below = words.says(
        "In brackets: the frequency stored with it. ≥: at least that; ≤: at most; ~: geophone range assumed; †: or "
        "of another day; ‡: in part only."
    )
    return columns, [row for run in _runs(days) for row in _rows(words, run)], below


def _has_values(day: ChartDay) -> bool:
    return bool(day.intervals or _geo(day)) or day.mic is not None or day.share is not None or day.partly


def _runs(days: Sequence[ChartDay]) -> list[list[ChartDay]]:
    """Days without an interval that follow each other, and of which the same is known, together; every other alone."""
    found: list[list[ChartDay]] = []
    for day in days:
        last = found[-1][-1] if found else None
        follows = last is not None and date.fromisoformat(last.day) + timedelta(days=1) == date.fromisoformat(day.day)
        if last is not None and follows and _is_empty_as(last, day):
            found[-1].append(day)
        else:
            found.append([day])
    return found


def _is_empty_as(one: ChartDay, other: ChartDay) -> bool:
    """Whether neither has an interval, and units ran on both days or on none."""
    return not _has_values(one) and not _has_values(other) and bool(one.running_s) == bool(other.running_s)


def _rows(words: Language, run: Sequence[ChartDay]) -> list[Row]:
    """A row of a day that has an interval; a line of days that have none."""
    if _has_values(run[0]):
        return [_row(words, day) for day in run]
    first, last = (words.day(date.fromisoformat(day.day)) for day in (run[0], run[-1]))
    days = first if len(run) == 1 else words.says("{first} to {last}", first=first, last=last)
    running, not_known = (_hours(words, seconds) for seconds in _seconds(run))
    if any(day.running_s for day in run):
        said = words.says(
            "{days}: no interval; a unit ran {running} h, not known {not_known} h", days=days, running=running,
            not_known=not_known,
        )  # fmt: skip
    else:
        said = words.says(
            "{days}: no interval; whether a unit ran is not known ({not_known} h)", days=days, not_known=not_known
        )
    return [Row(below=said)]


def _seconds(days: Sequence[ChartDay]) -> tuple[int, int]:
    """How long units ran on these days, and of how long that is not known."""
    return sum(day.running_s for day in days), sum(day.not_known_s for day in days)


def _hours(words: Language, seconds: int) -> str:
    return words.digits(f"{seconds / 3600:,.1f}")


def _is_drawn(chart: PointChart) -> bool:
    """Whether a chart shows more than a sentence: an interval, or that a unit ran."""
    return any(map(_has_values, chart.days)) or _seconds(chart.days)[0] >= _LEAST_RUNNING * len(chart.days)


def _instead(words: Language, chart: PointChart) -> str:
    """What is said of a point in place of a chart that would be empty."""
    running, not_known = _seconds(chart.days)
    if not any(day.windows for day in chart.days):
        return words.says("No unit stood here in the period.")
    return words.says(
        "No histogram of the period has an interval here; a unit ran {running} h, not known {not_known} h.",
        running=_hours(words, running), not_known=_hours(words, not_known),
    )  # fmt: skip


def _row(words: Language, day: ChartDay) -> Row:
    texts = []
    for channel in (*GEO_CHANNELS, "MicL"):
        one = _of(day, channel)
        hertz = "" if one is None or one.hz is None else words.digits(f" ({digits(one.hz, 'Hz')} Hz)")
        texts.append(f"{maximum_text(words, one, 1 if channel == 'MicL' else 3)}{hertz}" or NONE)
    hours = [_hours(words, seconds) for seconds in (day.running_s, day.not_known_s)]
    name = f"{words.day(date.fromisoformat(day.day))}{' ‡' if day.partly else ''}"
    return Row([name, *texts, day_share_text(words, day.share) or NONE, *hours])


def _height(chart: PointChart) -> float:
    """Of what is drawn."""
    graphs = (_GEO, any(_geo(day) for day in chart.days)), (_MIC, _has_mic(chart)), (_SHARE, _has_share(chart))
    return sum(high + _APART for high, shown in graphs if shown) + _BAND + _BELOW


def _has_mic(chart: PointChart) -> bool:
    return any(day.mic is not None for day in chart.days)


def _has_share(chart: PointChart) -> bool:
    return any(day.share is not None for day in chart.days)


def _geo(day: ChartDay) -> list[DayMaximum]:
    return [one for one in (day.tran, day.vert, day.long) if one is not None]


def _of(day: ChartDay, channel: str) -> DayMaximum | None:
    return {"Tran": day.tran, "Vert": day.vert, "Long": day.long, "MicL": day.mic}[channel]


def _most(chart: PointChart, channels: Sequence[str]) -> Scale:
    found = [one.number for day in chart.days for name in channels if (one := _of(day, name)) is not None]
    return Scale(0.0, 1.1 * max(found, default=0.0) or 1.0)


def _levels(chart: PointChart) -> Scale:
    """Of levels in decibels: from somewhat below the least."""
    found = [day.mic.number for day in chart.days if day.mic is not None]
    return Scale(min(found) - 3.0, max(found) + 3.0)


def _most_share(chart: PointChart) -> Scale:
    found = [one for day in chart.days if day.share is not None for one in (day.share.least, day.share.most) if one]
    return Scale(0.0, 110.0 * max([*found, 1.0]))


def _graph(sheets: Sheets, box: Box, across: Scale, up: Scale, name: str, dates: Sequence[tuple[float, str]]) -> Graph:
    graph = Graph(sheets.page, box, across, up)
    ticks = up.ticks(4)
    graph.grid([at for at, _ in dates], ticks)
    graph.frame()
    graph.number_beside([(at, sheets.words.digits(text)) for at, text in numbers(ticks)], name)
    return graph


def _maxima(graph: Graph, days: Sequence[ChartDay], channels: Sequence[str]) -> None:
    """A mark for each day, side by side, with lines between days that follow each other; none over a gap."""
    for place, channel in enumerate(channels):
        at = [0.5 + (place - (len(channels) - 1) / 2) * 0.22] * len(days)
        x = [number + aside for number, aside in enumerate(at)]
        found = [_of(day, channel) for day in days]
        y = [float("nan") if one is None else one.number for one in found]
        graph.line(x, y, COLOURS[channel], width=0.5)
        shape = MARKERS.get(channel, "o")
        size = max(1.6, min(3.6, 320.0 / len(days)))
        for where, one in zip(x, found, strict=True):
            if one is None:
                continue
            fill = "" if one.at_most or one.may_be_of_another_day else COLOURS[channel]
            edge = ALARM if one.at_least else COLOURS[channel]
            graph.marks(where, one.number, shape, size, fill, edge=edge, edge_width=0.8 if one.at_least else 0.4)


def _level_limits(graph: Graph, report: JobReport, chart: PointChart, begin: datetime) -> None:
    """Limits that are the same at every frequency, as long as they hold; others are in the share."""
    point = next((one for one in report.points if one.point == chart.point), None)
    unit: GeoUnit = "mm/s" if report.unit == "mm/s" else "in/s"
    for held in point.limits if point is not None else ():
        for curve in held.curves:
            levels = {level * NM_S[curve.unit] / NM_S[unit] for _, level in curve.points}
            if len(levels) > 1:
                continue
            since = _days_from(begin, held.from_local) if held.from_local else 0.0
            until = _days_from(begin, held.until_local) if held.until_local else graph.x.high
            since, until = max(0.0, since), min(graph.x.high, until)
            (level,) = levels
            if since < until and level <= graph.y.high:
                graph.line([since, until], [level, level], INK, width=0.9, dashes=(4, 2))


def _days_from(begin: datetime, local: str) -> float:
    return (parse_local_text(local) - begin) / timedelta(days=1)


def _shares(graph: Graph, days: Sequence[ChartDay]) -> None:
    graph.line([0.0, graph.x.high], [100.0, 100.0], INK, width=0.9, dashes=(4, 2))
    for number, day in enumerate(days):
        if day.share is None:
            continue
        low, most = 100.0 * day.share.least, day.share.most
        high = graph.y.high if most is None else 100.0 * most
        over = ALARM if high > 100.0 else FAINT
        x = [number + 0.15, number + 0.85, number + 0.85, number + 0.15]
        graph.area(x, [0.0, 0.0, low, low], ALARM if low > 100.0 else _RUNNING)
        if high > low:  # between which it lies
            graph.line([number + 0.5, number + 0.5], [low, high], over, width=0.8, dashes=(1, 1))


def _band(
    sheets: Sheets, chart: PointChart, box: Box, across: Scale, begin: datetime, dates: Sequence[tuple[float, str]]
) -> None:
    """Grey: a unit stood there; blue: it ran; beyond the grey no unit stood there."""
    graph = Graph(sheets.page, box, across, Scale(0.0, 1.0))
    least = _NARROWEST * across.high / (box.right - box.left)
    for spans, colour in (
        ([(w.since_local, w.until_local) for day in chart.days for w in day.windows], GRID),
        ([(s.since_local, s.until_local) for day in chart.days for s in day.running], _RUNNING),
    ):
        for since, until in _joined(spans):
            low = max(0.0, _days_from(begin, since))
            high = min(across.high, max(_days_from(begin, until), low + least))
            if low < high:
                graph.area([low, high, high, low], [0.0, 0.0, 1.0, 1.0], colour)
    graph.frame()
    graph.number_below(dates)


def _joined(spans: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Spans that touch as one: days cut them at midnight."""
    found: list[tuple[str, str]] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


def _dates(sheets: Sheets, days: Sequence[ChartDay]) -> list[tuple[float, str]]:
    """Days whose dates stand below, so many that they stand apart."""
    step = -(-len(days) // _MOST_DATES)
    return [(float(at), sheets.words.short_day(date.fromisoformat(days[at].day))) for at in range(0, len(days), step)]


def _notes(sheets: Sheets, chart: PointChart) -> None:
    words = sheets.words
    known = [one for day in chart.days for one in (*_geo(day), *((day.mic,) if day.mic is not None else ()))]
    running, not_known = (_hours(words, seconds) for seconds in _seconds(chart.days))
    parts = [
        words.says(
            "Band: grey a unit stood here, blue it ran ({running} h; not known {not_known} h); white none stood here.",
            running=running,
            not_known=not_known,
        )
    ]
    if not known:
        parts.append(words.says("No histogram of the period has an interval here."))
    if any(one.at_least for one in known):
        parts.append(words.says("Red edge: at least that much."))
    if any(one.at_most for one in known):
        parts.append(words.says("Hollow: at most that much, or of which day is not known."))
    elif any(one.may_be_of_another_day for one in known):
        parts.append(words.says("Hollow: of which day it is, is not known."))
    if any(one.assumed for one in known):
        parts.append(words.says("Some are computed with a geophone range that no document tells."))
    if any(day.partly for day in chart.days):
        days = [words.day(date.fromisoformat(day.day)) for day in chart.days if day.partly]
        parts.append(words.says("In part only: {days}.", days=", ".join(days)))
    for day in chart.days:
        if day.false_triggers:
            said = false_trigger_text(words, day.false_triggers)
            parts.append(words.says("{day}: {said}.", day=words.day(date.fromisoformat(day.day)), said=said))
    if any(day.share is not None for day in chart.days):
        parts.append(words.says("Share: the day's greatest interval by its limit; dotted: between which it lies."))
    if chart.without_end:
        parts.append(words.says("Events of which nothing tells when they ended: {number}.", number=chart.without_end))
    if chart.undated:
        parts.append(words.says("Spans of a clock that was never set, left out: {number}.", number=chart.undated))
    sheets.note(" ".join(parts))
    sheets.y += 3.0
