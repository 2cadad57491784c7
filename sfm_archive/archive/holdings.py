"""One open archive with everything that changes it: saving, pinning, encoding. Services build on this."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sfm_archive.archive import reviewing, saving
from sfm_archive.archive.contents import Contents
from sfm_archive.archive.results import EventFile, PreparedFrames, Saved
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.base.version import TOOL
from sfm_archive.errors import Damaged, EncodeRefused, NotReproduced
from sfm_archive.formats.blastware.frames import as_a5_frames
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.events import Event, event_from_object
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.received import ReceivedFile
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone
from sfm_archive.plugins.loading import Plugins
from sfm_archive.storage import archive_row, encodings, files, history, zones
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.store import Store


def current_actor(given: str | None = None) -> str:
    """Who is working: the name given, else the login name, as far as the system tells."""
    try:
        return without_lone_surrogates(getpass.getuser() if given is None else given)
    except (OSError, KeyError, ImportError):
        return "unknown"


class Holdings(Contents):
    """Everything in one archive file, to be read and added to."""

    def __init__(self, store: Store, plugins: Plugins | None = None, actor: str | None = None) -> None:
        super().__init__(store, plugins)
        self._actor = current_actor(actor)

    @property
    def actor(self) -> str:
        """Who makes the changes, as the history will say."""
        return self._actor

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many saves in one durable transaction. Each save inside is still all or nothing by itself."""
        with self._store.transaction():
            yield

    def pin_encoder(self, encoder: str | EncoderName) -> None:
        """Use another encoder from now on. What earlier ones made stays recorded.

        Raises EncoderNotFound when it is not installed: an archive must not pin what nobody can run.
        """
        name = self.encoder(encoder).name
        with self._store.transaction() as connection:
            before = self._row(connection).pinned_encoder
            if before == str(name):
                return
            archive_row.pin_encoder(connection, str(name))
            detail = {"from": before, "to": str(name)}
            self._note(connection, "pin encoder", detail)

    def state_time_zone(self, serial: str, time_zone: str) -> bool:
        """Say which zone a unit's clock shows (IANA name, or 'unknown'); False when that was said already.

        It counts for the unit's events that came without a zone of their own. Raises BadSerial, UsageError.
        """
        unit, zone = checked_serial(serial), checked_zone(time_zone)
        with self._store.transaction() as connection:
            before = zones.of_units(connection).get(unit, UNKNOWN_ZONE)
            if before == zone:
                return False
            position = zones.state(connection, unit, zone, utc_now())
            detail = {"serial": unit, "position": position, "from": before, "to": zone}
            self._note(connection, "state time zone", detail)
        return True

    def review(self, event_id: int, *, false_trigger: bool, notes: str, reviewer: str = "") -> bool:
        """Record what a person decided about an event; False where that is what counts already.

        A decision is never changed: a later one counts before it, and all of them before what a sidecar says.
        `notes`: why; `reviewer`: who decided, the actor where none is named. Raises EventNotFound, UsageError.
        """
        decision = reviewing.Decision(false_trigger, reviewer or self._actor, notes)
        return reviewing.keep_decision(self._store, event_id, decision, self._actor)

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
        completed = saving.completed_event(event, stream)
        encoder = self.encoder(self.pinned_encoder)
        return completed, saving.prepare_frames(completed, stream, encoder)

    def attach(
        self,
        event_id: int,
        received: Sequence[ReceivedFile],
        readings: Sequence[ReadingSet] = (),
        findings: Sequence[Finding] = (),
    ) -> bool:
        """Join files, their values and what was noticed about them to an event; False when all of it was there
        already."""
        return saving.attach(self._store, event_id, received, readings, self._actor, findings)

    def keep_waiting(self, received: ReceivedFile, tells: Mapping[str, str] | None = None) -> bool:
        """Keep a file whose event is not here yet; False when it is kept already. `tells`: what it says of its event,
        `serial` and `recorded_at_local`, as docs/format.md has it."""
        return saving.keep_waiting(self._store, received, self._actor, tells)

    def file_bytes(self, file: FileRow, event_id: int | None = None) -> bytes:
        """A received file, byte for byte; its hash is checked. Raises Damaged, NotReproduced."""
        kept = self._stored_bytes(file)
        if kept is not None:
            return kept
        with self._store.reading() as connection:
            owners = files.events_of(connection, file.file_id)
        if event_id is not None:
            owners.sort(key=lambda owner: owner != event_id)
        for owner in owners if file.reproduced_by else []:
            recorded = {row.revision for row in self.encodings(owner) if row.sha256 == file.sha256}
            for row in sorted(self.revisions(owner), key=lambda row: row.revision not in recorded):
                with suppress(EncodeRefused):  # another revision may be the one that was received as this file
                    made = self.encode(owner, file.reproduced_by, row.revision)
                    if made.sha256 == file.sha256:
                        return made.data
        raise Damaged(
            f"{self.path}: the bytes of {file.name} (file {file.file_id}) are missing; take them from a backup"
        )

    def encode(self, event_id: int, encoder: str | EncoderName | None = None, revision: int | None = None) -> EventFile:
        """The event file that an encoder makes, checked against what it made before, and recorded the first time.

        `encoder` is the pinned one where none is named. Raises EventNotFound, EncoderNotFound, EncodeRefused, and
        NotReproduced when the bytes are not those recorded.
        """
        registered = self.encoder(self.pinned_encoder if encoder is None else encoder)
        row = self.event(event_id)
        number = row.revision if revision is None else revision
        stream = self.frames(event_id, number)
        with self._store.reading() as connection:
            record = encodings.read(connection, event_id, number, registered.name)
        made = saving.run_encoder(row.event(), stream, registered)
        new = saving.encoding_row(event_id, number, made, utc_now())
        if record is None and not made.failed and not self.read_only:
            self._record(new)
        elif record is not None and not made.failed:
            self._check_reproduced(new, record)
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
            sha256=new.sha256,
            encoder=registered.name,
            revision=number,
            findings=made.findings,
        )

    def _check_reproduced(self, found: EncodingRow, record: EncodingRow) -> None:
        if (found.outcome, found.sha256) != (record.outcome, record.sha256):
            was = f"{record.outcome} {record.sha256[:12]}".strip()
            now = f"{found.outcome} {found.sha256[:12]}".strip()
            raise NotReproduced(
                f"{self.path}: event {found.event_id}, frames revision {found.revision}: {found.encoder} of "
                f"{found.distribution} {found.distribution_version} gives {now}, recorded was {was} by "
                f"{record.distribution} {record.distribution_version}. A released encoder must not change: install the "
                "recorded package"
            )

    def _record(self, row: EncodingRow) -> None:
        with self._store.transaction() as connection:
            # Another process may have recorded the same meanwhile; then there is nothing to note.
            if encodings.insert(connection, row):
                detail = {
                    "encoder": str(row.encoder),
                    "revision": row.revision,
                    "outcome": row.outcome,
                    "sha256": row.sha256,
                }
                self._note(connection, "encode", detail, row.event_id)
