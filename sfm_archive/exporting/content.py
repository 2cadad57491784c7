"""Where the bytes of an event's file come from: as received, or from an encoder; and their hash, known beforehand.

The archive has recorded what each encoder made of each event. With that hash a file that stands in the target already
is recognised without reading frames or encoding them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from sfm_archive.archive import Archive, saving
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.archive.reading import current_encodings, unpacked
from sfm_archive.base.texts import sentences
from sfm_archive.errors import Damaged, EncodeRefused, EncoderNotFound, NotFound, SfmError
from sfm_archive.formats.blastware.event_file import inspect_event_file
from sfm_archive.formats.frame_blob import FrameBlob
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.families import MICROMATE, family_of
from sfm_archive.model.findings import NOT_TO_ITS_END, NOT_WHOLE, Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.storage import computed, encodings, files, frames
from sfm_archive.storage.computed import ComputedRow
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow

RECEIVED = "received"

_CHUNK = 256
"""Events encoded for the first time in one transaction: records get durable together, other writers wait little."""

_READ_AHEAD = 32
"""Events whose frames are read by one statement."""

_MOST_HELD = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the encoder makes of an event's frames. `sha256` is '' where it refuses them."""

    sha256: str
    size: int
    findings: tuple[Finding, ...]
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What to export of one event. `source` is '' where there is nothing; then `message` says why.

    `damaged`: the reason is damage. `received`: the file to give as it was received. `data`: the bytes, where they
    are at hand already.
    """

    row: EventRow
    source: str = ""
    sha256: str = ""
    size: int = 0
    message: str = ""
    findings: tuple[Finding, ...] = ()
    damaged: bool = False
    received: FileRow | None = None
    data: bytes | None = None


class ContentSource:
    """The contents of an archive's events, with an encoder asked for by name or else the pinned one."""

    def __init__(self, archive: Archive, encoder: str | None, *, record: bool) -> None:
        """Raises EncoderNotFound when the encoder asked for is not installed; a missing pinned one only matters for
        events that need it. `record`: keep the record of what is encoded for the first time.
        """
        self._archive = archive
        self._asked_for = encoder is not None
        self._encoder: EncoderName = (
            archive.pinned_encoder if encoder is None else installed_encoder(archive, encoder).name
        )
        self._record = record and not archive.read_only
        self._keys: list[tuple[int, int]] = []
        self._read_ahead: dict[tuple[int, ...], FrameBlob] = {}

    def of_events(self, rows: Sequence[EventRow]) -> Iterator[Content]:
        """What to export of each event, in their order."""
        for start in range(0, len(rows), _CHUNK):
            yield from self._of_chunk(rows[start : start + _CHUNK])

    def bytes_of(self, content: Content) -> bytes:
        """The bytes of a content. Raises Damaged, NotReproduced, EncoderNotFound."""
        if content.data is not None:
            return content.data
        row = content.row
        if content.received is not None:
            return self._archive.file_bytes(content.received, row.event_id)
        encoder = installed_encoder(self._archive, self._encoder)
        made = saving.run_encoder(row.event(), self._frames(row), encoder)
        if made.file is not None and hashlib.sha256(made.file.data).hexdigest() == content.sha256:
            return made.file.data
        # Not what is recorded: this raises NotReproduced with both hashes, or finds that the record has changed.
        return self._archive.encode(row.event_id, self._encoder, row.revision).data

    def _frames(self, row: EventRow) -> tuple[A5Frame, ...]:
        """The current frames of an event of this chunk; those of a few that follow it are read with them, for where one
        is written the next ones mostly are too."""
        key = row.event_id, row.revision
        blob = self._read_ahead.pop(key, None)
        if blob is None:
            at = self._keys.index(key) if key in self._keys else 0
            with self._archive.store.reading() as connection:
                self._read_ahead = frames.of_keys(connection, self._keys[at : at + _READ_AHEAD])
            blob = self._read_ahead.pop(key, None)
        if blob is None:
            return self._archive.frames(*key)  # says what is missing
        return unpacked(self._archive.store, *key, blob)

    def _of_chunk(self, rows: Sequence[EventRow]) -> list[Content]:
        ids = [row.event_id for row in rows]
        self._keys, self._read_ahead = [(row.event_id, row.revision) for row in rows], {}
        recorded = current_encodings(self._archive.store, ids, self._encoder)
        with self._archive.store.reading() as connection:
            received = files.event_files_of(connection, ids)
            noticed = computed.of_events(connection, ids)
            unproven = encodings.unproven(connection, ids)
            whole = frames.whole_revisions(connection, ids)
        new = [row for row in rows if row.revision and row.event_id not in recorded]
        made: dict[int, Made | SfmError] = self._encode_new(new) if new else {}
        for event_id, record in recorded.items():
            made[event_id] = self._from_record(record)
        contents = [self._content(row, made.get(row.event_id), received.get(row.event_id, [])) for row in rows]
        contents = [_with_doubts(content, noticed.get(content.row.event_id)) for content in contents]
        contents = [_of_captures(content) if content.row.event_id in unproven else content for content in contents]
        return [
            content if (content.row.event_id, content.row.revision) in whole else self._of_torn(content)
            for content in contents
        ]

    def _of_torn(self, content: Content) -> Content:
        """A file made of frames that are not the whole event is exported all the same, and said to be such; it is a
        finding unless the encoder was asked for by name."""
        if content.received is not None or not content.sha256:
            return content
        finding = made_of_torn(content.row.event_id, Severity.NOTE if self._asked_for else Severity.WARNING)
        message = sentences((content.message, finding.message))
        return replace(content, message=message, findings=(*content.findings, finding))

    def _from_record(self, record: EncodingRow) -> Made | SfmError:
        try:
            return Made(sha256=record.sha256, size=record.size, findings=record.findings)
        except Damaged as error:
            return error  # of this event alone

    def _content(self, row: EventRow, made: Made | SfmError | None, received: list[FileRow]) -> Content:
        kept = self._best_received(row, received)
        if kept is not None and not (row.revision and (self._asked_for or self._is_outdated(row, made, kept))):
            return _as_received(row, kept, sentences([self._of_others(row, kept), self._beside_received(made, kept)]))
        if isinstance(made, SfmError):
            return Content(row=row, message=str(made), damaged=isinstance(made, Damaged))
        if made is None:
            return Content(
                row=row,
                message=f"event {row.event_id} has neither frames nor an event file; import the one or the other",
            )
        if made.sha256:
            differs = kept is not None and kept.sha256 != made.sha256
            note = f"Exported as {self._encoder} makes it; the file that was received differs"
            return Content(
                row=row,
                source=str(self._encoder),
                sha256=made.sha256,
                size=made.size,
                message=note if differs else "",
                findings=made.findings,
                data=made.data,
            )
        return self._refused(row, made, received)

    def _best_received(self, row: EventRow, received: list[FileRow]) -> FileRow | None:
        """The newest event file whose bytes are kept; one that decodes to its end before all others, then a whole one
        before one that is cut off or broken; of a Micromate's, which nothing decodes, the longest, whichever came
        last."""
        kept = [file for file in received if file.kept]
        if len(kept) < 2:
            return kept[0] if kept else None
        if len({file.sha256 for file in kept}) > 1 and (counting := self._counting(row, kept)) is not None:
            return counting
        for file in kept:
            try:
                if not inspect_event_file(self._archive.file_bytes(file, row.event_id)):
                    return file
            except Damaged:
                continue
        if family_of(row.serial) is MICROMATE:
            return max(kept, key=lambda file: (file.size, [-one for one in bytes.fromhex(file.sha256)]))
        return kept[0]

    def _counting(self, row: EventRow, kept: list[FileRow]) -> FileRow | None:
        from sfm_archive.archive.decode_sources import counting_file  # here: an export of frames does not pay for numpy

        try:
            return counting_file(self._archive, row, kept)
        except NotFound:
            return None  # without the decoder nobody can tell

    def _of_others(self, row: EventRow, kept: FileRow) -> str:
        """What is to be said of a file that names leave open between events; '' of any other."""
        if family_of(row.serial) is not MICROMATE:
            return ""
        with self._archive.store.reading() as connection:
            all_of = [one for one in files.events_of(connection, kept.file_id) if one != row.event_id]
            counting = files.event_files_of(connection, all_of)
        others = [one for one in all_of if any(file.file_id == kept.file_id for file in counting.get(one, ()))]
        ids = ", ".join(map(str, others))
        return f"its file is also that of event {ids}, for reports of its name say different times" if others else ""

    def _is_outdated(self, row: EventRow, made: Made | SfmError | None, kept: FileRow) -> bool:
        """Whether frames that came after the received file give a file: the event was downloaded again since."""
        if not isinstance(made, Made) or not made.sha256:
            return False
        revisions = self._archive.revisions(row.event_id)
        current = next(revision for revision in revisions if revision.revision == row.revision)
        return current.whole and current.received_at_utc > kept.received_at_utc

    def _refused(self, row: EventRow, made: Made, received: list[FileRow]) -> Content:
        reasons = sentences(finding.message for finding in made.findings if finding.severity is Severity.REFUSAL)
        reasons = reasons or sentences(finding.message for finding in made.findings)
        refusal = f"{self._encoder} refuses the frames: {reasons}"
        if received and not self._asked_for:
            content = _as_received(row, received[0], f"{refusal}. Exported as received")
            return replace(content, findings=made.findings)
        step = (
            "its event file was received; export without --encoder to get it"
            if received
            else "download the event again if the unit still has it, or try another encoder with --encoder"
        )
        return Content(row=row, message=f"event {row.event_id}: {refusal}; {step}", findings=made.findings)

    def _beside_received(self, made: Made | SfmError | None, kept: FileRow) -> str:
        if isinstance(made, SfmError):
            return f"Exported as received; {self._encoder} could not make it for comparison: {made}"
        if made is None or made.sha256 == kept.sha256:
            return ""
        what = "makes another file of the frames" if made.sha256 else "refuses the frames"
        return f"Exported as received; {self._encoder} {what}"

    def _encode_new(self, rows: Sequence[EventRow]) -> dict[int, Made | SfmError]:
        made: dict[int, Made | SfmError] = {}
        held = 0
        with self._archive.batch() if self._record else nullcontext():
            for row in rows:
                try:
                    new = self._encode(row)
                except (Damaged, EncoderNotFound) as error:
                    made[row.event_id] = error
                    continue
                held += new.size
                made[row.event_id] = new if held <= _MOST_HELD else replace(new, data=None)
        return made

    def _encode(self, row: EventRow) -> Made:
        if self._record:
            try:
                file = self._archive.encode(row.event_id, self._encoder, row.revision)
            except EncodeRefused as refusal:
                return Made(sha256="", size=0, findings=refusal.findings)
            return Made(sha256=file.sha256, size=len(file.data), findings=file.findings, data=file.data)
        encoder = installed_encoder(self._archive, self._encoder)
        result = saving.run_encoder(row.event(), self._archive.frames(row.event_id, row.revision), encoder)
        if result.file is None:
            return Made(sha256="", size=0, findings=result.findings)
        data = result.file.data
        return Made(sha256=hashlib.sha256(data).hexdigest(), size=len(data), findings=result.findings, data=data)


