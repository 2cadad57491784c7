"""Statements that look for a text, a name or a hash in everything received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import apsw

from sfm_archive.model.selection import SEARCHED_TEXTS
from sfm_archive.storage import files, summaries
from sfm_archive.storage.files import FileRow

_TEXTS: Final[Mapping[str, str]] = {
    **{column: column for column in SEARCHED_TEXTS.values()},
    **{recorded: f"recorded {column}" for column, recorded in summaries.RECORDED.items()},
}
"""Columns of an event's summary that have folded texts, and what they are called."""

_PAGE = 1000
_CAN_BE_TEXTS = "received_file.kind NOT IN ('capture', 'pc capture', 'event file')"


def events_with_words(connection: apsw.Connection, folded_words: str) -> dict[int, list[str]]:
    """By event the texts of it that hold the words."""
    columns = ", ".join(f"instr({column}, :words) > 0" for column in _TEXTS)
    anywhere = " OR ".join(f"instr({column}, :words) > 0" for column in _TEXTS)
    rows: list[Any] = connection.execute(
        f"SELECT event_id, {columns} FROM event_summary WHERE {anywhere}", {"words": folded_words}
    ).fetchall()
    return {
        event_id: [name for name, holds in zip(_TEXTS.values(), held, strict=True) if holds] for event_id, *held in rows
    }


def events_named(connection: apsw.Connection, pattern: str) -> set[int]:
    """Events with a name, received or computed, that fits a pattern of GLOB, whatever the case of ASCII letters."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM event_summary WHERE lower(name) GLOB :pattern"
        " UNION SELECT event_id FROM event_name WHERE lower(name) GLOB :pattern",
        {"pattern": pattern.lower()},
    ).fetchall()
    return {event_id for (event_id,) in rows}


def events_encoded(connection: apsw.Connection, digits: str) -> dict[int, list[str]]:
    """By event the encoders that are recorded to make a file whose SHA-256 begins so."""
    first, last = _bounds(digits)
    rows: list[Any] = connection.execute(
        "SELECT event_id, family || '@' || version FROM encoding WHERE sha256 BETWEEN ? AND ? ORDER BY 1, 2",
        (first, last),
    ).fetchall()
    found: dict[int, list[str]] = {}
    for event_id, encoder in rows:
        found.setdefault(event_id, []).append(encoder)
    return found


def files_named(connection: apsw.Connection, pattern: str) -> Iterator[FileRow]:
    """Received files whose name fits a pattern of GLOB, whatever the case of ASCII letters."""
    yield from _files(connection, "lower(received_file.name) GLOB ?", pattern.lower())


def files_hashed(connection: apsw.Connection, digits: str) -> Iterator[FileRow]:
    """Received files whose SHA-256 begins so."""
    yield from _files(connection, "received_file.sha256 BETWEEN ? AND ?", *_bounds(digits))


def documents(connection: apsw.Connection) -> Iterator[FileRow]:
    """Received files that can be texts, of which bytes are kept."""
    yield from _files(connection, _CAN_BE_TEXTS)


def count_documents(connection: apsw.Connection) -> int:
    """How many there are of them."""
    row: Any = connection.execute(f"SELECT count(*) FROM received_file WHERE {_CAN_BE_TEXTS}").fetchone()
    return int(row[0])


def _files(connection: apsw.Connection, condition: str, *bound: Any) -> Iterator[FileRow]:
    """A page at a time: no statement stays open between two."""
    behind = 0
    while page := files.page(connection, condition, bound, behind, _PAGE):
        yield from page
        behind = page[-1].file_id


def handovers_hashed(connection: apsw.Connection, digits: str) -> list[tuple[int, str]]:
    """Number and target of hand-overs whose one kept file, or whose list of files, has a SHA-256 that begins so."""
    rows: list[Any] = connection.execute(
        "SELECT handover_id, target FROM handover WHERE kept_sha256 BETWEEN :first AND :last"
        " OR manifest_sha256 BETWEEN :first AND :last ORDER BY handover_id",
        dict(zip(("first", "last"), _bounds(digits), strict=True)),
    ).fetchall()
    return [(number, target) for number, target in rows]


def handovers_to(connection: apsw.Connection) -> list[tuple[int, str]]:
    """Number and target of every hand-over."""
    rows: list[Any] = connection.execute("SELECT handover_id, target FROM handover ORDER BY handover_id").fetchall()
    return [(number, target) for number, target in rows]


def _bounds(digits: str) -> tuple[bytes, bytes]:
    """The least and the greatest SHA-256 that begin so."""
    return bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
