"""Rows of `event_computed`: what the decoder makes of each event's samples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw

from sfm_archive.base.json_records import from_json
from sfm_archive.model.decimals import of_a_decoder
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading, ValueSource, ValueState


class ComputedRow(NamedTuple):
    """A row behind its key. `origin_sha256`: hexadecimal, '' where nothing was decoded; `why` then says why.
    `stop_local`: '' where nothing tells the samples' end. `findings`: what was noticed of the samples, as JSON."""

    decoder: str
    origin_sha256: str
    numbers: str
    stop_local: str
    why: str
    findings: str = "[]"

    def noticed(self) -> tuple[Finding, ...]:
        """What was noticed of the samples."""
        return tuple(from_json(Finding, plain) for plain in json.loads(self.findings))

    def readings(self) -> tuple[Reading, ...]:
        """The numbers as values of the decoder."""
        return _readings(self.numbers)


def as_stored(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Values of the decoder as they come back from a row."""
    return _readings(numbers_text(readings))


def _readings(numbers: str) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            quantity=quantity,
            channel=channel,
            number=number,
            unit=unit,
            state=ValueState(rest[0]) if rest else ValueState.OK,
            text=rest[1] if rest[1:] else "",
            source=ValueSource.DECODER,
        )
        for quantity, channel, number, unit, *rest in json.loads(numbers)
    )


def numbers_text(readings: Iterable[Reading]) -> str:
    """Values as the schema keeps them, in the order of quantity and channel."""
    plain: list[list[str | float | None]] = []
    for one in sorted(readings, key=lambda one: (one.quantity, one.channel)):
        rest = [one.state.value, one.text] if one.text else [one.state.value]
        last = [] if rest == [ValueState.OK.value] else rest
        number = None if one.number is None else of_a_decoder(one.number)
        plain.append([one.quantity, one.channel, number, one.unit, *last])
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


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
    connection.execute("DELETE FROM event_computed WHERE event_id NOT IN (SELECT event_id FROM event)")
    return connection.changes()


def strays(connection: apsw.Connection) -> set[int]:
    """Events that are not there, yet have a row."""
    found: list[Any] = connection.execute(
        "SELECT event_id FROM event_computed WHERE event_id NOT IN (SELECT event_id FROM event)"
    ).fetchall()
    return {event_id for (event_id,) in found}


def of_events(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, ComputedRow]:
    """The rows of several events; those without one are left out."""
    ids = "[" + ",".join(str(int(event_id)) for event_id in event_ids) + "]"
    found: list[Any] = connection.execute(
        "SELECT event_id, decoder, lower(hex(origin_sha256)), numbers, stop_local, why, findings"
        " FROM event_computed"
        " WHERE event_id IN (SELECT value FROM json_each(?))",
        (ids,),
    ).fetchall()
    return {event_id: ComputedRow._make(row) for event_id, *row in found}
