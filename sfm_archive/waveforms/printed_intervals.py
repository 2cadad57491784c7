"""The intervals that a histogram's report prints: peaks as printed, each with the frequencies that its print allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.counting import counted
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.table_place import clock_time
from sfm_archive.model.day_peaks import Pair
from sfm_archive.model.decimals import bounds_of_print, half_of_the_last_digit
from sfm_archive.model.decode_settings import DecodeSettings
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S, GeoUnit, MicUnit
from sfm_archive.model.velocities import NM_S, whole_nm_s
from sfm_archive.waveforms.interval_tables import IntervalCell, IntervalRow
from sfm_archive.waveforms.printed_traces import unit_family
from sfm_archive.waveforms.report_samples import Report
from sfm_archive.waveforms.table_rows import NO_WHOLE_TABLE
from sfm_archive.waveforms.table_units import velocity_unit
from sfm_archive.waveforms.thor import ThorReport
from sfm_archive.waveforms.traces import Mask

_BROKEN = "broken-row"
_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(seconds=1)
"""Clock times are printed in whole seconds."""

_STILL: Final = IntervalCell(number=0.0, state=ValueState.OK, text="0.000")


class Printed(NamedTuple):
    """The intervals of a report, and what was noticed of its table alone."""

    intervals: PrintedIntervals
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrintedIntervals:
    """n intervals of three geophones, as a report prints them; what it prints of the microphone is not known.

    `rows`: the printed rows, each with a peak and a frequency of Tran, Vert and Long. `unit`: of the peaks. `interval`:
    its length, None where nothing tells it. `rail_nm_s`: what a peak that is over range is at least.
    """

    rows: tuple[IntervalRow, ...]
    unit: GeoUnit
    interval: timedelta | None
    rail_nm_s: int

    @property
    def channels(self) -> tuple[str, ...]:
        """Those of which there are peaks."""
        return GEO_CHANNELS

    @property
    def size(self) -> int:
        """Printed intervals."""
        return len(self.rows)

    @property
    def index(self) -> NDArray[np.int32]:
        """Shape (n,), from 0."""
        return np.arange(self.size, dtype=np.int32)

    @property
    def over_range(self) -> Mask:
        """Peaks printed as over range, shape (3, n)."""
        return self._where(ValueState.OVER_RANGE)

    @property
    def impossible(self) -> Mask:
        """Peaks that no unit measures, shape (3, n): a report prints none."""
        return np.zeros((len(self.channels), self.size), dtype=np.bool_)

    def _where(self, state: ValueState, *, frequencies: bool = False) -> Mask:
        rows = [[cell.state is state for cell in (row.frequencies if frequencies else row.peaks)] for row in self.rows]
        return np.array(rows, dtype=np.bool_).reshape(-1, len(GEO_CHANNELS)).T

    def bounds(self) -> dict[str, Mask]:
        """Which printed numbers are bounds, `peak_below`, `frequency_above` and `frequency_below`, shape (3, n)."""
        return {
            "peak_below": self._where(ValueState.BELOW_THRESHOLD),
            "frequency_above": self._where(ValueState.ABOVE_LIMIT, frequencies=True),
            "frequency_below": self._where(ValueState.BELOW_THRESHOLD, frequencies=True),
        }

    def physical(self, range_in_s: float, unit: GeoUnit, mic_unit: MicUnit = "Pa") -> dict[str, NDArray[np.float64]]:
        """Peaks of each geophone, shape (n,), in `unit`: the rail where over range, NaN where none is printed, and the
        bound behind a printed `<`. They need neither range nor microphone."""
        scale, rail = _factor(self.unit, unit), self.rail_nm_s / NM_S[unit]
        return {
            channel: np.array(
                [
                    rail if row.peaks[column].state is ValueState.OVER_RANGE else _number(row.peaks[column]) * scale
                    for row in self.rows
                ],
                dtype=np.float64,
            )
            for column, channel in enumerate(self.channels)
        }

    def frequencies(self) -> NDArray[np.float64]:
        """Printed frequencies in Hz, shape (3, n); the bound behind `>` and `<`, NaN where none is printed."""
        rows = [[_number(cell) for cell in row.frequencies] for row in self.rows]
        return np.array(rows, dtype=np.float64).reshape(-1, len(GEO_CHANNELS)).T

    def pairs(self, channel: str, part: slice = slice(None)) -> list[Pair] | None:
        """Peak and frequency of every interval of a part in which the ground moved; None where a peak is not known."""
        found = []
        for pair in self.every_pair(channel, part):
            if pair is None:
                return None
            found.append(pair)
        return [pair for pair in found if pair.nm_s]

    def every_pair(self, channel: str, part: slice = slice(None)) -> list[Pair | None]:
        """The same of every interval, None for a peak that is not known."""
        column = self.channels.index(channel)
        return [_pair(row.peaks[column], row.frequencies[column], self.unit, self.rail_nm_s) for row in self.rows[part]]

    def place_of_peak(self, channel: str) -> int | None:
        """The interval of a channel's peak, the first of equals; None where nothing moved or a peak is not known."""
        if channel not in self.channels:
            return None
        column = self.channels.index(channel)
        cells = [row.peaks[column] for row in self.rows]
        if any(cell.state is ValueState.ABSENT for cell in cells):
            return None
        place = max(range(self.size), key=lambda at: (*_height(cells[at]), -at), default=None)
        return None if place is None or _height(cells[place]) == (False, 0.0, False) else place

    def without(self, held: Mask) -> PrintedIntervals:
        """The same, with nothing moving in those of the intervals, shape (n,), that are held."""
        rows = (
            replace(row, peaks=(_STILL,) * len(row.peaks)) if out else row
            for row, out in zip(self.rows, held.tolist(), strict=True)
        )
        return replace(self, rows=tuple(rows))

    def quantities(self, range_in_s: float, unit: GeoUnit) -> tuple[Reading, ...]:
        """PPV of each geophone and its frequency, as printed, ABSENT where a peak of the channel is not known."""
        found: list[Reading] = []
        for column, channel in enumerate(self.channels):
            place = self.place_of_peak(channel)
            if place is None:
                unknown = any(row.peaks[column].state is ValueState.ABSENT for row in self.rows)
                state = ValueState.ABSENT if unknown else ValueState.OK
                number = None if unknown else 0.0
                found.append(Reading(quantity="ppv", channel=channel, number=number, unit=unit, state=state))
                found.append(
                    Reading(quantity="zc_frequency", channel=channel, number=None, unit="Hz", state=ValueState.ABSENT)
                )
                continue
            row = self.rows[place]
            peak = _reading("ppv", channel, row.peaks[column], self.unit)
            if unit != self.unit and peak.number is not None:
                peak = replace(peak, number=peak.number * _factor(self.unit, unit), unit=unit, text="")
            found += [replace(peak, unit=unit), _reading("zc_frequency", channel, row.frequencies[column], "Hz")]
        return tuple(found)


