"""At which point an event was recorded: the one whose window holds its unit and its start.

What starts in a window is of its point: an event, and each interval of a histogram, which can so be of several. Pure:
the same windows give the same answer, so that saving, rebuilding and verifying cannot come to different ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from sfm_archive.model.events import RecordType
from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.zones import is_repeated


class Placed(StrEnum):
    """How an event lies to the windows of its unit. PART: a histogram that crosses a border of one; PERHAPS: one of
    which nothing tells whether it does; UNDECIDED: an hour that the clocks repeat has the border and the event."""

    NOWHERE = ""
    WHOLE = "whole"
    PART = "part"
    PERHAPS = "perhaps"
    UNDECIDED = "undecided"


BETWEEN_POINTS = (Placed.PART, Placed.PERHAPS, Placed.UNDECIDED)
"""Of events that are, or may be, of more than one point, or of one in part."""


class Placing(NamedTuple):
    """Numbers of the job and the point in whose window an event starts, 0 without one, and how it lies to the others.
    `placed`: a word of `Placed`."""

    job: int
    point: int
    placed: str


NOWHERE = Placing(0, 0, Placed.NOWHERE.value)


class PlacedSpan(NamedTuple):
    """A span of an event and the point whose window holds it, 0 where none does. `until_local`: not included, '' where
    nothing tells when the event ended."""

    from_local: str
    until_local: str
    point: int


def placing_of(
    windows: Sequence[UnitWindow],
    jobs: Mapping[int, int],
    start_local: str,
    stop_local: str,
    record_type: RecordType,
    time_zone: str,
) -> Placing:
    """Where an event lies to the windows of its unit. `jobs`: of each point; `stop_local`: '' where nothing tells it;
    `time_zone`: that the unit's clock shows."""
    if not windows:
        return NOWHERE
    own = next((one for one in windows if one.holds(start_local)), None)
    later = [at for at in borders(windows) if start_local < at]
    is_histogram = record_type is RecordType.HISTOGRAM
    crossed = [at for at in later if stop_local and at < stop_local] if is_histogram else []
    if _is_undecided(start_local, borders(windows), crossed, time_zone):
        return Placing(0, 0, Placed.UNDECIDED.value)
    placed = Placed.NOWHERE if own is None else Placed.WHOLE
    if crossed:
        placed = Placed.PART
    elif is_histogram and not stop_local and later:
        placed = Placed.PERHAPS
    return Placing(0 if own is None else jobs.get(own.point, 0), 0 if own is None else own.point, placed.value)


def spans_of(windows: Sequence[UnitWindow], start_local: str, stop_local: str) -> tuple[PlacedSpan, ...]:
    """An event cut at the borders of its unit's windows, from its start to its stop, '' where nothing tells it."""
    inside = [at for at in borders(windows) if start_local < at and (not stop_local or at < stop_local)]
    begins = [start_local, *inside]
    return tuple(
        PlacedSpan(begin, end, _point_at(windows, begin))
        for begin, end in zip(begins, [*inside, stop_local], strict=True)
    )


def points_near(windows: Sequence[UnitWindow], start_local: str, stop_local: str, placed: str) -> set[int]:
    """The points that an event between points is of, or may be, 0 among them for none."""
    points = {span.point for span in spans_of(windows, start_local, stop_local)}
    if placed != Placed.UNDECIDED:
        return points
    day = start_local[:10]
    same_day = [at for at in borders(windows) if at[:10] == day]
    return points | {one.point for one in windows if one.from_local in same_day or one.until_local in same_day}


def without_overlaps(windows: Sequence[UnitWindow]) -> list[UnitWindow]:
    """Windows of one unit, given in the order in which they were stated, by their begin: where two of them hold one
    moment, as after a merge, the one that was stated later has it, and the other is what lies before and behind."""
    left: list[UnitWindow] = []
    for one in windows:
        cut: list[UnitWindow] = []
        for before in left:
            if not before.overlaps(one):
                cut.append(before)
                continue
            if before.from_local < one.from_local:
                cut.append(before._replace(until_local=one.from_local))
            if one.until_local and (not before.until_local or one.until_local < before.until_local):
                cut.append(before._replace(from_local=one.until_local))
        left = [*cut, one]
    return sorted(left, key=lambda one: one.from_local)


def stated_over(windows: Sequence[UnitWindow]) -> dict[int, tuple[int, ...]]:
    """By the number of a window those of the same unit at other points that hold some of its moments and were stated
    later, so that these count there; only of windows that have such. `windows`: in the order in which they were
    stated."""
    found: dict[int, tuple[int, ...]] = {}
    for place, one in enumerate(windows):
        later = (other for other in windows[place + 1 :] if other.serial == one.serial and other.point != one.point)
        over = tuple(other.number for other in later if other.overlaps(one))
        if over:
            found[one.number] = over
    return found


def borders(windows: Sequence[UnitWindow]) -> list[str]:
    """Where a unit came to another point or to none, in their order: a window that goes on at the same point has no
    border there. Windows of one unit, none of which overlap."""
    found: list[str] = []
    before: UnitWindow | None = None
    for one in sorted(windows, key=lambda window: window.from_local):
        goes_on = before is not None and before.until_local == one.from_local
        if before is not None and not goes_on:
            found.append(before.until_local)
        if before is None or not goes_on or before.point != one.point:
            found.append(one.from_local)
        before = one
    return [*found, *([before.until_local] if before is not None and before.until_local else [])]


def _point_at(windows: Sequence[UnitWindow], moment: str) -> int:
    return next((one.point for one in windows if one.holds(moment)), 0)


def _is_undecided(start_local: str, known: Sequence[str], crossed: Sequence[str], time_zone: str) -> bool:
    """Whether an event and a border lie in the same repeated hour, or it crosses one that lies in such an hour."""
    same_day = [at for at in known if at[:10] == start_local[:10]]
    if same_day and is_repeated(parse_local_text(start_local), time_zone):
        return any(is_repeated(parse_local_text(at), time_zone) for at in same_day)
    return any(is_repeated(parse_local_text(at), time_zone) for at in crossed)
