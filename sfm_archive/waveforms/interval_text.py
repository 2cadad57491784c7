"""Writing the interval rows of a histogram's report: what `interval_tables` reads.

The layout is known from descriptions only (docs/facts.md), the vendor's bytes are OPEN. So this is ours where nothing
is known, and made to lose nothing that the vendor's words do not take away: as many decimals as tell two neighbouring
counts apart, and frequencies with as many as tell the half wave. `OORANGE`, `>100` and `<1` stand for what they say.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from sfm_archive.errors import BadInput
from sfm_archive.model.readings import CHANNELS, ValueState
from sfm_archive.model.timestamps import date_text
from sfm_archive.model.units import PA_PER_COUNT, RAIL, GeoUnit, geo_quantum
from sfm_archive.waveforms.frequencies import frequency_reading
from sfm_archive.waveforms.histograms import Histogram
from sfm_archive.waveforms.printed_intervals import PrintedIntervals
from sfm_archive.waveforms.report_text import OVER_RANGE_TEXT

_LEAST_DECIMALS = 3
_MOST_DECIMALS = 9
_DAY = timedelta(days=1)


def interval_rows(
    histogram: Histogram,
    started: datetime,
    interval: timedelta,
    range_in_s: float,
    unit: GeoUnit,
    newline: bytes = b"\n",
) -> bytes:
    """A date line, then a row for each interval: when it ends, and peak and frequency of Tran, Vert and Long.

    Behind them stand the microphone's peak in Pa and its frequency. What Blastware's further columns hold, and whether
    its rows say when an interval starts or ends, nobody has published. `started`: device-local. Raises BadInput for
    intervals that a clock of whole seconds cannot tell apart, UsageError for a range or unit that is none.
    """
    if not timedelta(0) < interval < _DAY or interval % timedelta(seconds=1):
        raise BadInput(f"rows have clock times of whole seconds; intervals of {interval} do not fit them")
    quanta = (*(geo_quantum(range_in_s, unit),) * (len(CHANNELS) - 1), PA_PER_COUNT)
    cells: list[list[str]] = []
    for row, quantum in enumerate(quanta):
        cells.append([_peak_text(count, quantum) for count in histogram.peaks[row].tolist()])
        cells.append([_frequency_text(half, histogram.sample_rate) for half in histogram.half_periods[row].tolist()])
    times = (f"{started + number * interval:%H:%M:%S}" for number in range(1, histogram.size + 1))
    lines = [date_text(started + interval), *("\t".join(line) for line in zip(times, *cells, strict=True)), ""]
    return newline.decode("ascii").join(lines).encode("ascii")


def printed_rows(printed: PrintedIntervals, started: datetime, unit: GeoUnit, newline: bytes = b"\n") -> bytes:
    """The rows of a report as it printed them, behind the date of the first one. `started`: device-local. Raises
    BadInput where they are wanted in another unit than the printed one."""
    if unit != printed.unit:
        raise BadInput(f"its intervals are printed in {printed.unit}, and are given as text in no other unit")
    first = started if printed.interval is None else started + printed.interval
    cells = (
        (row.time_text, *(cell.text for pair in zip(row.peaks, row.frequencies, strict=True) for cell in pair))
        for row in printed.rows
    )
    further = (row.further for row in printed.rows)
    lines = ["\t".join((*own, *more)) for own, more in zip(cells, further, strict=True)]
    return newline.decode("ascii").join([date_text(first), *lines, ""]).encode("ascii", "replace")


@lru_cache(maxsize=8192)
def _peak_text(count: int, quantum: float) -> str:
    if count >= RAIL:
        return OVER_RANGE_TEXT
    fitting = (digits for digits in range(_LEAST_DECIMALS, _MOST_DECIMALS) if 10.0**-digits < quantum)
    return f"{count * quantum:.{next(fitting, _MOST_DECIMALS)}f}"


@lru_cache(maxsize=8192)
def _frequency_text(half_period: int, sample_rate: float) -> str:
    """As Blastware prints frequencies where that gives the half wave, with more decimals where it does not."""
    reading = frequency_reading("", half_period, sample_rate)
    number = reading.number
    if reading.state is ValueState.ABSENT or number is None:
        return "N/A"
    if reading.state is not ValueState.OK:
        return f"{'>' if reading.state is ValueState.ABOVE_LIMIT else '<'}{number:g}"
    text = ""
    for digits in range(0 if number >= 50 else 1, _MOST_DECIMALS):
        text = f"{number:.{digits}f}"
        if round(sample_rate / (2 * float(text))) == half_period:
            break
    return text
