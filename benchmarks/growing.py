"""Archives of very many events for measurements of reading: rows of a small one again and again, each time later.

Saving a million events takes a quarter of an hour of the processor; copying their rows takes less than a minute. A
copy has the ids of its own, and the times, days and names of its own; everything else is that of the event it was
copied from, its frames too. So every list, filter, summary and export reads as much, and finds as much, as in an
archive that was saved. The history is copied as it stands and binds none of it: `sfm verify` calls such an archive
damaged, as it should. What verifies, backs up or seals is measured on archives that were saved.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.model.events import RecordType

_SHIFTED = ("event_id", "sequence", "reading_id")
"""Numbers that count on in a copy, where a table has them."""

_TIMES = {
    "recorded_at_local": "strftime('%Y-%m-%dT%H:%M:%S', {}, :days)",
    "start_local": "strftime('%Y-%m-%dT%H:%M:%S', {}, :days)",
    "stop_local": "coalesce(strftime('%Y-%m-%dT%H:%M:%S', nullif({}, ''), :days), '')",
    "day": "date({}, :days)",
}
"""Columns with device-local times; whole days later, an event of several days stays one."""

_TABLES = (
    "history", "event", "event_key", "event_name", "frames", "reading", "value", "encoding", "finding",
    "event_computed", "event_summary", "event_peaks",
)  # fmt: skip
"""Tables with rows of events; archives of the benchmark have no files."""


def grown(small: Path, large: Path, times: int) -> None:
    """Make `large` of `small` and `times` - 1 copies of its events, each a day later than the one before."""
    partly = large.with_suffix(".growing.sfm")
    shutil.copyfile(small, partly)
    connection = apsw.Connection(str(partly))
    for setting in ("journal_mode = off", "synchronous = off", "cache_size = -500000"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    connection.create_scalar_function("name_of", _name_of, 3, deterministic=True)
    numbers = {name: _next(connection, name) for name in _SHIFTED}
    statements = [_copying(connection, table) for table in _TABLES]
    connection.execute("BEGIN")
    for number in range(1, times):
        bound: dict[str, Any] = {name: number * step for name, step in numbers.items()}
        for statement in statements:
            connection.execute(statement, {**bound, "days": f"+{number} days", "first": numbers["event_id"]})
        if sys.stderr.isatty():
            print(f"\r{number} of {times - 1} copies", end="", file=sys.stderr)
    connection.execute("COMMIT")
    connection.close()
    partly.rename(large)


def _next(connection: apsw.Connection, name: str) -> int:
    """How many numbers a column has, from the start to its highest."""
    table = {"event_id": "event", "sequence": "history", "reading_id": "reading"}[name]
    row: Any = connection.execute(f"SELECT max({name}) FROM {table}").fetchone()
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
    if table == "history":
        where = "event_id BETWEEN 1 AND :first"
    elif table != "value":
        where = f"one.{where}"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(made)} FROM {table} AS one{joined} WHERE {where}"
    )


def _name_of(*row: Any) -> str:
    serial, recorded_at, record_type = map(str, row)
    return event_file_name(serial, datetime.fromisoformat(recorded_at), RecordType(record_type))
