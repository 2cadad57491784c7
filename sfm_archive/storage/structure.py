"""The structure of an archive file against that of the format: what can act is compared, what cannot is left alone.

A trigger, view or check of a stranger would run when rows are read or written, and a missing one would break a promise.
Comments and blanks do nothing, and a plain index that somebody added (database browsers offer that) only costs space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from sfm_archive.errors import Damaged

_TOKEN = re.compile(
    r"(?P<nothing>--[^\n]*|/\*.*?(?:\*/|\Z)|\s+)"
    r"|[xX]'[0-9a-fA-F]*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]"
    r"|->>|->|<=|>=|<>|==|!=|<<|>>|\|\||(?P<word>[\w$]+)|.",
    re.DOTALL,
)

_ADVICE = "work on with a backup, or save what is in it with sfm salvage"

_OWN_COLLATIONS = frozenset({"BINARY", "NOCASE", "RTRIM"})
"""An index with another one needs a function that this program does not have: saves would fail."""

# ANALYZE makes its own tables; nothing else may hide behind their names, such as a virtual table.
_STATISTICS = {
    "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}


class _Item(NamedTuple):
    """One entry of `sqlite_schema`. `sql` is empty for the indexes that SQLite makes for keys."""

    kind: str
    table: str
    sql: str


_Items = Mapping[str, _Item]


def tokens(sql: str) -> tuple[str, ...]:
    """The words and signs of a statement in order, without comments and blanks; words in lower case, as SQLite takes
    them in either.

    `--` and `/*` inside a quoted text are part of that text, and it stays as it is.
    """
    found = (match for match in _TOKEN.finditer(sql) if match["nothing"] is None)
    return tuple(match[0].lower() if match["word"] and match[0].isascii() else match[0] for match in found)


def check_structure(connection: apsw.Connection, path: Path, schema: str) -> None:
    """Refuse a file whose tables, views, triggers or own indexes do not act as those of `schema` do.

    Raises Damaged naming the first object that differs, or the index that could make a save fail.
    """
    expected, details = _expected(schema)
    found = _items(connection)
    if found == expected:
        return
    for name in sorted(found.keys() - expected.keys()):
        reason = _why_refused(connection, name, found[name])
        if reason:
            raise Damaged(
                f"{path}: the {found[name].kind} {name!r} {reason}; another program altered the archive's structure. "
                f"It was not opened; {_ADVICE}"
            )
    for name, item in sorted(expected.items()):
        there = found.get(name)
        if there is None:
            raise Damaged(f"{path}: the {item.kind} {name!r} is missing; {_ADVICE}")
        if (there.kind, there.table, tokens(there.sql)) != (item.kind, item.table, tokens(item.sql)):
            raise Damaged(
                f"{path}: the {there.kind} {name!r} was changed; another program altered the archive's structure. "
                f"It was not opened; {_ADVICE}"
            )
    for name, detail in details.items():
        if _details(connection, name, expected) != detail:
            raise Damaged(
                f"{path}: the table {name!r} has other columns, references or keys than its statement says; "
                f"it was not opened; {_ADVICE}"
            )


def foreign_indexes(connection: apsw.Connection, schema: str) -> list[str]:
    """Names of the indexes that somebody added to an archive that `check_structure` accepts, in order."""
    return sorted(_items(connection).keys() - _expected(schema)[0].keys())


def _why_refused(connection: apsw.Connection, name: str, item: _Item) -> str:
    """Why an object that is not of the format cannot stay; '' for an index that only costs space."""
    if item.kind != "index":
        return "does not belong there"
    listed: list[Any] = connection.execute(
        'SELECT "unique", partial FROM pragma_index_list(?) WHERE name = ?', (item.table, name)
    ).fetchall()
    columns: list[Any] = connection.execute("SELECT cid, coll FROM pragma_index_xinfo(?) WHERE key", (name,)).fetchall()
    if not listed or not columns:
        return "does not belong there"
    ((unique, partial),) = listed
    if unique or partial or any(column < -1 for column, _ in columns):
        what = "unique" if unique else "partial" if partial else "on an expression"
        return f"was added and is {what}, so it can make a save fail"
    if any(str(collation).upper() not in _OWN_COLLATIONS for _, collation in columns):
        return "was added and sorts by a collation of another program, so it can make a save fail"
    return ""


def expected_items(schema: str) -> _Items:
    """Everything that the schema's text creates, by name, in its order."""
    return _expected(schema)[0]


@cache
def _expected(schema: str) -> tuple[_Items, Mapping[str, tuple[Any, ...]]]:
    """Everything that the schema's text creates, and what SQLite makes of each of its tables."""
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(schema)
        items = _items(connection)
        tables = [name for name, item in items.items() if item.kind == "table"]
        return items, {name: _details(connection, name, items) for name in tables}
    finally:
        connection.close()


def _details(connection: apsw.Connection, table: str, own: _Items) -> tuple[Any, ...]:
    """Columns, references and the format's own indexes of a table, as SQLite reads them."""
    columns: list[Any] = connection.execute("SELECT * FROM pragma_table_xinfo(?)", (table,)).fetchall()
    references: list[Any] = connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (table,)).fetchall()
    indexes: list[Any] = connection.execute(
        'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY name', (table,)
    ).fetchall()
    return tuple(columns), tuple(references), tuple(index for index in indexes if index[0] in own)


def _items(connection: apsw.Connection) -> dict[str, _Item]:
    rows: list[Any] = connection.execute("SELECT name, type, tbl_name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    return {
        name: _Item(kind, table, sql)
        for name, kind, table, sql in rows
        if not (kind == "table" and _STATISTICS.get(name) == sql)
    }
