"""One event at a time: run the encoder, and say whether its file is the same, other, new, missing or worse.

This is what a worker process does. It gets everything it needs and gives back plain values; it opens no archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sfm_archive.archive import saving
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadFrames, BadInput
from sfm_archive.formats.blastware.event_file import FILE_PREFIX, inspect_event_file, read_strt
from sfm_archive.formats.blastware.layout import common_prefix, read_layout
from sfm_archive.formats.blastware.streams import survey_stream, surveyed
from sfm_archive.formats.frame_blob import FrameBlob, unpack_frames
from sfm_archive.maintaining.reencoding.report import ReencodeItem, ReencodeStatus
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.registry import RegisteredEncoder
from sfm_archive.storage.encodings import EncodingRow

_EVENT_FILES = "blastware"
"""The family whose files have the structure that `inspect_event_file` knows."""


class EventToEncode(NamedTuple):
    """One event to encode. `before`: the pinned encoder's record, `record`: the encoder's own; None where there is
    none. `blob` is None for an event without frames."""

    event_id: int
    identity: Event
    revision: int
    blob: FrameBlob | None
    before: EncodingRow | None
    record: EncodingRow | None


class ReencodeResult(NamedTuple):
    """What was found, and the record to be kept; None where there is one already or where none may be kept."""

    item: ReencodeItem
    record: EncodingRow | None = None


class _Product(NamedTuple):
    """What an encoder made, or is recorded to have made: then `data` is None though there may be a file."""

    row: EncodingRow
    data: bytes | None
    findings: tuple[Finding, ...]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class EncoderComparer:
    """Compares `encoder` with `pinned`. `pinned` is None where it is not installed or of another family; `comparable`
    says whether its records still count. `ignore_records`: trust no record of `encoder`."""

    encoder: RegisteredEncoder
    pinned: RegisteredEncoder | None
    comparable: bool
    ignore_records: bool

    def compare_all(self, events: Sequence[EventToEncode]) -> list[ReencodeResult]:
        """The result for each event, in their order."""
        return [self.compare(event) for event in events]

    def compare(self, event: EventToEncode) -> ReencodeResult:
        """The result for one event."""
        if event.blob is None:
            message = f"event {event.event_id} has no frames; its file stays as received"
            return ReencodeResult(_item(event, ReencodeStatus.NO_FRAMES, message=message))
        if event.before is not None and event.record is not None and not self.ignore_records and _settled(event):
            return ReencodeResult(_compared(event, event.before, _recorded(event.record), reused=True))
        try:
            stream = surveyed(unpack_frames(event.blob))
        except BadInput as error:
            message = f"event {event.event_id}, frames revision {event.revision}: {error}. Take them from a backup"
            return ReencodeResult(_item(event, ReencodeStatus.DAMAGED, message=message))
        made = _run(self.encoder, event, stream)
        if not made.failed and event.record is not None and not _alike(made.row, event.record):
            return ReencodeResult(_not_reproduced(event, made.row, event.record))
        before = self._before(event, stream, made)
        if before is not None and event.before is not None and not _alike(before.row, event.before):
            return ReencodeResult(_not_reproduced(event, before.row, event.before))
        item = _result(event, stream, before, made)
        keep = event.record is None and not made.failed and item.status is not ReencodeStatus.WORSE
        return ReencodeResult(item, made.row if keep else None)

    def _before(self, event: EventToEncode, stream: Sequence[A5Frame], made: _Product) -> _Product | None:
        """What the pinned encoder makes; run only where its record does not say enough."""
        if not self.comparable:
            return None
        if event.before is not None:
            known = _recorded(event.before)
            if self.pinned is None or not known.row.encoded or known.row.sha256 == made.row.sha256:
                return known
        if self.pinned is None:
            return None
        return made if self.pinned.name == self.encoder.name else _run(self.pinned, event, stream)


def _settled(event: EventToEncode) -> bool:
    """Whether the records alone say all: with a file that is new or other, its structure has to be looked at."""
    before, record = event.before, event.record
    return before is not None and record is not None and (not record.encoded or record.sha256 == before.sha256)


def _run(encoder: RegisteredEncoder, event: EventToEncode, stream: Sequence[A5Frame]) -> _Product:
    made = saving.run_encoder(event.identity, stream, encoder)
    data = None if made.file is None else made.file.data
    return _Product(saving.encoding_row(event.event_id, event.revision, made), data, made.findings, made.failed)


def _recorded(row: EncodingRow) -> _Product:
    return _Product(row, None, row.findings)


def _alike(one: EncodingRow, other: EncodingRow) -> bool:
    return (one.outcome, one.sha256) == (other.outcome, other.sha256)


def _result(event: EventToEncode, stream: Sequence[A5Frame], before: _Product | None, made: _Product) -> ReencodeItem:
    row = None if before is None else before.row
    if made.data is None or (row is not None and row.sha256 == made.row.sha256):
        return _compared(event, row, made)
    problems = _problems(stream, before, made.data) if made.row.family == _EVENT_FILES else []
    if problems:
        return _compared(event, row, made, ReencodeStatus.WORSE, problems)
    if before is None or before.data is None:
        return _compared(event, row, made)
    at = common_prefix(before.data, made.data)
    longer = max(before.data, made.data, key=len)
    return _compared(event, row, made, first=at, part=read_layout(longer).part_at(at).name)


def _problems(stream: Sequence[A5Frame], before: _Product | None, data: bytes) -> list[Finding]:
    """What is wrong with a file's structure and was not wrong before."""
    was = b"" if before is None or before.data is None else before.data
    known = {finding.code for finding in inspect_event_file(was)} if was else set()
    found = [finding for finding in inspect_event_file(data) if finding.code not in known]
    size = _event_file_size(stream)
    if len(data) < size and not 0 < len(was) < size:
        text = f"the file has {len(data)} bytes, the event in the frames needs {size}"
        found.insert(0, Finding(code="shorter-than-event", message=text, severity=Severity.REFUSAL))
    return found


