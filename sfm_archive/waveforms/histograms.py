"""The histogram body: one record for each stored interval.

DERIVED (docs/facts.md, "Histogram body"; the mark and the vector `05 79 69 00` are KNOWN). Records follow each other
every 32 bytes. A record begins five bytes before the block that the published view sees in its place:

    open · 1e = length 30 · 0a 00 00 | 00 · index u16 BE · 2 open · peak, half-period of Tran, Vert, Long, MicL, u16 BE
    each · 4 open

so the mark `1e 0a 00 00` at the end of a block belongs to the next record, and the last record may have none behind it.
The first record's header is STRT[16:21], of which the byte in place of `0a` is not known. The four bytes behind the
microphone are OPEN, a unit may keep vector sums there: nothing is asked of them. An older published reading takes one
byte as the peak; it cannot hold more than 1.275 in/s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.counting import counted
from sfm_archive.errors import UsageError
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, Reading, ValueState
from sfm_archive.model.units import (
    LARGEST_FREQUENCY_HZ,
    LARGEST_PEAK,
    NORMAL_RANGE_IN_S,
    PA_PER_COUNT,
    RAIL,
    GeoUnit,
    MicUnit,
    geo_quantum,
)
from sfm_archive.waveforms.frequencies import frequency_reading
from sfm_archive.waveforms.interval_counts import StatedIntervals, cut_histogram
from sfm_archive.waveforms.levels import level_of_count, pressure_in
from sfm_archive.waveforms.traces import Mask, read_only

UNSTATED: Final = StatedIntervals()
RECORD_STEP: Final = 32
"""Bytes from one record to the next."""

_BEFORE: Final = 5
_READ: Final = 21
_RECORD = np.dtype(
    {
        "names": ["length", "counter", "index", "fields"],
        "formats": ["u1", ">u4", ">u2", (">u2", 8)],
        "offsets": [1, 2, 6, 10],
        "itemsize": RECORD_STEP,
    }
)
_LENGTH: Final = 0x1E
_COUNTER: Final = 0x0A000000
_MARK: Final = bytes((_LENGTH, *_COUNTER.to_bytes(4, "big")))


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
        """Peaks at a rail or beyond it, shape (4, n)."""
        return self.peaks >= RAIL

    @property
    def impossible(self) -> Mask:
        """Peaks that no unit measures, beyond the rails, shape (4, n)."""
        return self.peaks > LARGEST_PEAK

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

    @property
    def channels(self) -> tuple[str, ...]:
        """Those of which there are peaks."""
        return CHANNELS

    def place_of_peak(self, channel: str) -> int | None:
        """The interval of a channel's peak, the first of equals; None where nothing moved."""
        peaks = self.peaks[CHANNELS.index(channel)]
        place = int(peaks.argmax())
        return place if peaks[place] else None

    def without(self, held: Mask) -> Histogram:
        """The same, with nothing moving in those of the intervals, shape (n,), that are held."""
        return replace(self, peaks=np.where(held, 0, self.peaks))

    def quantities(self, range_in_s: float, unit: GeoUnit) -> tuple[Reading, ...]:
        """See `histogram_quantities`."""
        return histogram_quantities(self, range_in_s, unit)

    def bounds(self) -> dict[str, Mask]:
        """Which numbers are bounds: none that is stored."""
        return {}

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
    memory: bytes,
    start: int,
    limit: int,
    sample_rate: float,
    *,
    sample_rate_assumed: bool,
    stated: StatedIntervals = UNSTATED,
) -> tuple[Histogram, tuple[Finding, ...]]:
    """The intervals of the records whose blocks begin at `start` and every 32 bytes on, none reaching beyond `limit`.

    A body goes on while the five bytes before a record fit and its index is the next one; of the first record nothing
    is asked, for its header is partly not known and `record_type_of` has seen it or the next one's. What ends it
    otherwise is a finding, for then intervals are missing: `histogram-cut` where a later record stands behind what does
    not fit, or where others than the `stated` intervals were decoded; a peak beyond the rails is `impossible-value`.
    Never raises for any bytes.
    """
    records = _candidates(memory, start, limit)
    size = _fitting(records)
    body = records[:size]
    fields = body["fields"].astype(np.int32)
    histogram = Histogram(
        index=body["index"].astype(np.int32),
        peaks=np.ascontiguousarray(fields[:, 0::2].T),
        half_periods=np.ascontiguousarray(fields[:, 1::2].T),
        sample_rate=sample_rate,
        sample_rate_assumed=sample_rate_assumed,
    )
    for array in (histogram.index, histogram.peaks, histogram.half_periods):
        read_only(array)
    findings = _impossible(histogram)
    behind = _record_behind(memory, start + size * RECORD_STEP, limit, records, size)
    if behind is not None:
        why = f"what follows does not fit, yet a record stands behind it at byte 0x{behind:X} of event memory"
        findings.append(cut_histogram(size, why))
    if (other := stated.finding(size)) is not None:
        findings.append(other)
    return histogram, tuple(findings)


