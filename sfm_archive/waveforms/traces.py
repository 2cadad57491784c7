"""Traces: samples with their scale, whether decoded from a unit's memory or read from a report's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.units import HIGHEST_COUNT, LOWEST_COUNT, MicUnit
from sfm_archive.waveforms.levels import pressure_in

Samples = NDArray[np.int32] | NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """k channels of n samples each, all of one recording.

    `channels`: k names. `samples`: shape (k, n), counts (int32) or, where no counts can be restored, printed
    numbers (float64). `quantum`: k factors, the physical value of 1 in `samples`. `units`: k units: `in/s` or
    `mm/s` for geophones, `Pa`, `psi` or `dB(L)` for the microphone. `sample_rate`: per second. `pretrigger`: how
    many samples lie before the trigger, so that sample i was taken at (i − pretrigger) / sample_rate seconds.

    `over_range`, `unusable`: masks of shape (k, n), None where nothing is masked. An over-range sample is at the
    rail or was printed as `OORANGE`; an unusable one has no number that could be true. A sample that is both was
    over-range and its sign is not known.

    Raises UsageError for shapes that do not fit and for a rate that is not positive.
    """

    channels: tuple[str, ...]
    samples: Samples
    quantum: tuple[float, ...]
    units: tuple[str, ...]
    sample_rate: float
    pretrigger: int
    over_range: Mask | None = None
    unusable: Mask | None = None

    def __post_init__(self) -> None:
        size = len(self.channels)
        if self.samples.ndim != 2 or not size == len(self.samples) == len(self.quantum) == len(self.units):
            raise UsageError(f"traces: {size} channels need samples of shape ({size}, n), a quantum and a unit each")
        for mask in (self.over_range, self.unusable):
            if mask is not None and mask.shape != self.samples.shape:
                raise UsageError(f"traces: a mask of shape {mask.shape} for samples of {self.samples.shape}")
        if not 0 < self.sample_rate < 1e9:
            raise UsageError(f"traces: {self.sample_rate} samples per second is not a rate")

    @property
    def size(self) -> int:
        """Samples per channel."""
        return int(self.samples.shape[1])

    @property
    def geophones(self) -> tuple[int, ...]:
        """Rows of Tran, Vert and Long, as far as there are such channels."""
        return tuple(self.channels.index(name) for name in GEO_CHANNELS if name in self.channels)

    def row(self, channel: str) -> int:
        """The row of a channel. Raises UsageError where there is none of this name."""
        try:
            return self.channels.index(channel)
        except ValueError:
            raise UsageError(f"no channel {channel!r} here, only {', '.join(self.channels)}") from None

    def values(self, channel: str) -> NDArray[np.float64]:
        """One channel in its unit, shape (n,); NaN where the sample is unusable."""
        row = self.row(channel)
        values: NDArray[np.float64] = self.samples[row] * np.float64(self.quantum[row])
        if self.unusable is not None and self.unusable[row].any():
            values[self.unusable[row]] = np.nan
        return values

    def pressure(self, unit: MicUnit, channel: str = "MicL") -> NDArray[np.float64]:
        """The microphone in Pa, psi or dB(L), shape (n,). Raises UsageError where its unit is already dB(L)."""
        row = self.row(channel)
        if self.units[row] != "Pa":
            raise UsageError(f"{channel} is given in {self.units[row]}, from which its pressure is not restored")
        return pressure_in(self.values(channel), unit)

    def times(self) -> NDArray[np.float64]:
        """Seconds from the trigger of each sample, shape (n,); negative before it."""
        return (np.arange(self.size, dtype=np.float64) - self.pretrigger) / self.sample_rate


def at_a_rail(counts: NDArray[Any]) -> Mask:
    """Which counts are at a rail of a MiniMate's converter, or beyond it; the same shape."""
    mask: Mask = (counts >= HIGHEST_COUNT) | (counts <= LOWEST_COUNT)
    return mask


def beyond_the_rails(counts: NDArray[Any]) -> Mask:
    """Which counts no MiniMate gives; the same shape."""
    mask: Mask = (counts > HIGHEST_COUNT) | (counts < LOWEST_COUNT)
    return mask


def read_only(array: NDArray[Any]) -> None:
    """Make an array of a result unwritable: results are frozen."""
    array.flags.writeable = False
