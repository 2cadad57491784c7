"""The chain of the history: every row bound to the one before, and every row of the archive written by one of them."""

from __future__ import annotations

from collections import Counter

from sfm_archive.archive import Archive
from sfm_archive.errors import Damaged
from sfm_archive.storage import archive_row, history, integrity
from sfm_archive.storage.changes import Change, Create, EventWritten, FileWritten, FramesWritten, PinEncoder
from sfm_archive.storage.history import FIRST_PREVIOUS, HistoryRow
from sfm_archive.verifying.recorded_changes import COMPARE, ChangeCheck
from sfm_archive.verifying.report import Account, VerifyFinding

_COUNTED = ("event_name", "event_file", "reading", "finding", "unit_time_zone", "handover")


class HistoryCheck:
    """Follows the chain row by row and remembers what the changes wrote."""

    def __init__(self, archive: Archive, account: Account) -> None:
        self._archive = archive
        self._account = account
        self._changes = ChangeCheck(archive, account)
        self._expected = 1
        self._previous = FIRST_PREVIOUS
        self._events: set[int] = set()
        self._revisions: set[tuple[int, int]] = set()
        self._written: Counter[str] = Counter()
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
                change = row.change()
            except Damaged:
                if fault is None:
                    raise
                return  # named already
            self._remember(row, change)
            if against_rows:
                self._changes.check(row, change)

    def _remember(self, row: HistoryRow, change: Change) -> None:
        for part in change.written:
            if isinstance(part, EventWritten):
                self._events.add(row.event_id)
            elif isinstance(part, FramesWritten):
                self._revisions.add((row.event_id, part.revision))
            elif row.event_id or not isinstance(part, FileWritten):
                self._written[part.table] += 1
        if isinstance(change, Create):
            self._pinned = change.pinned_encoder
            self._made(row, change)
        elif isinstance(change, PinEncoder):
            self._pinned = change.after

    def _made(self, row: HistoryRow, change: Create) -> None:
        """The archive's own row against the first of the history."""
        with self._archive.store.reading() as connection:
            own, alone = archive_row.read(connection), integrity.has_its_one_row(connection)
        if own is None:
            return  # the check of the pinned encoder says so
        recorded = (change.archive_id, row.at_utc, row.tool)
        if not alone or (own.archive_id, own.created_at_utc, own.created_by) != recorded:
            self._add("archive", "the archive's own row", "was altered", None)

    def all_recorded(self, held_events: set[int], held_revisions: set[tuple[int, int]]) -> None:
        """Report everything that is there and that no change wrote: another program put it there."""
        for event_id in sorted(held_events - self._events):
            self._add("unrecorded", "event", "the history does not record it as received", event_id)
        for event_id, revision in sorted(held_revisions - self._revisions):
            if event_id in self._events:
                subject = f"frames revision {revision}"
                self._add("unrecorded", subject, "the history does not record them as received", event_id)
        with self._account.going_on("counts"), self._archive.store.reading() as connection:
            held = integrity.row_counts(connection, _COUNTED)
            own = archive_row.read(connection)
            for table, number in held.items():
                written = self._written[table]
                if number != written:
                    message = f"{number} row(s) are there, the history records {written}"
                    self._add("counts", f"table {table}", message, None)
            if own is not None and self._pinned is not None and own.pinned_encoder != self._pinned:
                message = f"pins {own.pinned_encoder}, the history says {self._pinned}; nothing else depends on it"
                self._add("archive", "the archive's own row", message, None, "pin the encoder that is meant")

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str = COMPARE) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))
