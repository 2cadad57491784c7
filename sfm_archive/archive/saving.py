"""Saving: one event with everything received of it, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import derive, refresh
from sfm_archive.archive.doubts import share_reports
from sfm_archive.archive.finding import computed_name, no_event
from sfm_archive.archive.results import PreparedEncoding, PreparedFrames, Saved
from sfm_archive.base.texts import checked_length, shortened
from sfm_archive.errors import BadFrames, BadInput, EncodeRefused, UsageError
from sfm_archive.formats.blastware.event_file import read_opener, record_type_of
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.formats.blastware.streams import survey_stream
from sfm_archive.formats.frame_blob import pack_frames
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.encoders import EncodedFile
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import MOST_SAID, Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import LONGEST_TEXT, with_known_unit
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.registry import ENCODER_FAILED, RegisteredEncoder
from sfm_archive.storage import encodings, events, files, frames, values, waiting_parts
from sfm_archive.storage.change import Described
from sfm_archive.storage.changes import (
    AddFiles,
    Encode,
    FileStatement,
    KeepFile,
    KeepParts,
    Reread,
    Save,
)
from sfm_archive.storage.event_identity import Identity
from sfm_archive.storage.store import Store
from sfm_archive.storage.waiting_parts import WaitingPart
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

LARGEST_KEPT_FILE = 1 << 30
"""Bytes of a file. The format has no such limit: a content is as many pieces as it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSave:
    """Everything received of one event. `prepared` is None for an event known only by its files. `parts`: where it lies
    in captures, so that what waited there waits no longer. `apart_from`: events of its unit, second and kind that it is
    known not to be."""

    event: Event
    prepared: PreparedFrames | None = None
    names: tuple[str, ...] = ()
    files: tuple[ReceivedFile, ...] = ()
    readings: tuple[ReadingSet, ...] = ()
    findings: tuple[Finding, ...] = ()
    time_zone: str = "unknown"
    parts: tuple[WaitingPart, ...] = ()
    apart_from: frozenset[int] = frozenset()


def completed_event(event: Event, stream: Sequence[A5Frame]) -> Event:
    """The event with start key and record type from the frame that opens it, where it does not state them itself."""
    if event.start_key is not None and event.record_type is not RecordType.UNKNOWN:
        return event
    try:
        content = _opening_content(stream)
    except BadFrames:
        return event  # too short to say anything; the encoder's refusal will say so
    strt = read_opener(content)
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
    for piece in survey.pieces:
        if survey.opener is not None and read_opener(piece.content) == survey.opener:
            return piece.content
    return survey.pieces[0].content


def no_frames(event: Event) -> BadFrames:
    """The error for an event that was given an empty list of frames."""
    return BadFrames(f"{event.serial} {event.recorded_at.isoformat()}: no A5 frames were given; nothing was saved")


def prepare_frames(event: Event, stream: Sequence[A5Frame], encoder: RegisteredEncoder) -> PreparedFrames:
    """Pack and encode frames. Raises BadInput for frames that no blob can hold."""
    encoding = run_encoder(event, stream, encoder)
    try:
        survey = survey_stream(stream)
        whole, memory = survey.whole, survey.memory if survey.whole else None
    except BadFrames:
        whole, memory = False, None
    return PreparedFrames(blob=pack_frames(stream), whole=whole, memory=memory, encoding=encoding)


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


def save(archive: Archive, item: ToSave) -> Saved:
    """Save one event in one transaction; saving the same again changes nothing and says so."""
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        event_id, ordinal, learns_key = events.find(connection, item.event, item.apart_from)
        created, failed = event_id is None, ""
        if event_id is None:
            event_id = events.insert(writing, item.event, item.time_zone, ordinal)
        elif learns_key and item.event.start_key is not None:
            events.add_key(writing, event_id, item.event.start_key)
        revision, new_revision = 0, False
        if item.prepared is not None:
            revision, new_revision = _save_frames(writing, event_id, item.prepared, created)
            failed = str(item.prepared.encoding.encoder) if new_revision and item.prepared.encoding.failed else ""
        for name in item.names:
            events.add_name(writing, event_id, checked_file_name(name))
        added = [add_file(writing, event_id, file) for file in item.files]
        documents = add_readings(writing, event_id, item.readings)
        add_findings(writing, event_id, item.findings)
        for part in item.parts:
            waiting_parts.settle(writing, part, event_id)
        if writing.wrote:
            share_reports(writing, event_id)
            described = _described(item.files, added)
            identity = _identity(item.event, item.time_zone) if created else ()
            writing.note(Save(event=identity, failed=failed, files=described), archive.actor, event_id)
            prepared = item.prepared
            memory = {} if prepared is None or prepared.memory is None else {prepared.blob.sha256: prepared.memory}
            derive(archive, event_id, memory=memory, documents=documents)
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
        new_revision=new_revision,
        files_new=tuple(added),
        changed=writing.wrote,
        findings=item.findings + (() if item.prepared is None else item.prepared.encoding.findings),
    )


