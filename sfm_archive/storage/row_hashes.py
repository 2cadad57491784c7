"""One hash for each row of content, so that the history covers every column of every row.

A change lists the rows that it wrote by number of table and hash. Rows never change, so what stands in a table hashes
to the same for as long as nobody altered it. docs/format.md, "Rows of a change".
"""

from __future__ import annotations

import hashlib
import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.tables import Table, schema_text, tables

TABLES = (
    "event", "event_key", "event_name", "frames", "file_content", "received_file", "event_file", "reading", "encoding",
    "finding", "unit_time_zone", "handover", "left_out", "unit_setting", "waiting_part",
    "unit_running", "report_decision", "job", "point", "point_limits", "unit_window", "correction", "calibration",
    "blast", "blast_event", "same_event", "firm", "seal", "merged_change",
    "withheld_changes", "withheld_content",
)  # fmt: skip
"""The tables of content whose rows changes write; a table's number is its place here, from 1. Later ones are added
behind."""

NUMBERS: Mapping[str, int] = {table: number for number, table in enumerate(TABLES, start=1)}

ENTRY = 33
"""Bytes of `history.rows` for each row: the table's number and the hash."""

_PARTS = {
    "reading": "SELECT quantity, channel, number, unit, state, text FROM value WHERE reading_id = ?"
    " ORDER BY quantity, channel",
    "file_content": "SELECT position, codec, data FROM file_piece WHERE content_id = ? ORDER BY position",
}
"""What is hashed with a row: rows of another table that are written with it and have no sequence of their own."""

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Listed(NamedTuple):
    """One row as the history lists it."""

    table: str
    sha256: bytes


class FoundRow(NamedTuple):
    """One row as it stands in its table."""

    table: str
    sha256: bytes
    columns: Mapping[str, Any]

    @property
    def listed(self) -> Listed:
        """As the change that wrote it lists it."""
        return Listed(self.table, self.sha256)


class WholeRow(NamedTuple):
    """One row as it stands in its table, in the order of the schema, with the rows that are hashed with it."""

    table: str
    row: Sequence[Any]
    parts: Sequence[Sequence[Any]] | None
    sha256: bytes

    @property
    def found(self) -> FoundRow:
        """With its columns by name."""
        return FoundRow(self.table, self.sha256, _named(self.table, self.row))


def _whole(table: str, row: Sequence[Any], parts: Sequence[Sequence[Any]] | None) -> WholeRow:
    return WholeRow(table, row, parts, row_hash(table, row, parts))


def row_hash(table: str, row: Sequence[Any], parts: Sequence[Sequence[Any]] | None = None) -> bytes:
    """SHA-256 of the UTF-8 text of a JSON array: the table's name and every column in the order of the schema.

    Bytes stand in it as their own SHA-256, in hexadecimal. `parts`: of a reading its values, of a content its pieces,
    as one more array of arrays.
    """
    fields = [table, *map(_plain, row)]
    if parts is not None:
        fields.append([[_plain(value) for value in part] for part in parts])
    return hashlib.sha256(_text(fields).encode("utf-8")).digest()


def _plain(value: Any) -> Any:
    return hashlib.sha256(value).hexdigest() if type(value) is bytes else value


def packed(rows: Sequence[tuple[str, Sequence[Any], bytes]]) -> bytes:
    """`history.rows` of rows, given as table, columns and hash: in the order of the tables, and in each of its key."""
    own = tables(schema_text())
    ordered = sorted(
        (NUMBERS[table], tuple(row[place] for place in own[table].key), sha256) for table, row, sha256 in rows
    )
    return b"".join(bytes((number,)) + sha256 for number, _, sha256 in ordered)


def listed(rows: str) -> list[Listed]:
    """The rows of a change, from the hexadecimal text of `history.rows`. A table that this version does not know is
    called by its number."""
    data = bytes.fromhex(rows)
    return [Listed(_table(data[at]), data[at + 1 : at + ENTRY]) for at in range(0, len(data), ENTRY)]


def listed_tables(rows: str) -> list[str]:
    """The table of each row of a change; as `listed`, without their hashes."""
    return [_table(number) for number in bytes.fromhex(rows)[::ENTRY]]


def _table(number: int) -> str:
    return TABLES[number - 1] if 0 < number <= len(TABLES) else f"number {number}"


def found_row(connection: apsw.Connection, table: str, row: Sequence[Any]) -> FoundRow:
    """A row with the hash that it has now."""
    return FoundRow(table, row_hash(table, row, parts_of(connection, table, row)), _named(table, row))


def parts_of(connection: apsw.Connection, table: str, row: Sequence[Any]) -> list[Any] | None:
    """What is hashed with a row; None for a table that has nothing of the kind. Its number is its first column."""
    statement = _PARTS.get(table)
    return None if statement is None else connection.execute(statement, (row[0],)).fetchall()


def hash_under(connection: apsw.Connection, found: FoundRow, sequence: int) -> bytes:
    """The hash that a row would have if it carried the number of another change."""
    row = list({**found.columns, "sequence": sequence}.values())
    return row_hash(found.table, row, parts_of(connection, found.table, row))


