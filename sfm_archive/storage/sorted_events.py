"""A page of a selection, sorted by any column: from the last event of the page before on, never by counting rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.asked_level import LevelAnswer, level_of_event
from sfm_archive.model.list_order import Behind, Order
from sfm_archive.model.selection import Selection
from sfm_archive.storage import summaries, windows
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.selecting import Part, parts_of_selection


class _Key(NamedTuple):
    """What is sorted by, as SQL, with the values bound in it; `where`: which rows have it; `indexed`: an index of the
    summaries has it in order."""

    value: str
    bound: tuple[str | int, ...] = ()
    where: str = "1"
    indexed: bool = False


_PPV = (
    _Key("coalesce(ppv_nm_s, 0)", where="ppv_most_nm_s IS NULL AND ppv_basis = 'unknown'"),
    _Key("ppv_most_nm_s", where="ppv_most_nm_s IS NOT NULL", indexed=True),
    _Key("coalesce(ppv_least_nm_s, 0)", where="ppv_most_nm_s IS NULL AND ppv_basis <> 'unknown'"),
)
"""Unknown, known, and open upwards: over range, or at least that much."""

_COLUMNS = {
    Order.ID: "event.event_id",
    Order.SERIAL: "event.serial",
    Order.TYPE: "+event.record_type",
    Order.NAME: "event_summary.name",
    Order.ENCODING: "event_summary.encoding",
    Order.REVIEW: "event_summary.review",
}


def page(
    connection: apsw.Connection,
    selection: Selection,
    order: Order,
    behind: Behind | None,
    size: int,
    names: Mapping[int, str],
) -> list[Behind]:
    """At most so many events of a selection, its limit apart, each with its place: those behind a place, from the
    greatest value down where `newest_first`. `names`: of points, by number."""
    parts = parts_of_selection(connection, selection)
    keys = _keys(connection, selection, order, parts[0].clock, names)
    places = range(len(keys)) if not selection.newest_first else reversed(range(len(keys)))
    found: list[Behind] = []
    for place in places:
        if behind is not None and place != behind.part and (place < behind.part) != selection.newest_first:
            continue
        last = behind if behind is not None and place == behind.part else None
        rows = [row for part in parts for row in _rows(connection, selection, part, keys[place], last, size)]
        rows.sort(reverse=selection.newest_first)
        found += [Behind(place, value, event_id) for value, event_id in rows[: size - len(found)]]
        if len(found) >= size:
            break
    return found


def _rows(
    connection: apsw.Connection, selection: Selection, part: Part, key: _Key, last: Behind | None, size: int
) -> list[tuple[Any, int]]:
    order, compare = ("DESC", "<") if selection.newest_first else ("ASC", ">")
    has_list = any(" IN (SELECT" in one or " IN (" in one for one in part.where)
    # An index has the order, and few rows are looked at; a list that a condition has is shorter still.
    source = (
        "event_summary CROSS JOIN counted_event AS event USING (event_id)"
        if key.indexed and not has_list
        else "counted_event AS event JOIN event_summary USING (event_id)"
    )
    conditions = [*part.where, key.where]
    bound: list[Any] = [*key.bound, *part.bound]
    if last is not None:
        conditions.append(f"({key.value}, event.event_id) {compare} (?, ?)")
        bound += [*key.bound, last.value, last.event_id]
    rows: list[Any] = connection.execute(
        f"SELECT {key.value} AS value, event.event_id FROM {source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY value {order}, event.event_id {order} LIMIT ?",
        (*bound, size),
    ).fetchall()
    return rows


def _keys(
    connection: apsw.Connection, selection: Selection, order: Order, clock: str, names: Mapping[int, str]
) -> tuple[_Key, ...]:
    if order is Order.PPV:
        return _PPV
    if order is Order.TIME:
        return (_Key(clock, indexed=clock.startswith("event_summary")),)
    if order is Order.POINT:
        in_order = sorted(names, key=lambda number: names[number])
        ranks = json.dumps({str(number): rank for rank, number in enumerate(in_order, 1)})
        return (_Key("""coalesce(json_extract(?, '$."' || point || '"'), 0)""", (ranks,)),)
    if order is Order.LEVEL:
        return (_level_key(connection, selection),)
    return (_Key(_COLUMNS[order]),)


def _level_key(connection: apsw.Connection, selection: Selection) -> _Key:
    """1 for events that are as loud as asked, and above their limits, 0 for those of which that is undecided."""
    undecided, sure = set(selection.undecided_because), set[int]()
    if selection.ppv_from_nm_s is None:
        return _Key(f"event.event_id NOT IN {IDS}", (ids_text(undecided),))
    for event_id, summary in windows.parts_beyond(connection, selection).items():
        is_sure = level_of_event(summary, selection.ppv_from_nm_s) is LevelAnswer.YES and event_id not in undecided
        (sure if is_sure else undecided).add(event_id)
    reaches = f"coalesce({summaries.REACHES}, 0)"
    return _Key(
        f"((event.event_id IN {IDS} OR {reaches}) AND event.event_id NOT IN {IDS})",
        (ids_text(sure), selection.ppv_from_nm_s, ids_text(undecided)),
    )
