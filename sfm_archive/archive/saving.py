"""Saving: one event with everything received of it, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from sfm_archive.archive.deriving import refresh
from sfm_archive.archive.finding import computed_name
from sfm_archive.archive.results import PreparedEncoding, PreparedFrames, Saved
from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadFrames, BadInput, EncodeRefused, EventNotFound, UsageError
from sfm_archive.formats.blastware.event_file import read_strt, record_type_of
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.formats.blastware.streams import survey_stream
from sfm_archive.formats.frame_blob import CODEC, MAX_LOGICAL_SIZE, compress, pack_frames
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.plugins.registry import ENCODER_FAILED, RegisteredEncoder
from sfm_archive.storage import encodings, events, files, frames, history, values
from sfm_archive.storage.changes import (
    AddFiles,
    Encode,
    EncoderResult,
    EventWritten,
    FileStatement,
    FileWritten,
    FindingWritten,
    FramesWritten,
    KeepFile,
    ReadingWritten,
    Save,
)
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.store import Store

_NOTHING_NEW = Save()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSave:
    """Everything received of one event. `prepared` is None for an event known only by its files."""

    event: Event
    prepared: PreparedFrames | None = None
    names: tuple[str, ...] = ()
    files: tuple[ReceivedFile, ...] = ()
    readings: tuple[ReadingSet, ...] = ()
    findings: tuple[Finding, ...] = ()
    time_zone: str = "unknown"


def completed_event(event: Event, stream: Sequence[A5Frame]) -> Event:
    """The event with start key and record type from the frame that opens it, where it does not state them itself."""
    if event.start_key is not None and event.record_type is not RecordType.UNKNOWN:
        return event
    try:
        content = _opening_content(stream)
    except BadFrames:
        return event  # too short to say anything; the encoder's refusal will say so
    strt = read_strt(content)
    if strt is None:
        return event
    known = event.record_type is not RecordType.UNKNOWN
    return replace(
        event,
        start_key=strt.start_key if event.start_key is None else event.start_key,
        record_type=event.record_type if known else record_type_of(content),
    )


def _opening_content(stream: Sequence[A5Frame]) -> bytes:
    """What the first frame brings, or, where frames came out of order, the one at the event's start."""
    try:
        survey = survey_stream(stream)
    except BadFrames:
        return logical_frame(stream[0]).content  # a later frame may be the one that is too short
    start = None if survey.strt is None else survey.strt.start_key
    for piece in survey.pieces:
        if piece.address == start and read_strt(piece.content) is not None:
            return piece.content
    return survey.pieces[0].content


def no_frames(event: Event) -> BadFrames:
    """The error for an event that was given an empty list of frames."""
    return BadFrames(f"{event.serial} {event.recorded_at.isoformat()}: no A5 frames were given; nothing was saved")


def prepare_frames(event: Event, stream: Sequence[A5Frame], encoder: RegisteredEncoder) -> PreparedFrames:
    """Pack and encode frames. Raises BadInput for frames that no blob can hold."""
    encoding = run_encoder(event, stream, encoder)
    return PreparedFrames(blob=pack_frames(stream), whole=is_whole(stream), encoding=encoding)


def is_whole(stream: Sequence[A5Frame]) -> bool:
    """Whether frames hold every byte of their event."""
    try:
        return survey_stream(stream).whole
    except BadFrames:
        return False


def run_encoder(event: Event, stream: Sequence[A5Frame], encoder: RegisteredEncoder) -> PreparedEncoding:
    """What an encoder makes of frames; a refusal is a result too."""
    file: EncodedFile | None = None
    failed = False
    try:
        file = encoder.encode(event, stream)
        findings = file.findings
    except EncodeRefused as refusal:
        findings = refusal.findings
        failed = any(finding.code == ENCODER_FAILED for finding in findings)
    return PreparedEncoding(
        encoder=encoder.name,
        distribution=encoder.source.distribution,
        distribution_version=encoder.source.distribution_version,
        file=file,
        findings=findings,
        failed=failed,
    )


