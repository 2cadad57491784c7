"""Rows of `event_summary`: what lists and filters read, made again from the content at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import apsw

from sfm_archive.base.texts import folded, has_lone_surrogate
from sfm_archive.model.selection import SEARCHED_TEXTS, Selection
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.velocities import MOST_NM_S, whole_nm_s

_COLUMNS = ", ".join(EventSummary._fields)
_MARKS = ",".join("?" * (len(EventSummary._fields) + 1))


class Peaks(Enum):
    """Which events a level asks for: those that are known to reach it, or those of which it is not known."""

    KNOWN = "known"
    UNKNOWN = "unknown"


_REACHES = "(ppv_basis = 'over range' OR ppv_basis NOT IN ('at most', 'unknown') AND ppv_nm_s >= ?)"
_MAY_REACH = (
    f"(NOT {_REACHES} AND (ppv_basis IN ('unknown', 'at least') OR ppv_basis = 'at most'"
    " AND (ppv_nm_s > ? OR 'unknown' IN (tran_basis, vert_basis, long_basis))))"
)


def conditions(selection: Selection, peaks: Peaks = Peaks.KNOWN) -> tuple[list[str], list[str | int]]:
    """What a selection asks of the rows, as SQL, and the values bound in it."""
    found: list[str] = []
    bound: list[str | int] = []
    for quantity, words in selection.texts:
        if has_lone_surrogate(words):
            found.append("0")  # no archive holds such a text, and SQLite could not even be asked
            continue
        found.append(f"instr({SEARCHED_TEXTS[quantity]}, ?) > 0")
        bound.append(folded(words))
    if selection.false_triggers is not None:
        found.append(f"review {'=' if selection.false_triggers else '<>'} 'false trigger'")
    level = None
    if selection.ppv_from_mm_s is not None:
        level = whole_nm_s(min(selection.ppv_from_mm_s, MOST_NM_S / 1e6), "mm/s", at_least=True)
    if peaks is Peaks.UNKNOWN and level is None:
        found.append("ppv_basis = 'unknown'")
    elif level is not None and peaks is Peaks.UNKNOWN:
        found.append(_MAY_REACH)
        bound += [level, level]
    elif level is not None:
        found.append(_REACHES)
        bound.append(level)
    return found, bound


def put(connection: apsw.Connection, rows: Iterable[tuple[int, EventSummary]]) -> None:
    """Write the rows of events, in place of those that they have."""
    connection.executemany(
        f"REPLACE INTO event_summary (event_id, {_COLUMNS}) VALUES ({_MARKS})",
        [(event_id, *row) for event_id, row in rows],
    )


def of_events(
    connection: apsw.Connection, event_ids: Sequence[int], *, of_the_file: bool = False
) -> dict[int, EventSummary]:
    """The rows of several events; those without one are left out. `of_the_file`: those that are stored, also where this
    connection has rows of its own."""
    table = "main.event_summary" if of_the_file else "event_summary"
    marks = ",".join("?" * len(event_ids))
    found: list[Any] = connection.execute(
        f"SELECT event_id, {_COLUMNS} FROM {table} WHERE event_id IN ({marks})", tuple(event_ids)
    ).fetchall()
    return {event_id: EventSummary._make(row) for event_id, *row in found}


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM event_summary WHERE event_id NOT IN (SELECT event_id FROM event)")
    return connection.changes()


def rules(connection: apsw.Connection) -> int | None:
    """The version of the rules that made the rows; None where there are none. Whoever writes makes all of them again
    where it has others, so one row speaks for all."""
    row: Any = connection.execute("SELECT rules FROM event_summary LIMIT 1").fetchone()
    return None if row is None else int(row[0])


def of_other_rules(connection: apsw.Connection, rules_now: int) -> list[int]:
    """The events whose rows other rules made, as stored."""
    found: list[Any] = connection.execute(
        "SELECT event_id FROM main.event_summary WHERE rules <> ? ORDER BY event_id", (rules_now,)
    ).fetchall()
    return [event_id for (event_id,) in found]


def is_stale(connection: apsw.Connection, rules_now: int) -> bool:
    """Whether other rules made the rows, or there are none where there are events."""
    made_by = rules(connection)
    if made_by is not None:
        return made_by != rules_now
    return connection.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None


def in_memory(connection: apsw.Connection) -> None:
    """Hide the rows behind an empty table of the same form, which this connection alone sees: for archives that may
    only be read, and whose rows were made by other rules."""
    connection.execute("CREATE TEMP TABLE event_summary AS SELECT * FROM main.event_summary WHERE 0")
    connection.execute("CREATE UNIQUE INDEX temp.event_summary_key ON event_summary (event_id)")


def is_in_memory(connection: apsw.Connection) -> bool:
    """Whether this connection has rows of its own."""
    return connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'event_summary'").fetchone() is not None
