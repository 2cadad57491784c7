"""The sample table of a report: one row per sample, one column per channel, printed numbers.

Layout known from real exports (docs/facts.md, "Blastware ASCII report"). Plain tables are parsed in
whole by numpy; one that holds words (`OORANGE`, `***`, …) or broken rows cell by cell.
"""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.formats.reports.lines import quoted_cells
from sfm_archive.formats.reports.wholeness import fits_record_time
from sfm_archive.model.decimals import bytes_with_points, decimals_of
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState, read_value
from sfm_archive.model.units import (
    MICROMATE_QUANTUM_MM_S,
    NORMAL_RANGE_IN_S,
    PA_PER_COUNT,
    SENSITIVE_RANGE_IN_S,
    VELOCITIES_MM_S,
    geo_quantum,
)
from sfm_archive.waveforms.segments import MAX_SAMPLES
from sfm_archive.waveforms.traces import Mask, Traces

STATES: Final = tuple(ValueState)
"""What the numbers in `SampleTable.states` stand for."""

_OK, _OVER, _ABSENT = (STATES.index(s) for s in (ValueState.OK, ValueState.OVER_RANGE, ValueState.ABSENT))
_PLAIN = b"0123456789.+- \t\r\n"
_OF_NUMBER = np.isin(np.arange(256, dtype=np.uint8), np.frombuffer(b"0123456789.+-", dtype=np.uint8))

LONG_TABLE: Final = "long-table"
"""Code of the finding for a table with more rows than this program reads."""

CELL_NOT_UNDERSTOOD: Final = "cell-not-understood"
"""Code of the finding for cells that are neither numbers nor known words."""

_MOST_PRETRIGGER_S = 3600.0
_LONGEST_ROW = 1 << 16

