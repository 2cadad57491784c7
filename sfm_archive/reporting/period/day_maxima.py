"""The chart of a point over a period: of each local day the greatest intervals of all histograms, and who ran."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from sfm_archive.archive.coverage import CoverageWindow, UnitCoverage, coverage
from sfm_archive.limits.by_day import parts_of
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.shares import Share, greater, greatest_share
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.summaries import Basis
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in
from sfm_archive.reporting.period.false_intervals import FalseIntervals
from sfm_archive.reporting.period.peak_intervals import interval_at_point
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.reporting.period.values import ChartDay, DayMaximum, DayShare, FalseTriggerThere, PointChart

_DAY = timedelta(days=1)
_AT_LEAST = (Basis.OVER_RANGE, Basis.AT_LEAST)


class _Greatest(NamedTuple):
    """Over range stands above every number. `number`: nm/s, of the microphone dB(L)."""

    over: bool
    number: float
    basis: str
    hz: float | None
    day_known: bool
    event: EventAtPoint


class _Day:
    """A day while its histograms are met."""

    def __init__(self) -> None:
        self.greatest: dict[str, _Greatest] = {}
        self.intervals = 0
        self.partly = False
        self.share: tuple[Share, int] | None = None


class DayCharts:
    """The charts of a job's points, while the events of the period are met."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._first, self._last = scope.days
        self._days: dict[tuple[int, str], _Day] = {}

    def add(self, event: EventAtPoint) -> None:
        """A histogram, or a part of one, that is no false trigger; of other events nothing."""
        is_histogram = event.own.record_type is RecordType.HISTOGRAM
        if not is_histogram or not event.point or event.whole.summary.is_false_trigger:
            return
        own = event.own
        for part in parts_of(own, event.start_day, digits=10, first_day=self._first, last_day=self._last):
            if not part.measured.nothing:
                # Of one that began before, and of which nothing tells its days, the first one is marked.
                name = max(part.day, self._first)
                day = self._days.setdefault((event.point, name), _Day())
                self._meet(day, part.measured, event, day_known=part.day_known)

    def _meet(self, day: _Day, part: Measured, event: EventAtPoint, *, day_known: bool) -> None:
        summary, event_id = part.summary, event.row.event_id
        day.intervals += sum(one.intervals for one in part.days)
        day.partly = day.partly or part.perhaps is not None
        for channel in GEO_CHANNELS:
            name = channel.lower()
            nm_s, basis = getattr(summary, f"{name}_nm_s"), getattr(summary, f"{name}_basis")
            if nm_s is None:
                day.partly = True
                continue
            hz = getattr(summary, f"{name}_hz")
            self._raise(day, channel, _Greatest(basis == Basis.OVER_RANGE, nm_s, basis, hz, day_known, event))
        if summary.pspl_db is not None:
            over = summary.pspl_basis == Basis.OVER_RANGE
            found = _Greatest(over, summary.pspl_db, summary.pspl_basis, None, day_known, event)
            self._raise(day, "MicL", found)
        share = greatest_share(summary, part.days, event.limits.curves, all_pairs=part.all_pairs)
        if share is not None:
            before = day.share
            is_greater = before is None or share[:2] > before[0][:2]
            day.share = (
                share if before is None else greater(before[0], share),
                event_id if is_greater or before is None else before[1],
            )

    @staticmethod
    def _raise(day: _Day, channel: str, found: _Greatest) -> None:
        known = day.greatest.get(channel)
        if known is None or found[:2] > known[:2]:
            day.greatest[channel] = found

    def charts(self, held: FalseIntervals) -> Iterator[PointChart]:
        """Of each point all days of the period. `held`: intervals with false triggers."""
        for point in self._scope.points:
            units = coverage(
                self._scope.archive, since=self._scope.since, until=self._scope.until, points=(point.number,)
            )
            days = tuple(self._chart_day(point.number, day, units, held) for day in _days(self._first, self._last))
            yield PointChart(
                point=point.number,
                name=point.name,
                without_end=sum(unit.without_end for unit in units),
                undated=sum(unit.undated for unit in units),
                days=days,
            )

    def _chart_day(self, point: int, day: date, units: list[UnitCoverage], held: FalseIntervals) -> ChartDay:
        found = self._days.get((point, day.isoformat()), _Day())
        begin = datetime.combine(day, datetime.min.time())
        begin, end = max(begin, self._scope.since), min(begin + _DAY, self._scope.until)
        stood = _within((one for unit in units for one in unit.windows), begin, end)
        ran = _within((CoverageWindow(since_local=one.since_local, until_local=one.until_local)
                       for unit in units for one in unit.spans), begin, end)  # fmt: skip
        running_s = sum(one.seconds for one in ran)
        maxima = {channel: self._maximum(one, channel) for channel, one in found.greatest.items()}
        return ChartDay(
            day=day.isoformat(),
            tran=maxima.get("Tran"),
            vert=maxima.get("Vert"),
            long=maxima.get("Long"),
            mic=maxima.get("MicL"),
            intervals=found.intervals,
            partly=found.partly,
            running_s=running_s,
            not_known_s=sum(one.seconds for one in stood) - running_s,
            share=None if found.share is None else _shown(*found.share),
            windows=stood,
            running=ran,
            false_triggers=self._false_triggers(found, begin, end, held),
        )

    def _false_triggers(
        self, found: _Day, begin: datetime, end: datetime, held: FalseIntervals
    ) -> tuple[FalseTriggerThere, ...]:
        """That lie in the greatest interval of a channel, or in that of the share; each once."""
        said: list[FalseTriggerThere] = []
        for channel, greatest in found.greatest.items():
            event_id = greatest.event.row.event_id
            if held.holds(event_id):
                interval = interval_at_point(self._scope, greatest.event, channel, begin, end)
                said += held.in_interval(event_id, interval)
        if found.share is not None:
            share, event_id = found.share
            day = begin.date().isoformat()
            said += held.of_value(event_id, partial(_has_share, day, share, held.curves_of(event_id)))
        return tuple({one.event_id: one for one in said}.values())

    def _maximum(self, one: _Greatest, channel: str) -> DayMaximum:
        return DayMaximum(
            number=one.number if channel == "MicL" else in_digits(round(one.number), self._scope.unit),
            at_least=one.basis in _AT_LEAST,
            at_most=one.basis == Basis.AT_MOST,
            assumed=one.basis == Basis.ASSUMED,
            may_be_of_another_day=not one.day_known,
            hz=one.hz,
            event_id=one.event.row.event_id,
        )


