"""One event beside what limits say of it: what pages, plots and sketches draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sfm_archive.analysing import Recording
from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import spans_between_points, with_all_pairs
from sfm_archive.archive.point_limits import limits_asked
from sfm_archive.archive.where_recorded import points_asked
from sfm_archive.limits.by_day import is_not_known_by_day, parts_of, same_part
from sfm_archive.limits.by_point import at_points
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.outcomes import Judgement, Outcome
from sfm_archive.limits.point_limits import held_against
from sfm_archive.limits.verdicts import EventVerdict, Limits, Measured, channel_verdicts, verdict_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.placing import BETWEEN_POINTS, Placed
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.selection import Continued, Selection
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.reporting.counted_once import is_counted_once, without_triggered_intervals
from sfm_archive.reporting.part_values import values_of_part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedEvent:
    """`channels`: what each curve says of each geophone, by name of the curve and channel. `counted`: as what it is
    counted among others, None where it is counted once with a waveform, see `counted_once`. `in_period`: what of it
    lies in the period that was asked for; None where all of it does. `day_known`: False where nothing tells on which of
    its days its peaks were."""

    recording: Recording
    limits: Limits
    verdict: EventVerdict
    counted: Outcome | None
    channels: Mapping[tuple[str, str], Judgement] = field(repr=False)
    in_period: InPeriod | None = None
    day_known: bool = True

    @property
    def summary(self) -> EventSummary:
        """The derived row that was judged."""
        return self.recording.measured.summary

    def rests_on_assumed_range(self, channel: str) -> bool:
        """Whether a channel's peak was computed with a geophone range that no document tells."""
        row = self.summary
        return {"Tran": row.tran_basis, "Vert": row.vert_basis, "Long": row.long_basis}.get(channel) == Basis.ASSUMED

    @property
    def has_assumed_peaks(self) -> bool:
        """Whether the peak of any channel was."""
        return any(self.rests_on_assumed_range(channel) for channel in GEO_CHANNELS)


class InPeriod(NamedTuple):
    """An event that reaches beyond the period that was asked for: whether it began before, and whether it runs on
    behind it; or beyond the points that were asked for: `elsewhere`, whether it was, or may have been, recorded at
    others too. `bounds`: begin and end of the period, those that there are. `part`: its days in the period and
    intervals at the points, judged by themselves; None where nothing tells what of the event belongs to which. `at`:
    the points asked for that it is, or may be, of, where it was elsewhere too."""

    began_before: Continued
    runs_on: bool
    bounds: tuple[datetime, ...]
    part: JudgedEvent | None
    elsewhere: bool = False
    at: tuple[str, ...] = ()

    @property
    def is_beyond_period(self) -> bool:
        """Whether it reaches beyond the period, not only to other points."""
        return self.began_before is not Continued.NO or self.runs_on


def judged_event(
    archive: Archive, recording: Recording, words: LimitWords, selection: Selection | None = None
) -> JudgedEvent:
    """What the limits say of a recorded event; without any those usual for its unit. `selection`: of the
    events that it is counted among, with the period that was asked for. Raises UsageError and BadInput as
    `limits_asked`."""
    book = limits_asked(archive, words, recording.settings.unit)
    limits = held_against(book, recording.measured.summary)
    measured = with_all_pairs(archive, {recording.event_id: recording.measured}, limits.curves)[recording.event_id]
    verdict, others = verdict_on(measured, limits), None
    if selection is not None and verdict.outcome is Outcome.EXCEEDED:
        row = archive.event(recording.event_id)
        others = without_triggered_intervals(archive, [(row, measured)], limits, selection, book).get(row.event_id)
    event = _judged(recording, measured, others, limits)
    if selection is None:
        return event
    here, others_here = _at_points_asked(archive, event, measured, others, selection)
    found = _in_period(event, here, others_here, selection)
    if found is not None and found.elsewhere:
        asked = points_asked(archive, selection) or ()
        found = found._replace(at=tuple(point for point in recording.place.points if point in asked))
    return replace(event, in_period=found)


def _at_points_asked(
    archive: Archive, event: JudgedEvent, measured: Measured, others: Measured | None, selection: Selection
) -> tuple[Measured, Measured | None]:
    """What was recorded of an event at the points that a selection asks for."""
    points, event_id = selection.wanted_points, event.recording.event_id
    if points is None or measured.summary.placed not in BETWEEN_POINTS:
        return measured, others
    if measured.summary.placed == Placed.UNDECIDED:
        return measured._replace(unsplit=True), others
    spans = spans_between_points(archive)[event_id]
    return at_points(measured, spans, points), None if others is None else at_points(others, spans, points)


def _judged(recording: Recording, measured: Measured, others: Measured | None, limits: Limits) -> JudgedEvent:
    """`others`: what the intervals show that no waveform has too; None where all count."""
    verdict = verdict_on(measured, limits)
    is_once = is_counted_once(verdict.outcome, None if others is None else verdict_on(others, limits).outcome)
    return JudgedEvent(
        recording=recording,
        limits=limits,
        verdict=verdict,
        counted=None if is_once else verdict.outcome,
        channels=channel_verdicts(measured, limits),
        day_known=not is_not_known_by_day(measured),
    )


def _in_period(
    event: JudgedEvent, measured: Measured, others: Measured | None, selection: Selection
) -> InPeriod | None:
    recording, stop_local = event.recording, measured.summary.stop_local
    start_local = measured.summary.start_local
    first_day, last_day = selection.days
    began_before = selection.continued(start_local, stop_local)
    runs_on = selection.runs_on(stop_local) or any(day.day > last_day for day in measured.days)
    elsewhere = measured.cut or measured.unsplit
    if began_before is Continued.NO and not runs_on and not elsewhere:
        return None
    found = parts_of(measured, start_local[:10], digits=0, first_day=first_day, last_day=last_day)[0]
    # A waveform that runs on beyond the day of its start is of that day all the same.
    is_of_its_start = measured.record_type is RecordType.WAVEFORM and found.whole and not elsewhere
    part = event if is_of_its_start else None
    if not found.whole and not measured.unsplit:
        row = found.measured.summary
        shown = replace(recording, values=values_of_part(recording, row), measured=found.measured)
        if others is not None:
            others = same_part(others, found, digits=0, first_day=first_day, last_day=last_day)
        part = _judged(shown, found.measured, others, event.limits)
    bounds = tuple(bound for bound in (selection.since, selection.until) if bound is not None)
    return InPeriod(began_before, runs_on, bounds, part, elsewhere)
