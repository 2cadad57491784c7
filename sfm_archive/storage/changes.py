"""What a change of the archive says: one record for each action of the history, and its JSON.

A record has only what the rows of the change cannot say; those it wrote are listed beside it by their hashes.
docs/format.md, "Actions". Nothing else knows the keys of a detail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sfm_archive.base.counting import counted
from sfm_archive.base.json_records import from_json, json_value
from sfm_archive.base.plain import key
from sfm_archive.errors import Damaged, UsageError
from sfm_archive.storage.change import Change, Described
from sfm_archive.storage.changes_taken_over import (
    BeginSalvage,
    EndMerge,
    Extract,
    Merge,
    SalvagedChange,
    SalvagedRows,
)
from sfm_archive.storage.event_identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Change):
    """The archive was made."""

    action: ClassVar[str] = "create"
    archive_id: str
    pinned_encoder: str
    pinned_decoder: str

    def told(self, wrote: Collection[str]) -> str:
        """The encoder and the decoder."""
        return f"{self.pinned_encoder} and {self.pinned_decoder} pinned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Save(Change):
    """An event was saved. `event`: its identity, where it was new. `failed`: the encoder that failed on new frames, of
    which there is no row then."""

    action: ClassVar[str] = "save"
    event: tuple[str, ...] = ()
    failed: str = ""
    files: Described = ()

    @property
    def identity(self) -> Identity | None:
        """Of a new event."""
        if self.event and len(self.event) != len(Identity._fields):
            raise ValueError(f"event has {len(self.event)} parts, not {len(Identity._fields)}")
        return Identity(*self.event) if self.event else None

    @property
    def described(self) -> Described:
        """The files."""
        return self.files

    def told(self, wrote: Collection[str]) -> str:
        """What came."""
        parts = ["new event"] if self.event else []
        parts += ["start key"] if "event_key" in wrote and not self.event else []
        parts += ["frames"] if "frames" in wrote else []
        parts += _named(self.files) or (["values"] if "reading" in wrote else [])
        parts += [f"{self.failed} failed on its frames"] if self.failed else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFiles(Change):
    """Files, their values, and what was noticed about them, joined to an event."""

    action: ClassVar[str] = "add files"
    files: Described = ()

    @property
    def described(self) -> Described:
        """The files."""
        return self.files

    def told(self, wrote: Collection[str]) -> str:
        """Which files were joined."""
        return f"joined: {', '.join(_named(self.files)) or 'values'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinEvent(Change):
    """An event that is this one, by a row of `same_event`: what was received of it, and decided about it, joined."""

    action: ClassVar[str] = "join event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread(Change):
    """Kept documents of an event were read again, by readers of another version."""

    action: ClassVar[str] = "reread"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReview(Change):
    """A person's decision about an event, kept as values."""

    action: ClassVar[str] = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatement:
    """What a file says of its event, '' where it does not; as the importer gave it, so it can be anything."""

    serial: Any
    recorded_at_local: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFile(Change):
    """A file whose event is not here. `tells`: what a report says of it, so that nobody has to read it again."""

    action: ClassVar[str] = "keep file"
    files: Described
    tells: FileStatement | None = None

    @property
    def described(self) -> Described:
        """The file."""
        return self.files

    def told(self, wrote: Collection[str]) -> str:
        """Which file."""
        return f"kept until its event comes: {', '.join(_named(self.files))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepParts(Change):
    """Parts of a capture that no event could be made of yet. `file`: name of the capture; `files`: the same where it
    was new. `serial`: of the unit as the user gave it (`--serial`), '' where nobody did."""

    action: ClassVar[str] = "keep parts"
    file: str
    parts: int
    files: Described = ()
    serial: str = ""

    @property
    def described(self) -> Described:
        """The capture, where it was new."""
        return self.files

    def told(self, wrote: Collection[str]) -> str:
        """How many of which."""
        return f"{counted(self.parts, 'part')} of {self.file} kept until their events come"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRunning(Change):
    """Spans in which a unit was running, as a document says them: rows of `unit_running`."""

    action: ClassVar[str] = "note running"
    serial: str
    spans: int

    def told(self, wrote: Collection[str]) -> str:
        """Of which unit."""
        return f"{self.serial}: {counted(self.spans, 'span')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encode(Change):
    """The first use of another encoder on a revision."""

    action: ClassVar[str] = "encode"
    encoder: str
    revision: int

    def told(self, wrote: Collection[str]) -> str:
        """Which encoder, of what."""
        return f"{self.encoder} of frames revision {self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEncoder(Change):
    """Another encoder is used where none is named."""

    action: ClassVar[str] = "pin encoder"
    before: str = field(metadata=key("from"))
    after: str = field(metadata=key("to"))

    def told(self, wrote: Collection[str]) -> str:
        """From which to which."""
        return f"{self.before} → {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDecoder(Change):
    """Another decoder made all computed numbers again."""

    action: ClassVar[str] = "pin decoder"
    before: str = field(metadata=key("from"))
    after: str = field(metadata=key("to"))

    def told(self, wrote: Collection[str]) -> str:
        """From which to which."""
        return f"{self.before} → {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTimeZone(Change):
    """The zone that a unit's clock shows. `before`: what counted until then."""

    action: ClassVar[str] = "state time zone"
    serial: str
    before: str = field(metadata=key("from"))
    after: str = field(metadata=key("to"))

    def told(self, wrote: Collection[str]) -> str:
        """Of which unit, from which to which."""
        return f"clock of {self.serial}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSettings(Change):
    """A unit's settings as a person states them: a row of `unit_setting`."""

    action: ClassVar[str] = "state settings"
    serial: str
    number: int

    def told(self, wrote: Collection[str]) -> str:
        """Of which unit."""
        return f"{self.serial}: statement {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSettings(Change):
    """The end of such a statement, a row of the same table. `withdraws`: the number of the one that ended."""

    action: ClassVar[str] = "withdraw settings"
    serial: str
    number: int
    withdraws: int

    def told(self, wrote: Collection[str]) -> str:
        """Of which unit, and which."""
        return f"{self.serial}: statement {self.withdraws}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeStatement(Change):
    """What a person says of the work that records belong to: a row of `table`; of several, as of a list of blasts, the
    first and how many. `withdrawn`: it takes back what that number said. `files`: the certificate or list."""

    action: ClassVar[str] = "state"
    table: str
    number: int
    position: int
    withdrawn: bool = False
    count: int = 1
    files: Described = ()

    @property
    def described(self) -> Described:
        """The certificate or list."""
        return self.files

    def told(self, wrote: Collection[str]) -> str:
        """Which."""
        done = "withdrawn" if self.withdrawn else "stated" if self.position == 1 else "corrected"
        what = self.table.replace("_", " ")
        return f"{what} {self.number} {done}" if self.count == 1 else f"{counted(self.count, what)} stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkHead(Change):
    """What is there now got a name."""

    action: ClassVar[str] = "mark"
    name: str

    def told(self, wrote: Collection[str]) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut(Change):
    """A file was left out of imports from then on."""

    action: ClassVar[str] = "leave out"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAgain(Change):
    """A file that was left out is taken again."""

    action: ClassVar[str] = "take again"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFile(Change):
    """A person said which event a file is of. `files`: as of `AddFiles`, where it was new to that event."""

    action: ClassVar[str] = "join file"
    files: Described = ()

    @property
    def described(self) -> Described:
        """The file, where it was new."""
        return self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotice(Change):
    """A program that a watch calls took a notice and ended well; of an event, or of a unit or file. `kind`: what it
    says, an open list. `about`: the serial or the file, '' for the event. `once_for`: what makes it another notice of
    that kind about the same: of a silence when the unit was last heard, of a calibration the number of the statement,
    of a file its hash; '' for an event. `program`: its name, without folder and arguments. `tries`: how often it was
    called for this notice until then."""

    action: ClassVar[str] = "notify"
    kind: str
    about: str = ""
    once_for: str = ""
    program: str
    outcome: str = "sent"
    tries: int = 1

    def told(self, wrote: Collection[str]) -> str:
        """What was said of what, and to which program."""
        about = f" about {self.about}" if self.about else ""
        tries = f" after {counted(self.tries, 'try', 'tries')}" if self.tries > 1 else ""
        return f"{self.kind}{about}: {self.outcome} to {self.program}{tries}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesUpTo(Change):
    """Whatever came up to the change `up_to` was looked at for notices, and those due of it were sent; the first of an
    archive says where notices begin."""

    action: ClassVar[str] = "notices up to"
    up_to: int

    def told(self, wrote: Collection[str]) -> str:
        """Which change."""
        return f"what came up to change {self.up_to} was looked at for notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Change):
    """Something was handed over: a folder, a report, data, as `kind` says."""

    action: ClassVar[str] = "hand over"
    handover: int
    kind: str
    target: str
    file_count: int

    def told(self, wrote: Collection[str]) -> str:
        """What, and where to."""
        return f"hand-over {self.handover} to {self.target}: {self.kind}, {counted(self.file_count, 'file')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal(Change):
    """The archive was sealed, by a row of `seal`: this is the last change of the file."""

    action: ClassVar[str] = "seal"

    def told(self, wrote: Collection[str]) -> str:
        """What that means."""
        return "nothing is written into the file from here on"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyUnsealed(Change):
    """A copy of a sealed archive goes on, by a row of `seal`. What it is a copy of: the id of the sealed archive, and
    the number and the hash of its last change, which stands right before this one."""

    action: ClassVar[str] = "copy unsealed"
    archive_id: str
    history_length: int
    history_head: str

    def told(self, wrote: Collection[str]) -> str:
        """Which archive."""
        of = f"{self.archive_id}, {counted(self.history_length, 'change')}, head {self.history_head}"
        return f"a copy that can be changed of the sealed archive {of}"


