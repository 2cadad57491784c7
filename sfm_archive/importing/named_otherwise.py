"""Events that one file alone made, when another file of theirs comes and says otherwise.

A Micromate's binary is an event by its name, until its report says another time, kind or unit. A report is an event at
the second of its event file's name, until that file's own footer says another one. Rows of events never change: the
first becomes the second by a row of `same_event`, and what was received of it and decided about it stands with that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import ids_by_name
from sfm_archive.archive.same_event import join_event
from sfm_archive.importing.bundles import base_name
from sfm_archive.importing.documents import named_identity
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.received import FileKind
from sfm_archive.storage import files, frames, readings
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.same_events import SameEvent

_NAMED = frozenset({FileKind.EVENT_FILE.value, FileKind.COPY.value, FileKind.SIDECAR.value})
"""Files that say nothing of unit, time and kind but by their names."""

_OF_PEOPLE = frozenset({ValueSource.PROGRAM, ValueSource.SIDECAR})
"""Values that do not either."""


_REPORTED = frozenset({FileKind.REPORT.value, FileKind.COPY.value})


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


def join_reported(archive: Archive, names: Iterable[str], event_id: int) -> tuple[Finding, ...]:
    """Have events that reports alone made be the event of the event file which their names or lines mean, `names` its
    own, where its footer shows another second, as near as rounding takes it. Gives what is to be said of it."""
    event = archive.event(event_id).event()
    said: list[Finding] = []
    for other in sorted({one for name in names for one in ids_by_name(archive.store, name)} - {event_id}):
        row, held = archive.event(other), archive.files(other)
        says = IdentitySource("", row.serial, row.event().recorded_at, row.event().record_type)
        if held and not row.revision and all(file.kind in _REPORTED for file in held) and says.fits(event):
            join_event(archive, other, event_id, held[0].name)
            told = f"{SameEvent(other, held[0].name, event_id).told}, whose own content counts"
            said.append(Finding(code="named-otherwise", message=told, severity=Severity.NOTE))
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
