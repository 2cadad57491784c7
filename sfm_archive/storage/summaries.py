"""Rows of `event_summary`: what lists and filters read, made again from the content at any time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import apsw

from sfm_archive.base.texts import folded, has_lone_surrogate
from sfm_archive.model.asked_level import Cause, LevelAnswer, level_of_event
from sfm_archive.model.frequency_bounds import MOST_HZ
from sfm_archive.model.readings import GEO_CHANNELS
from sfm_archive.model.selection import SEARCHED_TEXTS, Selection
from sfm_archive.model.summaries import FASTEST, MOST_DB, Basis, EventSummary
from sfm_archive.model.units import GEO_UNITS
from sfm_archive.model.velocities import MOST_NM_S
from sfm_archive.storage import places
from sfm_archive.storage.cells import damaged
from sfm_archive.storage.id_lists import IDS, ids_text

_COLUMNS = ", ".join(EventSummary._fields)
_MARKS = ",".join("?" * (len(EventSummary._fields) + 1))


REACHES = "ppv_least_nm_s >= ?"
_MAY_REACH = "(ppv_most_nm_s IS NULL OR ppv_most_nm_s >= ?)"

_WITH_UNKNOWN = "(ppv_channel <> '' AND 'unknown' IN (tran_basis, vert_basis, long_basis))"
_DISPUTED = " OR ".join(f"disputed LIKE '%\"{channel}\"%'" for channel in GEO_CHANNELS)
CAUSE = (
    f"CASE WHEN ppv_basis = 'over range' THEN '{Cause.OVER_RANGE}'"
    f" WHEN ppv_basis = 'unknown' OR {_WITH_UNKNOWN} THEN '{Cause.UNKNOWN}'"
    f" WHEN contradicted <> '' THEN '{Cause.CONTRADICTED}'"
    f" WHEN {_DISPUTED} THEN '{Cause.REPORTS_DIFFER}'"
    f" WHEN ppv_basis = 'assumed' THEN '{Cause.ASSUMED}' ELSE '{Cause.LIMIT}' END"
)
"""Of rows that may reach a level and are not known to: what leaves it undecided."""


def _strength(basis: str, number: str) -> str:
    """`EventSummary.strength` as SQL, one number for both of its parts: NULL where there is none."""
    rank = f"CASE {basis} WHEN 'over range' THEN 3 WHEN 'at least' THEN 2 WHEN 'at most' THEN 0 ELSE 1 END"
    return f"((({rank}) + 1 << 55) + CASE WHEN {basis} = 'over range' THEN 0 ELSE {number} END)"


_BASIS_OF_PPV = (
    "CASE ppv_channel WHEN 'Tran' THEN tran_basis WHEN 'Vert' THEN vert_basis WHEN 'Long' THEN long_basis"
    " ELSE ppv_basis END"
)
STRENGTHS = {
    "ppv": _strength(_BASIS_OF_PPV, "ppv_nm_s"),
    "pvs": _strength("replace(pvs_basis, 'at least', 'reported')", "pvs_nm_s"),
    "pspl": _strength("pspl_basis", "CAST(round(pspl_db * 100) AS INTEGER)"),
}
"""Of rows the strength of each quantity, by which the greatest one is found."""


FEW: Final = 20_000
"""Rows of which a list is made; where more pass a filter, events are gone through in their order until enough did."""

_MOST_TEXTS = 2000
"""Different texts that are looked at one by one."""


class Asked(NamedTuple):
    """What a selection asks of the rows, as SQL, and the values bound in it. `few`: at most FEW rows pass."""

    conditions: list[str]
    bound: list[str | int]
    few: bool


def asked(
    connection: apsw.Connection,
    selection: Selection,
    beyond: Mapping[int, EventSummary | None],
    of_rows: Sequence[str] = (),
) -> Asked | None:
    """What a selection and `of_rows` ask of the rows; None where that is nothing. Indexes find the rows that pass,
    where these are few. `beyond`: of events that reach beyond its window, what counts in their rows' place where a
    level is asked for."""
    found: list[str] = []
    bound: list[str | int] = []
    indexed = not is_in_memory(connection)
    for quantity, words in selection.texts:
        if has_lone_surrogate(words):
            found.append("0")  # no archive holds such a text, and SQLite could not even be asked
            continue
        column = SEARCHED_TEXTS[quantity]
        texts = _texts_with(connection, column, folded(words)) if indexed and column in _INDEXED else None
        if texts is None:
            holds = f"instr({column}, ?) > 0"
            bound.append(folded(words))
        else:
            holds = f"({column} <> '' AND {column} IN (SELECT value FROM json_each(?)))"
            bound.append(json.dumps(texts))
        recorded = RECORDED.get(column)
        found.append(
            holds
            if recorded is None
            else f"({holds} OR ({recorded} <> '' AND {recorded} > '' AND instr({recorded}, ?) > 0))"
        )
        bound += [] if recorded is None else [folded(words)]
    if selection.false_triggers is not None:
        found.append("review <> '' AND review = 'false trigger'" if selection.false_triggers else _NO_FALSE_TRIGGER)
    if selection.unreviewed:
        found.append("review = ''")
    if selection.ppv_from_nm_s is not None:
        reaches = f"{_MAY_REACH} AND {REACHES}" if selection.decided else _MAY_REACH
        answers = (LevelAnswer.YES,) if selection.decided else (LevelAnswer.YES, LevelAnswer.UNDECIDED)
        passing = [
            event_id
            for event_id, summary in beyond.items()
            if level_of_event(summary, selection.ppv_from_nm_s) in answers
        ]
        found.append(f"(({reaches} AND event_id NOT IN {IDS}) OR event_id IN {IDS})" if beyond else reaches)
        bound += [selection.ppv_from_nm_s] * reaches.count("?")
        bound += [ids_text(beyond), ids_text(passing)] if beyond else []
    points = selection.wanted_points
    if points is not None:
        own = f"point IN ({','.join('?' * len(points))}) AND placed <> 'undecided'"
        found.append(f"({own} OR event_id IN {IDS})")
        bound += [*sorted(points), ids_text(places.near_points(connection, points))]
    found += of_rows
    if not found:
        return None
    row: Any = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM event_summary WHERE {' AND '.join(found)} LIMIT ?)", (*bound, FEW + 1)
    ).fetchone()
    return Asked(found, bound, few=row[0] <= FEW)


_NO_FALSE_TRIGGER = "review <> 'false trigger'"
_INDEXED = ("project", "client", "location")
RECORDED: Final = {name: f"recorded_{name}" for name in _INDEXED}
"""Columns of texts that people correct, and those with what was recorded: a stale title finds its event too."""


def _texts_with(connection: apsw.Connection, column: str, words: str) -> list[str] | None:
    """The texts of a column that hold words: archives have few different ones, and an index steps from one to the next.
    None where there are too many for that."""
    found: list[str] = []
    last = ""
    for _ in range(_MOST_TEXTS):
        row: Any = connection.execute(
            f"SELECT {column} FROM event_summary WHERE {column} > ? AND {column} <> '' ORDER BY {column} LIMIT 1",
            (last,),
        ).fetchone()
        if row is None:
            return found
        last = row[0]
        if words in last:
            found.append(last)
    return None


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
    return {event_id: _summary(event_id, row) for event_id, *row in found}


_WORDS = {
    **{name: frozenset(Basis) for name in EventSummary._fields if name.endswith("_basis")},
    "ppv_channel": frozenset(("", *GEO_CHANNELS)),
    "ppv_unit": frozenset(("", *GEO_UNITS)),
}
_NUMBERS = {"_nm_s": (0, MOST_NM_S), "_hz": (0, MOST_HZ), "_low": (0, MOST_HZ), "_high": (0, MOST_HZ * FASTEST),
            "_db": (-MOST_DB, MOST_DB)}  # fmt: skip
"""By the ending of a column's name, between what its numbers lie; a wilder one no program writes."""

