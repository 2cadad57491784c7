"""Rows of `reading` with their values, for several events at once and for every source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.readings import Reading, ValueState


class StoredReading(NamedTuple):
    """One document's values for one event, as stored."""

    reading_id: int
    event_id: int
    source: str
    origin_sha256: str
    reader: str
    readings: tuple[Reading, ...]


def of_events(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[StoredReading]]:
    """Every reading of several events, oldest first; events without one are left out."""
    ids = "[" + ",".join(str(int(event_id)) for event_id in event_ids) + "]"
    rows: list[Any] = connection.execute(
        "SELECT reading.reading_id, reading.event_id, reading.source, reading.origin_sha256, reading.reader,"
        " value.quantity, value.channel, value.number, value.unit, value.state, value.text"
        " FROM reading LEFT JOIN value USING (reading_id)"
        " WHERE reading.event_id IN (SELECT value FROM json_each(?))"
        " ORDER BY reading.reading_id, value.quantity, value.channel",
        (ids,),
    ).fetchall()
    heads: dict[int, tuple[int, str, str, str]] = {}
    values: dict[int, list[Reading]] = {}
    for reading_id, event_id, source, origin, reader, quantity, channel, number, unit, state, text in rows:
        heads.setdefault(reading_id, (event_id, source, origin, reader))
        own = values.setdefault(reading_id, [])
        if quantity is not None:
            own.append(
                Reading(
                    quantity=quantity, channel=channel, number=number, unit=unit, state=ValueState(state), text=text
                )
            )
    found: dict[int, list[StoredReading]] = {}
    for reading_id, (event_id, source, origin, reader) in heads.items():
        stored = StoredReading(reading_id, event_id, source, origin, reader, tuple(values[reading_id]))
        found.setdefault(event_id, []).append(stored)
    return found
