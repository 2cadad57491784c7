"""Rows of `handover`: what was handed over, each with the document of its files in `file_content`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import apsw

from sfm_archive.base.batches import batches
from sfm_archive.storage import files
from sfm_archive.storage.writing import Writing

_LOST: Final = "lost_document_sha256"
"""Key of what stands for a document that was lost."""


def lost_document(sha256: str) -> bytes:
    """Stands in a salvaged archive for the document of a hand-over that could not be saved."""
    return json.dumps({_LOST: sha256}).encode("utf-8")


def lost_of(document: Mapping[str, Any]) -> str:
    """Of a document the SHA-256 of the one that it stands for; '' of any other."""
    return str(document.get(_LOST, ""))


class HandoverRow(NamedTuple):
    """One hand-over. `options` is JSON; the document of its files is the content with `record_sha256`. `kept_sha256`:
    of its one file where that is kept, '' else."""

    handover_id: int
    at_utc: str
    actor: str
    kind: str
    target: str
    options: str
    files: int
    manifest_sha256: str
    record_sha256: str
    kept_sha256: str


_COLUMNS = (
    "handover_id, coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = handover.sequence), '')"
    ' AS "history.at_utc",'
    " coalesce((SELECT actor FROM first_made WHERE first_made.sequence = handover.sequence), '')"
    ' AS "history.actor", kind, target, options, files,'
    " lower(hex(manifest_sha256)), lower(hex(record_sha256)), lower(hex(kept_sha256))"
)


def insert(writing: Writing, row: HandoverRow, document: bytes, kept: bytes = b"") -> int:
    """Add a record, its document and, where it keeps one, its file; returns the new id. Its own id, time and person do
    not count: they are those of the change."""
    for sha256, data in ((row.record_sha256, document), (row.kept_sha256, kept)):
        if sha256 and not files.has_content(writing.connection, sha256):
            files.add_content(writing, sha256, len(data), files.cut(data))
    columns = {
        "kind": row.kind,
        "target": row.target,
        "options": row.options,
        "files": row.files,
        "manifest_sha256": bytes.fromhex(row.manifest_sha256),
        "record_sha256": bytes.fromhex(row.record_sha256),
        "kept_sha256": bytes.fromhex(row.kept_sha256) or None,
    }
    return writing.insert("handover", columns)


def read(connection: apsw.Connection, handover_id: int) -> HandoverRow | None:
    """One record."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM handover WHERE handover_id = ?", (handover_id,)).fetchone()
    return None if row is None else HandoverRow._make(row)


def is_any(connection: apsw.Connection) -> bool:
    """Whether there is a row."""
    return connection.execute("SELECT 1 FROM handover LIMIT 1").fetchone() is not None


def all_rows(connection: apsw.Connection) -> list[HandoverRow]:
    """Every record, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM handover ORDER BY handover_id")
    return [HandoverRow._make(row) for row in rows.fetchall()]


def newest_to(connection: apsw.Connection, kind: str, target: str) -> HandoverRow | None:
    """The newest record of a kind and target."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM handover WHERE kind = ? AND target = ? ORDER BY handover_id DESC LIMIT 1",
        (kind, target),
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
            " lower(hex(frames.sha256)), distribution, distribution_version,"
            " coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = encoding.sequence), '')"
            ' AS "history.at_utc"'
            " FROM made JOIN encoding USING (event_id, revision, family, version)"
            " JOIN frames USING (event_id, revision)",
            [value for key in page for value in key],
        ).fetchall()
        found |= {row[:4]: Origin._make(row[4:]) for row in rows}
    return found