def _has_share(day: str, share: Share, curves: Sequence[Curve], part: Measured) -> bool:
    own = greatest_share(part.summary, part.days, curves, all_pairs=part.all_pairs)
    return own is not None and any(one.day == day for one in part.days) and math.isclose(own.least, share.least)


def in_digits(nm_s: int, unit: GeoUnit) -> float:
    """A velocity in a unit, to seven digits."""
    return float(f"{velocity_in(nm_s, unit):.7g}")


def _shown(share: Share, event_id: int) -> DayShare:
    return DayShare(
        least=float(f"{share.least:.7g}"),
        most=None if share.most == math.inf else float(f"{share.most:.7g}"),
        channel=share.channel,
        curve=share.curve,
        event_id=event_id,
    )


def _days(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    while day.isoformat() <= last:
        yield day
        day += _DAY


def _within(spans: Iterable[CoverageWindow], begin: datetime, end: datetime) -> tuple[CoverageWindow, ...]:
    """What of spans lies in another one, those that touch or overlap as one. Moments without a length say nothing."""
    found: list[tuple[datetime, datetime]] = []
    first, last = local_text(begin), local_text(end)
    near = (one for one in spans if one.since_local < last and one.until_local > first)
    for one in sorted(near, key=lambda one: one.since_local):
        since, until = max(parse_local_text(one.since_local), begin), min(parse_local_text(one.until_local), end)
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return tuple(CoverageWindow(since_local=local_text(since), until_local=local_text(until)) for since, until in found)
