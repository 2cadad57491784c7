"""Rows of `unit_setting`: what people stated of units' settings, and what they took back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import apsw

from sfm_archive.model.unit_settings import UnitSetting
from sfm_archive.storage.merged_changes import LATEST_FIRST

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

_COLUMNS = ", ".join(UnitSetting._fields)


def add(writing: Writing, row: UnitSetting) -> int:
    """Add a statement under the next number, which it gives; that of `row` does not count."""
    newest: Any = writing.connection.execute("SELECT coalesce(max(number), 0) FROM unit_setting").fetchone()
    number = int(newest[0]) + 1
    writing.insert("unit_setting", {**row._asdict(), "number": number})
    return number


def every(connection: apsw.Connection) -> list[UnitSetting]:
    """All of them, withdrawals too, in the order in which they were made."""
    found: list[Any] = connection.execute(f"SELECT {_COLUMNS} FROM unit_setting ORDER BY number").fetchall()
    return [UnitSetting._make(row) for row in found]


def that_count(connection: apsw.Connection, serials: Iterable[str]) -> dict[str, list[UnitSetting]]:
    """Statements of units that nobody withdrew, the newest first."""
    rows: list[Any] = connection.execute(
        f"SELECT {_COLUMNS} FROM unit_setting WHERE serial IN (SELECT value FROM json_each(?)) AND withdraws = 0"
        " AND number NOT IN (SELECT withdraws FROM unit_setting)"
        f" ORDER BY {LATEST_FIRST.format('unit_setting', 'number')}",
        (json.dumps(sorted(set(serials))),),
    ).fetchall()
    found: dict[str, list[UnitSetting]] = {}
    for row in rows:
        one = UnitSetting._make(row)
        found.setdefault(one.serial, []).append(one)
    return found


def events_meant(connection: apsw.Connection, one: UnitSetting) -> list[int]:
    """Events of the unit that start in the span."""
    found: list[Any] = connection.execute(
        "SELECT event_id FROM counted_event WHERE serial = ? AND recorded_at_local >= ?"
        " AND (? = '' OR recorded_at_local < ?)"
        " ORDER BY event_id",
        (one.serial, one.from_local, one.until_local, one.until_local),
    ).fetchall()
    return [event_id for (event_id,) in found]
