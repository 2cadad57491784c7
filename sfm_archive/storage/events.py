"""Rows of `event` and `event_name`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.model.asked_level import Cause, LevelAnswer, LevelCounts, cause_of, level_of_event
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.timestamps import local_text, parse_local_text
from sfm_archive.model.units import GEO_UNITS
from sfm_archive.storage import summaries, windows
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.frames import CURRENT_FIRST
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.same_events import COUNTING
from sfm_archive.storage.selecting import Part, parts_of_selection

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

PAGE = 1000
"""Events fetched at once: reads stay short, so that a long listing never keeps a writer waiting."""


class EventRow(NamedTuple):
    """One event as stored.

    `start_key` is eight hexadecimal digits or ''. `name` is the first received name or ''. `revision` is the current
    one of its frames, 0 where it has none.
    """

    event_id: int
    serial: str
    recorded_at_local: str
    start_key: str
    record_type: str
    time_zone: str
    received_at_utc: str
    name: str
    revision: int
    frame_count: int

    def event(self) -> Event:
        """The identity as a value. Raises Damaged, naming the event, for what no program writes."""
        return read_as(_identity, self, f"event {self.event_id}: its row")


def _identity(row: EventRow) -> Event:
    return Event(
        serial=row.serial,
        recorded_at=parse_local_text(row.recorded_at_local),
        record_type=RecordType(row.record_type),
        start_key=int(row.start_key, 16) if row.start_key else None,
    )


_SELECTED = f"""
SELECT event.event_id, event.serial, event.recorded_at_local,
       coalesce((SELECT CASE typeof(start_key) WHEN 'integer' THEN printf('%08X', start_key) ELSE 0 END
                 FROM event_key WHERE event_key.event_id = event.event_id), '') AS "event_key.start_key TEXT",
       event.record_type, event.time_zone,
       coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = event.sequence), '') AS "history.at_utc",
       coalesce((SELECT name FROM event_name WHERE event_name.event_id = event.event_id AND position = 1), '')
       AS "event_name.name",
       coalesce((SELECT revision FROM frames WHERE frames.event_id = event.event_id
                 ORDER BY {CURRENT_FIRST.format("frames")} LIMIT 1), 0) AS "frames.revision",
       coalesce((SELECT frame_count FROM frames WHERE frames.event_id = event.event_id
                 ORDER BY {CURRENT_FIRST.format("frames")} LIMIT 1), 0) AS "frames.frame_count"
