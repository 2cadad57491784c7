"""Rows of `reading` and `value`, and of the view that says which of several values counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from sfm_archive.base.batches import batches
from sfm_archive.model.readings import Reading, ValueSource, ValueState

_STATES = {state.value: state for state in ValueState}
_SOURCES = {source.value: source for source in ValueSource}

_AT_ONCE = 500

VALUE_COLUMNS = "quantity, channel, number, unit, state, text, source"
"""What `reading_from` makes a reading of."""

# The rule stands in schema.sql, and is read there.
_CURRENT = f"SELECT event_id, {VALUE_COLUMNS} FROM current_value WHERE {{where}} ORDER BY event_id, quantity, channel"


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


def values_hash(readings: Iterable[Reading]) -> str:
    """SHA-256 over one document's values, kept in the history; docs/format.md, "History".

    Of the UTF-8 text of a JSON array of [quantity, channel, number, unit, state, text], sorted by quantity and channel;
    of two values for one quantity and channel the first counts, as it does in the table.
    """
    first: dict[tuple[str, str], list[str | float | None]] = {}
    for r in readings:
        first.setdefault((r.quantity, r.channel), [r.quantity, r.channel, r.number, r.unit, r.state.value, r.text])
    text = json.dumps([first[key] for key in sorted(first)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def readings_of(connection: apsw.Connection, event_id: int) -> list[tuple[str, str, str]]:
    """Source, origin hash and values hash, recomputed from the rows, of each reading of an event."""
    found = []
    for reading_id, source, origin in connection.execute(
        "SELECT reading_id, source, origin_sha256 FROM reading WHERE event_id = ? ORDER BY reading_id", (event_id,)
    ).fetchall():
        rows: list[Any] = connection.execute(
            f"SELECT {VALUE_COLUMNS} FROM reading JOIN value USING (reading_id) WHERE reading_id = ?", (reading_id,)
        ).fetchall()
        found.append((str(source), str(origin), values_hash(reading_from(*row) for row in rows)))
    return found


def current(connection: apsw.Connection, event_id: int) -> list[Reading]:
    """The values that count for one event."""
    rows: list[Any] = connection.execute(_CURRENT.format(where="event_id = ?"), (event_id,)).fetchall()
    return [reading_from(*row[1:]) for row in rows]


def current_of(
    connection: apsw.Connection, event_ids: Sequence[int], quantities: Sequence[str]
) -> dict[int, list[Reading]]:
    """The values that count for several events, of some quantities only; events without any are left out."""
    found: dict[int, list[Reading]] = {}
    wanted = ",".join("?" * len(quantities))
    # Only a plain list of ids reaches the tables behind the view; with a statement in its place SQLite reads them all.
    for ids in batches(event_ids, _AT_ONCE):
        where = f"event_id IN ({','.join('?' * len(ids))}) AND quantity IN ({wanted})"
        rows: list[Any] = connection.execute(_CURRENT.format(where=where), (*ids, *quantities)).fetchall()
        for row in rows:
            found.setdefault(row[0], []).append(reading_from(*row[1:]))
    return found


def reading_from(
    quantity: str, channel: str, number: float | None, unit: str, state: str, text: str, source: str
) -> Reading:
    """The value of a row with VALUE_COLUMNS."""
    return Reading(
        quantity=quantity, channel=channel, number=number, unit=unit, state=_STATES[state], text=text,
        source=_SOURCES[source],
    )  # fmt: skip
