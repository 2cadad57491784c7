"""A blast that a unit recorded twice, as a waveform and in an interval of its histogram, is above a limit once.

An interval that holds the trigger of a waveform of the same unit, or lies beside one that does, is left out where
exceedances are counted and the waveform is one: times of the two differ by less than an interval.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sfm_archive.analysing import Recording, recordings_of
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import measured_of
from sfm_archive.base.batches import batches
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits, Measured, outcome_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import summary_of
from sfm_archive.storage.events import EventRow
from sfm_archive.waveforms.day_pairs import days_of_histogram

_SECOND = timedelta(seconds=1)
_AT_ONCE = 100
"""Histograms whose samples are held at once."""

_WAVEFORMS_AT_ONCE = 1000


def without_triggered_intervals(
    archive: Archive, histograms: Sequence[tuple[EventRow, Measured]], limits: Limits, selection: Selection
) -> dict[int, Measured]:
    """What is known of histograms by their other intervals, by id; without those of which none of the intervals above a
    curve holds the trigger of a waveform of `selection` that is above one too, and those of which nothing tells when
    their intervals were."""
    ended = [
        (row, measured)
        for row, measured in histograms
        if measured.record_type is RecordType.HISTOGRAM and measured.summary.stop_local
    ]
    triggers = _triggers(archive, ended, limits, selection)
    beside = [(row, measured) for row, measured in ended if triggers.get(row.event_id)]
    found = {}
    for page in batches(beside, _AT_ONCE):
        recordings = recordings_of(archive, [row for row, _ in page])
        for (row, measured), recording in zip(page, recordings, strict=True):
            histogram, interval = recording.histogram, recording.interval
            if histogram is None or not interval:
                continue
            held = _holding(histogram.size, interval, triggers[row.event_id])
            if held.any() and any((intervals_over(recording, curve) & held).any() for curve in limits.curves):
                found[row.event_id] = _by_the_others(recording, measured, interval, held)
    return found


def _triggers(
    archive: Archive, histograms: Sequence[tuple[EventRow, Measured]], limits: Limits, selection: Selection
) -> dict[int, list[timedelta]]:
    """By histogram the triggers, from its start, of waveforms of its unit that are counted as above a curve, and
    that an interval of it can hold. All are asked for at once."""
    if not histograms or (selection.record_types and RecordType.WAVEFORM not in selection.record_types):
        return {}
    spans = {row.event_id: _around(row, measured) for row, measured in histograms}
    since, until = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    waveforms = replace(
        selection,
        serials=tuple(sorted({row.serial for row, _ in histograms})),
        record_types=(RecordType.WAVEFORM,),
        since=since if selection.since is None else max(since, selection.since),
        until=until if selection.until is None else min(until, selection.until),
        false_triggers=bool(selection.false_triggers),
        limit=None,
        newest_first=False,
    )
    of_unit: dict[str, list[EventRow]] = {}
    for waveform in archive.events(waveforms):
        of_unit.setdefault(waveform.serial, []).append(waveform)
    moments = {serial: [one.event().recorded_at for one in rows] for serial, rows in of_unit.items()}
    beside: dict[int, list[EventRow]] = {}
    for row, _ in histograms:
        first, last = (bisect_left(moments.get(row.serial, []), moment) for moment in spans[row.event_id])
        beside[row.event_id] = of_unit.get(row.serial, [])[first:last]
    # A few histograms with long records make the time wide in which waveforms are asked for: most lie beside none.
    above = _exceeding(archive, {one.event_id: one for rows in beside.values() for one in rows}, limits)
    return {
        row.event_id: [
            one.event().recorded_at - row.event().recorded_at for one in beside[row.event_id] if one.event_id in above
        ]
        for row, _ in histograms
    }


def _exceeding(archive: Archive, waveforms: Mapping[int, EventRow], limits: Limits) -> set[int]:
    found: set[int] = set()
    for page in batches(waveforms.values(), _WAVEFORMS_AT_ONCE):
        known = measured_of(archive, page, limits.curves)
        found.update(event_id for event_id, one in known.items() if outcome_on(one, limits) is Outcome.EXCEEDED)
    return found


def _around(row: EventRow, measured: Measured) -> tuple[datetime, datetime]:
    """When a waveform can have been triggered that an interval holds or lies beside, the second moment not included: an
    interval more at either end. Their length is that of the record by their number, since a record ends with its last
    interval where that length is known; times are whole seconds."""
    start, stop = row.event().recorded_at, datetime.fromisoformat(measured.summary.stop_local)
    number = max(1, sum(day.intervals for day in measured.days))
    interval = (max(stop - start, timedelta(0)) + _SECOND) / number + _SECOND
    return start - interval, stop + interval


def _holding(size: int, interval: timedelta, after_start: Sequence[timedelta]) -> NDArray[np.bool_]:
    """Which of `size` intervals hold one of the moments, or lie beside one that does; shape (size,)."""
    held = np.zeros(size, dtype=np.bool_)
    for moment in after_start:
        place = moment // interval
        held[max(0, place - 1) : max(0, place + 2)] = True
    return held


def _by_the_others(recording: Recording, measured: Measured, interval: timedelta, held: NDArray[np.bool_]) -> Measured:
    histogram, settings, row = recording.histogram, recording.settings, measured.summary
    assert histogram is not None
    others = histogram.without(held)
    told = () if recording.provenance.of_a_report else settings.readings()
    quantities = (*others.quantities(settings.range, settings.unit), *told)
    values = [replace(one, source=ValueSource.DECODER) for one in quantities]
    summary = summary_of(
        values,
        name=row.name,
        start_local=row.start_local,
        stop_local=row.stop_local,
        record_type=measured.record_type,
        revision=row.revision,
        encoding=row.encoding,
        computed=values,
    )
    days = days_of_histogram(others, recording.event.recorded_at, interval, settings.range, every_pair=True)
    return Measured(measured.record_type, summary, days, all_pairs=True)
