"""Rows of `unit_time_zone`: zones that people stated for units' clocks."""

from __future__ import annotations

from typing import Any

import apsw


def state(connection: apsw.Connection, serial: str, time_zone: str, stated_at_utc: str) -> int:
    """Add a statement and return its position; the last one of a serial counts."""
    added: list[Any] = connection.execute(
        "INSERT INTO unit_time_zone (serial, position, time_zone, stated_at_utc)"
        " SELECT ?1, coalesce((SELECT max(position) FROM unit_time_zone WHERE serial = ?1), 0) + 1, ?2, ?3"
        " RETURNING position",
        (serial, time_zone, stated_at_utc),
    ).fetchall()
    return int(added[0][0])


def of_units(connection: apsw.Connection) -> dict[str, str]:
    """The zone that counts for each serial that has one."""
    found: list[Any] = connection.execute(
        "SELECT serial, time_zone FROM unit_time_zone AS newest WHERE position ="
        " (SELECT max(position) FROM unit_time_zone WHERE serial = newest.serial) ORDER BY serial"
    ).fetchall()
    return dict(found)
