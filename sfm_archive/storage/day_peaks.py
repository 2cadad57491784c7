"""Rows of `event_peaks`: what the samples of each event say of each local day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.day_peaks import DayPeaks, pairs_from, pairs_text
from sfm_archive.model.summaries import MOST_DB
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.id_lists import IDS, ids_text

_TABLE = "event_peaks"


class DayPeaksRow(NamedTuple):
    """A row behind its event, as stored."""

    day: str
    tran: str
    vert: str
    long: str
    intervals: int
    pspl_db: float | None
    part: int


def stored_form(day: DayPeaks) -> DayPeaksRow:
    """The row of a day."""
    return DayPeaksRow(
        day.day,
        pairs_text(day.tran),
        pairs_text(day.vert),
        pairs_text(day.long),
        day.intervals,
        day.pspl_db,
        day.part,
    )


def put(connection: apsw.Connection, event_id: int, days: Iterable[DayPeaksRow]) -> None:
    """Write an event's rows, in place of all that it has."""
    connection.execute("DELETE FROM event_peaks WHERE event_id = ?", (event_id,))
    connection.executemany(
        "INSERT INTO event_peaks (event_id, day, tran, vert, long, intervals, pspl_db, part) VALUES (?,?,?,?,?,?,?,?)",
        [(event_id, *row) for row in days],
    )


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM event_peaks WHERE event_id NOT IN (SELECT event_id FROM counted_event)")
    return connection.changes()


def strays(connection: apsw.Connection) -> set[int]:
    """Events that are not there, yet have rows."""
    found: list[Any] = connection.execute(
        "SELECT DISTINCT event_id FROM event_peaks WHERE event_id NOT IN (SELECT event_id FROM counted_event)"
    ).fetchall()
    return {event_id for (event_id,) in found}


def rows_of(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, tuple[DayPeaksRow, ...]]:
    """The rows of several events as they stand, by day; events without one are left out."""
    ids = ids_text(event_ids)
    found: dict[int, list[DayPeaksRow]] = {}
    rows: list[Any] = connection.execute(
        "SELECT event_id, day, tran, vert, long, intervals, pspl_db, part FROM event_peaks"
        f" WHERE event_id IN {IDS} ORDER BY event_id, day, part",
        (ids,),
    ).fetchall()
    for event_id, *row in rows:
        found.setdefault(event_id, []).append(DayPeaksRow._make(row))
    return {event_id: tuple(days) for event_id, days in found.items()}


def of_events(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, tuple[DayPeaks, ...]]:
    """The days of several events, in order; events without one are left out. Raises Damaged for a row that was
    altered to what no program writes."""
    return {
        event_id: tuple(
            read_as(day_of, row, f"event {event_id}: peaks of {row.day} in table {_TABLE}", _TABLE) for row in rows
        )
        for event_id, rows in rows_of(connection, event_ids).items()
    }


def day_of(row: DayPeaksRow) -> DayPeaks:
    """The day of a row. Raises ValueError or TypeError for what `stored_form` does not give."""
    tran, vert, long = (pairs_from(text) for text in (row.tran, row.vert, row.long))
    if row.pspl_db is not None and not abs(row.pspl_db) <= MOST_DB:
        raise ValueError(f"{row.pspl_db} dB(L) is no level that the air has")
    return DayPeaks(row.day, tran, vert, long, row.intervals, row.pspl_db, row.part)
