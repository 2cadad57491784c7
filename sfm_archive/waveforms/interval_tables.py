"""The interval rows of a histogram's report: a date line, then `HH:MM:SS`, peak, Hz, peak, Hz, …

Layout known only from descriptions (docs/facts.md): Tran, Vert and Long come first, each with its
frequency; what the further columns hold nobody has published, so their texts are kept as printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.texts import quoted
from sfm_archive.formats.reports.table_place import clock_time
from sfm_archive.model.decimals import with_points
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import GEO_CHANNELS, ValueState, is_absent, read_value
from sfm_archive.model.timestamps import month_number
from sfm_archive.waveforms.table_rows import CELL_NOT_UNDERSTOOD

_WORDY_DATE = re.compile(r"([A-Za-z]{3,9})\.? +([0-9]{1,2}),? *(?:/ ?)?([0-9]{2}|[0-9]{4})")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalCell:
    """One printed value: number (None for a word), state, and the text."""

    number: float | None
    state: ValueState
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRow:
    """One printed interval.

    `time_text`: as printed. `at`: device-local, naive; None where no date line was understood. `peaks`,
    `frequencies`: of Tran, Vert, Long in the report's unit and Hz. `further`: the texts of all other cells.
    """

    time_text: str
    at: datetime | None
    peaks: tuple[IntervalCell, ...]
    frequencies: tuple[IntervalCell, ...]
    further: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntervalTable:
    """All interval rows. `unit`: of the peaks, `in/s` or `mm/s`. `other_lines`: lines that are neither row nor date;
    `lines_between`: those of them behind the first row."""

    rows: tuple[IntervalRow, ...]
    unit: str
    other_lines: tuple[str, ...]
    lines_between: tuple[str, ...] = ()

    def peaks(self) -> NDArray[np.float64]:
        """Peaks in `unit`, shape (3, n); NaN where a word stands."""
        return _numbers([row.peaks for row in self.rows])

    def frequencies(self) -> NDArray[np.float64]:
        """Frequencies in Hz, shape (3, n); NaN where a word stands, `>100 Hz` included."""
        return _numbers([row.frequencies for row in self.rows])


def read_intervals(
    text: str, *, units_text: str, started: date | None, decimal_commas: bool = False
) -> tuple[IntervalTable, tuple[Finding, ...]]:
    """The rows in what follows a histogram's header. `started`: the header's date, used where no date line stands.
    `decimal_commas`: whether the header's numbers have them.

    A time smaller than the one before it is of the next day, unless a new date line says so itself. Never raises.
    """
    day = started
    last: time | None = None
    rows: list[IntervalRow] = []
    others: list[str] = []
    between: list[str] = []
    for printed in text.split("\n"):
        line = printed.removesuffix("\r")
        if not line.strip():
            continue
        cells = [cell.strip().strip('"') for cell in line.split("\t")]
        moment = clock_time(cells[0]) if len(cells) > 1 else None
        if moment is None:
            found = read_date(line.strip().strip('"'))
            if found is None:
                others.append(line)
                between += [line] if rows else []
            else:
                day, last = found, None
            continue
        if last is not None and moment < last and day is not None:
            day = day + timedelta(days=1) if day < date.max else None
        last = moment
        cells = [*cells[:1], *map(with_points, cells[1:])] if decimal_commas else cells
        rows.append(_row(cells, None if day is None else datetime.combine(day, moment)))
    unit = "in/s" if "in/s" in units_text.lower() else "mm/s"
    short = sum(len(row.frequencies) < len(GEO_CHANNELS) for row in rows)
    findings: tuple[Finding, ...] = ()
    if short:
        message = f"{short} interval rows have fewer than three peaks with their frequencies; what is there is kept"
        findings = (Finding(code="broken-row", message=message),)
    findings = (*findings, *_not_understood(rows))
    table = IntervalTable(rows=tuple(rows), unit=unit, other_lines=tuple(others), lines_between=tuple(between))
    return table, findings


def read_date(text: str) -> date | None:
    """The date of `June 26, 2026`, `Jun 26 /26` or `2026-06-26`, None for another text."""
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
        match = _WORDY_DATE.fullmatch(text)
        if match is None:
            return None
        year = int(match[3])
        return date(year + 2000 if year < 100 else year, month_number(match[1]), int(match[2]))
    except ValueError:
        return None


def _row(cells: Sequence[str], at: datetime | None) -> IntervalRow:
    pairs = 2 * len(GEO_CHANNELS)
    columns = [_cell(text) for text in cells[1 : 1 + pairs]]
    return IntervalRow(
        time_text=cells[0],
        at=at,
        peaks=tuple(columns[0::2]),
        frequencies=tuple(columns[1::2]),
        further=tuple(cells[1 + pairs :]),
    )


def _not_understood(rows: Sequence[IntervalRow]) -> tuple[Finding, ...]:
    """The finding for cells that are neither numbers nor known words; nothing without any."""
    odd = [(row, cell) for row in rows for cell in (*row.peaks, *row.frequencies) if _is_odd(cell)]
    if not odd:
        return ()
    row, cell = odd[0]
    message = (
        f"{len(odd):,} cells of the interval rows are neither numbers nor known words, the first is "
        f"{quoted(cell.text, 40)} in the row of {row.time_text}; export it again with decimal points"
    )
    return (Finding(code=CELL_NOT_UNDERSTOOD, message=message),)


def _is_odd(cell: IntervalCell) -> bool:
    return cell.state is ValueState.ABSENT and not is_absent(cell.text)


@lru_cache(maxsize=8192)
def _cell(text: str) -> IntervalCell:
    number, _, state = read_value(text)
    if number is None and state is ValueState.OK:
        state = ValueState.ABSENT
    return IntervalCell(number=number, state=state, text=text)


def _numbers(rows: list[tuple[IntervalCell, ...]]) -> NDArray[np.float64]:
    numbers = np.full((len(GEO_CHANNELS), len(rows)), np.nan)
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell.number is not None and cell.state is ValueState.OK:
                numbers[column, at] = cell.number
    return numbers
