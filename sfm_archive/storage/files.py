"""Rows of `received_file`, `file_content` and `event_file`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import apsw


class FileRow(NamedTuple):
    """A received file, without its bytes.

    `size` in bytes. `kind`: the text of a FileKind. `pairs_with`: the event file's name that its own name points to.
    `kept`: its bytes are stored; else `reproduced_by` names the encoder that makes them again.
    """

    file_id: int
    sha256: str
    size: int
    kind: str
    name: str
    folder: str
    pairs_with: str
    reproduced_by: str
    received_at_utc: str
    kept: bool


class NewFile(NamedTuple):
    """A file to add; `packed` is its compressed content, None where an encoder makes it again."""

    sha256: str
    size: int
    kind: str
    name: str
    folder: str
    pairs_with: str
    reproduced_by: str
    packed: bytes | None


_COLUMNS = (
    "received_file.file_id, received_file.sha256, received_file.size, received_file.kind, received_file.name,"
    " received_file.folder, received_file.pairs_with, received_file.reproduced_by, received_file.received_at_utc,"
    " EXISTS (SELECT 1 FROM file_content WHERE file_content.sha256 = received_file.sha256)"
)
_SELECT = f"SELECT {_COLUMNS} FROM received_file "


def _row(row: Sequence[Any]) -> FileRow:
    return FileRow._make((*row[:-1], bool(row[-1])))


def find(connection: apsw.Connection, sha256: str, kind: str, folder: str, name: str) -> int | None:
    """Id of exactly this file."""
    row = connection.execute(
        "SELECT file_id FROM received_file WHERE sha256 = ? AND kind = ? AND folder = ? AND name = ?",
        (sha256, kind, folder, name),
    ).fetchone()
    return None if row is None else row[0]


def has_content(connection: apsw.Connection, sha256: str) -> bool:
    """Whether the bytes with this hash are stored."""
    return connection.execute("SELECT 1 FROM file_content WHERE sha256 = ?", (sha256,)).fetchone() is not None


def insert(connection: apsw.Connection, file: NewFile, codec: str, received_at_utc: str) -> int:
    """Add a file, and its bytes where they are not stored yet; returns its id."""
    if file.packed is not None:
        connection.execute(
            "INSERT INTO file_content (sha256, size, codec, data) VALUES (?,?,?,?) ON CONFLICT (sha256) DO NOTHING",
            (file.sha256, file.size, codec, file.packed),
        )
    connection.execute(
        "INSERT INTO received_file (sha256, size, kind, name, folder, pairs_with, reproduced_by, received_at_utc)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (
            file.sha256,
            file.size,
            file.kind,
            file.name,
            file.folder,
            file.pairs_with,
            file.reproduced_by,
            received_at_utc,
        ),
    )
    return connection.last_insert_rowid()


def link(connection: apsw.Connection, event_id: int, file_id: int) -> bool:
    """Join a file to an event; False when it was joined already."""
    connection.execute(
        "INSERT INTO event_file (event_id, file_id) VALUES (?,?) ON CONFLICT DO NOTHING", (event_id, file_id)
    )
    return connection.changes() > 0


def of_event(connection: apsw.Connection, event_id: int) -> list[FileRow]:
    """Files of an event, in the order of receipt."""
    rows = connection.execute(
        _SELECT + "JOIN event_file USING (file_id) WHERE event_file.event_id = ? ORDER BY received_file.file_id",
        (event_id,),
    )
    return [_row(row) for row in rows.fetchall()]


def event_files_of(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[FileRow]]:
    """For several events, the event files received of each, newest first, where there are any."""
    return of_kind(connection, event_ids, "event file")


def of_kind(connection: apsw.Connection, event_ids: Iterable[int], kind: str) -> dict[int, list[FileRow]]:
    """For several events, the files of one kind received of each, newest first, where there are any."""
    ids = "[" + ",".join(str(int(event_id)) for event_id in event_ids) + "]"
    rows = connection.execute(
        f"SELECT event_file.event_id, {_COLUMNS} FROM event_file JOIN received_file USING (file_id)"
        " WHERE event_file.event_id IN (SELECT value FROM json_each(?)) AND received_file.kind = ?"
        " ORDER BY received_file.file_id DESC",
        (ids, kind),
    )
    found: dict[int, list[FileRow]] = {}
    fetched: list[Any] = rows.fetchall()
    for event_id, *columns in fetched:
        found.setdefault(event_id, []).append(_row(columns))
    return found


def events_of(connection: apsw.Connection, file_id: int) -> list[int]:
    """Events that a file belongs to."""
    rows = connection.execute("SELECT event_id FROM event_file WHERE file_id = ? ORDER BY event_id", (file_id,))
    found: list[Any] = rows.fetchall()
    return [event_id for (event_id,) in found]


def waiting(connection: apsw.Connection) -> list[FileRow]:
    """Files that belong to no event yet."""
    rows = connection.execute(
        _SELECT + "WHERE received_file.file_id NOT IN (SELECT file_id FROM event_file) ORDER BY received_file.file_id"
    )
    return [_row(row) for row in rows.fetchall()]


def read(connection: apsw.Connection, file_id: int) -> FileRow | None:
    """One file."""
    row = connection.execute(_SELECT + "WHERE received_file.file_id = ?", (file_id,)).fetchone()
    return None if row is None else _row(row)


def content(connection: apsw.Connection, sha256: str) -> tuple[int, str, bytes] | None:
    """Size, codec and compressed bytes of a content."""
    return connection.execute("SELECT size, codec, data FROM file_content WHERE sha256 = ?", (sha256,)).fetchone()
