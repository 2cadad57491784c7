"""Rows of `event_computed`: what the decoder makes of each event's samples."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import apsw

from sfm_archive.base.json_records import json_value
from sfm_archive.model.decimals import of_a_decoder
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.encodings import findings_from
from sfm_archive.storage.id_lists import IDS, ids_text

_TABLE = "event_computed"


class ComputedRow(NamedTuple):
    """A row behind its key. `origin_sha256`: hexadecimal, '' where nothing was decoded; `why` then says why.
    `stop_local`: '' where nothing tells the samples' end. `findings`: what was noticed of the samples, as JSON."""

    decoder: str
    origin_sha256: str
    numbers: str
    stop_local: str
    why: str
    findings: str = "[]"

    def noticed(self, event_id: int) -> tuple[Finding, ...]:
        """What was noticed of the samples. Raises Damaged, naming the event, for what no program writes."""
        return findings_from(self.findings, f"event {event_id}: findings in table {_TABLE}", _TABLE)

    def readings(self, event_id: int, quantities: Collection[str] | None = None) -> tuple[Reading, ...]:
        """The numbers, all or of some quantities, as values of the decoder. Raises Damaged likewise."""
        where = f"event {event_id}: numbers in table {_TABLE}"
        return read_as(lambda text: _readings(text, quantities), self.numbers, where, _TABLE)


def as_stored(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Values of the decoder as they come back from a row."""
    return _readings(numbers_text(readings))


def _readings(numbers: str, quantities: Collection[str] | None = None) -> tuple[Reading, ...]:
    return tuple(
        [
            Reading(
                quantity=quantity,
                channel=channel,
                number=parts[0],
                unit=unit,
                state=ValueState(parts[1]) if parts[1:] else ValueState.OK,
                text=parts[2] if parts[2:] else "",
                source=ValueSource.DECODER,
            )
            for quantity, by_unit in json_value(numbers).items()
            if quantities is None or quantity in quantities
            for unit, by_channel in by_unit.items()
            for channel, value in by_channel.items()
            for parts in (value if isinstance(value, list) else [value],)
        ]
    )


_PLACE = attrgetter("quantity", "unit", "channel")
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_Value = float | list[str | float | None] | None


def numbers_text(readings: Iterable[Reading]) -> str:
    """Values as the schema keeps them, in the order of quantity, unit and channel."""
    plain: dict[str, dict[str, dict[str, _Value]]] = {}
    for one in sorted(readings, key=_PLACE):
        number = None if one.number is None else of_a_decoder(one.number)
        value: _Value = number
        if one.state is not ValueState.OK or one.text:
            value = [number, one.state.value, *([one.text] if one.text else [])]
        plain.setdefault(one.quantity, {}).setdefault(one.unit, {})[one.channel] = value
    return _text(plain)


def put(connection: apsw.Connection, event_id: int, row: ComputedRow) -> None:
    """Write an event's row, in place of the one that it has."""
    connection.execute(
        "REPLACE INTO event_computed (event_id, decoder, origin_sha256, numbers, stop_local, why, findings)"
        " VALUES (?,?,?,?,?,?,?)",
        (event_id, row.decoder, bytes.fromhex(row.origin_sha256), *row[2:]),
    )


def remove(connection: apsw.Connection, event_id: int) -> None:
    """Take an event's row away: it has no samples."""
    connection.execute("DELETE FROM event_computed WHERE event_id = ?", (event_id,))


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM event_computed WHERE event_id NOT IN (SELECT event_id FROM counted_event)")
    return connection.changes()


def strays(connection: apsw.Connection) -> set[int]:
    """Events that are not there, yet have a row."""
    found: list[Any] = connection.execute(
        "SELECT event_id FROM event_computed WHERE event_id NOT IN (SELECT event_id FROM counted_event)"
    ).fetchall()
    return {event_id for (event_id,) in found}


def of_events(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, ComputedRow]:
    """The rows of several events; those without one are left out."""
    ids = ids_text(event_ids)
    found: list[Any] = connection.execute(
        "SELECT event_id, decoder, lower(hex(origin_sha256)), numbers, stop_local, why, findings"
        " FROM event_computed"
        f" WHERE event_id IN {IDS}",
        (ids,),
    ).fetchall()
    return {event_id: ComputedRow._make(row) for event_id, *row in found}
