"""Peaks with their own frequency: every half wave of a trace, every interval of a histogram; and the few that decide.

A limit that does not fall with frequency is exceeded by some peak of a channel exactly where it is exceeded by one of
its `undominated` pairs. They are few, so an archive can keep them for every event.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.waveforms.traces import Samples


class HalfWaves(NamedTuple):
    """The half waves of one channel, in order: three arrays of shape (k,).

    `starts`: index of the first sample. `lengths`: consecutive samples of one sign, so that the frequency is
    rate / (2 × length). `peaks`: the largest absolute value, in the samples' own unit. `cut`: the record begins or ends
    inside it, so that its length, hence its frequency, is not known.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    peaks: NDArray[np.float64] | NDArray[np.int64]
    cut: NDArray[np.bool_]


def half_waves(samples: Samples) -> HalfWaves:
    """Split one channel, shape (n,), at its changes of sign; a zero sample ends a half wave and belongs to none.

    The rule of the vendor's ZC frequency (KNOWN: docs/facts.md, "Quantities of an event report"), applied to every
    half wave and not only to the one with the peak.
    """
    signs = np.sign(samples).astype(np.int8)
    borders = np.flatnonzero(signs[1:] != signs[:-1]) + 1
    starts = np.concatenate(([0], borders)).astype(np.int64)[: len(samples)]
    ends = np.append(starts[1:], len(samples)).astype(np.int64)[: len(starts)]
    moving = signs[starts] != 0 if len(starts) else np.zeros(0, dtype=np.bool_)
    sizes = np.abs(samples.astype(np.int64 if samples.dtype.kind == "i" else np.float64))
    peaks = np.maximum.reduceat(sizes, starts) if len(starts) else sizes
    cut = (starts == 0) | (ends == len(samples))
    return HalfWaves(starts[moving], (ends - starts)[moving], peaks[moving], cut[moving])


def undominated(frequencies: NDArray[np.float64], peaks: NDArray[Any]) -> list[list[tuple[float | None, Any]]]:
    """Of frequencies in Hz, NaN where none is known, and peaks, shape (channels, k) each, the pairs of each channel
    that no other of it outdoes, by rising frequency and so by rising peak.

    One outdoes another where its frequency is the same or lower and its peak equal or greater. Frequencies that are not
    known (None) stand apart: of those only the greatest peak is given, as the first pair.
    """
    order = np.lexsort((-peaks, frequencies))  # what is not known comes last
    rows = np.arange(len(peaks))[:, None]
    frequencies, peaks = frequencies[rows, order], peaks[rows, order]
    kept = np.ones(peaks.shape, dtype=np.bool_)
    np.greater(peaks[:, 1:], np.maximum.accumulate(peaks, axis=1)[:, :-1], out=kept[:, 1:])
    unknown = np.isnan(frequencies)
    some_unknown = unknown[:, -1:].any()
    if some_unknown:
        kept &= ~unknown
    found: list[list[tuple[float | None, Any]]] = []
    for hertz, sizes, chosen, not_known in zip(frequencies, peaks, kept, unknown, strict=True):
        own = list(zip(hertz[chosen].tolist(), sizes[chosen].tolist(), strict=True))
        if some_unknown and not_known[-1]:
            own.insert(0, (None, sizes[int(not_known.argmax())].item()))
        found.append(own)
    return found
