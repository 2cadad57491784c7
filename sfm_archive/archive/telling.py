"""The history in words: of each change what was done, and of a decision who took it and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sfm_archive.archive.reviewing import reviews_of
from sfm_archive.base.json_records import json_value
from sfm_archive.errors import Damaged
from sfm_archive.model.unit_settings import UnitSetting
from sfm_archive.storage import (
    history,
    left_out,
    merged_changes,
    readings,
    report_decisions,
    same_events,
    statements,
    unit_settings,
)
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.changes import (
    HandOver,
    JoinEvent,
    JoinFile,
    LeaveOut,
    MakeStatement,
    RecordReview,
    StateSettings,
    TakeAgain,
    WithdrawSettings,
)
from sfm_archive.storage.changes_taken_over import Merge, SalvagedChange
from sfm_archive.storage.history import HistoryRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDescription:
    """One change of the history. `sequence`: its number. `event_id`: the event, 0 where it is not of one. `what`: what
    was done, in words, '' where the action says all. `decided_by`, `reason`: of a decision whose it is and why, '' for
    any other change. `detail`: as docs/format.md has it for the action. `rows`: of each row that it wrote the number of
    its table and its hash, in hexadecimal. `previous_sha256`: hash of the change before."""

    sequence: int
    at_utc: str
    actor: str
    tool: str
    action: str
    event_id: int
    what: str
    decided_by: str
    reason: str
    detail: dict[str, Any]
    rows: str
    previous_sha256: str
    sha256: str


class _Said(NamedTuple):
    what: str
    decided_by: str = ""
    reason: str = ""


def told_history(
    archive: Archive, event: int | str | None = None, *, limit: int | None = None
) -> list[ChangeDescription]:
    """Every change, oldest first. Of an event, by id or file name, all that concerns it: also the zone of its unit's
    clock, encoders and decoders pinned since it came, folders it was handed over in, decisions on its files. With
    `limit` only the newest so many. Raises EventNotFound, UsageError for a name that several events share."""
    if event is None:
        return told(archive, archive.history(None, limit))
    from sfm_archive.exporting.handover import ids_of_event, paths_handed

    event_id = archive.find(str(event)).event_id
    handed = paths_handed(archive, ids_of_event(archive, event_id))
    with archive.store.reading() as connection:
        numbers = {row.sequence for row in archive.history(event_id)} | history.concerning(connection, event_id)
        numbers |= set(history.of_handovers(connection, handed))
        rows = history.numbered(connection, numbers)
    return told(archive, rows if limit is None else rows[-limit:], handed)


def told(
    archive: Archive, rows: Iterable[HistoryRow], handed: dict[int, list[str] | None] | None = None
) -> list[ChangeDescription]:
    """Rows of the history in words. `handed`: of an event, its paths by hand-over."""
    found = []
    for row in rows:
        said = _said(archive, row, handed or {})
        detail = read_as(json_value, row.detail, f"history row {row.sequence}: its detail")
        plain = {**row._asdict(), **said._asdict(), "detail": detail}
        found.append(ChangeDescription(**plain))
    return found


def _said(archive: Archive, row: HistoryRow, handed: dict[int, list[str] | None]) -> _Said:
    try:
        change = row.change()
        wrote = {entry.table for entry in row.listed}
    except (Damaged, ValueError):
        return _Said("")  # of another version, or damaged: sfm history --verify and sfm verify say so
    # What was salvaged is listed by the change that took it over.
    decided = change.said if isinstance(change, SalvagedChange) else change
    with archive.store.reading() as connection:
        if isinstance(decided, RecordReview):
            values = readings.of_change(connection, row.sequence, row.event_id)
            review = reviews_of({row.event_id: values}).get(row.event_id)
            if review is not None:
                what = {True: "a false trigger", False: "no false trigger", None: ""}[review.false_trigger]
                return _Said(what, review.reviewer, review.notes)
        if isinstance(decided, (StateSettings, WithdrawSettings)):
            return _of_settings(unit_settings.every(connection), decided)
        if isinstance(decided, MakeStatement):
            kind = statements.KINDS.get(decided.table)
            row_said = None if kind is None else statements.at(connection, kind, decided.number, decided.position)
            if row_said is not None:
                # Of a list, all of whose rows one person said, the first stands for all.
                what = f": {row_said.told}" if decided.count == 1 else ""
                return _Said(f"{change.told(wrote)}{what}", row_said.decided_by, row_said.reason)
        if isinstance(decided, JoinFile):
            for one in report_decisions.of_change(connection, row.sequence):
                return _Said(f"{one.name} is of event {one.event_id}", one.decided_by, one.reason)
        if isinstance(decided, JoinEvent):
            for same in same_events.of_change(connection, row.sequence):
                return _Said(same.told)
        if isinstance(decided, (LeaveOut, TakeAgain)):
            for decision in left_out.of_change(connection, row.sequence):
                return _Said(decision.name or decision.sha256, decision.decided_by, decision.reason)
        if isinstance(change, Merge):
            return _of_merged(connection, row, change, wrote)
    what = change.told(wrote)
    if isinstance(change, HandOver) and change.handover in handed:
        paths = handed[change.handover]
        among = "" if paths and change.target.endswith(paths[0]) else f", {', '.join(paths or ())} among them"
        what += " (its record cannot be read)" if paths is None else among
    return _Said(what)


def _of_merged(connection: Any, row: HistoryRow, change: Merge, wrote: Collection[str]) -> _Said:
    """What a change of another archive says, with who made it there and when."""
    for merged in merged_changes.origins(connection, [row.sequence]).values():
        try:
            there = merged.row.change()
            said = _review(connection, row) if isinstance(there, RecordReview) else there.told(wrote)
        except Damaged:
            said = ""
        at = merged.row.at_utc[:19].replace("T", " ")
        what = f"{change.told(wrote)}: {merged.row.action or 'withheld'}{f', {said}' if said else ''}"
        return _Said(f"{what}; made there by {merged.row.actor} at {at}")
    return _Said(change.told(wrote))


def _review(connection: Any, row: HistoryRow) -> str:
    """What was decided about an event, with who did and why."""
    values = readings.of_change(connection, row.sequence, row.event_id)
    review = reviews_of({row.event_id: values}).get(row.event_id)
    if review is None:
        return ""
    what = {True: "a false trigger", False: "no false trigger", None: "not decided"}[review.false_trigger]
    return f"{what}, says {review.reviewer}: {review.notes}"


def _of_settings(known: Sequence[UnitSetting], change: StateSettings | WithdrawSettings) -> _Said:
    """What a statement says, or which one was withdrawn, with its values; of one that was withdrawn later, that too."""
    by_number = {one.number: one for one in known}
    row = by_number.get(change.number)
    if row is None:
        return _Said(change.told(()))  # of what was salvaged not every row is there
    if isinstance(change, WithdrawSettings):
        ended = by_number.get(change.withdraws)
        values = "" if ended is None else f" ({ended.told})"
        return _Said(f"{row.serial}: statement {change.withdraws}{values}", row.decided_by, row.reason)
    withdrawn = "; withdrawn later" if any(one.withdraws == row.number for one in known) else ""
    return _Said(f"{row.serial}: statement {row.number}, {row.told}{withdrawn}", row.decided_by, row.reason)
