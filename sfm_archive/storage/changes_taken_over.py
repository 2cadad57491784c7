"""Changes that take rows over from another archive file: salvaged, merged, or taken along into an extract."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from sfm_archive.base.counting import counted
from sfm_archive.errors import Damaged
from sfm_archive.storage.change import Change, Described
from sfm_archive.storage.event_identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSalvage(Change):
    """The damaged archive that this one was made of, and how its history ended as far as it could be read."""

    action: ClassVar[str] = "salvage"
    file: str
    archive_id: str
    history_length: int
    history_head: str
    chain_holds: bool

    def told(self, wrote: Collection[str]) -> str:
        """Which archive."""
        return f"made of the damaged {self.file}, {counted(self.history_length, 'change')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvagedChange(Change):
    """A row of the damaged archive's history, with the columns of HistoryRow, as evidence. The rows that it lists are
    those of that change that were salvaged."""

    action: ClassVar[str] = "salvaged change"
    row: tuple[Any, ...]

    def told(self, wrote: Collection[str]) -> str:
        """What that row says."""
        said = self.said
        text = "" if said is None else said.told(wrote)
        return f"change {self.row[0]}, {self.row[4]}{f': {text}' if text else ''}" if len(self.row) > 4 else ""

    @property
    def said(self) -> Change | None:
        """What that row says; None where it cannot be read."""
        from sfm_archive.storage.changes import change_from_text

        try:
            return change_from_text(0, self.row[4], self.row[6])
        except (Damaged, IndexError, TypeError):
            return None

    @property
    def identity(self) -> Identity | None:
        """Of the event that came with that change."""
        said = self.said
        return None if said is None else said.identity

    @property
    def described(self) -> Described:
        """The files that came with it."""
        said = self.said
        return () if said is None else said.described


@dataclass(frozen=True, slots=True, kw_only=True)
class SalvagedRows(Change):
    """Rows of a change that is lost itself: nothing vouches for them, but they read as such rows do. `change`: its
    number in the damaged archive."""

    action: ClassVar[str] = "salvaged rows"
    change: int
    event: tuple[str, ...] = ()

    def told(self, wrote: Collection[str]) -> str:
        """Of which change."""
        return f"of change {self.change}, which is lost itself"

    @property
    def identity(self) -> Identity | None:
        """Of the event, where its row was among them."""
        return Identity(*self.event) if len(self.event) == len(Identity._fields) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Change):
    """What a change of another archive wrote, with that change itself: rows of `merged_change`."""

    action: ClassVar[str] = "merge"
    archive_id: str
    number: int

    def told(self, wrote: Collection[str]) -> str:
        """Which change."""
        return f"change {self.number} of archive {self.archive_id[:12]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMerge(Change):
    """All of another archive was looked at. `file`: its name; `length`, `head`: number and hash of its newest change.
    `forked_at`: the change from which on its history is another one than was known of it, 0 where it is none.
    `not_taken`: how many things of it were damaged."""

    action: ClassVar[str] = "end merge"
    file: str
    archive_id: str
    length: int
    head: str
    forked_at: int = 0
    not_taken: int = 0

    def told(self, wrote: Collection[str]) -> str:
        """Which archive."""
        forked = f", forked at change {self.forked_at}" if self.forked_at else ""
        damaged = f", {counted(self.not_taken, 'thing')} of it damaged" if self.not_taken else ""
        return f"{self.file}, archive {self.archive_id[:12]}… up to change {self.length}{forked}{damaged}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(Change):
    """The archive is an extract of another one: its file, its id, number and hash of its newest change then, and what
    was asked for."""

    action: ClassVar[str] = "extract"
    file: str
    archive_id: str
    length: int
    head: str
    selection: str

    def told(self, wrote: Collection[str]) -> str:
        """Of which archive, and what."""
        return f"of {self.file}, archive {self.archive_id[:12]}… at change {self.length}: {self.selection}"
