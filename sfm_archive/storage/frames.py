"""Rows of `frames`: the revisions of each event's A5 frames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.formats.frame_blob import FrameBlob
from sfm_archive.storage.id_lists import IDS, ids_text

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


CURRENT_FIRST = (
    "whole DESC, (SELECT at_utc FROM first_made WHERE first_made.sequence = {0}.sequence"
    " AND (SELECT max(merged_id) FROM merged_change) > 0) DESC, revision DESC"
)
"""The order of an event's revisions, {0} being their table: the first one is current (the view `current_frames`)."""


class FramesRow(NamedTuple):
    """One revision of an event's frames, without its bytes. `whole`: it holds every byte of the event. Sizes in bytes:
    `logical_size` as packed, `stored_size` compressed by `codec`; `sha256` is of the packed ones."""

    event_id: int
    revision: int
    format_version: int
    codec: str
    sha256: str
    logical_size: int
    frame_count: int
    whole: bool
    stored_size: int
    received_at_utc: str


def _row(row: tuple[Any, ...]) -> FramesRow:
    return FramesRow(*row)._replace(whole=bool(row[7]))


_COLUMNS = (
    "event_id, revision, format_version, codec, lower(hex(sha256)), logical_size, frame_count, whole,"
    ' length(data) AS "frames.data INTEGER",'
    " coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = frames.sequence), '')"
    ' AS "history.at_utc"'
)


def revision_of(connection: apsw.Connection, event_id: int, sha256: str) -> int | None:
    """The revision that holds exactly these frames."""
    row = connection.execute(
        "SELECT revision FROM frames WHERE event_id = ? AND sha256 = ?", (event_id, bytes.fromhex(sha256))
    ).fetchone()
    return None if row is None else row[0]


def newest_revision(connection: apsw.Connection, event_id: int) -> int:
    """The newest revision, 0 where the event has no frames."""
    row = connection.execute("SELECT max(revision) FROM frames WHERE event_id = ?", (event_id,)).fetchone()
    return row[0] or 0 if row is not None else 0


def insert(writing: Writing, event_id: int, revision: int, blob: FrameBlob, whole: bool) -> None:
    """Add a revision."""
    row = {
        "event_id": event_id,
        "revision": revision,
        "format_version": blob.format_version,
        "codec": blob.codec,
        "sha256": bytes.fromhex(blob.sha256),
        "logical_size": blob.logical_size,
        "frame_count": blob.frame_count,
        "whole": int(whole),
        "data": blob.data,
    }
    writing.insert("frames", row)


_BLOB_COLUMNS = "format_version, codec, lower(hex(sha256)), logical_size, frame_count, data, revision"
_BLOB = f"SELECT {_BLOB_COLUMNS} FROM frames WHERE event_id = ?"


def _blob(row: tuple[Any, ...]) -> FrameBlob:
    format_version, codec, sha256, logical_size, frame_count, data, _ = row
    return FrameBlob(
        format_version=format_version,
        codec=codec,
        sha256=sha256,
        logical_size=logical_size,
        frame_count=frame_count,
        data=data,
    )


def blob_of_row(columns: Mapping[str, Any]) -> FrameBlob:
    """The blob of a row with its columns as the schema has them."""
    fields = ("format_version", "codec", "logical_size", "frame_count", "data")
    return FrameBlob(sha256=columns["sha256"].hex(), **{name: columns[name] for name in fields})


def read(connection: apsw.Connection, event_id: int, revision: int) -> FrameBlob | None:
    """The bytes of one revision."""
    row = connection.execute(f"{_BLOB} AND revision = ?", (event_id, revision)).fetchone()
    return None if row is None else _blob(row)


