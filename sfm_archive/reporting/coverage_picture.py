"""When units were running, as a picture: one line a unit, days across."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from sfm_archive.archive.coverage import UnitCoverage, left_out
from sfm_archive.errors import UsageError
from sfm_archive.files.writing import write_file
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.graph import Graph, Scale
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.picture_file import picture_bytes, picture_kind
from sfm_archive.reporting.run import WrittenDrawing
from sfm_archive.reporting.style import COLOURS, FAINT, GRID

MOST_UNITS = 300
"""Lines of one picture."""

_WIDTH, _LEFT, _TOP, _ROW, _BELOW = 280.0, 34.0, 24.0, 7.0, 20.0
_TITLE = "When units were running"
_NARROWEST = 0.25
"""mm: a moment is drawn so wide, and spans nearer to each other as one."""

_DAY = 86400.0
_MOST_DAYS_NAMED = 14


def write_coverage(
    units: Sequence[UnitCoverage], target: Path, *, of_points: bool = False, overwrite: bool = False
) -> WrittenDrawing:
    """Write the picture as .png, .svg or .pdf. `of_points`: only some points were asked for; what lies beyond the
    windows of a unit there is grey. Needs the extra `plots`.

    Raises UsageError for another kind of file, where nothing is known to draw and for too many units, AlreadyExists,
    StorageFailed.
    """
    kind = picture_kind(target)
    page = draw_coverage(units, of_points=of_points)
    data = picture_bytes(page, kind, _TITLE)
    new = write_file(target, data, overwrite=overwrite)
    return WrittenDrawing(path=target, events=0, size=len(data), new=new, findings=())


def draw_coverage(units: Sequence[UnitCoverage], *, of_points: bool = False) -> Page:
    """The page. Raises UsageError where nothing is known to draw, and for more than MOST_UNITS."""
    if not any(unit.spans for unit in units):
        raise UsageError("nothing says when these units were running, so there is nothing to draw; see sfm coverage")
    if len(units) > MOST_UNITS:
        raise UsageError(f"{len(units):,} units are too many for one picture; choose up to {MOST_UNITS} with --serial")
    since = min(parse_local_text(unit.since_local) for unit in units if unit.spans)
    until = max(parse_local_text(unit.until_local) for unit in units if unit.spans)
    until = max(until, since + timedelta(hours=1))
    bottom = _TOP + _ROW * len(units)
    page = Page(_WIDTH, bottom + _BELOW)
    box = Box(_LEFT, _TOP, page.right, bottom)
    graph = Graph(page, box, Scale(0.0, (until - since).total_seconds()), Scale(len(units), 0.0))
    page.text(_LEFT, 9, _TITLE, size=12, bold=True)
    page.text(_LEFT, 14, f"{since} to {until} (device-local)", size=8, colour=FAINT)
    note = "filled: running, as events, monitoring intervals and monitor logs tell; empty: not known"
    if of_points:
        note += "; grey: not at these points"
    page.text(_LEFT, 18.5, note, size=8, colour=FAINT)
    ticks = _days(since, until)
    narrowest = _NARROWEST * graph.x.high / (box.right - box.left)
    for at, _ in ticks:  # as areas: lines would lie over the spans
        graph.area([at, at + narrowest / 2, at + narrowest / 2, at], [0, 0, len(units), len(units)], GRID)
    for row, unit in enumerate(units):
        graph.line([graph.x.low, graph.x.high], [row + 1.0, row + 1.0], GRID, width=0.4)
        page.text(_LEFT - 3, _TOP + _ROW * (row + 0.64), unit.serial, size=8, align="right")
        for start, end in _beyond(unit, since, until) if of_points else ():
            graph.area([start, end, end, start], [row + 0.18, row + 0.18, row + 0.82, row + 0.82], GRID)
        for start, end in _drawn(unit, since, narrowest):
            graph.area([start, end, end, start], [row + 0.18, row + 0.18, row + 0.82, row + 0.82], COLOURS["Tran"])
    graph.frame()
    graph.number_below(ticks)
    page.paragraph(_LEFT, bottom + 11, left_out(units), most=page.right - _LEFT)
    return page


def _drawn(unit: UnitCoverage, since: datetime, narrowest: float) -> list[tuple[float, float]]:
    """The spans in seconds from the window's start, none narrower and no two nearer to each other than can be seen."""
    found: list[tuple[float, float]] = []
    for span in unit.spans:
        start = (parse_local_text(span.since_local) - since).total_seconds()
        end = max((parse_local_text(span.until_local) - since).total_seconds(), start + narrowest)
        if found and start - found[-1][1] < narrowest / 2:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _beyond(unit: UnitCoverage, since: datetime, until: datetime) -> list[tuple[float, float]]:
    """What lies beyond the windows of a unit, in seconds from the picture's start."""
    borders = [since]
    for window in unit.windows:
        borders += [parse_local_text(window.since_local), parse_local_text(window.until_local)]
    seconds = [(at - since).total_seconds() for at in (*borders, until)]
    return [(begin, end) for begin, end in zip(seconds[::2], seconds[1::2], strict=True) if begin < end]


def _days(since: datetime, until: datetime) -> list[tuple[float, str]]:
    """Where days begin, in seconds from the window's start: so many that their dates stand apart, and of many months
    their first days."""
    first = datetime(since.year, since.month, since.day)
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    if len(days) > 31 * 3:
        days = [next(of_month) for _, of_month in groupby(days, key=lambda day: (day.year, day.month))]
    step = -(-len(days) // _MOST_DAYS_NAMED)
    shown = [day for day in days[::step] if since <= day <= until]
    return [((day - since).total_seconds(), f"{day:%Y-%m-%d}") for day in shown]
