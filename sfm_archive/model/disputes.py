"""Two whole reports of one event that print different numbers of the same thing: what differs, and which comes first.

Which of them is right no rule can know. So what both say is kept beside each other, the greater peak is shown, and a
verdict is what both of them decide. Nothing here depends on which came first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import half_of_the_last_digit
from sfm_archive.model.magnitudes import as_level, greatest, magnitude
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.model.units import LENGTHS_MM, LEVEL_SLACK_DB, MICROPHONE_RAIL_DB, VELOCITIES_MM_S, pascals
from sfm_archive.model.velocities import whole_nm_s

Values = Mapping[tuple[str, str], Reading]
"""What a report says, by quantity and channel."""

_COMPARED: Final = (
    "ppv", "pvs", "pspl", "zc_frequency", "time_of_peak", "peak_acceleration", "peak_displacement", "sample_rate",
)  # fmt: skip
"""Quantities of which two reports of one event cannot print different numbers and both be right."""

_WORDS: Final = {
    "ppv": "peak", "pvs": "vector sum", "pspl": "sound pressure", "zc_frequency": "frequency",
    "time_of_peak": "time of peak", "peak_acceleration": "acceleration", "peak_displacement": "displacement",
    "sample_rate": "sample rate",
}  # fmt: skip

_MOST_NAMED: Final = 3
_MOST_DB: Final = 300.0
_SAME: Final = 1e-6
"""Share by which two numbers that are the same may differ."""


class Difference(NamedTuple):
    """A number that two reports print differently, beyond what both are rounded."""

    first: Reading
    second: Reading


def differences(first: Values, second: Values) -> list[Difference]:
    """What two reports say differently, peaks before all else."""
    both = [key for key in first if key in second and key[0] in _COMPARED]
    ordered = sorted(both, key=lambda key: (_COMPARED.index(key[0]), key[1]))
    return [Difference(first[key], second[key]) for key in ordered if differ(first[key], second[key])]


def differ(one: Reading, other: Reading) -> bool:
    """Whether no number can be what both print. What one of them does not say, or in another kind of unit, is no
    difference."""
    if ValueState.OVER_RANGE in (one.state, other.state):
        return not {one.state, other.state} & {ValueState.ABSENT, ValueState.ABOVE_LIMIT} and one.state != other.state
    own, others = printed_bounds(one), printed_bounds(other)
    if own is None or others is None or own.kind != others.kind:
        return False
    slack = _SAME * max(abs(end) for end in (*own[1:], *others[1:]) if math.isfinite(end))
    return own.least > others.most + slack or others.least > own.most + slack


def told(found: Sequence[Difference], first: str, second: str) -> str:
    """What differs, in words; `first`, `second`: the names of the reports."""
    said = [
        f"{' '.join(filter(None, (one.first.channel, _WORDS[one.first.quantity])))} "
        f"{reading_text(one.first)} in {first}, {reading_text(one.second)} in {second}"
        for one in found[:_MOST_NAMED]
    ]
    more = len(found) - _MOST_NAMED
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def loudness(values: Values) -> tuple[tuple[int, float], ...]:
    """By what reports of one event that contradict each other are ordered, the greatest first: its greatest peak, its
    vector sum, its level."""
    peaks = greatest(one for (quantity, _), one in values.items() if quantity == "ppv")
    level = greatest(as_level(one) for (quantity, _), one in values.items() if quantity == "pspl")
    return magnitude(peaks), magnitude(values.get(("pvs", ""))), magnitude(level)


class Printed(NamedTuple):
    """Between what a printed number lies, in one unit of its kind."""

    kind: str
    least: float
    most: float


def printed_bounds(reading: Reading) -> Printed | None:
    """None where it says nothing; a velocity by its size."""
    if reading.number is None or reading.state is ValueState.ABSENT:
        return None
    number, half, kind = reading.number, half_of_the_last_digit(reading.text), reading.unit.lower()
    factor = VELOCITIES_MM_S.get(reading.unit) or LENGTHS_MM.get(reading.unit)
    if factor is not None:
        kind = "mm/s" if reading.unit in VELOCITIES_MM_S else "mm"
        number, half = abs(number) * factor, half * factor
    elif pascals(reading.unit) is not None and number > 0:
        # Beside a level a pressure is compared as one.
        low, high = (_level(reading, number + sign * half) for sign in (-1, 1))
        return Printed("db(l)", low - LEVEL_SLACK_DB, high + LEVEL_SLACK_DB)
    elif kind == "db(l)":
        half += LEVEL_SLACK_DB
    if reading.state is ValueState.BELOW_THRESHOLD:
        return Printed(kind, -math.inf, number)
    if reading.state is ValueState.ABOVE_LIMIT:
        return Printed(kind, number, math.inf)
    return Printed(kind, number - half, number + half)


def _level(reading: Reading, number: float) -> float:
    factor = pascals(reading.unit) or 1.0
    return 20.0 * math.log10(max(number * factor, 1e-12) / 20e-6)


Bounds = tuple[float, float | None]
"""What a peak is at least and at most; None where that is open."""


def disputed_peaks(known: Values, reports: Sequence[Values], rail_nm_s: int) -> dict[str, Bounds]:
    """The peaks that whole reports print differently, by channel: of geophones in whole nm/s, of the microphone in
    hundredths of dB(L). `known`: the values that count; what another source says of a channel is not disputed."""
    found: dict[str, Bounds] = {}
    for channel in CHANNELS:
        quantity = "pspl" if channel == "MicL" else "ppv"
        said = _disputed(quantity, channel, known, reports)
        bounds = [one for one in (_extent(value, rail_nm_s) for value in said) if one is not None]
        if len(bounds) > 1:
            found[channel] = _hull(bounds)
    return found


def disputed_frequencies(known: Values, reports: Sequence[Values]) -> dict[str, list[Reading]]:
    """What reports print differently of the frequency at the peak of a geophone."""
    found = {channel: _disputed("zc_frequency", channel, known, reports) for channel in GEO_CHANNELS}
    return {channel: said for channel, said in found.items() if said}


def most_beside_samples(
    most: int | None, wrong: Sequence[str], computed: Sequence[Reading], rail_nm_s: int
) -> int | None:
    """What the greatest peak is at most, whole nm/s, where samples contradict the reported peaks of the geophones
    `wrong`: no less than those samples give, for nothing tells which of both is right. None where that is open."""
    own = (_extent(one, rail_nm_s) for one in computed if one.quantity == "ppv" and one.channel in wrong)
    ends = [most, *(extent[1] for extent in own if extent is not None)]
    return None if None in ends else max(round(end) for end in ends if end is not None)


def _disputed(quantity: str, channel: str, known: Values, reports: Sequence[Values]) -> list[Reading]:
    for key in ((quantity, channel), (quantity, "")):
        counting = known.get(key)
        if counting is not None:
            said = [values[key] for values in reports if key in values]
            is_of_reports = counting.source is ValueSource.REPORT
            return said if is_of_reports and any(differ(one, other) for one in said for other in said) else []
    return []


def _extent(reading: Reading, rail_nm_s: int) -> Bounds | None:
    of_level = reading.quantity == "pspl"
    if reading.state is ValueState.OVER_RANGE:
        return (round(MICROPHONE_RAIL_DB, 2) if of_level else rail_nm_s), None
    number = _level_or_nm_s(reading)
    if reading.state is ValueState.ABSENT or number is None:
        return None
    if reading.state is ValueState.BELOW_THRESHOLD:
        return 0, number
    return number, None if reading.state is ValueState.ABOVE_LIMIT else number


def _level_or_nm_s(reading: Reading) -> float | None:
    """A level to a hundredth, or a velocity by its size; None of what is neither."""
    if reading.number is None:
        return None
    size = abs(reading.number)
    if reading.quantity == "pspl":
        level = as_level(replace(reading, number=size))
        return None if level.number is None or not abs(level.number) <= _MOST_DB else round(level.number, 2)
    try:
        return abs(whole_nm_s(size, reading.unit)) if reading.unit in VELOCITIES_MM_S else None
    except UsageError:
        return None  # no velocity that the ground has


def _hull(bounds: Sequence[Bounds]) -> Bounds:
    most = [high for _, high in bounds]
    return min(low for low, _ in bounds), None if None in most else max(high for high in most if high is not None)
