"""Values that an archive takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfm_archive.formats.frame_blob import FrameBlob
from sfm_archive.model.encoders import EncodedFile, EncoderName
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEncoding:
    """What an encoder made of frames before they are saved: a file, or the findings of its refusal."""

    encoder: EncoderName
    distribution: str
    distribution_version: str
    file: EncodedFile | None
    findings: tuple[Finding, ...]
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFrames:
    """Frames packed, surveyed and encoded; made without touching the archive, so that any thread can.

    `whole`: they hold every byte of the event; such a revision counts before one that does not. `memory`: those bytes,
    None where they do not.
    """

    blob: FrameBlob
    whole: bool
    memory: bytes | None
    encoding: PreparedEncoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a save did.

    `created`: the event is new. `revision`: of the frames given (0 where none were); `new_revision`: they were not
    there before. `files_new`: for each file given, whether it was not there, or not with this event, before.
    `changed`: anything at all was added.
    """

    event_id: int
    event: Event
    filename: str
    created: bool
    revision: int
    new_revision: bool
    files_new: tuple[bool, ...]
    changed: bool
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFile:
    """One event file in hand.

    `encoder` is None for a file that is given as received. `revision` is the frames' revision, 0 for received ones.
    """

    event_id: int
    filename: str
    data: bytes
    sha256: str
    encoder: EncoderName | None
    revision: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveInfo:
    """What an archive holds, in numbers. Sizes in bytes; `earliest` and `latest` are device-local.

    `unknown_peaks`: events of which no peak is known. `added_indexes`: names of indexes that somebody added, which cost
    space and nothing else. `sealed`: nothing is written into the file any more.
    """

    path: str
    archive_id: str
    format_version: int
    created_at_utc: str
    created_by: str
    pinned_encoder: str
    pinned_decoder: str
    events: int
    units: int
    unknown_peaks: int
    frame_revisions: int
    files: int
    waiting_files: int
    earliest: str
    latest: str
    frame_bytes: int
    stored_frame_bytes: int
    file_bytes: int
    stored_file_bytes: int
    size_on_disk: int
    history_length: int
    history_head: str
    sealed: bool
    added_indexes: tuple[str, ...]
