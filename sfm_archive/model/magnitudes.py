"""How much a reading says: pressures as levels, and which of several readings is the greatest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sfm_archive.model.decimals import half_of_the_last_digit
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import REFERENCE_PA, VELOCITIES_MM_S, pascals

_BITS: Final = 1e-6
"""Share by which two numbers that are the same may differ: units round to 32 bits, archives to nine digits."""

# Beyond the range is the strongest answer that a unit gives, and above a limit the next.
_RANKS = {ValueState.OVER_RANGE: 3, ValueState.ABOVE_LIMIT: 2, ValueState.OK: 1, ValueState.BELOW_THRESHOLD: 0}


def as_level(reading: Reading) -> Reading:
    """A pressure in psi, Pa or mb as its level in dB(L), with its state and without its printed text; any other reading
    as it is."""
    factor = pascals(reading.unit)
    if factor is None or reading.number is None or not reading.number > 0:
        return reading
    level = 20.0 * math.log10(reading.number * factor / REFERENCE_PA)
    return replace(reading, number=level, unit="dB(L)", text="")


def over_range_vector_sum(peaks: Iterable[Reading]) -> Reading | None:
    """The vector sum that counts before every reported or computed one where a channel's peak is over range: it is at
    least its largest channel. None where none of the peaks is."""
    peak = next((peak for peak in peaks if peak.state is ValueState.OVER_RANGE), None)
    return None if peak is None else replace(peak, quantity="pvs", channel="", number=None, text="")


def counted_vector_sum(vector: Reading | None, peaks: Iterable[Reading]) -> Reading | None:
    """The vector sum that counts beside these peaks: over range where one of them is; and where it is below the
    greatest of them by more than both are rounded, which no vector sum is, at least that one."""
    known = list(peaks)
    over = over_range_vector_sum(known)
    largest = greatest(one for one in known if one.state in (ValueState.OK, ValueState.ABOVE_LIMIT))
    if over is not None or vector is None or largest is None or vector.state is not ValueState.OK:
        return over or vector
    sum_mm_s, most, peak_mm_s, least = *_mm_s(vector), *_mm_s(largest)
    if sum_mm_s is None or peak_mm_s is None or sum_mm_s + most >= peak_mm_s - least:
        return vector
    return replace(largest, quantity="pvs", channel="", state=ValueState.ABOVE_LIMIT, text="", source=vector.source)


def is_raised(vector: Reading | None, counted: Reading | None) -> bool:
    """Whether a vector sum is below the greatest peak, so that at least that one is counted in its place."""
    return counted is not None and vector is not None and counted.state is ValueState.ABOVE_LIMIT is not vector.state


def _mm_s(reading: Reading) -> tuple[float | None, float]:
    """A velocity in mm/s, None where it is none, and by how much rounding can have moved it."""
    factor = VELOCITIES_MM_S.get(reading.unit)
    if factor is None or reading.number is None:
        return None, 0.0
    size = abs(reading.number) * factor
    return size, half_of_the_last_digit(reading.text) * factor + size * _BITS


NO_MAGNITUDE: Final = (-1, 0.0)
"""Of a reading that says nothing: absent, or without the number that its state promises."""


def magnitude(reading: Reading | None) -> tuple[int, float]:
    """What readings of one quantity are ordered by: over range stands above every number, velocities count in mm/s,
    and a number below zero by its size."""
    if reading is None or (reading.state is ValueState.OK and reading.number is None):
        return NO_MAGNITUDE
    # A vector sum that is at least its largest channel is no greater than any other number for that.
    at_least = reading.quantity == "pvs" and reading.state is ValueState.ABOVE_LIMIT
    rank = _RANKS.get(ValueState.OK if at_least else reading.state)
    return NO_MAGNITUDE if rank is None else (rank, abs(reading.number or 0.0) * VELOCITIES_MM_S.get(reading.unit, 1.0))


def greatest(readings: Iterable[Reading | None]) -> Reading | None:
    """The greatest of several readings of one quantity, the first of equals; None where none says anything."""
    found = max(readings, key=magnitude, default=None)
    return found if magnitude(found) > NO_MAGNITUDE else None


def greatest_peak(values: Sequence[Reading]) -> Reading | None:
    """Of an event's values the greatest peak particle velocity of its channels; channels in mm/s and in/s compare as
    what they measure. `OORANGE` is printed without a unit: that of the event's other velocities is meant."""
    peak = greatest(value for value in values if value.quantity == "ppv")
    if peak is None or peak.unit:
        return peak
    return replace(peak, unit=next((value.unit for value in values if value.unit in VELOCITIES_MM_S), ""))


ValuesThatCount = Mapping[tuple[str, str], Reading]
"""An event's values by quantity and channel, as `model.precedence.values_that_count` gives them."""


def level_of(values: ValuesThatCount) -> Reading | None:
    """The peak sound pressure that counts."""
    return values.get(("pspl", "MicL")) or values.get(("pspl", ""))


def vector_sum_of(values: ValuesThatCount) -> Reading | None:
    """The peak vector sum that counts; see `counted_vector_sum`."""
    peaks = (peak for channel in GEO_CHANNELS if (peak := values.get(("ppv", channel))) is not None)
    return counted_vector_sum(values.get(("pvs", "")), peaks)