"""
_SELECT = f"{_SELECTED} FROM counted_event AS event "


def start_key_text(event: Event) -> str:
    """The key as the schema stores it."""
    return "" if event.start_key is None else f"{event.start_key:08X}"


class Known(NamedTuple):
    """What is known of an event that is asked for: its id, None where it is another than all that are there. `ordinal`:
    for a new one. `learns_key`: it is there without a key and the one asked for has one."""

    event_id: int | None
    ordinal: int
    learns_key: bool


def find(connection: apsw.Connection, event: Event, apart_from: Collection[int] = ()) -> Known:
    """The event with this identity.

    Two start keys are two events. One known without a key is any of its serial, second and kind: it learns the first
    key that comes; and what comes without a key belongs to the only event there, or to the one without. `apart_from`:
    events that it is known not to be.
    """
    identity = event.serial, local_text(event.recorded_at), event.record_type.value
    rows: list[Any] = connection.execute(
        "SELECT event_id, ordinal, start_key FROM counted_event LEFT JOIN event_key USING (event_id)"
        " WHERE serial = ? AND recorded_at_local = ? AND record_type = ? ORDER BY ordinal",
        identity,
    ).fetchall()
    rows = [row for row in rows if row[0] not in apart_from]
    keys = {start_key: event_id for event_id, _, start_key in rows}
    if event.start_key in keys:
        return Known(keys[event.start_key], 0, False)
    if event.start_key is None and len(rows) == 1:
        return Known(rows[0][0], 0, False)
    if event.start_key is not None and None in keys:
        return Known(keys[None], 0, True)
    taken: Any = connection.execute(  # by events that are another one too
        "SELECT coalesce(max(ordinal), 0) FROM event WHERE serial = ? AND recorded_at_local = ? AND record_type = ?",
        identity,
    ).fetchone()
    return Known(None, taken[0] + 1, False)


def insert(writing: Writing, event: Event, time_zone: str, ordinal: int) -> int:
    """Add an event, with its key where it has one, and return its id."""
    row = {
        "serial": event.serial,
        "recorded_at_local": local_text(event.recorded_at),
        "record_type": event.record_type.value,
        "ordinal": ordinal,
        "time_zone": time_zone,
    }
    event_id = writing.insert("event", row)
    if event.start_key is not None:
        add_key(writing, event_id, event.start_key)
    return event_id


def add_key(writing: Writing, event_id: int, start_key: int) -> None:
    """Have an event know its start key."""
    writing.insert("event_key", {"event_id": event_id, "start_key": start_key})


def read(connection: apsw.Connection, event_id: int) -> EventRow | None:
    """One event; by the id of one that is another, that one."""
    where = f"WHERE event.event_id = {COUNTING.format('?1')}"
    row = connection.execute(_SELECT + where, (event_id,)).fetchone()
    return None if row is None else EventRow._make(row)


def names(connection: apsw.Connection, event_id: int) -> list[str]:
    """Received names of an event, in the order of receipt."""
    rows = connection.execute("SELECT name FROM event_name WHERE event_id = ? ORDER BY position", (event_id,))
    found: list[Any] = rows.fetchall()
    return [name for (name,) in found]


def add_name(writing: Writing, event_id: int, name: str) -> bool:
    """Add a received name; False when the event has it already."""
    known = names(writing.connection, event_id)
    if name in known:
        return False
    writing.insert("event_name", {"event_id": event_id, "position": len(known) + 1, "name": name})
    return True


def ids_by_name(connection: apsw.Connection, name: str) -> list[int]:
    """Events that were received under a name, whatever its case."""
    rows = connection.execute(
        "SELECT DISTINCT event_id FROM event_name JOIN counted_event USING (event_id)"
        " WHERE name = ? COLLATE NOCASE ORDER BY event_id",
        (name,),
    )
    found: list[Any] = rows.fetchall()
    return [event_id for (event_id,) in found]


def at_or_named(
    connection: apsw.Connection, moments: Iterable[tuple[str, str]], names: Iterable[str]
) -> Iterator[EventRow]:
    """Events of these units and local seconds, and those whose first received name is one of `names`, whatever the case
    of its ASCII letters."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM json_each(?) AS wanted JOIN counted_event"
        " ON serial = wanted.value ->> 0 AND recorded_at_local = wanted.value ->> 1"
        " UNION SELECT event_id FROM json_each(?) AS wanted JOIN event_name"
        " ON name = wanted.value COLLATE NOCASE AND position = 1",
        (json.dumps(sorted(moments)), json.dumps(sorted(names))),
    ).fetchall()
    return of_ids(connection, [event_id for (event_id,) in rows])


def first_names(connection: apsw.Connection) -> Iterator[tuple[int, str]]:
    """The first received name of every event that has one, with its id."""
    for event_id, name in connection.execute(
        "SELECT event_id, name FROM event_name JOIN counted_event USING (event_id) WHERE position = 1"
    ):
        yield int(event_id), str(name)


class Moment(NamedTuple):
    """One event of a second."""

    event_id: int
    serial: str
    record_type: str


def at(connection: apsw.Connection, recorded_at_local: str) -> list[Moment]:
    """All events of one second."""
    rows = connection.execute(
        "SELECT event_id, serial, record_type FROM counted_event WHERE recorded_at_local = ? ORDER BY event_id",
        (recorded_at_local,),
    )
    return [Moment._make(row) for row in rows.fetchall()]


