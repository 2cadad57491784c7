"""The sample table of a report: one row per sample, one column per channel, printed numbers.

Layout known from real exports (docs/facts.md, "Blastware ASCII report"); `table_rows` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.errors import UsageError
from sfm_archive.formats.reports.lines import Header
from sfm_archive.formats.reports.wholeness import told_rows
from sfm_archive.model.families import FAMILIES, MINIMATE, Family
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S, GeoUnit
from sfm_archive.waveforms.table_rows import BELOW, STATES, Bounds, doubled_columns, read_rows
from sfm_archive.waveforms.table_units import assumed_units, microphone_unit
from sfm_archive.waveforms.traces import AS_PRINTED, Mask, Samples, Traces

_OVER = STATES.index(ValueState.OVER_RANGE)
_HALF_UNITS: Final = 0.5 * 10.0 ** -np.arange(128, dtype=np.float64)
_MOST_PRETRIGGER_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleTable:
    """The table as printed: k channels of n rows.

    `channels`: names, in any case as Blastware's own where they are those. `values`: shape (k, n), NaN where no number
    stands. `decimals`: shape (k, n), printed digits behind the point. `states`: shape (k, n), positions in STATES.
    `bounds`: k greatest numbers behind a `<`, None without any. `units`: one for each channel; `assumed`: the
    channels of which nothing tells it. `sample_rate` (per second) and `pretrigger` (samples) as the header gives them,
    None where it does not.
    """

    channels: tuple[str, ...]
    values: NDArray[np.float64]
    decimals: NDArray[np.int8]
    states: NDArray[np.uint8]
    bounds: Bounds
    units: tuple[str, ...]
    assumed: tuple[str, ...]
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

    def without_last_row(self) -> SampleTable:
        """The same but for its last row, which a text that is cut off may not have as a whole."""
        return replace(self, values=self.values[:, :-1], decimals=self.decimals[:, :-1], states=self.states[:, :-1])

    def half_units_of(self, row: int) -> NDArray[np.float64]:
        """Half a printed unit of each cell of one channel, shape (n,): as far as rounding alone can move a value."""
        halves: NDArray[np.float64] = _HALF_UNITS[self.decimals[row]]
        return halves

    def traces(self, *, sample_rate: float | None = None, restore: bool = True, first: Family = MINIMATE) -> Traces:
        """The table as traces: counts × quantum where the counts can be restored, else the printed numbers.

        The quanta tried are those of the family `first`, then those of the others. Above 10 mm/s a Micromate prints in
        steps wider than its count: of two counts that print alike the nearer one is taken, and `Traces.open_by` says
        so. Raises UsageError where neither table nor caller tell the rate.
        """
        rate = sample_rate if sample_rate is not None else self.sample_rate
        if rate is None:
            raise UsageError("the report does not say the sample rate; give sample_rate")
        families = (first, *(one for one in FAMILIES if one is not first))
        quanta = self._quanta(families) if restore else (None,) * len(self.channels)
        whole = None not in quanta
        samples: Samples = np.empty(self.values.shape, dtype=np.int32 if whole else np.float64)
        open_by = np.empty(self.values.shape, dtype=np.float32)
        for row, quantum in enumerate(quanta):
            filled, halves = self._filled(row), self.half_units_of(row)
            if quantum is None:
                samples[row], open_by[row] = filled, halves
                continue
            samples[row] = np.rint(filled / quantum)
            # Where the printed step is narrower than a count, it tells the count.
            off = np.abs(samples[row] * quantum - filled)
            open_by[row] = np.where(2 * halves < quantum, 0.0, halves + off)
        unusable = np.isnan(self.values)
        over_range = self.states == _OVER
        return Traces(
            channels=self.channels,
            samples=samples,
            quantum=tuple(AS_PRINTED if quantum is None else quantum for quantum in quanta),
            units=self.units,
            sample_rate=rate,
            pretrigger=self.pretrigger or 0,
            over_range=over_range if over_range.any() else None,
            unusable=unusable if unusable.any() else None,
            open_by=open_by,
            mic_at_most=self._mic_at_most(),
            assumed=self.assumed,
        )

    def _mic_at_most(self) -> float | None:
        """What the cells of the microphone that are no numbers are at most: the greatest bound, where each has one or
        is over range."""
        if "MicL" not in self.channels:
            return None
        row = self.channels.index("MicL")
        states = self.states[row][np.isnan(self.values[row])]
        return self.bounds[row] if bool(((states == BELOW) | (states == _OVER)).all()) else None

    def _filled(self, row: int) -> NDArray[np.float64]:
        """One channel, shape (n,), with 0 where no number stands."""
        values = self.values[row]
        return np.where(np.isnan(values), 0.0, values)

    def _quanta(self, families: Sequence[Family]) -> tuple[float | None, ...]:
        """For each channel the quantum of which all its numbers are multiples, to rounding; one for all geophones."""
        found: list[float | None] = [None] * len(self.channels)
        rows = [row for row, name in enumerate(self.channels) if name in GEO_CHANNELS]
        if rows:
            scale = VELOCITIES_MM_S.get(self.units[rows[0]], 1.0)
            for quantum in (q / scale for family in families for q in family.quanta_mm_s):
                if self._multiples(rows, quantum):
                    for row in rows:
                        found[row] = quantum
                    break
        for row, name in enumerate(self.channels):
            of_microphone = [q for family in families if (q := family.pa_per_count) is not None]
            if name == "MicL" and self.units[row] == "Pa":
                found[row] = next((q for q in of_microphone if self._multiples([row], q)), None)
        return tuple(found)

    def _multiples(self, rows: list[int], quantum: float) -> bool:
        # Where a printed step is wider than the quantum everywhere, any number would fit.
        if quantum <= 10.0 ** -max(float(self.decimals[row].max(initial=0)) for row in rows):
            return False
        return all(self._are_multiples(row, quantum) for row in rows)

    def _are_multiples(self, row: int, quantum: float) -> bool:
        values = self._filled(row)
        if float(np.abs(values).max(initial=0)) / quantum >= 1 << 30:
            return False
        off = np.abs(np.rint(values / quantum) * quantum - values)
        return bool((off <= self.half_units_of(row) * (1 + 1e-6)).all())


def rate_and_pretrigger(readings: Iterable[Reading]) -> tuple[float | None, int | None]:
    """Samples per second and samples before the trigger as a header states them, None where it does not."""
    numbers = {reading.quantity: reading.number for reading in readings if reading.channel == ""}
    rate, before = numbers.get("sample_rate"), numbers.get("pretrigger")
    if rate is None or not 0 < rate < 1e9:
        return None, None
    return rate, None if before is None or abs(before) > _MOST_PRETRIGGER_S else round(abs(before) * rate)


def read_table(
    blocks: Iterable[bytes],
    channels: tuple[str, ...],
    *,
    units_text: str,
    velocity: GeoUnit | None,
    microphone: str | None = None,
    sample_rate: float | None,
    pretrigger: int | None,
    quoted: bool = False,
    decimal_commas: bool = False,
) -> tuple[SampleTable, tuple[Finding, ...]]:
    """The rows behind the row of names, in blocks of whole lines.

    `units_text`: what the header says of units, `velocity`: the unit of velocities, `microphone`: that of the dialect
    where the header says none; a unit that nothing tells is assumed, with the finding `unit-assumed`. `quoted`: cells
    stand in quotes with commas between them, else TABs do. `decimal_commas`: whether the header's numbers have them.
    Never raises; a row with another number of cells is filled up or cut, with the finding `broken-row`; rows beyond
    `MAX_SAMPLES` are left out, with the finding `long-table`; a cell that is neither a number nor a known word holds
    none, with the finding `cell-not-understood`.
    """
    values, decimals, states, bounds, findings = read_rows(
        blocks, len(channels), quoted=quoted, decimal_commas=decimal_commas
    )
    table = SampleTable(
        channels=channels,
        values=values,
        decimals=decimals,
        states=states,
        bounds=bounds,
        units=("",) * len(channels),
        assumed=(),
        sample_rate=sample_rate,
        pretrigger=pretrigger,
    )
    told = [
        microphone_unit(values[row], bounds[row], units_text, microphone) if _is_microphone(name) else velocity
        for row, name in enumerate(channels)
    ]
    assumed = tuple(
        name
        for name, unit, column in zip(channels, told, values, strict=True)
        if unit is None and name in CHANNELS and not np.isnan(column).all()
    )
    units = tuple(unit or ("Pa" if _is_microphone(name) else "mm/s") for name, unit in zip(channels, told, strict=True))
    found = (*findings, *doubled_columns(channels), *assumed_units(assumed))
    return replace(table, units=units, assumed=assumed), found


def _is_microphone(name: str) -> bool:
    return name.lower().startswith("mic")


def row_count_finding(table: SampleTable, header: Header) -> Finding | None:
    """The finding for a table of more rows than the header's times and rate give; one with fewer is cut off
    (`formats.reports.wholeness`)."""
    told = told_rows(header)
    if told is None or table.rows <= told.most:
        return None
    message = f"the table has {table.rows:,} rows where the header's times and rate give {told.expected:,.0f}"
    return Finding(code="row-count", message=message)


def words(table: SampleTable, state: ValueState) -> Mask:
    """The cells in a state, shape (k, n)."""
    cells: Mask = table.states == STATES.index(state)
    return cells