def _event_file_size(stream: Sequence[A5Frame]) -> int:
    """Bytes that the event's own STRT asks for, 0 where the frames hold none; of several the first one that arrived
    whole: a damaged one can name any end."""
    try:
        survey = survey_stream(stream)
    except BadFrames:
        return 0
    strt = survey.strt
    for piece in survey.pieces:
        found = read_strt(piece.content) if piece.length_ok and piece.checksum_ok else None
        if found is not None and found.start_key == piece.address:
            strt = found
            break
    return 0 if strt is None else len(FILE_PREFIX) + strt.event_size


def _compared(
    event: EventToEncode,
    before: EncodingRow | None,
    made: _Product,
    status: ReencodeStatus | None = None,
    problems: Sequence[Finding] = (),
    *,
    reused: bool = False,
    first: int | None = None,
    part: str = "",
) -> ReencodeItem:
    status = _status(before, made) if status is None else status
    refusals = list(problems) or [finding for finding in made.findings if finding.severity is Severity.REFUSAL]
    reasons = sentences(finding.message for finding in refusals or (() if made.row.encoded else made.findings))
    return _item(
        event,
        status,
        message=f"event {event.event_id}: {reasons}" if reasons and status is not ReencodeStatus.SAME else "",
        before=before,
        row=made.row,
        reused=reused,
        first=first,
        part=part,
        codes=tuple(dict.fromkeys(finding.code for finding in (problems or made.findings))),
    )


def _status(before: EncodingRow | None, made: _Product) -> ReencodeStatus:
    if made.failed:
        return ReencodeStatus.NOW_FAILING
    if not made.row.encoded:
        return ReencodeStatus.NOW_FAILING if before is not None and before.encoded else ReencodeStatus.REFUSED
    if before is None:
        return ReencodeStatus.NOT_COMPARED
    if not before.encoded:
        return ReencodeStatus.NEWLY_POSSIBLE
    return ReencodeStatus.SAME if before.sha256 == made.row.sha256 else ReencodeStatus.DIFFERENT


def _not_reproduced(event: EventToEncode, now: EncodingRow, record: EncodingRow) -> ReencodeItem:
    message = (
        f"event {event.event_id}, frames revision {event.revision}: {now.encoder} of {now.distribution} "
        f"{now.distribution_version} gives {now.outcome} {now.sha256[:12]}, recorded was {record.outcome} "
        f"{record.sha256[:12]} by {record.distribution} {record.distribution_version}. A released encoder must not "
        "change: install the recorded package"
    )
    return _item(event, ReencodeStatus.NOT_REPRODUCED, message=message, before=event.before, row=now)


def _item(
    event: EventToEncode,
    status: ReencodeStatus,
    *,
    message: str,
    before: EncodingRow | None = None,
    row: EncodingRow | None = None,
    reused: bool = False,
    first: int | None = None,
    part: str = "",
    codes: tuple[str, ...] = (),
) -> ReencodeItem:
    return ReencodeItem(
        event_id=event.event_id,
        serial=event.identity.serial,
        record_type=event.identity.record_type.value,
        revision=event.revision,
        status=status,
        sha256_before="" if before is None else before.sha256,
        size_before=0 if before is None else before.size,
        sha256="" if row is None else row.sha256,
        size=0 if row is None else row.size,
        first_difference=first,
        part=part,
        reused=reused,
        codes=codes,
        message=message,
    )
