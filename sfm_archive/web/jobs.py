"""The pages of a job and of a point: daily maxima, limits and when units ran, over a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

import sfm_archive as sfm
from sfm_archive.archive import Archive
from sfm_archive.base.columns import Column, Section
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.selection import Selection
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.language import ENGLISH, language
from sfm_archive.reporting.page import Cell
from sfm_archive.reporting.period.day_charts import day_table, point_chart
from sfm_archive.reporting.period.report import JobReport, ReportedPoint
from sfm_archive.reporting.sheets import Sheets
from sfm_archive.reporting.svg_page import svg_of
from sfm_archive.sites.overview import JobOverview, PointOverview, overview
from sfm_archive.web.address import period_asked, unit_asked
from sfm_archive.web.site import page, served_of

WEEKS = 4
_MOST_DAYS = 400


class ShownPoint(NamedTuple):
    """A point over the period: `chart` as SVG, `table` of its days, None without any."""

    overview: PointOverview
    reported: ReportedPoint
    chart: Markup
    table: Section | None


def job(request: Request) -> Response:
    """All points of a job."""
    return _page(request, point=0)


def point(request: Request) -> Response:
    """One point."""
    return _page(request, point=request.path_params["number"])


def _page(request: Request, *, point: int) -> Response:
    served, query = served_of(request), request.query_params
    asked = period_asked(query)
    with served.reading() as archive:
        known = overview(archive, outside=False).jobs
        own = _job_of(known, request.path_params["number"], point)
        since, until = _period(archive, own, asked)
        report = sfm.period_report(archive, str(own.job), since, until, units=unit_asked(query))
        blasts = sfm.list_blasts(archive, [str(own.job)], since=since, until=until).blasts
    points = [_shown(report, own, one) for one in report.points if not point or one.point == point]
    return page(
        request,
        "job.html",
        served=served,
        job=own,
        points=points,
        one_point=bool(point),
        since=since,
        last=until - timedelta(days=1),
        blasts=blasts,
        notes=report.notes,
        query=query,
    )


def _job_of(known: Sequence[JobOverview], number: int, point: int) -> JobOverview:
    """Raises NotFound."""
    for one in known:
        if one.job == number and not point:
            return one
        if point and any(its.point == point for its in one.points):
            return one
    raise NotFound(f"there is no {'point' if point else 'job'} {number}")


def _period(
    archive: Archive, own: JobOverview, asked: tuple[datetime | None, datetime | None]
) -> tuple[datetime, datetime]:
    """What is asked for, else the last weeks in which the job has events. Raises UsageError for more than a year."""
    since, until = asked
    if until is None:
        chosen = Selection(points=tuple(one.point for one in own.points) or (0,), newest_first=True, limit=1)
        newest = next(iter(archive.listing(chosen)), None) if own.points else None
        last = since or datetime(2000, 1, 1)
        last = last if newest is None else max(last, parse_local_text(newest.stop_local or newest.start_local))
        until = datetime(last.year, last.month, last.day) + timedelta(days=1)
    since = since or until - timedelta(weeks=WEEKS)
    if until - since > timedelta(days=_MOST_DAYS):
        raise UsageError(f"a page shows up to {_MOST_DAYS} days; choose a shorter period, or see sfm job report")
    return since, until


def _shown(report: JobReport, own: JobOverview, reported: ReportedPoint) -> ShownPoint:
    words = language(ENGLISH)
    chart = next(one for one in report.charts if one.point == reported.point)
    sheets = Sheets("a4", words, ("", ""), "")
    top = sheets.y - 5.0
    point_chart(sheets, report, chart)
    drawn = svg_of(sheets.pages[0], f"Daily maxima at {reported.name}", (top, sheets.y))
    found = day_table(words, report, chart)
    table = None
    if found is not None:
        columns, rows, below = found
        cells = [[one.text if isinstance(one, Cell) else one for one in row.cells] for row in rows if row.cells]
        heads = tuple(Column(one.title, "", one.align == "right") for one in columns)
        table = Section(f"days at {reported.name}", heads, tuple(map(tuple, cells)), (below,))
    about = next(one for one in own.points if one.point == reported.point)
    return ShownPoint(about, reported, Markup(drawn), table)  # noqa: S704 - svg_page escapes every text
