"""Rows of the tables in which people's statements stand: see `model.statements`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import apsw

from sfm_archive.model.placing import without_overlaps
from sfm_archive.model.statements import (
    Blast,
    BlastEvent,
    Calibration,
    Correction,
    Firm,
    Job,
    Kind,
    Point,
    PointLimits,
    Statement,
    UnitWindow,
)
from sfm_archive.storage import merged_changes
from sfm_archive.storage.merged_changes import LATEST_FIRST
from sfm_archive.storage.same_events import COUNTING

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

TABLES: Final[Mapping[type[Statement], str]] = {
    Job: "job",
    Point: "point",
    PointLimits: "point_limits",
    UnitWindow: "unit_window",
    Correction: "correction",
    Calibration: "calibration",
    Blast: "blast",
    BlastEvent: "blast_event",
    Firm: "firm",
}
"""Where each kind stands."""

KINDS: Final[Mapping[str, type[Any]]] = {table: kind for kind, table in TABLES.items()}


def _columns(kind: type[Statement]) -> str:
    """Its columns; of an event that is another one they name that one."""
    counting = f'{COUNTING.format("of_event")} AS "{TABLES[kind]}.of_event"'
    return ", ".join(counting if name == "of_event" else name for name in kind._fields)


def add(writing: Writing, row: Kind) -> Kind:
    """Add a row, under the next number where it has none, at the next position of that number; the row as kept."""
    table = TABLES[type(row)]
    found: Any = writing.connection.execute(
        f"SELECT coalesce(max(number), 0), coalesce(max(position) FILTER (WHERE number = ?), 0) FROM {table}",
        (row.number,),
    ).fetchone()
    kept = row._replace(number=row.number or found[0] + 1, position=found[1] + 1)
    writing.insert(table, kept._asdict())
    return kept


def add_many(writing: Writing, rows: Iterable[Kind]) -> Iterator[Kind]:
    """Add rows of one kind one by one, as `add`, without a look at the table for each; those with a number are to have
    the position of the last row of it."""
    following = 0
    for row in rows:
        table = TABLES[type(row)]
        if not row.number and not following:
            highest: Any = writing.connection.execute(f"SELECT coalesce(max(number), 0) FROM {table}").fetchone()
            following = highest[0] + 1
        kept = row._replace(number=row.number or following, position=row.position + 1)
        following += not row.number
        writing.insert(table, kept._asdict())
        yield kept


def newest(connection: apsw.Connection, kind: type[Kind]) -> dict[int, Kind]:
    """The last row of each number, withdrawn ones among them, by number, in the order in which they were made first."""
    table = TABLES[kind]
    position, in_order = f"SELECT max(position) FROM {table} WHERE number = own.number", "number"
    if merged_changes.is_any(connection):
        same = f"FROM {table} AS same WHERE same.number = own.number ORDER BY"
        position = f"SELECT position {same} {LATEST_FIRST.format('same', 'position')} LIMIT 1"
        made = "SELECT at_utc FROM first_made WHERE first_made.sequence"
        in_order = f"({made} = (SELECT sequence {same} position LIMIT 1)), number"
    rows: list[Any] = connection.execute(
        f"SELECT {_columns(kind)} FROM {table} AS own WHERE position = ({position}) ORDER BY {in_order}"
    ).fetchall()
    return {row[0]: kind._make(row) for row in rows}


def that_count(connection: apsw.Connection, kind: type[Kind]) -> dict[int, Kind]:
    """The last row of each number that is not withdrawn."""
    return {number: row for number, row in newest(connection, kind).items() if not row.withdrawn}


def every(connection: apsw.Connection, kind: type[Kind]) -> list[Kind]:
    """All rows of a kind, by number and position."""
    rows: list[Any] = connection.execute(
        f"SELECT {_columns(kind)} FROM {TABLES[kind]} ORDER BY number, position"
    ).fetchall()
    return [kind._make(row) for row in rows]


def at(connection: apsw.Connection, kind: type[Kind], number: int, position: int) -> Kind | None:
    """One row; None where it is not there."""
    row: Any = connection.execute(
        f"SELECT {_columns(kind)} FROM {TABLES[kind]} WHERE number = ? AND position = ?", (number, position)
    ).fetchone()
    return None if row is None else kind._make(row)


def said_of_blasts(connection: apsw.Connection) -> dict[tuple[int, int], BlastEvent]:
    """What was last said of each event and blast, withdrawn or not, in the order in which it was said: events that are
    one can have several numbers."""
    rows: list[Any] = connection.execute(
        f"SELECT {_columns(BlastEvent)} FROM blast_event "
        " ORDER BY (SELECT at_utc FROM first_made WHERE first_made.sequence = blast_event.sequence"
        " AND (SELECT max(merged_id) FROM merged_change) > 0), sequence, number, position"
    ).fetchall()
    found: dict[tuple[int, int], BlastEvent] = {}
    for row in map(BlastEvent._make, rows):
        found.pop((row.blast, row.of_event), None)  # behind all that was said before
        found[row.blast, row.of_event] = row
    return found


def of_one_blast(said: Mapping[tuple[int, int], BlastEvent]) -> dict[tuple[int, int], BlastEvent]:
    """What counts of that (`said`: in its order). An event is of one blast, so where events that are one were confirmed
    for several the last confirmation counts: by it the event is refused for the others."""
    counting = {key: one for key, one in said.items() if not one.withdrawn}
    last = {event: one for (_, event), one in counting.items() if one.decision == "confirmed"}
    return {
        (blast, event): one
        if one.decision != "confirmed" or last[event].blast == blast
        else one._replace(
            decision="refused",
            decided_by=last[event].decided_by,
            reason=f"confirmed for blast {last[event].blast} since: {last[event].reason}".rstrip(" :"),
        )
        for (blast, event), one in counting.items()
    }


def windows_of(connection: apsw.Connection, serials: set[str]) -> dict[str, list[UnitWindow]]:
    """The windows that count of some units, by their begin; where two archives that were merged said two things of one
    time, what was said later."""
    found: dict[str, list[UnitWindow]] = {}
    for row in that_count(connection, UnitWindow).values():
        if row.serial in serials:
            found.setdefault(row.serial, []).append(row)
    return {serial: without_overlaps(own) for serial, own in found.items()}


def is_any(connection: apsw.Connection, kind: type[Statement]) -> bool:
    """Whether there is a row of a kind at all: a save asks, and most archives have none."""
    return connection.execute(f"SELECT 1 FROM {TABLES[kind]} LIMIT 1").fetchone() is not None


def names_of_points(connection: apsw.Connection) -> dict[int, tuple[str, str]]:
    """The job and the point by name of every point, also of those that were withdrawn."""
    points = newest(connection, Point)
    jobs = newest(connection, Job) if points else {}
    return {number: (jobs[one.job].name if one.job in jobs else "", one.name) for number, one in points.items()}


def corrections(connection: apsw.Connection) -> list[Correction]:
    """The corrections that count; a save asks, and most archives have none."""
    return list(that_count(connection, Correction).values()) if is_any(connection, Correction) else []


def events_covered(connection: apsw.Connection, row: Correction) -> list[int]:
    """The events that a correction is about."""
    if row.of_event:
        return [row.of_event]
    found: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event WHERE serial = ? AND recorded_at_local >= ?"
        " AND (? = '' OR recorded_at_local < ?) ORDER BY event_id",
        (row.serial, row.from_local, row.until_local, row.until_local),
    ).fetchall()
    return [event_id for (event_id,) in found]
