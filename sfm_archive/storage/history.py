"""The append-only history: one row for every change, each bound to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import apsw

from sfm_archive.base.version import TOOL
from sfm_archive.errors import Damaged
from sfm_archive.storage import row_hashes
from sfm_archive.storage.changes import Change, KeepFile, change_from_text

FIRST_PREVIOUS = "0" * 64
_COLUMNS = "sequence, at_utc, actor, tool, action, event_id, detail, previous_sha256, sha256"


class HistoryRow(NamedTuple):
    """One change. `detail` is the JSON text that was hashed."""

    sequence: int
    at_utc: str
    actor: str
    tool: str
    action: str
    event_id: int
    detail: str
    previous_sha256: str
    sha256: str

    def change(self) -> Change:
        """What it says. Raises Damaged, naming the row, for an unknown action and a malformed detail."""
        return change_from_text(self.sequence, self.action, self.detail)


def row_hash(
    sequence: int, at_utc: str, actor: str, tool: str, action: str, event_id: int, detail: str, previous: str
) -> str:
    """SHA-256 of a row's JSON array; docs/format.md, "History"."""
    fields = [sequence, at_utc, actor, tool, action, event_id, detail, previous]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def append(connection: apsw.Connection, change: Change, *, at_utc: str, actor: str, event_id: int = 0) -> str:
    """Add a row behind the newest and return its hash, the new head. `event_id`: 0 for a change about no one event.

    Called when everything that the change names is written: a hash over those rows is added to it.
    """
    text = replace(change, rows_sha256=row_hashes.rows_hash(connection, event_id, change)).as_text()
    newest, previous = head(connection)
    digest = row_hash(newest + 1, at_utc, actor, TOOL, change.action, event_id, text, previous)
    connection.execute(
        f"INSERT INTO history ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
        (newest + 1, at_utc, actor, TOOL, change.action, event_id, text, previous, digest),
    )
    return digest


def head(connection: apsw.Connection) -> tuple[int, str]:
    """Sequence and hash of the newest row; (0, 64 zeros) in an empty history."""
    newest = connection.execute("SELECT sequence, sha256 FROM history ORDER BY sequence DESC LIMIT 1").fetchone()
    return (0, FIRST_PREVIOUS) if newest is None else (newest[0], newest[1])


def rows(
    connection: apsw.Connection, *, behind: int = 0, event_id: int | None = None, limit: int = 1000
) -> list[HistoryRow]:
    """Up to `limit` rows with a sequence above `behind`, oldest first; of one event where asked."""
    if event_id is None:
        found = connection.execute(
            f"SELECT {_COLUMNS} FROM history WHERE sequence > ? ORDER BY sequence LIMIT ?", (behind, limit)
        )
    else:
        found = connection.execute(
            f"SELECT {_COLUMNS} FROM history WHERE event_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            (event_id, behind, limit),
        )
    return [HistoryRow._make(row) for row in found.fetchall()]


def newest(connection: apsw.Connection, limit: int, *, event_id: int | None = None) -> list[HistoryRow]:
    """The newest `limit` rows, oldest first; of one event where asked."""
    of_event = "" if event_id is None else "WHERE event_id = ?"
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM history {of_event} ORDER BY sequence DESC LIMIT ?",
        (limit,) if event_id is None else (event_id, limit),
    )
    return [HistoryRow._make(row) for row in reversed(found.fetchall())]


class KeptFile(NamedTuple):
    """A file kept without an event: what it says of its event, as far as the history has it, and who read it."""

    kind: str
    name: str
    folder: str
    sha256: str
    tool: str
    serial: Any
    recorded_at_local: Any


def statements_of_kept_files(connection: apsw.Connection, times: Iterable[str]) -> list[KeptFile]:
    """Of the changes at those times (UTC): the files kept without an event of which the history says what they tell.

    A row that is damaged is left out, as one from before this was noted: its file is read again.
    """
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM history WHERE event_id = 0 AND action = ? AND at_utc IN (SELECT value FROM"
        " json_each(?)) ORDER BY sequence",
        (KeepFile.action, json.dumps(sorted(set(times)))),
    )
    found = []
    for row in map(HistoryRow._make, rows.fetchall()):
        with suppress(Damaged):
            change = row.change()
            if isinstance(change, KeepFile) and change.tells is not None:
                file, tells = change.files[0], change.tells
                kept = (file.kind, file.name, file.folder, file.sha256)
                found.append(KeptFile(*kept, row.tool, tells.serial, tells.recorded_at_local))
    return found


def fault(row: HistoryRow, expected: int, previous: str) -> str | None:
    """What is wrong with a row that should be number `expected` behind a row with the hash `previous`; None if nothing.

    The hashes show it; they cannot show who rewrote a whole chain. Its noted head does.
    """
    if row.sequence != expected:
        return f"rows {expected} to {row.sequence - 1} are missing before it"
    if row.previous_sha256 != previous:
        return "does not hold the hash of the row before it"
    own = row_hash(
        row.sequence, row.at_utc, row.actor, row.tool, row.action, row.event_id, row.detail, row.previous_sha256
    )
    return None if own == row.sha256 else f"was altered: it hashes to {own[:12]}…, not {row.sha256[:12]}…"