def with_key_at(connection: apsw.Connection, start_key: int, recorded_at_local: str) -> list[int]:
    """Events of one second with one start key."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event JOIN event_key USING (event_id)"
        " WHERE recorded_at_local = ? AND start_key = ?",
        (recorded_at_local, start_key),
    ).fetchall()
    return [event_id for (event_id,) in rows]


def select(connection: apsw.Connection, selection: Selection) -> Iterator[EventRow]:
    """Events of a selection, oldest or newest first, a page at a time; no statement stays open in between."""
    left = selection.limit
    for part in parts_of_selection(connection, selection):
        for row in _select(connection, selection, part, left):
            yield row
            left = None if left is None else left - 1


def _select(connection: apsw.Connection, selection: Selection, part: Part, limit: int | None) -> Iterator[EventRow]:
    where, bindings, clock, source = part
    # A list of ids and a search for few rows are made once, not once for each page.
    if _has_list(where):
        yield from of_ids(connection, _sorted_ids(connection, selection, part, limit))
        return
    order, compare = ("DESC", "<") if selection.newest_first else ("ASC", ">")
    left = limit
    last: tuple[str, int] | None = None
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        conditions, bound = list(where), list(bindings)
        if last is not None:
            conditions.append(f"({clock}, {part.event_id}) {compare} (?, ?)")
            bound += last
        clause = "WHERE " + " AND ".join(conditions) if conditions else ""
        rows: list[Any] = connection.execute(
            f"{_SELECTED}, {clock} FROM {source} {clause} ORDER BY {clock} {order}, {part.event_id} {order} LIMIT ?",
            (*bound, size),
        ).fetchall()
        for *row, at in rows:
            found = EventRow._make(row)
            last = at, found.event_id
            yield found
        if len(rows) < size:
            return
        left = None if left is None else left - len(rows)


def _has_list(where: Sequence[str]) -> bool:
    return any(condition.startswith("event.event_id IN ") for condition in where)


def sorted_ids(connection: apsw.Connection, selection: Selection) -> list[int]:
    """The ids of a selection, in its order."""
    found: list[int] = []
    for part in parts_of_selection(connection, selection):
        left = None if selection.limit is None else selection.limit - len(found)
        found += _sorted_ids(connection, selection, part, left)
    return found


def _sorted_ids(connection: apsw.Connection, selection: Selection, part: Part, limit: int | None) -> list[int]:
    """All of a part in its order. A list of ids in a condition is parsed at each statement: at a hundred thousand
    events that took ten times as long as the events themselves, so there is one such statement, not one for each page.
    """
    where, bindings, clock, source = part
    order = "DESC" if selection.newest_first else "ASC"
    # A list is shorter than the index by time: with the sign SQLite sorts it, and does not look each event up in it.
    sign = "+" if _has_list(where) else ""
    rows: list[Any] = connection.execute(
        f"SELECT event.event_id FROM {source} {'WHERE ' if where else ''}{' AND '.join(where)}"
        f" ORDER BY {sign}{clock} {order}, {part.event_id} {order} LIMIT ?",
        (*bindings, -1 if limit is None else limit),
    ).fetchall()
    return [event_id for (event_id,) in rows]


def of_ids(connection: apsw.Connection, event_ids: list[int]) -> Iterator[EventRow]:
    """Events in the order of their ids' list, a page at a time."""
    for start in range(0, len(event_ids), PAGE):
        page = event_ids[start : start + PAGE]
        rows: list[Any] = connection.execute(f"{_SELECT} WHERE event.event_id IN {IDS}", (ids_text(page),)).fetchall()
        found = {row[0]: EventRow._make(row) for row in rows}
        yield from (found[event_id] for event_id in page if event_id in found)


def count(connection: apsw.Connection, selection: Selection, up_to: int | None = None) -> int:
    """How many events a selection has, its limit included. `up_to`: one more where there are more, however many."""
    most = min(
        (one for one in (selection.limit, None if up_to is None else up_to + 1) if one is not None and one < 1 << 63),
        default=None,
    )
    return _count(connection, parts_of_selection(connection, selection), most)


_UNKNOWN_PEAK = "ppv_most_nm_s IS NULL AND ppv_basis = 'unknown'"
"""What is known at most, which an index has, is nothing then."""


def count_unknown_peaks(connection: apsw.Connection, selection: Selection) -> int:
    """Of how many events of a selection, its limit apart, no peak is known."""
    return _count(connection, parts_of_selection(connection, selection, (_UNKNOWN_PEAK,)), None)


def _count(connection: apsw.Connection, parts: Iterable[Part], most: int | None) -> int:
    found = 0
    for where, bindings, clock, dated in parts:
        clause = "WHERE " + " AND ".join(where) if where else ""
        source = dated if clock in clause else "counted_event AS event"
        if most is None:
            row: Any = connection.execute(f"SELECT count(*) FROM {source} {clause}", bindings).fetchone()
        else:
            row = connection.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {source} {clause} LIMIT ?)", (*bindings, most - found)
            ).fetchone()
        found += row[0]
    return found