def _named(table: str, row: Sequence[Any]) -> Mapping[str, Any]:
    return dict(zip(tables(schema_text())[table].names, row, strict=True))


@cache
def _select(schema: str, table: str) -> str:
    return f"SELECT {', '.join(tables(schema)[table].names)} FROM {table}"


@cache
def _of_events(schema: str) -> tuple[str, ...]:
    return tuple(table for table in TABLES if "event_id" in tables(schema)[table].names)


def all_of(connection: apsw.Connection, table: str) -> Iterator[FoundRow]:
    """Every row of a table, a page at a time."""
    own: Table = tables(schema_text())[table]
    key = ", ".join(own.columns[place].name for place in own.key)
    marks = ",".join("?" * len(own.key))
    where, behind = "", ()
    while True:
        statement = f"{_select(schema_text(), table)} {where} ORDER BY {key} LIMIT 500"
        page: list[Any] = connection.execute(statement, behind).fetchall()
        for row in page:
            yield found_row(connection, table, row)
        if len(page) < 500:
            return
        where, behind = f"WHERE ({key}) > ({marks})", tuple(page[-1][place] for place in own.key)


class RowsByChange:
    """Finds the rows that say they are of a change: those of its event by the event, the others by their sequences."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._others = [table for table in TABLES if table not in _of_events(schema_text())]
        self._numbers: dict[str, tuple[array[int], array[int]]] = {}

    def rows(self, sequence: int, event_id: int) -> list[FoundRow]:
        """All of one change."""
        whole = self.whole_of_changes([(sequence, event_id)])[sequence]
        return [one.found for one in whole]

    def of_changes(self, changes: Sequence[tuple[int, int]]) -> dict[int, list[Listed]]:
        """Of several changes, given as sequence and event, the rows that carry their numbers: those of any of these
        events, and those of none."""
        found = self.whole_of_changes(changes)
        return {sequence: [Listed(one.table, one.sha256) for one in rows] for sequence, rows in found.items()}

    def whole_of_changes(self, changes: Sequence[tuple[int, int]]) -> dict[int, list[WholeRow]]:
        """The same rows whole."""
        found: dict[int, list[WholeRow]] = {sequence: [] for sequence, _ in changes}
        ids = ids_text(self._with_siblings({event_id for _, event_id in changes if event_id}))
        for table in _of_events(schema_text()) if ids != "[]" else ():
            own = tables(schema_text())[table]
            place = own.names.index("sequence")
            statement = f"{_select(schema_text(), table)} WHERE event_id IN {IDS}"
            rows: list[Any] = self._connection.execute(statement, (ids,)).fetchall()
            rows = [row for row in rows if row[place] in found]
            parts = self._parts(table, [row[0] for row in rows])
            for row in rows:
                found[row[place]].append(_whole(table, row, None if parts is None else parts[row[0]]))
        for table in self._others:
            for sequence, _ in changes if self._numbers_of(table)[0] else ():
                found[sequence] += self._of_table(table, sequence)
        return found

    def _with_siblings(self, event_ids: Collection[int]) -> list[int]:
        """Events, and those of one unit, second and kind with them: a report that comes for one is joined to all."""
        rows: list[Any] = self._connection.execute(
            "SELECT other.event_id FROM event JOIN event AS other USING (serial, recorded_at_local, record_type)"
            f" WHERE event.event_id IN {IDS}",
            (ids_text(sorted(event_ids)),),
        ).fetchall()
        return sorted({*event_ids, *(event_id for (event_id,) in rows)})

    def _parts(self, table: str, numbers: Sequence[int]) -> dict[int, list[Any]] | None:
        """`parts_of` several rows, by their numbers."""
        if table not in _PARTS or not numbers:
            return None
        found: dict[int, list[Any]] = {number: [] for number in numbers}
        for number in numbers:
            found[number] = self._connection.execute(_PARTS[table], (number,)).fetchall()
        return found

    def _of_table(self, table: str, sequence: int) -> Iterator[WholeRow]:
        sequences, rowids = self._numbers_of(table)
        start, end = bisect_left(sequences, sequence), bisect_right(sequences, sequence)
        if start == end:
            return
        if not rowids:  # a small table that is kept by its key
            statement, bound = f"{_select(schema_text(), table)} WHERE sequence = ?", [sequence]
        else:
            statement, bound = f"{_select(schema_text(), table)} WHERE rowid = ?", list(rowids[start:end])
        for one in bound:
            for row in self._connection.execute(statement, (one,)).fetchall():
                yield _whole(table, row, parts_of(self._connection, table, row))

    def _numbers_of(self, table: str) -> tuple[array[int], array[int]]:
        """Sequences of a table's rows, rising, and their row numbers, where it has such."""
        known = self._numbers.get(table)
        if known is None:
            by_key = not tables(schema_text())[table].has_rowid
            rowid = "0" if by_key else "rowid"
            rows: Any = self._connection.execute(f"SELECT sequence, {rowid} FROM {table} ORDER BY sequence, 2")
            sequences, rowids = array("q"), array("q")
            for sequence, number in rows:
                sequences.append(sequence)
                rowids.append(number)
            known = self._numbers[table] = sequences, array("q") if by_key else rowids
        return known
