"""What the history of a damaged archive says, as far as its rows can be read and hash right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sfm_archive.errors import Damaged
from sfm_archive.maintaining.salvaging.wreck import Wreck
from sfm_archive.storage import history
from sfm_archive.storage.changes import Change, EventWritten, FileWritten, FramesWritten, ReadingWritten
from sfm_archive.storage.history import HistoryRow


@dataclass(slots=True)
class OldHistory:
    """The old history, and what it vouches for.

    `events`: identity and time of receipt; `revisions`: hash of each; `files`: for content, kind and name the events;
    `readings`: for event, source and origin the hash of the values, '' where it has none.
    """

    changes: list[HistoryRow] = field(default_factory=list)
    altered: list[HistoryRow] = field(default_factory=list)
    chain_holds: bool = True
    events: dict[int, tuple[EventWritten, str]] = field(default_factory=dict)
    revisions: dict[tuple[int, int], str] = field(default_factory=dict)
    files: dict[tuple[str, str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    readings: dict[tuple[int, str, str], str] = field(default_factory=dict)
    of_event: dict[int, list[tuple[int, Change]]] = field(default_factory=lambda: defaultdict(list))
    """For each event, number and record of every change of it."""

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row."""
        return (self.changes[-1].sequence, self.changes[-1].sha256) if self.changes else (0, history.FIRST_PREVIOUS)


def read_old_history(wreck: Wreck) -> OldHistory:
    """The old history, sorted, each row checked."""
    found = OldHistory()
    expected, previous = 1, history.FIRST_PREVIOUS
    candidates = [HistoryRow(**row) for row in wreck.rows["history"]]
    for row in sorted(candidates, key=lambda row: row.sequence):
        if row.sequence < expected and any(row.sequence == known.sequence for known in found.changes):
            continue
        own = history.row_hash(*row[:8])
        if own != row.sha256:
            found.altered.append(row)
            found.chain_holds = False
            continue
        if history.fault(row, expected, previous) is not None:
            found.chain_holds = False
        expected, previous = row.sequence + 1, row.sha256
        found.changes.append(row)
        _remember(found, row)
    found.chain_holds = found.chain_holds and bool(found.changes)
    return found


def _remember(found: OldHistory, row: HistoryRow) -> None:
    try:
        change = row.change()
    except Damaged:
        return  # it goes over as evidence, and vouches for nothing
    found.of_event[row.event_id].append((row.sequence, change))
    for part in change.written:
        match part:
            case EventWritten():
                found.events[row.event_id] = (part, row.at_utc)
            case FramesWritten():
                found.revisions[row.event_id, part.revision] = part.sha256
            case FileWritten():
                found.files[part.sha256, part.kind, part.name].update({row.event_id} - {0})
            case ReadingWritten():
                found.readings[row.event_id, part.source, part.origin_sha256] = part.values_sha256
