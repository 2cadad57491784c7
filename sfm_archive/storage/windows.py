"""Events that reach beyond a window: what those of their intervals show that began on its days."""

from __future__ import annotations

from typing import Any

import apsw

from sfm_archive.model.events import RecordType
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import EventSummary
from sfm_archive.storage import day_peaks, places, summaries

_AT_ONCE = 500
_BEYOND = (
    "SELECT DISTINCT event_id FROM event_peaks WHERE intervals > 0 AND day IN (date(?, '-1 day'), date(?, '+1 day'))"
)
"""Histograms that have an interval on the day before a first day or on the day behind a last one. A date that is open
is on no day."""

_WAVEFORMS_BEFORE = (
    "SELECT event_id FROM event_summary JOIN counted_event USING (event_id) WHERE record_type = 'waveform'"
    " AND substr(stop_local, 1, 10) > substr(start_local, 1, 10) AND stop_local > ? AND start_local < ?"
)
"""Waveforms that began before a day and ran into it: they are of the day of their start."""


def parts_beyond(connection: apsw.Connection, selection: Selection) -> dict[int, EventSummary | None]:
    """By id, of every histogram with intervals on both sides of an end of the window, the summary of those that began
    on its days and at the points asked for, None where none did; where nothing tells which those are, the summary of
    all. None of a waveform that began on a day before. Nothing where no level is asked for, or neither window nor
    points. Raises Damaged."""
    first, last = selection.days
    points = selection.wanted_points
    if selection.ppv_from_nm_s is None or (not first and last == "~" and points is None):
        return {}
    from sfm_archive.limits.by_day import in_days
    from sfm_archive.limits.by_point import at_points
    from sfm_archive.limits.verdicts import Measured

    rows: list[Any] = connection.execute(_BEYOND, (first or None, None if last == "~" else last)).fetchall()
    before: list[Any] = connection.execute(_WAVEFORMS_BEFORE, (first, first)).fetchall() if first else []
    spans = {} if points is None else places.spans_between_points(connection)
    waveforms = {event_id for (event_id,) in before}
    ids = sorted({event_id for (event_id,) in rows} | spans.keys() | waveforms)
    found: dict[int, EventSummary | None] = {}
    for start in range(0, len(ids), _AT_ONCE):
        page = ids[start : start + _AT_ONCE]
        days = day_peaks.of_events(connection, page)
        for event_id, summary in summaries.of_events(connection, page).items():
            kind = RecordType.WAVEFORM if event_id in waveforms else RecordType.HISTOGRAM
            measured = Measured(kind, summary, days.get(event_id, ()))
            if points is not None and event_id in spans:
                measured = at_points(measured, spans[event_id], points)
            part = in_days(measured, summary.start_local[:10], (first, last))
            found[event_id] = None if part.nothing else part.summary
    return found
