"""The decoder `waveform@1`: event memory to counts, counts to physical units.

Pure and deterministic: the same bytes and parameters give the same result. Like an encoder, a released version never
changes what it gives; a correction is a new version. Which statements are derived: `units` (its table says where).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.formats.blastware.event_file import (
    BODY_OFFSET,
    FOOTER_MARK,
    FOOTER_SIZE,
    footer_times,
    memory_of_file,
    record_type_of,
)
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding, are_findings
from sfm_archive.model.readings import CHANNELS
from sfm_archive.model.units import (
    DEFAULT_PRETRIGGER_SECONDS,
    DEFAULT_SAMPLE_RATE,
    HIGHEST_COUNT,
    NORMAL_RANGE_IN_S,
    PA_PER_COUNT,
    GeoUnit,
    MicUnit,
    geo_quantum,
)
from sfm_archive.waveforms.histograms import Histogram, decode_histogram
from sfm_archive.waveforms.interval_counts import StatedIntervals
from sfm_archive.waveforms.levels import pressure_in
from sfm_archive.waveforms.segments import CHAIN_OFFSET, decode_chain, no_samples
from sfm_archive.waveforms.traces import Mask, Traces, at_a_rail, beyond_the_rails, read_only

DECODER: Final = "waveform@1"
"""Family and version of this decoder: the label of everything it makes."""


_ZEROED = 512
"""Bytes: a block of the smallest disk or network copy."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waveform:
    """The samples of one waveform event.

    `counts`: shape (4, n), int32, in device units, rows Tran, Vert, Long, MicL; read-only. `sample_rate`: per second.
    `pretrigger`: samples before the trigger. The `assumed` flags say that no document states the rate or pre-trigger
    and the usual ones (1024 sps, 0.25 s) were taken.
    """

    counts: NDArray[np.int32]
    sample_rate: float
    sample_rate_assumed: bool
    pretrigger: int
    pretrigger_assumed: bool

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the rows."""
        return CHANNELS

    @property
    def size(self) -> int:
        """Samples per channel."""
        return int(self.counts.shape[1])

    @property
    def over_range(self) -> Mask:
        """Samples at a rail or beyond it, shape (4, n)."""
        return at_a_rail(self.counts)

    @property
    def impossible(self) -> Mask:
        """Samples that no unit measures, beyond the rails, shape (4, n)."""
        return beyond_the_rails(self.counts)

    def channel(self, name: str) -> NDArray[np.int32]:
        """Counts of one channel, shape (n,). Raises UsageError for another name."""
        if name not in CHANNELS:
            raise UsageError(f"no channel {name!r}; a unit has {', '.join(CHANNELS)}")
        row: NDArray[np.int32] = self.counts[CHANNELS.index(name)]
        return row

    def times(self) -> NDArray[np.float64]:
        """Seconds from the trigger of each sample, shape (n,); negative before it."""
        return (np.arange(self.size, dtype=np.float64) - self.pretrigger) / self.sample_rate

    def traces(self, range_in_s: float = NORMAL_RANGE_IN_S, unit: GeoUnit = "in/s") -> Traces:
        """The samples with their scale; the microphone in Pa. Raises UsageError for a range or unit that is none."""
        quantum = geo_quantum(range_in_s, unit)
        over, beyond = self.over_range, self.impossible
        return Traces(
            channels=CHANNELS,
            samples=self.counts,
            quantum=(quantum, quantum, quantum, PA_PER_COUNT),
            units=(unit, unit, unit, "Pa"),
            sample_rate=self.sample_rate,
            pretrigger=self.pretrigger,
            over_range=over & ~beyond if over.any() else None,
            unusable=beyond if beyond.any() else None,
            rails=(HIGHEST_COUNT,) * len(CHANNELS),
        )

    def physical(
        self, range_in_s: float = NORMAL_RANGE_IN_S, unit: GeoUnit = "in/s", mic_unit: MicUnit = "Pa"
    ) -> dict[str, NDArray[np.float64]]:
        """Each channel in physical units, shape (n,); NaN where a count is impossible.

        `range_in_s`: the geophones' range, 10 (Normal) or 1.25 (Sensitive). In dB(L) a pressure of zero is NaN.
        Raises UsageError for a range or unit that is none.
        """
        traces = self.traces(range_in_s, unit)
        values = {name: traces.values(name) for name in CHANNELS}
        values["MicL"] = pressure_in(values["MicL"], mic_unit)
        return values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedEvent:
    """What `decode_event` understood of an event.

    One of `waveform` and `histogram` is set where samples or intervals were understood, none otherwise. `findings`:
    what was not understood or is not possible; `no-samples` (a refusal) where nothing was. Offsets in them count from
    event memory's first byte. `decoder`: who made this.
    """

    record_type: RecordType
    waveform: Waveform | None
    histogram: Histogram | None
    findings: tuple[Finding, ...]
    decoder: str = DECODER

    @property
    def is_sound(self) -> bool:
        """Whether its parts have the types and shapes that are stated: another decoder may have made them."""
        wave = self.waveform
        return (
            isinstance(self.record_type, RecordType)
            and are_findings(self.findings)
            and (self.histogram is None or (isinstance(self.histogram, Histogram) and _is_sound(self.histogram)))
            and (wave is None or (isinstance(wave, Waveform) and _are_counts(wave.counts) and _is_timed(wave)))
        )


def _are_counts(counts: object) -> bool:
    if not isinstance(counts, np.ndarray) or counts.dtype != np.int32:
        return False
    return counts.ndim == 2 and len(counts) == len(CHANNELS)


def _is_timed(wave: Waveform) -> bool:
    before = wave.pretrigger
    return _is_rate(wave.sample_rate) and isinstance(before, int | np.integer) and bool(0 <= before < 1 << 31)


def _is_rate(rate: object) -> bool:
    return isinstance(rate, int | float | np.floating | np.integer) and bool(0 < rate < 1e9)


def _is_sound(histogram: Histogram) -> bool:
    index, peaks, halves = histogram.index, histogram.peaks, histogram.half_periods
    return (
        _are_counts(peaks)
        and _are_counts(halves)
        and isinstance(index, np.ndarray)
        and peaks.shape == halves.shape
        and index.shape == peaks.shape[1:]
        and bool(peaks.min(initial=0) >= 0 and halves.min(initial=0) >= 0)
        and _is_rate(histogram.sample_rate)
    )


def decode_event(
    memory: bytes,
    *,
    sample_rate: float | None = None,
    pretrigger: int | None = None,
    samples: int | None = None,
    intervals: float | None = None,
    interval_s: float | None = None,
) -> DecodedEvent:
    """Decode event memory (tag, STRT, body, settings, footer), whatever bytes it is made of.

    `sample_rate` (per second) and `pretrigger` (samples) where they are known; `samples` per channel where they
    are known: the stream's own form gives its end too, and a difference is the finding `sample-count`. `intervals`:
    how many of a histogram, and of how many seconds, `interval_s`, a document states; with fewer, or fewer than start
    and stop have room for, the finding is `histogram-cut`.

    Raises UsageError for parameters that cannot be; never for `memory`.
    """
    rate = DEFAULT_SAMPLE_RATE if sample_rate is None else float(sample_rate)
    if not 0 < rate < 1e9:
        raise UsageError(f"{sample_rate} samples per second is not a rate")
    if samples is not None and samples < 1:
        raise UsageError(f"{samples} samples per channel cannot be expected")
    if pretrigger is not None and pretrigger < 0:
        raise UsageError(f"a pre-trigger of {pretrigger} samples is not possible; give how many lie before the trigger")
    if any(number is not None and not 0 < number < 1e9 for number in (intervals, interval_s)):
        raise UsageError(f"{intervals} intervals of {interval_s} seconds are not possible")
    record_type = record_type_of(memory)
    limit = _body_end(memory)
    waveform: Waveform | None = None
    histogram: Histogram | None = None
    findings: tuple[Finding, ...] = ()
    if record_type is RecordType.WAVEFORM:
        chain = decode_chain(memory, CHAIN_OFFSET, limit, samples)
        broken = any(found.code == "segment-not-understood" for found in chain.findings)
        zeroed = _zeroed(memory, CHAIN_OFFSET, limit if broken else chain.end)
        findings = (*zeroed, *chain.findings, *_impossible(chain.counts))
        if chain.counts.size:
            read_only(chain.counts)
            waveform = Waveform(
                counts=chain.counts,
                sample_rate=rate,
                sample_rate_assumed=sample_rate is None,
                pretrigger=round(DEFAULT_PRETRIGGER_SECONDS * rate) if pretrigger is None else pretrigger,
                pretrigger_assumed=pretrigger is None,
            )
    elif record_type is RecordType.HISTOGRAM:
        stated = StatedIntervals(lasted_s=_lasted(memory), number=intervals, seconds=interval_s)
        decoded, findings = decode_histogram(
            memory, BODY_OFFSET, limit, rate, sample_rate_assumed=sample_rate is None, stated=stated
        )
        histogram = decoded if decoded.size else None
        if any(found.code == "histogram-cut" for found in findings):
            findings = (*_zeroed(memory, BODY_OFFSET, limit), *findings)
    if waveform is None and histogram is None:
        findings = (*findings, no_samples(_why_nothing(record_type)))
    return DecodedEvent(record_type=record_type, waveform=waveform, histogram=histogram, findings=findings)


def decode_event_file(
    data: bytes,
    *,
    sample_rate: float | None = None,
    pretrigger: int | None = None,
    samples: int | None = None,
    intervals: float | None = None,
    interval_s: float | None = None,
) -> DecodedEvent:
    """Decode a Blastware event file; parameters and result as of `decode_event`.

    Raises BadInput where the bytes do not begin as such a file, UsageError as `decode_event` does.
    """
    return decode_event(
        memory_of_file(data),
        sample_rate=sample_rate,
        pretrigger=pretrigger,
        samples=samples,
        intervals=intervals,
        interval_s=interval_s,
    )


def _zeroed(memory: bytes, start: int, end: int) -> tuple[Finding, ...]:
    """The finding for bytes of a body that are zero for longer than any that a unit writes: one segment holds at most
    510 deltas behind its header, and zeros among them are counted, not written (docs/facts.md)."""
    at = memory.find(bytes(_ZEROED), start, end)
    if at == -1:
        return ()
    size = len(memory[at:end]) - len(memory[at:end].lstrip(b"\0"))
    message = f"{size:,} bytes from byte 0x{at:X} of event memory on are zero: this is a copy that lacks a block"
    return (Finding(code="zeroed-block", message=message, start=at, end=at + size),)


def _body_end(memory: bytes) -> int:
    """The first byte that cannot be a sample's: the footer's, or the end where no footer is."""
    footer = len(memory) - FOOTER_SIZE
    return footer if footer >= 0 and memory[footer:].startswith(FOOTER_MARK) else len(memory)


def _lasted(memory: bytes) -> float | None:
    """Seconds from start to stop, None where the footer does not tell both."""
    started, stopped = footer_times(memory)
    return None if started is None or stopped is None else (stopped - started).total_seconds()


def _impossible(counts: NDArray[np.int32]) -> list[Finding]:
    findings: list[Finding] = []
    for name, row in zip(CHANNELS, counts, strict=True):
        beyond = np.flatnonzero(beyond_the_rails(row))
        if len(beyond):
            message = (
                f"{name}: {len(beyond)} of {len(row)} samples lie beyond the rails, which no unit measures "
                f"(first: sample {int(beyond[0])}, {int(row[beyond[0]])}); no quantity is computed from this channel"
            )
            findings.append(Finding(code="impossible-value", message=message))
    return findings


def _why_nothing(record_type: RecordType) -> str:
    if record_type is RecordType.MONITOR_LOG:
        return "a monitor log holds no samples that this decoder knows"
    if record_type is RecordType.UNKNOWN:
        return "the body begins neither as a waveform nor as a histogram; it was not decoded"
    return f"the body begins as a {record_type.value}, but not one whole round of it was understood"
