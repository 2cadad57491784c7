"""False triggers in the intervals of histograms: their records count nowhere, what the histogram of their unit shows of
the same motion does, so each value that may be theirs says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from sfm_archive.archive.intervals_near import PeakInterval, intervals_near
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.period.report import ReportedFalseTrigger
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.reporting.period.values import FalseTriggerThere

_BESIDE = timedelta(seconds=1)
"""Times are kept in whole seconds."""


class _Near(NamedTuple):
    """Intervals of a histogram around a false trigger; `known`: whether it is known which these are."""

    event_id: int
    known: bool
    since_local: str
    until_local: str
    measured: Measured


class FalseIntervals:
    """Of each histogram the intervals that hold an event marked as a false trigger."""

    def __init__(
        self, scope: Scope, events: Mapping[int, EventAtPoint], false_triggers: Iterable[ReportedFalseTrigger]
    ) -> None:
        self._events = events
        self._near: dict[int, list[_Near]] = {}
        for one in false_triggers:
            summary = events[one.event_id].whole.summary
            first = parse_local_text(summary.start_local)
            since, until = first - _BESIDE, max(first, parse_local_text(summary.stop_local or summary.start_local))
            for histogram in one.histograms:
                held = events[histogram]
                for near in intervals_near(scope.archive, held.row, held.whole, since, until + _BESIDE):
                    found = _Near(
                        one.event_id, bool(near.since_local), near.since_local, near.until_local, near.measured
                    )
                    self._near.setdefault(histogram, []).append(found)

    def holds(self, histogram: int) -> bool:
        """Whether any lies in a histogram."""
        return histogram in self._near

    def in_interval(self, histogram: int, interval: PeakInterval | None) -> tuple[FalseTriggerThere, ...]:
        """The false triggers that lie in one interval of a histogram; in the histogram where it is not known which."""
        return self._there(
            histogram,
            interval is not None,
            lambda near: interval is not None and near.since_local <= interval.at_local < near.until_local,
        )

    def of_value(self, histogram: int, is_it: Callable[[Measured], bool]) -> tuple[FalseTriggerThere, ...]:
        """Those that lie in an interval of which `is_it` says that it is meant, by what was measured there."""
        return self._there(histogram, True, lambda near: is_it(near.measured))

    def _there(
        self, histogram: int, is_known: bool, is_meant: Callable[[_Near], bool]
    ) -> tuple[FalseTriggerThere, ...]:
        found = {}
        for near in self._near.get(histogram, ()):
            known = near.known and is_known
            if not known or is_meant(near):
                found[near.event_id] = FalseTriggerThere(event_id=near.event_id, in_interval=known)
        return tuple(found.values())

    def curves_of(self, histogram: int) -> tuple[Curve, ...]:
        """That an event of the period is held against."""
        return self._events[histogram].limits.curves
