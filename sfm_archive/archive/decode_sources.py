"""Out of the archive: the bytes to decode of each event, and what its documents say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sfm_archive.archive.correcting import corrections_of
from sfm_archive.archive.decoding import Task, best_source
from sfm_archive.archive.placing import borders_of
from sfm_archive.archive.sample_sources import Report, Source
from sfm_archive.archive.setting_sources import settings_of
from sfm_archive.errors import SfmError
from sfm_archive.formats.reports.dialects import Dialect, dialect_of
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.model.correcting import AS_RECORDED
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.eight_channels import EIGHT_CHANNEL, NOT_SUPPORTED
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.received import FileKind
from sfm_archive.storage import doubts, encodings, files, frames, readings
from sfm_archive.storage.doubts import DoubtRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.plugins.registry import RegisteredDecoder

_UNPROVEN = (
    "its frames came in several captures, and nothing but their addresses shows that these are of one download; no "
    "number of them counts. Download the event again"
)


def decoder_of(archive: Archive) -> RegisteredDecoder:
    """The decoder that the archive pins. Raises NotFound where its plug-in is not installed."""
    return archive.plugins.decoder(archive.pinned_decoder)


def reported(documents: Sequence[ReadingSet]) -> tuple[Reading, ...]:
    """What documents say: for each source, in the order in which they count, its newest value of each quantity and
    channel. Nothing decoded, and nothing that a unit said of itself: the event's settings may have been others."""
    newest: dict[tuple[ValueSource, str, str], Reading] = {}
    for document in reversed(documents):
        if document.source not in (ValueSource.DECODER, ValueSource.COMPLIANCE_RECORD):
            for value in document.readings:
                newest.setdefault((document.source, value.quantity, value.channel), value)
    return tuple(readings.in_order(newest.values()))


def told(documents: Sequence[ReadingSet]) -> list[Reading]:
    """Every value of every document, in the order in which they count, newest first within a source."""
    every = (value for document in reversed(documents) for value in document.readings)
    return readings.in_order(value for value in every if value.source is not ValueSource.DECODER)


def tasks(archive: Archive, rows: Sequence[EventRow]) -> list[Task]:
    """One task for each event: the current frames first, then received event files, newest first, and its reports."""
    without_frames = [row.event_id for row in rows if not row.revision]
    with archive.store.reading() as connection:
        blobs = frames.of_keys(connection, [(row.event_id, row.revision) for row in rows if row.revision])
        whole = frames.whole_revisions(connection, [row.event_id for row in rows])
        unproven = encodings.unproven(connection, [row.event_id for row in rows if row.revision])
        incomplete = [row.event_id for row in rows if row.revision and (row.event_id, row.revision) not in whole]
        incomplete += sorted(unproven.difference(incomplete))
        received = files.event_files_of(connection, [*without_frames, *incomplete])
        documents = files.of_kind(connection, [row.event_id for row in rows], FileKind.REPORT.value)
        doubted = doubts.rows_of(connection, [row.event_id for row in rows])
        known = settings_of(connection, rows)
        borders = borders_of(connection, rows)
        right = corrections_of(connection, rows)
        of_eight = encodings.with_finding(connection, [row.event_id for row in rows], EIGHT_CHANNEL)
    found = []
    for row in rows:
        sources: list[Source] = []
        start = row.event().recorded_at
        blob = blobs.get((row.event_id, row.revision))
        own = [] if blob is None else [Source(label=f"frames revision {row.revision}", sha256=blob.sha256, blob=blob)]
        if row.event_id not in unproven:
            sources += own
        sources += _of_files(archive, row.event_id, received.get(row.event_id, ()))
        printed = tuple(_reports(archive, row.event_id, documents.get(row.event_id, ()), doubted.get(row.event_id, ())))
        only_unproven = row.event_id in unproven and not sources and not printed
        found.append(
            Task(
                event_id=row.event_id,
                start=start,
                corrected_start=right.get(row.event_id, AS_RECORDED).moved(start),
                sources=tuple(own if only_unproven else sources),
                settings=known[row.event_id].settings,
                reported=known[row.event_id].reported,
                reports=printed,
                borders=borders.get(row.event_id, ()),
                refused=NOT_SUPPORTED if row.event_id in of_eight else _UNPROVEN if only_unproven else "",
            )
        )
    return found


def counting_file(archive: Archive, row: EventRow, kept: Sequence[FileRow]) -> FileRow | None:
    """Of several event files of one event, newest first, the one that counts: the newest that decodes to its end. None
    where no sample of any is understood."""
    with archive.store.reading() as connection:
        known = settings_of(connection, [row])[row.event_id]
    task = Task(
        event_id=row.event_id,
        start=row.event().recorded_at,
        corrected_start=row.event().recorded_at,
        sources=tuple(_of_files(archive, row.event_id, kept)),
        settings=known.settings,
        reported=known.reported,
    )
    best = best_source(task, decoder_of(archive))
    if best.source is None or best.decoded is None or not best.decoded.has_samples:
        return None
    return next(file for file in kept if file.sha256 == best.source.sha256)


def _of_files(archive: Archive, event_id: int, received: Sequence[FileRow]) -> Iterator[Source]:
    for file in received:
        if not file.kept:
            continue  # an encoder makes it of frames that were looked at already
        try:
            data = archive.file_bytes(file, event_id)
        except SfmError:
            continue  # sfm verify says what is damaged
        yield Source(label=f"event file {file.name}", sha256=file.sha256, file=data)


def _reports(
    archive: Archive, event_id: int, documents: Sequence[FileRow], doubted: Sequence[DoubtRow]
) -> list[Report]:
    """Reports, in either dialect and also where no value in one was understood: its table can be. Those of
    Blastware before tables of THOR, each in their order, so that the samples that count do not depend on which form
    came first."""
    other = {row.sha256 for row in doubted if not row.counts}
    place = {row.sha256: row.place for row in doubted}
    found = [
        Report(file.name, file.sha256, partial(archive.file_pieces, file, event_id))
        for file in sorted(documents, key=lambda file: place.get(file.sha256, 1))
        if file.sha256 not in other
    ]
    return sorted(found, key=_is_thors) if len(found) > 1 else found


def _is_thors(report: Report) -> bool:
    try:
        return dialect_of(ReceivedText(report.pieces).head) is Dialect.THOR
    except SfmError:
        return True  # sfm verify says what is damaged
