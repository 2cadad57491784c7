"""Rows of `unit_running`: spans in which a unit was running, as documents say them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class RunningRow(NamedTuple):
    """One span of a unit, device-local, both ends as ISO 8601. `text`: what the document says beside."""

    serial: str
    from_local: str
    until_local: str
    source: str
    origin_sha256: str
    text: str


def add(writing: Writing, row: RunningRow) -> bool:
    """Add a span; False where a document of its kind said it before."""
    return writing.insert_new("unit_running", {**row._asdict(), "origin_sha256": bytes.fromhex(row.origin_sha256)})


def of_unit(connection: apsw.Connection, serial: str, since: str, until: str) -> list[RunningRow]:
    """Spans of a unit that reach into a window, '' for no bound; by their begin."""
    rows: list[Any] = connection.execute(
        "SELECT serial, from_local, until_local, source, lower(hex(origin_sha256)), text FROM unit_running"
        " WHERE serial = ? AND until_local >= ? AND (? = '' OR from_local < ?)"
        " ORDER BY from_local, until_local, source",
        (serial, since, until, until),
    ).fetchall()
    return [RunningRow._make(row) for row in rows]


def is_origin(connection: apsw.Connection, sha256: str) -> bool:
    """Whether a document was the first to say a span."""
    found = connection.execute("SELECT 1 FROM unit_running WHERE origin_sha256 = ?", (bytes.fromhex(sha256),))
    return found.fetchone() is not None


def units(connection: apsw.Connection) -> list[str]:
    """The units that have any."""
    rows: list[Any] = connection.execute("SELECT DISTINCT serial FROM unit_running ORDER BY serial").fetchall()
    return [serial for (serial,) in rows]
