"""What is above a limit and of no blast: events, and intervals of histograms that no waveform explains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.analysing import Recording, recordings_of
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.measuring import spans_between_points
from sfm_archive.base.batches import batches
from sfm_archive.limits.by_day import Part, is_shown_by, same_part
from sfm_archive.limits.by_point import at_points
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import EventVerdict, Limits, Measured, airblast_on, verdict_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import CHANNELS
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.velocities import NM_S
from sfm_archive.reporting.counted_once import intervals_of_triggers, is_counted_once, others_of
from sfm_archive.reporting.period.blast_cells import CellsOfBlast
from sfm_archive.reporting.period.false_intervals import FalseIntervals
from sfm_archive.reporting.period.judged_values import airblast_of, vibration_of
from sfm_archive.reporting.period.peak_intervals import interval_at_point
from sfm_archive.reporting.period.report import BlastBeside, ReportedExceedance
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.sites.proposing import scene_of

_AT_ONCE = 100
"""Histograms whose samples are held at once."""

_SAME_HZ = 1e-6
"""Share by which two frequencies that are the same may differ."""


class Above(NamedTuple):
    """A part of an event that is above a limit of its point, as `verdict` says."""

    event: EventAtPoint
    part: Part
    verdict: EventVerdict


class _Interval(NamedTuple):
    """When the interval began that the verdict names, and how many are above."""

    at_local: str
    above: int


def exceedances_of(
    scope: Scope,
    above: Sequence[Above],
    in_period: Sequence[CellsOfBlast],
    in_blast: Mapping[int, int],
    held: FalseIntervals,
) -> Iterator[ReportedExceedance]:
    """By point and time those of events that are confirmed for none of the blasts of the period. `in_blast`: of events
    that are confirmed for a blast of the job its number; `held`: intervals with false triggers."""
    numbers = {one.blast.number for one in in_period}
    own = [one for one in above if in_blast.get(one.event.row.event_id) not in numbers]
    beside = _beside(scope, own, in_period)
    found = [*_of_vibration(scope, own, beside, held), *_of_airblast(scope, own, beside, held)]
    order = {point.number: place for place, point in enumerate(scope.points)}
    yield from sorted(found, key=lambda one: (order[one.point], one.at_local, one.event_id, one.what != "vibration"))


def _beside(
    scope: Scope, own: Sequence[Above], in_period: Sequence[CellsOfBlast]
) -> dict[int, tuple[BlastBeside, ...]]:
    """The blasts beside events, by id: those of the period, and others that they are confirmed for."""
    ids = {one.event.row.event_id for one in own}
    found: dict[int, list[BlastBeside]] = {}
    for blast in in_period:
        for one in blast.beside:
            if one.event.event_id in ids:
                reason = "" if one.said is None else one.said.reason
                said = BlastBeside(
                    blast=blast.blast.number, name=blast.blast.name, at_local=blast.blast.at_local,
                    decision=one.decision, reason=reason,
                )  # fmt: skip
                found.setdefault(one.event.event_id, []).append(said)
    with derived(scope.archive.store) as connection:
        scene = scene_of(connection)
    for event_id in sorted(ids & scene.confirmed.keys()):
        other = scene.blasts[scene.confirmed[event_id]]
        reason = scene.decisions[other.number, event_id].reason
        said = BlastBeside(
            blast=other.number, name=other.name, at_local=other.at_local, decision="confirmed", reason=reason
        )
        found.setdefault(event_id, []).append(said)
    return {event_id: tuple(blasts) for event_id, blasts in found.items()}


def _of_airblast(
    scope: Scope, own: Sequence[Above], beside: Mapping[int, tuple[BlastBeside, ...]], held: FalseIntervals
) -> Iterator[ReportedExceedance]:
    for one in own:
        airblast = one.verdict.airblast
        if airblast is None or airblast.outcome is not Outcome.EXCEEDED:
            continue
        event = one.event
        interval = interval_at_point(scope, event, "MicL")
        yield ReportedExceedance(
            **_of_event(scope, event, beside),
            what="airblast",
            at_local=event.whole.summary.start_local if interval is None else interval.at_local,
            intervals=None,
            verdict=airblast_of(one.verdict, event.limits, one.part.measured.summary, event.row.event_id),
            false_triggers=held.of_value(event.row.event_id, partial(_is_loud, event.limits)),
        )


def _of_vibration(
    scope: Scope, own: Sequence[Above], beside: Mapping[int, tuple[BlastBeside, ...]], held: FalseIntervals
) -> Iterator[ReportedExceedance]:
    exceeded = [one for one in own if one.verdict.outcome is Outcome.EXCEEDED]
    histograms = [one for one in exceeded if one.event.own.record_type is RecordType.HISTOGRAM]
    alone = _without_waveforms(scope, histograms)
    intervals = _intervals(scope, list(alone.values()))
    for one in exceeded:
        key = one.event.row.event_id, one.event.point
        if one.event.own.record_type is RecordType.HISTOGRAM and key not in alone:
            continue  # its waveform is here, or of a blast
        verdict = alone.get(key, one).verdict
        interval = intervals.get(key)
        yield ReportedExceedance(
            **_of_event(scope, one.event, beside),
            what="vibration",
            at_local=one.event.whole.summary.start_local if interval is None else interval.at_local,
            intervals=None if interval is None else interval.above,
            verdict=vibration_of(verdict, scope.unit, one.event.row.event_id),
            false_triggers=held.of_value(one.event.row.event_id, partial(_is_above, one.event.limits)),
        )


def _is_loud(limits: Limits, part: Measured) -> bool:
    airblast = airblast_on(part, limits)
    return airblast is not None and airblast.outcome is Outcome.EXCEEDED


def _is_above(limits: Limits, part: Measured) -> bool:
    return verdict_on(part, limits).outcome is Outcome.EXCEEDED


def _of_event(scope: Scope, event: EventAtPoint, beside: Mapping[int, tuple[BlastBeside, ...]]) -> dict[str, Any]:
    row = event.row
    return {
        "point": event.point, "name": scope.name_of(event.point), "event_id": row.event_id, "serial": row.serial,
        "record_type": row.record_type, "blasts": beside.get(row.event_id, ()),
    }  # fmt: skip


def _without_waveforms(scope: Scope, histograms: Sequence[Above]) -> dict[tuple[int, int], Above]:
    """Parts of histograms, by event and point, as the intervals show them that no waveform explains; those that are
    above only in intervals that one does are not among them, for the waveform is."""
    asked = [(one.event.row, one.event.whole, one.event.limits) for one in histograms]
    others = others_of(scope.archive, asked, scope.selection, scope.book) if asked else {}
    spans = spans_between_points(scope.archive) if others else {}
    first, last = scope.days
    found = {}
    for one in histograms:
        event_id, point = one.event.row.event_id, one.event.point
        own: Measured | None = others.get(event_id)
        if own is not None:
            own = at_points(own, spans[event_id], (point,)) if event_id in spans else own
            own = same_part(own, one.part, digits=0, first_day=first, last_day=last)
        verdict = None if own is None else verdict_on(own, one.event.limits)
        if verdict is not None and is_counted_once(Outcome.EXCEEDED, verdict.outcome):
            continue
        is_above = verdict is not None and verdict.outcome is Outcome.EXCEEDED
        found[event_id, point] = one._replace(verdict=verdict) if verdict is not None and is_above else one
    return found


def _intervals(scope: Scope, histograms: Sequence[Above]) -> dict[tuple[int, int], _Interval]:
    """By event and point what of them is above, where it is known which intervals were at the point."""
    known = [
        one for one in histograms
        if not one.event.own.cut and one.part.day_known and is_shown_by(one.event.whole.days, one.event.whole.summary)
    ]  # fmt: skip
    held: dict[int, NDArray[np.bool_]] = {}
    for limits in dict.fromkeys(one.event.limits for one in known):
        asked = [(one.event.row, one.event.whole) for one in known if one.event.limits == limits]
        explained = intervals_of_triggers(scope.archive, asked, limits, scope.selection, scope.book)
        held |= {each.row.event_id: each.held for each in explained}
    found = {}
    for page in batches(known, _AT_ONCE):
        recordings = recordings_of(scope.archive, [one.event.row for one in page])
        for one, recording in zip(page, recordings, strict=True):
            event_id = one.event.row.event_id
            interval = _named(scope, recording, one.event.limits, one.verdict, held.get(event_id))
            if interval is not None:
                found[event_id, one.event.point] = interval
    return found


def _named(
    scope: Scope, recording: Recording, limits: Limits, verdict: EventVerdict, held: NDArray[np.bool_] | None
) -> _Interval | None:
    """Of a histogram whose verdict names a channel."""
    histogram, length, shown = recording.histogram, recording.interval, verdict.shown
    if histogram is None or not length or shown is None or not shown.found.channel:
        return None
    over = np.zeros(histogram.size, dtype=np.bool_)
    for curve in limits.curves:
        over |= intervals_over(recording, curve)
    begins = [recording.start + place * length for place in range(histogram.size)]
    over &= np.array([scope.since <= at < scope.until for at in begins], dtype=np.bool_)
    if held is not None:
        over &= ~held
    if not over.any():
        return None
    decided = shown.found.other or shown.found.shown
    if decided is None:
        return None
    peaks = histogram.physical(recording.settings.range, scope.unit)[decided.channel] * NM_S[scope.unit]
    hertz = histogram.frequencies()[CHANNELS.index(decided.channel)]
    with np.errstate(invalid="ignore"):
        at_frequency = (hertz >= decided.low_hz * (1 - _SAME_HZ)) & (hertz <= decided.high_hz * (1 + _SAME_HZ))
        near = np.abs(peaks - decided.least_nm_s)
    places = np.flatnonzero(over & at_frequency if (over & at_frequency).any() else over)
    first = places[np.argmin(np.where(np.isnan(near[places]), np.inf, np.round(near[places])))]
    return _Interval(local_text(begins[int(first)]), int(over.sum()))
