"""What a merge or an extract took, what it did not, and what people should look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """Something of a source that is damaged. `change`: number of the change there, 0 where it is not known; `subject`:
    what it is; `message`: what is wrong with it."""

    change: int
    subject: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two archives say different things of one: both are kept. `event_id`: the event here, 0 where it is of none;
    `subject`: what of; `message`: who says what, and what counts."""

    event_id: int
    subject: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedSource:
    """One archive that was merged. `path`; `archive_id`; `length`, `head`: number and hash of its newest change;
    `known`: up to which change it was known before; `forked_at`: the change from which on it has another history than
    was known of it, 0 where it has none. `events_new`: events that only it had; `events_both`: events with something
    new of events that are in both; `rows`: how many rows of content came by table; `not_taken`: what is damaged."""

    path: str
    archive_id: str
    length: int
    head: str
    known: int
    forked_at: int
    events_new: int
    events_both: int
    rows: dict[str, int]
    conflicts: tuple[Conflict, ...]
    not_taken: tuple[NotTaken, ...]

    @property
    def is_new(self) -> bool:
        """Whether anything of it was new."""
        return bool(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What a merge did, or would do where `dry_run`. `joined`: files and parts of captures that waited and have their
    event now; `events_joined`: events that became another one, as files of both say. `same_names`: jobs that are called
    the same and are two. `interrupted`: it was stopped; the same command goes on where it was."""

    path: str
    dry_run: bool
    sources: tuple[MergedSource, ...]
    joined: int
    events_joined: int
    same_names: tuple[str, ...]
    interrupted: bool
    history_head: str

    @property
    def damaged(self) -> bool:
        """Whether something of a source was not taken."""
        return any(source.not_taken for source in self.sources)
