"""What the events of units say of them: how many there are, and what their reports print of calibration and check."""

from __future__ import annotations

from typing import Any, NamedTuple

import apsw


class UnitEvents(NamedTuple):
    """How many events a unit has, and when the first and the last began."""

    serial: str
    events: int
    first_local: str
    last_local: str


class PrintedLine(NamedTuple):
    """A line as reports of a unit print it: of how many events, and when the first and the last of these began."""

    serial: str
    text: str
    events: int
    first_local: str
    last_local: str


def of_events(connection: apsw.Connection) -> list[UnitEvents]:
    """All units with events, by serial."""
    rows: list[Any] = connection.execute(
        "SELECT serial, count(*), min(recorded_at_local), max(recorded_at_local) FROM counted_event GROUP BY serial"
        " ORDER BY serial"
    ).fetchall()
    return [UnitEvents._make(row) for row in rows]


def ids_of(connection: apsw.Connection, serial: str) -> list[int]:
    """A unit's events, by their start."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event WHERE serial = ? ORDER BY recorded_at_local, event_id", (serial,)
    ).fetchall()
    return [event_id for (event_id,) in rows]


def printed(connection: apsw.Connection, quantity: str, serial: str = "") -> list[PrintedLine]:
    """Different lines of a quantity of the whole event, of one unit or of all, by unit and first event."""
    rows: list[Any] = connection.execute(
        "SELECT serial, text, count(*), min(recorded_at_local), max(recorded_at_local)"
        " FROM current_value JOIN counted_event USING (event_id)"
        " WHERE quantity = ? AND channel = '' AND text <> '' AND state <> 'absent' AND (? = '' OR serial = ?)"
        " GROUP BY serial, text ORDER BY serial, min(recorded_at_local), text",
        (quantity, serial, serial),
    ).fetchall()
    return [PrintedLine._make(row) for row in rows]
