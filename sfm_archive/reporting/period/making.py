"""A job's report of a period, made from an open archive: every number of it, by derived rows wherever they say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.archive.point_limits import stated_limits
from sfm_archive.archive.preferences import preferred as stated_preferences
from sfm_archive.archive.provenance import provenance_of
from sfm_archive.archive.reading import count_waiting, unit_of_site_reports
from sfm_archive.base.counting import counted
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import UsageError
from sfm_archive.limits.named_curves import title_in
from sfm_archive.limits.outcomes import Judging, Outcome
from sfm_archive.model.preferences import Preferred
from sfm_archive.model.reading_text import WHOLE_DAYS_NOTE
from sfm_archive.model.selection import Selection
from sfm_archive.model.statements import PointLimits
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.units import GEO_UNITS, GeoUnit
from sfm_archive.model.zones import UNKNOWN_ZONE
from sfm_archive.reporting.groups import Group
from sfm_archive.reporting.period.beside_events import events_outside, notes_on_outside, notes_on_sensor_checks
from sfm_archive.reporting.period.blast_cells import CellsOfBlast, blasts_at_points
from sfm_archive.reporting.period.day_maxima import DayCharts
from sfm_archive.reporting.period.event_lists import EventLists
from sfm_archive.reporting.period.exceedances import exceedances_of
from sfm_archive.reporting.period.false_intervals import FalseIntervals
from sfm_archive.reporting.period.report import (
    Firm,
    HeldLimits,
    JobReport,
    ReportedBlast,
    ReportedBy,
    ReportedJob,
    ReportedPeriod,
    ReportedPoint,
    ReportedUndecided,
)
from sfm_archive.reporting.period.scope import KEYS, Scope, events_at_points
from sfm_archive.reporting.period.shares import months_before, shares_of
from sfm_archive.reporting.period.standing_units import units_of
from sfm_archive.reporting.summarising import summarise
from sfm_archive.sites.blast_views import blasts_of_jobs
from sfm_archive.sites.firm import preferred_logo
from sfm_archive.sites.jobs import job_named, points_of
from sfm_archive.storage import statements, zones

ABOVE, ALL, NONE = "above", "all", "none"
PAGES = (ABOVE, ALL, NONE)
"""Words for events that get pages of their own; else ids and names."""

MONTHS = 12
CONFIRMED_ELSEWHERE = (
    "it is confirmed for the blast, and was recorded at no point of the job, or nothing tells at which"
)
PROPOSED_ELSEWHERE = "it is proposed for the blast, and was recorded at no point of the job, or nothing tells at which"


def period_report(
    archive: Archive,
    job: str,
    since: datetime,
    until: datetime,
    *,
    months: int = MONTHS,
    pages: Sequence[str] = (NONE,),
    number: str = "",
    measured_by: str = "",
    analysed_by: str = "",
    units: GeoUnit | None = None,
    preferred: Preferred | None = None,
    progress: Progress = silent,
) -> JobReport:
    """What a job's report says of a period, by the clocks of its site. `since`: included, `until`: not included.
    `months`: before `until`, of the shares. `pages`: one of PAGES, or events by id or file name. `units`: of all
    velocities; where none are given those of the job, else those that are preferred, else those of most of the reports.
    `preferred`: what counts of the firm, without it what the archive states.

    Raises NotFound for a job or a logo, EventNotFound for an event, UsageError for an event that is not of the report
    and for a period or months that make no sense, BadInput for a logo that is no picture, Damaged.
    """
    if since >= until:
        raise UsageError(f"the period ends before it begins: {_as_told(since, until)}")
    begin = min(since, months_before(until, months))
    with archive.store.snapshot(), derived(archive.store):
        found_of_firm = stated_preferences(archive) if preferred is None else preferred
        scope = _scope(archive, job, since, until, units, found_of_firm.preferences.units)
        found = blasts_at_points(scope, begin, until)
        in_period = [one for one in found if one.blast.at_local >= local_text(since)]
        in_blast = {event: one.blast.number for one in found for event in one.confirmed}
        lists, charts = EventLists(scope, in_blast), DayCharts(scope)
        total = archive.count(scope.selection) if scope.points else 0
        for event in events_at_points(scope):
            lists.add(event)
            charts.add(event)
            progress(min(len(lists.every), total), total)
        shared = [one for one in found if one.blast.at_local >= local_text(months_before(until, months))]
        used = {*lists.every, *in_blast}
        outside = events_outside(in_period, lists.every)
        false_triggers = tuple(lists.false_triggers())
        held = FalseIntervals(scope, lists.every, false_triggers)
        first, last = scope.days
        return JobReport(
            job=ReportedJob(
                job=scope.job.number, name=scope.job.name, client=scope.job.client, time_zone=scope.job.time_zone
            ),
            period=ReportedPeriod(
                since_local=local_text(since), until_local=local_text(until), first_day=first, last_day=last
            ),
            by=ReportedBy(number=number, measured_by=measured_by, analysed_by=analysed_by),
            unit=scope.unit,
            months=months,
            firm=_firm(archive, found_of_firm),
            provenance=provenance_of(archive, used),
            notes=tuple(_notes(scope, lists, in_period, outside)),
            pages=_pages(archive, pages, lists, outside),
            units=tuple(units_of(scope, lists.every)),
            points=tuple(_points(scope)),
            blasts=tuple(_blasts(archive, scope, in_period)),
            largest=tuple(lists.largest(held)),
            peaks=tuple(lists.peaks),
            charts=tuple(charts.charts(held)),
            shares=tuple(shares_of(scope, shared, months_before(until, months), until)),
            exceedances=tuple(exceedances_of(scope, lists.exceeding, in_period, in_blast, held)),
            false_triggers=false_triggers,
            undecided=(*lists.undecided, *_undecided_blasts(in_period)),
            not_compared=tuple(lists.not_compared()),
        )


def _as_told(since: datetime, until: datetime) -> str:
    """A period as people give it: months or days are included, other moments are themselves."""
    if since.time() != time.min or until.time() != time.min or until == datetime.min:
        return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"
    form = "%Y-%m" if since.day == until.day == 1 else "%Y-%m-%d"
    return f"{since.strftime(form)} to {(until - timedelta(days=1)).strftime(form)}"


def _firm(archive: Archive, found: Preferred) -> Firm | None:
    """Whose report it is, None where nobody says any of it."""
    said = found.preferences
    firm = Firm(name=said.name, lines=said.address, logo=preferred_logo(archive, found), signature=said.signature)
    return firm if any((firm.name, firm.lines, firm.logo, firm.signature)) else None


def _scope(
    archive: Archive, name: str, since: datetime, until: datetime, units: GeoUnit | None, otherwise: str
) -> Scope:
    """`otherwise`: the unit where neither the call nor the job says one, '' for none."""
    with archive.store.reading() as connection:
        job = job_named(archive, connection, name)
        points = tuple(points_of(connection, job.number))
    unit = units or next((one for said in (job.units, otherwise) for one in GEO_UNITS if one == said), None)
    if unit is None:
        of_job = Selection(points=tuple(one.number for one in points), since=since, until=until)
        unit = unit_of_site_reports(archive, of_job if points else None)
    return Scope(archive, job, points, since, until, unit, stated_limits(archive, Judging.BOTH))


def _points(scope: Scope) -> Iterator[ReportedPoint]:
    with scope.archive.store.reading() as connection:
        rows = sorted(statements.that_count(connection, PointLimits).values(), key=lambda one: one.from_local)
    counts: dict[str, Group] = {}
    if scope.points:
        summary = summarise(scope.archive, KEYS, scope.selection, scope.book, scope.unit)
        counts = {group.keys["point"]: group for group in summary.groups if group.keys["job"] == scope.job.name}
    for point in scope.points:
        yield ReportedPoint(
            point=point.number,
            name=point.name,
            address=point.address,
            structure=point.structure,
            latitude=point.latitude,
            longitude=point.longitude,
            east=point.east,
            north=point.north,
            limits=tuple(_held(scope, [one for one in rows if one.point == point.number])),
            counts=counts.get(point.name),
        )


def _held(scope: Scope, rows: Sequence[PointLimits]) -> Iterator[HeldLimits]:
    """Of a point's limits, by the moment from which on they hold, those that hold in the period."""
    since, until = local_text(scope.since), local_text(scope.until)
    ends = [one.from_local for one in rows[1:]] + [""]
    for row, end in zip(rows, ends, strict=False):
        if row.from_local >= until or (end and end <= since):
            continue
        limits = scope.book.at_moment(row.point, row.from_local)
        yield HeldLimits(
            number=row.number,
            limits=row.limits,
            titles=tuple(title_in(curve, scope.unit) for curve in limits.curves),
            sources=tuple(dict.fromkeys(curve.source for curve in limits.curves if curve.source)),
            airblast=limits.airblast_text if limits.airblast is not None else "",
            airblast_db=None if limits.airblast is None else limits.airblast.limit_db,
            convention=limits.by.convention,
            judge_stated=bool(row.judge),
            from_local=row.from_local,
            until_local=end,
            decided_by=row.decided_by,
            reason=row.reason,
            curves=limits.curves,
        )


