"""Every column of every table with what no program writes there, and all commands that read an archive on it.

The altered values are written into the file below everything that guards it: types, checks, keys, triggers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import apsw

import sfm_archive as sfm
from sfm_archive.errors import ExitCode
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.selftest.reading_commands import run_all
from sfm_archive.storage.tables import schema_text, tables
from sfm_archive.testing import ascii_report, read_out, simulate_waveform

KINDS: dict[str, str] = {
    "bytes": "CAST({column} AS BLOB)",
    "nothing": "NULL",
    "largest number": "9223372036854775807",
    "minus one": "-1",
    "a fraction": "0.5",
    "no text": "''",
    "odd text": "'odd \x1b[1m\u2028text'",
    "not UTF-8": "CAST(x'41ff42' AS TEXT)",
    "infinite": "9e999",
    "enormous": "1e300",
    "JSON beyond numbers": '\'{"a":{"b":{"Tran":1e400}}}\'',
    "JSON list": "'[1e400, null, {}]'",
    "deep JSON": "printf('%.100000c%.100000c', '[', ']')",
}
"""What is put into a cell, as SQLite's expression."""


_SCHEMA_COLUMNS = "type, name, tbl_name, rootpage, sql"


class Alteration(NamedTuple):
    """One cell: of the first row or the last one of a table, and what it gets."""

    table: str
    column: str
    kind: str
    last: bool

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of the {'last' if self.last else 'first'} row: {self.kind}"


def archive_to_alter(path: Path) -> None:
    """A small archive with at least one row of every kind, and everything that a command reads."""
    archive_of_everything(path)
    with sfm.open(path) as archive:
        simulated = simulate_waveform(Random(4), serial="BE11524", recorded_at=datetime(2026, 5, 4, 9))
        event = sfm.Event(serial=simulated.serial, recorded_at=simulated.recorded_at, record_type=simulated.record_type)
        report = ascii_report(simulated, file_name="W.TXT")
        kept = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="W.TXT", data=report)
        archive.save(event, read_out(simulated), files=[kept])
        archive.review(2, false_trigger=True, notes="truck", reviewer="A. Miller")


def alterations() -> list[Alteration]:
    """All of them."""
    return [
        Alteration(table.name, column.name, kind, last)
        for table in tables(schema_text()).values()
        for column in table.columns
        for kind in KINDS
        for last in (False, True)
    ]


@dataclass(slots=True)
class Altered:
    """What became of the alterations. `commands`: run on them; `refused`: of these how many said that the archive is
    damaged. `wrong` must be empty."""

    cells: int = 0
    commands: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def alter_and_read(folder: Path, chosen: Iterable[Alteration], *, without: frozenset[str] = frozenset()) -> Altered:
    """Each of these alterations alone, and all reading commands on it; `sfm verify` has to find it."""
    folder.mkdir(parents=True, exist_ok=True)
    archive_to_alter(folder / "good.sfm")
    alterer, found = Alterer(folder / "good.sfm", folder), Altered()
    for one in chosen:
        data = alterer.altered(one)
        if data is None:
            continue
        found.cells += 1
        for ran in run_all(folder, data, without=without):
            found.commands += 1
            found.refused += ran.code == ExitCode.DAMAGED
            if ran.wrong:
                found.wrong.append(f"{one}: {ran.wrong}")
            elif ran.command == "verify" and ran.code != ExitCode.DAMAGED:
                found.wrong.append(f"{one}: verify does not find it")
    return found


class Alterer:
    """Alters cells of one archive."""

    def __init__(self, good: Path, folder: Path) -> None:
        self._path = folder / "altered.sfm"
        self._path.write_bytes(good.read_bytes())
        with _unguarded(self._path) as connection:
            self._schema: list[Any] = connection.execute(f"SELECT {_SCHEMA_COLUMNS} FROM sqlite_schema").fetchall()  # noqa: S608
            connection.execute("DELETE FROM sqlite_schema WHERE type IN ('trigger', 'view')")
            for kind, name, _, _, sql in self._schema:
                if kind == "table":
                    connection.execute(
                        "UPDATE sqlite_schema SET sql = ? WHERE name = ?", (_without_types(str(sql)), name)
                    )
        self._unguarded = self._path.read_bytes()

    def altered(self, one: Alteration) -> bytes | None:
        """The archive with one cell altered; None where the table is empty, or the cell is or cannot be that."""
        self._path.write_bytes(self._unguarded)
        table = tables(schema_text())[one.table]
        key = ", ".join(table.columns[place].name for place in table.key)
        order = ", ".join(f"{table.columns[place].name} {'DESC' if one.last else 'ASC'}" for place in table.key)
        with _unguarded(self._path) as connection:
            expression = KINDS[one.kind].replace("{column}", one.column)
            differs = f"({one.column} IS NOT {expression} OR typeof({one.column}) <> typeof({expression}))"
            row = f"({key}) = (SELECT {key} FROM {one.table} ORDER BY {order} LIMIT 1)"  # noqa: S608
            try:
                connection.execute(f"UPDATE {one.table} SET {one.column} = {expression} WHERE {row} AND {differs}")  # noqa: S608
            except (apsw.ConstraintError, apsw.MismatchError):
                return None
            if not connection.changes():
                return None
            connection.execute("DELETE FROM sqlite_schema")
            connection.executemany(
                f"INSERT INTO sqlite_schema ({_SCHEMA_COLUMNS}) VALUES (?,?,?,?,?)",  # noqa: S608
                self._schema,
            )
        return self._path.read_bytes()


@contextmanager
def _unguarded(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path))
    try:
        for setting in (
            "foreign_keys = OFF",
            "ignore_check_constraints = ON",
            "writable_schema = ON",
            "synchronous = OFF",
        ):
            connection.execute(f"PRAGMA {setting}")
        yield connection
    finally:
        connection.close()


def _without_types(sql: str) -> str:
    """A table's statement that takes anything in any column, stored in the same way."""
    sql = re.sub(r"--[^\n]*", "", sql)
    sql = re.sub(r"\)\s*STRICT,?\s*(WITHOUT ROWID)?$", lambda found: f") {found[1] or ''}", sql)
    sql = re.sub(r"\bINTEGER PRIMARY KEY\b", "@", sql)
    sql = re.sub(r"(?m)^(\s+\w+\s+)(TEXT|INTEGER|REAL|BLOB)(\s+NOT NULL)?", r"\1BLOB", sql)
    return sql.replace("@", "INTEGER PRIMARY KEY")
