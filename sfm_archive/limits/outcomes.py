"""What limits say of an event, and why: the answers, and the sentences that go with them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from sfm_archive.model.reading_text import digits
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import NM_S


class Outcome(StrEnum):
    """UNDECIDED: what is known of the event allows more than one of the others. NOT_COMPARED: there is nothing to
    compare, or no limit for it. A peak exactly at the limit is within."""

    EXCEEDED = "exceeded"
    UNDECIDED = "undecided"
    NOT_COMPARED = "not compared"
    WITHIN = "within"


_WORST_FIRST = {outcome: place for place, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome for several channels or curves, of which there are some."""
    return min(outcomes, key=_WORST_FIRST.__getitem__)


class Judging(StrEnum):
    """What decides of a waveform. BOTH: its peak; where that is within and another half wave is above, it is undecided.
    PEAK: its peak alone. RECORD: whichever half wave is above."""

    BOTH = "both"
    PEAK = "peak"
    RECORD = "record"

    @property
    def convention(self) -> str:
        """The rule in words."""
        return _CONVENTIONS[self]


_CONVENTIONS = {
    Judging.BOTH: "a waveform is judged at its peak; if another half wave is above at its own frequency, undecided",
    Judging.PEAK: "a waveform is judged at its peak alone (--judge peak)",
    Judging.RECORD: "a waveform is judged by every half wave at its own frequency (--judge record)",
}


class Cause(StrEnum):
    """Why an outcome is what it is, where the numbers alone do not say so."""

    NUMBERS = "numbers"
    ASSUMED_RANGE = "assumed range"
    ASSUMED_RATE = "assumed rate"
    ASSUMED_BOTH = "assumed range and rate"
    FREQUENCY_INTERVAL = "frequency interval"
    FREQUENCY_UNKNOWN = "frequency unknown"
    OVER_RANGE = "over range"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    CHANNEL_UNKNOWN = "channel unknown"
    NO_PEAK = "no peak"
    HALF_WAVE_ABOVE = "half wave above"
    HALF_WAVE_OPEN = "half wave open"
    HALF_WAVES_UNKNOWN = "half waves unknown"
    INTERVAL_ABOVE = "interval above"
    INTERVAL_OPEN = "interval open"
    INTERVALS_UNKNOWN = "intervals unknown"
    NOT_ALL_KEPT = "not all kept"
    CONTRADICTED = "contradicted"
    REPORTS_DIFFER = "reports differ"
    NOT_COVERED = "not covered"
    MONITOR_LOG = "monitor log"
    NOTHING_IN_PERIOD = "nothing in the period"
    NO_POINT = "at no point"
    NO_POINT_LIMITS = "point without limits"
    BETWEEN_POINTS = "between points"
    ACROSS_BORDER = "interval across a border"


ASSUMPTIONS: Final = (Cause.ASSUMED_RANGE, Cause.ASSUMED_RATE, Cause.ASSUMED_BOTH)
"""Causes that lie in a setting which no document tells."""


class Compared(NamedTuple):
    """A peak held against a curve.

    `channel`: '' where it is not known which. `least_nm_s`, `most_nm_s`: the velocities that it can be, `low_hz`,
    `high_hz` its frequencies; infinite where that is open. `limit_low_nm_s`, `limit_high_nm_s`: the limits between
    those, None where there is none.
    """

    channel: str
    least_nm_s: float
    most_nm_s: float
    low_hz: float
    high_hz: float
    limit_low_nm_s: float | None
    limit_high_nm_s: float | None
    outcome: Outcome

    @property
    def ratio(self) -> float | None:
        """Velocity by the smallest limit; None where either is not a number."""
        if self.limit_low_nm_s is None or self.least_nm_s != self.most_nm_s or self.limit_low_nm_s <= 0:
            return None
        return self.least_nm_s / self.limit_low_nm_s


class Judgement(NamedTuple):
    """What a curve says of an event, or of one channel of it.

    `shown`: the peak that shows the outcome most, as counted; `other`: the half wave or interval that makes the outcome
    what it is, where it is not the counted peak. Both None where nothing was compared.
    """

    outcome: Outcome
    cause: Cause = Cause.NUMBERS
    shown: Compared | None = None
    other: Compared | None = None

    @property
    def channel(self) -> str:
        """Whose it is; '' where nothing was compared."""
        found = self.other or self.shown
        return "" if found is None else found.channel

    @property
    def ratio(self) -> float | None:
        """Of what decided, velocity by limit."""
        found = self.other or self.shown
        return None if found is None else found.ratio

    @property
    def shown_by(self) -> tuple[float, float]:
        """What shows an outcome most: what is no number before any that is one, then the greatest part of the limit."""
        found = self.other or self.shown
        if found is None:
            return 0.0, 0.0
        return (math.inf if found.ratio is None else found.ratio), found.least_nm_s

    @property
    def in_short(self) -> str:
        """The cause in a few words, with the channel where it is that of one."""
        # What is assumed concerns the whole event.
        whose = f", {self.channel}" if self.channel and self.cause not in ASSUMPTIONS else ""
        return f"{self.cause.value}{whose}"

    def why(self, unit: GeoUnit) -> str:
        """A sentence that says what makes the outcome what it is; '' where the numbers beside it do."""
        return _SENTENCES[self.cause].format_map(_words(self, unit)) if self.cause is not Cause.NUMBERS else ""