def save(store: Store, item: ToSave, actor: str) -> Saved:
    """Save one event in one transaction; saving the same again changes nothing and says so."""
    now = utc_now()
    with store.transaction() as connection:
        event_id = events.find(connection, item.event)
        created = event_id is None
        if event_id is None:
            event_id = events.insert(connection, item.event, item.time_zone, now)
        change, revision = Save(event=_identity(item.event) if created else None), 0
        if item.prepared is not None:
            change, revision = _save_frames(connection, event_id, item.prepared, change, now)
        names = [name for name in item.names if events.add_name(connection, event_id, checked_file_name(name))]
        added = [add_file(connection, event_id, file, now) for file in item.files]
        change = replace(
            change,
            names=tuple(names),
            files=tuple(file for file in added if file is not None),
            readings=add_readings(connection, event_id, item.readings, now),
            findings=add_findings(connection, event_id, item.findings, now),
        )
        if change != _NOTHING_NEW:
            history.append(connection, change, at_utc=now, actor=actor, event_id=event_id)
            refresh(connection, [event_id])
        received = item.names[0] if created and item.names else None
        if received is None:
            known = [] if created else events.names(connection, event_id)
            received = known[0] if known else ""
    return Saved(
        event_id=event_id,
        event=item.event,
        filename=received or computed_name(item.event),
        created=created,
        revision=revision,
        new_revision=change.frames is not None,
        files_new=tuple(file is not None for file in added),
        changed=change != _NOTHING_NEW,
        findings=item.findings + (() if item.prepared is None else item.prepared.encoding.findings),
    )


def attach(
    store: Store,
    event_id: int,
    received: Iterable[ReceivedFile],
    readings: Iterable[ReadingSet],
    actor: str,
    findings: Iterable[Finding] = (),
) -> bool:
    """Join files and values to an event that is there; False when all of it was there already.

    `findings`: what was noticed about them; kept with what is new, so that the same again changes nothing.
    """
    now = utc_now()
    with store.transaction() as connection:
        if events.read(connection, event_id) is None:
            raise EventNotFound(f"{store.path} holds no event {event_id}; sfm list shows what it holds")
        added = [add_file(connection, event_id, file, now) for file in received]
        change = AddFiles(
            files=tuple(file for file in added if file is not None),
            readings=add_readings(connection, event_id, readings, now),
        )
        if not change.written:
            return False
        change = replace(change, findings=add_findings(connection, event_id, findings, now))
        history.append(connection, change, at_utc=now, actor=actor, event_id=event_id)
        refresh(connection, [event_id])
    return True


def keep_waiting(store: Store, received: ReceivedFile, actor: str, tells: Mapping[str, str] | None = None) -> bool:
    """Keep a file whose event is not here yet; False when it is kept already.

    `tells`: what it says of its event, for the history: then nobody has to read the file again to look for the event.
    """
    now = utc_now()
    with store.transaction() as connection:
        added = add_file(connection, None, received, now)
        if added is None:
            return False
        change = KeepFile(files=(added,), tells=None if tells is None else FileStatement(**tells))
        history.append(connection, change, at_utc=now, actor=actor)
    return True


def add_file(connection: Any, event_id: int | None, file: ReceivedFile, now: str) -> FileWritten | None:
    """Keep a file and join it to its event; None where both was so already.

    An event file that an encoder is recorded to make is kept by its hash alone.
    """
    folder, name = checked_folder_name(file.folder), checked_file_name(file.name)
    if len(file.data) > MAX_LOGICAL_SIZE:
        raise BadInput(
            f"{name} has {len(file.data)} bytes; an archive keeps files of up to {MAX_LOGICAL_SIZE}. Nothing was saved"
        )
    file_id = files.find(connection, file.sha256, file.kind.value, folder, name)
    is_new, packed = file_id is None, None
    if file_id is None:
        reproduced_by = ""
        if file.kind is FileKind.EVENT_FILE and event_id is not None:
            reproduced_by = encodings.maker_of(connection, event_id, file.sha256)
        known = bool(reproduced_by) or files.has_content(connection, file.sha256)
        packed = None if known else compress(file.data)
        new = files.NewFile(
            sha256=file.sha256,
            size=len(file.data),
            kind=file.kind.value,
            name=name,
            folder=folder,
            pairs_with=file.pairs_with,
            reproduced_by=reproduced_by,
            packed=packed,
        )
        file_id = files.insert(connection, new, CODEC, now)
    joined = event_id is not None and files.link(connection, event_id, file_id)
    if not is_new and not joined:
        return None
    return FileWritten(
        kind=file.kind.value,
        name=name,
        folder=folder,
        sha256=file.sha256,
        # Other compressed bytes can give the same file: those that were stored have a hash too.
        stored_sha256="" if packed is None else hashlib.sha256(packed).hexdigest(),
    )


