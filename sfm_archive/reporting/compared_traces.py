"""Several recordings on one axis: a graph for each channel, a line for each event, all from their triggers on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sfm_archive.analysing import Recording
from sfm_archive.errors import UsageError
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS
from sfm_archive.reporting.graph import Graph, Scale, numbers
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.style import ALARM, FAINT
from sfm_archive.waveforms import Traces

MOST_COMPARED = 8
_WIDE, _HIGH, _GAP, _TOP, _LEFT = 250.0, 34.0, 5.0, 6.0, 22.0
_KEY = 5.0
_COLOURS = ("#0072b2", "#c04f00", "#00795a", "#8a3d72", "#4a4a4a", "#9a6a00", "#2f5f8f", "#b00020")


def draw_compared(recordings: Sequence[Recording], channels: Sequence[str] = CHANNELS) -> Page:
    """The page: of each channel the traces of all events that have it, in one scale. Velocities are in the unit in
    which the recordings are. Raises UsageError for none, for too many, and where none of them has samples."""
    if not 1 <= len(recordings) <= MOST_COMPARED:
        raise UsageError(f"1 to {MOST_COMPARED} events are compared, not {len(recordings)}")
    found = [(place, one, one.traces) for place, one in enumerate(recordings) if one.traces is not None]
    rows = [name for name in channels if any(name in traces.channels for _, _, traces in found)]
    if not rows:
        raise UsageError("none of these events has samples of these channels; only waveforms are compared")
    bottom = _TOP + len(rows) * (_HIGH + _GAP)
    page = Page(_WIDE, bottom + 9.0 + _KEY * len(recordings))
    times = [traces.times() for _, _, traces in found]
    first, last = min(float(one[0]) for one in times), max(float(one[-1]) for one in times)
    across = Scale(first, last if last > first else first + 1.0)
    seconds = across.ticks(12)
    greatest = {name: max(_greatest(one, name) for _, _, one in found if name in one.channels) for name in rows}
    of_geophones = max((greatest[name] for name in rows if name in GEO_CHANNELS), default=0.0)
    graph = None
    for row, name in enumerate(rows):
        top = _TOP + row * (_HIGH + _GAP)
        half = 1.1 * (of_geophones if name in GEO_CHANNELS else greatest[name]) or 1.0
        graph = Graph(page, Box(_LEFT, top, _WIDE - 4.0, top + _HIGH), across, Scale(-half, half))
        units = dict.fromkeys(traces.units[traces.row(name)] for _, _, traces in found if name in traces.channels)
        graph.grid(seconds, graph.y.ticks(4))
        graph.number_beside(numbers(graph.y.ticks(4)))
        page.text(_LEFT, top - 1.2, f"{name}, {' and '.join(units)}", size=7.5)
        for (place, _, traces), at in zip(found, times, strict=True):
            if name not in traces.channels:
                continue
            values = traces.values(name)
            graph.line(at, values, _COLOURS[place])
            over = None if traces.over_range is None else np.flatnonzero(traces.over_range[traces.row(name)])
            if over is not None and over.size:
                heights = np.clip(np.nan_to_num(values[over], nan=half), -half, half)
                graph.marks(at[over], heights, "s", 2.2, ALARM, edge=ALARM)
        graph.line([0.0, 0.0], [-half, half], FAINT, width=0.8, dashes=(4, 3))
        graph.frame()
    assert graph is not None
    graph.number_below(numbers(seconds), "seconds from each trigger")
    for place, one in enumerate(recordings):
        y = bottom + 9.0 + _KEY * place
        page.sample(_LEFT, y - 1.0, colour=_COLOURS[place])
        none = "" if one.traces is not None else f": no samples ({one.why_not or one.event.record_type.value})"
        page.text(_LEFT + 10.0, y, f"event {one.event_id}: {one.title} {one.name} {one.place.in_short}{none}", size=7.5)
    return page


def _greatest(traces: Traces, channel: str) -> float:
    known = np.abs(traces.values(channel))
    return float(np.nanmax(known)) if known.size and not np.isnan(known).all() else 0.0
