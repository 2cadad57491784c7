"""Comparing a decoded histogram with the interval rows that its report prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfm_archive.base.plain import in_json
from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import decimals_of
from sfm_archive.model.readings import GEO_CHANNELS, ValueState
from sfm_archive.model.units import NORMAL_RANGE_IN_S, RAIL, GeoUnit, geo_quantum
from sfm_archive.waveforms.frequencies import frequency_reading
from sfm_archive.waveforms.histograms import Histogram
from sfm_archive.waveforms.interval_tables import IntervalCell, IntervalTable

_SLACK = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalDifference:
    """One printed cell that the decoded histogram does not give. `row`: from 0. `computed`: None for a word or none."""

    row: int
    channel: str
    quantity: str
    computed: float | None
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalComparison:
    """`rows_decoded`: intervals after grouping; `blocks_per_row`: stored intervals in each. `compared`: cells."""

    rows_decoded: int
    rows_reported: int
    blocks_per_row: int
    compared: int
    differences: tuple[IntervalDifference, ...]

    @property
    @in_json("agree")
    def agree(self) -> bool:
        """Whether something was compared, in equally many rows, and all of it agrees."""
        return self.compared > 0 and self.rows_decoded == self.rows_reported and not self.differences


def compare_intervals(
    histogram: Histogram, table: IntervalTable, range_in_s: float = NORMAL_RANGE_IN_S, told: int = 0
) -> IntervalComparison:
    """Compare peaks and frequencies of Tran, Vert and Long row by row, to half a printed unit.

    Where more intervals are stored than printed they are grouped evenly, the largest peak taken (DERIVED). A printed
    `<…` agrees with a smaller peak, `OORANGE` with one at the rail; a frequency printed as a word (`N/A`, `***`) is
    not compared. `told`: how many rows a table that is cut off should have, 0 where it has all. Raises UsageError for a
    range that is none.
    """
    unit: GeoUnit = "in/s" if table.unit == "in/s" else "mm/s"
    if table.unit != unit:
        raise UsageError(f"intervals in {table.unit!r} cannot be compared with velocities")
    quantum = geo_quantum(range_in_s, unit)
    per_row = max(1, -(-histogram.size // max(1, told or len(table.rows))))
    grouped = histogram.grouped(per_row)
    found: list[IntervalDifference] = []
    compared = 0
    peaks, halves = grouped.peaks, grouped.half_periods
    for row in range(min(grouped.size, len(table.rows))):
        printed = table.rows[row]
        for column, channel in enumerate(GEO_CHANNELS[: len(printed.peaks)]):
            count = int(peaks[column, row])
            compared += 1
            if not _peak_agrees(count, quantum, printed.peaks[column]):
                found.append(_difference(row, channel, "ppv", count * quantum, printed.peaks[column]))
            if column >= len(printed.frequencies) or printed.frequencies[column].state is ValueState.ABSENT:
                continue
            compared += 1
            reading = frequency_reading(channel, int(halves[column, row]), grouped.sample_rate)
            cell = printed.frequencies[column]
            same = reading.state is cell.state
            if not same or (same and reading.state is ValueState.OK and not _near(reading.number, cell)):
                found.append(_difference(row, channel, "zc_frequency", reading.number, cell))
    return IntervalComparison(
        rows_decoded=grouped.size,
        rows_reported=len(table.rows),
        blocks_per_row=per_row,
        compared=compared,
        differences=tuple(found),
    )


def _peak_agrees(count: int, quantum: float, cell: IntervalCell) -> bool:
    if cell.state is ValueState.OVER_RANGE:
        return count >= RAIL
    if cell.state is ValueState.BELOW_THRESHOLD and cell.number is not None:
        return count * quantum < cell.number + _SLACK
    return cell.state is ValueState.OK and count < RAIL and _near(count * quantum, cell)


def _near(value: float | None, cell: IntervalCell) -> bool:
    if value is None or cell.number is None:
        return False
    rounding = 0.5 * 10.0 ** -decimals_of(cell.text)
    return bool(np.abs(value - cell.number) <= rounding * (1 + _SLACK))


def _difference(
    row: int, channel: str, quantity: str, computed: float | None, cell: IntervalCell
) -> IntervalDifference:
    return IntervalDifference(row=row, channel=channel, quantity=quantity, computed=computed, printed=cell.text)
