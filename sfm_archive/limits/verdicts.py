"""What all limits that are asked for say of an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sfm_archive.limits.airblast import AirblastJudgement, AirblastLimit, judge_airblast
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.judging import is_exceeded, judge, judge_channels, needs_all_pairs
from sfm_archive.limits.outcomes import Cause, Judgement, Judging, Outcome, worst
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.events import RecordType
from sfm_archive.model.summaries import EventSummary


class Limits(NamedTuple):
    """What events are held against. `airblast`: None where nothing is; `airblast_assumed`: nobody chose it. `by`: what
    decides of a waveform. `of_point`: they are those of an event's point, `which`: their number, and since when they
    hold; `said`: the same behind the words they were stated by; `why_none`: why there is no curve, None where there
    are some."""

    curves: tuple[Curve, ...]
    airblast: AirblastLimit | None = None
    airblast_assumed: bool = False
    by: Judging = Judging.BOTH
    why_none: Cause | None = None
    said: str = ""
    of_point: bool = False
    which: str = ""

    @property
    def airblast_text(self) -> str:
        """The airblast limit, with where it is from: `133 dB(L) (OSMRE, 2 Hz high-pass assumed)`."""
        if self.airblast is None:
            return "no airblast limit"
        text = self.airblast.text
        return f"{text[:-1]} assumed)" if self.airblast_assumed else text


class Measured(NamedTuple):
    """What is known of an event, as derived rows have it: see `judge`. `nothing`: it is that part of an event in which
    none of its intervals begins, or of a waveform one behind the day of its start; `cut`: it is the part that was
    recorded at some points; `unsplit`: nothing tells what of it was recorded there, so this is all of it; `perhaps`:
    the same with intervals that may have been recorded there, for they lie across a border of windows."""

    record_type: RecordType
    summary: EventSummary
    days: tuple[DayPeaks, ...] = ()
    all_pairs: bool = False
    nothing: bool = False
    cut: bool = False
    unsplit: bool = False
    perhaps: Measured | None = None

    def needs_all_pairs(self, curves: Sequence[Curve]) -> bool:
        """Whether a curve asks for half waves or intervals that others outdo, and that are not here."""
        return not self.all_pairs and any(needs_all_pairs(self.days, curve) for curve in curves)


class CurveVerdict(NamedTuple):
    """What one curve says."""

    curve: Curve
    found: Judgement


class EventVerdict(NamedTuple):
    """What the curves say of an event's vibration, and the airblast limit of its level, None without one. `why_none`:
    why no curve of its point says anything, None where that was not asked for."""

    vibration: tuple[CurveVerdict, ...]
    airblast: AirblastJudgement | None
    why_none: Cause | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Of the vibration, the worst; None where no curve was asked for."""
        if self.vibration:
            return worst(one.found.outcome for one in self.vibration)
        return None if self.why_none is None else Outcome.NOT_COMPARED

    @property
    def shown(self) -> CurveVerdict | None:
        """Of the curves with that outcome, the one that shows it most; None without a curve."""
        outcome = self.outcome
        of_outcome = [one for one in self.vibration if one.found.outcome is outcome]
        return max(of_outcome, key=lambda one: one.found.shown_by, default=None)


def verdict_on(measured: Measured, limits: Limits) -> EventVerdict:
    """What limits say of an event. Where an interval may be of it that would be above, that is undecided."""
    record_type, summary, days, all_pairs, nothing, *_ = measured
    none = Judgement(Outcome.NOT_COMPARED, Cause.NOTHING_IN_PERIOD)
    vibration = tuple(
        CurveVerdict(
            curve, none if nothing else judge(summary, days, record_type, curve, limits.by, all_pairs=all_pairs)
        )
        for curve in limits.curves
    )
    if measured.perhaps is not None:
        others = verdict_on(measured.perhaps, limits).vibration
        vibration = tuple(
            one._replace(found=_with_perhaps(one.found, other.found))
            for one, other in zip(vibration, others, strict=True)
        )
    return EventVerdict(vibration, airblast_on(measured, limits), limits.why_none)


def _with_perhaps(found: Judgement, other: Judgement) -> Judgement:
    """`other`: with the intervals that may be of it."""
    may_be_above = other.outcome in (Outcome.EXCEEDED, Outcome.UNDECIDED) and found.outcome is not Outcome.EXCEEDED
    return Judgement(Outcome.UNDECIDED, Cause.ACROSS_BORDER) if may_be_above else found


def airblast_on(measured: Measured, limits: Limits) -> AirblastJudgement | None:
    """What the airblast limit says of an event's level, None without one; of a point without one, that it has none."""
    if limits.airblast is None:
        cause = limits.why_none or Cause.NO_POINT_LIMITS
        why = Judgement(Outcome.NOT_COMPARED, cause).why("in/s")
        return AirblastJudgement(Outcome.NOT_COMPARED, None, why) if limits.of_point else None
    if measured.nothing:
        why = Judgement(Outcome.NOT_COMPARED, Cause.NOTHING_IN_PERIOD).why("in/s")
        return AirblastJudgement(Outcome.NOT_COMPARED, None, why)
    found = judge_airblast(measured.summary, measured.record_type, limits.airblast)
    if measured.perhaps is not None and found.outcome is not Outcome.EXCEEDED:
        other = judge_airblast(measured.perhaps.summary, measured.record_type, limits.airblast)
        if other.outcome in (Outcome.EXCEEDED, Outcome.UNDECIDED):
            why = Judgement(Outcome.UNDECIDED, Cause.ACROSS_BORDER).why("in/s")
            return AirblastJudgement(Outcome.UNDECIDED, found.level_db, why)
    return found


def outcome_on(measured: Measured, limits: Limits) -> Outcome | None:
    """The outcome of `verdict_on`, sooner where a peak is above: one channel and one curve are enough for that."""
    record_type, summary, days, _, nothing, *_ = measured
    if not nothing and any(is_exceeded(summary, days, record_type, curve, limits.by) for curve in limits.curves):
        return Outcome.EXCEEDED
    return verdict_on(measured, limits).outcome


def channel_verdicts(measured: Measured, limits: Limits) -> dict[tuple[str, str], Judgement]:
    """The same of each geophone by itself, by the name of the curve and the channel."""
    record_type, summary, days, all_pairs, nothing, *_ = measured
    if nothing:
        return {}
    return {
        (curve.name, channel): found
        for curve in limits.curves
        for channel, found in judge_channels(summary, days, record_type, curve, limits.by, all_pairs=all_pairs).items()
    }
