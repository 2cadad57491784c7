"""Kept reports and sidecars read again, by readers of another version than read them before.

A document is kept byte for byte before it is read, so a corrected reader can say what it says now. What was read before
stays; of one source the newest reading counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.archive.reading import readings_of
from sfm_archive.archive.saving import add_readings_again
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress, silent
from sfm_archive.importing.documents import read_document
from sfm_archive.importing.waiting import kept_document
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.received import FileKind

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.storage.files import FileRow

AT_ONCE = 200
"""Events of which the values are looked up at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadItem:
    """One document of one event that another reader had read.

    `event_id`: the event; `file`: the document's name; `reader`: what reads it now; `readers_before`: what had read it;
    `different`: how many of its values are others than were read before, those counted that are new or gone."""

    event_id: int
    file: str
    reader: str
    readers_before: tuple[str, ...]
    different: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadReport:
    """What reading again did, or would do.

    `dry_run`: nothing was changed. `documents`: reports and sidecars of events; `current`: those that the reader of
    this version has read before; `without_values`: those in which it finds none, so that what was read stays; `items`:
    all others."""

    path: str
    dry_run: bool
    documents: int
    current: int
    without_values: int
    items: tuple[RereadItem, ...]


def reread_documents(archive: Archive, *, dry_run: bool = False, progress: Progress = silent) -> RereadReport:
    """Read kept documents again where this version's reader has not read them. Raises Damaged for a kept file that is
    not as received, ReadOnlyArchive, Busy, StorageFailed.

    Each event's new values are one change of the history; cut off, the next run goes on.
    """
    documents = current = without_values = 0
    items: list[RereadItem] = []
    rows = list(archive.events())
    progress(0, len(rows))
    for number, some in enumerate(batches(rows, AT_ONCE)):
        known = readings_of(archive.store, [row.event_id for row in some], in_doubt=True)
        for row in some:
            added: list[ReadingSet] = []
            for file in archive.files(row.event_id):
                if file.kind not in (FileKind.REPORT, FileKind.SIDECAR):
                    continue
                documents += 1
                own = [one for one in known.get(row.event_id, ()) if one.origin_sha256 == file.sha256]
                found = _read(archive, row.event_id, file)
                if found is None:
                    without_values += 1
                elif any((one.source, one.reader) == (found.source, found.reader) for one in own):
                    current += 1
                else:
                    added.append(found)
                    items.append(_item(row.event_id, file, found, own))
            if added and not dry_run:
                add_readings_again(archive, row.event_id, added)
        progress(min((number + 1) * AT_ONCE, len(rows)), len(rows))
    return RereadReport(
        path=str(archive.path),
        dry_run=dry_run,
        documents=documents,
        current=current,
        without_values=without_values,
        items=tuple(items),
    )


def _read(archive: Archive, event_id: int, file: FileRow) -> ReadingSet | None:
    return read_document(kept_document(archive, file, event_id)).readings


def _item(event_id: int, file: FileRow, found: ReadingSet, before: list[ReadingSet]) -> RereadItem:
    """What the newest reading before has, against what is read now."""
    old = {(one.quantity, one.channel): one for one in (before[-1].readings if before else ())}
    new = {(one.quantity, one.channel): one for one in found.readings}
    same = sum(
        (one.number, one.unit, one.state, one.text) == (old[key].number, old[key].unit, old[key].state, old[key].text)
        for key, one in new.items()
        if key in old
    )
    return RereadItem(
        event_id=event_id,
        file=file.name,
        reader=found.reader,
        readers_before=tuple(dict.fromkeys(one.reader for one in before)),
        different=len(old.keys() | new.keys()) - same,
    )
