"""The derived half against the content: every row made again and compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import NO_SAMPLES, from_samples, stored_from_samples, summaries_of
from sfm_archive.errors import NotFound, SfmError
from sfm_archive.model.findings import Severity
from sfm_archive.model.summaries import RULES
from sfm_archive.storage import computed, day_peaks, doubts, integrity, same_events, summaries
from sfm_archive.verifying.report import CANNOT_BE_READ, DERIVED, Account, VerifyFinding
from sfm_archive.verifying.sound import Sound

_REBUILD = "sfm rebuild makes it again; what was received is not touched"
_DAMAGE_FIRST = "look at the damage first: what it is made of may be wrong, and this row right; only then sfm rebuild"


class DerivedCheck:
    """Compares rows of the derived half with what the content gives, and notices those that are missing."""

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account
        self._seen: set[int] = set()
        self._without_decoder = 0
        self._why_not = ""

    @cached_property
    def _damaged(self) -> set[int | None]:
        """Events with damage, known before the first summary is compared. None for that of no event: a zone, the bytes
        of a file, the history, which any summary may be made of."""
        found = self._account.findings
        return {one.event_id for one in found if one.severity is not Severity.NOTE and not one.is_out_of_date}

    def are_right(self, sound: Sound) -> None:
        """Take over what was found of events whose rows are right."""
        self._seen.update(event_id for (event_id,) in sound.keys)
        self._account.checked["summaries"] += len(sound.keys)

    def are_there(self, event_ids: Sequence[int]) -> None:
        """Rows that are not compared with the content: whether they can be read."""
        self._seen.update(event_ids)
        try:
            with self._archive.store.reading() as connection:
                summaries.of_events(connection, event_ids, of_the_file=True)
        except (SfmError, *CANNOT_BE_READ):
            for event_id in event_ids:
                with self._account.going_on("summary", event_id), self._archive.store.reading() as connection:
                    summaries.of_events(connection, [event_id], of_the_file=True)

    def row(self, event_id: int) -> None:
        """One event's row against its content."""
        self._seen.add(event_id)
        with self._account.going_on("summary", event_id):
            with self._archive.store.snapshot() as connection:
                stored = summaries.of_events(connection, [event_id], of_the_file=True).get(event_id)
                made = summaries_of(connection, [event_id]).get(event_id)
                if made is not None:
                    self._numbers(connection, event_id)
            if stored is None or stored.rules != RULES:
                return
            self._account.count("summaries")
            if made is None:
                self._add(event_id, "belongs to no event")
            elif made != stored:
                names = [name for name in made._fields if getattr(made, name) != getattr(stored, name)]
                self._add(event_id, f"is not what the content gives ({', '.join(names)})")

    def _numbers(self, connection: Any, event_id: int) -> None:
        """What the decoder computes of the samples, decoded again; of damaged ones that were named it says nothing."""
        if any(finding.event_id == event_id for finding in self._account.findings):
            return
        stored = stored_from_samples(connection, [event_id])[event_id]
        try:
            made = from_samples(self._archive, [event_id]).get(event_id, NO_SAMPLES)
        except NotFound as error:
            self._without_decoder, self._why_not = self._without_decoder + 1, str(error)
            return
        if made.numbers != stored.numbers:
            self._add(event_id, "has other computed numbers than its samples give")
        if made.doubts != stored.doubts:
            self._add(event_id, "counts other reports than its samples and people's decisions give")
        if made.days != stored.days:
            self._add(event_id, "has other peaks by day than its samples give")

    def all_there(self, events: Collection[int]) -> None:
        """Behind the last row: events without one, and rows that other rules made.

        Whoever writes with other rules makes all rows again, so rows of both kinds side by side are no program's work.
        """
        with self._archive.store.reading() as connection:
            missing = set(events) - self._seen - same_events.every(connection)
        for event_id in sorted(missing):
            self._add(event_id, "is missing")
        with self._account.going_on("computed numbers"), self._archive.store.snapshot() as connection:
            for event_id in sorted(
                computed.strays(connection) | day_peaks.strays(connection) | doubts.strays(connection)
            ):
                self._add(event_id, "has computed numbers and belongs to no event")
        if self._without_decoder:
            self._account.add(
                VerifyFinding(
                    code="not-checked",
                    subject="computed numbers",
                    message=f"those of {self._without_decoder} event(s) were not computed again: {self._why_not}",
                    advice="then verify again",
                    severity=Severity.NOTE,
                )
            )
        self._rules()

    def _rules(self) -> None:
        """Rows that other rules made, all of them at one moment: another program may make them again meanwhile."""
        others: list[int] = []
        with self._account.going_on("summaries"), self._archive.store.snapshot() as connection:
            others, rows = summaries.of_other_rules(connection, RULES), integrity.row_count(connection, "event_summary")
            if len(others) < rows:
                for event_id in others:
                    self._add(event_id, "says other rules made it, as no program leaves it beside rows of these")
                return
        if others:
            self._account.add(
                VerifyFinding(
                    code="not-checked",
                    subject="summaries",
                    message=f"{len(others)} row(s) were made by other rules than these ({RULES})",
                    advice="sfm rebuild makes them again",
                    severity=Severity.NOTE,
                )
            )

    def _add(self, event_id: int, message: str) -> None:
        damaged = not self._damaged.isdisjoint((event_id, None))
        advice = _DAMAGE_FIRST if damaged else _REBUILD
        self._account.add(
            VerifyFinding(code=DERIVED, event_id=event_id, subject="summary", message=message, advice=advice)
        )
