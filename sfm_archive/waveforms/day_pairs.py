"""Samples and intervals as the peaks of each local day, with their frequencies: what limits are held against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import (
    LARGEST_PEAK,
    MICROPHONE_RAIL_DB,
    RAIL,
    geo_quantum,
)
from sfm_archive.model.velocities import whole_nm_s
from sfm_archive.waveforms.histograms import Histogram
from sfm_archive.waveforms.levels import level_of_count
from sfm_archive.waveforms.peaks import half_waves, undominated
from sfm_archive.waveforms.printed_intervals import PrintedIntervals
from sfm_archive.waveforms.traces import Traces

_MICROPHONE = CHANNELS.index("MicL")
"""The last channel, behind the geophones."""

Intervals = Histogram | PrintedIntervals
"""Of a histogram: as a unit stores them, or as a report prints them."""

_MICROSECOND, _DAY = timedelta(microseconds=1), timedelta(days=1) // timedelta(microseconds=1)

_MOST_KNOWN = 1 << 16
"""Counts and half waves of an archive are few different ones, which need not be rounded each time."""


def days_of_traces(
    traces: Traces, start: datetime, quantities: Sequence[Reading], *, every_pair: bool = False
) -> tuple[DayPeaks, ...]:
    """The half waves of a waveform, on the day of its start; `start`: device-local. `quantities`: as `quantities_of`
    computes them of the same traces, of which the level is taken. `every_pair`: also those that others outdo. A peak at
    a rail counts as the rail."""
    if not traces.size:
        return ()

    def channel(name: str) -> tuple[Pair, ...] | None:
        if name not in traces.channels or name in traces.assumed:
            return None
        row = traces.row(name)
        if traces.unusable is not None and traces.unusable[row].any():
            return None
        found = half_waves(traces.samples[row])
        frequencies = np.where(found.cut, np.nan, traces.sample_rate / (2.0 * found.lengths))
        rail = traces.rail(row) if traces.over_range is not None and traces.over_range[row].any() else None
        scale = _Scale(traces.quantum[row], traces.units[row], rail)
        return _pairs(frequencies[None, :], found.peaks[None, :], scale, every_pair=every_pair)[0]

    tran, vert, long = (channel(name) for name in GEO_CHANNELS)
    level = next((one for one in quantities if (one.quantity, one.channel) == ("pspl", "MicL")), None)
    return (DayPeaks(start.date().isoformat(), tran, vert, long, 0, _level_of(level)),)


def days_of_histogram(
    histogram: Intervals,
    start: datetime,
    interval: timedelta | None,
    range_in_s: float,
    *,
    every_pair: bool = False,
    borders: Sequence[datetime] = (),
) -> tuple[DayPeaks, ...]:
    """The intervals of a histogram, each on the day in which it starts; `start`: device-local, of the first one. Where
    their length is not known, all are booked on the day of the start. `borders`: behind the start, rising; each cuts
    the intervals that start before it from those that start at it or later. `every_pair`: also those that others outdo.
    Raises UsageError for a range that is none."""
    if not histogram.size:
        return ()
    if isinstance(histogram, PrintedIntervals):
        return _printed_days(histogram, start, interval, borders, every_pair=every_pair)
    frequencies, peaks, scale = histogram.frequencies(), histogram.peaks, _Scale(geo_quantum(range_in_s, "in/s"))
    possible = (peaks[:_MICROPHONE].max(axis=1) <= LARGEST_PEAK).tolist()

    found = []
    for day, part, of_day in _spans(start, timedelta(0) if interval is None else interval, histogram.size, borders):
        pairs = _pairs(frequencies[:_MICROPHONE, of_day], peaks[:_MICROPHONE, of_day], scale, every_pair=every_pair)
        tran, vert, long = (own if known else None for own, known in zip(pairs, possible, strict=True))
        level = _level(int(peaks[_MICROPHONE, of_day].max()))
        found.append(DayPeaks(day, tran, vert, long, of_day.stop - of_day.start, level, part))
    return tuple(found)


def _printed_days(
    printed: PrintedIntervals,
    start: datetime,
    interval: timedelta | None,
    borders: Sequence[datetime],
    *,
    every_pair: bool,
) -> tuple[DayPeaks, ...]:
    found = []
    for day, part, of_day in _spans(start, timedelta(0) if interval is None else interval, printed.size, borders):
        tran, vert, long = (_kept(printed.pairs(name, of_day), every_pair=every_pair) for name in printed.channels)
        found.append(DayPeaks(day, tran, vert, long, of_day.stop - of_day.start, None, part))
    return tuple(found)


def _kept(pairs: list[Pair] | None, *, every_pair: bool) -> tuple[Pair, ...] | None:
    """Every different one of printed pairs, or those that no other outdoes, by rising peak; a print is as low and as
    high as the frequencies and peaks that it stands for."""
    if pairs is None:
        return None
    different = sorted(set(pairs), key=_rank)
    if every_pair:
        return tuple(different)
    kept: list[Pair] = []
    for pair in reversed(different):
        if not any(_outdoes(one, pair) for one in kept):
            kept.append(pair)
    return tuple(reversed(kept))


def _rank(pair: Pair) -> tuple[bool, bool, int, bool, float, float]:
    """By rising peak, of equal ones the lowest frequency last, so that what outdoes another comes behind it; those
    without a frequency first."""
    low, high = pair.hertz
    return pair.hz is not None, pair.at_least, pair.nm_s, not pair.at_most, -low, -high


def _outdoes(one: Pair, other: Pair) -> bool:
    if (one.hz is None) is not (other.hz is None):
        return False
    (low, high), (other_low, other_high) = one.hertz, other.hertz
    is_as_great = one.nm_s >= other.nm_s and one.at_least >= other.at_least and one.at_most <= other.at_most
    return is_as_great and low <= other_low and high <= other_high


def _spans(
    start: datetime, interval: timedelta, size: int, borders: Sequence[datetime]
) -> list[tuple[str, int, slice]]:
    """The local days in which intervals start, cut at borders: each with its part (`DayPeaks.part`) and the places of
    its intervals. Where their length is not known no border cuts."""
    if not borders or not interval:
        return [(day, 0, places) for day, places in _days(start, interval, size)]
    begun = [-((start - border) // interval) for border in borders]  # the first interval behind each border
    across = {first - 1 for first, border in zip(begun, borders, strict=True) if start + first * interval > border}
    cuts = {*begun, *across, *(place + 1 for place in across)}
    found = []
    for day, places in _days(start, interval, size):
        inside = sorted(cut for cut in cuts if places.start < cut < places.stop)
        for first, end in pairwise([places.start, *inside, places.stop]):
            part = 2 * sum(one <= first for one in begun) + (first in across)
            found.append((day, part, slice(first, end)))
    return found


def _days(start: datetime, interval: timedelta, size: int) -> list[tuple[str, slice]]:
    """The local days in which `size` intervals start, each with the places of its own."""
    try:
        _ = start + (size - 1) * interval
    except OverflowError:
        # Behind the last day of the calendar: a clock that was never set.
        return [(start.date().isoformat(), slice(0, size))]
    step, first_day = interval // _MICROSECOND, start.date().toordinal()
    since_midnight = (start - datetime.combine(start.date(), time())) // _MICROSECOND
    found, first = [], 0
    while first < size:
        day = (since_midnight + first * step) // _DAY
        # The first place that lies on a later day, rounded up.
        end = min(size, -((since_midnight - (day + 1) * _DAY) // step)) if step else size
        found.append((date.fromordinal(first_day + day).isoformat(), slice(first, end)))
        first = end
    return found


class _Scale(NamedTuple):
    """The velocity of 1 in peaks, its unit, and from where on a peak is at least that; None where nothing is."""

    quantum: float
    unit: str = "in/s"
    rail: float | None = RAIL


def _pairs(
    frequencies: NDArray[np.float64], peaks: NDArray[Any], scale: _Scale, *, every_pair: bool
) -> list[tuple[Pair, ...]]:
    """Of frequencies in Hz, NaN where none is known, and peaks, shape (channels, k) each, the pairs of each channel
    that no other of it outdoes, or every different one."""
    sizes = peaks if scale.rail is None else np.minimum(peaks, scale.rail)
    if not every_pair:
        return [tuple([_pair(hz, size, scale) for hz, size in row if size]) for row in undominated(frequencies, sizes)]
    found = []
    for row in range(len(sizes)):
        known = zip(frequencies[row].tolist(), sizes[row].tolist(), strict=True)
        different = {(None if np.isnan(hz) else hz, size) for hz, size in known if size}
        found.append(tuple([_pair(hz, size, scale) for hz, size in sorted(different, key=_size)]))
    return found


def _size(pair: tuple[float | None, float]) -> tuple[float, float]:
    return pair[1], pair[0] or 0.0


def _pair(hz: float | None, size: float, scale: _Scale) -> Pair:
    at_least = scale.rail is not None and size >= scale.rail
    return Pair(None if hz is None else _rounded(hz), _nm_s(size, scale.quantum, scale.unit), at_least)


@lru_cache(_MOST_KNOWN)
def _rounded(hz: float) -> float:
    """With nine digits, as numbers have in `event_computed`."""
    return float(f"{hz:.9g}")


@lru_cache(_MOST_KNOWN)
def _nm_s(size: float, quantum: float, unit: str) -> int:
    return whole_nm_s(float(f"{size * quantum:.9g}"), unit)


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
    return round(MICROPHONE_RAIL_DB if count >= RAIL else level_of_count(count), 2)
