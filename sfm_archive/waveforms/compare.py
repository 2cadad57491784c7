"""Comparing what was decoded with what a report prints: samples with its table, quantities with its values.

A difference is one that rounding of the printed digits cannot explain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sfm_archive.base.plain import in_json
from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import decimals_of
from sfm_archive.model.readings import CHANNELS, Reading, ValueState, is_understood
from sfm_archive.model.units import LENGTHS_MM, LEVEL_SLACK_DB, VELOCITIES_MM_S, pascals, pressure_of_level
from sfm_archive.waveforms.levels import level_db
from sfm_archive.waveforms.sample_tables import SampleTable, words
from sfm_archive.waveforms.traces import Traces

# Room for the last bits of floating point, as a share of a printed unit.
_SLACK = 1e-6

_LENGTHS = {**LENGTHS_MM, **VELOCITIES_MM_S}
NOTHING_OPEN: Final[Mapping[tuple[str, str], float]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelComparison:
    """One channel's samples against the report's column, in the report's unit.

    `compared`: rows compared. `differing`: how many differ by more than rounding, words that do not agree included.
    `first`: the first of them, None without any. `largest`: the largest difference of two numbers.
    """

    channel: str
    unit: str
    compared: int
    differing: int
    first: int | None
    largest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleComparison:
    """Decoded samples against a report's table.

    `channels`: one comparison for each channel in both. `only_decoded`, `only_reported`: channels in one alone.
    `not_known`: columns of the report that name no channel, and were not compared. `rows_decoded`, `rows_reported`:
    lengths; where they differ the common beginning is compared.
    """

    channels: tuple[ChannelComparison, ...]
    only_decoded: tuple[str, ...]
    only_reported: tuple[str, ...]
    not_known: tuple[str, ...]
    rows_decoded: int
    rows_reported: int

    @property
    def nothing_compared(self) -> bool:
        """Whether the report has columns and none of them is known, so that nothing speaks for or against it."""
        return not self.channels and not self.only_reported and bool(self.not_known)

    @property
    @in_json("agree")
    def agree(self) -> bool:
        """Whether at least one channel was compared, all agree in every row, and no column or row is left over.

        Channels that only the decoder has do not count: reports print enabled channels only.
        """
        return (
            bool(self.channels)
            and not self.only_reported
            and self.rows_decoded == self.rows_reported
            and all(not channel.differing for channel in self.channels)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityComparison:
    """A computed quantity against the printed one.

    `computed` and `reported` as given; `difference`: computed − reported in the reported unit, None where one has no
    number; `rounding`: half a printed unit (for levels a little more, see `units.LEVEL_SLACK_DB`, and with what printed
    samples leave open); `agrees`: the
    difference is within rounding and the states say the same, or the computed number is no more than a reported
    threshold (`<0.127 mm/s`).
    """

    computed: Reading
    reported: Reading
    difference: float | None
    rounding: float
    agrees: bool


def difference_of(compared: SampleComparison) -> str:
    """What does not agree, in words."""
    if compared.nothing_compared:
        return f"its columns {', '.join(compared.not_known)} are not known, nothing was compared"
    said = [
        f"{one.channel} in {one.differing:,} of {one.compared:,} rows, from row {(one.first or 0) + 1:,} on"
        for one in compared.channels
        if one.differing
    ]
    if compared.rows_decoded != compared.rows_reported:
        said.append(f"it has {compared.rows_reported:,} rows of {compared.rows_decoded:,} decoded samples")
    if compared.only_reported:
        said.append(f"{', '.join(compared.only_reported)} was not decoded")
    return f"its table of samples differs from those that were decoded: {', '.join(said)}"


def compare_samples(traces: Traces, table: SampleTable) -> SampleComparison:
    """Compare sample by sample, to half a printed unit of each cell; `OORANGE` agrees with an over-range sample only.

    Raises UsageError where the two give one channel in units of different kinds.
    """
    both = [name for name in traces.channels if name in table.channels]
    return SampleComparison(
        channels=tuple(_channel(traces, table, name) for name in both),
        only_decoded=tuple(name for name in traces.channels if name not in both),
        only_reported=tuple(name for name in table.channels if name not in both and name in CHANNELS),
        not_known=table.not_known,
        rows_decoded=traces.size,
        rows_reported=table.rows,
    )


def _channel(traces: Traces, table: SampleTable, name: str) -> ChannelComparison:
    ours, theirs = traces.row(name), table.channels.index(name)
    size = min(traces.size, table.rows)
    unit = table.units[theirs]
    computed = _converted(traces, name, unit)[:size]
    printed = table.values[theirs, :size]
    half_units = table.half_units_of(theirs)[:size]
    if traces.open_by is not None:
        half_units = half_units + traces.open_by[ours, :size] * _share(traces, name, unit)
    rounding = half_units * (1 + _SLACK) + (LEVEL_SLACK_DB if unit == "dB(L)" else 0.0)
    difference = np.abs(computed - printed)
    over = np.zeros(size, dtype=np.bool_) if traces.over_range is None else traces.over_range[ours, :size]
    # A sample at the rail is a number here and may be a word there, so either answer agrees.
    word = words(table, ValueState.OVER_RANGE)[theirs, :size]
    silent = np.isnan(printed) & ~word & np.isnan(computed)
    fine = np.where(word, over, (difference <= rounding) | silent)
    differing = np.flatnonzero(~fine)
    # What only the last bits of floating point make is no difference.
    difference[difference <= half_units * _SLACK] = 0.0
    return ChannelComparison(
        channel=name,
        unit=unit,
        compared=size,
        differing=len(differing),
        first=int(differing[0]) if len(differing) else None,
        largest=float(np.nanmax(difference)) if size and not np.isnan(difference).all() else 0.0,
    )


def _share(traces: Traces, name: str, unit: str) -> float:
    """What a step of a channel is in another unit; 0.0 where the two are no lengths."""
    own = traces.units[traces.row(name)]
    if own == unit:
        return 1.0
    return _LENGTHS[own] / _LENGTHS[unit] if own in _LENGTHS and unit in _LENGTHS else 0.0


def _converted(traces: Traces, name: str, unit: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    own = traces.units[traces.row(name)]
    values = traces.values(name)
    if own == unit:
        return values
    if own == "Pa" and (unit_pa := pascals(unit)) is not None:
        return values / unit_pa
    if own == "Pa" and unit == "dB(L)":
        return level_db(values)
    if own in _LENGTHS and unit in _LENGTHS:
        return values * (_LENGTHS[own] / _LENGTHS[unit])
    raise UsageError(f"{name}: samples in {own} cannot be compared with a column in {unit}")


def compare_quantities(
    computed: Iterable[Reading], reported: Iterable[Reading], left_open: Mapping[tuple[str, str], float] = NOTHING_OPEN
) -> tuple[QuantityComparison, ...]:
    """Each quantity that both have, in the order of `computed`; `computed` is converted to the reported unit.
    `left_open`: by how much each can be another, in its own unit, where the samples were printed (`printed_steps`).

    A reported reading without a text is compared as if printed with three decimals; one that was not understood says
    nothing, and is not compared.
    """
    printed = {(reading.quantity, reading.channel): reading for reading in reported if is_understood(reading)}
    return tuple(
        _quantity(
            reading,
            printed[reading.quantity, reading.channel],
            left_open.get((reading.quantity, reading.channel), 0.0),
        )
        for reading in computed
        if (reading.quantity, reading.channel) in printed
    )


def differences(
    computed: Iterable[Reading], reported: Iterable[Reading], left_open: Mapping[tuple[str, str], float] = NOTHING_OPEN
) -> tuple[QuantityComparison, ...]:
    """The comparisons that rounding cannot explain."""
    return tuple(found for found in compare_quantities(computed, reported, left_open) if not found.agrees)


def _quantity(computed: Reading, reported: Reading, left_open: float) -> QuantityComparison:
    rounding = 0.5 * 10.0 ** -(decimals_of(reported.text) if reported.text else 3)
    rounding += LEVEL_SLACK_DB if reported.unit == "dB(L)" else 0.0
    number = _in_unit(computed, reported.unit)
    if left_open and number is not None and computed.number:
        rounding += left_open * abs(number / computed.number)
    difference = None if number is None or reported.number is None else number - reported.number
    if reported.state is ValueState.BELOW_THRESHOLD and computed.state is ValueState.OK:
        # Every smaller number says the same as `<0.127 mm/s`.
        agrees = difference is not None and difference <= rounding * (1 + _SLACK)
    elif reported.state is not computed.state:
        agrees = False
    elif computed.state is ValueState.OK:
        agrees = difference is not None and abs(difference) <= rounding * (1 + _SLACK)
    else:
        agrees = True
    return QuantityComparison(
        computed=computed, reported=reported, difference=difference, rounding=rounding, agrees=agrees
    )


def _in_unit(reading: Reading, unit: str) -> float | None:
    """The number of a reading in another unit of its kind; None where the units are of different kinds."""
    number, own = reading.number, reading.unit
    if number is None or own == unit or not unit:
        return number
    if own in _LENGTHS and unit in _LENGTHS:
        return number * _LENGTHS[own] / _LENGTHS[unit]
    if own == "dB(L)" and (unit_pa := pascals(unit)) is not None:
        return pressure_of_level(number) / unit_pa
    return number if own.lower() == unit.lower() else None
