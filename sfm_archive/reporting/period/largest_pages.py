"""The largest values of a job's report, and all peaks over their frequency with the limits of their points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sfm_archive.limits.curves import Curve
from sfm_archive.limits.named_curves import title_in
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.summaries import Basis
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.chart import HIGHEST_HZ, LOWEST_HZ, limit_graph, line_colour, line_dashes
from sfm_archive.reporting.graph import Graph
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.lettering import wrapped
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.period.report import JobReport
from sfm_archive.reporting.period.values import ChartPeak
from sfm_archive.reporting.period.wording import NONE, false_trigger_text, moment_text, span_text, value_text
from sfm_archive.reporting.sheets import Column, Row, Sheets
from sfm_archive.reporting.style import ALARM, COLOURS, MARKERS

_QUANTITIES = {"ppv": phrase("PPV"), "pvs": phrase("Vector sum"), "pspl": phrase("Airblast")}
_CHART = 84.0
_KEY, _KEY_TEXT, _KEY_SIZE, _KEY_STEP = 62.0, 9.0, 6.5, 3.2
_AT_LEAST = (Basis.OVER_RANGE, Basis.AT_LEAST)


class _KeyLine(NamedTuple):
    text: str
    curve: int | None = None
    channel: str = ""
    indent: float = 0.0


def largest_pages(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Largest values"))
    if not report.largest:
        sheets.paragraph(words.says("No event of the period has a value."))
    else:
        columns = [
            Column(words.says("Point")), Column(words.says("Value")), Column(words.says("Channel")),
            Column(words.says("Greatest"), "right"), Column(words.says("Frequency"), "right"),
            Column(words.says("Start of the event or interval")), Column(words.says("Type")),
            Column(words.says("Event"), "right"),
        ]  # fmt: skip
        rows = [
            Row(
                [
                    one.name,
                    words.says(_QUANTITIES[one.quantity]),
                    words.channel(one.value.channel) or NONE,
                    value_text(words, one.value),
                    NONE if one.frequency is None else words.reading_of(one.frequency),
                    moment_text(words, one.at_local),
                    words.known(one.record_type),
                    str(one.value.event_id),
                ],
                below=false_trigger_text(words, one.false_triggers),
            )
            for one in report.largest
        ]
        sheets.table(columns, rows)
    for curves, points in _charts(report).items():
        peaks = [peak for peak in report.peaks if peak.point in points]
        _chart(sheets, report, curves, points, peaks)


def _charts(report: JobReport) -> dict[tuple[Curve, ...], dict[int, str]]:
    """Points with peaks, by number, that have the same curves in the period."""
    found: dict[tuple[Curve, ...], dict[int, str]] = {}
    with_peaks = {peak.point for peak in report.peaks}
    for point in report.points:
        if point.point in with_peaks:
            curves = tuple(dict.fromkeys(curve for held in point.limits for curve in held.curves))
            found.setdefault(curves, {})[point.point] = point.name
    return found


def _chart(
    sheets: Sheets, report: JobReport, curves: Sequence[Curve], points: Mapping[int, str], peaks: Sequence[ChartPeak]
) -> None:
    words = sheets.words
    sheets.heading(
        words.says("Peaks over frequency, and limits: {points}", points="; ".join(points.values())), keep=_CHART
    )
    unit: GeoUnit = "mm/s" if report.unit == "mm/s" else "in/s"
    key = _key_lines(sheets, [_title(words, report, curve, unit, points) for curve in curves], peaks)
    place = sheets.box(max(_CHART, len(key) * _KEY_STEP + 4.0))
    box = Box(place.left + 13, place.top, place.right - _KEY, place.top + _CHART - 12)
    heights = [peak.ppv for peak in peaks if peak.ppv > 0]
    graph = limit_graph(sheets.page, box, curves, unit, heights)
    graph.frame()
    _peaks(graph, [peak for peak in peaks if peak.ppv > 0])
    _draw_key(sheets.page, key, box.right + 6.0, box.top + 2.0)


def _title(words: Language, report: JobReport, curve: Curve, unit: GeoUnit, points: Mapping[int, str]) -> str:
    """Of a curve; where limits changed in the period also when it held, of which point where they are several."""
    title = words.told(title_in(curve, unit))
    own = [one for one in report.points if one.point in points]
    if not any(len(one.limits) > 1 for one in own):
        return title
    spans: dict[str, list[str]] = {}
    for one in own:
        held = [
            span_text(words, limits.from_local, limits.until_local, words.says("from the first record on"))
            for limits in one.limits
            if curve in limits.curves
        ]
        spans.setdefault(", ".join(held), []).append(one.name)
    if len(spans) == 1:
        return f"{title} ({next(iter(spans))})"
    told = [f"{', '.join(names)}: {span}" for span, names in spans.items()]
    return f"{title} ({'; '.join(told)})"


def _peaks(graph: Graph, peaks: Sequence[ChartPeak]) -> None:
    """Those above a limit last, over the others; marks that look the same at once."""
    alike: dict[tuple[bool, str], list[ChartPeak]] = {}
    for peak in peaks:
        alike.setdefault((peak.outcome is Outcome.EXCEEDED, peak.channel), []).append(peak)
    for (is_over, channel), group in sorted(alike.items()):
        marked = [peak for peak in group if peak.hz is not None]
        places = [(min(max(peak.hz or 0.0, LOWEST_HZ * 1.03), HIGHEST_HZ / 1.03), peak.ppv) for peak in marked]
        if places:
            edge, width = (ALARM, 1.2) if is_over else ("white", 0.4)
            across = [hertz for hertz, _ in places]
            up = [max(height, graph.y.low) for _, height in places]
            graph.marks(across, up, MARKERS[channel], 4.5, COLOURS[channel], edge=edge, edge_width=width)
        for peak in group:
            if peak.hz is None:
                _of_any_frequency(graph, peak, ALARM if is_over else COLOURS[channel])
        at_least = [place for peak, place in zip(marked, places, strict=True) if peak.basis in _AT_LEAST]
        for x, y in (graph.places(*place)[0].tolist() for place in at_least):
            graph.page.text(x + 1.2, y - 0.6, "↑", size=6.5)


def _of_any_frequency(graph: Graph, peak: ChartPeak, colour: str) -> None:
    """A line over the interval of frequencies; a short one at the left where nothing is known of it."""
    known = peak.low_hz is not None or peak.high_hz is not None
    low = max(LOWEST_HZ, peak.low_hz or LOWEST_HZ)
    high = min(HIGHEST_HZ, peak.high_hz or HIGHEST_HZ) if known else 1.25 * LOWEST_HZ
    height = max(peak.ppv, graph.y.low)
    graph.line([low, max(low, high)], [height, height], colour, width=1.0)


def _key_lines(sheets: Sheets, titles: Sequence[str], peaks: Sequence[ChartPeak]) -> list[_KeyLine]:
    """What the lines and marks are."""
    words, found = sheets.words, list[_KeyLine]()
    for place, title in enumerate(titles):
        lines = wrapped(title, _KEY - _KEY_TEXT - 6.0, _KEY_SIZE)
        found += [_KeyLine(line, curve=place if not at else None, indent=_KEY_TEXT) for at, line in enumerate(lines)]
    if not titles:
        found.append(_KeyLine(words.says("no limit of velocity")))
    for channel in dict.fromkeys(peak.channel for peak in peaks):
        found.append(_KeyLine(words.channel(channel), channel=channel, indent=_KEY_TEXT))
    notes = []
    if any(peak.outcome is Outcome.EXCEEDED for peak in peaks):
        notes.append(words.says("red edge: above a limit"))
    if any(peak.basis in _AT_LEAST for peak in peaks):
        notes.append(words.says("↑: at least that much"))
    if any(peak.hz is None for peak in peaks):
        notes.append(words.says("line: the frequency is an interval; a short one at the left: it is not known"))
    without = sum(peak.ppv <= 0 for peak in peaks)
    if without:
        notes.append(words.says("not drawn, for nothing moved: {number}", number=without))
    notes.append(words.says("peaks: {number}", number=len(peaks)))
    return found + [_KeyLine(line) for note in notes for line in wrapped(note, _KEY - 6.0, _KEY_SIZE)]


def _draw_key(page: Page, lines: Sequence[_KeyLine], x: float, y: float) -> None:
    for line in lines:
        if line.curve is not None:
            page.sample(x, y - 0.9, colour=line_colour(line.curve), dashes=line_dashes(line.curve))
        if line.channel:
            page.sample(x + 3, y - 0.9, colour=COLOURS[line.channel], mark=MARKERS[line.channel])
        page.text(x + line.indent, y, line.text, size=_KEY_SIZE)
        y += _KEY_STEP