def printed_intervals(report: Report | ThorReport, settings: DecodeSettings) -> Printed:
    """The intervals of a histogram's report that has a whole table. `settings`: number and length of the intervals, and
    the range, where a document tells them.

    Raises BadInput, with the reason, where there is none that is whole: rows are missing or broken, times do not follow
    each other by one interval, or nothing tells the unit of the peaks.
    """
    if isinstance(report, ThorReport):
        raise BadInput("what stands in the table of a histogram's CSV is not known, so that it has only numbers")
    table = report.intervals
    broken = sentences(found.message for found in report.findings if found.code in NO_WHOLE_TABLE | {_BROKEN})
    if table is None or broken:
        raise BadInput(broken or "the report has no table of intervals, only numbers")
    if table.lines_between:
        raise BadInput(f"its table of intervals has lines that are no rows, such as {table.lines_between[0].strip()!r}")
    unit = _unit(report)
    interval = _interval(table.rows, settings.interval_s)
    _begins_with(table.rows[0], report.header.recorded_at, interval)
    findings = [found for found in report.findings if found not in report.header.findings]
    told = settings.intervals
    if told is not None and len(table.rows) > told + 1:
        message = f"its table has {counted(len(table.rows), 'interval')}, its header tells of {told:g}"
        findings.append(Finding(code="interval-count", message=message))
    rail = whole_nm_s(unit_family(report).least_over_range_in_s(settings.range_in_s), "in/s")
    intervals = PrintedIntervals(rows=table.rows, unit=unit, interval=interval, rail_nm_s=rail)
    if all(intervals.pairs(channel) is None for channel in intervals.channels):
        raise BadInput("its table of intervals lacks a peak of every geophone")
    return Printed(intervals, tuple(findings))


