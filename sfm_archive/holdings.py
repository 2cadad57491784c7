"""One open archive: saving, finding, reading, encoding. Services build on this; `Archive` adds them to it."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sfm_archive import saving
from sfm_archive.errors import BadInput, BadName, Damaged, EncodeRefused, EventNotFound, NotReproduced, UsageError
from sfm_archive.formats.encoded import EncoderName, parse_encoder_name
from sfm_archive.formats.events import Event, event_from_object
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.frame_blob import FrameBlob, decompress, unpack_frames
from sfm_archive.formats.frames import A5Frame, as_a5_frames
from sfm_archive.formats.names import NameStyle, decode_event_file_name
from sfm_archive.formats.serials import serial_number
from sfm_archive.formats.timestamps import local_text
from sfm_archive.plugins import PluginRegistry, Plugins
from sfm_archive.results import (
    ArchiveInfo,
    EventFile,
    PreparedEncoding,
    PreparedFrames,
    ReadingSet,
    ReceivedFile,
    Saved,
)
from sfm_archive.selection import EVERYTHING, Selection
from sfm_archive.storage import archive_row, encodings, events, files, frames, history, values
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.frames import FramesRow
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.schema import FORMAT_VERSION
from sfm_archive.storage.store import Store
from sfm_archive.storage.values import ValueRow
from sfm_archive.version import TOOL


def current_actor() -> str:
    """Who is working: the login name, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


