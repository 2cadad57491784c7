"""Traces: samples with their scale, whether decoded from a unit's memory or read from a report's table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.units import HIGHEST_COUNT, LOWEST_COUNT, VELOCITIES_MM_S, GeoUnit, MicUnit
from sfm_archive.waveforms.levels import pressure_in

Samples = NDArray[np.int32] | NDArray[np.float64]
Mask = NDArray[np.bool_]

AS_PRINTED: Final = 1.0
"""The quantum of samples that are no counts, but numbers as printed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """k channels of n samples each, all of one recording.

    `channels`: k names. `samples`: shape (k, n), counts (int32) or, where no counts can be restored, printed
    numbers (float64). `quantum`: k factors, the physical value of 1 in `samples`. `units`: k units: `in/s` or
    `mm/s` for geophones, `Pa`, `psi` or `dB(L)` for the microphone. `sample_rate`: per second. `pretrigger`: how
    many samples lie before the trigger, so that sample i was taken at (i − pretrigger) / sample_rate seconds.

    `over_range`, `unusable`: masks of shape (k, n), None where nothing is masked. An over-range sample is at the
    rail or was printed as `OORANGE`; an unusable one has no number that could be true. A sample that is both was
    over-range and its sign is not known. `rails`: k sizes in `samples` from which on a sample of that channel is over
    range, None for one without; empty where no channel has one. `open_by`: shape (k, n), by how much a sample that was
    printed can differ from its true value, in its unit, 0 where the print tells the count; None of what was decoded.
    `mic_at_most`: what the unusable samples of MicL that are not over range are at most, in its unit, as `<88.0` says;
    None where one of them can be anything. `assumed`: channels whose unit nothing tells, so that no number of them
    counts.

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
    rails: tuple[float | None, ...] = ()
    open_by: NDArray[np.float32] | None = None
    mic_at_most: float | None = None
    assumed: tuple[str, ...] = ()

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

    @property
    def restored(self) -> tuple[bool, ...]:
        """Of each channel whether its samples are counts of a unit, not printed numbers."""
        return tuple(quantum != AS_PRINTED for quantum in self.quantum)

    def rail(self, row: int) -> float | None:
        """From which size on a sample of this row is over range, in `samples`; None where there is no such."""
        return self.rails[row] if self.rails else None

    def in_unit(self, unit: GeoUnit) -> Traces:
        """The same with the geophones in this unit; those whose own is assumed stay as they are."""
        if any(name in GEO_CHANNELS for name in self.assumed):
            return self
        shares = [VELOCITIES_MM_S.get(own, VELOCITIES_MM_S[unit]) / VELOCITIES_MM_S[unit] for own in self.units]
        if all(share == 1.0 for share in shares):
            return self
        samples, rails, quantum = self.samples, list(self.rails), list(self.quantum)
        open_by = None if self.open_by is None else self.open_by * np.array(shares, dtype=np.float32)[:, np.newaxis]
        for row, share in enumerate(shares):
            if self.restored[row]:
                quantum[row] *= share
                continue
            samples = samples.astype(np.float64)
            samples[row] *= share
            rail = self.rail(row)
            if rail is not None:
                rails[row] = rail * share
        units = tuple(unit if own in VELOCITIES_MM_S else own for own in self.units)
        return replace(self, samples=samples, quantum=tuple(quantum), units=units, rails=tuple(rails), open_by=open_by)

    def signed(self) -> Traces:
        """The same without channels whose samples are levels in dB(L), which have no sign and so are no trace."""
        rows = [row for row, unit in enumerate(self.units) if unit != "dB(L)"]
        if len(rows) == len(self.units):
            return self
        return replace(
            self,
            channels=tuple(self.channels[row] for row in rows),
            samples=self.samples[rows],
            quantum=tuple(self.quantum[row] for row in rows),
            units=tuple(self.units[row] for row in rows),
            over_range=None if self.over_range is None else self.over_range[rows],
            unusable=None if self.unusable is None else self.unusable[rows],
            rails=tuple(self.rails[row] for row in rows) if self.rails else (),
            open_by=None if self.open_by is None else self.open_by[rows],
        )

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
