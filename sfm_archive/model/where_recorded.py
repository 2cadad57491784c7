"""Where an event was recorded, by names: what pages, tables and `sfm show` say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfm_archive.model.placing import BETWEEN_POINTS, Placed, PlacedSpan, points_near, spans_of
from sfm_archive.model.statements import UnitWindow

NO_POINT = "no point"


def name_at(job: str, point: str) -> str:
    """`North Quarry/Church`; '' where there is no point."""
    return f"{job}/{point}" if point else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanAtPoint:
    """A span of an event. `from_local`: included; `until_local`: not included, '' where nothing tells when the event
    ended. `job`, `point`: in whose window it begins, '' without one; `window`: its number, 0 without one."""

    from_local: str
    until_local: str
    job: str
    point: str
    window: int

    @property
    def name(self) -> str:
        """JOB/POINT, or `no point`."""
        return name_at(self.job, self.point) or NO_POINT

    @property
    def told(self) -> str:
        """`at North Quarry/Church (window 3)`."""
        return f"at {self.name}{f' (window {self.window})' if self.window else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereRecorded:
    """Where an event was recorded. `job`, `point`: in whose window it starts, '' without one; `window`: its number, 0
    without one. `placed`: how it lies to the windows of its unit, `whole`, `part` (a histogram that crosses a border),
    `perhaps` (nothing tells whether it does), `undecided` (on which side, in an hour that the clocks repeat), '' in
    none. `points`: as JOB/POINT all of which it is, or may be, `no point` among them; `spans`: the parts of it that
    begin in different windows, all of it where that is undecided; both empty where its unit has no windows."""

    job: str = ""
    point: str = ""
    window: int = 0
    placed: str = ""
    points: tuple[str, ...] = ()
    spans: tuple[SpanAtPoint, ...] = ()

    @property
    def of_unit_with_windows(self) -> bool:
        """Whether anybody said where its unit stood at any time."""
        return bool(self.spans)

    @property
    def told(self) -> str:
        """In words; '' where its unit has no windows."""
        if not self.spans:
            return ""
        if self.placed == Placed.UNDECIDED:
            why = "the clocks repeat the hour in which it and a border of windows lie"
            return f"undecided at which of {', '.join(self.points)}: {why}"
        first, *later = self.spans
        if self.placed not in BETWEEN_POINTS or not later:
            return first.told
        what = "perhaps " if self.placed == Placed.PERHAPS else ""
        then = [f"{what}from {one.from_local.replace('T', ' ')} on {one.told}" for one in later]
        why = "; nothing tells when it ended" if what else "; it crosses a border of windows"
        return f"{', '.join([first.told, *then])}{why}"

    @property
    def in_short(self) -> str:
        """For a cell of a table; '' where its unit has no windows."""
        if self.placed == Placed.UNDECIDED:
            return f"undecided: {' or '.join(self.points)}"
        return (", perhaps then " if self.placed == Placed.PERHAPS else ", then ").join(self.points)

    def name_from(self, moment_local: str) -> str:
        """JOB/POINT of what begins at a moment of the event, '' at none, `undecided` where it is."""
        if self.placed == Placed.UNDECIDED:
            return Placed.UNDECIDED.value
        begun = [one for one in self.spans if one.from_local <= moment_local] or self.spans[:1]
        return name_at(begun[-1].job, begun[-1].point) if begun else ""


UNSAID = WhereRecorded()


def where_recorded(
    windows: Sequence[UnitWindow],
    names: Mapping[int, tuple[str, str]],
    start_local: str,
    stop_local: str,
    point: int,
    placed: str,
) -> WhereRecorded:
    """Of an event whose derived row has this start, stop, point and how it is placed. `windows`: of its unit; `names`:
    of job and point, by number of the point."""
    if not windows:
        return UNSAID
    if placed in BETWEEN_POINTS and placed != Placed.UNDECIDED:
        cut = spans_of(windows, start_local, stop_local)
    else:
        cut = (PlacedSpan(start_local, stop_local, point),)
    spans = tuple(
        SpanAtPoint(
            from_local=one.from_local,
            until_local=one.until_local,
            job=names.get(one.point, ("", ""))[0],
            point=names.get(one.point, ("", ""))[1],
            window=_window(windows, one),
        )
        for one in cut
    )
    found = dict.fromkeys(one.name for one in spans)
    if placed == Placed.UNDECIDED:
        near = sorted(points_near(windows, start_local, stop_local, placed), key=lambda number: (number == 0, number))
        found = dict.fromkeys(name_at(*names.get(one, ("", ""))) or NO_POINT for one in near)
    job, name = names.get(point, ("", ""))
    return WhereRecorded(
        job=job,
        point=name,
        window=spans[0].window if point else 0,
        placed=placed,
        points=tuple(found),
        spans=spans,
    )


def _window(windows: Sequence[UnitWindow], span: PlacedSpan) -> int:
    held = (one.number for one in windows if one.point == span.point and one.holds(span.from_local))
    return next(held, 0) if span.point else 0
