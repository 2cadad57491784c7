"""The histogram body: one record for each stored interval.

DERIVED (docs/facts.md, "Histogram body"; the block test and the vector `05 79 69 00` are KNOWN).
Blocks of 32 bytes from the body's start; u16 BE: index at 1, then peak and half-period of Tran, Vert, Long, MicL
from 5 on. An older published reading takes one byte as the peak; it cannot hold more than 1.275 in/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.counting import counted
from sfm_archive.errors import UsageError
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, Reading, ValueState
from sfm_archive.model.units import (
    LARGEST_FREQUENCY_HZ,
    NORMAL_RANGE_IN_S,
    PA_PER_COUNT,
    RAIL,
    GeoUnit,
    MicUnit,
    geo_quantum,
)
from sfm_archive.waveforms.frequencies import frequency_reading
from sfm_archive.waveforms.levels import level_db, pressure_in
from sfm_archive.waveforms.traces import Mask, read_only

BLOCK_SIZE: Final = 32
_BLOCK = np.dtype(
    {
        "names": ["index", "peaks", "zeros", "mark"],
        "formats": [">u2", (">u2", 8), ("u1", 2), ("u1", 4)],
        "offsets": [1, 5, 22, 28],
        "itemsize": BLOCK_SIZE,
    }
)
_MARK = np.array([0x1E, 0x0A, 0, 0], dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """n intervals of four channels (Tran, Vert, Long, MicL).

    `index`: shape (n,), as stored. `peaks`: shape (4, n), counts, the largest absolute value of the interval.
    `half_periods`: shape (4, n), samples of the half wave around that peak. `sample_rate`: per second, of the
    sampling behind the intervals; `sample_rate_assumed`: no document states it.
    """

    index: NDArray[np.int32]
    peaks: NDArray[np.int32]
    half_periods: NDArray[np.int32]
    sample_rate: float
    sample_rate_assumed: bool

    @property
    def size(self) -> int:
        """Stored intervals."""
        return int(self.peaks.shape[1])

    @property
    def over_range(self) -> Mask:
        """Peaks at or beyond the rail, shape (4, n)."""
        return self.peaks >= RAIL

    @property
    def impossible(self) -> Mask:
        """Peaks that no unit measures, beyond the rail, shape (4, n)."""
        return self.peaks > RAIL

    def physical(
        self, range_in_s: float = NORMAL_RANGE_IN_S, unit: GeoUnit = "in/s", mic_unit: MicUnit = "Pa"
    ) -> dict[str, NDArray[np.float64]]:
        """Peaks of each channel, shape (n,), in `unit` and `mic_unit`; NaN where impossible.

        Raises UsageError for a range or unit that is none.
        """
        peaks = np.where(self.impossible, np.nan, self.peaks)
        quantum = geo_quantum(range_in_s, unit)
        values = {name: peaks[row] * quantum for row, name in enumerate(CHANNELS[:-1])}
        values[CHANNELS[-1]] = pressure_in(peaks[-1] * PA_PER_COUNT, mic_unit)
        return values

    def frequencies(self) -> NDArray[np.float64]:
        """rate / (2 × half-period) in Hz, shape (4, n); NaN where the half-period is zero.

        Above 100 Hz the vendor's software prints `>100 Hz`: see `above_limit`.
        """
        halves = np.where(self.half_periods > 0, self.half_periods, np.nan)
        return self.sample_rate / (2.0 * halves)

    def above_limit(self) -> Mask:
        """Where a frequency prints as `>100 Hz`, shape (4, n): half-periods of up to 5 samples at 1024 sps."""
        return (self.half_periods > 0) & (self.half_periods * (2 * LARGEST_FREQUENCY_HZ) < self.sample_rate)

    def grouped(self, blocks: int) -> Histogram:
        """Intervals of `blocks` stored ones each, with the largest peak and its half-period (the first of equals).

        The last one may be of fewer. Raises UsageError for a number below one.
        """
        if blocks < 1:
            raise UsageError(f"{blocks} stored intervals cannot make one; give a number from 1 on")
        if blocks == 1 or not self.size:
            return self
        missing = -self.size % blocks
        peaks = np.pad(self.peaks, ((0, 0), (0, missing)), constant_values=-1).reshape(len(CHANNELS), -1, blocks)
        halves = np.pad(self.half_periods, ((0, 0), (0, missing))).reshape(peaks.shape)
        largest = peaks.argmax(axis=2)[:, :, None]
        return Histogram(
            index=self.index[::blocks],
            peaks=np.take_along_axis(peaks, largest, axis=2)[:, :, 0],
            half_periods=np.take_along_axis(halves, largest, axis=2)[:, :, 0],
            sample_rate=self.sample_rate,
            sample_rate_assumed=self.sample_rate_assumed,
        )


def decode_histogram(
    memory: bytes, start: int, limit: int, sample_rate: float, *, sample_rate_assumed: bool
) -> tuple[Histogram, tuple[Finding, ...]]:
    """The intervals of the blocks from `start` on, up to the first that fails the block test or reaches `limit`.

    Never raises for any bytes; what is odd is a finding (`interval-index`, `impossible-value`).
    """
    count = max(0, min(limit, len(memory)) - start) // BLOCK_SIZE
    blocks = np.frombuffer(memory, dtype=_BLOCK, count=count, offset=start if count else 0)
    passed = (blocks["zeros"] == 0).all(axis=1) & (blocks["mark"] == _MARK).all(axis=1)
    blocks = blocks[: count if passed.all() else int(passed.argmin())]
    fields = blocks["peaks"].astype(np.int32)
    histogram = Histogram(
        index=blocks["index"].astype(np.int32),
        peaks=np.ascontiguousarray(fields[:, 0::2].T),
        half_periods=np.ascontiguousarray(fields[:, 1::2].T),
        sample_rate=sample_rate,
        sample_rate_assumed=sample_rate_assumed,
    )
    for array in (histogram.index, histogram.peaks, histogram.half_periods):
        read_only(array)
    return histogram, _odd(histogram)


def _odd(histogram: Histogram) -> tuple[Finding, ...]:
    findings = []
    steps = np.diff(histogram.index) & 0xFFFF
    broken = np.flatnonzero(steps != 1)
    if len(broken):
        at = int(broken[0])
        message = (
            f"the intervals' own numbers do not go up by one at {counted(len(broken), 'place')}, first behind interval "
            f"{at + 1}: {histogram.index[at]} is followed by {histogram.index[at + 1]}"
        )
        findings.append(Finding(code="interval-index", message=message))
    for name, row in zip(CHANNELS, histogram.impossible, strict=True):
        if row.any():
            where = counted(int(row.sum()), "interval")
            message = f"{name}: peaks beyond {RAIL} counts, which no unit measures, in {where}"
            findings.append(Finding(code="impossible-value", message=message))
    return tuple(findings)


def histogram_quantities(
    histogram: Histogram, range_in_s: float = NORMAL_RANGE_IN_S, unit: GeoUnit = "in/s"
) -> tuple[Reading, ...]:
    """PPV and its frequency for each geophone, PSPL and its frequency for the microphone, over all intervals.

    A vector sum is not stored in the intervals and cannot be computed from their peaks. A channel with an impossible
    peak has ABSENT readings, one at the rail an OVER_RANGE peak. Raises UsageError as `Histogram.physical` does.
    """
    quantum = geo_quantum(range_in_s, unit)
    readings: list[Reading] = []
    if not histogram.size:
        return ()
    for row, channel in enumerate(CHANNELS):
        at = int(histogram.peaks[row].argmax())
        peak = int(histogram.peaks[row, at])
        quantity, of_unit = ("pspl", "dB(L)") if channel == "MicL" else ("ppv", unit)
        number, state = _peak(peak, channel, quantum)
        readings.append(Reading(quantity=quantity, channel=channel, number=number, unit=of_unit, state=state))
        half = int(histogram.half_periods[row, at]) if 0 < peak <= RAIL else 0
        readings.append(frequency_reading(channel, half, histogram.sample_rate))
    return tuple(readings)


def _peak(peak: int, channel: str, quantum: float) -> tuple[float | None, ValueState]:
    if peak > RAIL:
        return None, ValueState.ABSENT
    if peak == RAIL:
        return None, ValueState.OVER_RANGE
    if channel != "MicL":
        return peak * quantum, ValueState.OK
    return (float(level_db(peak * PA_PER_COUNT)), ValueState.OK) if peak else (None, ValueState.ABSENT)
