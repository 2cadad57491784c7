"""A blast that a unit recorded twice, as a waveform and in an interval of its histogram, is above a limit once.

An interval that holds the trigger of a waveform of the same unit, or lies beside one that does, is left out where
exceedances are counted and the waveform is one: times of the two differ by less than an interval. That takes an
interval which the waveform explains: on no channel is it louder. The window of a selection makes no difference, so that
a day has the same numbers whatever is asked for beside it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.analysing import Recording, recordings_of
from sfm_archive.analysing.compliance import intervals_over
from sfm_archive.archive import Archive
from sfm_archive.archive.correcting import starts_of
from sfm_archive.archive.measuring import measured_against, measured_of
from sfm_archive.archive.point_limits import stated_limits
from sfm_archive.archive.reading import values_of
from sfm_archive.base.batches import batches
from sfm_archive.limits.by_day import in_days
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.outcomes import Judging, Outcome
from sfm_archive.limits.point_limits import LimitBook, asks_for_points, held_against
from sfm_archive.limits.verdicts import Limits, Measured, outcome_on
from sfm_archive.model.decimals import half_of_the_last_digit
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueSource
from sfm_archive.model.selection import Selection
from sfm_archive.model.summaries import Basis, summary_of
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.units import geo_quantum
from sfm_archive.model.velocities import NM_S
from sfm_archive.storage import events
from sfm_archive.storage.events import EventRow
from sfm_archive.waveforms.day_pairs import days_of_histogram

_SECOND = timedelta(seconds=1)
_AT_ONCE = 100
"""Histograms whose samples are held at once."""

_WAVEFORMS_AT_ONCE = 1000


def without_triggered_intervals(
    archive: Archive,
    histograms: Sequence[tuple[EventRow, Measured]],
    limits: Limits,
    selection: Selection,
    book: LimitBook | None = None,
) -> dict[int, Measured]:
    """What is known of histograms by their other intervals, by id; without those of which none of the intervals above a
    curve holds the trigger of a waveform that is above one too and as loud, and those of which nothing tells when
    their intervals were. Waveforms that `selection` would not take in any window do not count, nor those for
    which other limits of a `book` hold."""
    found = {}
    for one in intervals_of_triggers(archive, histograms, limits, selection, book):
        if any((intervals_over(one.recording, curve) & one.held).any() for curve in limits.curves):
            found[one.row.event_id] = _by_the_others(one)
    return found


class HeldIntervals(NamedTuple):
    """A histogram of which a waveform explains intervals. `interval`: how long each is; `held`: which, shape (n,)."""

    row: EventRow
    measured: Measured
    recording: Recording
    interval: timedelta
    held: NDArray[np.bool_]


def intervals_of_triggers(
    archive: Archive,
    histograms: Sequence[tuple[EventRow, Measured]],
    limits: Limits,
    selection: Selection,
    book: LimitBook | None = None,
) -> Iterator[HeldIntervals]:
    """Those histograms that have intervals which a waveform explains, as `without_triggered_intervals` has it."""
    ended = [
        (row, measured)
        for row, measured in histograms
        if measured.record_type is RecordType.HISTOGRAM and measured.summary.stop_local
    ]
    triggers = _triggers(archive, ended, limits, selection, book)
    beside = [(row, measured) for row, measured in ended if triggers.get(row.event_id)]
    for page in batches(beside, _AT_ONCE):
        recordings = recordings_of(archive, [row for row, _ in page])
        for (row, measured), recording in zip(page, recordings, strict=True):
            histogram, interval = recording.histogram, recording.interval
            if histogram is None or not interval:
                continue
            held = _explained(recording, interval, triggers[row.event_id])
            if held.any():
                yield HeldIntervals(row, measured, recording, interval, held)


def others_of(
    archive: Archive, histograms: Sequence[tuple[EventRow, Measured, Limits]], selection: Selection, book: LimitBook
) -> dict[int, Measured]:
    """The same of histograms that each are held against limits of their own."""
    found: dict[int, Measured] = {}
    for limits in dict.fromkeys(limits for _, _, limits in histograms):
        own = [(row, measured) for row, measured, other in histograms if other == limits]
        found |= without_triggered_intervals(archive, own, limits, selection, book)
    return found


def is_counted_once(outcome: Outcome | None, by_the_others: Outcome | None) -> bool:
    """Whether an event of which limits say `outcome` is counted with a waveform, and not by itself. `by_the_others`:
    what they say of the intervals that no waveform explains, None where all count. Where those leave it undecided it
    may be above by itself, and stays counted."""
    return outcome is Outcome.EXCEEDED and by_the_others in (Outcome.WITHIN, Outcome.NOT_COMPARED)


def with_counted_once(archive: Archive, selection: Selection) -> Selection:
    """A selection as `above_limits` gives it, with those of its events counted apart that are above its limits only
    where a waveform is too. They stay selected."""
    counts, ids = selection.limit_counts, selection.above_ids
    if counts is None or not ids or not counts.exceeded:
        return selection
    book: LimitBook
    if asks_for_points(selection.above):
        book = stated_limits(archive, Judging(selection.judge))
    else:
        book = Limits(curves_from(selection.above), by=Judging(selection.judge))
    exceeded = [event_id for event_id in ids if event_id not in selection.undecided_because]
    once = 0
    for page in batches(exceeded, _WAVEFORMS_AT_ONCE):
        with archive.store.reading() as connection:
            rows = [row for row in events.of_ids(connection, page) if row.record_type == RecordType.HISTOGRAM]
        known = measured_against(archive, rows, book)
        others = others_of(archive, [(row, *known[row.event_id]) for row in rows], selection, book)
        for row in rows:
            whole, limits = known[row.event_id]
            if row.event_id in others:
                both = (
                    in_days(one, whole.summary.start_local[:10], selection.days)
                    for one in (whole, others[row.event_id])
                )
                is_marked = whole.summary.is_false_trigger and selection.false_triggers is not True
                once += not is_marked and is_counted_once(*(outcome_on(part, limits) for part in both))
    return replace(selection, limit_counts=replace(counts, exceeded=counts.exceeded - once, counted_once=once))


class _Blast(NamedTuple):
    """A waveform that is above a limit: its trigger, from the start of a histogram, and how fast the ground moved at
    most in each geophone, in nm/s, infinite where it is over range."""

    trigger: timedelta
    most_nm_s: tuple[float, ...]


def _triggers(
    archive: Archive,
    histograms: Sequence[tuple[EventRow, Measured]],
    limits: Limits,
    selection: Selection,
    book: LimitBook | None,
) -> dict[int, list[_Blast]]:
    """By histogram the waveforms of its unit that are counted as above a curve, and whose trigger an interval of it can
    hold. All are asked for at once."""
    if not histograms or (selection.record_types and RecordType.WAVEFORM not in selection.record_types):
        return {}
    spans = {row.event_id: _around(measured) for row, measured in histograms}
    since, until = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    waveforms = replace(
        selection,
        serials=tuple(sorted({row.serial for row, _ in histograms})),
        record_types=(RecordType.WAVEFORM,),
        since=since,
        until=until,
        ppv_from_mm_s=None,  # as loud as the interval a waveform is that explains it
        above=(),
        above_ids=None,
        held_against={},
        decided=False,
        false_triggers=bool(selection.false_triggers),
        limit=None,
        newest_first=False,
    )
    of_unit: dict[str, list[EventRow]] = {}
    for waveform in archive.events(waveforms):
        of_unit.setdefault(waveform.serial, []).append(waveform)
    starts = starts_of(archive, [row for rows in of_unit.values() for row in rows])
    moments = {serial: [starts[one.event_id] for one in rows] for serial, rows in of_unit.items()}
    beside: dict[int, list[EventRow]] = {}
    for row, _ in histograms:
        first, last = (bisect_left(moments.get(row.serial, []), moment) for moment in spans[row.event_id])
        beside[row.event_id] = of_unit.get(row.serial, [])[first:last]
    # A few histograms with long records make the time wide in which waveforms are asked for: most lie beside none.
    above = _exceeding(archive, {one.event_id: one for rows in beside.values() for one in rows}, limits, book)
    return {
        row.event_id: [
            _Blast(starts[one.event_id] - _start(measured), above[one.event_id])
            for one in beside[row.event_id]
            if one.event_id in above
        ]
        for row, measured in histograms
    }


def _start(measured: Measured) -> datetime:
    return parse_local_text(measured.summary.start_local)


def _exceeding(
    archive: Archive, waveforms: Mapping[int, EventRow], limits: Limits, book: LimitBook | None
) -> dict[int, tuple[float, ...]]:
    """Those above a limit, with the most of each geophone."""
    found: dict[int, tuple[float, ...]] = {}
    for page in batches(waveforms.values(), _WAVEFORMS_AT_ONCE):
        known = measured_of(archive, page, limits.curves)
        if book is not None:
            known = {event_id: one for event_id, one in known.items() if held_against(book, one.summary) == limits}
        above = {event_id: one for event_id, one in known.items() if outcome_on(one, limits) is Outcome.EXCEEDED}
        printed = values_of(archive.store, list(above), ("ppv",))
        found |= {event_id: _most(one, printed.get(event_id, [])) for event_id, one in above.items()}
    return found


def _most(measured: Measured, printed: Sequence[Reading]) -> tuple[float, ...]:
    """How fast the ground moved at most in each geophone, as a document says, rounded, and as samples do; of one whose
    peak is not known as fast as in any other."""
    row = measured.summary
    half = {one.channel: half_of_the_last_digit(one.text) * NM_S[one.unit] for one in printed if one.unit in NM_S}
    of_channels = (
        (row.tran_nm_s, row.tran_basis, [day.tran for day in measured.days]),
        (row.vert_nm_s, row.vert_basis, [day.vert for day in measured.days]),
        (row.long_nm_s, row.long_basis, [day.long for day in measured.days]),
    )
    found: list[float | None] = []
    for channel, (nm_s, basis, days) in zip(GEO_CHANNELS, of_channels, strict=True):
        pairs = [pair for of_day in days for pair in of_day or ()]
        if basis == Basis.OVER_RANGE or any(pair.at_least for pair in pairs):
            found.append(math.inf)
        elif nm_s is None and not pairs:
            found.append(None)
        else:
            found.append(max((nm_s or 0) + half.get(channel, 0.0), *(pair.nm_s for pair in pairs), 0.0))
    greatest = max([float(row.ppv_nm_s or 0), *(one for one in found if one is not None)])
    return tuple(greatest if one is None else one for one in found)


def _around(measured: Measured) -> tuple[datetime, datetime]:
    """When a waveform can have been triggered that an interval holds or lies beside, the second moment not included: an
    interval more at either end. Their length is that of the record by their number, since a record ends with its last
    interval where that length is known; times are whole seconds."""
    start, stop = _start(measured), parse_local_text(measured.summary.stop_local)
    number = max(1, sum(day.intervals for day in measured.days))
    interval = (max(stop - start, timedelta(0)) + _SECOND) / number + _SECOND
    return start - interval, stop + interval


def _explained(recording: Recording, interval: timedelta, blasts: Sequence[_Blast]) -> NDArray[np.bool_]:
    """Which intervals hold the trigger of a waveform, or lie beside one that does, and are not louder than it on any
    geophone, to a count; shape (n,)."""
    histogram, range_in_s = recording.histogram, recording.settings.range
    assert histogram is not None
    peaks = histogram.physical(range_in_s, "in/s")
    nm_s = np.stack([peaks[channel] for channel in GEO_CHANNELS]) * NM_S["in/s"]
    count = geo_quantum(range_in_s, "in/s") * NM_S["in/s"] * (1 + 1e-6)
    held = np.zeros(histogram.size, dtype=np.bool_)
    for blast in blasts:
        place = blast.trigger // interval
        beside = slice(max(0, place - 1), max(0, place + 2))
        most = np.array(blast.most_nm_s)[:, None] + count
        held[beside] |= (nm_s[:, beside] <= most).all(axis=0)
    return held


def _by_the_others(one: HeldIntervals) -> Measured:
    recording, measured = one.recording, one.measured
    histogram, settings, row = recording.histogram, recording.settings, measured.summary
    assert histogram is not None
    others = histogram.without(one.held)
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
    days = days_of_histogram(others, recording.start, one.interval, settings.range, every_pair=True)
    return Measured(measured.record_type, summary, days, all_pairs=True)
