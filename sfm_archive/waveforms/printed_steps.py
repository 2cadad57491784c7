"""What printed samples leave open of the numbers computed from them.

From 10 mm/s on a Micromate's text prints 0.01 mm/s, and its count is 0.0079 mm/s: a print can be of two counts. So each
sample lies in an interval (`Traces.open_by`), and so does every number of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.units import STANDARD_GRAVITY_MM_S2, VELOCITIES_MM_S
from sfm_archive.waveforms.quantities import half_period
from sfm_archive.waveforms.traces import Traces

_MOST_PLACES = 64
"""Places at which a peak can be that are looked at for its frequency."""

_Values = NDArray[np.float64]


def left_open(traces: Traces) -> Mapping[tuple[str, str], float]:
    """By how much the quantities of the geophones can differ from those of the samples given, in their units; only
    those of channels of which a print leaves counts open."""
    if traces.open_by is None or not traces.size:
        return {}
    found: dict[tuple[str, str], float] = {}
    for row in traces.geophones:
        if traces.restored[row] and traces.open_by[row].any():
            found |= _of_channel(traces, row)
    rows = list(traces.geophones)
    if found and len(rows) == 3:
        sizes = [np.abs(traces.samples[row] * np.float64(traces.quantum[row])) for row in rows]
        opens = [traces.open_by[row].astype(np.float64) for row in rows]
        low = np.sqrt(sum(np.maximum(size - by, 0.0) ** 2 for size, by in zip(sizes, opens, strict=True)))
        high = np.sqrt(sum((size + by) ** 2 for size, by in zip(sizes, opens, strict=True)))
        sums = np.sqrt(sum(size**2 for size in sizes))
        found["pvs", ""] = _of_greatest(sums, low, high)
        found["pvs_time", ""] = _farthest(_places(low, high), int(sums.argmax())) / traces.sample_rate
    return found


def _of_channel(traces: Traces, row: int) -> dict[tuple[str, str], float]:
    assert traces.open_by is not None
    channel, quantum, rate = traces.channels[row], traces.quantum[row], traces.sample_rate
    values = traces.samples[row] * np.float64(quantum)
    by = traces.open_by[row].astype(np.float64)
    sizes = np.abs(values)
    low, high = np.maximum(sizes - by, 0.0), sizes + by
    at, places = int(sizes.argmax()), _places(low, high)
    steps, open_steps = np.abs(np.diff(values)), by[1:] + by[:-1]
    acceleration = _of_greatest(steps, np.maximum(steps - open_steps, 0.0), steps + open_steps) if len(steps) else 0.0
    per_step = VELOCITIES_MM_S[traces.units[row]] * rate / STANDARD_GRAVITY_MM_S2
    return {
        ("ppv", channel): _of_greatest(sizes, low, high),
        ("time_of_peak", channel): _farthest(places, at) / rate,
        ("zc_frequency", channel): _of_frequency(traces, row, at, places),
        ("peak_acceleration", channel): acceleration * per_step,
        ("peak_displacement", channel): _of_half_waves(values, by) / (2 * rate),
    }


def _of_greatest(values: _Values, low: _Values, high: _Values) -> float:
    """By how much the greatest of values can differ that lie between these."""
    greatest = float(values.max())
    return max(float(high.max()) - greatest, greatest - float(low.max()))


def _places(low: _Values, high: _Values) -> NDArray[np.intp]:
    """Where the greatest can be."""
    return np.flatnonzero(high >= low.max())


def _farthest(places: NDArray[np.intp], at: int) -> float:
    return float(np.abs(places - at).max()) if len(places) else 0.0


def _of_frequency(traces: Traces, row: int, at: int, places: NDArray[np.intp]) -> float:
    halves = {half_period(traces.samples[row], int(place)) for place in places[:_MOST_PLACES]} - {0}
    own = half_period(traces.samples[row], at)
    if not own:
        return 0.0
    return max((abs(traces.sample_rate / (2 * half) - traces.sample_rate / (2 * own)) for half in halves), default=0.0)


def _of_half_waves(values: _Values, by: _Values) -> float:
    """The most that the sum of a half wave leaves open."""
    negative = values < 0
    starts = np.concatenate(([0], np.flatnonzero(negative[1:] != negative[:-1]) + 1))
    return float(np.add.reduceat(by, starts).max())
