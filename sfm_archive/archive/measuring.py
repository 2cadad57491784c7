"""What derived rows know of events, for whoever holds them against limits: no command reads it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import peaks_by_day
from sfm_archive.archive.listing import summary_rows
from sfm_archive.base.batches import batches
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits, Measured, verdict_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.selection import Selection
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


_AT_ONCE = 1000


def above_limits(archive: Archive, selection: Selection, words: Sequence[str]) -> Selection:
    """The selection of those events that are, or may be, above one of the limits, in the words of `curves_from`. Raises
    UsageError, BadInput, Damaged."""
    limits = Limits(curves_from(words))
    found: dict[int, Outcome] = {}
    for page in batches(archive.events(replace(selection, limit=None)), _AT_ONCE):
        for event_id, measured in measured_of(archive, page, limits.curves).items():
            outcome = verdict_on(measured, limits).outcome
            if outcome is not None and outcome in (Outcome.EXCEEDED, Outcome.UNDECIDED):
                found[event_id] = outcome
    undecided = frozenset(event_id for event_id, outcome in found.items() if outcome is Outcome.UNDECIDED)
    return replace(selection, above=tuple(words), above_ids=tuple(found), undecided_ids=undecided)


def measured_of(archive: Archive, rows: Sequence[EventRow], curves: Sequence[Curve] = ()) -> dict[int, Measured]:
    """What is known of several events, by id; for `curves` that fall with frequency, events above their lowest limit
    are decoded. Raises Damaged for a row that no program wrote."""
    ids = [row.event_id for row in rows]
    known = summary_rows(archive, ids)
    days = peaks_by_day(archive, ids)
    found = {
        row.event_id: Measured(RecordType(row.record_type), known[row.event_id], days.get(row.event_id, ()))
        for row in rows
    }
    return with_all_pairs(archive, found, curves)


def with_all_pairs(archive: Archive, measured: dict[int, Measured], curves: Sequence[Curve]) -> dict[int, Measured]:
    """The same, with all half waves and intervals where a curve needs them."""
    asked = [event_id for event_id, one in measured.items() if one.needs_all_pairs(curves)] if curves else []
    if not asked:
        return measured
    every = peaks_by_day(archive, asked, every_pair=True)
    return measured | {
        event_id: measured[event_id]._replace(days=days, all_pairs=True) for event_id, days in every.items()
    }
