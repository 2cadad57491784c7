"""Where events were recorded, by the names of jobs and points, as outputs ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.where_recorded import NO_POINT, UNSAID, WhereRecorded, name_at, where_recorded
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


def points_asked(archive: Archive, selection: Selection) -> frozenset[str] | None:
    """The points that a selection names as JOB/POINT, `no point` among them; None where it names none."""
    if selection.wanted_points is None:
        return None
    with archive.store.reading() as connection:
        names = statements.names_of_points(connection)
    return frozenset(name_at(*names.get(number, ("", ""))) or NO_POINT for number in selection.wanted_points)
