"""Whether an event is as loud as a filter asks: yes, undecided, or no.

What is known of a peak lies between two bounds, `ppv_least_nm_s` and `ppv_most_nm_s` of an event's summary. It reaches
a level where the lower one does, and does not where the upper one stays below; between them it is undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from sfm_archive.base.counting import counted
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis, EventSummary


class LevelAnswer(StrEnum):
    """What an event says to a level that was asked for."""

    YES = "yes"
    UNDECIDED = "undecided"
    NO = "no"


class Cause(StrEnum):
    """What leaves a level undecided; of several the first one."""

    OVER_RANGE = "over range"
    UNKNOWN = "unknown peak"
    CONTRADICTED = "contradicted"
    REPORTS_DIFFER = "reports differ"
    LIMIT = "limit printed"
    ASSUMED = "assumed range"


_IN_WORDS = {
    Cause.OVER_RANGE: "{} over range, at least at the rail",
    Cause.UNKNOWN: "{} with a channel whose peak is not known",
    Cause.CONTRADICTED: "{} whose samples contradict the reported peak",
    Cause.REPORTS_DIFFER: "{} of which reports print different peaks",
    Cause.LIMIT: "{} of which a document prints only a limit",
    Cause.ASSUMED: "{} computed with an assumed geophone range",
}


def _apart(false_triggers: int) -> str:
    return f", {counted(false_triggers, 'false trigger')} apart" if false_triggers else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCounts:
    """What the events that pass every other filter of a selection say to the level that it asks for.

    `ppv_from_mm_s`: that level. `yes`: how many reach it. `undecided`: of how many that is not known. `because`: of
    how many for which cause. `left_out`: whether the selection leaves the undecided ones out (`--decided`).
    `false_triggers`: how many that reach it or may a review calls so; unless only such were selected they are in none
    of the other numbers. They are selected like any event.
    """

    ppv_from_mm_s: float
    yes: int
    undecided: int
    because: Annotated[dict[str, int], Cause]
    left_out: bool
    false_triggers: int = 0

    @property
    def sentence(self) -> str:
        """How many are undecided and why, for people; '' where none is."""
        if not self.undecided:
            return ""
        causes = ", ".join(_IN_WORDS[cause].format(number) for cause in Cause if (number := self.because[cause]))
        causes += _apart(self.false_triggers)
        if self.left_out:
            return f"{counted(self.undecided, 'event')} left out that may be as loud or not: {causes}"
        return f"{self.undecided:,} of these may be as loud or not (undecided): {causes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutLimits:
    """Of events held against the limits of their points, those that were not compared since they have none.

    `at_no_point`: events at no point; `point_without_limits`: events whose point had no limit of velocity when they
    began; `between_points`: events that are or may be of more than one point, or of one in part.
    """

    at_no_point: int = 0
    point_without_limits: int = 0
    between_points: int = 0

    @property
    def words(self) -> str:
        """`3 at no point, 2 at a point without limits`; '' where there are none."""
        parts = (
            (self.at_no_point, "at no point"),
            (self.point_without_limits, "at a point without limits"),
            (self.between_points, "between points"),
        )
        return ", ".join(f"{number:,} {words}" for number, words in parts if number)

    @property
    def sentence(self) -> str:
        """`not compared for want of limits: 3 at no point`; '' where there are none."""
        return f"not compared for want of limits: {self.words}" if self.words else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCounts:
    """What limits say of the events that pass every other filter of a selection, of each by what was recorded in its
    window; the counts, with `counted_once` and `false_triggers`, add up to those events.

    `limits`: in words, as they were asked for. `judge`: what decides of a waveform. `exceeded`: events that are above
    one of them; `undecided`: that may be; `within`: that are above none; `not_compared`: of which there is nothing to
    compare; `counted_once`: histograms that are above one only in intervals that a waveform of the same unit explains,
    which is above one too; they are selected like the exceeded ones. `left_out`: whether the selection leaves the
    undecided ones out (`--decided`). `without_limits`: where events were held against the limits of their points, which
    of those not compared have none; None with other limits. `false_triggers`: events that a review calls so; unless
    only such were selected they are in none of the other counts. They are selected like any event.
    """

    limits: tuple[str, ...]
    judge: str
    exceeded: int
    undecided: int
    within: int
    not_compared: int
    left_out: bool
    counted_once: int = 0
    without_limits: WithoutLimits | None = None
    false_triggers: int = 0

    @property
    def sentence(self) -> str:
        """How many are exceeded, undecided and so on, for people."""
        of_points = self.without_limits
        limits = ", ".join(self.limits) if of_points is None else "the limits of their points"
        what = " (left out)" if self.left_out and self.undecided else ""
        once = f", {self.counted_once:,} counted once with a waveform of the same blast" if self.counted_once else ""
        want = "" if of_points is None or not of_points.words else f" ({of_points.words})"
        return (
            f"against {limits}: {self.exceeded:,} exceeded, {self.undecided:,} undecided{what}, "
            f"{self.within:,} within, {self.not_compared:,} not compared{want}{once}{_apart(self.false_triggers)}"
        )


def cause_of(summary: EventSummary) -> Cause:
    """What leaves it undecided whether an event reaches a level, where it is."""
    bases = (summary.tran_basis, summary.vert_basis, summary.long_basis)
    if summary.ppv_basis == Basis.OVER_RANGE:
        return Cause.OVER_RANGE
    if summary.ppv_basis == Basis.UNKNOWN or (summary.ppv_channel and Basis.UNKNOWN in bases):
        return Cause.UNKNOWN
    if summary.contradicted:
        return Cause.CONTRADICTED
    if not summary.disputed_peaks().keys().isdisjoint(GEO_CHANNELS):
        return Cause.REPORTS_DIFFER
    return Cause.ASSUMED if summary.ppv_basis == Basis.ASSUMED else Cause.LIMIT


def level_of_event(summary: EventSummary | None, nm_s: int) -> LevelAnswer:
    """Whether the greatest peak of an event is at least `nm_s`, whole nm/s; `summary`: None of a part of an event in
    which nothing was recorded."""
    if summary is None:
        return LevelAnswer.NO
    if summary.ppv_least_nm_s is not None and summary.ppv_least_nm_s >= nm_s:
        return LevelAnswer.YES
    may = summary.ppv_most_nm_s is None or summary.ppv_most_nm_s >= nm_s
    return LevelAnswer.UNDECIDED if may else LevelAnswer.NO
