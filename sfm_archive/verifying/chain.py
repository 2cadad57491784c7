"""The chain of the history: every row bound to the one before, and every row of the archive written by one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.errors import Damaged, SfmError
from sfm_archive.storage import archive_row, history, integrity, row_hashes
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import Create, PinDecoder, PinEncoder
from sfm_archive.storage.history import FIRST_PREVIOUS, HistoryRow
from sfm_archive.verifying.recorded_changes import COMPARE, ChangeCheck
from sfm_archive.verifying.report import Account, VerifyFinding
from sfm_archive.verifying.sealing import SealCheck


class HistoryCheck:
    """Follows the chain row by row and remembers what the changes wrote. `bytes_checked`: as for `ChangeCheck`."""

    def __init__(self, archive: Archive, account: Account, *, bytes_checked: bool) -> None:
        self._archive = archive
        self._account = account
        self._changes = ChangeCheck(archive, account, bytes_checked=bytes_checked)
        self._expected = 1
        self._previous = FIRST_PREVIOUS
        self._written: Counter[str] = Counter()
        self._newest_carried = 0
        self._pinned: str | None = None
        self._newest = 0
        self._pinned_decoder: str | None = None
        self._seals = SealCheck(archive, account)

    @property
    def head(self) -> str:
        """The hash of the last row that was seen."""
        return self._previous

    @property
    def sealed(self) -> bool:
        """Whether the last row that was seen sealed the archive."""
        return self._seals.sealed

    def several(self, sequences: Sequence[int], against_rows: Collection[int]) -> None:
        """Check rows as they follow each other; against the rows that they list those in `against_rows`."""
        known: dict[int, HistoryRow] = {}
        with suppress(SfmError, ValueError), self._archive.store.reading() as connection:
            found = history.rows(connection, behind=sequences[0] - 1, limit=len(sequences))
            known = {row.sequence: row for row in found}
        for sequence in sequences:
            self._row(sequence, known.get(sequence), against_rows=sequence in against_rows)

    def _row(self, sequence: int, row: HistoryRow | None, *, against_rows: bool) -> None:
        """Check one row: its own hash and its bond; and what it says, where asked. It is read where it is None."""
        self._account.count("history rows")
        with self._account.going_on(f"history row {sequence}"):
            if row is None:
                with self._archive.store.reading() as connection:
                    found = history.rows(connection, behind=sequence - 1, limit=1)
                if not found or found[0].sequence != sequence:
                    return
                row = found[0]
            fault = history.fault(row, self._expected, self._previous)
            if fault is not None:
                self._add("history", f"history row {sequence}", fault, None)
            self._expected, self._previous, self._newest = sequence + 1, row.sha256, sequence
            self._written.update(row_hashes.listed_tables(row.rows))
            try:
                change = row.change()
            except Damaged:
                if fault is None:
                    raise
                return  # named already
            self._remember(row, change)
            self._seals.follow(row, change)
            if against_rows:
                self._changes.check(row, change, self._pinned or "")

    def _remember(self, row: HistoryRow, change: Change) -> None:
        if isinstance(change, Create):
            self._pinned, self._pinned_decoder = change.pinned_encoder, change.pinned_decoder
            self._made(row, change)
        elif isinstance(change, PinEncoder):
            self._pinned = change.after
        elif isinstance(change, PinDecoder):
            self._pinned_decoder = change.after

    def _made(self, row: HistoryRow, change: Create) -> None:
        """The archive's own row against the first of the history."""
        with self._archive.store.reading() as connection:
            own, alone = archive_row.read(connection), integrity.has_its_one_row(connection)
        if own is None:
            return  # the check of the pinned encoder says so
        recorded = (change.archive_id, row.at_utc, row.tool)
        if not alone or (own.archive_id, own.created_at_utc, own.created_by) != recorded:
            self._add("archive", "the archive's own row", "was altered", None)

    def all_recorded(self) -> None:
        """Report rows that are there and that no change wrote: another program put them there; and tables that have
        fewer rows than the changes wrote."""
        self._changes.finish()
        for table in row_hashes.TABLES:
            with self._account.going_on(f"table {table}"):
                with self._archive.store.snapshot() as connection:
                    self._follow(connection)
                    held, written = integrity.row_count(connection, table), self._written[table]
                if held > written:
                    self._unrecorded(table)
                named = self._changes.unrecorded[table] - self._changes.missing[table]
                if held != written and held - written != named:
                    message = f"{held} row(s) are there, the history records {written}"
                    self._add("counts", f"table {table}", message, None)
        last, carried = self._newest, self._newest_carried
        if carried > last:
            message = f"ends at {last}, rows carry change {carried}: its end was cut off, or another program added rows"
            self._add(
                "history", "the history", message, None, "take the archive from a backup, and import what came since"
            )
        with self._account.going_on("the archive's own row"), self._archive.store.snapshot() as connection:
            self._follow(connection)
            own = archive_row.read(connection)
            if own is not None and self._pinned is not None and own.pinned_encoder != self._pinned:
                message = f"pins {own.pinned_encoder}, the history says {self._pinned}; nothing else depends on it"
                self._add("archive", "the archive's own row", message, None, "pin the encoder that is meant")
            if own is not None and self._pinned_decoder is not None and own.pinned_decoder != self._pinned_decoder:
                message = f"pins {own.pinned_decoder}, the history says {self._pinned_decoder}"
                advice = "pin the decoder that is meant: that computes all numbers again"
                self._add("archive", "the archive's own row", message, None, advice)

    def _follow(self, connection: Any) -> None:
        """Count what changes wrote that others made meanwhile, up to the moment that the connection sees."""
        while rows := history.rows(connection, behind=self._newest):
            for row in rows:
                self._newest = row.sequence
                self._written.update(row_hashes.listed_tables(row.rows))
                change = row.change()
                if isinstance(change, PinEncoder):
                    self._pinned = change.after

    def _unrecorded(self, table: str) -> None:
        """Name the rows of a table that no change lists."""
        with self._archive.store.reading() as connection:
            for found in self._changes.unlisted(connection, table):
                sequence = found.columns["sequence"]
                message = f"carries change {sequence}, behind the end of the history" if sequence > self._newest else ""
                self._changes.name_unrecorded(found, found.columns.get("event_id"), message)
                self._newest_carried = max(self._newest_carried, sequence)

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str = COMPARE) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))
