"""Where events lie to the windows of their units, as the derived row has it and as outputs ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sfm_archive.archive.correcting import corrections_of
from sfm_archive.model.correcting import AS_RECORDED, Corrected, moved_text
from sfm_archive.model.events import RecordType
from sfm_archive.model.placing import borders, placing_of
from sfm_archive.model.statements import Job, Point, UnitWindow
from sfm_archive.model.summaries import EventSummary
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.storage import events, statements, zones


class _Ground(NamedTuple):
    """What says where events of some units are. `zones`: stated of units' clocks; `of_sites`: of jobs' sites, by the
    number of a point. `corrected`: of events."""

    windows: Mapping[str, Sequence[UnitWindow]]
    jobs: Mapping[int, int]
    zones: Mapping[str, str]
    of_sites: Mapping[int, str]
    corrected: Mapping[int, Corrected]

    def zone_of(self, row: events.EventRow, start_local: str) -> str:
        """The zone that the clock shows: as corrected, as stated of the event or of the unit, else that of the site."""
        if corrected := self.corrected.get(row.event_id, AS_RECORDED).zone:
            return corrected
        known = row.time_zone if row.time_zone != UNKNOWN_ZONE else self.zones.get(row.serial, UNKNOWN_ZONE)
        if known != UNKNOWN_ZONE:
            return known
        windows = self.windows.get(row.serial, ())
        begun = [one for one in windows if one.from_local <= start_local] or windows
        return self.of_sites.get(begun[-1].point, UNKNOWN_ZONE) if begun else UNKNOWN_ZONE


def with_places(connection: Any, rows: Mapping[int, EventSummary]) -> dict[int, EventSummary]:
    """Summaries with the job and the point at which each event was recorded."""
    if not rows or not statements.is_any(connection, UnitWindow):
        return dict(rows)
    found = dict(rows)
    own = list(events.of_ids(connection, list(rows)))
    ground = _ground(connection, own)
    for row in own:
        windows = ground.windows.get(row.serial)
        if windows:
            summary = found[row.event_id]
            placing = placing_of(
                windows,
                ground.jobs,
                summary.start_local,
                summary.stop_local,
                RecordType(row.record_type),
                ground.zone_of(row, summary.start_local),
            )
            found[row.event_id] = summary._replace(**placing._asdict())
    return found


def borders_of(connection: Any, rows: Sequence[events.EventRow]) -> dict[int, tuple[datetime, ...]]:
    """Of histograms the borders of their unit's windows that lie behind their start."""
    histograms = [row for row in rows if row.record_type == RecordType.HISTOGRAM.value]
    if not histograms or not statements.is_any(connection, UnitWindow):
        return {}
    windows = statements.windows_of(connection, {row.serial for row in histograms})
    right = corrections_of(connection, histograms)
    starts = {
        row.event_id: moved_text(row.recorded_at_local, right.get(row.event_id, AS_RECORDED).shift_s)
        for row in histograms
    }
    return {
        row.event_id: tuple(
            parse_local_text(at) for at in borders(windows.get(row.serial, ())) if at > starts[row.event_id]
        )
        for row in histograms
    }


def _ground(connection: Any, rows: Sequence[events.EventRow]) -> _Ground:
    points, jobs = statements.that_count(connection, Point), statements.that_count(connection, Job)
    return _Ground(
        statements.windows_of(connection, {row.serial for row in rows}),
        {number: point.job for number, point in points.items()},
        zones.of_units(connection),
        {
            number: jobs[point.job].time_zone
            for number, point in points.items()
            if point.job in jobs and jobs[point.job].time_zone
        },
        corrections_of(connection, rows),
    )
