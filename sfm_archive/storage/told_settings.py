"""What documents of a unit's events tell of its settings, found by unit and time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.decode_settings import SETTING_QUANTITIES
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.storage.readings import COUNTS, PLACE, in_order
from sfm_archive.storage.values import VALUE_COLUMNS, reading_from


class Span(NamedTuple):
    """Events of a unit that start between two moments, device-local, both included; of one type where it is named."""

    serial: str
    first: str
    last: str
    record_type: str = ""


class ToldValues(NamedTuple):
    """The settings that documents of one event tell, in the order in which they count."""

    serial: str
    start_local: str
    record_type: str
    values: tuple[Reading, ...]
    event_id: int


# From the spans to the events, their documents and the values: each step is a look at an index.
_VALUES = f"""
SELECT event.event_id, event.serial, recorded_at_local, record_type, {VALUE_COLUMNS}
FROM json_each(?) AS span
CROSS JOIN counted_event AS event ON event.serial = span.value ->> 0
  AND recorded_at_local BETWEEN span.value ->> 1 AND span.value ->> 2
  AND span.value ->> 3 IN ('', record_type)
CROSS JOIN reading ON reading.event_id = event.event_id AND source <> ? AND {COUNTS}
CROSS JOIN value AS said ON said.reading_id = reading.reading_id
  AND quantity IN (SELECT value FROM json_each(?))
ORDER BY event.event_id, whole DESC, {PLACE}, reading.reading_id DESC, quantity, channel
"""
_EVENTS = """
SELECT event_id FROM json_each(?) AS span
CROSS JOIN counted_event AS event ON event.serial = span.value ->> 0
  AND recorded_at_local BETWEEN span.value ->> 1 AND span.value ->> 2
"""


def in_spans(
    connection: apsw.Connection,
    spans: Iterable[Span],
    quantities: Collection[str] = SETTING_QUANTITIES,
    *,
    in_doubt: bool = False,
) -> list[ToldValues]:
    """What the documents of all events in some spans tell; events of which none tells a setting are left out.
    `in_doubt`: also reports that do not count for their event."""
    statement = _VALUES.replace(COUNTS, "1", 1) if in_doubt else _VALUES
    asked = json.dumps([*spans])
    wanted = json.dumps(sorted(quantities))
    rows: list[Any] = connection.execute(statement, (asked, ValueSource.DECODER.value, wanted)).fetchall()
    found: dict[int, tuple[tuple[str, str, str], list[Reading]]] = {}
    for event_id, serial, start_local, record_type, *value in rows:
        found.setdefault(event_id, ((serial, start_local, record_type), []))[1].append(reading_from(event_id, *value))
    return [ToldValues(*event, tuple(in_order(values)), event_id) for event_id, (event, values) in found.items()]


def events_in(connection: apsw.Connection, spans: Iterable[Span]) -> set[int]:
    """The events in some spans."""
    rows: list[Any] = connection.execute(_EVENTS, (json.dumps([*spans]),)).fetchall()
    return {event_id for (event_id,) in rows}