def _candidates(memory: bytes, start: int, limit: int) -> NDArray[np.void]:
    """What stands where records would, with their five bytes before the block; the last with all that is read of it."""
    room = min(limit, len(memory)) - start - _READ
    if room < 0 or start < _BEFORE:
        return np.zeros(0, dtype=_RECORD)
    count = room // RECORD_STEP + 1
    view = memory[start - _BEFORE : start - _BEFORE + count * RECORD_STEP]
    return np.frombuffer(view.ljust(count * RECORD_STEP, b"\0"), dtype=_RECORD, count=count)


def _headed(records: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which candidates have the header of a record; the first one is taken to have it."""
    headed: NDArray[np.bool_] = (records["length"] == _LENGTH) & (records["counter"] == _COUNTER)
    headed[:1] = True
    return headed


def _fitting(records: NDArray[np.void]) -> int:
    """How many candidates are records of one body: each headed, its index the next one."""
    if not len(records):
        return 0
    fits = _headed(records)
    numbers = records["index"].astype(np.int32)
    fits[1:] &= (numbers[1:] - numbers[:-1]) & 0xFFFF == 1
    return len(records) if fits.all() else int(fits.argmin())


def _record_behind(memory: bytes, end: int, limit: int, records: NDArray[np.void], size: int) -> int | None:
    """Where a record begins behind the last one that fits, None where there is none.

    In step with the others it needs the index that it would have there. Out of step, behind bytes that were lost or
    put in, its whole mark is enough; a mark that stands exactly where the body ends is the header of a record that
    never came.
    """
    if 0 < size < len(records):
        numbers = (int(records["index"][0]) + np.arange(len(records))) & 0xFFFF
        later = np.flatnonzero((_headed(records) & (records["index"] == numbers))[size:])
        if len(later):
            return end + int(later[0]) * RECORD_STEP
    mark = end - len(_MARK) + 1
    at = memory.find(_MARK, max(mark + 1, 0), max(min(limit, len(memory)), 0))
    return None if at == -1 or at + len(_MARK) + _READ > limit else at + len(_MARK) - 1


def _impossible(histogram: Histogram) -> list[Finding]:
    findings: list[Finding] = []
    if not histogram.size or histogram.peaks.max() <= LARGEST_PEAK:
        return findings
    for name, row in zip(CHANNELS, histogram.impossible, strict=True):
        if row.any():
            where = counted(int(row.sum()), "interval")
            message = f"{name}: peaks beyond {LARGEST_PEAK} counts, which no unit measures, in {where}"
            findings.append(Finding(code="impossible-value", message=message))
    return findings


def histogram_quantities(
    histogram: Histogram, range_in_s: float = NORMAL_RANGE_IN_S, unit: GeoUnit = "in/s"
) -> tuple[Reading, ...]:
    """PPV and its frequency for each geophone, PSPL and its frequency for the microphone, over all intervals.

    A vector sum is not stored in the intervals and cannot be computed from their peaks. A channel with an impossible
    peak has ABSENT readings, one at a rail an OVER_RANGE peak. Raises UsageError as `Histogram.physical` does.
    """
    quantum = geo_quantum(range_in_s, unit)
    readings: list[Reading] = []
    if not histogram.size:
        return ()
    places = histogram.peaks.argmax(axis=1)
    rows = np.arange(len(CHANNELS))
    greatest, halves = histogram.peaks[rows, places].tolist(), histogram.half_periods[rows, places].tolist()
    for channel, peak, half in zip(CHANNELS, greatest, halves, strict=True):
        quantity, of_unit = ("pspl", "dB(L)") if channel == "MicL" else ("ppv", unit)
        number, state = _peak(peak, channel, quantum)
        readings.append(Reading(quantity=quantity, channel=channel, number=number, unit=of_unit, state=state))
        readings.append(frequency_reading(channel, half if 0 < peak <= LARGEST_PEAK else 0, histogram.sample_rate))
    return tuple(readings)


def _peak(peak: int, channel: str, quantum: float) -> tuple[float | None, ValueState]:
    if peak > LARGEST_PEAK:
        return None, ValueState.ABSENT
    if peak >= RAIL:
        return None, ValueState.OVER_RANGE
    if channel != "MicL":
        return peak * quantum, ValueState.OK
    return (level_of_count(peak), ValueState.OK) if peak else (None, ValueState.ABSENT)
