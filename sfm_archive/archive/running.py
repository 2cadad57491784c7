"""When a unit was running: what documents say of it, kept for each unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sfm_archive.base.texts import shortened
from sfm_archive.model.findings import MOST_SAID
from sfm_archive.model.running import Running
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.storage import unit_running
from sfm_archive.storage.changes import NoteRunning
from sfm_archive.storage.unit_running import RunningRow
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def note_running(archive: Archive, serial: str, spans: Iterable[Running]) -> int:
    """Keep spans in which documents say that a unit was running; how many of them were new.

    A span that ends before it begins says nothing and is left out. Raises BadSerial, ReadOnlyArchive, Busy.
    """
    unit = checked_serial(serial)
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        new = sum([unit_running.add(writing, _row(unit, one)) for one in spans if one.since <= one.until])
        if new:
            writing.note(NoteRunning(serial=unit, spans=new), archive.actor)
    return new


def tells_spans(archive: Archive, sha256: str) -> bool:
    """Whether spans are noted of a document with this hash."""
    with archive.store.reading() as connection:
        return unit_running.is_origin(connection, sha256)


def _row(serial: str, one: Running) -> RunningRow:
    return RunningRow(
        serial=serial,
        from_local=local_text(one.since),
        until_local=local_text(one.until),
        source=one.source,
        origin_sha256=one.origin_sha256,
        text=shortened(one.text, MOST_SAID),
    )
