"""What an import did with every file it found: each one is accounted for, and the totals add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import in_json
from sfm_archive.base.texts import sentences
from sfm_archive.importing.recognise import FoundFile
from sfm_archive.model.findings import Finding

EVENT_NOT_TAKEN = "event-not-taken"
"""Code of the finding at a capture for each of its events that could not be taken, while others were."""


class ItemOutcome(StrEnum):
    """What became of one file."""

    NEW = "new"
    """Its event was not in the archive before."""
    REVISED = "revised"
    """Its event was there; these frames or this event file are another revision of it."""
    DUPLICATE = "duplicate"
    """All of it was there already; nothing changed."""
    JOINED = "joined"
    """Kept beside its event."""
    WAITING = "waiting"
    """Kept, without an event: it will join when its event comes, or the message says what is missing."""
    LEFT_OUT = "left out"
    """Recognised and not kept, on purpose (arrays that can be computed again)."""
    REJECTED = "rejected"
    """Not taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to import.

    `serial`: of the unit, used where file, name and folder give none. `time_zone`: IANA name of the zone that the
    units' clocks showed, or 'unknown'. `dry_run`: everything is tried and taken back, the report says what would be.
    """

    serial: str | None = None
    time_zone: str = "unknown"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportItem:
    """One file: its kind in words, the events it went to, and a sentence where something is to say."""

    path: str
    kind: str
    outcome: ItemOutcome
    event_ids: tuple[int, ...] = ()
    message: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def partly_rejected(self) -> bool:
        """Whether an event in this file was not taken, although others were: the message says which and why."""
        return any(finding.code == EVENT_NOT_TAKEN for finding in self.findings)


_WEIGHT = {ItemOutcome.NEW: 0, ItemOutcome.REVISED: 1, ItemOutcome.JOINED: 2}
"""Of several outcomes of one file the one that counts: the first; all others weigh the same."""


def item_of(
    file: FoundFile,
    outcome: ItemOutcome,
    message: str = "",
    *,
    findings: tuple[Finding, ...] = (),
    event_ids: tuple[int, ...] = (),
) -> ImportItem:
    """The item of a file; where no message is given, it is that of the findings."""
    return ImportItem(
        path=str(file.path),
        kind=file.words,
        outcome=outcome,
        event_ids=event_ids,
        message=message or sentences(finding.message for finding in findings),
        findings=findings,
    )


def merged_items(items: Iterable[ImportItem]) -> list[ImportItem]:
    """One item for each file, also for one that went to several events: the weightiest outcome, and all messages."""
    of_file: dict[str, list[ImportItem]] = {}
    for item in items:
        of_file.setdefault(item.path, []).append(item)
    return [same[0] if len(same) == 1 else _merged(same) for same in of_file.values()]


def _merged(items: list[ImportItem]) -> ImportItem:
    first = min(items, key=lambda item: _WEIGHT.get(item.outcome, len(_WEIGHT)))
    return replace(
        first,
        event_ids=tuple(sorted({event_id for item in items for event_id in item.event_ids})),
        message=sentences(item.message for item in items),
        findings=tuple(dict.fromkeys(finding for item in items for finding in item.findings)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The whole import. `files_found` equals the number of items: every file found has exactly one.

    `waiting_joined`: files of earlier imports whose event has come now. `waiting_damaged`: a sentence for each of them
    whose bytes in the archive are damaged, so that it cannot be joined. An interrupted import has items only for the
    files it reached; started again, it goes on.
    """

    items: tuple[ImportItem, ...]
    files_found: int
    events_created: int
    revisions_added: int
    history_head: str
    waiting_joined: int = 0
    waiting_damaged: tuple[str, ...] = ()
    interrupted: bool = False
    dry_run: bool = False

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], ItemOutcome]:
        """Number of files for each outcome, in the order of ItemOutcome; the sum is the number of items."""
        return counts(ItemOutcome, (item.outcome for item in self.items))

    @property
    def rejected(self) -> tuple[ImportItem, ...]:
        """Files that were not taken."""
        return tuple(item for item in self.items if item.outcome is ItemOutcome.REJECTED)

    @property
    @in_json("anything_rejected")
    def anything_rejected(self) -> bool:
        """Whether a file, or an event in a file, was not taken: then `sfm import` ends with exit code 1."""
        return any(item.outcome is ItemOutcome.REJECTED or item.partly_rejected for item in self.items)

    def with_findings(self) -> Iterable[ImportItem]:
        """Items that somebody should look at, although they were taken."""
        return (item for item in self.items if item.findings and item.outcome is not ItemOutcome.REJECTED)
