"""Which 0C records of a capture are of which of its events (docs/facts.md, "Other replies")."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sfm_archive.formats.blastware.event_file import describe_memory
from sfm_archive.formats.blastware.records import EventRecord, read_event_record
from sfm_archive.formats.blastware.streams import readable_memory, survey_stream
from sfm_archive.model.frames import A5Frame

_NO_KEY = 0
"""Echoed by no event: a memory does not begin there."""


class ReceivedRecord(NamedTuple):
    """A 0C record as received: it is read for its event alone, for a capture can hold any number.

    `offset`: its byte in the capture. `start_key`: that it echoes, 0 where it echoes none. `recorded_at`: its time.
    """

    offset: int
    start_key: int
    recorded_at: datetime
    content: bytes


def events_of_records(
    events: Sequence[tuple[int, int, tuple[A5Frame, ...]]], records: Sequence[ReceivedRecord]
) -> tuple[list[EventRecord | None], list[ReceivedRecord]]:
    """The record of each event, given as byte, start key and surveyed frames, None for one without; and the records of
    none of them.

    A record belongs to the event whose key it echoes and to no other. Where a key comes twice (an erase lies between),
    to the nearest with the record's time in its footer, then to the nearest without a readable footer. A footer of
    another time is another event's. A record that echoes no key belongs to an event with its time in the footer.
    """
    given: list[EventRecord | None] = [None] * len(events)
    if not records:
        return given, []
    free: dict[tuple[int, datetime | None], list[tuple[int, int]]] = {}
    for number, (offset, start_key, frames) in enumerate(events):
        recorded_at = _recorded_at(frames)
        free.setdefault((start_key, recorded_at), []).append((offset, number))
        free.setdefault((_NO_KEY, recorded_at), []).append((offset, number))
    left = list(records)
    # By the footer's time first: of two records of one key the wrong one must not take the place of the right one.
    for by_time in (True, False):
        asked, left = left, []
        for record in asked:
            if not by_time and record.start_key == _NO_KEY:
                left.append(record)
                continue
            candidates = free.get((record.start_key, record.recorded_at if by_time else None), [])
            nearest = _taken_nearest(candidates, record.offset, given)
            if nearest is None:
                left.append(record)
            else:
                given[nearest] = read_event_record(record.content)
    return given, left


def _taken_nearest(candidates: list[tuple[int, int]], offset: int, given: Sequence[EventRecord | None]) -> int | None:
    """The number of the nearest event that has no record yet; it is taken out. Candidates are in order."""
    while candidates:
        at = bisect_left(candidates, (offset, 0))
        if at == len(candidates) or (at and offset - candidates[at - 1][0] < candidates[at][0] - offset):
            at -= 1
        _, number = candidates.pop(at)
        if given[number] is None:
            return number
    return None


def _recorded_at(frames: tuple[A5Frame, ...]) -> datetime | None:
    return describe_memory(readable_memory(survey_stream(frames))).recorded_at