def _blasts(archive: Archive, scope: Scope, found: Sequence[CellsOfBlast]) -> Iterator[ReportedBlast]:
    if not found:
        return
    listed = blasts_of_jobs(archive, (scope.job.number,), scope.since, scope.until).blasts
    by_number = {one.blast: one for one in listed}
    for one in found:
        yield ReportedBlast(blast=by_number[one.blast.number], points=one.cells, elsewhere=one.told_elsewhere)


def _undecided_blasts(found: Sequence[CellsOfBlast]) -> Iterator[ReportedUndecided]:
    """Blasts at points that something else than a confirmed event leaves open; these stand among the events."""
    for one in found:
        for cell in one.cells:
            said = (("vibration", cell.vibration), ("airblast", cell.airblast))
            open_ = [(what, verdict) for what, verdict in said if verdict.outcome is Outcome.UNDECIDED]
            for what, verdict in open_:
                if verdict.event_id is not None:
                    continue
                yield ReportedUndecided(
                    event_id=0,
                    blast=one.blast.number,
                    point=cell.name,
                    at_local=one.blast.at_local,
                    what=what,
                    why=verdict.why,
                )
        for event in one.elsewhere:
            yield ReportedUndecided(
                event_id=event.event.event_id,
                blast=one.blast.number,
                point="",
                at_local=one.blast.at_local,
                what="point",
                why=CONFIRMED_ELSEWHERE if event.decision == "confirmed" else PROPOSED_ELSEWHERE,
            )


