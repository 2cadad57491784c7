"""The tables of an archive as schema.sql has them: the one place that knows their columns is its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import apsw

from sfm_archive.errors import StorageFailed


class TableColumn(NamedTuple):
    """One column. `kind`: INTEGER, TEXT, REAL or BLOB. `is_rowid`: stored as the row's number, not among its values."""

    name: str
    kind: str
    nullable: bool
    is_rowid: bool


class Table(NamedTuple):
    """One table. `columns` in the order of the schema, `stored` in the order in which a row's bytes have them. `key`:
    the places of the primary key's parts among the columns."""

    name: str
    has_rowid: bool
    columns: tuple[TableColumn, ...]
    stored: tuple[TableColumn, ...]
    key: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the order of the schema."""
        return tuple(column.name for column in self.columns)


@cache
def schema_text() -> str:
    """The text of schema.sql: beside this package when installed, at the top of the checkout otherwise."""
    package = Path(__file__).resolve().parent.parent
    for place in (package / "schema.sql", package.parent / "schema.sql"):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise StorageFailed(f"schema.sql is missing beside {package}; install sfm-archive again")


@cache
def tables(schema: str) -> Mapping[str, Table]:
    """Every table that a schema's text makes, by name, as SQLite reads it."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(schema)
        listed = connection.execute(
            "SELECT name, wr FROM pragma_table_list"
            " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {str(name): _table(connection, str(name), has_rowid=not without) for name, without in listed}
    finally:
        connection.close()


@cache
def checks(schema: str) -> Mapping[str, tuple[str, ...]]:
    """By table the conditions that each of its rows meets, as a schema's text has them behind CHECK."""
    found = {}
    for statement in re.sub(r"--[^\n]*", "", schema).split("CREATE TABLE ")[1:]:
        _, *rest = statement.partition(" STRICT")[0].split("CHECK (")
        found[statement.split()[0]] = tuple(map(_to_its_bracket, rest))
    return found


def _to_its_bracket(text: str) -> str:
    """A text up to the bracket that was opened before it."""
    depth = 1
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return text[:place]
    raise ValueError(f"a bracket is not closed: {text:.60}")


def _table(connection: apsw.Connection, name: str, *, has_rowid: bool) -> Table:
    described = connection.execute(
        'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) ORDER BY cid', (name,)
    ).fetchall()
    key_parts = sum(bool(pk) for *_, pk in described)
    columns = {
        TableColumn(
            name=str(column),
            kind=str(kind),
            nullable=not not_null and not pk,
            is_rowid=has_rowid and bool(pk) and key_parts == 1 and kind == "INTEGER",
        ): int(str(pk))
        for column, kind, not_null, pk in described
    }
    # A table without row numbers is stored in the order of its key.
    stored = columns if has_rowid else sorted(columns, key=lambda column: columns[column] or len(columns) + 1)
    parts = list(columns.values())
    key = sorted((place for place, part in enumerate(parts) if part), key=lambda place: parts[place])
    return Table(name, has_rowid, tuple(columns), tuple(stored), tuple(key))
