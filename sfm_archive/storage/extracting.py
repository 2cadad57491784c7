"""What hangs together in an archive: which files, contents, points and statements belong to some events alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import apsw

from sfm_archive.storage.id_lists import IDS, ids_text


class OfEvents(NamedTuple):
    """What some events have. `files`: ids; `contents`, `shared`: hashes of bytes that are of them alone, and of those
    that are of others too; `serials`; `points`, `jobs`: numbers, of those at which they were recorded."""

    files: frozenset[int]
    contents: frozenset[bytes]
    shared: frozenset[bytes]
    serials: frozenset[str]
    points: frozenset[int]
    jobs: frozenset[int]


_HASHES = "SELECT DISTINCT sha256 FROM received_file JOIN event_file USING (file_id) WHERE event_id IN {ids}"
_OF_OTHERS = (
    "SELECT DISTINCT sha256 FROM received_file LEFT JOIN event_file USING (file_id)"
    " WHERE event_id IS NULL OR event_id NOT IN {ids}"
    " UNION SELECT sha256 FROM waiting_part WHERE joined_to NOT IN {ids}"
)


def of_events(connection: apsw.Connection, event_ids: Collection[int]) -> OfEvents:
    """What these events have."""
    ids = ids_text(sorted(event_ids))
    files = _column(connection, f"SELECT file_id FROM event_file WHERE event_id IN {IDS}", ids)
    own = _column(connection, _HASHES.format(ids=IDS), ids)
    others = _column(connection, _OF_OTHERS.format(ids=IDS), ids, ids)
    places: list[Any] = connection.execute(
        f"SELECT DISTINCT point, job FROM event_summary WHERE event_id IN {IDS} AND point <> 0", (ids,)
    ).fetchall()
    return OfEvents(
        files=frozenset(files),
        contents=frozenset(own - others),
        shared=frozenset(own & others),
        serials=frozenset(_column(connection, f"SELECT serial FROM counted_event WHERE event_id IN {IDS}", ids)),
        points=frozenset(point for point, _ in places),
        jobs=frozenset(job for _, job in places),
    )


def that_are(connection: apsw.Connection, event_ids: Collection[int]) -> set[int]:
    """The ids of these events, and of those that are one of them."""
    ids = ids_text(sorted(event_ids))
    return {*event_ids, *_column(connection, f"SELECT was_event FROM same_event WHERE event_id IN {IDS}", ids)}


def spans(connection: apsw.Connection, event_ids: Collection[int]) -> dict[str, tuple[str, str]]:
    """By unit the first and the last second at which its events among these were recorded."""
    rows: list[Any] = connection.execute(
        "SELECT serial, min(recorded_at_local), max(recorded_at_local) FROM counted_event"
        f" WHERE event_id IN {IDS} GROUP BY serial",
        (ids_text(sorted(event_ids)),),
    ).fetchall()
    return {serial: (first, last) for serial, first, last in rows}


def jobs_of_others(connection: apsw.Connection, event_ids: Collection[int]) -> set[int]:
    """The jobs at whose points other events were recorded too."""
    return _column(
        connection,
        f"SELECT DISTINCT job FROM event_summary WHERE job <> 0 AND event_id NOT IN {IDS}",
        ids_text(sorted(event_ids)),
    )


def between_points(connection: apsw.Connection, event_ids: Collection[int]) -> list[int]:
    """Those of some events that are, or may be, of several points."""
    rows = _column(
        connection,
        f"SELECT event_id FROM event_summary WHERE event_id IN {IDS} AND placed IN ('part', 'perhaps', 'undecided')",
        ids_text(sorted(event_ids)),
    )
    return sorted(rows)


def _column(connection: apsw.Connection, statement: str, *bound: str) -> set[Any]:
    rows: list[Any] = connection.execute(statement, bound).fetchall()
    return {value for (value,) in rows}


def is_withheld(connection: apsw.Connection, sha256: str) -> bool:
    """Whether a content was left out because it holds other events too."""
    found = connection.execute("SELECT 1 FROM withheld_content WHERE sha256 = ?", (bytes.fromhex(sha256),)).fetchone()
    return found is not None
