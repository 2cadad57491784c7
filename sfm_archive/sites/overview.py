"""What an archive says of jobs: their points, who stood there when, how many events that makes, and what is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived
from sfm_archive.model.placing import stated_over
from sfm_archive.model.statements import Job, Point, PointLimits, UnitWindow
from sfm_archive.storage import places, statements


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOverview:
    """Where a unit stood. `window`: its number. `from_local`: included; `until_local`: not included, '' where it still
    stands there. `events`: that start in it. `gives_way_to`: windows of the unit elsewhere that hold some of its
    moments and were stated later, as after a merge: these count there. `decided_by`: who says so; `reason`: why, ''
    where nobody said."""

    window: int
    serial: str
    from_local: str
    until_local: str
    events: int
    gives_way_to: tuple[int, ...]
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOverview:
    """Limits of a point. `number`: their own; `limits`: in words, of a curve file its name, '' for none of velocity;
    `airblast`: in words, '' where nothing is said; `judge`: what decides of a waveform, '' where nothing is said.
    `from_local`: from when on they hold, until later ones do, '' from the first record on. `decided_by`: who says so;
    `reason`: why, '' where nobody said."""

    number: int
    limits: str
    airblast: str
    judge: str
    from_local: str
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointOverview:
    """A point of a job. `point`: its number; `name`: its own. `address`, `structure`: as stated. `latitude`,
    `longitude`: WGS 84, degrees; `east`, `north`: metres of the job's grid, each null where not stated. `events`: that
    start in its windows. `limits`: that hold there, by the moment from which on they do."""

    point: int
    name: str
    address: str
    structure: str
    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None
    events: int
    limits: tuple[LimitsOverview, ...]
    windows: tuple[WindowOverview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOverview:
    """A job. `job`: its number; `name`: its own. `client`: as stated. `units`: of its outputs, '' where not stated;
    `time_zone`: of its site, '' where not stated. `events`: that start in windows of its points."""

    job: int
    name: str
    client: str
    units: str
    time_zone: str
    events: int
    points: tuple[PointOverview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """Events of a unit that lie in no window and between the same two of them. `events`: how many. `first_local`,
    `last_local`: of their starts. `titles`: what they say as project, the most frequent first. `nearest`: the window
    that is nearest in time, 0 where the unit has none; `gap`: how far off, in words; `suggested`: jobs whose name a
    title resembles."""

    serial: str
    events: int
    first_local: str
    last_local: str
    titles: tuple[str, ...]
    nearest: int
    gap: str
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesOverview:
    """`jobs`: in the order in which they were added. `placed`: number of events at a point; `unplaced`: at none;
    `undecided`: of which it is not decided at which, in an hour that the clocks repeat; `crossing`: histograms that
    cross a border of windows, or may, by id. `outside`: where the events at no point are."""

    jobs: tuple[JobOverview, ...]
    placed: int
    unplaced: int
    undecided: int
    crossing: tuple[int, ...]
    outside: tuple[Unplaced, ...]


def overview(archive: Archive, *, outside: bool = True) -> SitesOverview:
    """All jobs with their points, windows and events, and the events outside every window; without `outside` these are
    only counted, which costs no look at each."""
    with archive.store.reading() as connection:
        jobs, points = statements.that_count(connection, Job), statements.that_count(connection, Point)
        limits = statements.that_count(connection, PointLimits).values()
        as_stated = list(statements.that_count(connection, UnitWindow).values())
        windows, over = sorted(as_stated, key=lambda one: (one.serial, one.from_local)), stated_over(as_stated)
    with derived(archive.store) as connection:
        counts = {one.number: places.starting_in(connection, one) for one in windows}
        placed, unplaced, undecided = places.counts(connection)
        crossing = places.crossing(connection)
        beyond = _outside(connection, windows, jobs) if outside else ()
    return SitesOverview(
        jobs=tuple(_job(job, points, windows, counts, over, limits) for job in jobs.values()),
        placed=placed,
        unplaced=unplaced,
        undecided=undecided,
        crossing=tuple(crossing),
        outside=beyond,
    )


def _job(
    job: Job,
    points: Mapping[int, Point],
    windows: Sequence[UnitWindow],
    counts: Mapping[int, int],
    over: Mapping[int, tuple[int, ...]],
    limits: Collection[PointLimits],
) -> JobOverview:
    own = tuple(_point(point, windows, counts, over, limits) for point in points.values() if point.job == job.number)
    return JobOverview(
        job=job.number,
        name=job.name,
        client=job.client,
        units=job.units,
        time_zone=job.time_zone,
        events=sum(point.events for point in own),
        points=own,
    )


def _point(
    point: Point,
    windows: Sequence[UnitWindow],
    counts: Mapping[int, int],
    over: Mapping[int, tuple[int, ...]],
    limits: Collection[PointLimits],
) -> PointOverview:
    own = tuple(
        WindowOverview(
            window=one.number,
            serial=one.serial,
            from_local=one.from_local,
            until_local=one.until_local,
            events=counts[one.number],
            gives_way_to=over.get(one.number, ()),
            decided_by=one.decided_by,
            reason=one.reason,
        )
        for one in windows
        if one.point == point.number
    )
    return PointOverview(
        point=point.number,
        name=point.name,
        address=point.address,
        structure=point.structure,
        latitude=point.latitude,
        longitude=point.longitude,
        east=point.east,
        north=point.north,
        events=sum(one.events for one in own),
        limits=tuple(
            LimitsOverview(
                number=one.number,
                limits=one.limits,
                airblast=one.airblast,
                judge=one.judge,
                from_local=one.from_local,
                decided_by=one.decided_by,
                reason=one.reason,
            )
            for one in sorted(limits, key=lambda one: (one.from_local, one.number))
            if one.point == point.number
        ),
        windows=own,
    )


def _outside(connection: Any, windows: Sequence[UnitWindow], jobs: Mapping[int, Job]) -> tuple[Unplaced, ...]:
    from sfm_archive.sites.titles import gap_words, nearest_window, resembling

    found = []
    for serial, rows in places.unplaced(connection).items():
        own = [one for one in windows if one.serial == serial]
        spans: dict[int, list[tuple[str, str]]] = {}
        for _, start, title in rows:
            behind = sum(one.from_local <= start for one in own)
            spans.setdefault(behind, []).append((start, title))
        for span in spans.values():
            starts = [start for start, _ in span]
            titles = _by_frequency([title for _, title in span if title])
            near = nearest_window(own, starts[0], starts[-1])
            found.append(
                Unplaced(
                    serial=serial,
                    events=len(span),
                    first_local=starts[0],
                    last_local=starts[-1],
                    titles=titles,
                    nearest=0 if near is None else near.number,
                    gap="" if near is None else gap_words(near, starts[0], starts[-1]),
                    suggested=tuple(
                        job.name for job in jobs.values() if any(resembling(job.name, one) for one in titles)
                    ),
                )
            )
    return tuple(found)


def _by_frequency(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(texts), key=lambda text: (-texts.count(text), text)))[:5]
