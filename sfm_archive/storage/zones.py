"""Rows of `unit_time_zone`: zones that people stated for units' clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import apsw

from sfm_archive.storage.merged_changes import LATEST_FIRST

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


def state(writing: Writing, serial: str, time_zone: str) -> None:
    """Add a statement; the last one of a serial counts."""
    newest: Any = writing.connection.execute(
        "SELECT coalesce(max(position), 0) FROM unit_time_zone WHERE serial = ?", (serial,)
    ).fetchone()
    writing.insert("unit_time_zone", {"serial": serial, "position": newest[0] + 1, "time_zone": time_zone})


def of_units(connection: apsw.Connection) -> dict[str, str]:
    """The zone that counts for each serial that has one."""
    found: list[Any] = connection.execute(
        "SELECT serial, time_zone FROM unit_time_zone AS newest WHERE position ="
        " (SELECT position FROM unit_time_zone AS same WHERE same.serial = newest.serial"
        f" ORDER BY {LATEST_FIRST.format('same', 'position')} LIMIT 1) ORDER BY serial"
    ).fetchall()
    return dict(found)
