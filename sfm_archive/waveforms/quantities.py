"""The numbers of an event report, computed from whole traces by the vendor's rules.

KNOWN (docs/facts.md, "Quantities of an event report"): the rules reproduce every number printed in
real exports from their samples alone. An offset of the record is not removed before any of this; removing it gives
other numbers than the vendor's. OPEN, and decided here:

- a zero sample ends the half wave of a frequency (KNOWN), but inside a half wave of the displacement it is no change
  of sign; the real files do not tell the two apart;
- the half wave that the record's beginning cuts counts for the displacement (the one at its end does not: KNOWN);
- a half wave that begins with the record has no frequency, like one that its end cuts (KNOWN);
- of an over-range channel the time and frequency of the first sample at the rail are given, all else is OVER_RANGE;
  the time of an over-range vector sum is that of the largest one recorded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import STANDARD_GRAVITY_MM_S2, VELOCITIES_MM_S, pascals
from sfm_archive.waveforms.frequencies import frequency_reading
from sfm_archive.waveforms.levels import level_db
from sfm_archive.waveforms.traces import Samples, Traces

_DISPLACEMENT_UNIT = {"mm/s": "mm", "in/s": "in"}
_UNITS = frozenset({*_DISPLACEMENT_UNIT, *_DISPLACEMENT_UNIT.values(), "g", "dB(L)"})
"""Units of numbers that rest on the one of the samples: neither times nor frequencies do."""


def quantities_of(traces: Traces) -> tuple[Reading, ...]:
    """Every quantity of the channels given, as readings with full-precision numbers, units and states.

    For each geophone: `ppv`, `zc_frequency` (Hz), `time_of_peak` (sec from the trigger), `peak_acceleration` (g),
    `peak_displacement` (mm or in). Where all three are there: `pvs`, `pvs_time`. For the microphone: `pspl` (dB(L)),
    `zc_frequency`, `time_of_peak`. Empty for traces without samples.

    A channel with an unusable sample has ABSENT readings: an impossible value never becomes a number. Nor does one in a
    unit that is assumed.
    """
    if not traces.size:
        return ()
    readings: list[Reading] = []
    for row in traces.geophones:
        readings += _geophone(traces, row)
    if len(traces.geophones) == 3 and len({traces.quantum[row] for row in traces.geophones}) == 1:
        readings += _vector_sum(traces, list(traces.geophones))
    if "MicL" in traces.channels:
        readings += _microphone(traces, traces.row("MicL"))
    of_none = {*traces.assumed, *([""] if any(name in GEO_CHANNELS for name in traces.assumed) else [])}
    return tuple(_without_number(one) if one.channel in of_none and one.unit in _UNITS else one for one in readings)


def _without_number(reading: Reading) -> Reading:
    """The same where its unit is not known: over range it is in any."""
    return reading if reading.state is ValueState.OVER_RANGE else replace(reading, number=None, state=ValueState.ABSENT)


def _geophone(traces: Traces, row: int) -> list[Reading]:
    channel, unit, quantum = traces.channels[row], traces.units[row], traces.quantum[row]
    samples = traces.samples[row]
    state, signs_known = _state(traces, row)
    at = _peak_index(traces, row, state)
    peak = abs(samples[at]) * quantum if state is ValueState.OK else None
    steps = np.abs(samples[1:] - samples[:-1])
    acceleration = displacement = None
    if state is ValueState.OK:
        per_step = quantum * VELOCITIES_MM_S[unit] * traces.sample_rate / STANDARD_GRAVITY_MM_S2
        acceleration = float(steps.max()) * per_step if len(steps) else None
        largest = largest_half_wave(samples)
        displacement = None if largest is None else largest * quantum / (2 * traces.sample_rate)
    return [
        _reading("ppv", channel, peak, unit, state),
        *_peak_time_and_frequency(traces, row, at, state, signs_known),
        _reading("peak_acceleration", channel, acceleration, "g", state),
        _reading("peak_displacement", channel, displacement, _DISPLACEMENT_UNIT[unit], state),
    ]


def _microphone(traces: Traces, row: int) -> list[Reading]:
    state, signs_known = _microphone_state(traces, row)
    at = _peak_index(traces, row, state)
    level: float | None = None
    unit = traces.units[row]
    if state is ValueState.OK:
        level = _level(abs(float(traces.samples[row][at])) * traces.quantum[row], unit)
    elif state is ValueState.BELOW_THRESHOLD:
        level = _level(traces.mic_at_most or 0.0, unit)
        readings = [_reading("pspl", "MicL", level, "dB(L)", ValueState.ABSENT if level is None else state)]
        return readings + _peak_time_and_frequency(traces, row, at, ValueState.ABSENT, signs_known=False)
    shown = state
    if unit == "dB(L)" and state is ValueState.ABSENT and traces.unusable is not None:
        known = traces.samples[row][~traces.unusable[row]]
        if known.size:  # cells such as `***` have no number: the greatest of the others is the least that it was
            level, shown = float(np.abs(known).max()) * traces.quantum[row], ValueState.ABOVE_LIMIT
    readings = [_reading("pspl", "MicL", level, "dB(L)", shown)]
    # A level has no sign, so nothing crosses zero.
    return readings + _peak_time_and_frequency(traces, row, at, state, signs_known and unit != "dB(L)")


def _microphone_state(traces: Traces, row: int) -> tuple[ValueState, bool]:
    """The same as `_state`, but that samples printed as below a bound (`<88.0`) hide no peak at or above it."""
    state, signs_known = _state(traces, row)
    if state is not ValueState.ABSENT or traces.mic_at_most is None:
        return state, signs_known
    if traces.over_range is not None and traces.over_range[row].any():
        return ValueState.OVER_RANGE, False
    greatest = float(np.abs(traces.samples[row]).max()) * traces.quantum[row]
    return (ValueState.OK if greatest >= traces.mic_at_most else ValueState.BELOW_THRESHOLD), False


def _level(peak: float, unit: str) -> float | None:
    """A peak of the microphone in dB(L); None for silence, which has no level."""
    if unit == "dB(L)":
        return peak
    return float(level_db(peak * (pascals(unit) or 1.0))) if peak else None


def _vector_sum(traces: Traces, rows: list[int]) -> list[Reading]:
    states = [_state(traces, row) for row in rows]
    unit = traces.units[rows[0]]
    state = ValueState.OK
    for wanted in (ValueState.OVER_RANGE, ValueState.ABSENT):
        if any(found is wanted for found, _ in states):
            state = wanted
    time = value = None
    if state is not ValueState.ABSENT and all(known for _, known in states):
        squares = np.zeros(traces.size, dtype=_wide(traces.samples))
        for row in rows:
            wide = traces.samples[row].astype(squares.dtype)
            squares += wide * wide
        at = int(squares.argmax())
        time = _seconds(traces, at)
        value = float(np.sqrt(np.float64(squares[at]))) * traces.quantum[rows[0]]
    return [
        _reading("pvs", "", value if state is ValueState.OK else None, unit, state),
        _reading("pvs_time", "", time, "sec", ValueState.OK),
    ]


def _peak_time_and_frequency(traces: Traces, row: int, at: int, state: ValueState, signs_known: bool) -> list[Reading]:
    channel = traces.channels[row]
    half = half_period(traces.samples[row], at) if signs_known and state is not ValueState.ABSENT else 0
    time = _seconds(traces, at) if state is not ValueState.ABSENT else None
    return [
        frequency_reading(channel, half, traces.sample_rate),
        _reading("time_of_peak", channel, time, "sec", ValueState.OK),
    ]


def _state(traces: Traces, row: int) -> tuple[ValueState, bool]:
    """What can be said of a channel's peak, and whether the sign of every sample is known."""
    over = traces.over_range[row] if traces.over_range is not None else None
    unusable = traces.unusable[row] if traces.unusable is not None else None
    if unusable is not None and unusable.any():
        if over is None or bool((unusable & ~over).any()):
            return ValueState.ABSENT, False
        return ValueState.OVER_RANGE, False
    if over is not None and over.any():
        return ValueState.OVER_RANGE, True
    return ValueState.OK, True


