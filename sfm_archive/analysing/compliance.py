"""Limit curves compared with a decoded event: its peaks, and every stored interval of a histogram."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sfm_archive.analysing.recordings import Recording
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.verdicts import ChannelVerdict, vibration_verdicts
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.units import SMALLEST_FREQUENCY_HZ, GeoUnit


def verdicts_of(recording: Recording, curves: Sequence[Curve]) -> tuple[ChannelVerdict, ...]:
    """For each curve and geophone with a peak, the verdict on the values that count."""
    settings = recording.settings
    return vibration_verdicts(recording.values, curves, range_in_s=settings.range, unit=settings.unit)


def limits_at(curve: Curve, frequencies: ArrayLike, unit: GeoUnit | None = None) -> NDArray[np.float64]:
    """Limits at frequencies in Hz, of their shape, in `unit` (the curve's own when None); NaN where not covered."""
    wanted = np.asarray(frequencies, dtype=np.float64)
    each, places = np.unique(wanted, return_inverse=True)
    limits = [curve.limit(float(hertz), unit) for hertz in each]
    found = np.array([math.nan if limit is None else limit for limit in limits], dtype=np.float64)
    return found[places].reshape(wanted.shape)


def intervals_over(recording: Recording, curve: Curve) -> int:
    """Of a histogram, how many stored intervals have a geophone peak above the curve at its own frequency.

    A frequency below 1 Hz is compared as a channel's is (`Curve.lowest_hz`); an interval without a frequency counts
    where its peak is above the curve at every possible one.
    """
    histogram = recording.histogram
    if histogram is None:
        return 0
    peaks = np.vstack([histogram.physical(recording.settings.range, "in/s")[name] for name in GEO_CHANNELS])
    frequencies = histogram.frequencies()[: len(GEO_CHANNELS)]
    limits = limits_at(curve, np.maximum(frequencies, curve.lowest_hz), "in/s")
    anywhere = curve.between(SMALLEST_FREQUENCY_HZ, math.inf, "in/s")
    highest = anywhere.high if anywhere is not None and anywhere.whole else math.inf
    limits = np.where(np.isnan(frequencies), highest, limits)
    with np.errstate(invalid="ignore"):
        return int((peaks > limits).any(axis=0).sum())
