"""What an archive holds, row by row, read past the archive's own code; and whether a file is sound.

Two archives with the same `State` hold the same: every row of every table, the schema and the header's numbers.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import apsw

import sfm_archive as sfm
from sfm_archive.archive.reading import waiting_files
from sfm_archive.selftest.recording import normal_vfs
from sfm_archive.storage.structure import tokens

ZEROS = "0" * 64


class State(NamedTuple):
    """Hash of everything, rows for each table, and the hash of each history row in order."""

    sha256: str
    rows: tuple[tuple[str, int], ...]
    history: tuple[str, ...]

    def __str__(self) -> str:
        held = ", ".join(f"{count} {table}" for table, count in self.rows if count)
        return f"{self.sha256[:12]} ({held or 'nothing'})"


def read_state(path: Path, *, but_its_seal: bool = False) -> State:
    """Everything in the file at `path`, read with a connection of its own; changes nothing of it. `but_its_seal`: the
    last change of a sealed copy is left out."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=normal_vfs())
    try:
        connection.set_busy_timeout(10_000)
        return _state(connection, but_its_seal=but_its_seal)
    finally:
        connection.close()


def _state(connection: apsw.Connection, *, but_its_seal: bool) -> State:
    digest = hashlib.sha256()
    entries: list[Any] = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    schema = [(kind, name, tokens(sql or "")) for kind, name, sql in entries]  # comments and blanks do nothing
    header = [connection.pragma("application_id"), connection.pragma("user_version")]
    digest.update(repr((header, schema)).encode())
    counts, history = [], ()
    for table in sorted(name for kind, name, _ in schema if kind == "table"):
        rows = _rows(connection, table, "WHERE sequence < (SELECT max(sequence) FROM seal)" if but_its_seal else "")
        digest.update(repr((table, rows)).encode())
        counts.append((table, len(rows)))
        if table == "history":
            known: list[Any] = connection.execute("SELECT sha256 FROM history ORDER BY sequence").fetchall()
            history = tuple(sha256 for (sha256,) in known[: len(rows)])
    return State(digest.hexdigest(), tuple(counts), history)


def _rows(connection: apsw.Connection, table: str, before_the_seal: str) -> list[str]:
    where = before_the_seal if table in ("history", "seal") else ""
    return sorted(map(repr, connection.execute(f'SELECT * FROM "{table}" {where}').fetchall()))  # noqa: S608


def faults_of_file(path: Path) -> list[str]:
    """What SQLite's own checks say of the file; empty where it is sound."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=normal_vfs())
    try:
        connection.set_busy_timeout(10_000)
        found: list[Any] = connection.execute("PRAGMA integrity_check").fetchall()
        faults = [f"integrity check: {text}" for (text,) in found if text != "ok"]
        broken: list[Any] = connection.execute("PRAGMA foreign_key_check").fetchall()
        return faults + [f"a row of {row[0]} points to nothing" for row in broken]
    finally:
        connection.close()


def faults_of_content(path: Path) -> list[str]:
    """What the archive's own hashes say: every revision and file is read, the history is chained, verify passes."""
    faults = []
    with sfm.open(path, read_only=True) as archive:
        for event in archive.events():
            for row in archive.revisions(event.event_id):
                archive.frames(event.event_id, row.revision)
            for file in archive.files(event.event_id):
                archive.file_bytes(file, event.event_id)
        for file in waiting_files(archive.store):
            archive.file_bytes(file)
        previous = ZEROS
        for change in archive.history():
            if change.previous_sha256 != previous:
                faults.append(f"history row {change.sequence} does not follow the one before")
            previous = change.sha256
        report = archive.verify()
        faults += [f"{finding.subject}: {finding.message}" for finding in report.damage]
    return faults