_SENTENCES = {
    Cause.ACROSS_BORDER: "an interval that may be of this point lies across a border of windows, and would be above",
    Cause.ASSUMED_RANGE: "the geophone range is assumed, and the verdict is another with another range",
    Cause.ASSUMED_RATE: "the sample rate is assumed, and the verdict is another with another rate",
    Cause.ASSUMED_BOTH: "sample rate and geophone range are assumed, and the verdict is another with others",
    Cause.FREQUENCY_INTERVAL: "{channel}: the frequency stands for {hertz}, where limits are {limits}",
    Cause.FREQUENCY_UNKNOWN: "{channel}: the frequency is not known, and the limit depends on it",
    Cause.OVER_RANGE: "{channel} is over range: at least {least}",
    Cause.AT_LEAST: "{channel} is at least {least}",
    Cause.AT_MOST: "{channel} is at most {most}",
    Cause.CHANNEL_UNKNOWN: "the peak of {channel} is not known",
    Cause.NO_PEAK: "no peak is known",
    Cause.HALF_WAVE_ABOVE: "{peak}another half wave, {other}, is {ratio} the limit",
    Cause.HALF_WAVE_OPEN: "{peak}another half wave, {other}, may be above: {open}",
    Cause.INTERVAL_ABOVE: "{peak}an interval, {other}, is {ratio} the limit",
    Cause.INTERVAL_OPEN: "{peak}an interval, {other}, may be above: {open}",
    Cause.HALF_WAVES_UNKNOWN: "without samples, other half waves are not known",
    Cause.INTERVALS_UNKNOWN: "the peak alone is not above; the other intervals are not known",
    Cause.NOT_ALL_KEPT: "the limit is lower at some higher frequency, where lesser peaks than those compared may be "
    "above",
    Cause.CONTRADICTED: "the samples of {channel} contradict the peak that is reported of it",
    Cause.REPORTS_DIFFER: "reports of the event print different peaks of {channel}, from {least} to {most}",
    Cause.NOT_COVERED: "{channel}: the curve has no limit at {hertz}",
    Cause.MONITOR_LOG: "a monitor log has no peaks",
    Cause.NOTHING_IN_PERIOD: "no interval of it begins in the period, and a waveform is of the day of its start",
    Cause.NO_POINT: "it was recorded at no point",
    Cause.NO_POINT_LIMITS: "its point had no such limit when it began",
    Cause.BETWEEN_POINTS: "it is or may be of more than one point, or of one in part",
}


def _words(judgement: Judgement, unit: GeoUnit) -> dict[str, str]:
    shown, other = judgement.shown, judgement.other
    words: dict[str, str] = {}
    if shown is not None:
        limits = shown.limit_low_nm_s, shown.limit_high_nm_s
        words |= {
            "peak": "the peak is within; " if shown.outcome is Outcome.WITHIN else "",
            "channel": shown.channel or "the greatest peak",
            "least": velocity_text(shown.least_nm_s, unit),
            "most": velocity_text(shown.most_nm_s, unit),
            "hertz": hertz_text(shown.low_hz, shown.high_hz),
            "limits": " to ".join(velocity_text(one, unit) for one in limits if one is not None),
        }
    if other is not None:
        known = other.high_hz < math.inf
        at = f" at {hertz_text(other.low_hz, other.high_hz)}" if known else ""
        words["other"] = f"{other.channel} {velocity_text(other.least_nm_s, unit)}{at}"
        words["ratio"] = "above" if other.ratio is None else f"{other.ratio:.2f} times"
        words["open"] = "it is over range" if known else "its frequency is not known"
    return words


def velocity_text(nm_s: float, unit: GeoUnit) -> str:
    """A velocity in `unit`, with it: three decimals in in/s, two in mm/s, more where it is small."""
    number = nm_s / NM_S[unit]
    return f"{number:.2f} {unit}" if unit == "mm/s" and number >= 0.1 else f"{digits(number, unit)} {unit}"


def hertz_text(low: float, high: float) -> str:
    """A frequency, or the interval in which it lies."""
    if low == high:
        return f"{digits(low, 'Hz')} Hz"
    if high == math.inf:
        return f"{low:g} Hz or more"
    return f"{low:g} to {high:g} Hz"
