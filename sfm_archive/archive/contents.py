"""What an open archive holds, to be found and read. `Holdings` adds everything that changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sfm_archive.archive.results import ArchiveInfo
from sfm_archive.archive.reviewing import REVIEW_QUANTITIES, Review, reviews_of
from sfm_archive.archive.saving import checked_folder_name, computed_name
from sfm_archive.base.texts import has_lone_surrogate
from sfm_archive.errors import BadInput, BadName, Damaged, EncoderNotFound, EventNotFound, UsageError
from sfm_archive.formats.blastware.names import NameStyle, decode_event_file_name
from sfm_archive.formats.frame_blob import FrameBlob, decompress, unpack_frames
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.received import ReceivedFile
from sfm_archive.model.selection import EVERYTHING, Selection, select
from sfm_archive.model.serials import serial_number
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.plugins.loading import PluginRegistry, Plugins, RegisteredEncoder
from sfm_archive.storage import archive_row, encodings, events, files, frames, history, readings, values, zones
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.frames import FramesRow
from sfm_archive.storage.history import HistoryRow, Told
from sfm_archive.storage.readings import StoredReading
from sfm_archive.storage.schema import FORMAT_VERSION
from sfm_archive.storage.store import Store
from sfm_archive.storage.values import ValueRow


class Contents:
    """An open archive, as a reader sees it. Each thread that uses it gets a connection of its own."""

    def __init__(self, store: Store, plugins: Plugins | None = None) -> None:
        self._store = store
        self._plugins = Plugins() if plugins is None else plugins

    @property
    def path(self) -> Path:
        """Where the archive lies."""
        return self._store.path

    @property
    def read_only(self) -> bool:
        """Whether it was opened so."""
        return self._store.read_only

    @property
    def store(self) -> Store:
        """The open file, for services that check or copy it."""
        return self._store

    @property
    def plugins(self) -> PluginRegistry:
        """Installed encoders."""
        return self._plugins.registry

    def encoder(self, name: str | EncoderName) -> RegisteredEncoder:
        """An installed encoder. Raises EncoderNotFound, with the package that it came from here, where that is
        recorded; UsageError for text that is no encoder's name.
        """
        wanted = name if isinstance(name, EncoderName) else parse_encoder_name(name)
        try:
            return self.plugins.encoder(wanted)
        except EncoderNotFound as error:
            with self._store.reading() as connection:
                package = encodings.package_of(connection, wanted)
            if package is None:
                raise
            raise EncoderNotFound(
                f"{error}. {self.path} has it from the package {' '.join(package).strip()}: install that"
            ) from error

    def close(self) -> None:
        """Close it; the last writer leaves exactly one file behind."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def info(self) -> ArchiveInfo:
        """The archive in numbers."""
        with self._store.reading() as connection:
            row = self._row(connection)
            counts = archive_row.counts(connection)
            length, head = history.head(connection)
        return ArchiveInfo(
            path=str(self.path),
            archive_id=row.archive_id,
            format_version=FORMAT_VERSION,
            created_at_utc=row.created_at_utc,
            created_by=row.created_by,
            pinned_encoder=row.pinned_encoder,
            events=counts.events,
            units=counts.units,
            frame_revisions=counts.frames,
            files=counts.files,
            waiting_files=counts.waiting_files,
            earliest=counts.earliest_local,
            latest=counts.latest_local,
            frame_bytes=counts.frame_bytes,
            stored_frame_bytes=counts.stored_frame_bytes,
            file_bytes=counts.file_bytes,
            stored_file_bytes=counts.stored_file_bytes,
            size_on_disk=self.path.stat().st_size,
            history_length=length,
            history_head=head,
        )

    def _row(self, connection: Any) -> archive_row.ArchiveRow:
        row = archive_row.read(connection)
        if row is None:
            raise Damaged(f"{self.path} has no archive row: its making was cut off. Make a new archive")
        if not all(isinstance(value, str) for value in row):
            raise Damaged(f"{self.path}: the archive's own row is damaged. Work on with a backup, or run sfm salvage")
        return row

    @property
    def pinned_encoder(self) -> EncoderName:
        """The encoder used where none is named."""
        with self._store.reading() as connection:
            return parse_encoder_name(self._row(connection).pinned_encoder)

    def events(self, selection: Selection = EVERYTHING, **filters: Any) -> Iterator[EventRow]:
        """Events of a selection, or of the filters of `select` (`serial="BE11529", since="2026-05"`)."""
        chosen = select(**filters) if filters else selection
        with self._store.reading() as connection:
            yield from events.select(connection, chosen)

    def count(self, selection: Selection = EVERYTHING) -> int:
        """How many events a selection has."""
        with self._store.reading() as connection:
            return events.count(connection, selection)

    def event(self, event_id: int) -> EventRow:
        """One event. Raises EventNotFound."""
        with self._store.reading() as connection:
            row = events.read(connection, event_id)
        if row is None:
            raise EventNotFound(f"{self.path} holds no event {event_id}; sfm list shows what it holds")
        return row

    def find(self, text: str) -> EventRow:
        """The event meant by an id or by an event file's name, received or computed, whatever its case.

        Raises EventNotFound, or UsageError with the ids where several events share the name.
        """
        cleaned = text.strip()
        if cleaned.isascii() and cleaned.isdigit():
            if len(cleaned) < 19:
                return self.event(int(cleaned))
            found = []
        else:
            found = self.ids_by_name(cleaned)
        if not found:
            raise EventNotFound(f"{self.path} holds no event {text!r}; sfm list shows what it holds")
        if len(found) > 1:
            ids = ", ".join(map(str, found))
            raise UsageError(f"{self.path}: {len(found)} events share the name {text}: give one of the ids {ids}")
        return self.event(found[0])

    def ids_by_name(self, name: str) -> list[int]:
        """Events that were received under a name or would get it by the AB0T rule, in either style.

        A name that ends in `W` is no histogram's and one that ends in `H` no waveform's; without a suffix it is
        either's.
        """
        if has_lone_surrogate(name):
            return []  # no archive holds such a text, and SQLite could not even be asked
        with self._store.reading() as connection:
            found = events.ids_by_name(connection, name)
            try:
                decoded = decode_event_file_name(name)
            except BadName:
                return found
            second = events.at(connection, local_text(decoded.recorded_at))
        possible = (RecordType.UNKNOWN, decoded.suggested_record_type)
        computed = [
            row.event_id
            for row in second
            if serial_number(row.serial) == decoded.serial_number
            and (not decoded.suffix or RecordType(row.record_type) in possible)
        ]
        return sorted({*found, *computed})

    def ids_at(self, serial: str, recorded_at: datetime) -> list[int]:
        """Events of one unit at one device-local second."""
        with self._store.reading() as connection:
            second = events.at(connection, local_text(recorded_at))
        return [row.event_id for row in second if row.serial == serial]

    def name_of(self, row: EventRow, style: NameStyle | None = None) -> str:
        """The name of an event's file: as received, else the computed call-home name; computed where `style` says.

        '' where the AB0T rule has no name for this serial or time.
        """
        if style is None and row.name:
            return row.name
        return computed_name(row.event(), NameStyle.CALL_HOME if style is None else style)

    def names(self, event_id: int) -> list[str]:
        """Names under which an event was received."""
        with self._store.reading() as connection:
            return events.names(connection, event_id)

    def unit_zones(self) -> dict[str, str]:
        """Time zones that people stated for units' clocks, by serial."""
        with self._store.reading() as connection:
            return zones.of_units(connection)

    def zone_of(self, row: EventRow) -> str:
        """The zone of an event's recorded time: its own, else the one stated for its unit, else 'unknown'."""
        if row.time_zone != UNKNOWN_ZONE:
            return row.time_zone
        return self.unit_zones().get(row.serial, UNKNOWN_ZONE)

    def frames(self, event_id: int, revision: int | None = None) -> tuple[A5Frame, ...]:
        """Frames of the current revision, or of the one named. Raises EventNotFound, Damaged."""
        number, blob = self._blob(event_id, revision)
        try:
            return unpack_frames(blob)
        except BadInput as error:
            raise Damaged(
                f"{self.path}: event {event_id}, frames revision {number}: {error}. Take them from a backup"
            ) from error

    def _blob(self, event_id: int, revision: int | None) -> tuple[int, FrameBlob]:
        with self._store.reading() as connection:
            if revision is None:
                found = frames.read_current(connection, event_id)
            else:
                named = frames.read(connection, event_id, revision)
                found = None if named is None else (revision, named)
        if found is None:
            self.event(event_id)
            count = len(self.revisions(event_id))
            have = f"{count} revision(s)" if count else "no frames, only received files"
            number = 0 if revision is None else revision
            raise EventNotFound(f"{self.path}: event {event_id} has {have}; there is no revision {number} to read")
        return found

    def revisions(self, event_id: int) -> list[FramesRow]:
        """All revisions of an event's frames, oldest first, without their bytes."""
        with self._store.reading() as connection:
            return frames.revisions(connection, event_id)

    def files(self, event_id: int) -> list[FileRow]:
        """Files received of an event, in the order of receipt."""
        with self._store.reading() as connection:
            return files.of_event(connection, event_id)

    def waiting_files(self) -> list[FileRow]:
        """Files whose event is not here yet."""
        with self._store.reading() as connection:
            return files.waiting(connection)

    def events_of_file(self, file: ReceivedFile) -> list[int]:
        """Events that exactly this file is joined to; none where it waits, or was never received."""
        with self._store.reading() as connection:
            file_id = files.find(connection, file.sha256, file.kind.value, checked_folder_name(file.folder), file.name)
            return [] if file_id is None else files.events_of(connection, file_id)

    def told_when_kept(self, waiting: Sequence[FileRow]) -> dict[int, Told]:
        """What files that wait said of their event when they were kept, by id; files of which the history does not
        have it are left out."""
        with self._store.reading() as connection:
            found = history.told_when_kept(connection, (row.received_at_utc for row in waiting))
        by_file = {(told.kind, told.name, told.folder, told.sha256): told for told in found}
        keys = {row.file_id: (row.kind, row.name, row.folder, row.sha256) for row in waiting}
        return {file_id: by_file[key] for file_id, key in keys.items() if key in by_file}

    def _stored_bytes(self, file: FileRow) -> bytes | None:
        """A received file whose own bytes are kept; None where an encoder makes it again."""
        with self._store.reading() as connection:
            stored = files.content(connection, file.sha256)
        return None if stored is None else self._content(file, *stored)

    def _content(self, file: FileRow, size: int, codec: str, packed: bytes) -> bytes:
        try:
            data = decompress(packed, codec, size)
        except BadInput as error:
            raise Damaged(f"{self.path}: {file.name} (file {file.file_id}): {error}. Take it from a backup") from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Damaged(
                f"{self.path}: {file.name} (file {file.file_id}) hashes to other bytes. Take it from a backup"
            )
        return data

    def values(self, event_id: int) -> list[ValueRow]:
        """The values that count for an event."""
        with self._store.reading() as connection:
            return values.current(connection, event_id)

    def values_of(self, event_ids: Sequence[int], quantities: Sequence[str]) -> list[ValueRow]:
        """The values that count for several events, of some quantities only."""
        with self._store.reading() as connection:
            return values.current_of(connection, event_ids, quantities)

    def readings_of(self, event_ids: Sequence[int]) -> dict[int, list[StoredReading]]:
        """Every reading of several events with all its values, whether they count or not, oldest first; events
        without one are left out."""
        with self._store.reading() as connection:
            return readings.of_events(connection, event_ids)

    def reviews(self, event_ids: Sequence[int]) -> dict[int, Review]:
        """What people decided about several events; events that nobody reviewed are left out."""
        return reviews_of(self.values_of(event_ids, REVIEW_QUANTITIES))

    def findings(self, event_id: int) -> list[Finding]:
        """What was noticed about an event when it was received."""
        with self._store.reading() as connection:
            return encodings.findings_of(connection, event_id)

    def encodings(self, event_id: int) -> list[EncodingRow]:
        """What each encoder made of each revision."""
        with self._store.reading() as connection:
            return encodings.of_event(connection, event_id)

    def current_encodings(self, event_ids: Sequence[int], encoder: EncoderName) -> dict[int, EncodingRow]:
        """For several events, what one encoder made of the current revision, where that is recorded."""
        with self._store.reading() as connection:
            return encodings.current_of(connection, event_ids, encoder)

    def history(self, event_id: int | None = None, limit: int | None = None) -> list[HistoryRow]:
        """Every change, oldest first; of one event where asked, and only the newest ones with a limit."""
        found: list[HistoryRow] = []
        with self._store.reading() as connection:
            if limit is not None:
                return history.newest(connection, limit, event_id=event_id)
            while page := history.rows(connection, behind=found[-1].sequence if found else 0, event_id=event_id):
                found += page
        return found

    def change(self, sequence: int) -> HistoryRow | None:
        """One change by its number."""
        with self._store.reading() as connection:
            found = history.rows(connection, behind=sequence - 1, limit=1)
        return found[0] if found and found[0].sequence == sequence else None

    def broken_history(self) -> str | None:
        """The first row of the history that does not follow from the one before it, and why; None if all do."""
        expected, previous = 1, history.FIRST_PREVIOUS
        with self._store.reading() as connection:
            while page := history.rows(connection, behind=expected - 1):
                for row in page:
                    fault = history.fault(row, expected, previous)
                    if fault is not None:
                        return f"history row {row.sequence}: {fault}"
                    expected, previous = row.sequence + 1, row.sha256
        return None

    def history_head(self) -> tuple[int, str]:
        """Number and hash of the newest change; noted elsewhere, it proves later that nothing before it was altered."""
        with self._store.reading() as connection:
            return history.head(connection)
