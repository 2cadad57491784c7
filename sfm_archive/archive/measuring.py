"""What derived rows know of events, for whoever holds them against limits: no command reads it elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sfm_archive.archive.deriving import derived, peaks_by_day
from sfm_archive.archive.listing import summary_rows
from sfm_archive.archive.point_limits import stated_limits
from sfm_archive.base.batches import batches
from sfm_archive.limits.by_day import in_days
from sfm_archive.limits.by_point import at_points
from sfm_archive.limits.curves import Curve
from sfm_archive.limits.judging import lowest_limit
from sfm_archive.limits.named_curves import curves_from, judging_from
from sfm_archive.limits.outcomes import Cause, Outcome
from sfm_archive.limits.point_limits import (
    LimitBook,
    LimitsOfPoints,
    asks_for_points,
    counts_without,
    held_against,
)
from sfm_archive.limits.verdicts import Limits, Measured, outcome_on, verdict_on
from sfm_archive.model.asked_level import LimitCounts
from sfm_archive.model.events import RecordType
from sfm_archive.model.placing import BETWEEN_POINTS, PlacedSpan
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.storage import events, grouping, places, summaries
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.grouping import Grouping

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


_AT_ONCE = 1000


def above_limits(
    archive: Archive, selection: Selection, words: Sequence[str], *, judge: str = "both", decided: bool = False
) -> Selection:
    """The selection of those events that are, or unless `decided` may be, above one of the limits, in the words of
    `curves_from` or 'point' for those of each event's point, by what was recorded of them on the days of the
    selection's window. `judge`: what decides of a waveform, of `Judging`. Raises UsageError, BadInput, Damaged."""
    book: LimitBook
    if asks_for_points(words):
        book = stated_limits(archive, judging_from(judge))
    else:
        book = Limits(curves_from(words), by=judging_from(judge))
    counts: Counter[Outcome] = Counter()
    found: list[tuple[str, int]] = []
    undecided: dict[int, str] = {}
    said: dict[int, str] = {}
    causes: list[Cause | None] = []
    near, far, marked_far = _near(archive, replace(selection, limit=None), book)
    counts[Outcome.WITHIN] += far - marked_far
    marked = marked_far
    for ids in batches(near, _AT_ONCE):
        with archive.store.reading() as connection:
            page = list(events.of_ids(connection, ids))
        known = measured_against(archive, page, book, selection)
        for row in page:
            whole, limits = known[row.event_id]
            part = in_days(whole, whole.summary.start_local[:10], selection.days)
            outcome = outcome_on(part, limits)
            if outcome is None:
                continue
            if whole.summary.is_false_trigger and selection.false_triggers is not True:
                marked += 1
            else:
                counts[outcome] += 1
                causes.append(limits.why_none)
            shown = verdict_on(part, limits).shown if outcome is Outcome.UNDECIDED else None
            if shown is not None:
                undecided[row.event_id] = shown.found.in_short
            if outcome is Outcome.EXCEEDED or (outcome is Outcome.UNDECIDED and not decided):
                found.append((part.summary.start_local, row.event_id))
                said[row.event_id] = limits.said
    found.sort(reverse=selection.newest_first)
    return replace(
        selection,
        above=tuple(words),
        judge=judge,
        decided=decided,
        above_ids=tuple(event_id for _, event_id in found),
        undecided_because={} if decided else undecided,
        held_against=said,
        limit_counts=LimitCounts(
            limits=tuple(words),
            judge=judge,
            exceeded=counts[Outcome.EXCEEDED],
            undecided=counts[Outcome.UNDECIDED],
            within=counts[Outcome.WITHIN],
            not_compared=counts[Outcome.NOT_COMPARED],
            left_out=decided,
            without_limits=None if isinstance(book, Limits) else counts_without(causes),
            false_triggers=marked,
        ),
    )


def _near(archive: Archive, selection: Selection, book: LimitBook) -> tuple[list[int], int, int]:
    """The events of a selection but those that are known to be below all curves in the days of its window, how many
    these are: their rows say so, without a look at each; and how many of these are false triggers that count apart.
    Against limits of points each is looked at."""
    if isinstance(book, LimitsOfPoints):
        return [row.event_id for row in archive.events(selection)], 0, 0
    curves = book.curves
    first_day, last_day = selection.days
    found: list[int] = []
    with archive.store.snapshot(), derived(archive.store) as connection:
        count = events.count(connection, selection)
        spans = grouping.spans(connection, count)
        asked = Grouping(
            by=(),
            digits=0,
            first_day=first_day,
            last_day=last_day,
            with_false_triggers=True,
            curves=True,
            lowest_nm_s=lowest_limit(curves),
            by_days=not summaries.is_in_memory(connection),
            of_many=grouping.is_of_many(spans, count),
        )
        for span in spans:
            found += grouping.near_ids(connection, selection, asked, span)
        marked = 0
        if selection.false_triggers is None:
            of_all = events.sorted_ids(connection, replace(selection, false_triggers=True))
            marked = len(set(of_all).difference(found))
    return found, count - len(found), marked


def measured_of(
    archive: Archive, rows: Sequence[EventRow], curves: Sequence[Curve] = (), selection: Selection = EVERYTHING
) -> dict[int, Measured]:
    """What is known of several events, by id; for `curves` that fall with frequency, events above their lowest limit
    are decoded. Where a selection names points, what was recorded there. Raises Damaged for a row that no program
    wrote."""
    ids = [row.event_id for row in rows]
    known = summary_rows(archive, ids)
    days = peaks_by_day(archive, ids)
    found = {
        row.event_id: Measured(RecordType(row.record_type), known[row.event_id], days.get(row.event_id, ()))
        for row in rows
    }
    found = with_all_pairs(archive, found, curves)
    points = selection.wanted_points
    if points is None or all(one.summary.placed not in BETWEEN_POINTS for one in found.values()):
        return found
    spans = spans_between_points(archive)
    return {
        event_id: at_points(one, spans[event_id], points) if event_id in spans else one
        for event_id, one in found.items()
    }


def spans_between_points(archive: Archive) -> dict[int, tuple[PlacedSpan, ...]]:
    """The spans of each event that is, or may be, of more than one point, or of one in part."""
    with derived(archive.store) as connection:
        return places.spans_between_points(connection)


def measured_against(
    archive: Archive, rows: Sequence[EventRow], book: LimitBook, selection: Selection = EVERYTHING
) -> dict[int, tuple[Measured, Limits]]:
    """The same of each event, with the limits that it is held against."""
    known = measured_of(archive, rows, book.curves if isinstance(book, Limits) else (), selection)
    found = {event_id: (one, held_against(book, one.summary)) for event_id, one in known.items()}
    if isinstance(book, Limits):
        return found
    for limits in {one for _, one in found.values()}:
        own = {event_id: one for event_id, (one, other) in found.items() if other == limits}
        found |= {event_id: (one, limits) for event_id, one in with_all_pairs(archive, own, limits.curves).items()}
    return found


def with_all_pairs(archive: Archive, measured: dict[int, Measured], curves: Sequence[Curve]) -> dict[int, Measured]:
    """The same, with all half waves and intervals where a curve needs them."""
    asked = [event_id for event_id, one in measured.items() if one.needs_all_pairs(curves)] if curves else []
    if not asked:
        return measured
    every = peaks_by_day(archive, asked, every_pair=True)
    return measured | {
        event_id: measured[event_id]._replace(days=days, all_pairs=True) for event_id, days in every.items()
    }
