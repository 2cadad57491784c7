"""What still reads of a damaged archive: rows sorted by the table that only they can belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sfm_archive.formats.sqlite_pages import Bytes, Layout, Pages, StoredRow
from sfm_archive.storage.tables import Table, TableColumn, schema_text, tables

LINKS = "event_file"
"""The one table whose rows are numbers alone, as those of some indexes are: their hash tells them apart where the
history has it, and elsewhere what else lies on their page (`links`)."""

_ROW = dict[str, Any]

_FITS: dict[str, Callable[[Any], bool]] = {
    "INTEGER": lambda value: isinstance(value, int),
    "TEXT": lambda value: isinstance(value, str),
    "REAL": lambda value: isinstance(value, int | float),  # whole numbers are stored short
    "BLOB": lambda value: isinstance(value, bytes),
}


@dataclass(slots=True)
class ReadableRows:
    """Rows by table; each a dict of its columns. `numbers`: of each page the rows of a table without row numbers or of
    an index that are whole numbers alone. `unreadable` counts what looks like a row and is none."""

    rows: dict[str, list[_ROW]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[int, list[tuple[int, ...]]] = field(default_factory=lambda: defaultdict(list))
    unreadable: int = 0


def read_rows(data: Bytes, log: Bytes, layout: Layout) -> ReadableRows:
    """Every row that reads by one layout, of whatever is left of the file and its write-ahead log.

    Pages of dropped or moved rows are read too: rows of an archive never change, so an older copy says the same.
    """
    pages = Pages(data, log, layout)
    readable = ReadableRows()
    seen = set[tuple[str, Any]]()
    for row in pages.rows():
        if not isinstance(row, StoredRow):
            readable.unreadable += 1
            continue
        if row.rowid is None and all(isinstance(value, int) for value in row.values):
            readable.numbers[row.page].append(row.values)  # type: ignore[arg-type]
        table = table_of(row)
        if table is None:
            continue
        found = _columns(table, row)
        key = (table.name, tuple(found.values()))
        if key not in seen:
            seen.add(key)
            readable.rows[table.name].append(found)
    return readable


def table_of(row: StoredRow) -> Table | None:
    """The table that a row belongs to, None for rows of indexes and of the structure.

    No two tables have as many columns of the same types, so a row tells its table although its page does not.
    """
    for table in tables(schema_text()).values():
        if len(table.stored) != len(row.values) or (row.rowid is not None) != table.has_rowid:
            continue
        if all(_fits(column, value) for column, value in zip(table.stored, row.values, strict=True)):
            return table
    return None


def _fits(column: TableColumn, value: Any) -> bool:
    if column.is_rowid or (column.nullable and value is None):
        return value is None
    return _FITS[column.kind](value)


def _columns(table: Table, row: StoredRow) -> _ROW:
    found: _ROW = {}
    for column, value in zip(table.stored, row.values, strict=True):
        if column.is_rowid:
            found[column.name] = row.rowid
        else:
            found[column.name] = float(value) if column.kind == "REAL" and value is not None else value
    return found