def attach(
    archive: Archive,
    event_id: int,
    received: Iterable[ReceivedFile],
    readings: Iterable[ReadingSet],
    findings: Iterable[Finding] = (),
    parts: Iterable[WaitingPart] = (),
    names: Iterable[str] = (),
) -> bool:
    """Join files and values to an event that is there; False when all of it was there already.

    `findings`: what was noticed about them; kept with what is new, so that the same again changes nothing. `parts`: of
    captures, that waited for the event. `names`: under which the event was received with them.
    """
    given = tuple(received)
    with archive.store.transaction() as connection:
        row = events.read(connection, event_id)
        if row is None:
            raise no_event(archive.store, event_id)
        event_id = row.event_id
        writing = Writing(connection)
        for name in names:
            events.add_name(writing, event_id, checked_file_name(name))
        added = [add_file(writing, event_id, file) for file in given]
        documents = add_readings(writing, event_id, readings)
        for part in parts:
            waiting_parts.settle(writing, part, event_id)
        if not writing.wrote:
            return False
        add_findings(writing, event_id, findings)
        share_reports(writing, event_id)
        writing.note(AddFiles(files=_described(given, added)), archive.actor, event_id)
        derive(archive, event_id, documents=documents)
    return True


def add_readings_again(archive: Archive, event_id: int, readings: Iterable[ReadingSet]) -> bool:
    """Add what a reader of another version read in documents that are kept; False when it is there already."""
    with archive.store.transaction() as connection:
        writing = Writing(connection)
        add_readings(writing, event_id, readings)
        if writing.wrote:
            writing.note(Reread(), archive.actor, event_id)
            derive(archive, event_id, documents=True)
    return writing.wrote


def keep_waiting(store: Store, received: ReceivedFile, actor: str, tells: Mapping[str, str] | None = None) -> bool:
    """Keep a file whose event is not here yet; False when it is kept already.

    `tells`: what it says of its event, for the history: then nobody has to read the file again to look for the event.
    """
    with store.transaction() as connection:
        writing = Writing(connection)
        if not add_file(writing, None, received):
            return False
        told = None if tells is None else FileStatement(**tells)
        writing.note(KeepFile(files=_described([received], [True]), tells=told), actor)
    return True


def keep_parts(
    store: Store, received: ReceivedFile, at_bytes: Iterable[int], actor: str, serial: str | None = None
) -> bool:
    """Keep a capture of which parts wait for their events, beginning at these bytes; False when all is kept already.
    `serial`: of the unit, as the user gave it."""
    with store.transaction() as connection:
        writing = Writing(connection)
        is_new = add_file(writing, None, received)
        new = sum([waiting_parts.wait(writing, WaitingPart(received.sha256, at)) for at in at_bytes])
        if new:
            writing.note(
                KeepParts(file=received.name, parts=new, files=_described([received], [is_new]), serial=serial or ""),
                actor,
            )
        elif is_new:
            writing.note(KeepFile(files=_described([received], [True])), actor)
    return bool(new) or is_new


def _described(received: Sequence[ReceivedFile], added: Sequence[bool]) -> Described:
    """What the history says of those that were new."""
    return tuple((file.kind.value, file.name) for file, new in zip(received, added, strict=True) if new)


