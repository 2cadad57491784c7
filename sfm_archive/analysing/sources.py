"""Out of the archive: the bytes to decode of each event, and what its documents say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from sfm_archive.analysing.decoding import Source, Task
from sfm_archive.analysing.settings import settings_from
from sfm_archive.archive import Archive
from sfm_archive.errors import SfmError
from sfm_archive.model.documents import ValueSource
from sfm_archive.model.readings import Reading
from sfm_archive.model.received import FileKind
from sfm_archive.model.selection import Selection
from sfm_archive.storage import files, frames
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.readings import StoredReading
from sfm_archive.storage.values import PRECEDENCE

_DOCUMENTS = tuple(ValueSource(source) for source in PRECEDENCE if source != ValueSource.DECODER)


def reported(stored: Sequence[StoredReading]) -> list[tuple[str, tuple[Reading, ...]]]:
    """What documents say: for each source, in the order in which they count, its newest value of each quantity and
    channel. Nothing decoded."""
    found = []
    for source in _DOCUMENTS:
        newest: dict[tuple[str, str], Reading] = {}
        for reading in reversed(stored):
            if reading.source == source.value:
                for value in reading.readings:
                    newest.setdefault((value.quantity, value.channel), value)
        if newest:
            found.append((source.value, tuple(newest.values())))
    return found


def told(stored: Sequence[StoredReading]) -> list[Reading]:
    """Every value of every document, in the order in which they count, newest first within a source."""
    found: list[Reading] = []
    for source in _DOCUMENTS:
        for reading in reversed(stored):
            if reading.source == source.value:
                found += reading.readings
    return found


def decoded_before(stored: Sequence[StoredReading], decoder: str) -> dict[str, tuple[Reading, ...]]:
    """Values that this decoder gave before, by the hash of what they were computed from."""
    return {
        reading.origin_sha256: reading.readings
        for reading in stored
        if reading.source == ValueSource.DECODER.value and reading.reader == decoder
    }


def reported_since(stored: Sequence[StoredReading], decoder: str, origin_sha256: str) -> bool:
    """Whether a report came after this decoder gave values of this origin: nobody has compared its table yet."""
    decoded = [
        reading.reading_id
        for reading in stored
        if (reading.source, reading.reader, reading.origin_sha256)
        == (ValueSource.DECODER.value, decoder, origin_sha256)
    ]
    reports = [reading.reading_id for reading in stored if reading.source == ValueSource.REPORT.value]
    return bool(decoded and reports) and max(reports) > max(decoded)


def tasks(
    archive: Archive,
    rows: Sequence[EventRow],
    stored: dict[int, list[StoredReading]],
    *,
    with_reports: bool = True,
) -> list[Task]:
    """One task for each event: the current frames first, then received event files, newest first."""
    without_frames = [row.event_id for row in rows if not row.revision]
    with archive.store.reading() as connection:
        blobs = {row.event_id: frames.read(connection, row.event_id, row.revision) for row in rows if row.revision}
        whole = frames.whole_revisions(connection, [row.event_id for row in rows])
        incomplete = [row.event_id for row in rows if row.revision and (row.event_id, row.revision) not in whole]
        received = files.event_files_of(connection, [*without_frames, *incomplete])
        with_report = [row.event_id for row in rows] if with_reports else []
        documents = files.of_kind(connection, with_report, FileKind.REPORT.value)
    found = []
    for row in rows:
        sources: list[Source] = []
        blob = blobs.get(row.event_id)
        if blob is not None:
            sources.append(Source(label=f"frames revision {row.revision}", sha256=blob.sha256, blob=blob))
        for file in received.get(row.event_id, ()):
            if not file.kept:
                continue  # an encoder makes it of frames that were looked at already
            try:
                data = archive.file_bytes(file, row.event_id)
            except SfmError:
                continue  # sfm verify says what is damaged
            sources.append(Source(label=f"event file {file.name}", sha256=file.sha256, file=data))
        own = stored.get(row.event_id, [])
        found.append(
            Task(
                event_id=row.event_id,
                sources=tuple(sources),
                settings=settings_from(told(own)),
                reports=tuple(_contents(archive, row.event_id, documents.get(row.event_id, ()))),
            )
        )
    return found


def _contents(archive: Archive, event_id: int, documents: Sequence[FileRow]) -> Iterator[bytes]:
    """Reports byte for byte, in either dialect and also where no value in one was understood: its table can be."""
    for file in reversed(documents):
        try:
            yield archive.file_bytes(file, event_id)
        except SfmError:
            continue  # sfm verify says what is damaged


def pages(archive: Archive, selection: Selection, size: int) -> Iterator[list[EventRow]]:
    """The events of a selection, `size` at a time."""
    left = iter(archive.events(selection))
    while page := list(islice(left, size)):
        yield page
