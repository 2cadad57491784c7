"""Rows of `report_in_doubt`: reports and other files that do not count for an event although they are among its files,
and reports that count behind another one of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage.id_lists import IDS, ids_text


class DoubtRow(NamedTuple):
    """A row behind its event: the file's hash, why it does not count or what it contradicts, '' where it does not;
    and its place among the event's reports, 0 where it does not count."""

    sha256: str
    why: str
    place: int = 0

    @property
    def counts(self) -> bool:
        """Whether its values count where no report before it has them."""
        return self.place > 0


LAST_PLACE = 999
"""Reports behind it share it: of those the newest counts."""


def siblings(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[int]]:
    """For each of several events that shares its serial, second and kind with others, all of those, itself too, in the
    order of their ordinals; events alone are left out."""
    ids = ids_text(event_ids)
    rows: list[Any] = connection.execute(
        "SELECT one.event_id, other.event_id FROM json_each(?) AS wanted"
        " JOIN counted_event AS one ON one.event_id = wanted.value"
        " JOIN counted_event AS other ON other.serial = one.serial AND other.recorded_at_local = one.recorded_at_local"
        " AND other.record_type = one.record_type ORDER BY one.event_id, other.ordinal",
        (ids,),
    ).fetchall()
    found: dict[int, list[int]] = {}
    for event_id, other in rows:
        found.setdefault(event_id, []).append(other)
    return {event_id: others for event_id, others in found.items() if len(others) > 1}


def put(connection: apsw.Connection, event_id: int, rows: Iterable[DoubtRow]) -> None:
    """Write an event's rows, in place of all that it has."""
    connection.execute("DELETE FROM report_in_doubt WHERE event_id = ?", (event_id,))
    connection.executemany(
        "INSERT INTO report_in_doubt (event_id, sha256, why, place) VALUES (?,?,?,?)",
        [(event_id, bytes.fromhex(row.sha256), row.why, row.place) for row in rows],
    )


def rows_of(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, tuple[DoubtRow, ...]]:
    """The rows of several events, by hash; events without one are left out."""
    ids = ids_text(event_ids)
    rows: list[Any] = connection.execute(
        'SELECT event_id, lower(hex(sha256)) AS "report_in_doubt.sha256 TEXT", why, place FROM report_in_doubt'
        f" WHERE event_id IN {IDS} ORDER BY event_id, sha256",
        (ids,),
    ).fetchall()
    found: dict[int, tuple[DoubtRow, ...]] = {}
    for event_id, *row in rows:
        found[event_id] = (*found.get(event_id, ()), DoubtRow._make(row))
    return found


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM report_in_doubt WHERE event_id NOT IN (SELECT event_id FROM counted_event)")
    return connection.changes()


def strays(connection: apsw.Connection) -> set[int]:
    """Events that are not there, yet have rows."""
    found: list[Any] = connection.execute(
        "SELECT DISTINCT event_id FROM report_in_doubt WHERE event_id NOT IN (SELECT event_id FROM counted_event)"
    ).fetchall()
    return {event_id for (event_id,) in found}