def of_keys(connection: apsw.Connection, keys: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], FrameBlob]:
    """The bytes of several revisions, by event and revision."""
    rows: list[Any] = connection.execute(
        f"SELECT {_BLOB_COLUMNS}, event_id FROM json_each(?) AS wanted JOIN frames"
        " ON event_id = wanted.value ->> 0 AND revision = wanted.value ->> 1",
        (json.dumps(list(keys)),),
    ).fetchall()
    return {(row[-1], row[-2]): _blob(row[:-1]) for row in rows}


def read_current(connection: apsw.Connection, event_id: int) -> tuple[int, FrameBlob] | None:
    """Number and bytes of the newest whole revision, the newest where none is whole."""
    row = connection.execute(f"{_BLOB} ORDER BY {CURRENT_FIRST.format('frames')} LIMIT 1", (event_id,)).fetchone()
    return None if row is None else (row[-1], _blob(row))


def events_with_holes(
    connection: apsw.Connection, lowest_key: int, highest_key: int, serial: str, recorded_at_local: str
) -> list[int]:
    """Events whose start key lies in a range, that have frames and no whole revision; of a unit and a moment, '' for
    any."""
    rows: list[Any] = connection.execute(
        "SELECT event_id FROM event_key JOIN counted_event USING (event_id) WHERE start_key BETWEEN ? AND ?"
        " AND ? IN ('', serial) AND ? IN ('', recorded_at_local)"
        " AND event_id IN (SELECT event_id FROM frames GROUP BY event_id HAVING max(whole) = 0) ORDER BY event_id",
        (lowest_key, highest_key, serial, recorded_at_local),
    ).fetchall()
    return [event_id for (event_id,) in rows]


def whole_events_around(connection: apsw.Connection, start: int, end: int) -> list[int]:
    """Events with a whole revision whose memory can hold these addresses; the packed size of their frames is never less
    than that of what they bring."""
    rows: list[Any] = connection.execute(
        "SELECT DISTINCT event_id FROM event_key JOIN frames USING (event_id) WHERE whole = 1"
        " AND start_key <= ? AND start_key + logical_size >= ? ORDER BY event_id",
        (start, end),
    ).fetchall()
    return [event_id for (event_id,) in rows]


def current_of(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, tuple[int, FrameBlob]]:
    """The same of several events by id; events without frames are left out."""
    rows: list[Any] = connection.execute(
        f"SELECT {_BLOB_COLUMNS}, event_id FROM json_each(?) AS wanted JOIN frames ON event_id = wanted.value"
        " AND revision = (SELECT revision FROM frames AS own WHERE own.event_id = wanted.value"
        f"                 ORDER BY {CURRENT_FIRST.format('own')} LIMIT 1)",
        (ids_text(event_ids),),
    ).fetchall()
    return {row[-1]: (row[-2], _blob(row[:-1])) for row in rows}


def hashes_of(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Of several events number and hash of the current revision, without its bytes; events without frames are left
    out."""
    rows: list[Any] = connection.execute(
        "SELECT event_id, revision, lower(hex(sha256)) FROM json_each(?) AS wanted JOIN frames"
        " ON event_id = wanted.value AND revision = (SELECT revision FROM frames AS own"
        f" WHERE own.event_id = wanted.value ORDER BY {CURRENT_FIRST.format('own')} LIMIT 1)",
        (ids_text(event_ids),),
    ).fetchall()
    return {event_id: (revision, sha256) for event_id, revision, sha256 in rows}


def whole_revisions(connection: apsw.Connection, event_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Event and revision of every whole revision of several events."""
    ids = ids_text(event_ids)
    rows: list[Any] = connection.execute(
        f"SELECT event_id, revision FROM frames WHERE whole = 1 AND event_id IN {IDS}", (ids,)
    ).fetchall()
    return {(event_id, revision) for event_id, revision in rows}


def revisions(connection: apsw.Connection, event_id: int) -> list[FramesRow]:
    """All revisions of an event, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM frames WHERE event_id = ? ORDER BY revision", (event_id,))
    return [_row(row) for row in rows.fetchall()]
