"""An archive that is merged from: its changes in order, each with the rows that it vouches for and that are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.base.batches import batches
from sfm_archive.errors import Damaged
from sfm_archive.moving.report import NotTaken
from sfm_archive.storage import history, merged_changes
from sfm_archive.storage.history import HistoryRow
from sfm_archive.storage.merged_changes import MergedChange, Origin
from sfm_archive.storage.row_hashes import NUMBERS, RowsByChange, WholeRow
from sfm_archive.verifying.recorded_changes import name_of

AT_ONCE = 200
"""Changes that are read, and written in one transaction."""

OF_OTHERS = frozenset({"merged_change", "withheld_changes", "seal"})
"""Tables whose rows are looked at by themselves, or say something of their own archive alone."""


class SourceChange(NamedTuple):
    """A change of the source, the change that wrote its rows first, in whichever archive, and what is right of these,
    in the order in which they can be written. `is_whole`: whether the change itself hashes as it says, and every row
    that it lists is there and right; of another one an undamaged copy has more, so it is never known whole here."""

    row: HistoryRow
    origin: MergedChange
    rows: Sequence[WholeRow]
    is_whole: bool


@dataclass(slots=True)
class Source:
    """The source, opened to be read, up to the change that was its newest when it was opened."""

    archive: Archive
    archive_id: str
    length: int
    head: str
    not_taken: list[NotTaken]

    @classmethod
    def of(cls, archive: Archive) -> Source:
        """Of an open archive."""
        length, head = archive.history_head()
        return cls(archive, archive.info().archive_id, length, head, [])

    @property
    def connection(self) -> Any:
        """To read it with."""
        return self.archive.store.connection

    def hash_of(self, number: int) -> str:
        """The hash of a change, '' where it has none of that number."""
        with self.archive.store.reading() as connection:
            rows = history.numbered(connection, [number])
        return rows[0].sha256 if rows else ""

    def origin(self, number: int) -> Origin:
        """One of its own changes."""
        return Origin(self.archive_id, number, self.hash_of(number))

    def changes(self, behind: int) -> Iterator[list[SourceChange]]:
        """Those behind a number, some at a time; what is damaged is noted once."""
        rows_by_change = RowsByChange(self.connection)
        previous = self.hash_of(behind) if behind else history.FIRST_PREVIOUS
        expected = behind + 1
        for numbers in batches(range(behind + 1, self.length + 1), AT_ONCE):
            with self.archive.store.reading() as connection:
                rows = history.rows(connection, behind=numbers[0] - 1, limit=len(numbers))
                rows = [row for row in rows if row.sequence <= numbers[-1]]
                firsts = merged_changes.origins(connection, [row.sequence for row in rows])
            found = self._rows(rows_by_change, rows)
            part = []
            for row in rows:
                fault = history.fault(row, expected, previous)
                if fault is not None:
                    subject = f"change {row.sequence}"
                    self.not_taken.append(NotTaken(change=row.sequence, subject=subject, message=fault))
                # Behind a lost one a change cannot be checked by its own hash; its rows are, by theirs.
                right = fault is None or row.sequence != expected
                expected, previous = row.sequence + 1, row.sha256
                noted = len(self.not_taken)
                rows_that_are = self._right(row, found[row.sequence]) if right else []
                is_whole = fault is None and len(self.not_taken) == noted
                own = MergedChange(self.archive_id, True, row, 0, True, row.sequence)
                part.append(SourceChange(row, firsts.get(row.sequence, own), rows_that_are, is_whole))
            if rows:
                yield part

    def _rows(self, rows_by_change: RowsByChange, rows: Sequence[HistoryRow]) -> dict[int, list[WholeRow]]:
        """The rows of several changes; where some cannot be read, of one after the other."""
        asked = [(row.sequence, row.event_id) for row in rows]
        try:
            with self.archive.store.reading():
                return rows_by_change.whole_of_changes(asked)
        except (Damaged, UnicodeDecodeError) as error:
            if len(rows) == 1:
                message = f"its rows cannot be read: {error}"
                self.not_taken.append(NotTaken(change=asked[0][0], subject=f"change {asked[0][0]}", message=message))
                return {asked[0][0]: []}
        return {number: own for row in rows for number, own in self._rows(rows_by_change, [row]).items()}

    def _right(self, row: HistoryRow, found: Sequence[WholeRow]) -> list[WholeRow]:
        """Those of the rows that a change lists; the others are noted."""
        listed = set(row.listed)
        right = [one for one in found if (one.table, one.sha256) in listed]
        self._note_missing(row, right, found)
        return sorted(right, key=lambda one: NUMBERS[one.table])

    def _note_missing(self, row: HistoryRow, right: Sequence[WholeRow], found: Sequence[WholeRow]) -> None:
        there = {(one.table, one.sha256) for one in right}
        altered = [one for one in found if (one.table, one.sha256) not in there]
        for table, sha256 in row.listed:
            if (table, sha256) in there:
                continue
            own = next((one for one in altered if one.table == table), None)
            if own is not None:
                altered.remove(own)
            subject = table.replace("_", " ") if own is None else name_of(own.found)
            message = "its row is missing" if own is None else "its row was altered: the history says another hash"
            self.not_taken.append(NotTaken(change=row.sequence, subject=subject, message=message))
