"""A change while it is made: every row that it writes goes through here, carries its number, and is vouched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import apsw

from sfm_archive.storage import history, row_hashes
from sfm_archive.storage.changes import Change
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.tables import schema_text, tables


class Writing:
    """One change in progress, inside the transaction that makes it. Nothing of it stands in the history before `note`.

    `sequence`: its number; `at_utc`: its time.
    """

    def __init__(self, connection: apsw.Connection, at_utc: str = "") -> None:
        self.connection = connection
        self.at_utc = at_utc or utc_now()
        newest, self._previous = history.head(connection)
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
        """Add a row; False where one with its key is there, which stays as it is."""
        own = tables(schema_text())[table]
        row = self._row(table, values)
        self.connection.execute(f"{_statement(schema_text(), table)} ON CONFLICT DO NOTHING", row)
        if not self.connection.changes():
            return False
        assert not any(own.columns[place].is_rowid for place in own.key)
        self.vouch(table, row)
        return True

    def put(self, table: str, values: Mapping[str, Any]) -> list[Any]:
        """Add a row that is vouched for later, and return it."""
        row = self._row(table, values)
        self.connection.execute(_statement(schema_text(), table), row)
        if row[0] is None:
            row[0] = self.connection.last_insert_rowid()
        return row

    def vouch(self, table: str, row: Sequence[Any], parts: Sequence[Sequence[Any]] | None = None) -> None:
        """Have the history say that this change wrote a row."""
        self._rows.append((table, row, row_hashes.row_hash(table, row, parts)))

    def _row(self, table: str, values: Mapping[str, Any]) -> list[Any]:
        return [
            self.sequence if name == "sequence" else values.get(name) for name in tables(schema_text())[table].names
        ]

    def note(self, change: Change, actor: str, event_id: int = 0) -> str:
        """Add the change to the history and return its hash, the new head. `event_id`: 0 for a change about no one
        event."""
        rows = row_hashes.packed(self._rows)
        return history.append(
            self.connection, change, sequence=self.sequence, previous=self._previous, at_utc=self.at_utc, actor=actor,
            event_id=event_id, rows=rows,
        )  # fmt: skip


@cache
def _statement(schema: str, table: str) -> str:
    names = tables(schema)[table].names
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({','.join('?' * len(names))})"
