"""Peaks with their own frequency: every half wave of a trace, every interval of a histogram; and the few that decide.

A limit that does not fall with frequency is exceeded by some peak of a channel exactly where it is exceeded by one of
its `undominated` pairs. They are few, so an archive can keep them for every event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sfm_archive.waveforms.traces import Samples

Peak = TypeVar("Peak", int, float)


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


def undominated(pairs: Iterable[tuple[float | None, Peak]]) -> tuple[tuple[float | None, Peak], ...]:
    """The (frequency in Hz, peak) pairs that no other outdoes, by rising frequency and so by rising peak.

    One outdoes another where its frequency is the same or lower and its peak equal or greater. Frequencies that are not
    known (None) stand apart: of those only the greatest peak is given, as the first pair.
    """
    unknown: Peak | None = None
    known: list[tuple[float, Peak]] = []
    for frequency, peak in pairs:
        if frequency is None:
            unknown = peak if unknown is None else max(unknown, peak)
        else:
            known.append((frequency, peak))
    kept: list[tuple[float | None, Peak]] = [] if unknown is None else [(None, unknown)]
    greatest: Peak | None = None
    for frequency, peak in sorted(known, key=lambda pair: (pair[0], -pair[1])):
        if greatest is None or peak > greatest:
            kept.append((frequency, peak))
            greatest = peak
    return tuple(kept)
