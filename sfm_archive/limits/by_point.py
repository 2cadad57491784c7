"""An event in parts by the points at which it was recorded: a histogram's interval is of the point whose window holds
its start."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sfm_archive.limits.by_day import is_shown_by, summary_of_days
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.placing import PlacedSpan


def at_points(measured: Measured, spans: Sequence[PlacedSpan], points: Collection[int]) -> Measured:
    """What was recorded of an event at some points, 0 for none; `spans`: in which it lies, each at a point. All of it
    where it lies at these alone; all of it, as `unsplit`, where nothing tells what of it was recorded where."""
    parts = {number for number, span in enumerate(spans) if span.point in points}
    if len(parts) == len(spans):
        return measured
    days = measured.days
    is_cut = any(day.intervals for day in days) and {day.part for day in days} <= set(range(len(spans)))
    is_one_part = is_cut and len({day.part for day in days}) == 1
    if not is_cut or not (is_one_part or is_shown_by(days, measured.summary)):
        return measured._replace(unsplit=True)
    own = tuple(day for day in days if day.part in parts)
    if len(own) == len(days):
        return measured
    summary = summary_of_days(measured.summary, own, days)
    return measured._replace(summary=summary, days=own, nothing=not own, cut=True)