_NUMBERED = [
    (place, name, *bounds)
    for place, name in enumerate(EventSummary._fields)
    for ending, bounds in _NUMBERS.items()
    if name.endswith(ending)
]
_WORDED = [(EventSummary._fields.index(name), name, words) for name, words in _WORDS.items()]


def _summary(event_id: int, row: Sequence[Any]) -> EventSummary:
    for place, name, words in _WORDED:
        if row[place] not in words:
            what = f"{name} in table event_summary is damaged: it reads as {row[place]!r:.60}"
            raise damaged(f"event {event_id}: {what}", "event_summary")
    for place, name, least, most in _NUMBERED:
        number = row[place]
        if number is not None and not least <= number <= most:
            what = f"{name} in table event_summary is damaged: it reads as {number}"
            raise damaged(f"event {event_id}: {what}", "event_summary")
    return EventSummary._make(row)


def remove_strays(connection: apsw.Connection) -> int:
    """Take away rows of events that are not there; how many."""
    connection.execute("DELETE FROM event_summary WHERE event_id NOT IN (SELECT event_id FROM counted_event)")
    return connection.changes()


def rules(connection: apsw.Connection) -> int | None:
    """The version of the rules that made the rows, of several the lowest one; None where there are none."""
    return _rules(connection)[0]


