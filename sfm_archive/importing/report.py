"""What an import did with every file it found: each one is accounted for, and the totals add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import in_json
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
        message=message or _sentences(finding.message for finding in findings),
        findings=findings,
    )


def merged_items(items: Iterable[ImportItem]) -> list[ImportItem]:
    """One item for each file, also for one that went to several events: the weightiest outcome, and all messages."""
    merged: dict[str, ImportItem] = {}
    for item in items:
        known = merged.get(item.path)
        merged[item.path] = item if known is None else _merged(known, item)
    return list(merged.values())


def _merged(one: ImportItem, other: ImportItem) -> ImportItem:
    first = min(one, other, key=lambda item: _WEIGHT.get(item.outcome, len(_WEIGHT)))
    return replace(
        first,
        event_ids=tuple(sorted({*one.event_ids, *other.event_ids})),
        message=_sentences((one.message, other.message)),
        findings=tuple(dict.fromkeys(one.findings + other.findings)),
    )


def _sentences(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


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
