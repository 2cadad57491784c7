"""The compliance chart: peaks over their zero-crossing frequency, on limit curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import limits_at
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.graph import Graph, Scale
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.lettering import MM_PER_POINT
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, COLOURS, MARKERS

LOWEST_HZ, HIGHEST_HZ = 1.0, 200.0
_DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 1.5), (6, 2, 1, 2), (1, 1))
_MOST_DOTS, _DOT = 5000, 1.1
_MOST_DECADES = 3.0


def line_colour(place: int) -> str:
    return ("#000000", "#4a4a4a", "#7a7a7a")[place % 3]


def line_dashes(place: int) -> tuple[float, ...]:
    return _DASHES[place % len(_DASHES)]


def draw_chart(page: Page, event: JudgedEvent, box: Box) -> None:
    """Curves and peaks, log-log, in the unit of the recording's values; of a histogram also every interval.

    Its key is the table of verdicts beside it: a legend inside would lie over curves and peaks.
    """
    recording = event.recording
    unit = recording.settings.unit
    dots, peaks = _intervals(recording, unit), _peaks(event, unit)
    heights = [peak.height for peak in peaks]
    greatest = [float(heights.max()) / 20 for _, _, heights in dots if heights.size]
    graph = limit_graph(page, box, event.limits.curves, unit, heights, greatest)
    for channel, hertz, peak_heights in dots:
        fine = peak_heights >= graph.y.low
        graph.marks(hertz[fine], peak_heights[fine], "o", _DOT, COLOURS[channel], opacity=0.45)
    graph.frame()
    for peak in reversed(peaks):
        _draw_peak(graph, peak)


def limit_graph(
    page: Page, box: Box, curves: Sequence[Curve], unit: GeoUnit, heights: Sequence[float], low: Sequence[float] = ()
) -> Graph:
    """The chart with grid, numbers and curves, log-log and without its frame, so large that peaks of these heights, and
    any of `low`, have their place in it."""
    frequencies = np.geomspace(LOWEST_HZ, HIGHEST_HZ, 600)
    limits = [limits_at(curve, frequencies, unit) for curve in curves]
    least = min([*(float(np.nanmin(found)) for found in limits), *heights, *low], default=0.1) / 2
    high = max([*(float(np.nanmax(found)) for found in limits), *heights], default=10.0) * 2
    across, up = Scale(LOWEST_HZ, HIGHEST_HZ, log=True), Scale(max(least, high / 1e5), high, log=True)
    graph = Graph(page, box, across, up)
    every = range(1, 10)
    graph.grid(across.decades(every), up.decades(every), width=0.25)
    usual = across.decades((1, 2, 5))
    steps = up.decades((1, 2, 5) if math.log10(high / up.low) < _MOST_DECADES else (1,))
    graph.grid(usual, steps)
    for number, levels in enumerate(limits):
        shown = np.where(levels < up.low, np.nan, levels)
        graph.line(frequencies, shown, line_colour(number), width=1.1, dashes=line_dashes(number))
    words = page.language
    graph.number_below([(tick, f"{tick:g}") for tick in usual], words.says("zero-crossing frequency, Hz"))
    up_text = words.says("peak particle velocity, {unit}", unit=unit)
    graph.number_beside([(tick, words.digits(f"{tick:g}")) for tick in steps], up_text)
    return graph


class _Peak(NamedTuple):
    """A channel's peak as it is judged: `height` in the chart's unit, `hertz` None where it can be any. `mark`: what
    is beyond it; `over`: above a curve."""

    channel: str
    height: float
    hertz: float | None
    mark: str
    over: bool


def _peaks(event: JudgedEvent, unit: GeoUnit) -> list[_Peak]:
    row, found = event.summary, []
    for channel, nm_s, basis, hertz, low, high in (
        ("Tran", row.tran_nm_s, row.tran_basis, row.tran_hz, row.tran_hz_low, row.tran_hz_high),
        ("Vert", row.vert_nm_s, row.vert_basis, row.vert_hz, row.vert_hz_low, row.vert_hz_high),
        ("Long", row.long_nm_s, row.long_basis, row.long_hz, row.long_hz_low, row.long_hz_high),
    ):
        if not nm_s:
            continue
        mark = "" if hertz is None else "→" if high is None else "←" if low == 0 else ""
        mark += "↑" if basis in (Basis.OVER_RANGE, Basis.AT_LEAST) else ""
        judged = [one for (_, whose), one in event.channels.items() if whose == channel]
        over = any(one.outcome is Outcome.EXCEEDED for one in judged)
        found.append(_Peak(channel, nm_s / NM_S[unit], hertz, mark, over))
    return found


def _draw_peak(graph: Graph, peak: _Peak) -> None:
    colour = COLOURS[peak.channel]
    if peak.hertz is None:
        # Any frequency is possible: a line across the chart.
        graph.line([LOWEST_HZ, HIGHEST_HZ], [peak.height, peak.height], colour, width=0.9, dashes=(1, 2))
        return
    hertz = min(max(peak.hertz, LOWEST_HZ * 1.03), HIGHEST_HZ / 1.03)
    edge, width = (ALARM, 1.4) if peak.over else ("white", 0.6)
    graph.marks(hertz, peak.height, MARKERS[peak.channel], 6.5, colour, edge=edge, edge_width=width)
    ((x, y),) = graph.places(hertz, peak.height).tolist()
    graph.page.text(x + 5 * MM_PER_POINT, y + 3 * MM_PER_POINT, peak.mark, size=9)


def _intervals(recording: Recording, unit: GeoUnit) -> list[tuple[str, Any, Any]]:
    """Of a histogram, frequency and peak of every interval of each channel."""
    histogram = recording.histogram
    if histogram is None:
        return []
    values = histogram.physical(recording.settings.range, unit)
    frequencies = histogram.frequencies()
    found = []
    for row, channel in enumerate(GEO_CHANNELS):
        hertz, heights = frequencies[row], values[channel]
        fine = ~np.isnan(hertz) & ~np.isnan(heights) & (heights > 0)
        greatest = np.argsort(-heights[fine])[:_MOST_DOTS]
        hertz, heights = hertz[fine][greatest], heights[fine][greatest]
        found.append((channel, np.clip(hertz, LOWEST_HZ, HIGHEST_HZ), heights))
    return found
