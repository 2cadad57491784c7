"""Rows of `reading` and `value`, and of the view that says which of several values counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import apsw

from sfm_archive.base.batches import batches
from sfm_archive.model.decimals import as_printed
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.eight_channels import EIGHT_CHANNEL, OF_SEVERAL_CHANNELS
from sfm_archive.model.readings import Reading, ValueSource, ValueState, value_source
from sfm_archive.storage.cells import damaged

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

_STATES = {state.value: state for state in ValueState}
_SOURCES = {source.value: source for source in ValueSource}

_AT_ONCE = 500

VALUE_COLUMNS = (
    'quantity AS "value.quantity", channel AS "value.channel", number AS "value.number", unit AS "value.unit",'
    ' state AS "value.state", text AS "value.text", source AS "reading.source"'
)
"""What `reading_from` makes a reading of."""

# The rule stands in schema.sql, and is read there.
_CURRENT = (
    f"SELECT event_id, {VALUE_COLUMNS} FROM current_value WHERE {{where}}"
    f" AND NOT ((channel <> '' OR quantity IN {OF_SEVERAL_CHANNELS}) AND EXISTS"
    f" (SELECT 1 FROM finding WHERE finding.event_id = current_value.event_id AND code = '{EIGHT_CHANNEL}'))"
    " ORDER BY event_id, quantity, channel"
)
"""The values that count; of an event of eight channels none of any channel's."""


def add(
    writing: Writing,
    event_id: int,
    document: ReadingSet,
) -> bool:
    """Add one document's values; False when this reader read them from the same bytes before."""
    source, origin, reader = document.source.value, bytes.fromhex(document.origin_sha256), document.reader
    there = writing.connection.execute(
        "SELECT 1 FROM reading WHERE event_id = ? AND source = ? AND origin_sha256 = ? AND reader = ?",
        (event_id, source, origin, reader),
    ).fetchone()
    if there is not None:
        return False
    parts = _rows(document.readings)
    row = {
        "event_id": event_id,
        "source": source,
        "origin_sha256": origin,
        "reader": reader,
        "whole": int(document.whole),
    }
    reading_id = writing.insert("reading", row, parts)
    writing.connection.executemany(
        "INSERT INTO value (reading_id, quantity, channel, number, unit, state, text) VALUES (?,?,?,?,?,?,?)",
        [(reading_id, *part) for part in parts],
    )
    return True


def _rows(readings: Iterable[Reading]) -> list[tuple[str, str, float | None, str, str, str]]:
    """Values as they are stored and hashed, by quantity and channel. Of two for one of them the first counts."""
    first: dict[tuple[str, str], tuple[str, str, float | None, str, str, str]] = {}
    for r in readings:
        row = (str(r.quantity), str(r.channel), stored_number(r.number), r.unit, r.state.value, r.text)
        first.setdefault((r.quantity, r.channel), row)
    return [first[place] for place in sorted(first)]


def stored_number(number: float | None) -> float | None:
    """A number as it is kept: minus zero has no sign, for SQLite stores it without; what is no number is none."""
    return None if number is None or not math.isfinite(number) else float(number) + 0.0


def current(connection: apsw.Connection, event_id: int) -> list[Reading]:
    """The values that count for one event."""
    rows: list[Any] = connection.execute(_CURRENT.format(where="event_id = ?"), (event_id,)).fetchall()
    return [reading_from(*row) for row in rows]


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
            found.setdefault(row[0], []).append(reading_from(*row))
    return found


def reading_from(
    event_id: int, quantity: str, channel: str, number: float | None, unit: str, state: str, text: str, source: str
) -> Reading:
    """The value of a row with VALUE_COLUMNS, in the digits that a unit's 32-bit number stands for: every output then
    has the same ones. Raises Damaged, naming the event, for a number that no program writes."""
    return Reading(
        quantity=quantity, channel=channel, number=None if number is None else _number(event_id, quantity, number),
        unit=unit, state=_STATES[state], text=text, source=_SOURCES.get(source) or value_source(source),
    )  # fmt: skip


def _number(event_id: int, quantity: str, number: float) -> float:
    try:
        return as_printed(number)
    except (OverflowError, ValueError) as error:
        raise damaged(f"event {event_id}: number of {quantity} in table value is damaged: {error}") from error


def decisions_of(connection: apsw.Connection, event_id: int) -> list[list[Reading]]:
    """What people decided about an event, each decision with its values, the newest first."""
    rows: list[Any] = connection.execute(
        f"SELECT reading_id, {VALUE_COLUMNS} FROM reading JOIN value USING (reading_id)"
        " WHERE event_id = ? AND source = 'program' ORDER BY reading_id DESC, quantity",
        (event_id,),
    ).fetchall()
    found: dict[int, list[Reading]] = {}
    for number, *row in rows:
        found.setdefault(number, []).append(reading_from(event_id, *row))
    return list(found.values())
