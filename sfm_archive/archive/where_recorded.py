"""Where events were recorded, by the names of jobs and points, as outputs ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.where_recorded import UNSAID, WhereRecorded, where_recorded
from sfm_archive.storage import statements
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


def places_of(
    archive: Archive, rows: Sequence[EventRow], summaries: Mapping[int, EventSummary]
) -> dict[int, WhereRecorded]:
    """Where each event was recorded, by id; `summaries`: their derived rows."""
    with archive.store.reading() as connection:
        if not statements.is_any(connection, UnitWindow):
            return {row.event_id: UNSAID for row in rows}
        windows = statements.windows_of(connection, {row.serial for row in rows})
        names = statements.names_of_points(connection)
    found = {}
    for row in rows:
        summary = summaries[row.event_id]
        found[row.event_id] = where_recorded(
            windows.get(row.serial, ()), names, summary.start_local, summary.stop_local, summary.point, summary.placed
        )
    return found
