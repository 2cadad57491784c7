"""One event under two ids: what was received of it and decided about it stands with the one that counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import derive
from sfm_archive.archive.doubts import share_reports
from sfm_archive.archive.saving import add_findings
from sfm_archive.model.findings import Finding
from sfm_archive.storage import encodings, events, files, readings, same_events, values
from sfm_archive.storage.changes import JoinEvent
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def join_event(archive: Archive, was_event: int, event_id: int, name: str, findings: Iterable[Finding] = ()) -> None:
    """Say that the event `was_event`, known by the file `name` alone, is the event `event_id`, which counts alone from
    then on: with the names, files, values and findings of both, and `findings`.

    Statements about either are read as of the one that counts (`storage.same_events`).
    """
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        same_events.add(writing, was_event, event_id, name)
        for received in events.names(connection, was_event):
            events.add_name(writing, event_id, received)
        for file in files.of_event(connection, was_event):
            files.link(writing, event_id, file.file_id)
        newest = readings.newest_by_source(connection, [was_event, event_id])
        for document in readings.of_events(connection, [was_event], in_doubt=True).get(was_event, ()):
            # Of two decisions the later one counts, of whichever event it was.
            if newest.get((was_event, document.source), 0) > newest.get((event_id, document.source), 0):
                values.add(writing, event_id, document)
        add_findings(writing, event_id, (*encodings.findings_of(connection, was_event), *findings))
        share_reports(writing, event_id)
        writing.note(JoinEvent(), archive.actor, event_id)
        derive(archive, event_id, documents=True)
