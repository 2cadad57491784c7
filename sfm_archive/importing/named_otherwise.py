"""Events that one file alone made, when another file of theirs comes and says otherwise.

A Micromate's binary is an event by its name, until its report says another time, kind or unit. A report is an event at
the second of its event file's name, until that file's own footer says another one. Rows of events never change: the
first becomes the second by a row of `same_event`, and what was received of it and decided about it stands with that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.doubts import has_other_numbers
from sfm_archive.archive.finding import ids_by_name
from sfm_archive.archive.same_event import join_event, share_files
from sfm_archive.importing.bundles import micromate_files_meant
from sfm_archive.importing.documents import named_identity
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.importing.unlike_files import unlike_files
from sfm_archive.model.events import Event
from sfm_archive.model.findings import NAME_OF_SEVERAL, Finding, Severity
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.received import FileKind
from sfm_archive.storage import files, frames, readings
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.same_events import SameEvent

_NAMED = frozenset({FileKind.EVENT_FILE.value, FileKind.COPY.value, FileKind.SIDECAR.value})
"""Files that say nothing of unit, time and kind but by their names."""

_OF_PEOPLE = frozenset({ValueSource.PROGRAM, ValueSource.SIDECAR})
"""Values that do not either."""


_REPORTED = frozenset({FileKind.REPORT.value, FileKind.COPY.value, FileKind.SIDECAR.value})
"""Files of an event that a report alone made."""


def name_contradiction(name: str, says: IdentitySource, event: Event) -> tuple[Finding, ...]:
    """What the name of a file `says` otherwise than its event: its report counts."""
    said = " and ".join(says.misfits(event))
    message = f"{name} is named otherwise than its report says: {said}; the report counts"
    return (Finding(code="name-contradiction", message=message),) if said else ()


class Joined(NamedTuple):
    """What became of events that a file's name points to. `findings`: what is to be said of it; `is_known`: whether
    the event was here, as one of those."""

    findings: tuple[Finding, ...] = ()
    is_known: bool = False


def of_several(name: str) -> Finding:
    """That a file can be of several events, since reports of one name say different times."""
    message = (
        f"{name} is kept with every event of which a report has that name, for these reports say different times: it "
        "is of one of them. Compare the reports with what the unit still holds; sfm join says of which one it is"
    )
    return Finding(code=NAME_OF_SEVERAL, message=message)


def join_named(archive: Archive, report: str, event_id: int, pointed_at: Iterable[int]) -> Joined:
    """Have the events of a report's name be the report's event where nothing but that name tells of them; where another
    report of the name does, the files of the name are of both. `pointed_at`: events that its name points to and that it
    contradicts."""
    said: list[Finding] = []
    event = archive.event(event_id).event()
    named: dict[int, tuple[FileRow, list[FileRow]]] = {}
    reported: dict[int, list[FileRow]] = {}
    for other in pointed_at:
        with archive.store.reading() as connection:
            held = files.of_event(connection, other)
            by_name = _event_file(connection, other, held, report)
        if by_name is None:
            reported[other] = held
        else:
            named[other] = by_name, held
    for other, (file, held) in named.items():  # first: they are of one state with the change that brought the report
        contradicting = [one for row in held for one in name_contradiction(row.name, named_identity(row.name), event)]
        contradicting += unlike_files(archive, (*archive.files(event_id), *held))
        of_blasts = join_event(archive, other, event_id, file.name, contradicting)
        told = f"{SameEvent(other, file.name, event_id).told}, as its report says; count event {event_id} alone"
        said += [*contradicting, Finding(code="named-otherwise", message=told), *of_blasts]
    for other, held in reported.items():
        said += _shared(archive, report, event_id, other, held)
    return Joined(tuple(dict.fromkeys(said)), bool(named))


def _shared(archive: Archive, report: str, event_id: int, other: int, held: list[FileRow]) -> list[Finding]:
    """Join what lies beside another report of the same name to this report's event too, and say at both why."""
    meant = set(micromate_files_meant(report))
    of_name = [row for row in held if meant.intersection(micromate_files_meant(row.name))]
    beside = [row for row in of_name if row.kind != FileKind.REPORT.value and row.pairs_with]
    is_reported = any(row.kind == FileKind.REPORT.value for row in held)
    if not beside or not is_reported:
        return []
    event = archive.event(event_id).event()
    # A report of another name was joined to them by its time: the name is the stronger tie (`archive.doubts`).
    several = [of_several(row.name) for row in beside] if len(beside) < len(of_name) else []
    said = [*several, *unlike_files(archive, beside)]
    contradicting = [one for row in beside for one in name_contradiction(row.name, named_identity(row.name), event)]
    share_files(archive, other, event_id, beside, said, contradicting)
    return said


def join_reported(archive: Archive, names: Iterable[str], event_id: int) -> Joined:
    """Have events that reports alone made be the event of the event file which their names or lines mean, `names` its
    own, where its footer shows another second, as near as rounding takes it, and no number contradicts its samples."""
    event = archive.event(event_id).event()
    said: list[Finding] = []
    is_known = False
    found = {(one, name) for name in names for one in ids_by_name(archive.store, name)}
    for other, name in sorted(found):
        row, held = archive.event(other), archive.files(other)
        says = IdentitySource("", row.serial, row.event().recorded_at, row.event().record_type)
        if row.event_id == event_id or row.revision or not held or not says.fits(event):
            continue
        if any(file.kind not in _REPORTED for file in held):
            continue
        if not any(file.pairs_with == name.upper() for file in held) and _is_of_others(archive, other, event_id):
            told = (
                f"{held[0].name} says the second in the name {name}, but its numbers are not those of these samples: "
                f"event {other} is another one. sfm join says whose it is"
            )
            said.append(Finding(code="named-otherwise", message=told))
            continue
        said += join_event(archive, other, event_id, held[0].name)
        told = f"{SameEvent(other, held[0].name, event_id).told}, whose own content counts"
        said.append(Finding(code="named-otherwise", message=told, severity=Severity.NOTE))
        is_known = True
    return Joined(tuple(said), is_known)


def _is_of_others(archive: Archive, reported: int, event_id: int) -> bool:
    """Whether the numbers of an event that reports alone made are not those of another one's samples."""
    with archive.store.reading() as connection:
        documents = readings.of_events(connection, [reported], in_doubt=True).get(reported, [])
    said = [value for one in reversed(documents) if one.source is ValueSource.REPORT for value in one.readings]
    return has_other_numbers(archive, event_id, said)


def _event_file(connection: Any, event_id: int, held: list[FileRow], report: str) -> FileRow | None:
    """The event file of an event that is known by its name alone; None where more tells of the event, or where its name
    is not that which the report's points to."""
    of_event = [row for row in held if row.kind == FileKind.EVENT_FILE.value]
    documents = readings.of_events(connection, [event_id], in_doubt=True).get(event_id, [])
    meant = set(micromate_files_meant(report))
    by_name_alone = (
        all(row.kind in _NAMED and row.pairs_with for row in held)
        and all(meant.intersection(micromate_files_meant(row.name)) for row in of_event)
        and all(one.source in _OF_PEOPLE for one in documents)
        and not frames.revisions(connection, event_id)
    )
    return of_event[0] if of_event and by_name_alone else None
