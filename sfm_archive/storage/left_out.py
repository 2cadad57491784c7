"""Rows of `left_out`: files that people decided to leave out of imports, or to take again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.storage.merged_changes import LATEST_FIRST

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class LeftOutRow(NamedTuple):
    """One decision: `left_out` is False where the file is taken again. `name`: as the file was called, '' where it was
    named by its hash."""

    sha256: str
    left_out: bool
    name: str
    decided_by: str
    reason: str


_COLUMNS = "lower(hex(sha256)), left_out, name, decided_by, reason"


def decide(writing: Writing, row: LeftOutRow) -> None:
    """Add a decision; the last one of a file counts."""
    sha256 = bytes.fromhex(row.sha256)
    newest: Any = writing.connection.execute(
        "SELECT coalesce(max(position), 0) FROM left_out WHERE sha256 = ?", (sha256,)
    ).fetchone()
    writing.insert(
        "left_out",
        {
            "sha256": sha256,
            "position": newest[0] + 1,
            "left_out": int(row.left_out),
            "name": row.name,
            "decided_by": row.decided_by,
            "reason": row.reason,
        },
    )


def that_count(connection: apsw.Connection) -> dict[str, LeftOutRow]:
    """The last decision on each file, by its SHA-256 in hexadecimal."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM left_out AS newest WHERE position ="
        " (SELECT position FROM left_out AS same WHERE same.sha256 = newest.sha256"
        f" ORDER BY {LATEST_FIRST.format('same', 'position')} LIMIT 1) ORDER BY sequence"
    )
    rows = map(_row, found.fetchall())
    return {row.sha256: row for row in rows}


def of_change(connection: apsw.Connection, sequence: int) -> list[LeftOutRow]:
    """The decisions that one change of the history wrote."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM left_out WHERE sequence = ?", (sequence,))
    return [_row(row) for row in found.fetchall()]


def _row(row: Any) -> LeftOutRow:
    return LeftOutRow(row[0], bool(row[1]), *row[2:])