def _peak_index(traces: Traces, row: int, state: ValueState) -> int:
    """The first sample of the largest absolute value; of an over-range channel its first over-range sample."""
    if state is ValueState.OVER_RANGE and traces.over_range is not None:
        return int(traces.over_range[row].argmax())
    return int(np.abs(traces.samples[row]).argmax())


def half_period(samples: Samples, at: int) -> int:
    """Consecutive samples of the sign of sample `at` around it; 0 where it is zero or the record cuts the half wave.

    `samples`: shape (n,).
    """
    if samples[at] == 0:
        return 0
    same = samples > 0 if samples[at] > 0 else samples < 0
    before = same[: at + 1][::-1]
    after = same[at:]
    left, right = int(before.argmin()), int(after.argmin())
    if before[left] or after[right]:
        return 0
    return left + right - 1


def largest_half_wave(samples: Samples) -> float | None:
    """The largest absolute sum of samples between two changes of sign, the last one left out as unfinished.

    `samples`: shape (n,). 0.0 for samples that are all zero, None where the sign never changes.
    """
    moving = samples[samples != 0]
    if not len(moving):
        return 0.0
    negative = moving < 0
    changes = np.flatnonzero(negative[1:] != negative[:-1]) + 1
    if not len(changes):
        return None
    starts = np.concatenate(([0], changes[:-1]))
    sums = np.add.reduceat(moving[: changes[-1]], starts, dtype=_wide(samples))
    return float(np.abs(sums).max())


def _wide(samples: NDArray[Any]) -> type[np.int64] | type[np.float64]:
    """A type that holds sums and squares of samples: counts stay exact."""
    return np.int64 if samples.dtype.kind == "i" else np.float64


def _seconds(traces: Traces, at: int) -> float:
    return (at - traces.pretrigger) / traces.sample_rate


def _reading(quantity: str, channel: str, number: float | None, unit: str, state: ValueState) -> Reading:
    if number is None and state is ValueState.OK:
        state = ValueState.ABSENT
    value = None if number is None else float(number)
    return Reading(quantity=quantity, channel=channel, number=value, unit=unit, state=state)
