"""Rows of `received_file`, `event_file`, and of `file_content` with its pieces."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.errors import BadInput
from sfm_archive.formats.frame_blob import CODEC, compress, decompress_at_most
from sfm_archive.storage import waiting_parts
from sfm_archive.storage.id_lists import IDS, ids_text

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing

PIECE_SIZE = 1 << 20
"""Bytes of a piece of a content before compression."""


class FileRow(NamedTuple):
    """A received file, without its bytes.

    `size` in bytes. `kind`: the text of a FileKind. `pairs_with`: the event file's name that its own name points to.
    `sequence`: the change that kept it. `kept`: its bytes are stored; else `reproduced_by` names the encoder that makes
    them again.
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
    sequence: int
    kept: bool


class NewFile(NamedTuple):
    """A file to add, as FileRow has it."""

    sha256: str
    size: int
    kind: str
    name: str
    folder: str
    pairs_with: str
    reproduced_by: str


_COLUMNS = (
    "received_file.file_id, lower(hex(received_file.sha256)), received_file.size, received_file.kind,"
    " received_file.name, received_file.folder, received_file.pairs_with, received_file.reproduced_by,"
    " coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = received_file.sequence), '')"
    ' AS "history.at_utc",'
    " received_file.sequence, EXISTS (SELECT 1 FROM file_content WHERE file_content.sha256 = received_file.sha256)"
)
_SELECT = f"SELECT {_COLUMNS} FROM received_file "


def _row(row: Sequence[Any]) -> FileRow:
    return FileRow._make((*row[:-1], bool(row[-1])))


def find(connection: apsw.Connection, sha256: str, kind: str, folder: str, name: str) -> int | None:
    """Id of exactly this file."""
    row = connection.execute(
        "SELECT file_id FROM received_file WHERE sha256 = ? AND kind = ? AND folder = ? AND name = ?",
        (bytes.fromhex(sha256), kind, folder, name),
    ).fetchone()
    return None if row is None else row[0]


def has_content(connection: apsw.Connection, sha256: str) -> bool:
    """Whether the bytes with this hash are stored."""
    found = connection.execute("SELECT 1 FROM file_content WHERE sha256 = ?", (bytes.fromhex(sha256),)).fetchone()
    return found is not None


def insert(writing: Writing, file: NewFile) -> int:
    """Add a file and return its id; its bytes go by `add_content`."""
    return writing.insert("received_file", {**file._asdict(), "sha256": bytes.fromhex(file.sha256)})


def link(writing: Writing, event_id: int, file_id: int) -> bool:
    """Join a file to an event; False when it was joined already."""
    return writing.insert_new("event_file", {"event_id": event_id, "file_id": file_id})


