"""The append-only history: one row for every change, each bound to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.base.version import TOOL
from sfm_archive.errors import Damaged
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.row_hashes import Listed
from sfm_archive.storage.row_hashes import listed as listed_rows
from sfm_archive.storage.same_events import COUNTING

if TYPE_CHECKING:
    from sfm_archive.storage.change import Change  # a class each, which a list does not pay for

FIRST_PREVIOUS = "0" * 64
_COLUMNS = (
    "sequence, at_utc, actor, tool, action, event_id, detail, lower(hex(rows)), coalesce((SELECT lower(hex(sha256))"
    f" FROM history AS before WHERE before.sequence = history.sequence - 1), '{FIRST_PREVIOUS}'), lower(hex(sha256))"
)
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class HistoryRow(NamedTuple):
    """One change. `detail`: the JSON text that was hashed. `rows`: of each row that it wrote the number of its table
    and its hash, in hexadecimal. `previous_sha256`: of the row before, as it stands there."""

    sequence: int
    at_utc: str
    actor: str
    tool: str
    action: str
    event_id: int
    detail: str
    rows: str
    previous_sha256: str
    sha256: str

    @property
    def listed(self) -> list[Listed]:
        """The rows that it wrote. Raises ValueError where that cannot be read."""
        return listed_rows(self.rows)

    def change(self) -> Change:
        """What it says. Raises Damaged, naming the row, for an unknown action and a malformed detail."""
        from sfm_archive.storage.changes import change_from_text

        return change_from_text(self.sequence, self.action, self.detail)


def row_hash(
    sequence: int, at_utc: str, actor: str, tool: str, action: str, event_id: int, detail: str, rows: str, previous: str
) -> str:
    """SHA-256 of a row's JSON array; docs/format.md, "History"."""
    text = _text([sequence, at_utc, actor, tool, action, event_id, detail, rows, previous])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def append(
    connection: apsw.Connection,
    change: Change,
    *,
    sequence: int,
    previous: str,
    at_utc: str,
    actor: str,
    event_id: int,
    rows: bytes,
) -> str:
    """Add a row behind the newest, whose number and hash are given by `sequence` - 1 and `previous`; its own hash.

    For `Writing.note`, which knows the rows that the change wrote.
    """
    text = change.as_text()
    digest = row_hash(sequence, at_utc, actor, TOOL, change.action, event_id, text, rows.hex(), previous)
    connection.execute(
        "INSERT INTO history (sequence, at_utc, actor, tool, action, event_id, detail, rows, sha256)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (sequence, at_utc, actor, TOOL, change.action, event_id, text, rows, bytes.fromhex(digest)),
    )
    return digest


