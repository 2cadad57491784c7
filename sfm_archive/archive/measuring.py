"""What derived rows know of events, for whoever holds them against limits: no command reads it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import derived, peaks_by_day, summaries_of
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.events import RecordType
from sfm_archive.storage import summaries
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def measured_of(archive: Archive, rows: Sequence[EventRow], curves: Sequence[Curve] = ()) -> dict[int, Measured]:
    """What is known of several events, by id; for `curves` that fall with frequency, events above their lowest limit
    are decoded. Raises Damaged for a row that no program wrote."""
    ids = [row.event_id for row in rows]
    with derived(archive.store) as connection:
        known = summaries.of_events(connection, ids)
        if len(known) < len(ids):
            # A program that keeps no such rows saved them: sfm verify names them, sfm rebuild makes them.
            known |= summaries_of(connection, [event_id for event_id in ids if event_id not in known])
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
