"""An event in parts by the points at which it was recorded: a histogram's interval is of the point whose window holds
its start. One that lies across a border of windows may also be of the points behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sfm_archive.limits.by_day import is_of_unknown_length, is_shown_by, or_perhaps, summary_of_days
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.placing import Placed, PlacedSpan


def at_points(measured: Measured, spans: Sequence[PlacedSpan], points: Collection[int]) -> Measured:
    """What was recorded of an event at some points, 0 for none; `spans`: in which it lies, each at a point. All of it
    where it lies at these alone; all of it, as `unsplit`, where nothing tells what of it was recorded where."""
    if measured.summary.placed == Placed.UNDECIDED:
        return measured._replace(unsplit=True)  # its clock does not tell on which side of a border it lies
    own_spans = {number for number, span in enumerate(spans) if span.point in points}
    if len(own_spans) == len(spans):
        return measured
    days = measured.days
    is_cut = any(day.intervals for day in days) and all(day.part // 2 < len(spans) for day in days)
    is_one_part = is_cut and len({day.part for day in days}) == 1
    is_told = is_one_part or is_shown_by(days, measured.summary)
    if not is_cut or is_of_unknown_length(measured) or not is_told:
        return measured._replace(unsplit=True)
    own = tuple(day for day in days if day.part // 2 in own_spans)
    more = tuple(day for day in days if day in own or own_spans & _behind(day, days, len(spans)))
    if len(own) == len(days):
        return measured
    part = measured._replace(summary=summary_of_days(measured.summary, own, days), days=own, nothing=not more, cut=True)
    if more == own:
        return part
    all_of_it = measured._replace(summary=summary_of_days(measured.summary, more, days), days=more, cut=True)
    return or_perhaps(part, all_of_it)


def _behind(day: DayPeaks, days: Sequence[DayPeaks], spans: int) -> set[int]:
    """The spans behind the border across which an interval lies, as far as it can reach; of any other none."""
    if day.part % 2 == 0:
        return set()
    end = min((one.part // 2 for one in days if one.part > day.part), default=spans - 1)
    return set(range(day.part // 2 + 1, end + 1))
