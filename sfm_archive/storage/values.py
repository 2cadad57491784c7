"""Rows of `reading` and `value`, and the view that picks the value that counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import apsw

from sfm_archive.formats.readings import Reading


class ValueRow(NamedTuple):
    """One value of one reading of an event."""

    event_id: int
    quantity: str
    channel: str
    number: float | None
    unit: str
    state: str
    text: str
    source: str
    reading_id: int


_COLUMNS = "event_id, quantity, channel, number, unit, state, text, source, reading_id"


def add(
    connection: apsw.Connection,
    event_id: int,
    *,
    source: str,
    origin_sha256: str,
    reader: str,
    received_at_utc: str,
    readings: Iterable[Reading],
) -> bool:
    """Add one document's values; False when they were read from the same bytes before."""
    connection.execute(
        "INSERT INTO reading (event_id, source, origin_sha256, reader, received_at_utc) VALUES (?,?,?,?,?)"
        " ON CONFLICT (event_id, source, origin_sha256) DO NOTHING",
        (event_id, source, origin_sha256, reader, received_at_utc),
    )
    if not connection.changes():
        return False
    reading_id = connection.last_insert_rowid()
    connection.executemany(
        "INSERT INTO value (reading_id, quantity, channel, number, unit, state, text) VALUES (?,?,?,?,?,?,?)"
        " ON CONFLICT (reading_id, quantity, channel) DO NOTHING",
        [(reading_id, r.quantity, r.channel, r.number, r.unit, r.state.value, r.text) for r in readings],
    )
    return True


def current(connection: apsw.Connection, event_id: int) -> list[ValueRow]:
    """The values that count for one event."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM current_value WHERE event_id = ? ORDER BY quantity, channel", (event_id,)
    )
    return [ValueRow._make(row) for row in rows.fetchall()]


def all_of(connection: apsw.Connection, event_id: int) -> list[ValueRow]:
    """Every value of one event, of every source and reading, oldest reading first."""
    rows = connection.execute(
        "SELECT reading.event_id, value.quantity, value.channel, value.number, value.unit, value.state, value.text,"
        " reading.source, reading.reading_id FROM reading JOIN value USING (reading_id) WHERE reading.event_id = ?"
        " ORDER BY reading.reading_id, value.quantity, value.channel",
        (event_id,),
    )
    return [ValueRow._make(row) for row in rows.fetchall()]


def current_of(connection: apsw.Connection, event_ids: Sequence[int], quantities: Sequence[str]) -> list[ValueRow]:
    """The values that count for several events, of some quantities only."""
    ids = "[" + ",".join(str(int(event_id)) for event_id in event_ids) + "]"
    marks = ",".join("?" * len(quantities))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM current_value WHERE event_id IN (SELECT value FROM json_each(?))"
        f" AND quantity IN ({marks})",
        (ids, *quantities),
    )
    return [ValueRow._make(row) for row in rows.fetchall()]
