"""Events that came otherwise than by an import, brought together with what was here as an import of all files would.

An import looks, with each file that comes, for events that its name and its own words point to. Where events come from
another archive, files of one event can stand with two of them, each made by what was in one archive alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derive
from sfm_archive.archive.finding import ids_by_name, ids_paired
from sfm_archive.archive.saving import add_findings
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import Damaged
from sfm_archive.formats.micromate.names import micromate_name
from sfm_archive.importing.bundles import base_name, micromate_files_meant
from sfm_archive.importing.named_otherwise import join_named, join_reported
from sfm_archive.importing.unlike_files import unlike_files
from sfm_archive.importing.waiting import belonging_of
from sfm_archive.model.received import FileKind
from sfm_archive.storage import files, same_events
from sfm_archive.storage.changes import AddFiles
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.writing import Writing


def bring_together(archive: Archive, event_ids: Iterable[int]) -> int:
    """Have events that are one by what their files are called and say be one, and files of several events be kept with
    all of them; how many events are another one now. What is damaged is left as it is."""
    archive.store.do_due()  # what is derived of an event that becomes another one must not come behind that
    before = _others(archive)
    for event_id in _counting(archive, event_ids):
        around = {event_id, *_pointed_at(archive, event_id)}
        _differ(archive, event_id)
        if len(around) == 1:
            continue
        for one in sorted(around):
            _reports_of(archive, one)
        for one in _counting(archive, around):
            held = archive.files(one)
            if archive.event(one).revision or any(map(_tells_by_itself, held)):
                join_reported(archive, _names(archive, one, held), one)
    return _others(archive) - before


def _others(archive: Archive) -> int:
    with archive.store.reading() as connection:
        return len(same_events.every(connection))


def _counting(archive: Archive, event_ids: Iterable[int]) -> list[int]:
    """The events that count for some; again for each, since one can have become another meanwhile."""
    with archive.store.reading() as connection:
        return same_events.counting(connection, sorted(event_ids))


def _tells_by_itself(file: FileRow) -> bool:
    """Whether an event file shows in its own bytes when it was recorded; a Micromate's is known by its name alone."""
    return file.kind == FileKind.EVENT_FILE and micromate_name(without_copy_mark(file.name)) is None


def _names(archive: Archive, event_id: int, held: Iterable[FileRow]) -> list[str]:
    names = [archive.event(event_id).name, *(file.name for file in held if file.kind == FileKind.EVENT_FILE)]
    return [name for name in dict.fromkeys(names) if name]


def _pointed_at(archive: Archive, event_id: int) -> set[int]:
    """The other events that names of an event's files point to, or whose reports point to the same."""
    held = archive.files(event_id)
    names = [archive.event(event_id).name, *(file.name for file in held)]
    pointed = {one for name in names if name for one in (base_name(name), *micromate_files_meant(name))}
    pointed |= {file.pairs_with for file in held if file.pairs_with}
    found = {other for name in pointed for other in ids_by_name(archive.store, name)}
    return {*found, *ids_paired(archive.store, *pointed)} - {event_id}


def _reports_of(archive: Archive, event_id: int) -> None:
    """Look at the reports of an event as if each came now."""
    (counting,) = _counting(archive, [event_id])
    for row in archive.files(counting):
        if row.kind != FileKind.REPORT:
            continue
        with archive.store.reading() as connection:
            others = same_events.every(connection)
            owners = [one for one in files.events_of(connection, row.file_id) if one not in others]
        if len(owners) == 1:
            with suppress(Damaged):
                join_named(archive, row.name, owners[0], belonging_of(archive, row).others)


def _differ(archive: Archive, event_id: int) -> None:
    """Say of an event's files which of them are unlike, where nobody has."""
    told = {(one.code, one.message) for one in archive.findings(event_id)}
    new = [one for one in unlike_files(archive, archive.files(event_id)) if (one.code, one.message) not in told]
    if new:
        with archive.store.transaction() as connection:
            writing = Writing(connection)
            add_findings(writing, event_id, new)
            writing.note(AddFiles(), archive.actor, event_id)
            derive(archive, event_id, documents=True)
