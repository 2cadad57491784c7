"""The compliance chart: peaks over their zero-crossing frequency, on limit curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sfm_archive.analysing import Recording
from sfm_archive.analysing.compliance import limits_at
from sfm_archive.limits.curves import Curve, Outcome
from sfm_archive.limits.verdicts import ChannelVerdict, full_scale
from sfm_archive.model.readings import GEO_CHANNELS, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S, GeoUnit
from sfm_archive.reporting.style import ALARM, COLOURS, INK, MARKERS, draw_lines

_LOWEST_HZ, _HIGHEST_HZ = 1.0, 200.0
_LINES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2)), (0, (1, 1)))
_MOST_DOTS = 5000
_MOST_DECADES = 3.0


def line_colour(place: int) -> str:
    """The colour of a chart's curve by its place."""
    return ("#000000", "#4a4a4a", "#7a7a7a")[place % 3]


def line_style(place: int) -> Any:
    """The dashes of a chart's curve by its place."""
    return _LINES[place % len(_LINES)]


def draw_chart(
    axis: Axes,
    recording: Recording,
    curves: Sequence[Curve],
    verdicts: Sequence[ChannelVerdict],
) -> None:
    """Curves and peaks, log-log, in the unit of the recording's values; of a histogram also every interval.

    Its key is the table of `drawing.verdicts` beside it: a legend inside would lie over curves and peaks.
    """
    unit = recording.settings.unit
    frequencies = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, 600)
    floors: list[float] = []
    tops: list[float] = []
    for number, curve in enumerate(curves):
        limits = limits_at(curve, frequencies, unit)
        axis.plot(frequencies, limits, color=line_colour(number), linestyle=line_style(number), linewidth=1.1)
        floors.append(float(np.nanmin(limits)))
        tops.append(float(np.nanmax(limits)))
    drawn = _draw_intervals(axis, recording, unit)
    heights: list[float] = []
    seen = set()
    for found in verdicts:
        if found.channel in seen:
            continue
        seen.add(found.channel)
        over = any(v.verdict.outcome is Outcome.EXCEEDED for v in verdicts if v.channel == found.channel)
        height = _draw_peak(axis, recording, found, unit, over=over)
        if height is not None:
            heights.append(height)
    low = min([*floors, *heights, *drawn], default=0.1) / 2
    high = max([*tops, *heights], default=10.0) * 2
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlim(_LOWEST_HZ, _HIGHEST_HZ)
    axis.set_ylim(max(low, high / 1e5), high)
    axis.set_xlabel("zero-crossing frequency, Hz", fontsize=7)
    axis.set_ylabel(f"peak particle velocity, {unit}", fontsize=7)
    decades = math.log10(high / max(low, high / 1e5))
    digits = (1, 2, 5) if decades < _MOST_DECADES else (1,)
    axis.yaxis.set_major_locator(LogLocator(base=10, subs=digits, numticks=20))
    axis.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5), numticks=20))
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        side.set_minor_locator(NullLocator())
    every = LogLocator(base=10, subs=range(1, 10), numticks=20)
    draw_lines(axis, upright=every.tick_values(*axis.get_xlim()), level=every.tick_values(*axis.get_ylim()), width=0.25)


def _draw_peak(axis: Axes, recording: Recording, found: ChannelVerdict, unit: GeoUnit, *, over: bool) -> float | None:
    number = found.ppv.number
    scale = VELOCITIES_MM_S[found.ppv.unit] / VELOCITIES_MM_S[unit]
    at_rail = found.ppv.state is ValueState.OVER_RANGE
    if at_rail:
        number, scale = full_scale(recording.settings.range, unit), 1.0
    if number is None or number <= 0:
        return None
    frequency = found.frequency
    colour = COLOURS[found.channel]
    height = number * scale
    if frequency.number is None:
        # Any frequency is possible: a line across the chart.
        axis.axhline(height, color=colour, linewidth=0.9, linestyle=(0, (1, 2)))
        return height
    hertz = min(max(frequency.number, _LOWEST_HZ * 1.03), _HIGHEST_HZ / 1.03)
    axis.plot(
        [hertz], [height], marker=MARKERS[found.channel], linestyle="none", markersize=6.5, color=colour,
        markeredgecolor=ALARM if over else "white", markeredgewidth=1.4 if over else 0.6, zorder=5,
    )  # fmt: skip
    sideways = {ValueState.ABOVE_LIMIT: "→", ValueState.BELOW_THRESHOLD: "←"}.get(frequency.state, "")
    mark = sideways + ("↑" if at_rail else "")
    if mark:
        axis.annotate(mark, (hertz, height), xytext=(5, -3), textcoords="offset points", fontsize=9, color=INK)
    return height


def _draw_intervals(axis: Axes, recording: Recording, unit: GeoUnit) -> list[float]:
    """Every interval of a histogram as a small dot; the lowest height that matters."""
    histogram = recording.histogram
    if histogram is None:
        return []
    values = histogram.physical(recording.settings.range, unit)
    frequencies = histogram.frequencies()
    lowest: list[float] = []
    for row, channel in enumerate(GEO_CHANNELS):
        hertz, heights = frequencies[row], values[channel]
        fine = ~np.isnan(hertz) & ~np.isnan(heights) & (heights > 0)
        greatest = np.argsort(-heights[fine])[:_MOST_DOTS]
        hertz, heights = hertz[fine][greatest], heights[fine][greatest]
        axis.plot(
            np.clip(hertz, _LOWEST_HZ, _HIGHEST_HZ), heights, linestyle="none", marker=".", markersize=2.2,
            color=COLOURS[channel], alpha=0.45, markeredgewidth=0,
        )  # fmt: skip
        if heights.size:
            lowest.append(float(heights.max()) / 20)
    return lowest
