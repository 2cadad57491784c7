"""The archive's own row: who made it, when, and which encoder and decoder it pins."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from sfm_archive.storage import files


class ArchiveRow(NamedTuple):
    """What the archive says of itself."""

    archive_id: str
    created_at_utc: str
    created_by: str
    pinned_encoder: str
    pinned_decoder: str


def insert(connection: apsw.Connection, row: ArchiveRow) -> None:
    """Write the one row of a new archive."""
    connection.execute(
        "INSERT INTO archive (only_row, archive_id, created_at_utc, created_by, pinned_encoder, pinned_decoder)"
        " VALUES (1,?,?,?,?,?)",
        row,
    )


def read(connection: apsw.Connection) -> ArchiveRow | None:
    """The row, None in a file whose making was cut off."""
    found = connection.execute(
        "SELECT archive_id, created_at_utc, created_by, pinned_encoder, pinned_decoder FROM archive"
    ).fetchone()
    return None if found is None else ArchiveRow._make(found)


def pin_encoder(connection: apsw.Connection, name: str) -> None:
    """Change the pinned encoder."""
    connection.execute("UPDATE archive SET pinned_encoder = ?", (name,))


def pin_decoder(connection: apsw.Connection, name: str) -> None:
    """Change the pinned decoder."""
    connection.execute("UPDATE archive SET pinned_decoder = ?", (name,))


class Counts(NamedTuple):
    """How much an archive holds. `frames` counts revisions, `bytes_*` are sizes before and after compression."""

    events: int
    units: int
    frames: int
    files: int
    waiting_files: int
    readings: int
    encodings: int
    history: int
    frame_bytes: int
    stored_frame_bytes: int
    file_bytes: int
    stored_file_bytes: int
    earliest_local: str
    latest_local: str


def counts(connection: apsw.Connection) -> Counts:
    """Counts over the whole archive."""
    (row,) = connection.execute(
        f"""
        SELECT (SELECT count(*) FROM counted_event),
               (SELECT count(DISTINCT serial) FROM counted_event),
               (SELECT count(*) FROM frames),
               (SELECT count(*) FROM received_file),
               (SELECT count(*) FROM received_file WHERE {files.WAITS} AND NOT {files.KEPT_ALONE}),
               (SELECT count(*) FROM reading),
               (SELECT count(*) FROM encoding),
               (SELECT count(*) FROM history),
               (SELECT coalesce(sum(logical_size), 0) FROM frames),
               (SELECT coalesce(sum(length(data)), 0) FROM frames),
               (SELECT coalesce(sum(size), 0) FROM file_content WHERE sha256 IN (SELECT sha256 FROM received_file)),
               (SELECT coalesce(sum(length(data)), 0) FROM file_piece JOIN file_content USING (content_id)
                WHERE sha256 IN (SELECT sha256 FROM received_file)),
               (SELECT coalesce(min(recorded_at_local), '') FROM counted_event) AS "event.recorded_at_local",
               (SELECT coalesce(max(recorded_at_local), '') FROM counted_event) AS "event.recorded_at_local"
        """
    ).fetchall()
    return Counts._make(row)
