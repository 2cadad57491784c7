"""The re-encoding itself: chunks of events out of the archive, records into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from sfm_archive.archive import Archive
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.archive.reading import current_encodings
from sfm_archive.archive.saving import keep_record
from sfm_archive.base.batches import batches
from sfm_archive.base.processes import done_here, done_in_processes
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import ReadOnlyArchive, UsageError
from sfm_archive.maintaining.reencoding import workers
from sfm_archive.maintaining.reencoding.compared_event import EventToEncode, ReencodeResult
from sfm_archive.maintaining.reencoding.report import ReencodeItem, ReencodeReport
from sfm_archive.maintaining.reencoding.workers import EncoderPair
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.storage import frames

_CHUNK = 50
"""Events for one process at a time, and recorded in one transaction."""

_WORTH_A_PROCESS = 2000
"""Fewer events are done before other processes have started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReencodeOptions:
    """How to re-encode.

    `dry_run`: record nothing. `ignore_records`: run the encoder also where its record would be enough.
    `processes`: how many; None takes all cores, and this process alone for few events.
    """

    dry_run: bool = False
    ignore_records: bool = False
    processes: int | None = None

    def __post_init__(self) -> None:
        if self.processes is not None and self.processes < 1:
            raise UsageError(f"{self.processes} processes cannot work; give 1 or more")


DEFAULTS = ReencodeOptions()


def reencode(
    archive: Archive,
    encoder: str | EncoderName,
    selection: Selection = EVERYTHING,
    options: ReencodeOptions = DEFAULTS,
    progress: Progress = silent,
) -> ReencodeReport:
    """Run an encoder over the current frames of the selected events and compare its files with the pinned one's.

    What it makes is recorded, event by event, unless it is worse; nothing else changes, the pin least of all.
    Stopped at any point it goes on from there: records that say enough are used again. Raises EncoderNotFound,
    ReadOnlyArchive unless `dry_run`, and Busy.
    """
    if archive.read_only and not options.dry_run:
        raise ReadOnlyArchive(f"{archive.path} was opened read-only; re-encode with a dry run, or open it for writing")
    name, pinned = installed_encoder(archive, encoder).name, archive.pinned_encoder
    pair = EncoderPair(str(name), str(pinned), options.ignore_records)
    comparer = pair.comparer(archive.plugins)
    total = archive.count(selection)
    chunks = _chunks(archive, selection, name, pinned)
    processes = options.processes or (1 if total < _WORTH_A_PROCESS else os.cpu_count() or 1)
    items: list[ReencodeItem] = []
    recorded = 0
    found = (
        done_here(chunks, comparer.compare_all)
        if processes == 1
        else done_in_processes(
            chunks,
            min(processes, -(-total // _CHUNK) or 1),
            workers.compare,
            here=comparer.compare_all,
            died=pair.died,
            start=workers.start,
            start_with=(pair,),
        )
    )
    with closing(found) as results:
        progress(0, total)
        for _, chunk in results:
            if not options.dry_run:
                recorded += _record(archive, chunk)
            items += [result.item for result in chunk]
            progress(min(len(items), total), total)
    progress(total, total)
    return ReencodeReport(
        path=str(archive.path),
        encoder=str(name),
        compared_with=str(pinned),
        dry_run=options.dry_run,
        recorded=recorded,
        items=tuple(items),
    )


def _chunks(
    archive: Archive, selection: Selection, encoder: EncoderName, pinned: EncoderName
) -> Iterator[tuple[int, list[EventToEncode]]]:
    """Each with the first event in it."""
    for rows in batches(archive.events(selection), _CHUNK):
        ids = [row.event_id for row in rows]
        records = current_encodings(archive.store, ids, encoder)
        before = records if encoder == pinned else current_encodings(archive.store, ids, pinned)
        with archive.store.reading() as connection:
            blobs = {row.event_id: frames.read(connection, row.event_id, row.revision) for row in rows if row.revision}
        yield (
            ids[0],
            [
                EventToEncode(
                    event_id=row.event_id,
                    identity=row.event(),
                    revision=row.revision,
                    blob=blobs.get(row.event_id),
                    before=before.get(row.event_id),
                    record=records.get(row.event_id),
                )
                for row in rows
            ],
        )


def _record(archive: Archive, results: list[ReencodeResult]) -> int:
    """Keep the records of a chunk; how many were new."""
    rows = [result.record for result in results if result.record is not None]
    if not rows:
        return 0
    with archive.store.transaction() as connection:
        return sum(keep_record(connection, row, archive.actor) for row in rows)
