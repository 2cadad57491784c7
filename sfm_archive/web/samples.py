"""Samples for the viewer of a page: each channel's envelope, with trigger, peaks and what is over range."""

from __future__ import annotations

from typing import Any

import numpy as np

from sfm_archive.analysing import Recording
from sfm_archive.model.readings import GEO_CHANNELS, ValueState
from sfm_archive.reporting.style import COLOURS, INK
from sfm_archive.waveforms import Traces
from sfm_archive.waveforms.envelope import envelope_of

PARTS = 4000
"""Parts of a trace that a page has; so many samples are shown one by one."""

MOST_PARTS = 20_000


def plain_samples(recording: Recording, parts: int, first: int = 0, behind: int | None = None) -> dict[str, Any] | None:
    """A part of the samples, or of the intervals of a histogram, from `first` on and before `behind`: of each channel
    the least and greatest number of every part, `low` and `high`; None where nothing was decoded."""
    if recording.traces is not None:
        return _of_traces(recording, recording.traces, parts, first, behind)
    if recording.histogram is None:
        return None
    histogram = recording.histogram
    values = histogram.physical(recording.settings.range, recording.settings.unit)
    over = histogram.over_range
    units = {name: "Pa" if name == "MicL" else recording.settings.unit for name in histogram.channels}
    rows = {name: (values[name], over[row]) for row, name in enumerate(histogram.channels)}
    return {
        "kind": "intervals",
        "size": histogram.size,
        **_envelopes(rows, units, histogram.size, parts, first, behind),
        "start_local": None if recording.interval is None else recording.start.isoformat(),
        "interval_s": None if recording.interval is None else recording.interval.total_seconds(),
        "peaks": {},
    }


def _of_traces(recording: Recording, traces: Traces, parts: int, first: int, behind: int | None) -> dict[str, Any]:
    never = np.zeros(traces.size, dtype=np.bool_)
    rows = {
        name: (traces.values(name), never if traces.over_range is None else traces.over_range[row])
        for row, name in enumerate(traces.channels)
    }
    return {
        "kind": "samples",
        "size": traces.size,
        "sample_rate": traces.sample_rate,
        "pretrigger": traces.pretrigger,
        **_envelopes(rows, dict(zip(traces.channels, traces.units, strict=True)), traces.size, parts, first, behind),
        "peaks": _peaks(recording, traces),
    }


def _envelopes(
    rows: dict[str, tuple[Any, Any]], units: dict[str, str], size: int, parts: int, first: int, behind: int | None
) -> dict[str, Any]:
    end = size if behind is None else min(behind, size)
    begin = min(first, end)
    channels, starts = [], np.arange(0)
    scale = max((_greatest(values) for name, (values, _) in rows.items() if name in GEO_CHANNELS), default=0.0)
    for name, (values, over) in rows.items():
        found = envelope_of(values[begin:end], parts)
        starts = found.starts
        parts_over = np.logical_or.reduceat(over[begin:end], starts) if len(starts) else np.zeros(0, dtype=np.bool_)
        marked = np.flatnonzero(parts_over)
        channels.append(
            {
                "channel": name,
                "unit": units[name],
                "colour": COLOURS.get(name, INK),
                "scale": scale if name in GEO_CHANNELS else _greatest(values),
                "low": _numbers(found.low),
                "high": _numbers(found.high),
                "over_range": [int(place) for place in marked],
            }
        )
    return {"from": begin, "to": end, "starts": [int(begin + one) for one in starts], "channels": channels}


def _greatest(values: Any) -> float:
    known = np.abs(values[~np.isnan(values)])
    return float(known.max()) if known.size else 0.0


def _numbers(values: Any) -> list[float | None]:
    return [None if number != number else float(f"{number:.6g}") for number in values.tolist()]


def _peaks(recording: Recording, traces: Traces) -> dict[str, int]:
    """Of each channel the sample at which its computed peak is."""
    found = {}
    for name in traces.channels:
        peak = recording.found("pspl" if name == "MicL" else "ppv", name)
        time = recording.found("time_of_peak", name)
        if peak is None or time is None or time.number is None or peak.state is ValueState.ABSENT or not peak.number:
            continue
        found[name] = round(time.number * traces.sample_rate) + traces.pretrigger
    return found
