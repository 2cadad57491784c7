"""Event memory: the bytes between an event's start key and its end key, and what lies behind them.

Layout: docs/facts.md. Memory = type tag, STRT, samples, settings, footer; a Blastware file is 18
bytes and then exactly that (derived). Keys are 32-bit addresses; the next event starts 0x46 bytes after the
end (known).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from sfm_archive.model.events import RecordType
from sfm_archive.testing.histograms import HistogramInterval, draw_intervals, histogram_records
from sfm_archive.testing.identity import Texts, draw_serial, draw_start_key, draw_texts, draw_time
from sfm_archive.testing.motion import GEO_UNIT, MICL_UNIT_PA, PSI_PER_PA, Motion, synthetic_motion
from sfm_archive.testing.samples import waveform_segments
from sfm_archive.testing.trailer import footer, settings

FILE_PREFIX = bytes.fromhex("100001800000 496e7374616e74656c00 072c")
EVENT_TAG = bytes.fromhex("00120300")
FIRST_KEY = 0x0111_0000
GAP = 0x46
"""Bytes between one event's end key and the next one's start key (known from one pair of events)."""

_FIRST_COUNTERS = (0x46, 0x0E)
_STRT_HEAD = 14


class Peaks(NamedTuple):
    """What the unit reports: tran, vert, long and vector sum in in/s, micl in psi."""

    tran: float
    vert: float
    long: float
    micl: float
    pvs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedEvent:
    """One event as a unit holds it, and the truth about it.

    Times are device-local and naive, whole seconds. `motion` is set for a waveform, `intervals` for a
    histogram. `memory`: the bytes from `start_key` up to, not including, `end_key`. `after`: what lies
    behind them; empty means that nobody wrote there yet.
    """

    serial: str
    recorded_at: datetime
    stopped_at: datetime
    start_key: int
    record_type: RecordType
    project: str
    client: str
    user_name: str
    seis_loc: str
    notes: str
    peaks: Peaks
    motion: Motion | None = None
    intervals: tuple[HistogramInterval, ...] | None = None
    memory: bytes
    after: bytes = b""

    @property
    def end_key(self) -> int:
        """Address of the first byte after the event."""
        return self.start_key + len(self.memory)

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes of the unit's memory at a 32-bit address; the event's end does not stop a read.

        Where no event lies, the bytes are arbitrary but the same on each read. Raises ValueError for an
        address before the event's start.
        """
        start = address - self.start_key
        if start < 0:
            raise ValueError(f"address {address:08X} lies before the event's start {self.start_key:08X}")
        stop = start + size
        if stop <= len(self.memory):
            return self.memory[start:stop]
        held = self.memory + self.after
        if stop > len(held):
            held += Random(f"{self.serial} {self.end_key}").randbytes(stop - len(held))
        return held[start:stop]


def blastware_file(event: SimulatedEvent) -> bytes:
    """The event file that Blastware would write: the 18-byte prefix, then the memory (derived)."""
    return FILE_PREFIX + event.memory


def simulate_waveform(
    random: Random,
    *,
    motion: Motion | None = None,
    seconds: float | None = None,
    sample_rate: int | None = None,
    loudness: str | None = None,
    **given: Any,
) -> SimulatedEvent:
    """A waveform event of `motion`, or of motion drawn with these `seconds`, `sample_rate` (sps) and
    `loudness` (see synthetic_motion).

    `given` may fix any of: serial, recorded_at, stopped_at, start_key, project, client, user_name,
    seis_loc, notes, peaks; `continuous` (bool: STRT `ff fd`, else `ff fe`); `first_counter` (0x46 or 0x0E:
    STRT[18]); `size` (bytes from start key to end key: NULs fill up). The rest is drawn from `random`.

    Raises TypeError for another name, ValueError when the event does not fit `size`.
    """
    if motion is None:
        motion = synthetic_motion(
            random,
            seconds=random.choice((1.0, 2.0, 3.0, 3.0, 4.0)) if seconds is None else seconds,
            sample_rate=random.choice((1024, 1024, 1024, 2048)) if sample_rate is None else sample_rate,
            loudness=loudness,
        )
    counter = given.pop("first_counter", None) or random.choice(_FIRST_COUNTERS)
    chain = waveform_segments(random, motion, first_counter=counter)
    lasted = timedelta(seconds=math.ceil(motion.seconds) + random.randrange(3))
    given.setdefault("peaks", waveform_peaks(motion))
    return _assembled(random, chain, lasted, given, record_type=RecordType.WAVEFORM, motion=motion)


