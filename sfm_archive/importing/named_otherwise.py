"""Events that were made of a file's name alone, when the report of that name comes and says otherwise.

Rows of events never change. So the event of the name becomes the report's event by a row of `same_event`: what was
received of it and decided about it stands with that one from then on, and it counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.same_event import join_event
from sfm_archive.importing.bundles import base_name
from sfm_archive.importing.documents import named_identity
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.received import FileKind
from sfm_archive.storage import files, frames, readings
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.same_events import SameEvent

_NAMED = frozenset({FileKind.EVENT_FILE.value, FileKind.COPY.value, FileKind.SIDECAR.value})
"""Files that say nothing of unit, time and kind but by their names."""

_OF_PEOPLE = frozenset({ValueSource.PROGRAM, ValueSource.SIDECAR})
"""Values that do not either."""


def name_contradiction(name: str, says: IdentitySource, event: Event) -> tuple[Finding, ...]:
    """What the name of a file `says` otherwise than its event: its report counts."""
    said = " and ".join(says.misfits(event))
    message = f"{name} is named otherwise than its report says: {said}; the report counts"
    return (Finding(code="name-contradiction", message=message),) if said else ()


def join_named(archive: Archive, report: str, event_id: int, pointed_at: Iterable[int]) -> tuple[Finding, ...]:
    """Have the events of a report's name be the report's event where nothing but that name tells of them. `pointed_at`:
    events that its name points to and that it contradicts. Gives what is to be said of it."""
    said: list[Finding] = []
    event = archive.event(event_id).event()
    for other in pointed_at:
        with archive.store.reading() as connection:
            held = files.of_event(connection, other)
            named = _event_file(connection, other, held, report)
        if named is None:
            continue
        contradicting = [one for row in held for one in name_contradiction(row.name, named_identity(row.name), event)]
        join_event(archive, other, event_id, named.name, contradicting)
        told = f"{SameEvent(other, named.name, event_id).told}, as its report says; count event {event_id} alone"
        said += [*contradicting, Finding(code="named-otherwise", message=told)]
    return tuple(said)


def _event_file(connection: Any, event_id: int, held: list[FileRow], report: str) -> FileRow | None:
    """The event file of an event that is known by its name alone; None where more tells of the event, or where its name
    is not that which the report's points to."""
    of_event = [row for row in held if row.kind == FileKind.EVENT_FILE.value]
    documents = readings.of_events(connection, [event_id], in_doubt=True).get(event_id, [])
    by_name_alone = (
        all(row.kind in _NAMED and row.pairs_with for row in held)
        and all(base_name(row.name) == base_name(report) for row in of_event)
        and all(one.source in _OF_PEOPLE for one in documents)
        and not frames.revisions(connection, event_id)
    )
    return of_event[0] if of_event and by_name_alone else None