def add_content(writing: Writing, sha256: str, size: int, pieces: Iterable[bytes]) -> None:
    """Keep a content, which is not there yet: its bytes in pieces of PIECE_SIZE, the last one shorter."""
    count = -(-size // PIECE_SIZE)
    row = writing.put("file_content", {"sha256": bytes.fromhex(sha256), "size": size, "pieces": count})
    parts = []
    for position, piece in enumerate(pieces, start=1):
        data = compress(piece)
        writing.connection.execute(
            "INSERT INTO file_piece (content_id, position, codec, data) VALUES (?,?,?,?)",
            (row[0], position, CODEC, data),
        )
        parts.append((position, CODEC, hashlib.sha256(data).hexdigest()))
    writing.vouch("file_content", row, parts)


def cut(data: bytes) -> Iterator[bytes]:
    """Bytes in pieces as a content has them."""
    for start in range(0, len(data), PIECE_SIZE):
        yield data[start : start + PIECE_SIZE]


def of_event(connection: apsw.Connection, event_id: int) -> list[FileRow]:
    """Files of an event, in the order of receipt."""
    rows = connection.execute(
        _SELECT + "JOIN event_file USING (file_id) WHERE event_file.event_id = ? ORDER BY received_file.file_id",
        (event_id,),
    )
    return [_row(row) for row in rows.fetchall()]


def event_files_of(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[FileRow]]:
    """For several events, the event files received of each, newest first, where there are any; without those of which
    people said that they are another event's."""
    return of_kind(connection, event_ids, "event file", _OF_ITS_EVENT)


_OF_ITS_EVENT = (
    " AND NOT EXISTS (SELECT 1 FROM report_in_doubt AS doubt WHERE doubt.event_id = event_file.event_id"
    " AND doubt.sha256 = received_file.sha256 AND doubt.place = 0)"
)


def of_bytes(connection: apsw.Connection, event_ids: Iterable[int], hashes: Iterable[str]) -> dict[int, list[FileRow]]:
    """For several events, their files with one of these SHA-256, newest first, where there are any."""
    of_these = " AND received_file.sha256 IN (SELECT unhex(value) FROM json_each(?))"
    return _of_kinds(connection, event_ids, of_these, json.dumps(list(hashes)))


def of_kind(
    connection: apsw.Connection, event_ids: Iterable[int], kind: str, condition: str = ""
) -> dict[int, list[FileRow]]:
    """For several events, the files of one kind received of each, newest first, where there are any. `condition`: SQL
    that holds of them too."""
    return _of_kinds(connection, event_ids, f" AND received_file.kind = ?{condition}", kind)


def _of_kinds(
    connection: apsw.Connection, event_ids: Iterable[int], condition: str, bound: str
) -> dict[int, list[FileRow]]:
    ids = ids_text(event_ids)
    if ids == "[]":
        return {}  # as of most saves, where the statement would be what takes longest
    rows = connection.execute(
        f"SELECT event_file.event_id, {_COLUMNS} FROM event_file JOIN received_file USING (file_id)"
        f" WHERE event_file.event_id IN {IDS}{condition} ORDER BY received_file.file_id DESC",
        (ids, bound),
    )
    found: dict[int, list[FileRow]] = {}
    fetched: list[Any] = rows.fetchall()
    for event_id, *columns in fetched:
        found.setdefault(event_id, []).append(_row(columns))
    return found


def shared(connection: apsw.Connection, event_ids: Iterable[int], kinds: Iterable[str]) -> list[tuple[int, FileRow]]:
    """Files of some kinds that several events have: each of these events with each of its own."""
    rows: list[Any] = connection.execute(
        f"SELECT event_file.event_id, {_COLUMNS} FROM event_file JOIN received_file USING (file_id)"
        f" WHERE event_file.event_id IN {IDS} AND kind IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1"
        " FROM event_file AS other JOIN counted_event USING (event_id)"
        " WHERE other.file_id = event_file.file_id AND other.event_id <> event_file.event_id)"
        " ORDER BY event_file.event_id, received_file.file_id",
        (ids_text(event_ids), json.dumps(list(kinds))),
    ).fetchall()
    return [(event_id, _row(row)) for event_id, *row in rows]


def with_several(connection: apsw.Connection, event_ids: Iterable[int], kind: str) -> set[int]:
    """Of several events those of which files of one kind with different bytes were received."""
    rows: list[Any] = connection.execute(
        "SELECT event_file.event_id FROM event_file JOIN received_file USING (file_id)"
        f" WHERE event_file.event_id IN {IDS} AND received_file.kind = ?"
        " GROUP BY event_file.event_id HAVING count(DISTINCT received_file.sha256) > 1",
        (ids_text(event_ids), kind),
    ).fetchall()
    return {event_id for (event_id,) in rows}


def events_of(connection: apsw.Connection, file_id: int) -> list[int]:
    """Events that a file belongs to."""
    rows = connection.execute(
        "SELECT event_id FROM event_file JOIN counted_event USING (event_id) WHERE file_id = ? ORDER BY event_id",
        (file_id,),
    )
    found: list[Any] = rows.fetchall()
    return [event_id for (event_id,) in found]


WAITS = (
    "(received_file.file_id NOT IN (SELECT file_id FROM event_file)"
    f" OR received_file.sha256 IN (SELECT sha256 FROM ({waiting_parts.THAT_WAIT})))"
)
"""Whether a file waits for an event: it has none, or is a capture with a part that has none."""


KEPT_ALONE = (
    "(received_file.kind IN ('capture', 'event file') AND received_file.pairs_with = ''"
    " AND received_file.file_id NOT IN (SELECT file_id FROM event_file)"
    " AND received_file.sha256 NOT IN (SELECT sha256 FROM waiting_part))"
)
"""Whether a file is kept as received and waits for no event: a capture that holds none and no part of one, and a
monitor log that names none."""


def waiting(connection: apsw.Connection) -> list[FileRow]:
    """Files that belong to no event, those kept alone among them, and captures of which a part belongs to none."""
    rows = connection.execute(_SELECT + f"WHERE {WAITS} ORDER BY received_file.file_id")
    return [_row(row) for row in rows.fetchall()]


def count_waiting(connection: apsw.Connection) -> int:
    """How many of them wait: a look through two indexes, which costs a third of looking for each file; each is looked
    at only where there are any."""
    row: Any = connection.execute(
        "SELECT (SELECT count(*) FROM received_file) - (SELECT count(DISTINCT file_id) FROM event_file)"
        " + (SELECT count(*) FROM received_file"
        f"   WHERE sha256 IN (SELECT sha256 FROM ({waiting_parts.THAT_WAIT}))"
        "     AND file_id IN (SELECT file_id FROM event_file))"
    ).fetchone()
    if not row[0]:
        return 0
    alone: Any = connection.execute(f"SELECT count(*) FROM received_file WHERE {KEPT_ALONE}").fetchone()
    return int(row[0]) - int(alone[0])


def with_bytes(connection: apsw.Connection, sha256: str) -> list[FileRow]:
    """Files of these bytes, under whatever names, in the order of receipt."""
    rows = connection.execute(
        _SELECT + "WHERE received_file.sha256 = ? ORDER BY received_file.file_id", (bytes.fromhex(sha256),)
    )
    return [_row(row) for row in rows.fetchall()]


def named(connection: apsw.Connection, name: str, kind: str) -> list[FileRow]:
    """Files of a kind that were received under a name, whatever the case of its ASCII letters."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM received_file WHERE name = ? COLLATE NOCASE AND kind = ? ORDER BY file_id",
        (name, kind),
    )
    found: list[Any] = rows.fetchall()
    return [_row(row) for row in found]


def page(connection: apsw.Connection, condition: str, bound: Sequence[Any], behind: int, limit: int) -> list[FileRow]:
    """Up to `limit` files with an id above `behind` of which a condition holds, SQL about `received_file`."""
    rows = connection.execute(
        _SELECT + f"WHERE {condition} AND received_file.file_id > ? ORDER BY received_file.file_id LIMIT ?",
        (*bound, behind, limit),
    )
    return [_row(row) for row in rows.fetchall()]


def events_paired(connection: apsw.Connection, pairs_with: str) -> list[int]:
    """Events of the reports whose own names point to an event file's name, upper case."""
    rows = connection.execute(
        "SELECT DISTINCT event_id FROM received_file JOIN event_file USING (file_id)"
        " JOIN counted_event USING (event_id)"
        " WHERE pairs_with = ? AND pairs_with <> '' AND kind = 'report' ORDER BY event_id",
        (pairs_with,),
    )
    found: list[Any] = rows.fetchall()
    return [event_id for (event_id,) in found]


def read(connection: apsw.Connection, file_id: int) -> FileRow | None:
    """One file."""
    row = connection.execute(_SELECT + "WHERE received_file.file_id = ?", (file_id,)).fetchone()
    return None if row is None else _row(row)


class Content(NamedTuple):
    """A stored content: its number, its bytes before compression, and how many pieces it has."""

    content_id: int
    size: int
    pieces: int


def content(connection: apsw.Connection, sha256: str) -> Content | None:
    """The content with this hash."""
    row: Any = connection.execute(
        "SELECT content_id, size, pieces FROM file_content WHERE sha256 = ?", (bytes.fromhex(sha256),)
    ).fetchone()
    return None if row is None else Content._make(row)


def read_content(connection: apsw.Connection, found: Content) -> Iterator[bytes]:
    """The bytes of a content, a piece at a time; no statement stays open in between.

    Raises BadInput where a piece is missing or cannot be read, or together they have another size than is recorded;
    the hash is the caller's to check.
    """
    left = found.size
    for position in range(1, found.pieces + 1):
        row: Any = connection.execute(
            "SELECT codec, data FROM file_piece WHERE content_id = ? AND position = ?", (found.content_id, position)
        ).fetchone()
        if row is None:
            raise BadInput(f"piece {position} of {found.pieces} is missing")
        codec, packed = row
        piece = decompress_at_most(packed, codec, min(left, PIECE_SIZE))
        left -= len(piece)
        yield piece
    if left:
        raise BadInput(f"{left} of the {found.size} recorded bytes are missing")


def folders_of(connection: apsw.Connection, event_ids: Sequence[int]) -> dict[int, list[str]]:
    """The folders in which files of several events were received, by event, in the order of receipt."""
    rows: list[Any] = connection.execute(
        "SELECT event_id, folder FROM event_file JOIN received_file USING (file_id)"
        f" WHERE event_id IN {IDS} AND folder <> '' ORDER BY event_id, file_id",
        (ids_text(event_ids),),
    ).fetchall()
    found: dict[int, list[str]] = {}
    for event_id, folder in rows:
        found.setdefault(event_id, []).append(folder)
    return found