def _rules(connection: apsw.Connection) -> tuple[int | None, int | None]:
    """Of all rows the lowest version and the highest: two looks at an index. Whoever writes makes all of them again
    where it has others; a row of others beside that was put there by another program."""
    row: Any = connection.execute(
        "SELECT (SELECT min(rules) FROM event_summary), (SELECT max(rules) FROM event_summary)"
    ).fetchone()
    return row[0], row[1]


def of_other_rules(connection: apsw.Connection, rules_now: int) -> list[int]:
    """The events whose rows other rules made, as stored."""
    found: list[Any] = connection.execute(
        "SELECT event_id FROM main.event_summary WHERE rules <> ? ORDER BY event_id", (rules_now,)
    ).fetchall()
    return [event_id for (event_id,) in found]


def is_stale(connection: apsw.Connection, rules_now: int) -> bool:
    """Whether other rules made a row, or newer events have none: a program that keeps no such rows saved them."""
    if set(_rules(connection)) - {rules_now, None}:
        return True
    newest: Any = connection.execute(
        "SELECT coalesce((SELECT max(event_id) FROM counted_event), 0),"
        " coalesce((SELECT max(event_id) FROM event_summary), 0)"
    ).fetchone()
    return bool(newest[0] > newest[1])


def in_memory(connection: apsw.Connection) -> None:
    """Hide the rows behind an empty table of the same form, which this connection alone sees: for archives that may
    only be read, and whose rows were made by other rules."""
    connection.execute("CREATE TEMP TABLE event_summary AS SELECT * FROM main.event_summary WHERE 0")
    connection.execute("CREATE UNIQUE INDEX temp.event_summary_key ON event_summary (event_id)")


def is_in_memory(connection: apsw.Connection) -> bool:
    """Whether this connection has rows of its own in place of those that other rules made."""
    return (
        connection.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'event_summary_key'").fetchone() is not None
    )


def is_any_shifted(connection: apsw.Connection) -> bool:
    """Whether an event has another time than it was recorded with, by a correction of its clock: one look at an
    index."""
    return connection.execute("SELECT 1 FROM event_summary WHERE shift_s <> 0 LIMIT 1").fetchone() is not None


def units(connection: apsw.Connection) -> list[str]:
    """The units that have events."""
    rows: list[Any] = connection.execute("SELECT DISTINCT serial FROM counted_event ORDER BY serial").fetchall()
    return [serial for (serial,) in rows]


def spans_of_unit(connection: apsw.Connection, serial: str, since: str, until: str) -> list[tuple[str, str, str]]:
    """Start, stop, '' where nothing tells it, and type of a unit's events that reach into a window, '' for no bound;
    without monitor logs, whose content nobody has published."""
    rows: list[Any] = connection.execute(
        "SELECT start_local, stop_local, record_type FROM counted_event JOIN event_summary USING (event_id)"
        " WHERE serial = ? AND record_type <> 'monitor log' AND max(start_local, stop_local) >= ?"
        " AND (? = '' OR start_local < ?) ORDER BY start_local, event_id",
        (serial, since, until, until),
    ).fetchall()
    return [(start, stop, record_type) for start, stop, record_type in rows]
