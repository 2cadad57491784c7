"""What decoding notices of the events of a batch: known only when their rows are made, and told where it is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sfm_archive.archive import Archive
from sfm_archive.archive.noticed import noticed_of
from sfm_archive.base.texts import sentences
from sfm_archive.importing.report import ImportItem, ItemOutcome
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.storage import events

_CHANGED = frozenset({ItemOutcome.NEW, ItemOutcome.REVISED, ItemOutcome.JOINED})


class SampleFindings:
    """Of one batch, inside its transaction: what was known of the samples of each event before it was changed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[int, tuple[Finding, ...]] = {}

    def before(self, event: Event) -> None:
        """An event is about to be saved."""
        with self._archive.store.reading() as connection:
            event_id = events.find(connection, event)[0]
        if event_id is not None:
            self.before_change_of(event_id)

    def before_change_of(self, event_id: int) -> None:
        """Something is about to be joined to an event."""
        if event_id not in self._known:
            self._known[event_id] = noticed_of(self._archive, event_id)

    def added_to(self, items: Sequence[ImportItem]) -> list[ImportItem]:
        """The items, the first one of each changed event with what is new. Makes the rows that are due."""
        changed = {event_id for item in items if item.outcome in _CHANGED for event_id in item.event_ids}
        if not changed:
            return list(items)
        self._archive.store.do_due()
        new = {event_id: self._new(event_id) for event_id in changed}
        told: list[ImportItem] = []
        for item in items:
            own = item.event_ids if item.outcome in _CHANGED else ()
            findings = tuple(finding for event_id in own for finding in new.pop(event_id, ()))
            told.append(_with(item, findings) if findings else item)
        return told

    def _new(self, event_id: int) -> tuple[Finding, ...]:
        known = self._known.get(event_id, ())
        now = noticed_of(self._archive, event_id)
        return tuple(one for one in now if one not in known and one.severity is not Severity.NOTE)


def _with(item: ImportItem, findings: tuple[Finding, ...]) -> ImportItem:
    message = sentences([item.message, *(finding.message for finding in findings)])
    return replace(item, message=message, findings=(*item.findings, *findings))