_QUANTA_MM_S: Final = (
    geo_quantum(NORMAL_RANGE_IN_S, "mm/s"),
    geo_quantum(SENSITIVE_RANGE_IN_S, "mm/s"),
    MICROMATE_QUANTUM_MM_S,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleTable:
    """The table as printed: k channels of n rows.

    `channels`: names, in any case as Blastware's own where they are those. `values`: shape (k, n), NaN where no number
    stands. `decimals`: shape (k, n), printed digits behind the point. `states`: shape (k, n), positions in STATES.
    `units`: one for each channel. `sample_rate` (per second) and `pretrigger` (samples) as the header gives them, None
    where it does not.
    """

    channels: tuple[str, ...]
    values: NDArray[np.float64]
    decimals: NDArray[np.int8]
    states: NDArray[np.uint8]
    units: tuple[str, ...]
    sample_rate: float | None
    pretrigger: int | None

    @property
    def rows(self) -> int:
        """Samples per channel."""
        return int(self.values.shape[1])

    @property
    def not_known(self) -> tuple[str, ...]:
        """Names of columns that are neither a channel's nor the time's."""
        return tuple(name for name in self.channels if name not in CHANNELS and name.lower() != "time")

    @property
    def half_units(self) -> NDArray[np.float64]:
        """Half a printed unit of each cell, shape (k, n): as far as rounding alone can move a value."""
        return np.float64(0.5) * 10.0 ** -self.decimals.astype(np.float64)

    def traces(self, *, sample_rate: float | None = None, restore: bool = True) -> Traces:
        """The table as traces: counts × quantum where the counts can be restored, else the printed numbers.

        The quanta tried are those of `units`. Above 10 mm/s a Micromate prints in steps wider than its count: of two
        counts that print alike the nearer one is taken. Raises UsageError where neither table nor caller tell the rate.
        """
        rate = sample_rate if sample_rate is not None else self.sample_rate
        if rate is None:
            raise UsageError("the report does not say the sample rate; give sample_rate")
        unusable = np.isnan(self.values)
        filled = np.where(unusable, 0.0, self.values)
        quanta = self._quanta(filled) if restore else (None,) * len(self.channels)
        samples = np.empty_like(filled)
        for row, quantum in enumerate(quanta):
            samples[row] = filled[row] if quantum is None else np.rint(filled[row] / quantum)
        over_range = self.states == _OVER
        whole = None not in quanta
        return Traces(
            channels=self.channels,
            samples=samples.astype(np.int32) if whole else samples,
            quantum=tuple(1.0 if quantum is None else quantum for quantum in quanta),
            units=self.units,
            sample_rate=rate,
            pretrigger=self.pretrigger or 0,
            over_range=over_range if over_range.any() else None,
            unusable=unusable if unusable.any() else None,
        )

    def _quanta(self, filled: NDArray[np.float64]) -> tuple[float | None, ...]:
        """For each channel the quantum of which all its numbers are multiples, to rounding; one for all geophones."""
        found: list[float | None] = [None] * len(self.channels)
        rows = [row for row, name in enumerate(self.channels) if name in GEO_CHANNELS]
        if rows:
            scale = VELOCITIES_MM_S.get(self.units[rows[0]], 1.0)
            for quantum in (q / scale for q in _QUANTA_MM_S):
                if self._multiples(filled, rows, quantum):
                    for row in rows:
                        found[row] = quantum
                    break
        for row, name in enumerate(self.channels):
            if name == "MicL" and self.units[row] == "Pa" and self._multiples(filled, [row], PA_PER_COUNT):
                found[row] = PA_PER_COUNT
        return tuple(found)

    def _multiples(self, filled: NDArray[np.float64], rows: list[int], quantum: float) -> bool:
        # Where a printed step is wider than the quantum everywhere, any number would fit.
        if quantum <= 10.0 ** -float(self.decimals[rows].max(initial=0)):
            return False
        values = filled[rows]
        if float(np.abs(values).max(initial=0)) / quantum >= 1 << 30:
            return False
        off = np.abs(np.rint(values / quantum) * quantum - values)
        return bool((off <= self.half_units[rows] * (1 + 1e-6)).all())


def rate_and_pretrigger(readings: Iterable[Reading]) -> tuple[float | None, int | None]:
    """Samples per second and samples before the trigger as a header states them, None where it does not."""
    numbers = {reading.quantity: reading.number for reading in readings if reading.channel == ""}
    rate, before = numbers.get("sample_rate"), numbers.get("pretrigger")
    if rate is None or not 0 < rate < 1e9:
        return None, None
    return rate, None if before is None or abs(before) > _MOST_PRETRIGGER_S else round(abs(before) * rate)


def read_table(
    body: bytes,
    channels: tuple[str, ...],
    *,
    units_text: str,
    sample_rate: float | None,
    pretrigger: int | None,
    quoted: bool = False,
    decimal_commas: bool = False,
) -> tuple[SampleTable, tuple[Finding, ...]]:
    """The rows behind the row of names. `units_text`: what the header says of units. `quoted`: cells stand in quotes
    with commas between them, else TABs do.

    `decimal_commas`: whether the header's numbers have them. Never raises; a row with another number of cells is filled
    up or cut, with the finding `broken-row`; rows beyond `MAX_SAMPLES` are left out, with the finding `long-table`; a
    cell that is neither a number nor a known word holds none, with the finding `cell-not-understood`.
    """
    body, cut = _first_rows(body)
    if decimal_commas and (not quoted or b'"' in body):
        body = bytes_with_points(body)
    plain = body.replace(b'","', b"\t").replace(b'"', b" ") if quoted else body
    findings: tuple[Finding, ...] = ()
    fast = _whole_table(plain, len(channels))
    if fast is not None:
        values, decimals = fast
        states = np.full(values.shape, _OK, dtype=np.uint8)
    else:
        values, decimals, states, findings = _cell_by_cell(body, len(channels), quoted=quoted)
    if cut:
        message = f"this program reads up to {MAX_SAMPLES:,} rows of a table; the rest is left out"
        findings = (*findings, Finding(code=LONG_TABLE, message=message))
    table = SampleTable(
        channels=channels,
        values=values,
        decimals=decimals,
        states=states,
        units=("",) * len(channels),
        sample_rate=sample_rate,
        pretrigger=pretrigger,
    )
    return replace(table, units=_units(table, units_text)), findings


def _first_rows(body: bytes) -> tuple[bytes, bool]:
    """Up to `MAX_SAMPLES` lines, and whether there are more: it bounds the memory of a table."""
    if body.count(b"\n") <= MAX_SAMPLES:
        return body, False
    ends = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == ord("\n"))
    end = int(ends[MAX_SAMPLES - 1]) + 1
    return body[:end], bool(body[end:].strip())


