"""Traces over time, with the trigger and each channel's peak; histograms as bars over time; spectra beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num, num2date

from sfm_archive.analysing import Recording
from sfm_archive.errors import UsageError
from sfm_archive.model.reading_text import digits
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState
from sfm_archive.reporting.graph import Graph, Scale, numbers
from sfm_archive.reporting.language import ENGLISH, Language
from sfm_archive.reporting.lettering import MM_PER_POINT
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK
from sfm_archive.reporting.words import peak_interval
from sfm_archive.waveforms import Traces, spectrum_of
from sfm_archive.waveforms.day_pairs import Intervals

_HIGHEST_HZ = 250.0
_GAP = 3.8


def draw_record(
    page: Page, recording: Recording, box: Box, *, fft: bool = False, bounds: Sequence[datetime] = ()
) -> None:
    """Traces or bars of all channels below each other, spectra to their right. `bounds`: device-local times that are
    marked over the bars.

    Each graph leaves a gap above it for the words on its channel, where it lies over no sample.
    """
    traces, histogram = recording.traces, recording.histogram
    shown = traces or histogram
    rows = len(CHANNELS if shown is None else shown.channels)
    high = (box.bottom - box.top - _GAP * (rows - 1)) / rows
    tops = [box.top + row * (high + _GAP) for row in range(rows)]
    end = box.right
    if fft:
        if traces is None:
            raise UsageError(f"event {recording.event_id}: only a waveform has a spectrum; leave --fft out")
        # Three parts for the traces, one for the spectra, and a gap.
        part = (box.right - box.left) / 4.1
        draw_spectra(page, traces, [Box(box.right - part, top, box.right, top + high) for top in tops])
        end = box.left + 3 * part
    boxes = [Box(box.left, top, end, top + high) for top in tops]
    if traces is not None:
        _draw_traces(page, recording, traces, boxes)
    elif histogram is not None:
        _draw_histogram(page, recording, histogram, boxes, bounds)


def _draw_traces(page: Page, recording: Recording, traces: Traces, boxes: list[Box]) -> None:
    """The geophones share a scale."""
    times = traces.times()
    first, last = (float(times[0]), float(times[-1])) if times.size else (0.0, 0.0)
    across = Scale(first, last if last > first else first + 1)
    seconds = across.ticks(12)
    scale = max((_top(np.abs(traces.values(traces.channels[row]))) for row in traces.geophones), default=0.0)
    graphs = []
    for row, channel in enumerate(traces.channels):
        values = traces.values(channel)
        half = 1.15 * (scale if channel in GEO_CHANNELS else _top(np.abs(values))) or 1.0
        graph = Graph(page, boxes[row], across, Scale(-half, half))
        graphs.append(graph)
        _number_heights(graph, seconds, f"{channel}\n{traces.units[row]}")
        graph.line(times, values, COLOURS.get(channel, INK))
        if first <= 0 <= last:
            graph.line([0, 0], [-half, half], FAINT, width=0.8, dashes=(4, 3))
        _mark_over_range(graph, traces, row, half)
        _mark_peak(graph, recording, channel, times, values)
        graph.frame()
    if times.size and first <= 0 <= last:
        x = float(graphs[0].places(0.0, 0.0)[0, 0])
        page.text(
            x, graphs[0].top - 3 * MM_PER_POINT, page.language.says("trigger"), size=6.8, colour=FAINT,
            align="center" if first < 0 else "left",
        )  # fmt: skip
    words = page.language
    name = words.says("seconds from the trigger   ({divisions})", divisions=_divisions(graphs, traces, words))
    graphs[-1].number_below(_numbers(page, seconds), name)


def _divisions(graphs: list[Graph], traces: Traces, words: Language) -> str:
    """What one division of the grid is, as event reports say it."""
    parts = [f"{_division(graphs[0].x.ticks(12))} s"]
    if traces.geophones:
        row = traces.geophones[0]
        parts.append(f"{words.says('geophones')} {_division(_levels(graphs[row]))} {traces.units[row]}")
    if "MicL" in traces.channels:
        row = traces.row("MicL")
        parts.append(f"{words.says('microphone')} {_division(_levels(graphs[row]))} {traces.units[row]}")
    return words.says("a division: {parts}", parts=words.digits(", ".join(parts)))


def _division(ticks: list[float]) -> str:
    return f"{ticks[1] - ticks[0]:.3g}" if len(ticks) > 1 else "–"


def _top(values: Any) -> float:
    return float(np.nanmax(values)) if values.size and not np.isnan(values).all() else 0.0


def _mark_over_range(graph: Graph, traces: Traces, row: int, half: float) -> None:
    if traces.over_range is None or not traces.over_range[row].any():
        return
    at = np.flatnonzero(traces.over_range[row])
    heights = np.clip(np.nan_to_num(traces.values(traces.channels[row])[at], nan=half), -half, half)
    graph.marks(traces.times()[at], heights, "s", 2.2, ALARM, edge=ALARM)


def _mark_peak(graph: Graph, recording: Recording, channel: str, times: Any, values: Any) -> None:
    peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
    time = recording.found("time_of_peak", channel)
    if peak is None or time is None or recording.traces is None:
        return
    if time.number is None or peak.state is ValueState.ABSENT or peak.number == 0:
        words = graph.page.language
        impossible = np.isnan(values).any()
        why = words.says("no peak: a sample is impossible") if impossible else words.says("no reading above zero")
        _say(graph, [why], over_range=False)
        return
    at = round(time.number * recording.traces.sample_rate) + recording.traces.pretrigger
    if 0 <= at < len(values) and not np.isnan(values[at]):
        graph.marks(times[at], values[at], "o", 4, "", edge=INK)
    words = graph.page.language
    when = words.says("at {time}", time=words.digits(f"{digits(time.number, 's')} s"))
    _say_peak(graph, peak, recording.found("zc_frequency", channel), when)


def _say_peak(graph: Graph, peak: Reading, frequency: Reading | None, when: str) -> None:
    over_range = peak.state is ValueState.OVER_RANGE
    words = graph.page.language
    parts = [f"{'■ ' if over_range else ''}{words.reading_of(peak)}"]
    if frequency is not None and frequency.number is not None:
        parts.append(words.reading_of(frequency))
    _say(graph, [*parts, when] if when else parts, over_range=over_range)


def _say(graph: Graph, parts: list[str], *, over_range: bool) -> None:
    graph.say("  ·  ".join(parts), colour=ALARM if over_range else INK, bold=over_range)


def _draw_histogram(
    page: Page, recording: Recording, histogram: Intervals, boxes: list[Box], bounds: Sequence[datetime]
) -> None:
    values = histogram.physical(recording.settings.range, recording.settings.unit)
    words = page.language
    edges, ticks, label, day = _times(recording, histogram.size, words)
    across = Scale(float(edges[0]), float(edges[-1]) if edges.size > 1 else float(edges[0]) + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    scale = max((_top(values[name]) for name in GEO_CHANNELS), default=0.0)
    known = bounds if recording.interval is not None else ()
    places = (float(date2num(bound)) for bound in known)  # type: ignore[no-untyped-call]
    marked = [at for at in places if edges[0] < at < edges[-1]]
    for row, channel in enumerate(histogram.channels):
        heights = np.nan_to_num(values[channel])
        most = 1.1 * (scale if channel in GEO_CHANNELS else _top(values[channel])) or 1.0
        graph = Graph(page, boxes[row], across, Scale(0.0, most))
        unit = "Pa" if channel == "MicL" else recording.settings.unit
        _number_heights(graph, [tick for tick, _ in ticks], f"{channel}\n{unit}")
        graph.area(np.repeat(edges, 2), [0.0, *np.repeat(heights, 2), 0.0], COLOURS[channel])
        for at in marked:
            graph.line([at, at], [0.0, most], INK, width=0.8, dashes=(4, 3))
        graph.frame()
        over = histogram.over_range[row]
        graph.marks(middles[over], heights[over], "s", 2.5, ALARM, edge=ALARM)
        peak = recording.found("pspl" if channel == "MicL" else "ppv", channel)
        found = peak_interval(recording, channel)
        if found is None or peak is None or peak.state is ValueState.ABSENT:
            _say(graph, [words.says("no reading above zero" if found is None else "no peak")], over_range=False)
            continue
        graph.marks(middles[found.place], heights[found.place], "o", 4, "", edge=INK)
        when = words.says("interval {number}", number=found.place + 1)
        if found.start:
            when = f"{words.short_day(found.start)} {found.clock}"
        _say_peak(graph, peak, recording.found("zc_frequency", channel), when)
    graph.number_below(ticks, label, day)


def _times(recording: Recording, size: int, words: Language) -> tuple[Any, list[tuple[float, str]], str, str]:
    """The edges of the intervals, ticks with their texts, what they are, and the day that they belong to."""
    if recording.interval is None:
        ticks = Scale(0.0, float(size)).ticks(10, whole=True) if size else []
        texts = [(at, words.digits(text)) for at, text in numbers(ticks)]
        return np.arange(size + 1, dtype=np.float64), texts, words.says("number of the stored interval"), ""
    start = float(date2num(recording.start))  # type: ignore[no-untyped-call]
    edges = start + np.arange(size + 1) * (recording.interval / timedelta(days=1))
    locator: Any = AutoDateLocator(minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
    formatter: Any = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    first, last = (num2date(edge) for edge in (edges[0], edges[-1]))  # type: ignore[no-untyped-call]
    places = Scale(float(edges[0]), float(edges[-1])).inside(locator.tick_values(first, last))
    shown = formatter.format_ticks(places)
    if words.code != ENGLISH:  # whose names of months the formatter has
        moments = [num2date(place) for place in places]  # type: ignore[no-untyped-call]
        shown = [f"{at:%H:%M}" if at.hour or at.minute else words.short_day(at) for at in moments]
        return edges, list(zip(places, shown, strict=True)), words.says("device-local time"), words.day(recording.start)
    return edges, list(zip(places, shown, strict=True)), words.says("device-local time"), formatter.get_offset()


def draw_spectra(page: Page, traces: Traces, boxes: list[Box]) -> None:
    """The amplitude spectrum of each channel, its mean removed; the dominant frequency is named. Raises UsageError for
    traces that have none."""
    spectrum = spectrum_of(traces)
    shown = spectrum.frequencies <= min(_HIGHEST_HZ, traces.sample_rate / 2)
    hertz = spectrum.frequencies[shown]
    across = Scale(0.0, float(hertz[-1]) or 1.0)
    for row, channel in enumerate(spectrum.channels):
        heights = spectrum.amplitudes[row][shown]
        graph = Graph(page, boxes[row], across, Scale(0.0, 1.05 * _top(heights) or 1.0))
        graph.grid(across.ticks(6), _levels(graph))
        graph.number_beside(_numbers(page, _levels(graph)), right=True)
        graph.line(hertz, heights, COLOURS.get(channel, INK))
        graph.frame()
        graph.say(page.language.says("amplitude, {unit}", unit=spectrum.units[row]), colour=FAINT, align="left")
        dominant = spectrum.dominant(channel)
        if dominant is not None:
            hertz_text = page.language.digits(digits(dominant, "Hz"))
            graph.say(page.language.says("{hertz} Hz dominant", hertz=hertz_text))
    graph.number_below(_numbers(page, across.ticks(6)), page.language.says("frequency, Hz"))


def _numbers(page: Page, ticks: Sequence[float]) -> list[tuple[float, str]]:
    """With the signs of the page's language."""
    return [(at, page.language.digits(text)) for at, text in numbers(ticks)]


def _levels(graph: Graph) -> list[float]:
    """Low graphs have room for fewer numbers."""
    return graph.y.ticks(max(2, min(5, int((graph.bottom - graph.top) / 25.4 * 9))))


def _number_heights(graph: Graph, across: list[float], name: str) -> None:
    """Grid, numbers to the left, and beside them what the graph shows, in lines."""
    graph.grid(across, _levels(graph))
    graph.number_beside(_numbers(graph.page, _levels(graph)))
    y = (graph.top + graph.bottom) / 2 - 0.9
    for place, line in enumerate(name.splitlines()):
        graph.page.text(graph.left - 12.0, y + place * 3.2, line, size=7.5, align="right")
