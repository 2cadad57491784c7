"""A change while it is made: every row that it writes goes through here, carries its number, and is vouched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage import history, row_hashes
from sfm_archive.storage.cells import damaged
from sfm_archive.storage.change import Change
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.tables import schema_text, tables

_LARGEST = (1 << 63) - 1
"""The largest number that SQLite has."""


class Writing:
    """One change in progress, inside the transaction that makes it. Nothing of it stands in the history before `note`.

    `sequence`: its number; `at_utc`: its time.
    """

    def __init__(self, connection: apsw.Connection, at_utc: str = "") -> None:
        self.connection = connection
        self.at_utc = at_utc or utc_now()
        newest, self._previous = history.head(connection)
        if newest >= _LARGEST:
            raise damaged(f"history row {newest}: sequence in table history is damaged: no change can come behind it")
        self.sequence = newest + 1
        self._rows: list[tuple[str, Sequence[Any], bytes]] = []

    @property
    def wrote(self) -> bool:
        """Whether it has written any row."""
        return bool(self._rows)

    def insert(self, table: str, values: Mapping[str, Any], parts: Sequence[Sequence[Any]] | None = None) -> int:
        """Add a row and return its number, 0 in a table without. A number that is not given is the next one.

        `parts`: as for `row_hashes.row_hash`; the caller writes them.
        """
        row = self.put(table, values)
        self.vouch(table, row, parts)
        return row[0] if isinstance(row[0], int) else 0

    def insert_new(self, table: str, values: Mapping[str, Any]) -> bool:
        """Add a row to a table with no numbers of its own; False where one with its key is there, which stays."""
        row = self._row(table, values)
        self.connection.execute(_plan(schema_text(), table).insert_new, row)
        if not self.connection.changes():
            return False
        self.vouch(table, row)
        return True

    def put(self, table: str, values: Mapping[str, Any]) -> list[Any]:
        """Add a row that is vouched for later, and return it."""
        row = self._row(table, values)
        self.connection.execute(_plan(schema_text(), table).insert, row)
        if row[0] is None:
            row[0] = self.connection.last_insert_rowid()
        return row

    def vouch(self, table: str, row: Sequence[Any], parts: Sequence[Sequence[Any]] | None = None) -> None:
        """Have the history say that this change wrote a row."""
        self._rows.append((table, row, row_hashes.row_hash(table, row, parts)))

    def _row(self, table: str, values: Mapping[str, Any]) -> list[Any]:
        return [self.sequence if name == "sequence" else values.get(name) for name in _plan(schema_text(), table).names]

    def note(self, change: Change, actor: str, event_id: int = 0) -> str:
        """Add the change to the history and return its hash, the new head. `event_id`: 0 for a change about no one
        event."""
        rows = row_hashes.packed(self._rows)
        return history.append(
            self.connection, change, sequence=self.sequence, previous=self._previous, at_utc=self.at_utc, actor=actor,
            event_id=event_id, rows=rows,
        )  # fmt: skip


class _Plan(NamedTuple):
    """How rows of a table are written. `insert_new`: only where no row with the key is there."""

    names: tuple[str, ...]
    insert: str
    insert_new: str


@cache
def _plan(schema: str, table: str) -> _Plan:
    names = tables(schema)[table].names
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({','.join('?' * len(names))})"
    return _Plan(names, insert, f"{insert} ON CONFLICT DO NOTHING")
