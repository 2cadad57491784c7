"""The interval of a histogram in which a value of a job's report was recorded."""

from __future__ import annotations

from datetime import datetime

from sfm_archive.archive.intervals_near import PeakInterval, interval_with_peak
from sfm_archive.archive.measuring import spans_between_points
from sfm_archive.model.events import RecordType
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.period.scope import EventAtPoint, Scope


def interval_at_point(
    scope: Scope, event: EventAtPoint, channel: str, since: datetime | None = None, until: datetime | None = None
) -> PeakInterval | None:
    """Of those that were recorded at its point in the period, between two moments where they are given, the one with a
    channel's greatest peak, of equals the first; None of any other event, and where nothing tells it."""
    if event.own.record_type is not RecordType.HISTOGRAM or not channel or event.own.unsplit:
        return None
    first, last = since or scope.since, until or scope.until
    spans = [(max(begin, first), min(end, last)) for begin, end in _spans(scope, event)]
    return interval_with_peak(scope.archive, event.row, event.whole, channel, spans)


def _spans(scope: Scope, event: EventAtPoint) -> list[tuple[datetime, datetime]]:
    """Of the period those in which the event's unit stood at the point."""
    if not event.own.cut:
        return [(scope.since, scope.until)]
    own = (one for one in spans_between_points(scope.archive)[event.row.event_id] if one.point == event.point)
    return [
        (
            max(scope.since, parse_local_text(one.from_local)),
            min(scope.until, parse_local_text(one.until_local)) if one.until_local else scope.until,
        )
        for one in own
    ]