def _pages(archive: Archive, words: Sequence[str], lists: EventLists, outside: Mapping[int, str]) -> tuple[int, ...]:
    asked = [word.strip().lower() for word in words]
    if len(asked) == 1 and asked[0] in PAGES:
        chosen: dict[str, Collection[int]] = {ABOVE: lists.above, ALL: lists.every.keys(), NONE: ()}
        return tuple(one for one in lists.every if one in chosen[asked[0]])
    if any(word in PAGES for word in asked):
        raise UsageError(f"{', '.join(PAGES)} stand alone for pages of events; give one of them, or events")
    ids = list(dict.fromkeys(archive.find(word).event_id for word in words))
    for event_id in ids:
        if event_id not in lists.every and event_id not in outside:
            raise UsageError(
                f"event {event_id} was not recorded at a point of the job in the period; leave its page out"
            )
    return (*(one for one in lists.every if one in ids), *(one for one in ids if one in outside))


def _notes(
    scope: Scope, lists: EventLists, blasts: Sequence[CellsOfBlast], outside: Mapping[int, str]
) -> Iterator[str]:
    """What a reader must know beside the numbers."""
    if not scope.points:
        yield f"job {scope.job.name} has no points, so nothing was recorded there"
    elif not lists.every:
        yield "no event was recorded at a point of the job in the period"
    if not blasts:
        yield "no blast of the job is stated in the period"
    proposed = {each.event.event_id for one in blasts for each in one.elsewhere if each.decision == "proposed"}
    if proposed:
        yield (
            f"{counted(len(proposed), 'event')} at no point of the job, listed as undecided, near its blasts in time:"
            " where a blast says that no unit stood at a point, one of these may have"
        )
    if scope.points and not scope.selection.is_of_whole_days:
        yield WHOLE_DAYS_NOTE
    if not scope.job.time_zone:
        yield "nobody states the time zone of the site: days are those of the units' clocks"
    with scope.archive.store.reading() as connection:
        of_units = zones.of_units(connection)
    serials = sorted({one.row.serial for one in lists.every.values()})
    for serial in serials:
        zone = of_units.get(serial, UNKNOWN_ZONE)
        if scope.job.time_zone and zone not in (UNKNOWN_ZONE, scope.job.time_zone):
            yield f"the clock of {serial} shows {zone}: its days are those of its clock"
    yield from notes_on_outside(scope.archive, outside)
    yield from notes_on_sensor_checks(scope.archive, {one: row.row.serial for one, row in lists.every.items()})
    waiting = count_waiting(scope.archive.store)
    if waiting:
        yield f"{counted(waiting, 'received file')} of the archive wait for their event, which may be of this job"
