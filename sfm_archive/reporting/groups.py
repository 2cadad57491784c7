"""A group of events, counted, with its greatest values and what limits say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.limits.airblast import AirblastJudgement
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in


class GreatestValue(NamedTuple):
    """`number`: None where the unit gave no number; a `state` of over range stands above every number. `channel`: ''
    where it is of the whole event. `source`: whose value it is. `event_id`: the event. `basis`: what the number stands
    on, as in the list of events. `day_known`: False where nothing tells on which of its days the event had it, so that
    it may be of another day than those of the group."""

    number: float | None
    unit: str
    state: ValueState
    channel: str
    source: ValueSource | None
    event_id: int
    basis: str
    day_known: bool


class Greatest(NamedTuple):
    """The greatest value of a quantity in a group; see `GreatestValue`."""

    reading: Reading
    event_id: int
    basis: str
    day_known: bool


@dataclass(slots=True, kw_only=True)
class Group:
    """Events that share their keys.

    `keys`: what they share, such as the month; a text as it was typed first, whatever its case and accents. `events`:
    those that began in the group's time; `continued`: those that began before and ran into it, of which the numbers
    that follow hold what was recorded in that time; peaks, levels and exceedances of a histogram are of the days of its
    intervals. `day_unknown`: events that were, or may have been, recorded on other days too, and of which nothing tells
    on which of them their peaks were; all of these is booked on the day of the start. `false_triggers`: events that a
    review calls so; unless only such were selected, they are in no count and no greatest value that follows.
    `level_undecided`: events of which it is undecided whether they are as loud as was asked for. `over_range`: events
    with a channel over range, the microphone included. `without_peaks`: events without any peak, but for those that ran
    into the group's time and have nothing there; `assumed_range`: whose greatest peak was computed with a geophone
    range that no document tells; `with_peaks`, `with_vector_sum`: of which a peak and a vector sum are known; the
    greatest vector sum is that of these alone. `exceeded`: events of which a geophone is above one of the curves;
    `undecided`: events that may be above one, since what is known of them allows more than one answer; `within`: events
    that no curve is exceeded by; `not_compared`: events of which there is nothing to hold against a curve, or at whose
    frequency it says nothing; these four and `counted_once` add up to the events and continued ones that are no false
    triggers. `airblast_exceeded`: events whose peak level is above the airblast limit; `airblast_undecided`: events
    whose peak level may be above it; `airblast_within`: events whose peak level is not above it;
    `airblast_not_compared`: events without a level that it can be held against. All are 0 without limits.
    `counted_once`: histograms that are above a curve only in intervals that hold the trigger of a waveform of the same
    unit, give or take one interval; and as loud; these are counted once, as that waveform. `greatest`: by quantity,
    with the id of its event; over range stands above every number.
    """

    keys: dict[str, str]
    events: int = 0
    continued: int = 0
    waveforms: int = 0
    histograms: int = 0
    level_undecided: int = 0
    false_triggers: int = 0
    over_range: int = 0
    day_unknown: int = 0
    without_peaks: int = 0
    assumed_range: int = 0
    with_peaks: int = 0
    with_vector_sum: int = 0
    exceeded: int = 0
    undecided: int = 0
    within: int = 0
    not_compared: int = 0
    airblast_exceeded: int = 0
    airblast_undecided: int = 0
    airblast_within: int = 0
    airblast_not_compared: int = 0
    counted_once: int = 0
    greatest: dict[str, Greatest] = field(default_factory=dict, metadata=NOT_IN_JSON)
    unit: GeoUnit = field(default="in/s", metadata=NOT_IN_JSON)
    least_nm_s: int | None = field(default=None, metadata=NOT_IN_JSON)

    def count_outcomes(self, vibration: Outcome | None, airblast: AirblastJudgement | None) -> None:
        """Count what limits say of one event, None where none was asked for."""
        self.exceeded += vibration is Outcome.EXCEEDED
        self.undecided += vibration is Outcome.UNDECIDED
        self.within += vibration is Outcome.WITHIN
        self.not_compared += vibration is Outcome.NOT_COMPARED
        if airblast is not None:
            self.airblast_exceeded += airblast.outcome is Outcome.EXCEEDED
            self.airblast_undecided += airblast.outcome is Outcome.UNDECIDED
            self.airblast_within += airblast.outcome is Outcome.WITHIN
            self.airblast_not_compared += airblast.outcome is Outcome.NOT_COMPARED

    @property
    @in_json("ppv_at_least")
    def ppv_at_least(self) -> float | None:
        """How fast the ground moved at least, also of events over range, in the unit of the summary; None where nothing
        is known."""
        return None if self.least_nm_s is None else float(f"{velocity_in(self.least_nm_s, self.unit):.7g}")

    @property
    @in_json("ppv")
    def ppv(self) -> GreatestValue | None:
        """Greatest peak particle velocity, None where none is known."""
        return self.greatest_value("ppv")

    @property
    @in_json("pvs")
    def pvs(self) -> GreatestValue | None:
        """Greatest vector sum, None where none is known."""
        return self.greatest_value("pvs")

    @property
    @in_json("pspl")
    def pspl(self) -> GreatestValue | None:
        """Greatest sound pressure level, None where none is known."""
        return self.greatest_value("pspl")

    def greatest_value(self, quantity: str) -> GreatestValue | None:
        """The greatest value of a quantity, for JSON and CSV; None where no event has one."""
        if quantity not in self.greatest:
            return None
        reading, event_id, basis, day_known = self.greatest[quantity]
        number, unit = None if reading.number is None else float(f"{reading.number:.7g}"), reading.unit
        return GreatestValue(number, unit, reading.state, reading.channel, reading.source, event_id, basis, day_known)