def simulate_histogram(
    random: Random,
    *,
    intervals: Sequence[HistogramInterval] | None = None,
    count: int | None = None,
    interval_seconds: int | None = None,
    **given: Any,
) -> SimulatedEvent:
    """A histogram event of `intervals`, or of `count` drawn ones (150–300), each `interval_seconds` long.

    `given` as in simulate_waveform. `recorded_at` is the start of the first interval, `stopped_at` the end
    of the last.
    """
    if intervals is None:
        intervals = draw_intervals(random, random.randrange(150, 301) if count is None else count)
    counter = given.pop("first_counter", None) or random.choice(_FIRST_COUNTERS)
    chain = histogram_records(random, intervals, first_counter=counter)
    lasted = timedelta(seconds=len(intervals) * (interval_seconds or random.choice((5, 15, 60, 300))))
    given.setdefault("peaks", histogram_peaks(random, intervals))
    return _assembled(random, chain, lasted, given, record_type=RecordType.HISTOGRAM, intervals=tuple(intervals))


def simulate_memory(
    random: Random, n: int, serial: str | None = None, first_key: int = FIRST_KEY, *, histograms: float = 0.5
) -> list[SimulatedEvent]:
    """`n` consecutive events of one unit: each starts 0x46 bytes after the last one's end, later in time.

    `histograms`: the share of histograms. Each event's `after` holds the gap and the next event, so that a
    read past the end finds what the unit would give.
    """
    unit = draw_serial(random) if serial is None else serial
    moment = draw_time(random)
    key = first_key
    events: list[SimulatedEvent] = []
    for _ in range(n):
        simulate = simulate_histogram if random.random() < histograms else simulate_waveform
        event = simulate(random, serial=unit, recorded_at=moment, start_key=key)
        events.append(event)
        key = event.end_key + GAP
        moment = event.stopped_at + timedelta(seconds=random.randrange(1, 200_000))
    gaps = [random.randbytes(GAP) for _ in events]
    followers = [event.memory for event in events[1:]] + [b""]
    return [replace(event, after=gap + follower) for event, gap, follower in zip(events, gaps, followers, strict=True)]


def waveform_peaks(motion: Motion) -> Peaks:
    """The peaks of a recording; a channel at the rail counts as full scale."""
    tran, vert, long, micl = (max(map(abs, channel)) for channel in motion.channels)
    squares = max(t * t + v * v + w * w for t, v, w in zip(motion.tran, motion.vert, motion.long, strict=True))
    return _in_units(tran, vert, long, micl, math.sqrt(squares))


def histogram_peaks(random: Random, intervals: Sequence[HistogramInterval]) -> Peaks:
    """The greatest peaks of all intervals; the vector sum, which intervals do not hold, is drawn between
    its possible limits.
    """
    tran, vert, long, micl = (max(column) for column in list(zip(*intervals, strict=True))[::2])
    lowest, highest = max(tran, vert, long), math.sqrt(tran * tran + vert * vert + long * long)
    return _in_units(tran, vert, long, micl, lowest + (highest - lowest) * random.random())


def _in_units(tran: float, vert: float, long: float, micl: float, pvs: float) -> Peaks:
    return Peaks(tran * GEO_UNIT, vert * GEO_UNIT, long * GEO_UNIT, micl * MICL_UNIT_PA * PSI_PER_PA, pvs * GEO_UNIT)


def _assembled(
    random: Random,
    chain: bytes,
    lasted: timedelta,
    given: dict[str, Any],
    *,
    record_type: RecordType,
    motion: Motion | None = None,
    intervals: tuple[HistogramInterval, ...] | None = None,
) -> SimulatedEvent:
    """Tag, STRT, chain of segments or records (whose first seven bytes are STRT[14:21]), settings, footer."""
    recorded_at: datetime = given.pop("recorded_at", None) or draw_time(random)
    stopped_at: datetime = given.pop("stopped_at", None) or recorded_at + lasted
    serial: str = given.pop("serial", None) or draw_serial(random)
    start_key = given.pop("start_key", None)
    if start_key is None:
        start_key = draw_start_key(random)
    drawn = draw_texts(random)
    texts = Texts(*(_first(given.pop(name, None), text) for name, text in drawn._asdict().items()))
    continuous = _first(given.pop("continuous", None), random.random() < 0.5)
    size, peaks = given.pop("size", None), given.pop("peaks")
    if given:
        raise TypeError(f"an event has no {', '.join(sorted(given))}")
    written = settings(random, texts, serial)
    ending = footer(random, recorded_at, stopped_at)
    length = len(EVENT_TAG) + _STRT_HEAD + len(chain) + len(written) + len(ending)
    if size is not None:
        if length > size:
            raise ValueError(f"the event needs {length} bytes and cannot be {size} bytes long")
        written += bytes(size - length)
        length = size
    strt = b"STRT" + (b"\xff\xfd" if continuous else b"\xff\xfe")
    strt += (start_key + length).to_bytes(4, "big") + start_key.to_bytes(4, "big")
    return SimulatedEvent(
        serial=serial,
        recorded_at=recorded_at,
        stopped_at=stopped_at,
        start_key=start_key,
        record_type=record_type,
        **texts._asdict(),
        peaks=peaks,
        motion=motion,
        intervals=intervals,
        memory=b"".join((EVENT_TAG, strt, chain, written, ending)),
    )


def _first(given: Any, drawn: Any) -> Any:
    return drawn if given is None else given
