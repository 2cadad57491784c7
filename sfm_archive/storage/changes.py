"""What a change of the archive says: one record for each action of the history, its JSON, and the rows it vouches for.

docs/format.md, "Actions" and "Rows of a change". Nothing else knows the keys of a detail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

from sfm_archive.base.json_records import as_json, from_json
from sfm_archive.base.plain import key
from sfm_archive.errors import Damaged, UsageError
from sfm_archive.model.encoders import EncoderName, parse_encoder_name
from sfm_archive.model.findings import Finding


class RowKey(NamedTuple):
    """One row: its table, and columns that only it has. Another row's key stands for that row's column of the name."""

    table: str
    where: Mapping[str, int | str | RowKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One thing that a change wrote: a row of `table`, found by the columns `key`. `words`: what of it no other check
    names."""

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    words: ClassVar[str]

    def rows(self, event_id: int) -> Iterator[RowKey]:
        """The rows of it, for the change's event (0: of none), in the order in which they are hashed."""
        where = {column: event_id if column == "event_id" else getattr(self, column) for column in self.key}
        yield RowKey(self.table, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWritten(Written):
    """An event that came into the archive: its identity, as the columns of `event` have it."""

    table: ClassVar[str] = "event"
    key: ClassVar[tuple[str, ...]] = ("event_id",)
    words: ClassVar[str] = "time zone or receipt of the event"
    serial: str
    recorded_at_local: str
    start_key: str
    record_type: str

    def identity(self) -> dict[str, str]:
        """Each column and its value."""
        return {column.name: getattr(self, column.name) for column in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWritten(Written):
    """A received name of an event."""

    table: ClassVar[str] = "event_name"
    key: ClassVar[tuple[str, ...]] = ("event_id", "name")
    words: ClassVar[str] = "received names"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesWritten(Written):
    """A revision of an event's frames. `count`: how many frames; `sha256`: of their bytes before compression."""

    table: ClassVar[str] = "frames"
    key: ClassVar[tuple[str, ...]] = ("event_id", "revision")
    words: ClassVar[str] = "description of the frames"
    revision: int
    sha256: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingWritten(Written):
    """What an encoder made of a revision. `outcome`: `encoded`, `refused`, or `failed`, which has no row."""

    table: ClassVar[str] = "encoding"
    key: ClassVar[tuple[str, ...]] = ("event_id", "revision", "family", "version")
    words: ClassVar[str] = "record of the encoding"
    encoder: EncoderName
    revision: int
    outcome: str
    sha256: str

    @property
    def family(self) -> str:
        """The encoder's family."""
        return self.encoder.family

    @property
    def version(self) -> int:
        """The encoder's version."""
        return self.encoder.version

    @property
    def recorded(self) -> bool:
        """Whether there is a row of it."""
        return self.outcome in ("encoded", "refused")

    def rows(self, event_id: int) -> Iterator[RowKey]:
        """The record's row, where there is one."""
        if self.recorded:
            yield from Written.rows(self, event_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWritten(Written):
    """A received file, or one joined to an event. `stored_sha256`: of its compressed bytes, where they were stored
    with it."""

    table: ClassVar[str] = "event_file"
    key: ClassVar[tuple[str, ...]] = ("event_id", "file_id")
    words: ClassVar[str] = "description of received files"
    kind: str
    name: str
    folder: str
    sha256: str
    stored_sha256: str = ""

    def rows(self, event_id: int) -> Iterator[RowKey]:
        """The file's row, that of its bytes where they came with it, and that which joins it to the event."""
        where = {"sha256": self.sha256, "kind": self.kind, "folder": self.folder, "name": self.name}
        file = RowKey("received_file", where)
        yield file
        if self.stored_sha256:
            yield RowKey("file_content", {"sha256": self.sha256})
        if event_id:
            yield RowKey("event_file", {"event_id": event_id, "file_id": file})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingWritten(Written):
    """One document's values. `origin_sha256`: of the document; `values_sha256`: of the values, '' where not known."""

    table: ClassVar[str] = "reading"
    key: ClassVar[tuple[str, ...]] = ("event_id", "source", "origin_sha256")
    words: ClassVar[str] = "origin of values"
    source: str
    origin_sha256: str
    values_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWritten(Written):
    """Something noticed about an event."""

    table: ClassVar[str] = "finding"
    key: ClassVar[tuple[str, ...]] = ("event_id", "code", "message")
    words: ClassVar[str] = "findings"
    code: str
    message: str

    @classmethod
    def of(cls, finding: Finding) -> FindingWritten:
        """What the history says of a finding."""
        return cls(code=finding.code, message=finding.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWritten(Written):
    """A time zone stated for a unit's clock."""

    table: ClassVar[str] = "unit_time_zone"
    key: ClassVar[tuple[str, ...]] = ("serial", "position")
    words: ClassVar[str] = "the stated zone"
    serial: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverWritten(Written):
    """The record of a folder handed over."""

    table: ClassVar[str] = "handover"
    key: ClassVar[tuple[str, ...]] = ("handover_id",)
    words: ClassVar[str] = "record of the hand-over"
    handover_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one row of the history says. `rows_sha256`: over every row that it wrote, '' where it wrote none."""

    action: ClassVar[str]
    rows_sha256: str = ""

    @property
    def written(self) -> tuple[Written, ...]:
        """What it wrote, in the order of its fields: so it is hashed."""
        values = [getattr(self, column.name) for column in fields(self)]
        parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
        return tuple(part for part in parts if isinstance(part, Written))

    def as_text(self) -> str:
        """The detail as it stands in the history."""
        return json.dumps(as_json(self), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Change):
    """The archive was made."""

    action: ClassVar[str] = "create"
    archive_id: str
    pinned_encoder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderResult:
    """What an encoder made of a revision's frames; as in EncodingWritten."""

    encoder: str
    outcome: str
    sha256: str

    def of(self, revision: int) -> EncodingWritten:
        """What it wrote for that revision."""
        name = parse_encoder_name(self.encoder)
        return EncodingWritten(encoder=name, revision=revision, outcome=self.outcome, sha256=self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Save(Change):
    """An event was saved: what of it was new."""

    action: ClassVar[str] = "save"
    event: EventWritten | None = None
    names: tuple[str, ...] = ()
    frames: FramesWritten | None = None
    encoding: EncoderResult | None = None
    files: tuple[FileWritten, ...] = ()
    readings: tuple[ReadingWritten, ...] = ()
    findings: tuple[FindingWritten, ...] = ()

    @property
    def written(self) -> tuple[Written, ...]:
        """Everything that was new. Raises ValueError for an encoding without the frames that it is of."""
        before = [*([] if self.event is None else [self.event]), *(NameWritten(name=name) for name in self.names)]
        encoding = []
        if self.encoding is not None:
            if self.frames is None:
                raise ValueError("encoding stands without frames")
            encoding.append(self.encoding.of(self.frames.revision))
        frames = [] if self.frames is None else [self.frames]
        return (*before, *frames, *encoding, *self.files, *self.readings, *self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFiles(Change):
    """Files, their values, and what was noticed about them, joined to an event."""

    action: ClassVar[str] = "add files"
    files: tuple[FileWritten, ...] = ()
    readings: tuple[ReadingWritten, ...] = ()
    findings: tuple[FindingWritten, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReview(Change):
    """A person's decision about an event, kept as values."""

    action: ClassVar[str] = "review"
    readings: tuple[ReadingWritten, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyse(Change):
    """Values that a decoder computed. `source`: what was decoded, in words."""

    action: ClassVar[str] = "analyse"
    decoder: str
    source: str = field(metadata=key("from"))
    readings: tuple[ReadingWritten, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatement:
    """What a file says of its event, '' where it does not; as the importer gave it, so it can be anything."""

    serial: Any
    recorded_at_local: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFile(Change):
    """A file whose event is not here. `tells`: what a report says of it, so that nobody has to read it again."""

    action: ClassVar[str] = "keep file"
    files: tuple[FileWritten, ...]
    tells: FileStatement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encode(Change):
    """The first use of another encoder on a revision."""

    action: ClassVar[str] = "encode"
    encoder: str
    revision: int
    outcome: str
    sha256: str

    @property
    def written(self) -> tuple[Written, ...]:
        """The record of the encoding."""
        made = EncoderResult(encoder=self.encoder, outcome=self.outcome, sha256=self.sha256)
        return (made.of(self.revision),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEncoder(Change):
    """Another encoder is used where none is named."""

    action: ClassVar[str] = "pin encoder"
    before: str = field(metadata=key("from"))
    after: str = field(metadata=key("to"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTimeZone(Change):
    """The zone that a unit's clock shows. `before`: what counted until then."""

    action: ClassVar[str] = "state time zone"
    serial: str
    position: int
    before: str = field(metadata=key("from"))
    after: str = field(metadata=key("to"))

    @property
    def written(self) -> tuple[Written, ...]:
        """The statement."""
        return (ZoneWritten(serial=self.serial, position=self.position),)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverFolder(Change):
    """A folder was handed over."""

    action: ClassVar[str] = "hand over"
    handover: int
    target: str
    file_count: int
    manifest_sha256: str
    record_sha256: str

    @property
    def written(self) -> tuple[Written, ...]:
        """Its record."""
        return (HandOverWritten(handover_id=self.handover),)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSalvage(Change):
    """The damaged archive that this one was made of, and how its history ended as far as it could be read."""

    action: ClassVar[str] = "salvage"
    file: str
    archive_id: str
    history_length: int
    history_head: str
    chain_holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageEvent(Save):
    """What of an event was salvaged; each revision of its frames apart."""

    action: ClassVar[str] = "salvage"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageEncoding(Encode):
    """A record of an encoding that was salvaged."""

    action: ClassVar[str] = "salvage"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvageHandOver(Change):
    """A record of a hand-over that was salvaged."""

    action: ClassVar[str] = "salvage"
    handover: int

    @property
    def written(self) -> tuple[Written, ...]:
        """The record."""
        return (HandOverWritten(handover_id=self.handover),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvagedChange(Change):
    """A row of the damaged archive's history, all nine columns, as evidence."""

    action: ClassVar[str] = "salvaged change"
    row: tuple[Any, ...]


_KINDS: Mapping[str, type[Change]] = {
    kind.action: kind
    for kind in (
        Create, Save, AddFiles, RecordReview, Analyse, KeepFile, Encode, PinEncoder, StateTimeZone, HandOverFolder,
        SalvageEvent, SalvagedChange,
    )
}  # fmt: skip
_SALVAGED: Mapping[str, type[Change]] = {
    "chain_holds": BeginSalvage,
    "encoder": SalvageEncoding,
    "handover": SalvageHandOver,
}
"""The action `salvage` has four records, distinguished by a key that only one of them has."""


def change_from_text(sequence: int, action: str, detail: str) -> Change:
    """What a row of the history says. Raises Damaged, naming the row, for an unknown action and a malformed detail."""
    kind = _KINDS.get(action)
    if kind is None:
        raise Damaged(
            f"history row {sequence}: this version knows no action {action!r}; update sfm-archive, or compare the "
            "archive with a backup"
        )
    try:
        plain = json.loads(detail)
        if kind is SalvageEvent and isinstance(plain, dict):
            kind = next((other for name, other in _SALVAGED.items() if name in plain), kind)
        change = from_json(kind, plain)
        _ = change.written
    except (ValueError, RecursionError, UsageError) as error:
        reason = ValueError(f"its detail is not one of {action!r}: {error}")
        raise Damaged(f"history row {sequence}: {reason}; compare the archive with a backup") from reason
    return change
