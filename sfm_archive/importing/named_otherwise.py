"""Events that were made of a file's name alone, when the report of that name comes and says otherwise.

Rows of events never change. So the report's event gets the file, and the other one a finding that says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import readings_of
from sfm_archive.archive.saving import ToSave, save
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.importing.bundles import base_name
from sfm_archive.importing.documents import named_identity
from sfm_archive.model.findings import Finding
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.storage.files import FileRow

_OF_A_NAME = frozenset({FileKind.EVENT_FILE.value, FileKind.COPY.value})


def give_to_report(archive: Archive, report: str, event_id: int, pointed_at: Iterable[int]) -> tuple[Finding, ...]:
    """Join the files that are named like a report to its event. `pointed_at`: events of the report's name that it
    contradicts; of these only such are looked at as nothing but names tell of. Gives what is to be said of it."""
    said: list[Finding] = []
    for other in pointed_at:
        held = archive.files(other)
        if not _is_known_by_name_alone(archive, other, held):
            continue
        for row in held:
            if base_name(row.name) == base_name(report):
                said += _give(archive, row, other, event_id)
    return tuple(said)


def _is_known_by_name_alone(archive: Archive, event_id: int, held: list[FileRow]) -> bool:
    return (
        all(row.kind in _OF_A_NAME and row.pairs_with for row in held)
        and not archive.revisions(event_id)
        and not readings_of(archive.store, [event_id]).get(event_id)
    )


def _give(archive: Archive, row: FileRow, other: int, event_id: int) -> tuple[Finding, ...]:
    """Join one file to the report's event too, and note at both what its name says."""
    event = archive.event(event_id).event()
    misfits = " and ".join(named_identity(row.name).misfits(event))
    if not misfits or any(one.file_id == row.file_id for one in archive.files(event_id)):
        return ()
    file = ReceivedFile(
        kind=FileKind(row.kind),
        name=row.name,
        data=archive.file_bytes(row, other),
        folder=row.folder,
        pairs_with=row.pairs_with,
    )
    message = f"{row.name} is named otherwise than its report says: {misfits}; the report counts"
    of_report = Finding(code="name-contradiction", message=message)
    names = (without_copy_mark(row.name),) if row.kind == FileKind.EVENT_FILE.value else ()
    save(archive, ToSave(event=event, names=names, files=(file,), findings=(of_report,)))
    whose = Finding(
        code="named-otherwise",
        message=f"{row.name} is of event {event_id}, as its report says: {misfits}. Nothing but that name tells of "
        f"event {other}; count event {event_id} alone",
    )
    save(archive, ToSave(event=archive.event(other).event(), findings=(whose,)))
    return (of_report, whose)
