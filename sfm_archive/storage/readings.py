"""Rows of `reading` with their values, for several events at once and for every source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

from sfm_archive.model.decode_settings import TELLING_QUANTITIES
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.number_evidence import COMPARED
from sfm_archive.model.precedence import source_rank
from sfm_archive.model.readings import Reading, ValueSource, value_source
from sfm_archive.storage import computed, merged_changes
from sfm_archive.storage.id_lists import IDS, ids_text
from sfm_archive.storage.values import VALUE_COLUMNS, reading_from

_TELLING = sorted(TELLING_QUANTITIES | COMPARED)


def in_order(newest_first: Iterable[Reading]) -> list[Reading]:
    """Values in the order in which they count: by source, of each as given."""
    return sorted(newest_first, key=_rank)


def _rank(value: Reading) -> int:
    return source_rank(value.source)


COUNTS = (
    "NOT EXISTS (SELECT 1 FROM report_in_doubt AS doubt"
    " WHERE doubt.event_id = reading.event_id AND doubt.sha256 = reading.origin_sha256 AND doubt.place = 0)"
)
"""The condition that a row of `reading` counts for its event."""

PLACE = (
    "coalesce((SELECT doubt.place FROM report_in_doubt AS doubt"
    " WHERE doubt.event_id = reading.event_id AND doubt.sha256 = reading.origin_sha256), 1)"
)
"""The place of a report among those of its event, 1 of any other document."""


def of_events(
    connection: apsw.Connection, event_ids: Iterable[int], *, in_doubt: bool = False
) -> dict[int, list[ReadingSet]]:
    """Every document's values of several events, those of cut off ones first, then those of reports that count behind
    another, then oldest first, what a decoder computed last: the last one of a source that has a value counts. Events
    without one are left out. `in_doubt`: also reports that do not count for their event."""
    wanted = list(event_ids)
    ids = ids_text(wanted)
    rows: list[Any] = connection.execute(
        f"SELECT reading_id, event_id, lower(hex(origin_sha256)), reader, whole, source, {VALUE_COLUMNS}"
        " FROM reading LEFT JOIN value USING (reading_id)"
        f" WHERE event_id IN {IDS} AND {'1' if in_doubt else COUNTS}"
        f" ORDER BY whole, {PLACE} DESC, reading_id, quantity, channel",
        (ids,),
    ).fetchall()
    documents: dict[int, tuple[int, str, str, int, str]] = {}
    values: dict[int, list[Reading]] = {}
    for reading_id, event_id, origin, reader, whole, source, *value in rows:
        documents.setdefault(reading_id, (event_id, origin, reader, whole, source))
        own = values.setdefault(reading_id, [])
        if value[0] is not None:
            own.append(reading_from(event_id, *value))
    found: dict[int, list[ReadingSet]] = {}
    for reading_id, (event_id, origin, reader, whole, source) in documents.items():
        document = ReadingSet(
            source=value_source(source),
            origin_sha256=origin,
            readings=tuple(values[reading_id]),
            reader=reader,
            whole=bool(whole),
        )
        found.setdefault(event_id, []).append(document)
    for event_id, row in computed.of_events(connection, wanted).items():
        if made := row.readings(event_id):
            document = ReadingSet(
                source=ValueSource.DECODER, origin_sha256=row.origin_sha256, readings=made, reader=row.decoder
            )
            found.setdefault(event_id, []).append(document)
    return found


def origins_of(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """Of several events source and hash of each document that counts, in the order of receipt; events without one are
    left out."""
    rows: list[Any] = connection.execute(
        "SELECT event_id, source, lower(hex(origin_sha256)) FROM reading"
        f" WHERE event_id IN {IDS} AND {COUNTS} ORDER BY event_id, reading_id",
        (ids_text(event_ids),),
    ).fetchall()
    found: dict[int, list[tuple[str, str]]] = {}
    for event_id, *origin in rows:
        own = found.setdefault(event_id, [])
        if (origin[0], origin[1]) not in own:
            own.append((origin[0], origin[1]))
    return found


def newest_by_source(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[tuple[int, ValueSource], int]:
    """For each of several events and each source, the number of the newest reading."""
    rows: list[Any] = connection.execute(
        f"SELECT event_id, source, max(reading_id) FROM reading WHERE event_id IN {IDS} GROUP BY event_id, source",
        (ids_text(event_ids),),
    ).fetchall()
    return {(event_id, value_source(source)): number for event_id, source, number in rows}


def that_tell_settings(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[int, list[Reading]]:
    """Of several events what documents tell of their settings, and print of what samples are held against, in the order
    in which it counts: by source, of each the documents that were not cut off first, reports in their order, and the
    newest first. Events without any are left out."""
    ids = ids_text(event_ids)
    rows: list[Any] = connection.execute(
        f"SELECT event_id, {VALUE_COLUMNS} FROM reading JOIN value USING (reading_id)"
        f" WHERE event_id IN {IDS} AND source <> ? AND {COUNTS}"
        f" AND quantity IN ({','.join('?' * len(_TELLING))})"
        f" ORDER BY whole DESC, {PLACE}, reading_id DESC, quantity, channel",
        (ids, ValueSource.DECODER.value, *_TELLING),
    ).fetchall()
    found: dict[int, list[Reading]] = {}
    for event_id, *value in rows:
        found.setdefault(event_id, []).append(reading_from(event_id, *value))
    return {event_id: in_order(own) for event_id, own in found.items()}


def of_change(connection: apsw.Connection, sequence: int, event_id: int) -> list[Reading]:
    """The values that one change wrote for an event."""
    rows: list[Any] = connection.execute(
        f"SELECT {VALUE_COLUMNS} FROM reading JOIN value USING (reading_id) WHERE event_id = ? AND sequence = ?",
        (event_id, sequence),
    ).fetchall()
    return [reading_from(event_id, *row) for row in rows]


class Received(NamedTuple):
    """A document or decision: the hash of its bytes, and when it was made or received first."""

    origin_sha256: str
    at_utc: str


def with_merged(connection: apsw.Connection, event_ids: Iterable[int]) -> dict[tuple[int, str], list[Received]]:
    """Of several events, by event and source, what came in the order of receipt, where several did, some of it out of
    another archive; without reports, of which numbers say which counts."""
    if not merged_changes.is_any(connection):
        return {}
    rows: list[Any] = connection.execute(
        'SELECT event_id, source, lower(hex(origin_sha256)), first_made.at_utc AS "history.at_utc" FROM reading'
        f" JOIN first_made USING (sequence) WHERE event_id IN {IDS} AND source NOT IN (?, ?)"
        " AND EXISTS (SELECT 1 FROM reading AS own JOIN merged_change ON merged_change.sequence = own.sequence"
        "             WHERE wrote = 1 AND own.event_id = reading.event_id) ORDER BY event_id, source, reading_id",
        (ids_text(event_ids), ValueSource.REPORT.value, ValueSource.DECODER.value),
    ).fetchall()
    found: dict[tuple[int, str], list[Received]] = {}
    for event_id, source, origin, at_utc in rows:
        found.setdefault((event_id, source), []).append(Received(origin, at_utc))
    return {of: own for of, own in found.items() if len(own) > 1}
