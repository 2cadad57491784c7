"""Ground motion and air pressure as a MiniMate records them: synthetic, or taken from a real Blastware
export.

Counts are the codec's units: 0.005 in/s for the geophone channels at Normal range, 0.25 Pa for the
microphone (docs/facts.md, "Units").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple

HIGHEST, LOWEST = 2047, -2048
"""Full scale in counts: a reading at either is over range (known for geophones; for the microphone assumed)."""

LARGEST_PEAK = 2048
"""Counts of the largest peak, which has lost its sign; one of HIGHEST or more is over range."""

GEO_UNIT = 0.005
"""in/s a count, geophones at Normal range (known)."""

MICL_UNIT_PA = 0.25
"""Pa a count, microphone (derived)."""

PSI_PER_PA = 1.450377e-4
MM_PER_INCH = 25.4
PRETRIGGER_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """One recording: four channels of equal length in counts.

    `sample_rate` in samples per second; `pretrigger`: how many of the samples lie before the trigger;
    `tran`, `vert`, `long` in counts of 0.005 in/s, `micl` in counts of 0.25 Pa, each from −2048 to 2047.

    Raises ValueError for channels of unequal length, for values beyond the rails, and for a length that
    leaves a last segment of one sample: a segment header holds two, so that case has no published form.
    """

    sample_rate: int
    pretrigger: int
    tran: Sequence[int]
    vert: Sequence[int]
    long: Sequence[int]
    micl: Sequence[int]

    def __post_init__(self) -> None:
        sizes = {len(channel) for channel in self.channels}
        if len(sizes) != 1:
            raise ValueError(f"channels of unequal length: {sorted(sizes)}")
        size = sizes.pop()
        if size < 2 or size % 512 == 1:
            raise ValueError(f"{size} samples per channel leave a segment with fewer than two samples")
        if any(max(channel) > HIGHEST or min(channel) < LOWEST for channel in self.channels):
            raise ValueError(f"a count lies beyond the rails of {LOWEST} and {HIGHEST}")

    @property
    def channels(self) -> tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]]:
        """Tran, Vert, Long, MicL: the rotation in which segments are stored."""
        return self.tran, self.vert, self.long, self.micl

    @property
    def seconds(self) -> float:
        """Record time without the pre-trigger, as Blastware prints it."""
        return (len(self.tran) - self.pretrigger) / self.sample_rate


class Loudness(NamedTuple):
    """Ranges to draw from: amplitude in counts, main frequency in Hz, spread of the noise in counts."""

    amplitude: tuple[float, float]
    frequency: tuple[float, float]
    noise: tuple[float, float]


LOUDNESS = {
    "flat": Loudness((0, 0), (5, 40), (0, 0)),
    "quiet": Loudness((2, 20), (5, 40), (0.2, 0.5)),
    "ordinary": Loudness((20, 400), (5, 60), (0.3, 1.5)),
    "loud": Loudness((700, 2400), (40, 160), (1, 8)),
    "clipped": Loudness((4000, 30000), (60, 350), (1, 8)),
}
"""Each kind reaches other delta widths: flat 0, quiet 1, ordinary 1–2, loud 2–3, clipped 3–4 and the rails.
"""

_DRAWN = ("quiet", "quiet", "quiet", "ordinary", "ordinary", "ordinary", "loud", "clipped")


def synthetic_motion(
    random: Random,
    *,
    seconds: float = 3.0,
    sample_rate: int = 1024,
    pretrigger: int | None = None,
    loudness: str | None = None,
) -> Motion:
    """Damped sines on noise and a small offset, the microphone later than the ground.

    `seconds` excludes the pre-trigger; `pretrigger` in samples, a quarter second by default; `loudness` is
    a key of LOUDNESS, drawn when None. Raises KeyError for another loudness, ValueError as Motion does.
    """
    before = int(sample_rate * PRETRIGGER_SECONDS) if pretrigger is None else pretrigger
    total = before + round(seconds * sample_rate)
    kind = LOUDNESS[loudness if loudness is not None else random.choice(_DRAWN)]
    arrival = before + int(sample_rate * random.uniform(0, 0.02))
    air = arrival + int(sample_rate * random.uniform(0.05, 0.4))
    tran, vert, long, micl = (
        _trace(random, kind, total, onset, sample_rate) for onset in (arrival, arrival, arrival, air)
    )
    return Motion(sample_rate=sample_rate, pretrigger=before, tran=tran, vert=vert, long=long, micl=micl)


def _trace(random: Random, kind: Loudness, total: int, onset: int, sample_rate: int) -> list[int]:
    noise_of = _noise_table(round(random.uniform(*kind.noise), 1))
    offset = random.choice((-2, -1, 0, 0, 1, 2, 3))
    trace = [offset + noise_of[byte] for byte in random.randbytes(total)]
    amplitude = random.uniform(*kind.amplitude)
    if amplitude == 0:
        return trace
    frequency = random.uniform(*kind.frequency)
    near = _damped_sine(amplitude, frequency, random.uniform(2, 12), sample_rate)
    far = _damped_sine(amplitude / 3, frequency * random.uniform(0.2, 0.8), random.uniform(1, 4), sample_rate)
    a1, a2, a_last, a_now = near
    b1, b2, b_last, b_now = far
    for at in range(onset, total):
        a_last, a_now = a_now, a1 * a_now - a2 * a_last
        b_last, b_now = b_now, b1 * b_now - b2 * b_last
        trace[at] += round(a_last + b_last)
        if at & 255 == 0 and at > onset + sample_rate and abs(a_now) + abs(a_last) + abs(b_now) + abs(b_last) < 0.25:
            break  # nothing left to hear; the noise alone goes on
    if max(trace) > HIGHEST or min(trace) < LOWEST:
        trace = [HIGHEST if count > HIGHEST else LOWEST if count < LOWEST else count for count in trace]
    return trace


def _damped_sine(
    amplitude: float, frequency: float, decay: float, sample_rate: int
) -> tuple[float, float, float, float]:
    """Coefficients and first two values of y[n] = 2r·cos(w)·y[n−1] − r²·y[n−2]: cheaper than sin and exp."""
    turn = 2 * math.pi * frequency / sample_rate
    shrink = math.exp(-decay / sample_rate)
    return 2 * shrink * math.cos(turn), shrink * shrink, 0.0, amplitude * shrink * math.sin(turn)


@lru_cache(maxsize=256)
def _noise_table(spread: float) -> tuple[int, ...]:
    """Counts by random byte, roughly bell-shaped with the given spread."""
    return tuple(round(spread * math.log((byte + 0.5) / (255.5 - byte)) / 1.7) for byte in range(256))


class ReportSamples(NamedTuple):
    """The sample table of a Blastware text: rate in sps, pre-trigger in rows, three columns in in/s."""

    sample_rate: int
    pretrigger: int
    tran: tuple[float, ...]
    vert: tuple[float, ...]
    long: tuple[float, ...]


@lru_cache(maxsize=4)
def report_samples(report_text: str) -> ReportSamples:
    """The sample table of a Blastware ASCII export, LF or CRLF, mm/s or in/s, converted to in/s.

    Layout: docs/facts.md, "Blastware ASCII report". Raises ValueError when rate, units or
    table are missing, or a geophone channel is.
    """
    lines = report_text.splitlines()
    header_end = next((at for at, line in enumerate(lines) if " : " not in line), len(lines))
    if len(lines) < header_end + 3:
        raise ValueError("the report holds no sample table")
    parted = (line.strip('"').partition(" : ") for line in lines[:header_end])
    header = {" ".join(name.split()): value.strip() for name, _, value in parted}
    names = [name.strip() for name in lines[header_end + 1].split("\t")]
    try:
        rate = int(header["Sample Rate"].split()[0])
        before = round(abs(float(header["Pre-trigger Length"].split()[0])) * rate)
        unit = 1 / MM_PER_INCH if header["Units"].startswith("mm/s") else 1.0
        columns = [names.index(name) for name in ("Tran", "Vert", "Long")]
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"the report lacks what its samples need: {error}") from error
    rows = [line.split("\t") for line in lines[header_end + 2 :] if line.strip()]
    tran, vert, long = (tuple(float(row[column]) * unit for row in rows) for column in columns)
    return ReportSamples(rate, before, tran, vert, long)


def recorded_motion(
    report_text: str,
    *,
    random: Random,
    seconds: float = 3.0,
    sample_rate: int = 1024,
    scale: float = 1.0,
) -> Motion:
    """Real motion from a Blastware ASCII export, as a MiniMate would have recorded it.

    The rows from a quarter second before the export's trigger on are averaged in blocks down to
    `sample_rate` (the average is the low-pass), multiplied by `scale`, and rounded to counts, clipped at
    the rails. The export has no microphone: a pressure trace is synthesised from the vertical velocity,
    later and with noise drawn from `random`. `seconds` excludes the pre-trigger; where the export is
    shorter, the record ends with it.

    Raises ValueError for a text without samples and for a rate that does not divide the export's.
    """
    source = report_samples(report_text)
    block, rest = divmod(source.sample_rate, sample_rate)
    if rest or block == 0:
        raise ValueError(f"{source.sample_rate} sps cannot be block-averaged to {sample_rate} sps")
    before = int(sample_rate * PRETRIGGER_SECONDS)
    start = max(0, source.pretrigger - before * block)
    total = min(before + round(seconds * sample_rate), (len(source.tran) - start) // block)
    if total % 512 == 1:
        total -= 1
    factor = scale / (GEO_UNIT * block)
    geophones = [
        [_clipped(sum(column[at : at + block]) * factor) for at in range(start, start + total * block, block)]
        for column in (source.tran, source.vert, source.long)
    ]
    return Motion(
        sample_rate=sample_rate,
        pretrigger=(source.pretrigger - start) // block,
        tran=geophones[0],
        vert=geophones[1],
        long=geophones[2],
        micl=_pressure(random, geophones[1], sample_rate),
    )


def _pressure(random: Random, vert: Sequence[int], sample_rate: int) -> list[int]:
    """A pressure trace behind a blast: the ground's own sound, then the slower air wave, on noise."""
    noise_of = _noise_table(0.6)
    delay = int(sample_rate * random.uniform(0.03, 0.3))
    gain = random.uniform(0.3, 1.2)
    smooth = 0.0
    trace = []
    for at, byte in enumerate(random.randbytes(len(vert))):
        smooth += 0.2 * ((vert[at - delay] if at >= delay else 0) - smooth)
        trace.append(_clipped(gain * smooth + noise_of[byte]))
    return trace


def _clipped(value: float) -> int:
    return max(LOWEST, min(HIGHEST, round(value)))
