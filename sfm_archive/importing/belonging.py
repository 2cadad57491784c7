"""Which event a document is of: by its bytes, by its name, by the event file that it names, and last by unit and time.

A name that is an event file's is the stronger tie: whatever times they tell, files of one such name are of one event,
and files of two such names are never joined by time alone. Bytes that an event has are of that event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.doubts import has_other_numbers
from sfm_archive.archive.finding import computed_name, ids_at, ids_by_name, ids_paired
from sfm_archive.archive.reading import events_of_bytes, events_of_file
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.formats.micromate.names import are_of_two
from sfm_archive.importing.bundles import base_name, micromate_files_meant
from sfm_archive.importing.documents import Document
from sfm_archive.importing.identify import IdentitySource, serial_of_folder
from sfm_archive.importing.recognise import SourceKind
from sfm_archive.model.events import Event
from sfm_archive.model.readings import Reading
from sfm_archive.model.received import FileKind, ReceivedFile

Misfits = dict[int, tuple[str, ...]]
"""Events that a name, or serial and time, point to, each with what does not fit, in words."""


class Belonging(NamedTuple):
    """Events that a document may belong to. `matching`: those that it fits; `others`: those that it points to and does
    not; `apart`: those of its unit and second whose files are named as another event's; `by_name`: whether a report of
    the very name says so."""

    matching: list[int]
    others: Misfits
    apart: frozenset[int] = frozenset()
    by_name: bool = False


def events_of(
    archive: Archive,
    name: str,
    folder: str,
    says: IdentitySource,
    kind: FileKind,
    event_file: str = "",
    said: Sequence[Reading] = (),
) -> Belonging:
    """Events that a document may belong to: those that its name points to, else those of the `event_file` that it
    names and that it fits, else by serial and time where it says both, else by the second in an event file's name,
    where the numbers that it prints (`said`) are not others than those of the samples.
    An event file that no decoder reads, and what lies beside one, belong to the event of the report whose name points
    to the same.
    """
    of_folder = says.serial is None
    if of_folder:
        says = says._replace(serial=serial_of_folder(folder))
    matching: list[int] = []
    others: Misfits = {}
    apart: set[int] = set()
    meant = micromate_files_meant(name)
    if kind is FileKind.REPORT and len(meant) > 1 and None in (says.serial, says.recorded_at):
        meant = ()  # how THOR names tables is not known: a name without the kind points to an event, but proves none

    def look_at(event_ids: Iterable[int]) -> None:
        for event_id in event_ids:
            misfits = says.misfits(archive.event(event_id).event())
            if are_of_two(meant, (file.name for file in archive.files(event_id))):
                apart.add(event_id)
            elif misfits:
                words = (one.replace("its serial", "the serial of its folder") if of_folder else one for one in misfits)
                others[event_id] = tuple(words)
            elif event_id not in matching:
                matching.append(event_id)

    paired = ids_paired(archive.store, *_names_of_reports(name, meant)) if meant or kind in _OF_A_NAME else []
    if kind is FileKind.REPORT:
        look_at(paired)
    elif paired:
        return Belonging(paired, {}, by_name=True)
    look_at(sorted({one for pointed in {base_name(name), *meant} for one in ids_by_name(archive.store, pointed)}))
    if not matching and event_file and says.recorded_at is not None:
        meant_by_line = ids_by_name(archive.store, event_file)
        # The line can name an event by its time alone: what its files are named counts here too.
        look_at(one for one in meant_by_line if says.fits(archive.event(one).event()))
    if not matching and says.serial is not None and says.recorded_at is not None:
        look_at(ids_at(archive.store, says.serial, says.recorded_at))
    if not matching and kind is FileKind.REPORT and says.serial is not None and says.recorded_at is not None:
        event = Event(serial=says.serial, recorded_at=says.recorded_at, record_type=says.record_type)
        named = {one for style in NameStyle for one in ids_by_name(archive.store, computed_name(event, style))}
        for event_id in sorted(named - others.keys() - apart):
            if has_other_numbers(archive, event_id, said):
                others[event_id] = ("its numbers are not those of its samples",)
            else:
                look_at([event_id])
    return Belonging(matching, others, frozenset(apart))


_OF_A_NAME = frozenset({FileKind.EVENT_FILE, FileKind.COPY})
"""Files that say nothing of unit, time and kind but by their names."""


def _names_of_reports(name: str, meant: Iterable[str]) -> set[str]:
    """What the names of the reports of an event file point to, as they are kept."""
    return {base_name(without_copy_mark(name)), *meant, *(one.rpartition(".")[0] for one in meant)}


def events_that_have(archive: Archive, file: ReceivedFile, document: Document) -> list[int]:
    """Events that have a file already: a report that is an event by itself under whatever name, all else under the
    same. Where a report came first under a name that is no event file's, and was joined by its time to files of another
    name than its own is now, the name is the stronger tie."""
    exactly = events_of_file(archive.store, file)
    if document.file.kind is not SourceKind.REPORT or document.event is None:
        return exactly
    held = events_of_bytes(archive.store, file.sha256, file.kind.value)
    return [one for one in held if one in exactly or not _has_it_by_time(archive, one, file)]


def _has_it_by_time(archive: Archive, event_id: int, file: ReceivedFile) -> bool:
    """Whether an event has a report's bytes under no event file's name, and beside files of another name than this."""
    held = archive.files(event_id)
    called = [row.name for row in held if row.sha256 == file.sha256]
    is_named = any(micromate_files_meant(name) for name in called)
    return not is_named and are_of_two(micromate_files_meant(file.name), (row.name for row in held))


def owners_of(archive: Archive, found: Belonging, document: Document) -> list[int]:
    """The events that get a document of those that it may belong to: the only one, all where several reports have its
    name, or for a report all of one unit, second and kind (`archive.doubts` says for which of them it counts). None
    where it could be of others too."""
    if len(found.matching) < 2 or found.by_name:
        return found.matching
    if document.file.kind is not SourceKind.REPORT:
        return []
    rows = [archive.event(event_id) for event_id in found.matching]
    same_type = [row for row in rows if row.record_type == document.identity.record_type.value] or rows
    alike = {(row.serial, row.recorded_at_local, row.record_type) for row in same_type}
    return [row.event_id for row in same_type] if len(alike) == 1 else []
