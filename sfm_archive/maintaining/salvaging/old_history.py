"""What the history of a damaged archive says, as far as its rows can be read and hash right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sfm_archive.maintaining.salvaging.links import newest_indexed_change
from sfm_archive.maintaining.salvaging.readable_rows import ReadableRows
from sfm_archive.storage import history
from sfm_archive.storage.history import HistoryRow

_MOST_POSSIBLE = 8
"""Hashes that a row that was altered may have had."""


@dataclass(slots=True)
class OldHistory:
    """The old history: its rows in order, those that were altered, and whether the chain is whole up to its end.
    `lost`: the first and the last number of each run of changes that are not there."""

    changes: list[HistoryRow] = field(default_factory=list)
    altered: list[HistoryRow] = field(default_factory=list)
    chain_holds: bool = True
    lost: list[tuple[int, int]] = field(default_factory=list)

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row."""
        return (self.changes[-1].sequence, self.changes[-1].sha256) if self.changes else (0, history.FIRST_PREVIOUS)


def read_old_history(readable: ReadableRows) -> OldHistory:
    """The old history, sorted, each row checked against the one before it.

    Behind a row that is lost one cannot be checked by its own hash; but the rows that it lists are, by theirs.
    """
    found = OldHistory()
    candidates: dict[int, list[HistoryRow]] = defaultdict(list)
    for columns in readable.rows["history"]:
        row = _row(columns)
        if row is not None and row.sequence > 0:
            candidates[row.sequence].append(row)
    behind = 0
    previous: tuple[str, ...] = (history.FIRST_PREVIOUS,)
    for sequence in sorted(candidates):
        known = previous if behind == sequence - 1 else ()
        own = {row: [history.row_hash(*row[:8], before) for before in known] for row in candidates[sequence]}
        right = [row for row in own if not known or row.sha256 in own[row]]
        if not known or not right:
            found.chain_holds = False
        if right:
            before = known[0] if len(known) == 1 else ""
            found.changes.append(right[0]._replace(previous_sha256=before or _fitting(right[0], known)))
        else:
            found.altered.append(candidates[sequence][0])
        behind, previous = sequence, _possible_hashes(right, own)
    found.chain_holds = found.chain_holds and bool(found.changes)
    newest = newest_indexed_change(readable.numbers, {row.sequence: row.event_id for row in found.changes})
    last = 0
    for sequence in [*sorted(candidates), max(newest, behind) + 1]:
        if sequence > last + 1:
            found.lost.append((last + 1, sequence - 1))
        last = sequence
    return found


def _possible_hashes(right: Sequence[HistoryRow], own: Mapping[HistoryRow, Sequence[str]]) -> tuple[str, ...]:
    """The hashes that the next row can be bound to: those of the rows that are right, and where none is, those that
    stand in the rows and those that these have by what they say, behind any that was possible before.

    Of many rows in a row that are altered, only some: then one more row cannot be checked, and no more than that.
    """
    found = dict.fromkeys(row.sha256 for row in right or own)
    if not right:
        found |= dict.fromkeys(one for hashes in own.values() for one in hashes)
    return tuple(islice(found, _MOST_POSSIBLE))


def _fitting(row: HistoryRow, known: Sequence[str]) -> str:
    """Of several hashes that the row before could have, the one that this row is bound to; '' where none is known."""
    return next((before for before in known if history.row_hash(*row[:8], before) == row.sha256), "")


def _row(columns: dict[str, Any]) -> HistoryRow | None:
    hexadecimal = {name: columns[name].hex() for name in ("rows", "sha256")}
    row = HistoryRow(**{**columns, **hexadecimal}, previous_sha256="")
    try:
        _ = row.listed
    except ValueError:
        return None
    return row
