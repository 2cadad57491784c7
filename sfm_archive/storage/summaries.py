"""Rows of `event_summary`: what lists and filters read, made again from the content at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from sfm_archive.model.summaries import EventSummary

_COLUMNS = ", ".join(EventSummary._fields)
_MARKS = ",".join("?" * (len(EventSummary._fields) + 1))


def put(connection: apsw.Connection, rows: Iterable[tuple[int, EventSummary]]) -> None:
    """Write the rows of events, in place of those that they have."""
    connection.executemany(
        f"REPLACE INTO event_summary (event_id, {_COLUMNS}) VALUES ({_MARKS})",
        [(event_id, *row) for event_id, row in rows],
    )


def of_events(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, EventSummary]:
    """The rows of several events; those without one are left out."""
    marks = ",".join("?" * len(event_ids))
    found: list[Any] = connection.execute(
        f"SELECT event_id, {_COLUMNS} FROM event_summary WHERE event_id IN ({marks})", tuple(event_ids)
    ).fetchall()
    return {event_id: EventSummary._make(row) for event_id, *row in found}


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM event_summary WHERE event_id NOT IN (SELECT event_id FROM event)")
    return connection.changes()


def rules(connection: apsw.Connection) -> int | None:
    """The version of the rules that made the rows; None where there are none. Whoever writes makes all of them again
    where it has others, so one row speaks for all."""
    row: Any = connection.execute("SELECT rules FROM event_summary LIMIT 1").fetchone()
    return None if row is None else int(row[0])


def is_stale(connection: apsw.Connection, rules_now: int) -> bool:
    """Whether other rules made the rows, or there are none where there are events."""
    made_by = rules(connection)
    if made_by is not None:
        return made_by != rules_now
    return connection.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None


def in_memory(connection: apsw.Connection) -> None:
    """Hide the rows behind an empty table of the same form, which this connection alone sees: for archives that may
    only be read, and whose rows were made by other rules."""
    connection.execute("CREATE TEMP TABLE event_summary AS SELECT * FROM main.event_summary WHERE 0")
    connection.execute("CREATE UNIQUE INDEX temp.event_summary_key ON event_summary (event_id)")


def is_in_memory(connection: apsw.Connection) -> bool:
    """Whether this connection has rows of its own."""
    return connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'event_summary'").fetchone() is not None
