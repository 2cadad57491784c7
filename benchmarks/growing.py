"""Archives of very many events for measurements: rows of a small one again and again, each time later.

Saving a million events takes a quarter of an hour of the processor; copying their rows takes two minutes. A copy has
the ids of its own, and the times, days and names of its own; everything else is that of the event it was copied from,
its frames too. So every command reads as much, and finds as much, as in an archive that was saved. The copies follow
each other in time, so that a unit's nearest documents are those of the same copy. The history is written anew, row by
row as a save writes it, so that such an archive verifies.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from sfm_archive.base.batches import batches
from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.model.events import RecordType
from sfm_archive.storage import history
from sfm_archive.storage.row_hashes import NUMBERS, RowsByChange

_SHIFTED = ("event_id", "sequence", "reading_id")
"""Numbers that count on in a copy, where a table has them."""

_TIMES = {
    "recorded_at_local": "strftime('%Y-%m-%dT%H:%M:%S', {}, :days)",
    "start_local": "strftime('%Y-%m-%dT%H:%M:%S', {}, :days)",
    "stop_local": "coalesce(strftime('%Y-%m-%dT%H:%M:%S', nullif({}, ''), :days), '')",
    "day": "date({}, :days)",
    "numbers": "later({}, :days)",
}
"""Columns with device-local times; whole days later, an event of several days stays one."""

_TABLES = (
    "event", "event_key", "event_name", "frames", "reading", "value", "encoding", "finding",
    "event_computed", "event_summary", "event_peaks",
)  # fmt: skip
"""Tables with rows of events; archives of the benchmark have no files."""


def grown(small: Path, large: Path, times: int, days: int) -> None:
    """Make `large` of `small` and `times` - 1 copies of its events, each so many days later than the one before."""
    partly = large.with_suffix(".growing.sfm")
    shutil.copyfile(small, partly)
    connection = apsw.Connection(str(partly))
    for setting in ("journal_mode = off", "synchronous = off", "cache_size = -500000"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    connection.create_scalar_function("name_of", _name_of, 3, deterministic=True)
    connection.create_scalar_function("later", _later, 2, deterministic=True)
    numbers = {name: _next(connection, name) for name in _SHIFTED}
    statements = [_copying(connection, table) for table in _TABLES]
    connection.execute("BEGIN")
    for number in range(1, times):
        bound: dict[str, Any] = {name: number * step for name, step in numbers.items()}
        for statement in statements:
            later = f"+{number * days} days"
            connection.execute(statement, {**bound, "days": later, "first": numbers["event_id"]})
        _bind(connection, number, numbers["event_id"], timedelta(days=number * days))
        if sys.stderr.isatty():
            print(f"\r{number} of {times - 1} copies", end="", file=sys.stderr)
    connection.execute("COMMIT")
    connection.close()
    partly.rename(large)


def _bind(connection: apsw.Connection, copy: int, events: int, later: timedelta) -> None:
    """The changes of one copy, each with the hashes of its rows and bound to the change before it."""
    changes: list[Any] = connection.execute(
        "SELECT at_utc, actor, tool, action, event_id, detail FROM history WHERE event_id BETWEEN 1 AND ?"
        " ORDER BY sequence",
        (events,),
    ).fetchall()
    newest, previous = history.head(connection)
    for some in batches(list(enumerate(changes, newest + 1)), 500):
        found = RowsByChange(connection).of_changes([(sequence, row[4] + copy * events) for sequence, row in some])
        made = []
        for sequence, (at_utc, actor, tool, action, event_id, detail) in some:
            told = json.loads(detail)
            if "event" in told:
                at = datetime.fromisoformat(told["event"][1]) + later
                told["event"][1] = at.isoformat(timespec="seconds")
            text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            rows = b"".join(bytes((NUMBERS[one.table],)) + one.sha256 for one in found[sequence])
            row = sequence, at_utc, actor, tool, action, event_id + copy * events, text
            previous = history.row_hash(*row, rows.hex(), previous)
            made.append((*row, rows, bytes.fromhex(previous)))
        connection.executemany(
            "INSERT INTO history (sequence, at_utc, actor, tool, action, event_id, detail, rows, sha256)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            made,
        )


def _next(connection: apsw.Connection, name: str) -> int:
    """How many numbers a column has, from the start to its highest."""
    counted = {
        "event_id": "SELECT max(event_id) FROM event",
        "sequence": "SELECT count(*) FROM history WHERE event_id > 0",
        "reading_id": "SELECT max(reading_id) FROM reading",
    }
    row: Any = connection.execute(counted[name]).fetchone()
    return int(row[0])


def _copying(connection: apsw.Connection, table: str) -> str:
    columns = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})").fetchall()]
    made = []
    for column in columns:
        if column in _SHIFTED:
            made.append(f"one.{column} + :{column}")
        elif column in _TIMES:
            made.append(_TIMES[column].format(f"one.{column}"))
        elif (table, column) == ("event_summary", "name"):
            made.append("name_of(serial, strftime('%Y-%m-%dT%H:%M:%S', one.start_local, :days), record_type)")
        else:
            made.append(f"one.{column}")
    joined = " JOIN event USING (event_id)" if table == "event_summary" else ""
    which = {"value": "reading_id <= (SELECT max(reading_id) FROM reading WHERE event_id <= :first)"}
    where = which.get(table, "event_id <= :first")
    if table != "value":
        where = f"one.{where}"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(made)} FROM {table} AS one{joined} WHERE {where}"
    )


def _later(*row: Any) -> str:
    """Computed numbers, with the days of the documents that tell their settings."""
    numbers, days = map(str, row)
    if '"documents of ' not in numbers:
        return numbers
    shift = timedelta(days=int(days.split()[0]))
    return re.sub(
        r'"documents of [^"]*', lambda told: re.sub(r"[0-9-]{10}", lambda day: _day(day[0], shift), told[0]), numbers
    )


def _day(text: str, shift: timedelta) -> str:
    return (date.fromisoformat(text) + shift).isoformat()


def _name_of(*row: Any) -> str:
    serial, recorded_at, record_type = map(str, row)
    return event_file_name(serial, datetime.fromisoformat(recorded_at), RecordType(record_type))