def add_readings(
    connection: Any, event_id: int, documents: Iterable[ReadingSet], now: str, reader: str = TOOL
) -> tuple[ReadingWritten, ...]:
    """Keep the values of documents; what of it was new. `reader`: the program or decoder that gave them."""
    added = []
    for document in documents:
        source, origin = document.source.value, document.origin_sha256
        if values.add(
            connection,
            event_id,
            source=source,
            origin_sha256=origin,
            reader=reader,
            received_at_utc=now,
            readings=document.readings,
        ):
            digest = values.values_hash(document.readings)
            added.append(ReadingWritten(source=source, origin_sha256=origin, values_sha256=digest))
    return tuple(added)


def add_findings(connection: Any, event_id: int, findings: Iterable[Finding], now: str) -> tuple[FindingWritten, ...]:
    """Keep what was noticed; what of it was new."""
    added = [f for f in findings if encodings.add_finding(connection, event_id, f, now)]
    return tuple(map(FindingWritten.of, added))


def first_use(row: encodings.EncodingRow) -> Encode:
    """The change that an encoder's first use on a revision is."""
    return Encode(encoder=str(row.encoder), revision=row.revision, outcome=row.outcome, sha256=row.sha256)


def checked_file_name(name: str) -> str:
    """A received name fit to be kept: one part, no control characters, at most 255. Raises UsageError."""
    if (
        not name
        or len(name) > 255
        or name in (".", "..")
        or PurePath(name).name != name
        or any(sign in name for sign in "/\\:")
        or not name.isprintable()
    ):
        raise UsageError(f"{name!r} cannot be the name of a received file; rename it and import it again")
    return name


def checked_folder_name(name: str) -> str:
    """A folder's name fit to be kept; it is a hint for people and never used as a path."""
    return name if len(name) <= 255 and name.isprintable() else "".join(c for c in name if c.isprintable())[:255]


def _save_frames(connection: Any, event_id: int, prepared: PreparedFrames, change: Save, now: str) -> tuple[Save, int]:
    """The change with the frames, where they are new, and their revision."""
    blob, made = prepared.blob, prepared.encoding
    known = None if change.event is not None else frames.revision_of(connection, event_id, blob.sha256)
    if known is not None:
        return change, known
    revision = 1 if change.event is not None else frames.newest_revision(connection, event_id) + 1
    frames.insert(connection, event_id, revision, blob, prepared.whole, now)
    row = encoding_row(event_id, revision, made, now)
    if not made.failed:
        encodings.insert(connection, row)
    change = replace(
        change,
        frames=FramesWritten(revision=revision, sha256=blob.sha256, count=blob.frame_count),
        encoding=EncoderResult(
            encoder=str(made.encoder), outcome="failed" if made.failed else row.outcome, sha256=row.sha256
        ),
    )
    return change, revision


def encoding_row(event_id: int, revision: int, made: PreparedEncoding, now: str) -> encodings.EncodingRow:
    """The record of what an encoder made."""
    return encodings.EncodingRow(
        event_id=event_id,
        revision=revision,
        family=made.encoder.family,
        version=made.encoder.version,
        outcome="refused" if made.file is None else "encoded",
        sha256="" if made.file is None else hashlib.sha256(made.file.data).hexdigest(),
        size=0 if made.file is None else len(made.file.data),
        findings_json=encodings.findings_json(made.findings),
        distribution=made.distribution,
        distribution_version=made.distribution_version,
        encoded_at_utc=now,
    )


def _identity(event: Event) -> EventWritten:
    return EventWritten(
        serial=event.serial,
        recorded_at_local=event.recorded_at.isoformat(),
        start_key=events.start_key_text(event),
        record_type=event.record_type.value,
    )
