"""Samples and intervals as the peaks of each local day, with their frequencies: what limits are held against."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.readings import CHANNELS
from sfm_archive.model.units import (
    LARGEST_PEAK,
    MICROPHONE_RAIL_DB,
    PA_PER_COUNT,
    RAIL,
    geo_quantum,
)
from sfm_archive.model.velocities import whole_nm_s
from sfm_archive.waveforms.decode import Waveform
from sfm_archive.waveforms.histograms import Histogram
from sfm_archive.waveforms.levels import level_db
from sfm_archive.waveforms.peaks import half_waves, undominated

_TRAN, _VERT, _LONG, _MICROPHONE = range(len(CHANNELS))


def days_of_waveform(
    waveform: Waveform, start: datetime, range_in_s: float, *, every_pair: bool = False
) -> tuple[DayPeaks, ...]:
    """The half waves of a waveform, on the day of its start; `start`: device-local. `every_pair`: also those that
    others outdo. Raises UsageError for a range that is none."""
    if not waveform.size:
        return ()

    def channel(row: int) -> tuple[Pair, ...] | None:
        if waveform.impossible[row].any():
            return None
        found = half_waves(waveform.counts[row])
        frequencies = np.where(found.cut, np.nan, waveform.sample_rate / (2.0 * found.lengths))
        return _pairs(frequencies, found.peaks, range_in_s, every_pair=every_pair)

    level = _level(int(np.abs(waveform.counts[_MICROPHONE]).max()))
    return (DayPeaks(start.date().isoformat(), channel(_TRAN), channel(_VERT), channel(_LONG), 0, level),)


def days_of_histogram(
    histogram: Histogram, start: datetime, interval: timedelta | None, range_in_s: float, *, every_pair: bool = False
) -> tuple[DayPeaks, ...]:
    """The intervals of a histogram, each on the day in which it starts; `start`: device-local, of the first one. Where
    their length is not known, all are booked on the day of the start. `every_pair`: also those that others outdo.
    Raises UsageError for a range that is none."""
    if not histogram.size:
        return ()
    days = _days(start, timedelta(0) if interval is None else interval, histogram.size)
    frequencies = histogram.frequencies()

    def channel(row: int, of_day: slice) -> tuple[Pair, ...] | None:
        if histogram.impossible[row].any():
            return None
        return _pairs(frequencies[row, of_day], histogram.peaks[row, of_day], range_in_s, every_pair=every_pair)

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


def _pairs(
    frequencies: NDArray[np.float64], counts: NDArray[Any], range_in_s: float, *, every_pair: bool
) -> tuple[Pair, ...]:
    """Of frequencies in Hz, NaN where none is known, and counts, shape (k,) each, the pairs that no other outdoes, or
    every different one. Numbers have nine digits, as in `event_computed`."""
    quantum = geo_quantum(range_in_s, "in/s")
    known = zip(frequencies.tolist(), np.minimum(counts, RAIL).tolist(), strict=True)
    moved = ((None if math.isnan(hz) else hz, count) for hz, count in known if count)
    return tuple(
        pair_of(hz, count, quantum)
        for hz, count in (sorted(set(moved), key=lambda pair: pair[1]) if every_pair else undominated(moved))
    )


def pair_of(hz: float | None, count: int, quantum: float) -> Pair:
    """A peak of so many counts, `quantum` in/s each, at a frequency in Hz."""
    nm_s = whole_nm_s(float(f"{min(count, RAIL) * quantum:.9g}"), "in/s")
    return Pair(None if hz is None else float(f"{hz:.9g}"), nm_s, count >= RAIL)


def _level(count: int) -> float | None:
    """Of the largest count of a microphone in dB(L), to a hundredth; None for silence and for what no unit measures."""
    if not 0 < count <= LARGEST_PEAK:
        return None
    return round(MICROPHONE_RAIL_DB if count >= RAIL else float(level_db(count * PA_PER_COUNT)), 2)
