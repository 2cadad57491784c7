"""Notices in the history: which were sent, up to where was looked, and what has come since. Derived from nothing else.

A notice writes no rows: it is a change of action `notify`, found by its event, and one about a unit or a file among the
changes that are about no event. What a salvage took over counts as it did; what was merged was told elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import apsw

from sfm_archive.errors import Damaged
from sfm_archive.storage import history
from sfm_archive.storage.changes import AddFiles, JoinEvent, JoinFile, NoticesUpTo, Save, SendNotice
from sfm_archive.storage.changes_taken_over import SalvagedChange
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.same_events import COUNTING

_IS = "(action = ? OR (action = ? AND detail ->> '$.row[4]' = ?))"
"""A change of an action, or a salvaged one."""

_COMES_BY = json.dumps([Save.action, AddFiles.action, JoinEvent.action, JoinFile.action])
_RECEIVED = f"(action IN {IDS} OR (action = ? AND detail ->> '$.row[4]' IN {IDS}))"
_BOUND_RECEIVED = (_COMES_BY, SalvagedChange.action, _COMES_BY)
"""Changes by which something came of an event here, or had come before a salvage."""


class Sent(NamedTuple):
    """What a notice that was sent is known by. `event_id`: 0 where it is about a unit or a file."""

    event_id: int
    kind: str
    about: str
    once_for: str


def sent_of_events(connection: apsw.Connection, event_ids: Iterable[int]) -> set[Sent]:
    """Those about these events, or about events that are one of them. A damaged row is left out: a notice is rather
    sent twice than never."""
    found: list[Any] = connection.execute(
        "WITH asked AS (SELECT value AS event_id FROM json_each(?))"
        f" SELECT sequence, {COUNTING.format('history.event_id')} FROM history WHERE {_IS} AND event_id IN"
        " (SELECT event_id FROM asked UNION SELECT was_event FROM same_event WHERE event_id IN asked)",
        (ids_text(sorted(set(event_ids))), *_bound(SendNotice.action)),
    ).fetchall()
    return set(_sent(connection, dict(found)))


def sent_of_no_event(connection: apsw.Connection) -> set[Sent]:
    """Those about units and files."""
    found: list[Any] = connection.execute(
        f"SELECT sequence, 0 FROM history WHERE event_id = 0 AND {_IS}", _bound(SendNotice.action)
    ).fetchall()
    return set(_sent(connection, dict(found)))


def _bound(action: str) -> tuple[str, str, str]:
    return action, SalvagedChange.action, action


def _sent(connection: apsw.Connection, events: dict[int, int]) -> Iterator[Sent]:
    for row in history.numbered(connection, events):
        with suppress(Damaged):
            change = row.change()
            said = change.said if isinstance(change, SalvagedChange) else change
            if isinstance(said, SendNotice):
                yield Sent(events[row.sequence], said.kind, said.about, said.once_for)


def looked_up_to(connection: apsw.Connection) -> int | None:
    """The change up to which everything was looked at for notices; None where no watch has sent any yet.

    Numbers of a salvaged archive's old history mean nothing in the new one: there all up to its last taken-over change
    counts as looked at as far as the old one says so, and what came behind comes as new.
    """
    rows: list[Any] = connection.execute(
        f"SELECT sequence FROM history WHERE event_id = 0 AND {_IS} ORDER BY sequence DESC LIMIT 1",
        _bound(NoticesUpTo.action),
    ).fetchall()
    for row in history.numbered(connection, [sequence for (sequence,) in rows]):
        change = row.change()
        if isinstance(change, NoticesUpTo):
            return change.up_to
        if isinstance(change, SalvagedChange) and isinstance(change.said, NoticesUpTo):
            return _salvaged_as(connection, change.said.up_to)
    return None


def _salvaged_as(connection: apsw.Connection, number: int) -> int:
    """The last change here that took over a change up to that number of the damaged archive's history."""
    rows: list[Any] = connection.execute(
        "SELECT coalesce(max(sequence), 0) FROM history WHERE action = ? AND detail ->> '$.row[0]' <= ?",
        (SalvagedChange.action, number),
    ).fetchall()
    return int(rows[0][0])


def received_behind(connection: apsw.Connection, sequence: int) -> list[int]:
    """The events of which something came here behind a change, those that count; not what a merge brought."""
    found: list[Any] = connection.execute(
        f"SELECT DISTINCT {COUNTING.format('history.event_id')} FROM history"
        f" WHERE sequence > ? AND event_id > 0 AND {_RECEIVED} ORDER BY 1",
        (sequence, *_BOUND_RECEIVED),
    ).fetchall()
    return [event_id for (event_id,) in found]


def heard_behind(connection: apsw.Connection, sequence: int) -> dict[str, str]:
    """By serial when, in UTC, something of a unit came here last, behind a change: an event, a file of one, or a
    document that says when it was running."""
    found: list[Any] = connection.execute(
        "SELECT serial, max(at_utc) FROM ("
        " SELECT serial, history.at_utc FROM history JOIN event USING (event_id)"
        f"  WHERE history.sequence > ? AND {_RECEIVED}"
        " UNION ALL SELECT serial, history.at_utc FROM unit_running JOIN history USING (sequence)"
        "  WHERE unit_running.sequence > ?"
        ") GROUP BY serial ORDER BY serial",
        (sequence, *_BOUND_RECEIVED, sequence),
    ).fetchall()
    return dict(found)


def begun_at(connection: apsw.Connection) -> int:
    """The change from which on notices are sent here: the first that says up to where was looked; 0 without one."""
    rows: list[Any] = connection.execute(
        f"SELECT coalesce(min(sequence), 0) FROM history WHERE event_id = 0 AND {_IS}", _bound(NoticesUpTo.action)
    ).fetchall()
    return int(rows[0][0])


def windows_stated_at(connection: apsw.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """By number when, in UTC, the last row of each of these windows of units was stated here."""
    found: list[Any] = connection.execute(
        "SELECT number, max(at_utc) FROM unit_window JOIN history USING (sequence)"
        f" WHERE number IN {IDS} GROUP BY number",
        (ids_text(numbers),),
    ).fetchall()
    return dict(found)
