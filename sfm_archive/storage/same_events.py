"""Rows of `same_event`: events that are another one, which counts alone (the view `counted_event`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.storage.cells import DERIVED

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


COUNTING = "coalesce((SELECT same_event.event_id FROM same_event WHERE was_event = {0}), {0})"
"""SQL: the event that counts for an id, which may be of one that is another."""


class SameEvent(NamedTuple):
    """An event that is another one. `name`: of the file by which alone it was known."""

    was_event: int
    name: str
    event_id: int

    @property
    def told(self) -> str:
        """In words."""
        return f"event {self.was_event}, known by {self.name} alone, is event {self.event_id}"


def add(writing: Writing, was_event: int, event_id: int, name: str) -> None:
    """Say that an event is another one; its derived rows go."""
    writing.insert("same_event", {"was_event": was_event, "name": name, "event_id": event_id})
    forget(writing.connection, was_event)


def forget(connection: apsw.Connection, was_event: int) -> None:
    """Remove the derived rows of an event that counts no more."""
    for table in sorted(DERIVED):
        connection.execute(f"DELETE FROM {table} WHERE event_id = ?", (was_event,))


def counting(connection: apsw.Connection, event_ids: Iterable[int]) -> list[int]:
    """The events that count for some ids, each once."""
    others: list[Any] = connection.execute("SELECT was_event, event_id FROM same_event").fetchall()  # there are few
    which = dict(others)
    return list(dict.fromkeys(which.get(event_id, event_id) for event_id in event_ids))


def that_are(connection: apsw.Connection, event_id: int) -> list[SameEvent]:
    """The events that are this one."""
    rows = connection.execute(
        "SELECT was_event, name, event_id FROM same_event WHERE event_id = ? ORDER BY was_event", (event_id,)
    )
    return [SameEvent._make(row) for row in rows.fetchall()]


def of_change(connection: apsw.Connection, sequence: int) -> list[SameEvent]:
    """Those that one change of the history told."""
    rows = connection.execute("SELECT was_event, name, event_id FROM same_event WHERE sequence = ?", (sequence,))
    return [SameEvent._make(row) for row in rows.fetchall()]


def every(connection: apsw.Connection) -> set[int]:
    """All events that are another one."""
    rows: list[Any] = connection.execute("SELECT was_event FROM same_event").fetchall()
    return {was_event for (was_event,) in rows}


def all_of(connection: apsw.Connection) -> list[SameEvent]:
    """Every such event, with the one that it is."""
    rows = connection.execute("SELECT was_event, name, event_id FROM same_event ORDER BY was_event")
    return [SameEvent._make(row) for row in rows.fetchall()]
