"""Limit curves compared with a decoded histogram: every stored interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sfm_archive.analysing.recordings import Recording
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.judging import is_above
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.units import GeoUnit, geo_quantum
from sfm_archive.waveforms.day_pairs import pair_of
from sfm_archive.waveforms.printed_intervals import PrintedIntervals


def limits_at(curve: Curve, frequencies: ArrayLike, unit: GeoUnit | None = None) -> NDArray[np.float64]:
    """Limits at frequencies in Hz, of their shape, in `unit` (the curve's own when None); NaN where not covered."""
    wanted = np.asarray(frequencies, dtype=np.float64)
    each, places = np.unique(wanted, return_inverse=True)
    limits = [curve.limit(float(hertz), unit) for hertz in each]
    found = np.array([math.nan if limit is None else limit for limit in limits], dtype=np.float64)
    return found[places].reshape(wanted.shape)


def intervals_over(recording: Recording, curve: Curve) -> NDArray[np.bool_]:
    """Of a histogram, which stored intervals, shape (n,), have a geophone peak above the curve at its own frequency, as
    a verdict on them has it; with the settings used, also where they are assumed. Nothing of a waveform."""
    histogram = recording.histogram
    if histogram is None:
        return np.zeros(0, dtype=np.bool_)
    over = np.zeros(histogram.size, dtype=np.bool_)
    if isinstance(histogram, PrintedIntervals):
        for channel in histogram.channels:
            of_channel = histogram.every_pair(channel)
            above_it = {pair: is_above(curve, pair) for pair in {*of_channel} if pair is not None and pair.nm_s}
            over |= np.array([pair is not None and above_it.get(pair, False) for pair in of_channel], dtype=np.bool_)
        return over
    quantum = geo_quantum(recording.settings.range, "in/s")
    for row in range(len(GEO_CHANNELS)):
        both = np.stack([histogram.half_periods[row], histogram.peaks[row]], axis=1)
        each, places = np.unique(both, axis=0, return_inverse=True)
        above = [
            peak > 0 and is_above(curve, pair_of(histogram.sample_rate / (2.0 * half) if half else None, peak, quantum))
            for half, peak in each.tolist()
        ]
        over |= np.array(above, dtype=np.bool_)[places.reshape(-1)]
    return over
