"""Events between points: those that are, or may be, of more than one, or of one in part. They are few."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.placing import PlacedSpan, points_near, spans_of
from sfm_archive.model.statements import UnitWindow
from sfm_archive.storage import statements

_BETWEEN_POINTS = (
    "SELECT event_id, serial, start_local, stop_local, placed FROM event_summary JOIN counted_event USING (event_id)"
    " WHERE placed IN ('part', 'perhaps', 'undecided') ORDER BY event_id"
)


def spans_between_points(connection: apsw.Connection) -> dict[int, tuple[PlacedSpan, ...]]:
    """The spans of each, by event."""
    return {
        event_id: spans_of(windows, start, stop) for event_id, windows, start, stop, _ in _between_points(connection)
    }


def near_points(connection: apsw.Connection, points: Collection[int]) -> list[int]:
    """Those that are of one of these points, or may be; of 0: of none."""
    wanted = set(points)
    return [
        event_id
        for event_id, windows, start, stop, placed in _between_points(connection)
        if wanted & points_near(windows, start, stop, placed)
    ]


def of_unit_in(connection: apsw.Connection, serial: str, since: str, until: str) -> list[int]:
    """A unit's events of which something can lie in a span, '' for no bound."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event JOIN event_summary USING (event_id) WHERE serial = ?"
        " AND (stop_local = '' OR max(start_local, stop_local) >= ?) AND (? = '' OR start_local < ?) ORDER BY event_id",
        (serial, since, until, until),
    ).fetchall()
    return [event_id for (event_id,) in rows]


def _between_points(connection: apsw.Connection) -> list[tuple[int, Sequence[UnitWindow], str, str, str]]:
    rows: list[Any] = connection.execute(_BETWEEN_POINTS).fetchall()
    windows = statements.windows_of(connection, {serial for _, serial, *_ in rows}) if rows else {}
    return [(event_id, windows.get(serial, ()), *rest) for event_id, serial, *rest in rows]


def starting_in(connection: apsw.Connection, window: UnitWindow) -> int:
    """How many events start in a window and are at its point."""
    row: Any = connection.execute(
        "SELECT count(*) FROM counted_event JOIN event_summary USING (event_id) WHERE serial = ? AND point = ?"
        " AND start_local >= ? AND (? = '' OR start_local < ?)",
        (window.serial, window.point, window.from_local, window.until_local, window.until_local),
    ).fetchone()
    return int(row[0])


def counts(connection: apsw.Connection) -> tuple[int, int, int]:
    """Events at a point, at none, and of which that is undecided."""
    row: Any = connection.execute(
        "SELECT count(*) FILTER (WHERE point <> 0), count(*) FILTER (WHERE point = 0 AND placed <> 'undecided'),"
        " count(*) FILTER (WHERE placed = 'undecided') FROM event_summary"
    ).fetchone()
    return row[0], row[1], row[2]


def crossing(connection: apsw.Connection) -> list[int]:
    """Histograms that cross a border of windows, or may."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM event_summary WHERE placed IN ('part', 'perhaps') ORDER BY event_id"
    ).fetchall()
    return [event_id for (event_id,) in rows]


class UnplacedEvent(NamedTuple):
    """An event at no point. `project`: as lists compare it."""

    event_id: int
    start_local: str
    project: str


def unplaced(connection: apsw.Connection) -> dict[str, list[UnplacedEvent]]:
    """Of each unit its events at no point, by time."""
    found: dict[str, list[UnplacedEvent]] = {}
    rows: Any = connection.execute(
        "SELECT serial, event_id, start_local, project FROM counted_event JOIN event_summary USING (event_id)"
        " WHERE point = 0 AND placed <> 'undecided' ORDER BY serial, start_local, event_id"
    )
    for serial, *row in rows.fetchall():
        found.setdefault(serial, []).append(UnplacedEvent._make(row))
    return found


def running_at(connection: apsw.Connection, serial: str, moment: str) -> list[int]:
    """A unit's histograms that started before a moment and ended behind it, or of which nothing tells when."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event JOIN event_summary USING (event_id)"
        " WHERE serial = ? AND record_type = 'histogram' AND start_local < ?"
        " AND (stop_local = '' OR stop_local > ?) ORDER BY event_id",
        (serial, moment, moment),
    ).fetchall()
    return [event_id for (event_id,) in rows]
