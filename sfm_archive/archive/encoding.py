"""Encoding on demand: the pinned encoder or another, compared with what it made before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sfm_archive.archive import saving
from sfm_archive.archive.finding import name_of, read_event
from sfm_archive.archive.reading import read_frames
from sfm_archive.archive.results import EventFile, PreparedFrames, Saved
from sfm_archive.archive.saving import (
    completed_event,
    encoding_row,
    keep_record,
    no_frames,
    prepare_frames,
    run_encoder,
)
from sfm_archive.base.texts import sentences
from sfm_archive.errors import EncodeRefused, EncoderNotFound, NotReproduced
from sfm_archive.formats.blastware.frames import as_a5_frames
from sfm_archive.formats.blastware.streams import surveyed
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.registry import RegisteredEncoder
from sfm_archive.storage import encodings
from sfm_archive.storage.encodings import EncodingRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def installed_encoder(archive: Archive, name: str | EncoderName) -> RegisteredEncoder:
    """An installed encoder. Raises EncoderNotFound, with the package that it came from here, where that is recorded;
    UsageError for text that is no encoder's name.
    """
    wanted = name if isinstance(name, EncoderName) else parse_encoder_name(name)
    try:
        return archive.plugins.encoder(wanted)
    except EncoderNotFound as error:
        with archive.store.reading() as connection:
            package = encodings.package_of(connection, wanted)
        if package is None:
            raise
        raise EncoderNotFound(
            f"{error}. {archive.path} has it from the package {' '.join(package).strip()}: install that"
        ) from error


def save(archive: Archive, event: Event, frames: Iterable[Any] | None, **beside: Any) -> Saved:
    """See `Archive.save`. `beside`: the other fields of what is saved."""
    prepared = None
    if frames is not None:
        event, prepared = prepare(archive, event, surveyed(as_a5_frames(frames)))
    return saving.save(archive, saving.ToSave(event=event, prepared=prepared, **beside))


def prepare(archive: Archive, event: Event, stream: Sequence[A5Frame]) -> tuple[Event, PreparedFrames]:
    """Complete the event from its frames, pack them, and encode them with the pinned encoder."""
    if not stream:
        raise no_frames(event)
    completed = completed_event(event, stream)
    encoder = installed_encoder(archive, archive.pinned_encoder)
    return completed, prepare_frames(completed, stream, encoder)


def encode_event(archive: Archive, event_id: int, encoder: str | EncoderName | None, revision: int | None) -> EventFile:
    """The event file that an encoder makes; see `Archive.encode`."""
    registered = installed_encoder(archive, archive.pinned_encoder if encoder is None else encoder)
    row = read_event(archive.store, event_id)
    number = row.revision if revision is None else revision
    stream = read_frames(archive.store, event_id, number)
    with archive.store.reading() as connection:
        record = encodings.read(connection, event_id, number, registered.name)
    made = run_encoder(row.event(), stream, registered)
    new = encoding_row(event_id, number, made)
    if record is None and not made.failed and not archive.read_only:
        with archive.store.transaction() as connection:
            keep_record(connection, new, archive.actor)
    elif record is not None and not made.failed:
        _check_reproduced(archive, new, record)
    name = name_of(row)
    if made.file is None:
        reasons = sentences(finding.message for finding in made.findings if finding.severity == "refusal")
        reasons = reasons or sentences(finding.message for finding in made.findings)
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


def _check_reproduced(archive: Archive, found: EncodingRow, record: EncodingRow) -> None:
    if (found.outcome, found.sha256) != (record.outcome, record.sha256):
        was = f"{record.outcome} {record.sha256[:12]}".strip()
        now = f"{found.outcome} {found.sha256[:12]}".strip()
        raise NotReproduced(
            f"{archive.path}: event {found.event_id}, frames revision {found.revision}: {found.encoder} of "
            f"{found.distribution} {found.distribution_version} gives {now}, recorded was {was} by "
            f"{record.distribution} {record.distribution_version}. A released encoder must not change: install the "
            "recorded package"
        )
