"""A blast that a unit recorded twice, as a waveform and in an interval of its histogram, is above a limit once.

An interval that holds the trigger of a waveform of the same unit, or lies beside one that does, is left out where
exceedances are counted and the waveform is one: times of the two differ by less than an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sfm_archive.analysing import Recording, recording_of
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.archive import Archive
from sfm_archive.archive.measuring import measured_of
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Limits, Measured, verdict_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueSource
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import summary_of
from sfm_archive.storage.events import EventRow
from sfm_archive.waveforms.day_pairs import days_of_histogram
from sfm_archive.waveforms.histograms import histogram_quantities

_DAY = timedelta(days=1)


def without_triggered_intervals(
    archive: Archive, row: EventRow, measured: Measured, limits: Limits, selection: Selection
) -> Measured | None:
    """What is known of a histogram by its other intervals; None where none of its intervals above a curve holds the
    trigger of a waveform of `selection` that is above one too, or where nothing tells when its intervals were."""
    waveforms = _exceeding_waveforms(archive, row, measured, limits, selection)
    if not waveforms:
        return None
    recording = recording_of(archive, row)
    histogram, interval = recording.histogram, recording.interval
    if histogram is None or not interval:
        return None
    triggers = [one.event().recorded_at - recording.event.recorded_at for one in waveforms]
    held = _holding(histogram.size, interval, triggers)
    if not any((intervals_over(recording, curve) & held).any() for curve in limits.curves):
        return None
    return _by_the_others(recording, measured, interval, held)


def _exceeding_waveforms(
    archive: Archive, row: EventRow, measured: Measured, limits: Limits, selection: Selection
) -> list[EventRow]:
    """Those of the unit from the day before its start to the day behind its end that are counted as above a curve."""
    kinds = selection.record_types
    unit_records_both = not kinds or RecordType.WAVEFORM in kinds
    if measured.record_type is not RecordType.HISTOGRAM or not measured.summary.stop_local or not unit_records_both:
        return []
    start, stop = row.event().recorded_at, datetime.fromisoformat(measured.summary.stop_local)
    since, until = start - _DAY, stop + _DAY
    around = replace(
        selection,
        serials=(row.serial,),
        record_types=(RecordType.WAVEFORM,),
        since=since if selection.since is None else max(since, selection.since),
        until=until if selection.until is None else min(until, selection.until),
        false_triggers=bool(selection.false_triggers),
        limit=None,
    )
    rows = list(archive.events(around))
    known = measured_of(archive, rows, limits.curves)
    return [one for one in rows if verdict_on(known[one.event_id], limits).outcome is Outcome.EXCEEDED]


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
    others = replace(histogram, peaks=np.where(held, 0, histogram.peaks))
    quantities = (*histogram_quantities(others, settings.range, settings.unit), *settings.readings())
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
