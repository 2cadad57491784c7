"""What an import did with every file it found: each one is accounted for, and the totals add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import in_json
from sfm_archive.base.texts import sentences
from sfm_archive.importing.limits_met import LimitsMet
from sfm_archive.importing.recognise import FoundFile
from sfm_archive.model.findings import Finding, Severity

EVENT_NOT_TAKEN = "event-not-taken"
"""Code of the finding at a capture for each of its events that could not be taken, while others were."""


EVENT_WAITS = "event-waits"
"""Code of the finding at a capture for each part of it that waits for its event, while others were taken."""


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
    KEPT = "kept"
    """Kept as received: it holds no event, and none will come for it."""
    LEFT_OUT = "left out"
    """Not kept, on purpose: of a kind without data of its own (arrays that can be computed again), or by a person's
    decision."""
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
    """One file: its kind in words, the events it went to, and a sentence where something is to say. `by_decision`: it
    is left out since a person decided that."""

    path: str
    kind: str
    outcome: ItemOutcome
    event_ids: tuple[int, ...] = ()
    message: str = ""
    findings: tuple[Finding, ...] = ()
    by_decision: bool = False

    @property
    def partly_rejected(self) -> bool:
        """Whether an event in this file was not taken, although others were: the message says which and why."""
        return any(finding.code == EVENT_NOT_TAKEN for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One kind of finding: its worst severity, the files in which it was found, and what it says of the first one."""

    code: str
    severity: Severity
    files: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedOfOthers:
    """One kind of finding of events that no file of the import is of, but whose settings rest on what it brought: its
    worst severity, the events, and what it says of the first one."""

    code: str
    severity: Severity
    event_ids: tuple[int, ...]
    message: str


def noticed_of_others(found: Mapping[int, Sequence[Finding]]) -> tuple[NoticedOfOthers, ...]:
    """By kind, the most serious first, then what most events have."""
    kinds: dict[str, dict[int, Finding]] = {}
    for event_id, findings in sorted(found.items()):
        for finding in findings:
            kinds.setdefault(finding.code, {}).setdefault(event_id, finding)
    ranks = list(Severity)
    noticed = [
        NoticedOfOthers(
            code=code,
            severity=max((finding.severity for finding in of_kind.values()), key=ranks.index),
            event_ids=tuple(of_kind),
            message=next(iter(of_kind.values())).message,
        )
        for code, of_kind in kinds.items()
    ]
    return tuple(sorted(noticed, key=lambda kind: (-ranks.index(kind.severity), -len(kind.event_ids), kind.code)))


_TOLD_OTHERWISE = frozenset(
    {ItemOutcome.DUPLICATE, ItemOutcome.REJECTED, ItemOutcome.WAITING, ItemOutcome.KEPT, ItemOutcome.LEFT_OUT}
)

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
    whose bytes in the archive are damaged, so that it cannot be joined. `noticed_of_others`: what is noticed now of
    events of which there is no file among the items, for what came changes what their numbers rest on. `limits_met`:
    which of the events that something came of are above the limits of their points, or may be; None where nothing came
    or no point has limits. `limits_not_asked`: why that could not be found out, else ''. An interrupted import has
    items only for the files it reached; started again, it goes on.
    """

    items: tuple[ImportItem, ...]
    files_found: int
    events_created: int
    revisions_added: int
    history_head: str
    waiting_joined: int = 0
    waiting_damaged: tuple[str, ...] = ()
    noticed_of_others: tuple[NoticedOfOthers, ...] = ()
    limits_met: LimitsMet | None = None
    limits_not_asked: str = ""
    interrupted: bool = False
    dry_run: bool = False

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], ItemOutcome]:
        """Number of files for each outcome, in the order of ItemOutcome; the sum is the number of items."""
        return counts(ItemOutcome, (item.outcome for item in self.items))

    @property
    @in_json("left_out_by_decision")
    def left_out_by_decision(self) -> int:
        """How many of the files left out are so by a person's decision, not for what they are."""
        return sum(item.by_decision for item in self.items)

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

    @property
    @in_json("noticed")
    def noticed(self) -> tuple[Noticed, ...]:
        """What was found in files that were taken and not told of by an earlier import: each kind of finding once, the
        most serious first, then what most files have. A file that was there already says nothing again."""
        kinds: dict[str, list[tuple[ImportItem, Finding]]] = {}
        for item in self.items:
            if item.outcome not in _TOLD_OTHERWISE:
                for code, found in {found.code: found for found in reversed(item.findings)}.items():
                    kinds.setdefault(code, []).append((item, found))
        kinds.pop(EVENT_NOT_TAKEN, None)
        noticed = [
            Noticed(
                code=code,
                severity=max((finding.severity for _, finding in found), key=list(Severity).index),
                files=tuple(item.path for item, _ in found),
                message=found[0][1].message,
            )
            for code, found in kinds.items()
        ]
        ranks = list(Severity)
        return tuple(sorted(noticed, key=lambda kind: (-ranks.index(kind.severity), -len(kind.files), kind.code)))

    def rejected_in_part(self) -> list[ImportItem]:
        """Files of which an event was not taken, although others were; as long as that is so, each import says it."""
        return [item for item in self.items if item.partly_rejected and item.outcome is not ItemOutcome.REJECTED]
