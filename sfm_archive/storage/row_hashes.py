"""One hash over the rows that a change wrote, so that the history covers every column of every row.

A change's `detail` says which rows those are: the event, its names, frames, encoding, files, readings, findings, a
stated zone, a hand-over. They are never changed afterwards, so the same query gives the same rows, and the same hash,
for as long as nobody altered them. docs/format.md, "Rows of a change".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apsw

KEY = "rows_sha256"
"""Where a change's detail keeps the hash."""

_EVENT = (
    "SELECT 'event', event_id, serial, recorded_at_local, start_key, record_type, time_zone, received_at_utc"
    " FROM event WHERE event_id = ?"
)
_NAME = "SELECT 'event_name', event_id, position, name FROM event_name WHERE event_id = ? AND name = ?"
_FRAMES = (
    "SELECT 'frames', event_id, revision, format_version, codec, sha256, logical_size, frame_count, whole,"
    " received_at_utc, data FROM frames WHERE event_id = ? AND revision = ?"
)
_ENCODING = (
    "SELECT 'encoding', event_id, revision, family, version, outcome, sha256, size, findings, distribution,"
    " distribution_version, encoded_at_utc FROM encoding"
    " WHERE event_id = ? AND revision = ? AND family = ? AND version = ?"
)
_FILE = (
    "SELECT 'received_file', file_id, sha256, size, kind, name, folder, pairs_with, reproduced_by, received_at_utc"
    " FROM received_file WHERE sha256 = ? AND kind = ? AND folder = ? AND name = ?"
)
_CONTENT = "SELECT 'file_content', sha256, size, codec, data FROM file_content WHERE sha256 = ?"
_LINK = "SELECT 'event_file', event_id, file_id FROM event_file WHERE event_id = ? AND file_id = ?"
_READING = (
    "SELECT 'reading', reading_id, event_id, source, origin_sha256, reader, received_at_utc FROM reading"
    " WHERE event_id = ? AND source = ? AND origin_sha256 = ?"
)
_FINDING = (
    "SELECT 'finding', event_id, code, message, severity, found_at_utc FROM finding"
    " WHERE event_id = ? AND code = ? AND message = ?"
)
_ZONE = (
    "SELECT 'unit_time_zone', serial, position, time_zone, stated_at_utc FROM unit_time_zone"
    " WHERE serial = ? AND position = ?"
)
_HANDOVER = (
    "SELECT 'handover', handover_id, at_utc, actor, target, options, files, manifest_sha256, record_sha256,"
    " data FROM handover JOIN file_content ON sha256 = record_sha256 WHERE handover_id = ?"
)

Row = tuple[Any, ...]


def rows_hash(connection: apsw.Connection, event_id: int, detail: Mapping[str, Any]) -> str:
    """SHA-256 over the rows that a detail speaks of, as they are now; '' where it speaks of none.

    A row that is not there leaves its place empty and so changes the hash. Compressed bytes stand in it as their hash:
    other ones can mean the same. Values of readings have a hash of their own in the detail.
    """
    found = list(_rows(connection, event_id, detail))
    if not found:
        return ""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _rows(connection: apsw.Connection, event_id: int, detail: Mapping[str, Any]) -> Iterator[Row | None]:
    def row(statement: str, *bindings: object) -> Row | None:
        found: Row | None = connection.execute(statement, bindings).fetchone()
        return None if found is None else tuple(map(_plain, found))

    if "event" in detail:
        yield row(_EVENT, event_id)
    for name in _listed(detail, "names"):
        yield row(_NAME, event_id, name)
    if "frames" in detail:
        yield row(_FRAMES, event_id, detail["frames"]["revision"])
    for family, version, revision in _encodings(detail):
        yield row(_ENCODING, event_id, revision, family, version)
    for file in _listed(detail, "files"):
        received = row(_FILE, file["sha256"], file["kind"], file.get("folder", ""), file["name"])
        yield received
        if file.get("stored_sha256"):
            yield row(_CONTENT, file["sha256"])
        if event_id and received is not None:
            yield row(_LINK, event_id, received[1])
    for reading in _listed(detail, "readings"):
        yield row(_READING, event_id, reading["source"], reading["origin_sha256"])
    for finding in _listed(detail, "findings"):
        if isinstance(finding, dict):  # earlier details name the code alone
            yield row(_FINDING, event_id, finding["code"], finding["message"])
    if "position" in detail and "serial" in detail:
        yield row(_ZONE, detail["serial"], detail["position"])
    if "handover" in detail:
        yield row(_HANDOVER, detail["handover"])


def _plain(value: Any) -> Any:
    """A column as JSON has it: bytes as their SHA-256."""
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def _listed(detail: Mapping[str, Any], key: str) -> Iterable[Any]:
    """The list under a key; nothing where there is something else."""
    found = detail.get(key, ())
    return found if isinstance(found, list | tuple) else ()


def _encodings(detail: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Family, version and revision of the record that a save or a first encode wrote."""
    said = detail.get("encoding", detail if "encoder" in detail else None)
    if said is None or said.get("outcome") not in ("encoded", "refused"):
        return
    revision = said.get("revision") or detail["frames"]["revision"]
    family, _, version = str(said["encoder"]).rpartition("@")
    yield family, int(version), int(revision)