class Holdings:
    """Everything in one archive file. Each thread that uses it gets a connection of its own."""

    def __init__(self, store: Store, plugins: Plugins | None = None, actor: str | None = None) -> None:
        self._store = store
        self._plugins = Plugins() if plugins is None else plugins
        self._actor = current_actor() if actor is None else actor

    # -- the file itself ------------------------------------------------------------------------------------------

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

    @property
    def actor(self) -> str:
        """Who makes the changes, as the history will say."""
        return self._actor

    def close(self) -> None:
        """Close it; the last writer leaves exactly one file behind."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many saves in one durable transaction. Each save inside is still all or nothing by itself."""
        with self._store.transaction():
            yield

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
            size_on_disk=os.stat(self.path).st_size,
            history_length=length,
            history_head=head,
        )

    def _row(self, connection: Any) -> archive_row.ArchiveRow:
        row = archive_row.read(connection)
        if row is None:
            raise Damaged(f"{self.path} has no archive row: its making was cut off. Make a new archive")
        return row

    # -- the pinned encoder ---------------------------------------------------------------------------------------

    @property
    def pinned_encoder(self) -> EncoderName:
        """The encoder used where none is named."""
        with self._store.reading() as connection:
            return parse_encoder_name(self._row(connection).pinned_encoder)

    def pin_encoder(self, encoder: str | EncoderName) -> None:
        """Use another encoder from now on. What earlier ones made stays recorded.

        Raises EncoderNotFound when it is not installed: an archive must not pin what nobody can run.
        """
        name = self.plugins.encoder(encoder).name
        with self._store.transaction() as connection:
            before = self._row(connection).pinned_encoder
            if before == str(name):
                return
            archive_row.pin_encoder(connection, str(name))
            detail = {"from": before, "to": str(name)}
            self._note(connection, "pin encoder", detail)

    def _note(self, connection: Any, action: str, detail: dict[str, Any], event_id: int = 0) -> None:
        history.append(
            connection,
            at_utc=utc_now(),
            actor=self._actor,
            tool=TOOL,
            action=action,
            event_id=event_id,
            detail=detail,
        )

    # -- saving ---------------------------------------------------------------------------------------------------

    def save(
        self,
        event: Any,
        frames: Iterable[Any] | None = None,
        *,
        serial: str | None = None,
        names: Sequence[str] = (),
        files: Sequence[ReceivedFile] = (),
        readings: Sequence[ReadingSet] = (),
        findings: Sequence[Finding] = (),
        time_zone: str = "unknown",
    ) -> Saved:
        """Save one event with everything received of it, in one transaction.

        `event`: an Event, or any object with the older library's attribute names. `frames`: A5Frames, or objects or
        dicts with their six fields; None for an event known only by its files. The same event with the same content
        changes nothing; with other frames it gets a new revision. Raises BadSerial, BadFrames, UsageError, Busy,
        ReadOnlyArchive, StorageFailed; nothing is saved then.
        """
        known = event_from_object(event, serial)
        prepared = None
        if frames is not None:
            stream = as_a5_frames(frames)
            known, prepared = self.prepare(known, stream)
        item = saving.ToSave(
            event=known,
            prepared=prepared,
            names=tuple(names),
            files=tuple(files),
            readings=tuple(readings),
            findings=tuple(findings),
            time_zone=time_zone,
        )
        return saving.save(self._store, item, self._actor)

    def save_prepared(self, item: saving.ToSave) -> Saved:
        """Save what `prepare` made ready; for importers that prepare many events at once."""
        return saving.save(self._store, item, self._actor)

    def prepare(self, event: Event, stream: Sequence[A5Frame]) -> tuple[Event, PreparedFrames]:
        """Complete the event from its frames, pack them, and encode them with the pinned encoder."""
        if not stream:
            raise saving.no_frames(event)
        completed = saving.completed_event(event, stream[0])
        encoder = self.plugins.encoder(self.pinned_encoder)
        return completed, saving.prepare_frames(completed, stream, encoder)

    def attach(
        self, event_id: int, received: Sequence[ReceivedFile], readings: Sequence[ReadingSet] = ()
    ) -> bool:
        """Join files and their values to an event; False when all of it was there already."""
        return saving.attach(self._store, event_id, received, readings, self._actor)

    def keep_waiting(self, received: ReceivedFile) -> bool:
        """Keep a file whose event is not here yet; False when it is kept already."""
        return saving.keep_waiting(self._store, received, self._actor)

    # -- finding --------------------------------------------------------------------------------------------------

    def events(self, selection: Selection = EVERYTHING, **filters: Any) -> Iterator[EventRow]:
        """Events of a selection, or of the filters given by name (`serials=("BE11529",)`, `since=…`)."""
        chosen = Selection(**filters) if filters else selection
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
            return self.event(int(cleaned)) if len(cleaned) < 19 else self.event(0)
        found = self.ids_by_name(cleaned)
        if not found:
            raise EventNotFound(f"{self.path} holds no event {text!r}; sfm list shows what it holds")
        if len(found) > 1:
            ids = ", ".join(map(str, found))
            raise UsageError(f"{self.path}: {len(found)} events share the name {text}: give one of the ids {ids}")
        return self.event(found[0])

    def ids_by_name(self, name: str) -> list[int]:
        """Events that were received under a name or would get it by the AB0T rule, in either style."""
        with self._store.reading() as connection:
            received = events.ids_by_name(connection, name)
            if received:
                return received
            try:
                decoded = decode_event_file_name(name)
            except BadName:
                return []
            second = events.ids_at(connection, local_text(decoded.recorded_at))
        return [event_id for event_id, serial in second if serial_number(serial) == decoded.serial_number]

    def name_of(self, row: EventRow, style: NameStyle | None = None) -> str:
        """The name of an event's file: as received, else the computed call-home name; computed where `style` says.

        '' where the AB0T rule has no name for this serial or time.
        """
        if style is None and row.name:
            return row.name
        return saving.computed_name(row.event(), NameStyle.CALL_HOME if style is None else style)

    # -- reading --------------------------------------------------------------------------------------------------

    def names(self, event_id: int) -> list[str]:
        """Names under which an event was received."""
        with self._store.reading() as connection:
            return events.names(connection, event_id)

    def frames(self, event_id: int, revision: int | None = None) -> tuple[A5Frame, ...]:
        """Frames of the newest revision, or of the one named. Raises EventNotFound, Damaged."""
        blob, number = self._blob(event_id, revision)
        try:
            return unpack_frames(blob)
        except BadInput as error:
            raise Damaged(
                f"{self.path}: event {event_id}, frames revision {number}: {error}. Take them from a backup"
            ) from error

    def _blob(self, event_id: int, revision: int | None) -> tuple[FrameBlob, int]:
        with self._store.reading() as connection:
            number = frames.newest_revision(connection, event_id) if revision is None else revision
            blob = frames.read(connection, event_id, number)
        if blob is None:
            row = self.event(event_id)
            have = "no frames, only received files" if row.revision == 0 else f"{row.revision} revision(s)"
            raise EventNotFound(f"{self.path}: event {event_id} has {have}; there is no revision {number} to read")
        return blob, number

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

    def file_bytes(self, file: FileRow, event_id: int | None = None) -> bytes:
        """A received file, byte for byte; its hash is checked. Raises Damaged, NotReproduced."""
        with self._store.reading() as connection:
            stored = files.content(connection, file.sha256)
            owners = files.events_of(connection, file.file_id) if event_id is None else [event_id]
        if stored is not None:
            return self._content(file, *stored)
        for owner in owners:
            for row in self.revisions(owner):
                made = self.encode(owner, file.reproduced_by, row.revision) if file.reproduced_by else None
                if made is not None and made.sha256 == file.sha256:
                    return made.data
        raise Damaged(f"{self.path}: the bytes of {file.name} (file {file.file_id}) are missing; take them from a backup")

    def _content(self, file: FileRow, size: int, codec: str, packed: bytes) -> bytes:
        try:
            data = decompress(packed, codec, size)
        except BadInput as error:
            raise Damaged(f"{self.path}: {file.name} (file {file.file_id}): {error}. Take it from a backup") from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Damaged(f"{self.path}: {file.name} (file {file.file_id}) hashes to other bytes. Take it from a backup")
        return data

    def values(self, event_id: int) -> list[ValueRow]:
        """The values that count for an event."""
        with self._store.reading() as connection:
            return values.current(connection, event_id)

    def values_of(self, event_ids: Sequence[int], quantities: Sequence[str]) -> list[ValueRow]:
        """The values that count for several events, of some quantities only."""
        with self._store.reading() as connection:
            return values.current_of(connection, event_ids, quantities)

    def findings(self, event_id: int) -> list[Finding]:
        """What was noticed about an event when it was received."""
        with self._store.reading() as connection:
            return encodings.findings_of(connection, event_id)

    def encodings(self, event_id: int) -> list[EncodingRow]:
        """What each encoder made of each revision."""
        with self._store.reading() as connection:
            return encodings.of_event(connection, event_id)

    def newest_encodings(self, event_ids: Sequence[int], encoder: EncoderName) -> dict[int, EncodingRow]:
        """For several events, what one encoder made of the newest revision, where that is recorded."""
        with self._store.reading() as connection:
            return encodings.newest_of(connection, event_ids, encoder)

    def history(self, event_id: int | None = None) -> list[HistoryRow]:
        """Every change, oldest first; of one event where asked."""
        found: list[HistoryRow] = []
        with self._store.reading() as connection:
            while page := history.rows(connection, behind=found[-1].sequence if found else 0, event_id=event_id):
                found += page
        return found

    # -- encoding -------------------------------------------------------------------------------------------------

    def encode(
        self, event_id: int, encoder: str | EncoderName | None = None, revision: int | None = None
    ) -> EventFile:
        """The event file that an encoder makes, checked against what it made before, and recorded the first time.

        `encoder` is the pinned one where none is named. Raises EventNotFound, EncoderNotFound, EncodeRefused, and
        NotReproduced when the bytes are not those recorded.
        """
        registered = self.plugins.encoder(self.pinned_encoder if encoder is None else encoder)
        row = self.event(event_id)
        number = row.revision if revision is None else revision
        stream = self.frames(event_id, number)
        with self._store.reading() as connection:
            record = encodings.read(connection, event_id, number, registered.name)
        made = saving.run_encoder(row.event(), stream, registered)
        self._check_reproduced(event_id, number, made, record)
        if record is None and not self.read_only:
            self._record(event_id, number, made)
        name = self.name_of(row)
        if made.file is None:
            reasons = "; ".join(finding.message for finding in made.findings if finding.severity == "refusal")
            reasons = reasons or "; ".join(finding.message for finding in made.findings)
            raise EncodeRefused(
                f"event {event_id} ({name}): {registered.name} refuses its frames: {reasons}", made.findings
            )
        return EventFile(
            event_id=event_id,
            filename=name,
            data=made.file.data,
            sha256=hashlib.sha256(made.file.data).hexdigest(),
            encoder=registered.name,
            revision=number,
            findings=made.findings,
        )

    def _check_reproduced(
        self, event_id: int, revision: int, made: PreparedEncoding, record: EncodingRow | None
    ) -> None:
        if record is None:
            return
        found = saving.encoding_row(event_id, revision, made, record.encoded_at_utc)
        if (found.outcome, found.sha256) != (record.outcome, record.sha256):
            was = f"{record.outcome} {record.sha256[:12]}".strip()
            now = f"{found.outcome} {found.sha256[:12]}".strip()
            raise NotReproduced(
                f"{self.path}: event {event_id}, frames revision {revision}: {made.encoder} of {made.distribution} "
                f"{made.distribution_version} gives {now}, recorded was {was} by {record.distribution} "
                f"{record.distribution_version}. A released encoder must not change: install the recorded package"
            )

    def _record(self, event_id: int, revision: int, made: PreparedEncoding) -> None:
        with self._store.transaction() as connection:
            row = saving.encoding_row(event_id, revision, made, utc_now())
            encodings.insert(connection, row)
            detail = {"encoder": str(made.encoder), "revision": revision, "outcome": row.outcome, "sha256": row.sha256}
            self._note(connection, "encode", detail, event_id)
