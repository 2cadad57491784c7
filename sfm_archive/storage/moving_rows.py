"""Rows looked for by what they say, and put in under new numbers: for what moves between archives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import apsw

from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.tables import schema_text, tables

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

_PARTS = {
    "reading": "INSERT INTO value (reading_id, quantity, channel, number, unit, state, text) VALUES (?,?,?,?,?,?,?)",
    "file_content": "INSERT INTO file_piece (content_id, position, codec, data) VALUES (?,?,?,?)",
}


def columns_of(table: str) -> tuple[str, ...]:
    """The names of a table's columns, in the order of the schema."""
    return tables(schema_text())[table].names


@cache
def _find(table: str, names: tuple[str, ...]) -> str:
    where = " AND ".join(f"{name} IS ?" for name in names) or "1"
    return f"SELECT {', '.join(columns_of(table))} FROM {table} WHERE {where} ORDER BY 1, 2"


def found(connection: apsw.Connection, table: str, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table with these values, in the order of its first columns."""
    rows: list[Any] = connection.execute(_find(table, tuple(said)), tuple(said.values())).fetchall()
    names = columns_of(table)
    return [dict(zip(names, row, strict=True)) for row in rows]


def following(connection: apsw.Connection, table: str, column: str, within: Mapping[str, Any]) -> int:
    """The number behind the greatest one of a column, among rows with these values."""
    where = " AND ".join(f"{name} IS ?" for name in within) or "1"
    row: Any = connection.execute(
        f"SELECT coalesce(max({column}), 0) + 1 FROM {table} WHERE {where}", tuple(within.values())
    ).fetchone()
    return int(row[0])


def put(writing: Writing, table: str, row: Mapping[str, Any], parts: Sequence[Sequence[Any]] | None) -> int:
    """Add a row with the rows that are written with it, under its next number where it has none of its own."""
    number = writing.insert(table, row, parts)
    for part in parts or ():
        writing.connection.execute(_PARTS[table], (number, *part))
    return number


def revision_hash(connection: apsw.Connection, event_id: int, revision: int) -> bytes | None:
    """The hash of a revision of frames."""
    row: Any = connection.execute(
        "SELECT sha256 FROM frames WHERE event_id = ? AND revision = ?", (event_id, revision)
    ).fetchone()
    return None if row is None else row[0]


def revision_with(connection: apsw.Connection, event_id: int, sha256: bytes) -> int | None:
    """The revision with a hash."""
    row: Any = connection.execute(
        "SELECT revision FROM frames WHERE event_id = ? AND sha256 = ?", (event_id, sha256)
    ).fetchone()
    return None if row is None else row[0]


def events_of_units(connection: apsw.Connection, serials: Sequence[str]) -> list[int]:
    """The events that count of some units."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event WHERE serial IN (SELECT value FROM json_each(?))", (_texts(serials),)
    ).fetchall()
    return [event_id for (event_id,) in rows]


def units_at(connection: apsw.Connection, points: Sequence[int], jobs: Sequence[int]) -> list[str]:
    """The units that have a window at some points, or at points of some jobs."""
    rows: list[Any] = connection.execute(
        f"SELECT DISTINCT serial FROM unit_window WHERE point IN {IDS}"
        " OR point IN (SELECT number FROM point WHERE job IN (SELECT value FROM json_each(?)))",
        (ids_text(points), ids_text(jobs)),
    ).fetchall()
    return [serial for (serial,) in rows]


def _texts(texts: Sequence[str]) -> str:
    import json

    return json.dumps(list(texts))
