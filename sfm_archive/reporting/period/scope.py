"""What a job's report is of: the job with its points, the period, the limits that hold, and the events in parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import measured_against
from sfm_archive.base.batches import batches
from sfm_archive.limits.point_limits import LimitsOfPoints
from sfm_archive.limits.verdicts import Limits, Measured
from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import Job, Point
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.group_sites import GroupSites
from sfm_archive.storage.events import EventRow

KEYS = ("job", "point")
_AT_ONCE = 1000


class Scope(NamedTuple):
    """`points`: of the job, those that count. `since`: included, `until`: not. `book`: the limits of all points."""

    archive: Archive
    job: Job
    points: tuple[Point, ...]
    since: datetime
    until: datetime
    unit: GeoUnit
    book: LimitsOfPoints

    @property
    def selection(self) -> Selection:
        """The events of the period that were, or may have been, recorded at points of the job; there is one."""
        return Selection(points=tuple(one.number for one in self.points), since=self.since, until=self.until)

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last local day of the period."""
        return Selection(since=self.since, until=self.until).days

    def name_of(self, point: int) -> str:
        """Of a point of the job, '' of any other."""
        return next((one.name for one in self.points if one.number == point), "")


class EventAtPoint(NamedTuple):
    """What was recorded of an event at one point of the job, whatever its days. `point`: its number, 0 where it is not
    decided at which; `own`: its part there, `whole`: all of it; `limits`: that the event is held against."""

    row: EventRow
    point: int
    own: Measured
    whole: Measured
    limits: Limits

    @property
    def start_day(self) -> str:
        return self.whole.summary.start_local[:10]


def events_at_points(scope: Scope) -> Iterator[EventAtPoint]:
    """Of each event of the period its parts at points of the job, by its start."""
    if not scope.points:
        return
    selection = scope.selection
    sites = GroupSites(scope.archive, KEYS, selection)
    for rows in batches(scope.archive.events(selection), _AT_ONCE):
        measured = measured_against(scope.archive, rows, scope.book)
        for row in rows:
            whole, limits = measured[row.event_id]
            for site, own in sites.at_sites(row.event_id, whole):
                (point,) = site.points or (whole.summary.point,)
                yield EventAtPoint(row, point, own, whole, limits)
