"""Rows of `waiting_part`: parts of captures that no event could be made of when they came, and what joined them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class WaitingPart(NamedTuple):
    """A part of a capture: the SHA-256 of the capture's bytes, and the byte at which the part begins."""

    sha256: str
    at_byte: int


THAT_WAIT = (
    "SELECT sha256, at_byte FROM waiting_part AS newest WHERE joined_to = 0 AND position ="
    " (SELECT max(position) FROM waiting_part WHERE sha256 = newest.sha256 AND at_byte = newest.at_byte)"
)
"""The parts that wait, by the last row of each."""


def wait(writing: Writing, part: WaitingPart) -> bool:
    """Have a part wait; False where it is known already, whether it still waits or not."""
    if _newest(writing.connection, part) is not None:
        return False
    _add(writing, part, 1, 0)
    return True


def settle(writing: Writing, part: WaitingPart, event_id: int) -> bool:
    """Have an event take a part that waits; False where it does not."""
    newest = _newest(writing.connection, part)
    if newest is None or newest[1]:
        return False
    _add(writing, part, newest[0] + 1, event_id)
    return True


def waiting(connection: apsw.Connection) -> list[WaitingPart]:
    """Every part that waits."""
    rows: list[Any] = connection.execute(
        f"SELECT lower(hex(sha256)), at_byte FROM ({THAT_WAIT}) ORDER BY sha256, at_byte"
    ).fetchall()
    return [WaitingPart._make(row) for row in rows]


def _newest(connection: apsw.Connection, part: WaitingPart) -> tuple[int, int] | None:
    row: Any = connection.execute(
        "SELECT position, joined_to FROM waiting_part WHERE sha256 = ? AND at_byte = ? ORDER BY position DESC LIMIT 1",
        (bytes.fromhex(part.sha256), part.at_byte),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _add(writing: Writing, part: WaitingPart, position: int, joined_to: int) -> None:
    writing.insert(
        "waiting_part",
        {
            "sha256": bytes.fromhex(part.sha256),
            "at_byte": part.at_byte,
            "position": position,
            "joined_to": joined_to,
        },
    )