def head(connection: apsw.Connection) -> tuple[int, str]:
    """Sequence and hash of the newest row; (0, 64 zeros) in an empty history."""
    newest = connection.execute(
        "SELECT sequence, lower(hex(sha256)) FROM history ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return (0, FIRST_PREVIOUS) if newest is None else (newest[0], newest[1])


def last_before(connection: apsw.Connection, at_utc: str) -> int:
    """The number of the change before the first one that was made at that time, UTC, or later; of the newest where none
    was."""
    first: Any = connection.execute(
        "SELECT sequence FROM history WHERE at_utc >= ? ORDER BY sequence LIMIT 1", (at_utc,)
    ).fetchone()
    return head(connection)[0] if first is None else int(first[0]) - 1


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


def concerning(connection: apsw.Connection, event_id: int) -> set[int]:
    """The numbers of the changes that concern an event without being of it alone: a file that waited for it, the zone
    of its unit's clock, its unit's settings as stated, where that stood and which limits hold there, corrections,
    calibrations, blasts, another encoder or decoder pinned since it came, a decision on a file with the bytes of one of
    its."""
    from sfm_archive.storage.changes import PinDecoder, PinEncoder

    found: Any = connection.execute(
        "WITH own AS (SELECT file_id, sha256, received_file.sequence FROM event_file JOIN received_file USING (file_id)"
        "             WHERE event_id = :event)"
        " SELECT sequence FROM own"
        " UNION SELECT sequence FROM left_out WHERE sha256 IN (SELECT sha256 FROM own)"
        " UNION SELECT sequence FROM report_decision WHERE sha256 IN (SELECT sha256 FROM own)"
        " UNION SELECT sequence FROM unit_time_zone WHERE serial = (SELECT serial FROM event WHERE event_id = :event)"
        " UNION SELECT sequence FROM unit_setting WHERE serial = (SELECT serial FROM event WHERE event_id = :event)"
        " UNION SELECT sequence FROM unit_window WHERE serial = (SELECT serial FROM event WHERE event_id = :event)"
        " UNION SELECT sequence FROM calibration WHERE serial = (SELECT serial FROM event WHERE event_id = :event)"
        " UNION SELECT sequence FROM point_limits WHERE point IN (SELECT point FROM unit_window"
        "       WHERE serial = (SELECT serial FROM event WHERE event_id = :event))"
        " UNION SELECT sequence FROM history WHERE event_id IN"
        "       (SELECT was_event FROM same_event WHERE same_event.event_id = :event)"
        f" UNION SELECT sequence FROM correction WHERE {COUNTING.format('of_event')} = :event"
        "       OR serial = (SELECT serial FROM event WHERE event_id = :event)"
        f" UNION SELECT sequence FROM blast_event WHERE {COUNTING.format('of_event')} = :event"
        " UNION SELECT sequence FROM history WHERE event_id = 0 AND action IN (:encoder, :decoder)"
        "       AND sequence > (SELECT sequence FROM event WHERE event_id = :event)",
        {"event": event_id, "encoder": PinEncoder.action, "decoder": PinDecoder.action},
    )
    return {sequence for (sequence,) in found}


def of_handovers(connection: apsw.Connection, numbers: Iterable[int]) -> list[int]:
    """The numbers of the changes that left these records of hand-overs."""
    found: Any = connection.execute(f"SELECT sequence FROM handover WHERE handover_id IN {IDS}", (ids_text(numbers),))
    return [sequence for (sequence,) in found]


def numbered(connection: apsw.Connection, sequences: Iterable[int]) -> list[HistoryRow]:
    """These changes, oldest first."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM history WHERE sequence IN {IDS} ORDER BY sequence",
        (ids_text(sorted(set(sequences))),),
    )
    return [HistoryRow._make(row) for row in found.fetchall()]


class KeptFile(NamedTuple):
    """What a file kept without an event says of its event, as far as the history has it, and who read it."""

    tool: str
    serial: Any
    recorded_at_local: Any


def statements_of_kept_files(connection: apsw.Connection, sequences: Iterable[int]) -> dict[int, KeptFile]:
    """Of those changes that kept a file without an event and say what it tells: that, by number.

    A row that is damaged is left out, as one that does not say it: its file is read again.
    """
    from sfm_archive.storage.changes import KeepFile

    found = {}
    for row in numbered(connection, sequences):
        with suppress(Damaged):
            change = row.change()
            if isinstance(change, KeepFile) and change.tells is not None:
                found[row.sequence] = KeptFile(row.tool, change.tells.serial, change.tells.recorded_at_local)
    return found


def serials_of_kept_parts(connection: apsw.Connection) -> dict[str, str]:
    """By the hash of each capture the serial that its user gave when parts of it were kept, where one was given. A
    damaged row is left out."""
    from sfm_archive.storage.changes import KeepParts

    rows: list[Any] = connection.execute(
        "SELECT DISTINCT sequence, lower(hex(sha256)) FROM waiting_part WHERE position = 1"
    ).fetchall()
    captures = dict(rows)
    found: dict[str, str] = {}
    for row in numbered(connection, captures):
        with suppress(Damaged):
            change = row.change()
            if isinstance(change, KeepParts) and change.serial:
                found[captures[row.sequence]] = change.serial
    return found


def fault(row: HistoryRow, expected: int, previous: str) -> str | None:
    """What is wrong with a row that should be number `expected` behind a row with the hash `previous`; None if nothing.

    The hashes show it; they cannot show who rewrote a whole chain. Its noted head does.
    """
    if row.sequence != expected:
        return f"rows {expected} to {row.sequence - 1} are missing before it"
    own = row_hash(*row[:8], previous)
    if own == row.sha256:
        return None
    return (
        f"was altered, or does not hold the hash of the row before it: it hashes to {own[:12]}…, not {row.sha256[:12]}…"
    )