def _named(files: Described) -> list[str]:
    return [" ".join(parts) for parts in files]


_KINDS: Mapping[str, type[Change]] = {
    kind.action: kind
    for kind in (
        Create, Save, AddFiles, Reread, RecordReview, KeepFile, KeepParts, NoteRunning, Encode, PinEncoder, PinDecoder,
        StateTimeZone, StateSettings, WithdrawSettings, MakeStatement, LeaveOut, TakeAgain, JoinFile, HandOver,
        JoinEvent, MarkHead, SendNotice, NoticesUpTo, Seal, CopyUnsealed, BeginSalvage, SalvagedChange, SalvagedRows,
        Merge, EndMerge, Extract,
    )
}  # fmt: skip


def change_from_text(sequence: int, action: str, detail: str) -> Change:
    """What a row of the history says. Raises Damaged, naming the row, for an unknown action and a malformed detail."""
    kind = _KINDS.get(action)
    if kind is None:
        raise Damaged(
            f"history row {sequence}: this version knows no action {action!r}; update sfm-archive, or compare the "
            "archive with a backup"
        )
    try:
        change = from_json(kind, json_value(detail))
        _ = change.identity
    except (ValueError, TypeError, UsageError) as error:
        reason = ValueError(f"its detail is not one of {action!r}: {error}")
        raise Damaged(f"history row {sequence}: {reason}; compare the archive with a backup") from reason
    return change
