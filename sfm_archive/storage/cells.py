"""Every row that is read is looked at before anybody works with it: a damaged cell has its place named.

SQLite checks types and words when a row is written. A bit that flips later in a row's head makes a text a blob, or a
number nothing, and SQLite hands that over as it finds it. What a statement's columns come from, SQLite knows; what may
stand there, schema.sql says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import apsw

from sfm_archive.errors import Damaged, SfmError
from sfm_archive.model.readings import ValueSource
from sfm_archive.storage.failures import BACKUP, REBUILT
from sfm_archive.storage.tables import checks, schema_text, tables

_Value = TypeVar("_Value")
_Row = tuple[Any, ...]
_Check = Callable[[apsw.Cursor, _Row], _Row]

DERIVED = frozenset({"event_computed", "event_summary", "event_peaks", "report_in_doubt"})
"""Tables whose rows `sfm rebuild` makes again."""


_TYPES: Mapping[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "TEXT": (str,),
    # A number that a decoder computed stands in JSON, where 5.0 may be 5.
    "REAL": (float, int),
    "BLOB": (bytes,),
}
_WORDS = {int: "a whole number", float: "a number", str: "a text", bytes: "a blob", type(None): "nothing"}
_KINDS = {"INTEGER": "a whole number", "TEXT": "a text", "REAL": "a number", "BLOB": "a blob"}

_ONE_OF = re.compile(r"(\w+) IN \(([^()]*)\)")
_LITERAL = re.compile(r"'([^']*)'|(-?\d+)")
_KEYS = ("event_id", "file_id", "reading_id", "handover_id", "content_id", "sequence", "number")
_KEYS_ASKED_FOR = re.compile(rf"\b({'|'.join(_KEYS)}) = (-?\d+)")
_MOST_STATEMENTS = 500


def damaged(what: str, table: str = "") -> Damaged:
    """The error for a cell that no program wrote, with the next step. `what`: the event, the column and its table, and
    what is wrong. `table`: the same one again."""
    return Damaged(f"{what}. {REBUILT if table in DERIVED else BACKUP}")


def read_as(parse: Callable[[Any], _Value], raw: Any, where: str, table: str = "") -> _Value:
    """What `parse` makes of a cell's value. Raises Damaged, naming `where`, for one that it does not take."""
    try:
        return parse(raw)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, SfmError) as error:
        raise damaged(f"{where} is not what a program writes: {error}", table) from error


class _Column(NamedTuple):
    """What may stand in a column of a statement. `place`: where, as people read it. `types`: of Python's values."""

    name: str
    table: str
    kind: str
    types: tuple[type, ...]
    words: frozenset[Any]

    def fault(self, value: Any) -> str:
        """What is wrong with a value, '' where nothing is."""
        if type(value) not in self.types:
            return f"{_WORDS.get(type(value), 'something')} stands where {_KINDS.get(self.kind, 'none')} belongs"
        if self.words and value is not None and value not in self.words:
            return f"it reads as {value!r:.60}, which no program writes"
        return ""


class CheckedCells:
    """Looks at every row that a connection reads. One tuple of types is compared for each, and a word where schema.sql
    lists the words of a column."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checks: dict[str, _Check] = {}

    def watch(self, connection: apsw.Connection) -> None:
        """From now on."""
        connection.exec_trace = self._begins

    def _begins(self, cursor: apsw.Cursor, statement: str, _: object) -> bool:
        check = self._checks.get(statement)
        if check is None:
            if len(self._checks) >= _MOST_STATEMENTS:
                self._checks.clear()
            check = self._checks[statement] = self._check_of(statement)
        cursor.row_trace = check
        return True

    def _check_of(self, statement: str) -> _Check:
        good: set[tuple[type, ...]] = set()
        columns: list[_Column] = []
        worded: list[tuple[int, frozenset[Any]]] = []

        def check(cursor: apsw.Cursor, row: _Row) -> _Row:
            types = tuple(map(type, row))
            if types not in good:
                if not columns:
                    columns.extend(_columns(cursor, statement))
                    worded.extend((place, column.words) for place, column in enumerate(columns) if column.words)
                if any(kind not in column.types for kind, column in zip(types, columns, strict=True)):
                    raise self._damaged(cursor, columns, row)
                good.add(types)
            for place, words in worded:
                if row[place] not in words:
                    raise self._damaged(cursor, columns, row)
            return row

        return check

    def _damaged(self, cursor: apsw.Cursor, columns: Sequence[_Column], row: _Row) -> Damaged:
        cells = list(zip(columns, row, strict=True))
        column, fault = next((one, fault) for one, value in cells if (fault := one.fault(value)))
        table, name = column.table, column.name
        if table == "value" and ValueSource.DECODER in row:
            table, name = "event_computed", "numbers"
        what = f"{name} in table {table} is damaged: {fault}"
        asked_for = _KEYS_ASKED_FOR.findall(cursor.expanded_sql)
        numbers = dict(asked_for) | {one.name: value for one, value in cells}
        whose = next((key for key in _KEYS if _is_number(numbers.get(key))), "")
        where = f"{whose.removesuffix('_id')} {numbers[whose]}: {what}" if whose else what
        error = damaged(f"{self._path}: {where}", table)
        error.__cause__ = ValueError(where)
        return error


def _is_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, str) and value.lstrip("-").isdecimal())


def _columns(cursor: apsw.Cursor, statement: str) -> list[_Column]:
    """The columns of a statement that has given a row."""
    outer = "LEFT JOIN" in statement
    return [_column(name, table, origin, outer=outer) for name, _, _, table, origin in cursor.description_full]


_NAMED = re.compile(r"(\w+)\.(\w+)(?: (\w+))?")
"""The name of an expression: of which table and column it is, and its type, where that is another one."""


def _column(name: str, table: str | None, origin: str | None, *, outer: bool) -> _Column:
    kind = ""
    if named := _NAMED.fullmatch(name):
        table, origin, kind = named[1], named[2], named[3] or ""
    own = tables(schema_text()).get(table or "")
    found = [one for one in own.columns if one.name == origin] if own is not None else []
    if own is None or not found:
        return _Column(name, "", "", (int, float, str, type(None)), frozenset())
    (column,) = found
    # A statement in the place of a column gives nothing where there is no row.
    nullable = column.nullable or outer or name.startswith("(")
    words = frozenset() if kind else _words(schema_text()).get((own.name, column.name), frozenset())
    types = (*_TYPES[kind or column.kind], *([type(None)] if nullable else []))
    return _Column(column.name, own.name, kind or column.kind, types, words | {None} if words and nullable else words)


@cache
def _words(schema: str) -> Mapping[tuple[str, str], frozenset[Any]]:
    """By table and column the words that its check allows, where it lists them."""
    found = {}
    for table, conditions in checks(schema).items():
        for one_of in filter(None, map(_ONE_OF.fullmatch, conditions)):
            words = frozenset(int(number) if number else word for word, number in _LITERAL.findall(one_of[2]))
            found[table, one_of[1]] = words
    return found