_OF_MOST = ("ppv_most_nm_s IS NULL", "ppv_most_nm_s >= ?")
_ANSWERS = (
    (f"'{LevelAnswer.YES}'", summaries.REACHES),
    (summaries.CAUSE, f"NOT coalesce({summaries.REACHES}, 0)"),
)
"""Rows that may reach a level, in four: so SQLite counts those that do, which are most, in an index alone."""


def level_counts(connection: apsw.Connection, selection: Selection) -> LevelCounts | None:
    """How many events reach the level that a selection asks for, and of how many that is undecided, among those that
    pass all other filters, its limit apart; None where it asks for none."""
    level, nm_s = selection.ppv_from_mm_s, selection.ppv_from_nm_s
    if level is None or nm_s is None:
        return None
    found, marked = Counter[str](), Counter[str]()
    are_apart = selection.false_triggers is not True
    beyond = windows.parts_beyond(connection, selection)
    for where, bindings, *_ in parts_of_selection(connection, replace(selection, decided=False), joined=True):
        # An event that is another one has no row, so an index alone tells what nothing else is asked of.
        joined = " JOIN counted_event AS event USING (event_id)" if any("event." in one for one in where) else ""
        of_part = f"FROM event_summary{joined} WHERE {' AND '.join(where) or '1'}"
        for most, (word, reaches) in product(_OF_MOST, _ANSWERS):
            counts: Any = connection.execute(
                f"SELECT {word} AS word, review = 'false trigger' AS marked, count(*) {of_part}"
                f" AND {most} AND {reaches} AND event_id NOT IN {IDS} GROUP BY word, marked",
                (*bindings, *[nm_s] * most.count("?"), nm_s, ids_text(beyond)),
            ).fetchall()
            for found_word, is_marked, number in counts:
                (marked if is_marked and are_apart else found)[found_word] += number
        if beyond:
            rows: Any = connection.execute(
                f"SELECT event_id {of_part} AND event_id IN {IDS}", (*bindings, ids_text(beyond))
            )
            for (event_id,) in rows.fetchall():
                summary = beyond[event_id]
                is_marked = summary is not None and summary.is_false_trigger
                (marked if is_marked and are_apart else found)[_word(summary, nm_s)] += 1
    because = {cause.value: found[cause.value] for cause in Cause}
    return LevelCounts(
        ppv_from_mm_s=level,
        yes=found[LevelAnswer.YES.value],
        undecided=sum(because.values()),
        because=because,
        left_out=selection.decided,
        false_triggers=sum(marked[word] for word in (LevelAnswer.YES.value, *because)),
    )


def _word(summary: EventSummary | None, nm_s: int) -> str:
    """The answer for an event that may reach the level, or what leaves it undecided."""
    answer = level_of_event(summary, nm_s)
    return cause_of(summary).value if summary is not None and answer is LevelAnswer.UNDECIDED else answer.value


def units_of_reports(connection: apsw.Connection, selection: Selection) -> Counter[str]:
    """Of how many events of a selection, its limit apart, a report prints peak velocities in which of GEO_UNITS. It
    goes through documents, event by event: for outputs that read all of their events anyway."""
    found: Counter[str] = Counter()
    for where, bindings, _, source in parts_of_selection(connection, selection):
        of_events = (
            f" AND event_id IN (SELECT event.event_id FROM {source} WHERE {' AND '.join(where)})" if where else ""
        )
        # From documents to values, which are many more; and in the order of events, so that none need be remembered.
        counts: Any = connection.execute(
            f"SELECT {', '.join(f'coalesce(sum(_{place}), 0)' for place, _ in enumerate(GEO_UNITS))} FROM"
            f" (SELECT {', '.join(f'max(unit = ?) AS _{place}' for place, _ in enumerate(GEO_UNITS))}"
            " FROM reading CROSS JOIN value USING (reading_id)"
            f" WHERE source = ? AND quantity = 'ppv'{of_events} GROUP BY event_id)",
            (*GEO_UNITS, ValueSource.REPORT.value, *bindings),
        ).fetchone()
        found.update(dict(zip(GEO_UNITS, counts, strict=True)))
    return found
