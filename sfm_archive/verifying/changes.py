"""The history: every row bound to the one before, and everything that is there was said by one of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.storage import archive_row, history, integrity
from sfm_archive.storage.history import FIRST_PREVIOUS, HistoryRow
from sfm_archive.verifying.report import Account, VerifyFinding
from sfm_archive.verifying.said import COMPARE, SaidCheck

_COUNTED = ("event_name", "event_file", "reading", "finding", "unit_time_zone", "handover")


class HistoryCheck:
    """Follows the chain row by row and remembers what the rows speak of."""

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account
        self._said = SaidCheck(archive, account)
        self._expected = 1
        self._previous = FIRST_PREVIOUS
        self._events: set[int] = set()
        self._revisions: set[tuple[int, int]] = set()
        self._spoken_of: Counter[str] = Counter()
        self._pinned: str | None = None

    @property
    def head(self) -> str:
        """The hash of the last row that was seen."""
        return self._previous

    def row(self, sequence: int, *, against_rows: bool) -> None:
        """Check one row: its own hash and its bond; and what it says, where asked."""
        self._account.count("history rows")
        with self._account.going_on(f"history row {sequence}"):
            with self._archive.store.reading() as connection:
                found = history.rows(connection, behind=sequence - 1, limit=1)
            if not found or found[0].sequence != sequence:
                return
            row = found[0]
            fault = history.fault(row, self._expected, self._previous)
            if fault is not None:
                self._add("history", f"history row {sequence}", fault, None)
            self._expected, self._previous = sequence + 1, row.sha256
            try:
                detail = json.loads(row.detail)
            except (ValueError, RecursionError):
                return  # its hash does not fit either
            if isinstance(detail, dict):
                self._remember(row, detail)
                if against_rows:
                    self._said.check(row, detail)

    def _remember(self, row: HistoryRow, detail: dict[str, Any]) -> None:
        if "event" in detail:
            self._events.add(row.event_id)
        if "frames" in detail:
            self._revisions.add((row.event_id, int(detail["frames"]["revision"])))
        if row.action == "create":
            self._pinned = str(detail.get("pinned_encoder"))
            self._made(row, detail)
        elif row.action == "pin encoder":
            self._pinned = str(detail.get("to"))
        elif row.action == "state time zone":
            self._spoken_of["unit_time_zone"] += 1
        if "handover" in detail:
            self._spoken_of["handover"] += 1
        for key, table in (("names", "event_name"), ("readings", "reading"), ("findings", "finding")):
            self._spoken_of[table] += len(detail.get(key, ()))
        if row.event_id:
            self._spoken_of["event_file"] += len(detail.get("files", ()))

    def _made(self, row: HistoryRow, detail: dict[str, Any]) -> None:
        """The archive's own row against the first of the history."""
        with self._archive.store.reading() as connection:
            own, alone = archive_row.read(connection), integrity.has_its_one_row(connection)
        if own is None:
            return  # the check of the pinned encoder says so
        said = (detail.get("archive_id"), row.at_utc, row.tool)
        if not alone or (own.archive_id, own.created_at_utc, own.created_by) != said:
            self._add("archive", "the archive's own row", "is not as it was written", None)

    def all_spoken_of(self, held_events: set[int], held_revisions: set[tuple[int, int]]) -> None:
        """Everything that is there and no row speaks of: another program put it there."""
        for event_id in sorted(held_events - self._events):
            self._add("unrecorded", "event", "the history does not say that it was ever received", event_id)
        for event_id, revision in sorted(held_revisions - self._revisions):
            if event_id in self._events:
                subject = f"frames revision {revision}"
                self._add("unrecorded", subject, "the history does not say that they were received", event_id)
        with self._account.going_on("counts"), self._archive.store.reading() as connection:
            held = integrity.row_counts(connection, _COUNTED)
            own = archive_row.read(connection)
            for table, number in held.items():
                said = self._spoken_of[table]
                if number != said:
                    message = f"{number} row(s) are there, the history speaks of {said}; events and frames count apart"
                    self._add("counts", f"table {table}", message, None)
            if own is not None and self._pinned is not None and own.pinned_encoder != self._pinned:
                message = f"pins {own.pinned_encoder}, the history says {self._pinned}; nothing else depends on it"
                self._add("archive", "the archive's own row", message, None, "pin the encoder that is meant")

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str = COMPARE) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))
