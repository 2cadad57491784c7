"""Long traces for a picture: of each column of dots the least and the greatest sample, so that no peak is missing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError


class Envelope(NamedTuple):
    """k parts of n samples, in order and about equally long. `starts`: shape (k,), the first sample of each; `low`,
    `high`: shape (k,), its least and greatest number, NaN where it has none."""

    starts: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def envelope_of(values: NDArray[np.float64], parts: int) -> Envelope:
    """The envelope of samples, shape (n,), in `parts` parts, or in n where there are fewer samples. NaN is passed over.
    Raises UsageError for less than one part."""
    if parts < 1:
        raise UsageError(f"{parts} parts of a trace cannot be drawn; give a number from 1 on")
    size = len(values)
    if not size:
        return Envelope(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    starts = np.arange(min(parts, size), dtype=np.int64) * size // min(parts, size)
    # fmin and fmax pass over NaN, where any number stands beside it.
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    return Envelope(starts, low, high)
