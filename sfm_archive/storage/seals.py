"""Rows of `seal`: whether an archive is sealed, so that nothing is written into it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import apsw

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


def is_sealed(connection: apsw.Connection) -> bool:
    """What the last row says; False without one."""
    rows: list[Any] = connection.execute("SELECT sealed FROM seal ORDER BY sequence DESC LIMIT 1").fetchall()
    return rows == [(1,)]


def seal(writing: Writing) -> None:
    """The row that seals: nothing comes behind its change."""
    writing.insert("seal", {"sealed": 1})


def go_on(writing: Writing) -> None:
    """The row with which a copy of a sealed archive goes on."""
    writing.insert("seal", {"sealed": 0})


def said_by_change(connection: apsw.Connection, sequence: int) -> bool | None:
    """Whether the row that carries a change says sealed; None without such a row."""
    rows: list[Any] = connection.execute("SELECT sealed FROM seal WHERE sequence = ?", (sequence,)).fetchall()
    return bool(rows[0][0]) if rows else None
