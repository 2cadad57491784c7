"""Rows of `handover`: folders handed over, each with the document of its files in `file_content`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

from sfm_archive.base.batches import batches


class HandoverRow(NamedTuple):
    """One folder handed over. `options` is JSON; the document of its files is the content with `record_sha256`."""

    handover_id: int
    at_utc: str
    actor: str
    target: str
    options: str
    files: int
    manifest_sha256: str
    record_sha256: str


_COLUMNS = "handover_id, at_utc, actor, target, options, files, manifest_sha256, record_sha256"


def insert(connection: apsw.Connection, row: HandoverRow, document: bytes, size: int, codec: str) -> int:
    """Add a record (its own id does not count) and its document, compressed as `codec` says; returns the new id."""
    connection.execute(
        "INSERT INTO file_content (sha256, size, codec, data) VALUES (?,?,?,?) ON CONFLICT (sha256) DO NOTHING",
        (row.record_sha256, size, codec, document),
    )
    connection.execute(
        "INSERT INTO handover (at_utc, actor, target, options, files, manifest_sha256, record_sha256)"
        " VALUES (?,?,?,?,?,?,?)",
        row[1:],
    )
    return connection.last_insert_rowid()


def read(connection: apsw.Connection, handover_id: int) -> HandoverRow | None:
    """One record."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM handover WHERE handover_id = ?", (handover_id,)).fetchone()
    return None if row is None else HandoverRow._make(row)


def all_rows(connection: apsw.Connection) -> list[HandoverRow]:
    """Every record, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM handover ORDER BY handover_id")
    return [HandoverRow._make(row) for row in rows.fetchall()]


def newest_to(connection: apsw.Connection, target: str) -> HandoverRow | None:
    """The newest record of a target."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM handover WHERE target = ? ORDER BY handover_id DESC LIMIT 1", (target,)
    ).fetchone()
    return None if row is None else HandoverRow._make(row)


_AT_ONCE = 200
"""Files looked up in one statement: four placeholders each."""


class Origin(NamedTuple):
    """Where an encoded file comes from: hash of the frames, package of the encoder, and when it first made the file."""

    frames_sha256: str
    distribution: str
    distribution_version: str
    encoded_at_utc: str


def origins(
    connection: apsw.Connection, made: Iterable[tuple[int, int, str, int]]
) -> dict[tuple[int, int, str, int], Origin]:
    """For each (event, revision, family, version): the origin that is recorded, where one is."""
    found: dict[tuple[int, int, str, int], Origin] = {}
    for page in batches(dict.fromkeys(made), _AT_ONCE):
        rows: list[Any] = connection.execute(
            f"WITH made (event_id, revision, family, version) AS (VALUES {','.join(['(?,?,?,?)'] * len(page))})"
            " SELECT made.event_id, made.revision, made.family, made.version,"
            " frames.sha256, distribution, distribution_version, encoded_at_utc"
            " FROM made JOIN encoding USING (event_id, revision, family, version)"
            " JOIN frames USING (event_id, revision)",
            [value for key in page for value in key],
        ).fetchall()
        found |= {row[:4]: Origin._make(row[4:]) for row in rows}
    return found
