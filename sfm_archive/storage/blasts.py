"""What a blast is held against: events near a moment, and when units ran, by their clocks as recorded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from itertools import accumulate
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.zones import checked_zone
from sfm_archive.storage import unit_running
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.id_lists import IDS, ids_text


class EventNear(NamedTuple):
    """An event that a blast can have triggered. `time_zone`: stated of it alone, 'unknown' without one; `point`: in
    whose window it starts, 0 without one."""

    event_id: int
    serial: str
    recorded_at_local: str
    record_type: str
    time_zone: str
    point: int


class RanSpan(NamedTuple):
    """A span in which a unit ran. `event_id`: of the event, 0 where a document says it; `recorded_at_local`: its begin
    as recorded; `start_local`, `until_local`: between which it lasted; `source`: what says so; `has_end`: False where
    nothing tells when it ended, so that `until_local` is its begin."""

    event_id: int
    recorded_at_local: str
    start_local: str
    until_local: str
    source: str
    has_end: bool = True


_TRIGGERED = "record_type NOT IN ('histogram', 'monitor log')"
_NEAR = (
    "SELECT event_id, serial, recorded_at_local, record_type, time_zone, coalesce(point, 0)"
    " FROM counted_event LEFT JOIN event_summary USING (event_id)"
)


def events_between(connection: apsw.Connection, since: str, until: str, serial: str = "") -> list[EventNear]:
    """Events of a trigger recorded between two moments, both included; of one unit where that is given."""
    rows: list[Any] = connection.execute(
        f"{_NEAR} WHERE recorded_at_local BETWEEN ? AND ? AND {_TRIGGERED} AND (? = '' OR serial = ?)"
        " ORDER BY recorded_at_local, event_id",
        (since, until, serial, serial),
    ).fetchall()
    return [_near(row) for row in rows]


def events_of_ids(connection: apsw.Connection, event_ids: Collection[int]) -> list[EventNear]:
    """Some events, whatever their type."""
    rows: list[Any] = connection.execute(
        f"{_NEAR} WHERE event_id IN {IDS} ORDER BY recorded_at_local, event_id", (ids_text(event_ids),)
    ).fetchall()
    return [_near(row) for row in rows]


def _near(row: Any) -> EventNear:
    found = EventNear._make(row)
    read_as(checked_zone, found.time_zone, f"event {found.event_id}: time_zone in table event")
    read_as(parse_local_text, found.recorded_at_local, f"event {found.event_id}: recorded_at_local in table event")
    return found


def ran_between(connection: apsw.Connection, serial: str, since: str, until: str) -> list[RanSpan]:
    """Spans in which a unit ran that reach into a window of its clock; an event without a known end is its start."""
    rows: list[Any] = connection.execute(
        "SELECT event_id, recorded_at_local, start_local, stop_local, record_type"
        " FROM counted_event JOIN event_summary USING (event_id) WHERE serial = ? AND record_type <> 'monitor log'"
        " AND start_local <= ? AND max(start_local, stop_local) >= ?",
        (serial, until, since),
    ).fetchall()
    told = unit_running.of_unit(connection, serial, since, until)
    return [
        *(RanSpan(event, at, start, max(start, stop), kind, bool(stop)) for event, at, start, stop, kind in rows),
        *(RanSpan(0, one.from_local, one.from_local, one.until_local, one.source) for one in told),
    ]


class RanSpans:
    """The same for many windows: all spans of a unit are read once."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[str, tuple[list[RanSpan], list[str]]] = {}

    def of_unit(self, serial: str) -> list[RanSpan]:
        """All of them, by their begin."""
        return self._of(serial)[0]

    def between(self, serial: str, since: str, until: str) -> list[RanSpan]:
        """Those that reach into a window of the unit's clock."""
        spans, reached = self._of(serial)
        at = bisect_right(spans, until, key=lambda one: one.start_local)
        found = []
        while at and reached[at - 1] >= since:
            at -= 1
            one = spans[at]
            if one.until_local >= since and (one.event_id or one.start_local < until):
                found.append(one)
        return found

    def perhaps_histograms(self, serial: str, moment: str) -> list[RanSpan]:
        """Histograms that began before a moment, of which nothing tells when they ended: each may have run until the
        next one of its unit began."""
        own = [one for one in self.of_unit(serial) if one.event_id and one.source == "histogram"]
        ends = [*(one.start_local for one in own[1:]), "~"]
        return [
            one._replace(until_local=end)
            for one, end in zip(own, ends, strict=False)
            if not one.has_end and one.start_local < moment < end
        ]

    def _of(self, serial: str) -> tuple[list[RanSpan], list[str]]:
        """With the latest end up to each of them."""
        if serial not in self._known:
            spans = sorted(ran_between(self._connection, serial, "", "~"), key=lambda one: one.start_local)
            self._known[serial] = spans, list(accumulate((one.until_local for one in spans), max))
        return self._known[serial]