def add_file(writing: Writing, event_id: int | None, file: ReceivedFile) -> bool:
    """Keep a file and join it to its event; False where both was so already.

    An event file that an encoder is recorded to make is kept by its hash alone.
    """
    folder, name = checked_folder_name(file.folder), checked_file_name(file.name)
    if file.size > LARGEST_KEPT_FILE:
        raise BadInput(
            f"{name} has {file.size} bytes; sfm-archive keeps files of up to {LARGEST_KEPT_FILE}. Nothing was saved"
        )
    connection = writing.connection
    file_id = files.find(connection, file.sha256, file.kind.value, folder, name)
    is_new = file_id is None
    if file_id is None:
        reproduced_by = ""
        if file.kind is FileKind.EVENT_FILE and event_id is not None:
            reproduced_by = encodings.maker_of(connection, event_id, file.sha256)
        if not reproduced_by and not files.has_content(connection, file.sha256):
            files.add_content(writing, file.sha256, file.size, _checked(file))
        new = files.NewFile(
            sha256=file.sha256,
            size=file.size,
            kind=file.kind.value,
            name=name,
            folder=folder,
            pairs_with=file.pairs_with,
            reproduced_by=reproduced_by,
        )
        file_id = files.insert(writing, new)
    joined = event_id is not None and files.link(writing, event_id, file_id)
    return is_new or joined


def _checked(file: ReceivedFile) -> Iterator[bytes]:
    """The file in pieces. Raises BadInput behind the last one where it was changed since it was hashed."""
    digest = hashlib.sha256()
    try:
        for piece in file.pieces(files.PIECE_SIZE):
            digest.update(piece)
            yield piece
    except OSError as error:
        raise BadInput(
            f"{file.name} cannot be read to its end: {error.strerror or error}. Nothing was saved"
        ) from error
    if digest.hexdigest() != file.sha256:
        raise BadInput(f"{file.name} was changed while it was read. Nothing was saved; save it again")


def add_readings(writing: Writing, event_id: int, documents: Iterable[ReadingSet]) -> bool:
    """Keep the values of documents, whoever read them: none hides another by a number in a unit that is not known;
    whether any of it was new. Raises UsageError for texts beyond LONGEST_TEXT."""
    documents = tuple(
        replace(document, readings=tuple(map(with_known_unit, document.readings))) for document in documents
    )
    for value in (one for document in documents for one in document.readings):
        for text in (value.text, value.quantity, value.unit):
            checked_length(text, LONGEST_TEXT, f"the value {shortened(value.quantity)} of event {event_id}")
    added = [values.add(writing, event_id, document) for document in documents]
    return any(added)


def add_findings(writing: Writing, event_id: int, findings: Iterable[Finding]) -> None:
    """Keep what was noticed and is not there yet, sentences of up to MOST_SAID characters."""
    for finding in findings:
        kept = replace(finding, message=shortened(finding.message, MOST_SAID))
        encodings.add_finding(writing, event_id, kept)


def keep_record(connection: Any, row: encodings.EncodingRow, actor: str) -> bool:
    """Keep what an encoder made of a revision at its first use; False where that is recorded: another process may have
    done it meanwhile."""
    writing = Writing(connection)
    if not encodings.insert(writing, row):
        return False
    writing.note(Encode(encoder=str(row.encoder), revision=row.revision), actor, row.event_id)
    refresh(connection, [row.event_id])
    return True


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


def _save_frames(writing: Writing, event_id: int, prepared: PreparedFrames, created: bool) -> tuple[int, bool]:
    """The revision of the frames, and whether it is new."""
    blob, made = prepared.blob, prepared.encoding
    known = None if created else frames.revision_of(writing.connection, event_id, blob.sha256)
    if known is not None:
        return known, False
    revision = 1 if created else frames.newest_revision(writing.connection, event_id) + 1
    frames.insert(writing, event_id, revision, blob, prepared.whole)
    if not made.failed:
        encodings.insert(writing, encoding_row(event_id, revision, made))
    return revision, True


def encoding_row(event_id: int, revision: int, made: PreparedEncoding) -> encodings.EncodingRow:
    """The record of what an encoder made, with no time yet."""
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
        encoded_at_utc="",
    )


def _identity(event: Event, time_zone: str) -> tuple[str, ...]:
    return Identity(
        serial=event.serial,
        recorded_at_local=local_text(event.recorded_at),
        record_type=event.record_type.value,
        start_key=events.start_key_text(event),
        time_zone=time_zone,
    )
