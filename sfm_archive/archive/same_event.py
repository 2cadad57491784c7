"""One event under two ids: what was received of it and decided about it stands with the one that counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import derive
from sfm_archive.archive.doubts import share_reports
from sfm_archive.archive.saving import add_findings
from sfm_archive.model.findings import Finding
from sfm_archive.model.statements import BlastEvent
from sfm_archive.storage import encodings, events, files, readings, same_events, statements, values
from sfm_archive.storage.changes import AddFiles, JoinEvent
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def join_event(
    archive: Archive, was_event: int, event_id: int, name: str, findings: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """Say that the event `was_event`, known by the file `name` alone, is the event `event_id`, which counts alone from
    then on: with the names, files, values and findings of both, and `findings`.

    Statements about either are read as of the one that counts (`storage.same_events`). Gives what is to be said of
    them.
    """
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        same_events.add(writing, was_event, event_id, name)
        carry_over(writing, was_event, event_id)
        of_blasts = _of_two_blasts(connection, was_event, event_id)
        add_findings(writing, event_id, (*findings, *of_blasts))
        share_reports(writing, event_id)
        writing.note(JoinEvent(), archive.actor, event_id)
        derive(archive, event_id, documents=True)
    return of_blasts


def carry_over(writing: Writing, was_event: int, event_id: int) -> None:
    """Join names, files, values and findings of an event to the one that counts."""
    connection = writing.connection
    for received in events.names(connection, was_event):
        events.add_name(writing, event_id, received)
    for file in files.of_event(connection, was_event):
        files.link(writing, event_id, file.file_id)
    newest = readings.newest_by_source(connection, [was_event, event_id])
    for document in readings.of_events(connection, [was_event], in_doubt=True).get(was_event, ()):
        # Of two decisions the later one counts, of whichever event it was.
        if newest.get((was_event, document.source), 0) > newest.get((event_id, document.source), 0):
            values.add(writing, event_id, document)
    add_findings(writing, event_id, encodings.findings_of(connection, was_event))


def _of_two_blasts(connection: Any, was_event: int, event_id: int) -> tuple[Finding, ...]:
    """The finding where the two were confirmed for different blasts."""
    said = statements.said_of_blasts(connection).values() if statements.is_any(connection, BlastEvent) else ()
    own = [one for one in said if one.of_event == event_id and one.decision == "confirmed" and not one.withdrawn]
    if len(own) < 2:
        return ()
    numbers = " and ".join(str(number) for number in sorted(one.blast for one in own))
    message = (
        f"events {was_event} and {event_id}, which are one, were confirmed for blasts {numbers}: the later decision "
        f"counts, for blast {own[-1].blast} by {own[-1].decided_by or 'nobody named'}. sfm blast confirm and refuse "
        "say otherwise"
    )
    return (Finding(code="two-blasts", message=message),)


def share_files(
    archive: Archive,
    owner: int,
    event_id: int,
    rows: Sequence[FileRow],
    of_both: Iterable[Finding],
    of_event: Iterable[Finding],
) -> None:
    """Join files of one event to another too, with the names and the values that are of them. `of_both`: what is to be
    said of both events, `of_event`: of the other alone."""
    hashes = {row.sha256 for row in rows}
    said = tuple(of_both)
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        for name in events.names(connection, owner):
            events.add_name(writing, event_id, name)
        for row in rows:
            files.link(writing, event_id, row.file_id)
        for document in readings.of_events(connection, [owner], in_doubt=True).get(owner, ()):
            if document.origin_sha256 in hashes:
                values.add(writing, event_id, document)
        add_findings(writing, event_id, (*said, *of_event))
        if writing.wrote:
            described = tuple((row.kind, row.name) for row in rows)
            writing.note(AddFiles(files=described), archive.actor, event_id)
            derive(archive, event_id, documents=True)
        at_owner = Writing(connection)
        add_findings(at_owner, owner, said)
        if at_owner.wrote:
            at_owner.note(AddFiles(), archive.actor, owner)
        if writing.wrote or at_owner.wrote:
            derive(archive, owner, documents=True)  # whether a file counts for it can rest on who else has it
