"""Samples and intervals as the peaks of each local day, with their frequencies: what limits are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import (
    LARGEST_PEAK,
    MICROPHONE_RAIL_DB,
    PA_PER_COUNT,
    RAIL,
    geo_quantum,
)
from sfm_archive.model.velocities import whole_nm_s
from sfm_archive.waveforms.histograms import Histogram
from sfm_archive.waveforms.levels import level_db
from sfm_archive.waveforms.peaks import half_waves, undominated
from sfm_archive.waveforms.traces import Traces

_TRAN, _VERT, _LONG, _MICROPHONE = range(len(CHANNELS))


def days_of_traces(
    traces: Traces, start: datetime, quantities: Sequence[Reading], *, every_pair: bool = False
) -> tuple[DayPeaks, ...]:
    """The half waves of a waveform, on the day of its start; `start`: device-local. `quantities`: as `quantities_of`
    computes them of the same traces, of which the level is taken. `every_pair`: also those that others outdo. A peak at
    a rail counts as the rail."""
    if not traces.size:
        return ()

    def channel(name: str) -> tuple[Pair, ...] | None:
        if name not in traces.channels:
            return None
        row = traces.row(name)
        if traces.unusable is not None and traces.unusable[row].any():
            return None
        found = half_waves(traces.samples[row])
        frequencies = np.where(found.cut, np.nan, traces.sample_rate / (2.0 * found.lengths))
        rail = RAIL if traces.over_range is not None and traces.over_range[row].any() else None
        scale = _Scale(traces.quantum[row], traces.units[row], rail)
        return _pairs(frequencies, found.peaks, scale, every_pair=every_pair)

    tran, vert, long = (channel(name) for name in GEO_CHANNELS)
    level = next((one for one in quantities if (one.quantity, one.channel) == ("pspl", "MicL")), None)
    return (DayPeaks(start.date().isoformat(), tran, vert, long, 0, _level_of(level)),)


def days_of_histogram(
    histogram: Histogram, start: datetime, interval: timedelta | None, range_in_s: float, *, every_pair: bool = False
) -> tuple[DayPeaks, ...]:
    """The intervals of a histogram, each on the day in which it starts; `start`: device-local, of the first one. Where
    their length is not known, all are booked on the day of the start. `every_pair`: also those that others outdo.
    Raises UsageError for a range that is none."""
    if not histogram.size:
        return ()
    days = _days(start, timedelta(0) if interval is None else interval, histogram.size)
    frequencies, scale = histogram.frequencies(), _Scale(geo_quantum(range_in_s, "in/s"))

    def channel(row: int, of_day: slice) -> tuple[Pair, ...] | None:
        if histogram.impossible[row].any():
            return None
        return _pairs(frequencies[row, of_day], histogram.peaks[row, of_day], scale, every_pair=every_pair)

    return tuple(
        DayPeaks(
            day,
            *(channel(_TRAN, of_day), channel(_VERT, of_day), channel(_LONG, of_day)),
            of_day.stop - of_day.start,
            _level(int(histogram.peaks[_MICROPHONE, of_day].max())),
        )
        for day, of_day in days
    )


def _days(start: datetime, interval: timedelta, size: int) -> list[tuple[str, slice]]:
    """The local days in which `size` intervals start, each with the places of its own."""
    try:
        texts = [(start + number * interval).date().isoformat() for number in range(size)]
    except OverflowError:
        texts = [start.date().isoformat()] * size  # behind the last day of the calendar: a clock that was never set
    begins = [place for place in range(size) if not place or texts[place] != texts[place - 1]]
    return [(texts[first], slice(first, end)) for first, end in zip(begins, [*begins[1:], size], strict=True)]


class _Scale(NamedTuple):
    """The velocity of 1 in peaks, its unit, and from where on a peak is at least that; None where nothing is."""

    quantum: float
    unit: str = "in/s"
    rail: int | None = RAIL


def _pairs(
    frequencies: NDArray[np.float64], peaks: NDArray[Any], scale: _Scale, *, every_pair: bool
) -> tuple[Pair, ...]:
    """Of frequencies in Hz, NaN where none is known, and peaks, shape (k,) each, the pairs that no other outdoes, or
    every different one."""
    sizes = peaks if scale.rail is None else np.minimum(peaks, scale.rail)
    if not every_pair:
        frequencies, sizes = _greatest_of_each(frequencies, sizes)
    known = zip(frequencies.tolist(), sizes.tolist(), strict=True)
    moved = ((None if math.isnan(hz) else hz, size) for hz, size in known if size)
    return tuple(
        _pair(hz, size, scale)
        for hz, size in (sorted(set(moved), key=lambda pair: pair[1]) if every_pair else undominated(moved))
    )


def _greatest_of_each(
    frequencies: NDArray[np.float64], sizes: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Of each frequency, and of those that are not known, the greatest peak, which outdoes its others: a long record
    has a million half waves of a few hundred lengths."""
    order = np.lexsort((sizes, frequencies))
    ordered = frequencies[order]
    same = (ordered[1:] == ordered[:-1]) | (np.isnan(ordered[1:]) & np.isnan(ordered[:-1]))
    last = order[np.append(~same, True)[: len(order)]]
    return frequencies[last], sizes[last]


def _pair(hz: float | None, size: float, scale: _Scale) -> Pair:
    """Numbers have nine digits, as in `event_computed`."""
    at_least = scale.rail is not None and size >= scale.rail
    nm_s = whole_nm_s(float(f"{size * scale.quantum:.9g}"), scale.unit)
    return Pair(None if hz is None else float(f"{hz:.9g}"), nm_s, at_least)


def pair_of(hz: float | None, count: int, quantum: float) -> Pair:
    """A peak of so many counts, `quantum` in/s each, at a frequency in Hz; at the rail and beyond, the rail."""
    return _pair(hz, min(count, RAIL), _Scale(quantum))


def _level_of(reading: Reading | None) -> float | None:
    if reading is not None and reading.state is ValueState.OVER_RANGE:
        return round(MICROPHONE_RAIL_DB, 2)
    return None if reading is None or reading.number is None else round(reading.number, 2)


def _level(count: int) -> float | None:
    """Of the largest count of a microphone in dB(L), to a hundredth; None for silence and for what no unit measures."""
    if not 0 < count <= LARGEST_PEAK:
        return None
    return round(MICROPHONE_RAIL_DB if count >= RAIL else float(level_db(count * PA_PER_COUNT)), 2)