def _whole_table(body: bytes, columns: int) -> tuple[NDArray[np.float64], NDArray[np.int8]] | None:
    """Values and decimals, shape (columns, rows); None unless each line is exactly so many plain decimal numbers."""
    if body.translate(None, _PLAIN):
        return None
    stored = np.frombuffer(body.rstrip() + b"\n", dtype=np.uint8)
    edges = np.diff(_OF_NUMBER[stored].astype(np.int8), prepend=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    dots = np.flatnonzero(stored == ord("."))
    rows = np.searchsorted(ends, np.flatnonzero(stored == ord("\n")), side="right")
    if len(dots) != len(ends) or not bool((np.diff(rows, prepend=0) == columns).all()):
        return None
    if bool((dots < starts).any()) or bool((dots >= ends).any()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            numbers = np.fromstring(stored.tobytes().decode("ascii"), dtype=np.float64, sep=" ")
        except (ValueError, DeprecationWarning):
            return None
    if len(numbers) != len(ends) or not bool(np.isfinite(numbers).all()):
        return None
    decimals = np.minimum(ends - dots - 1, 99).astype(np.int8)
    shape = (-1, columns)
    return np.ascontiguousarray(numbers.reshape(shape).T), np.ascontiguousarray(decimals.reshape(shape).T)


def _cell_by_cell(
    body: bytes, columns: int, *, quoted: bool
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.uint8], tuple[Finding, ...]]:
    values, decimals, states = array("d"), array("b"), array("B")
    rows, broken, first_broken = 0, 0, 0
    odd, first_odd = 0, ""
    for printed in body.decode("latin-1").split("\n"):
        if not printed.strip():
            continue
        rows += 1
        line = printed.removesuffix("\r")[:_LONGEST_ROW]
        texts = quoted_cells(line) if quoted else line.split("\t", columns)
        if len(texts) != columns:
            broken += 1
            first_broken = first_broken or rows
            texts = [*texts, *[""] * columns][:columns]
        for text in texts:
            value, places, state, understood = _cell(text.strip())
            if not understood:
                odd += 1
                first_odd = first_odd or text.strip()
            values.append(value)
            decimals.append(places)
            states.append(state)
    findings: tuple[Finding, ...] = ()
    if broken:
        message = f"{broken} rows of the sample table do not have {columns} cells, the first is row {first_broken}"
        findings = (Finding(code="broken-row", message=message),)
    if odd:
        message = (
            f"{odd:,} cells of the sample table are neither numbers nor known words, the first is {first_odd[:40]!r}; "
            "export it again with decimal points"
        )
        findings = (*findings, Finding(code=CELL_NOT_UNDERSTOOD, message=message))
    shape = (-1, columns)
    return (
        np.ascontiguousarray(np.array(values, dtype=np.float64).reshape(shape).T),
        np.ascontiguousarray(np.array(decimals, dtype=np.int8).reshape(shape).T),
        np.ascontiguousarray(np.array(states, dtype=np.uint8).reshape(shape).T),
        findings,
    )


@lru_cache(maxsize=4096)
def _cell(text: str) -> tuple[float, int, int, bool]:
    """Number (NaN for none), decimals and state of a cell, and whether it is a number or a word that is known."""
    number, _, state = read_value(text)
    understood = state is not ValueState.OK or number is not None
    value = np.nan if number is None or state is not ValueState.OK else number
    return value, decimals_of(text), STATES.index(state if understood else ValueState.ABSENT), understood


def _units(table: SampleTable, text: str) -> tuple[str, ...]:
    lowered = text.lower()
    geo = "in/s" if "in/s" in lowered else "mm/s"
    return tuple(
        _mic_unit(table.values[row], lowered) if name.lower().startswith("mic") else geo
        for row, name in enumerate(table.channels)
    )


def _mic_unit(column: NDArray[np.float64], units_text: str) -> str:
    """The unit of the microphone's column: that of the header, unless it says dB(L) and the numbers are no levels.

    A level has no sign, and one count (0.25 Pa) is 82 dB(L): numbers below zero or all below 60 are pressures.
    """
    rest = units_text.partition("/s")[2]
    if "psi" in rest:
        return "psi"
    known = column[~np.isnan(column)]
    if "db" in rest and known.size and float(known.min()) >= 0 and float(known.max()) >= 60:
        return "dB(L)"
    return "Pa"


def row_count_finding(table: SampleTable, pretrigger: float | None, record_time: float | None) -> Finding | None:
    """The finding for a table of more rows than (abs(pre-trigger) + record time) × rate, to the printed ms; one with
    fewer is cut off (`formats.reports.wholeness`)."""
    if table.sample_rate is None or pretrigger is None or record_time is None:
        return None
    expected = (abs(pretrigger) + record_time) * table.sample_rate
    if table.rows <= expected or fits_record_time(table.rows, table.sample_rate, pretrigger, record_time):
        return None
    message = f"the table has {table.rows} rows where the header's times and rate give {expected:.0f}"
    return Finding(code="row-count", message=message)


def words(table: SampleTable, state: ValueState) -> Mask:
    """The cells in a state, shape (k, n)."""
    cells: Mask = table.states == STATES.index(state)
    return cells