def _unit(report: Report) -> GeoUnit:
    """Of the peaks: as the header's `Units` says, else that of its own peaks. Raises BadInput where neither tells."""
    told = velocity_unit(report.header)
    if told is None:
        raise BadInput("it does not tell the unit of the peaks in its table of intervals")
    return told


def _interval(rows: tuple[IntervalRow, ...], told_s: float | None) -> timedelta | None:
    """The length of an interval, as told or from row to row. Raises BadInput where rows do not follow each other by
    it."""
    times = [_since_midnight(clock_time(row.time_text)) for row in rows]
    steps = [(later - earlier) % _DAY for earlier, later in pairwise(times)]
    interval = timedelta(seconds=told_s) if told_s is not None else steps[0] if steps else None
    for number, step in enumerate(steps, start=2):
        is_ended_early = number == len(times) and interval is not None and timedelta(0) < step < interval
        if interval is None or (not is_ended_early and abs((step - interval + _DAY / 2) % _DAY - _DAY / 2) > _SLACK):
            seconds = 0.0 if interval is None else interval.total_seconds()
            raise BadInput(
                f"row {number} of its table of intervals is at {rows[number - 1].time_text}, not {seconds:g} s behind "
                f"the row before it, {rows[number - 2].time_text}: intervals are missing or repeated"
            )
    return interval


def _begins_with(first: IntervalRow, started: datetime | None, interval: timedelta | None) -> None:
    """Raises BadInput where the first row is not that of the first interval: whether rows tell when an interval begins
    or when it ends nobody has published, so both are taken."""
    if started is None or interval is None:
        return
    behind = (_since_midnight(clock_time(first.time_text)) - _since_midnight(started.time()) + _SLACK) % _DAY
    if behind > interval + 2 * _SLACK:
        raise BadInput(
            f"its table of intervals begins at {first.time_text}, and the event at {started:%H:%M:%S}: the first "
            "intervals are missing"
        )


def _since_midnight(moment: time | None) -> timedelta:
    clock = moment or time()
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _height(cell: IntervalCell) -> tuple[bool, float, bool]:
    """What peaks are compared by: over range before every number, a number before a bound as great."""
    is_over = cell.state is ValueState.OVER_RANGE
    return (
        is_over,
        0.0 if is_over else abs(cell.number or 0.0),
        not is_over and cell.state is ValueState.OK and bool(cell.number),
    )


def _number(cell: IntervalCell) -> float:
    return float("nan") if cell.number is None or cell.state is ValueState.ABSENT else abs(cell.number)


def _factor(printed: str, wanted: str) -> float:
    return VELOCITIES_MM_S[printed] / VELOCITIES_MM_S[wanted]


def _reading(quantity: str, channel: str, cell: IntervalCell, unit: str) -> Reading:
    number = None if cell.number is None or cell.state is ValueState.ABSENT else abs(cell.number)
    text = cell.text if cell.text.endswith(unit) else f"{cell.text} {unit}"
    is_number = number is not None
    return Reading(
        quantity=quantity,
        channel=channel,
        number=number,
        unit=unit,
        state=cell.state,
        text=text if is_number else "",
    )


@lru_cache(maxsize=8192)
def _pair(peak: IntervalCell, frequency: IntervalCell, unit: str, rail_nm_s: int) -> Pair | None:
    """A peak as printed, at the frequencies that its print stands for; None for a peak that is no number."""
    over = peak.state is ValueState.OVER_RANGE
    if not over and (peak.number is None or peak.state not in (ValueState.OK, ValueState.BELOW_THRESHOLD)):
        return None
    nm_s = rail_nm_s if over else abs(whole_nm_s(peak.number or 0.0, unit))
    at_most = peak.state is ValueState.BELOW_THRESHOLD
    hz = None if frequency.number is None else abs(frequency.number)
    if hz is None or frequency.state is ValueState.ABSENT:
        return Pair(None, nm_s, over, at_most=at_most)
    low, high = bounds_of_print(hz, half_of_the_last_digit(frequency.text))
    if frequency.state is ValueState.ABOVE_LIMIT:
        return Pair(hz, nm_s, over, hz, None, at_most)
    if frequency.state is ValueState.BELOW_THRESHOLD:
        return Pair(hz, nm_s, over, 0.0, hz, at_most)
    return Pair(hz, nm_s, over, low, high, at_most)
