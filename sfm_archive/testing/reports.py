"""The ASCII text that Blastware exports beside an event, in the MiniMate's form.

Layout: docs/facts.md, "Blastware ASCII report". The real examples are a Micromate's; the
MiniMate form is known only from descriptions, so the names of lines that the facts do not spell are not
claimed to be right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sfm_archive.model.events import RecordType
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.motion import GEO_UNIT, HIGHEST, LARGEST_PEAK, LOWEST, MICL_UNIT_PA, PSI_PER_PA, Motion

OVER_RANGE = "OORANGE"

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_GEOPHONES = ("Tran", "Vert", "Long")


def ascii_report(event: SimulatedEvent, *, file_name: str, line_end: str = "\r\n") -> bytes:
    """The whole text as ASCII bytes: header, empty line, sample or interval table.

    Velocities in in/s, MicL in dB(L) in the header and Pa in the table; a channel at the rail prints
    `OORANGE` (known for geophones, derived for the microphone).
    """
    waveform = event.record_type is RecordType.WAVEFORM
    header = [
        ("Event Type", "Full Waveform" if waveform else "Full Histogram"),
        ("Serial Number", event.serial),
        ("File Name", file_name),
        ("Event Time", f"{event.recorded_at:%H:%M:%S}"),
        ("Event Date", _date(event.recorded_at)),
        *(_waveform_lines(event.motion) if event.motion is not None else _histogram_lines(event)),
        ("Units", "in/s and dB(L)"),
        ("Project:", event.project),
        ("Client:", event.client),
        ("User Name:", event.user_name),
        ("Seis Loc:", event.seis_loc),
        ("Geo Range", "10.000 in/s"),
        *_peak_lines(event),
        ("PC SW Version", "V 10.74"),
    ]
    lines = [f'"{name} : {value}"' for name, value in header]
    table = _sample_rows(event.motion) if event.motion is not None else _interval_rows(event)
    return line_end.join([*lines, "", *table, ""]).encode("ascii")


def report_file_name(file_name: str) -> str:
    """Name of the text beside a call-home file: `M529LK44.AB0` → `M529LK44_AB0_ASCII.TXT` (known)."""
    return file_name.replace(".", "_") + "_ASCII.TXT"


def printed(value: float) -> str:
    """Three decimals below 10, two from 10 up."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def zero_crossing_hz(trace: Sequence[int], sample_rate: int) -> float | None:
    """rate / 2N, N = consecutive samples of the peak's sign around it; None where the record cuts it.

    Of a clipped trace the peak is its first sample at a rail, whichever rail that is.
    """
    sizes = [abs(count) if LOWEST < count < HIGHEST else LARGEST_PEAK for count in trace]
    peak = max(sizes)
    at = sizes.index(peak)
    sign = 1 if trace[at] > 0 else -1
    first = last = at
    while first >= 0 and trace[first] * sign > 0:
        first -= 1
    while last < len(trace) and trace[last] * sign > 0:
        last += 1
    whole = peak > 0 and first >= 0 and last < len(trace)
    return sample_rate / (2 * (last - first - 1)) if whole else None


def _date(moment: datetime) -> str:
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def _waveform_lines(motion: Motion) -> list[tuple[str, str]]:
    lines = [
        ("Pre-trigger Length", f"-{motion.pretrigger / motion.sample_rate:.3f} sec"),
        ("Record Time", f"{motion.seconds:.3f} sec"),
        ("Sample Rate", f"{motion.sample_rate} sps"),
    ]
    for name, trace in zip(_GEOPHONES, motion.channels, strict=False):
        frequency = zero_crossing_hz(trace, motion.sample_rate)
        lines.append((f"{name} ZC Freq", hertz(frequency)))
    return lines


def _histogram_lines(event: SimulatedEvent) -> list[tuple[str, str]]:
    intervals = event.intervals or ()
    return [
        ("Number of Intervals", str(len(intervals))),
        ("Interval Size", f"{_interval(event).total_seconds():g} seconds"),
        ("Sample Rate", "1024 sps"),
    ]


def _peak_lines(event: SimulatedEvent) -> list[tuple[str, str]]:
    peaks = event.peaks
    rail = HIGHEST * GEO_UNIT
    values = [peaks.tran, peaks.vert, peaks.long]
    lines = [
        (f"{name} PPV", OVER_RANGE if value >= rail else f"{printed(value)} in/s")
        for name, value in zip(_GEOPHONES, values, strict=True)
    ]
    over = max(values) >= rail
    return [
        *lines,
        ("Peak Vector Sum", OVER_RANGE if over else f"{printed(peaks.pvs)} in/s"),
        ("MicL PSPL", _level(peaks.micl)),
    ]


def _level(psi: float) -> str:
    # Half a count below the rail: a pressure that was rounded on its way to psi is still a reading at the rail.
    if psi >= (HIGHEST - 0.5) * MICL_UNIT_PA * PSI_PER_PA:
        return OVER_RANGE
    return f"{20 * math.log10(psi / 2.9e-9):.1f} dB(L)" if psi > 0 else "N/A"


def _sample_rows(motion: Motion) -> list[str]:
    geophone = {count: printed(count * GEO_UNIT).ljust(10) for count in range(LOWEST, HIGHEST + 1)}
    names = "\t".join(name.center(10) for name in (*_GEOPHONES, "MicL"))
    rows = zip(*motion.channels, strict=True)
    return [
        names,
        *(f"{geophone[t]}\t{geophone[v]}\t{geophone[w]}\t{printed(m * MICL_UNIT_PA).ljust(10)}" for t, v, w, m in rows),
    ]


def _interval_rows(event: SimulatedEvent) -> list[str]:
    step = _interval(event)
    rows = [_date(event.recorded_at)]
    for number, interval in enumerate(event.intervals or (), start=1):
        cells = [f"{event.recorded_at + number * step:%H:%M:%S}"]
        pairs = (
            (interval.tran, interval.tran_half),
            (interval.vert, interval.vert_half),
            (interval.long, interval.long_half),
        )
        for peak, half in pairs:
            value = OVER_RANGE if peak >= HIGHEST else printed(peak * GEO_UNIT)
            cells += [value, ">100" if half <= 5 else hertz(512 / half).removesuffix(" Hz")]
        rows.append("\t".join(cells))
    return rows


def hertz(frequency: float | None) -> str:
    """A frequency as reports print it: words above 100 and below 1 Hz, and where there is none."""
    if frequency is None:
        return "N/A"
    if frequency > 100:
        return ">100 Hz"
    if frequency < 1:
        return "<1 Hz"
    return f"{frequency:.1f} Hz" if frequency < 50 else f"{frequency:.0f} Hz"


def _interval(event: SimulatedEvent) -> timedelta:
    return (event.stopped_at - event.recorded_at) / max(1, len(event.intervals or ()))
