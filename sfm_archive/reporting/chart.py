"""The compliance chart: peaks over their zero-crossing frequency, on limit curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import limits_at
from sfm_archive.limits.curves import Curve, Outcome
from sfm_archive.limits.verdicts import ChannelVerdict, full_scale
from sfm_archive.model.readings import GEO_CHANNELS, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S, GeoUnit
from sfm_archive.reporting.graph import Graph, Scale
from sfm_archive.reporting.lettering import MM_PER_POINT
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, COLOURS, MARKERS

_LOWEST_HZ, _HIGHEST_HZ = 1.0, 200.0
_DASHES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 1.5), (6, 2, 1, 2), (1, 1))
_MOST_DOTS, _DOT = 5000, 1.1
_MOST_DECADES = 3.0


def line_colour(place: int) -> str:
    return ("#000000", "#4a4a4a", "#7a7a7a")[place % 3]


def line_dashes(place: int) -> tuple[float, ...]:
    return _DASHES[place % len(_DASHES)]


def draw_chart(
    page: Page,
    recording: Recording,
    curves: Sequence[Curve],
    verdicts: Sequence[ChannelVerdict],
    box: Box,
) -> None:
    """Curves and peaks, log-log, in the unit of the recording's values; of a histogram also every interval.

    Its key is the table of `verdicts` beside it: a legend inside would lie over curves and peaks.
    """
    unit = recording.settings.unit
    frequencies = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, 600)
    limits = [limits_at(curve, frequencies, unit) for curve in curves]
    dots = _intervals(recording, unit)
    peaks = {found.channel: (found, _height(recording, found, unit)) for found in reversed(verdicts)}
    heights = [height for _, height in peaks.values() if height is not None]
    greatest = [float(heights.max()) / 20 for _, _, heights in dots if heights.size]
    low = min([*(float(np.nanmin(found)) for found in limits), *heights, *greatest], default=0.1) / 2
    high = max([*(float(np.nanmax(found)) for found in limits), *heights], default=10.0) * 2
    across, up = Scale(_LOWEST_HZ, _HIGHEST_HZ, log=True), Scale(max(low, high / 1e5), high, log=True)
    graph = Graph(page, box, across, up)
    every = range(1, 10)
    graph.grid(across.decades(every), up.decades(every), width=0.25)
    usual = across.decades((1, 2, 5))
    steps = up.decades((1, 2, 5) if math.log10(high / up.low) < _MOST_DECADES else (1,))
    graph.grid(usual, steps)
    for number, levels in enumerate(limits):
        shown = np.where(levels < up.low, np.nan, levels)
        graph.line(frequencies, shown, line_colour(number), width=1.1, dashes=line_dashes(number))
    for channel, hertz, peak_heights in dots:
        fine = peak_heights >= up.low
        graph.marks(hertz[fine], peak_heights[fine], "o", _DOT, COLOURS[channel], opacity=0.45)
    graph.frame()
    for found, peak in reversed(peaks.values()):
        if peak is not None:
            over = any(v.verdict.outcome is Outcome.EXCEEDED for v in verdicts if v.channel == found.channel)
            _draw_peak(graph, found, peak, over=over)
    graph.number_below([(tick, f"{tick:g}") for tick in usual], "zero-crossing frequency, Hz")
    graph.number_beside([(tick, f"{tick:g}") for tick in steps], f"peak particle velocity, {unit}")


def _height(recording: Recording, found: ChannelVerdict, unit: GeoUnit) -> float | None:
    """Of a channel's peak; at its rail the full scale."""
    if found.ppv.state is ValueState.OVER_RANGE:
        return full_scale(recording.settings.range, unit)
    number = found.ppv.number
    return None if number is None or number <= 0 else number * VELOCITIES_MM_S[found.ppv.unit] / VELOCITIES_MM_S[unit]


def _draw_peak(graph: Graph, found: ChannelVerdict, height: float, *, over: bool) -> None:
    frequency, colour = found.frequency, COLOURS[found.channel]
    if frequency.number is None:
        # Any frequency is possible: a line across the chart.
        graph.line([_LOWEST_HZ, _HIGHEST_HZ], [height, height], colour, width=0.9, dashes=(1, 2))
        return
    hertz = min(max(frequency.number, _LOWEST_HZ * 1.03), _HIGHEST_HZ / 1.03)
    edge, width = (ALARM, 1.4) if over else ("white", 0.6)
    graph.marks(hertz, height, MARKERS[found.channel], 6.5, colour, edge=edge, edge_width=width)
    mark = {ValueState.ABOVE_LIMIT: "→", ValueState.BELOW_THRESHOLD: "←"}.get(frequency.state, "")
    mark += "↑" if found.ppv.state is ValueState.OVER_RANGE else ""
    ((x, y),) = graph.places(hertz, height).tolist()
    graph.page.text(x + 5 * MM_PER_POINT, y + 3 * MM_PER_POINT, mark, size=9)


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
        found.append((channel, np.clip(hertz, _LOWEST_HZ, _HIGHEST_HZ), heights))
    return found
