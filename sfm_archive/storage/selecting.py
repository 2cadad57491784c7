"""A selection as SQL: its parts, each with the conditions of its events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import apsw

from sfm_archive.model.events import RecordType
from sfm_archive.model.selection import Selection
from sfm_archive.model.timestamps import local_text
from sfm_archive.storage import same_events, summaries, windows
from sfm_archive.storage.id_lists import IDS, ids_text


class Part(NamedTuple):
    """Some events of a selection. `where`: SQL conditions, all of which hold, and `bound`, the values bound in them.
    `clock`: the column by which events are dated; `source`: the tables that have it."""

    where: list[str]
    bound: list[str | int]
    clock: str
    source: str

    @property
    def event_id(self) -> str:
        """The id in the table that has the clock, as its index has both."""
        return f"{self.clock.partition('.')[0]}.event_id"


_RECORDED = ("event.recorded_at_local", "counted_event AS event")
_CORRECTED = ("event_summary.start_local", "counted_event AS event JOIN event_summary USING (event_id)")
"""While no clock is corrected, which most archives never have, one table alone says when events were."""

_OVER_MIDNIGHT = (
    "SELECT event_id FROM event_summary"
    " WHERE substr(stop_local, 1, 10) > substr(start_local, 1, 10) AND stop_local > ? AND start_local < ?"
)
_RAN_INTO = {
    _RECORDED[0]: _OVER_MIDNIGHT
    + " UNION ALL SELECT event_id FROM counted_event AS same_day JOIN event_summary USING (event_id)"
    " WHERE same_day.recorded_at_local >= date(?) AND same_day.recorded_at_local < ? AND stop_local > ?",
    _CORRECTED[0]: _OVER_MIDNIGHT + " UNION ALL SELECT event_id FROM event_summary"
    " WHERE start_local >= date(?) AND start_local < ? AND stop_local > ?",
}
_OPEN = (
    " UNION ALL SELECT event_id FROM event_summary JOIN counted_event AS open USING (event_id)"
    " WHERE stop_local = '' AND start_local < ? AND open.record_type = 'histogram'"
)
"""Events that began before a moment and were recording at it: on an earlier day, or on its own; and histograms of which
nothing tells when they ended. What ended at that moment was recorded before it."""


_RECEIVED = " UNION ALL ".join(
    f"SELECT event_id FROM {table} WHERE sequence > ?" for table in ("event", "frames", "event_file")
)
"""Events of which something was received behind a change."""


def parts_of_selection(
    connection: apsw.Connection, selection: Selection, of_rows: Sequence[str] = (), *, joined: bool = False
) -> list[Part]:
    """A selection in parts that have no event in common, in its order: those that began before its window and ran into
    it, and those that began in it. `of_rows`: more that is asked of the summaries. `joined`: these are joined to the
    events where the conditions stand."""
    clock, source = _CORRECTED if summaries.is_any_shifted(connection) else _RECORDED
    conditions, bindings = _conditions(connection, selection, of_rows, clock, joined=joined)
    if selection.since is None:
        return [Part(conditions, bindings, clock, source)]
    since = local_text(selection.since)
    began_in_it = Part([*conditions, f"{clock} >= ?"], [*bindings, since], clock, source)
    kinds = selection.record_types
    ran_into = _RAN_INTO[clock] + (_OPEN if not kinds or RecordType.HISTOGRAM in kinds else "")
    ran_into_it = Part(
        [*conditions, f"{clock} < ?", f"event.event_id IN ({ran_into})"],
        [*bindings, *[since] * (1 + ran_into.count("?"))],
        clock,
        source,
    )
    return [began_in_it, ran_into_it] if selection.newest_first else [ran_into_it, began_in_it]


def _conditions(
    connection: apsw.Connection, selection: Selection, of_rows: Sequence[str], clock: str, *, joined: bool
) -> tuple[list[str], list[str | int]]:
    """What is asked of every event of a selection but for the begin of its window. Texts and numbers are always bound,
    never part of the SQL; ids make one list."""
    conditions: list[str] = []
    bindings: list[str | int] = []

    def among(column: str, wanted: tuple[str, ...]) -> None:
        if wanted:
            conditions.append(f"event.{column} IN ({','.join('?' * len(wanted))})")
            bindings.extend(wanted)

    among("serial", selection.serials)
    among("record_type", tuple(kind.value for kind in selection.record_types))
    if selection.event_ids:
        conditions.append(f"event.event_id IN {IDS}")
        bindings.append(ids_text(same_events.counting(connection, selection.event_ids)))
    if selection.above_ids is not None:
        conditions.append(f"event.event_id IN {IDS}")
        bindings.append(ids_text(selection.above_ids))
    if selection.received_behind is not None:
        conditions.append(f"event.event_id IN ({_RECEIVED})")
        bindings += [selection.received_behind] * _RECEIVED.count("?")
    asked = summaries.asked(connection, selection, windows.parts_beyond(connection, selection), of_rows)
    if asked is not None:
        passing = " AND ".join(asked.conditions)
        as_list = f"event.event_id IN (SELECT event_id FROM event_summary WHERE {passing})"
        one_by_one = f"EXISTS (SELECT 1 FROM event_summary AS own WHERE own.event_id = event.event_id AND {passing})"
        conditions.append(passing if joined else as_list if asked.few else one_by_one)
        bindings += asked.bound
    if selection.until is not None:
        conditions.append(f"{clock} < ?")
        bindings.append(local_text(selection.until))
    return conditions, bindings
