"""The append-only history: one row for every change, each bound to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage import row_hashes

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


def row_hash(
    sequence: int, at_utc: str, actor: str, tool: str, action: str, event_id: int, detail: str, previous: str
) -> str:
    """SHA-256 of a row's JSON array; docs/format.md, "History"."""
    fields = [sequence, at_utc, actor, tool, action, event_id, detail, previous]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def append(
    connection: apsw.Connection,
    *,
    at_utc: str,
    actor: str,
    tool: str,
    action: str,
    event_id: int,
    detail: dict[str, Any],
) -> str:
    """Add a row behind the newest and return its hash, the new head.

    Called when everything that `detail` speaks of is written: a hash over those rows is added to it.
    """
    written = row_hashes.rows_hash(connection, event_id, detail)
    if written:
        detail = {**detail, row_hashes.KEY: written}
    newest = connection.execute("SELECT sequence, sha256 FROM history ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, previous = (1, FIRST_PREVIOUS) if newest is None else (newest[0] + 1, newest[1])
    text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = row_hash(sequence, at_utc, actor, tool, action, event_id, text, previous)
    connection.execute(
        f"INSERT INTO history ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",
        (sequence, at_utc, actor, tool, action, event_id, text, previous, digest),
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


class Told(NamedTuple):
    """What a file said of its event when it was kept without one, as far as the history has it, and who read it."""

    kind: str
    name: str
    folder: str
    sha256: str
    tool: str
    serial: Any
    recorded_at_local: Any


def told_when_kept(connection: apsw.Connection, times: Iterable[str]) -> list[Told]:
    """For the changes at those times (UTC) that kept a file without an event and say what it tells."""
    found = connection.execute(
        "SELECT json_extract(detail, '$.files[0].kind'), json_extract(detail, '$.files[0].name'),"
        " json_extract(detail, '$.files[0].folder'), json_extract(detail, '$.files[0].sha256'), tool,"
        " json_extract(detail, '$.tells.serial'), json_extract(detail, '$.tells.recorded_at_local') FROM history"
        " WHERE event_id = 0 AND action = 'keep file' AND at_utc IN (SELECT value FROM json_each(?))"
        " AND json_type(detail, '$.tells') = 'object' ORDER BY sequence",
        (json.dumps(sorted(set(times))),),
    )
    return [Told._make(row) for row in found.fetchall()]


def fault(row: HistoryRow, expected: int, previous: str) -> str | None:
    """What is wrong with a row that should be number `expected` behind a row with the hash `previous`; None if nothing.

    The hashes show it; they cannot show who rewrote a whole chain. Its noted head does.
    """
    if row.sequence != expected:
        return f"rows {expected} to {row.sequence - 1} are missing before it"
    if row.previous_sha256 != previous:
        return "is not bound to the row before it"
    own = row_hash(
        row.sequence, row.at_utc, row.actor, row.tool, row.action, row.event_id, row.detail, row.previous_sha256
    )
    return None if own == row.sha256 else f"was altered: it hashes to {own[:12]}…, not {row.sha256[:12]}…"
