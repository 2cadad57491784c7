"""What the report says of one file: items are made, merged and completed here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sfm_archive.importing.recognise import SourceFile
from sfm_archive.importing.report import EVENT_NOT_TAKEN, ImportItem, Outcome
from sfm_archive.model.findings import Finding

_WEIGHT = {outcome: place for place, outcome in enumerate((Outcome.NEW, Outcome.REVISED, Outcome.JOINED))}


def item_of(
    source: SourceFile,
    outcome: Outcome,
    message: str = "",
    *,
    findings: tuple[Finding, ...] = (),
    event_ids: tuple[int, ...] = (),
) -> ImportItem:
    """The item of a file; where no message is given, its findings speak."""
    return ImportItem(
        path=str(source.path),
        kind=source.words,
        outcome=outcome,
        event_ids=event_ids,
        message=message or _sentences(finding.message for finding in findings),
        findings=findings,
    )


def merged(one: ImportItem, other: ImportItem) -> ImportItem:
    """One item for a file that went to several events: the weightiest outcome, and everything that was said."""
    first = min(one, other, key=lambda item: _WEIGHT.get(item.outcome, len(_WEIGHT)))
    return replace(
        first,
        event_ids=tuple(sorted({*one.event_ids, *other.event_ids})),
        message=_sentences((one.message, other.message)),
        findings=tuple(dict.fromkeys(one.findings + other.findings)),
    )


def with_reasons(item: ImportItem, not_taken: list[str], findings: tuple[Finding, ...]) -> ImportItem:
    """The item of an importer's file with its own findings, and the reasons why some of its events were not taken."""
    refused = tuple(Finding(code=EVENT_NOT_TAKEN, message=reason) for reason in not_taken)
    return replace(
        item,
        message=_sentences([item.message, *not_taken]),
        findings=item.findings + findings + refused,
    )


def _sentences(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))
