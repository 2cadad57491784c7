"""One hash over the rows that a change wrote, so that the history covers every column of every row.

A change says which rows those are. They are never changed afterwards, so the same query gives the same rows, and the
same hash, for as long as nobody altered them. docs/format.md, "Rows of a change".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import apsw

from sfm_archive.storage.changes import Change, RowKey
from sfm_archive.storage.tables import schema_text, tables

_BESIDE = {"handover": ("data", "JOIN file_content ON file_content.sha256 = record_sha256")}
"""What is hashed with a row of another table: the document of a hand-over's files."""


def rows_hash(connection: apsw.Connection, event_id: int, change: Change) -> str:
    """SHA-256 over the rows that a change names, as they are now; '' where it names none.

    A row that is not there leaves its place empty and so changes the hash. Compressed bytes stand in it as their hash:
    other ones can mean the same. Values of readings have a hash of their own in the change.
    """
    keys = [row for part in change.written for row in part.rows(event_id)]
    if not keys:
        return ""
    found = [_row(connection, row) for row in keys]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _row(connection: apsw.Connection, row: RowKey) -> list[Any] | None:
    """The table's name and all columns in the order of the schema; None for a row that is not there."""
    found: Any = connection.execute(_statement(schema_text(), _shape(row)), tuple(_bound(row))).fetchone()
    return None if found is None else [row.table, *map(_plain, found)]


_Shape = tuple[str, tuple[tuple[str, "_Shape | None"], ...]]
"""A key without its values: the table, the columns, and of those taken from another row its shape."""


def _shape(row: RowKey) -> _Shape:
    columns = ((name, _shape(value) if isinstance(value, RowKey) else None) for name, value in row.where.items())
    return row.table, tuple(columns)


@cache
def _statement(schema: str, shape: _Shape) -> str:
    table, where = shape
    columns = [f"{table}.{column.name}" for column in tables(schema)[table].columns]
    column, join = _BESIDE.get(table, ("", ""))
    listed = ", ".join([*columns, column] if column else columns)
    return f"SELECT {listed} FROM {table} {join} WHERE {_conditions(table, where)}"


def _conditions(table: str, where: tuple[tuple[str, _Shape | None], ...]) -> str:
    return " AND ".join(
        f"{table}.{name} = "
        + ("?" if other is None else f"(SELECT {other[0]}.{name} FROM {other[0]} WHERE {_conditions(*other)})")
        for name, other in where
    )


def _bound(row: RowKey) -> Iterator[int | str]:
    for value in row.where.values():
        if isinstance(value, RowKey):
            yield from _bound(value)
        else:
            yield value


def _plain(value: Any) -> Any:
    """A column as JSON has it: bytes as their SHA-256."""
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