def made_of_torn(event_id: int, severity: Severity) -> Finding:
    """Of a file that is made of frames which are not the whole event."""
    message = (
        f"event {event_id}: its frames are not the whole event as its header has it (not-whole in sfm show), and its "
        "file is made of what came; download it again if the unit still has it"
    )
    return Finding(code=NOT_WHOLE, message=message, severity=severity)


def _with_doubts(content: Content, decoded: ComputedRow | None) -> Content:
    """A received file whose body does not decode to its end is exported all the same, and said to be such."""
    if content.received is None or decoded is None:
        return content
    noticed = decoded.noticed(content.row.event_id)
    doubts = sentences(found.message for found in noticed if found.code in NOT_TO_ITS_END)
    message = f"its body does not decode to its end ({doubts})"
    return replace(content, message=sentences((content.message, message))) if doubts else content


def _of_captures(content: Content) -> Content:
    """A file made of frames that only their addresses tie is exported all the same, and said to be such."""
    if content.received is not None or not content.sha256:
        return content
    message = "it is made of several captures, and nothing but addresses shows that these are of one download"
    return replace(content, message=sentences((content.message, message)))


def _as_received(row: EventRow, file: FileRow, message: str) -> Content:
    return Content(row=row, source=RECEIVED, sha256=file.sha256, size=file.size, message=message, received=file)
