"""Jobs and their points: added, corrected, withdrawn, found by name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from sfm_archive.archive import Archive
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import folded, quoted
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.statements import Blast, Job, Point, PointLimits, UnitWindow
from sfm_archive.model.units import GEO_UNITS
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone
from sfm_archive.sites.said_limits import checked_limits
from sfm_archive.sites.stating import StatementMade, one_line, state, who, why, withdraw
from sfm_archive.storage import places, statements

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def listing(archive: Archive) -> str:
    """The command that lists jobs, points and windows."""
    return command_line("sfm", "jobs", archive.path)


def add_job(
    archive: Archive,
    name: str,
    *,
    client: str = "",
    units: str = "",
    zone: str = "",
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Add a job. `units`: of its outputs, 'in/s' or 'mm/s'; `zone`: IANA name of the zone of its site. `by`: who says
    so, the actor where nobody is named.

    The same again changes nothing. Raises UsageError for a name that another job has, a unit or a zone that does not
    exist, ReadOnlyArchive, Busy.
    """
    row = Job(
        number=0,
        position=0,
        name=_name(name, "a job"),
        client=one_line(client, "the client"),
        units=_checked_units(units),
        time_zone=_checked_site_zone(zone),
        withdrawn=0,
        decided_by=who(archive, by),
        reason=why(reason),
    )

    def make(connection: Any) -> Job:
        other = _of_the_same_name(row, statements.that_count(connection, Job).values())
        if other is None:
            return row
        said_before = row._replace(number=other.number, position=other.position)
        if said_before[:-2] == other[:-2]:
            return said_before
        raise UsageError(f"there is a job {other.name!r} already ({other.told}); sfm job correct changes it")

    return state(archive, make, dry_run=dry_run)


def correct_job(
    archive: Archive,
    job: str,
    *,
    name: str | None = None,
    client: str | None = None,
    units: str | None = None,
    zone: str | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say otherwise of a job; None leaves a part as it is. `reason`: why. As `add_job`; raises NotFound."""
    reason = why(reason, needed=f"correcting job {job}")

    def make(connection: Any) -> Job:
        own = job_named(archive, connection, job)
        changed = own._replace(
            name=own.name if name is None else _name(name, "a job"),
            client=own.client if client is None else one_line(client, "the client"),
            units=own.units if units is None else _checked_units(units),
            time_zone=own.time_zone if zone is None else _checked_site_zone(zone),
            decided_by=who(archive, by),
            reason=reason,
        )
        other = _of_the_same_name(changed, statements.that_count(connection, Job).values())
        if other is not None:
            raise UsageError(f"another job is called {other.name!r}; give it another name")
        return changed

    def meant(connection: Any, row: Job) -> list[int]:
        return events_of_points(connection, {one.number for one in points_of(connection, row.number)})

    return state(archive, make, meant=meant, dry_run=dry_run)


def withdraw_job(archive: Archive, job: str, *, by: str = "", reason: str, dry_run: bool = False) -> StatementMade:
    """Take a job back. Raises NotFound, and UsageError where points or blasts of it count."""

    def refuse(connection: Any, row: Job) -> None:
        left = [f"point {one.name}" for one in points_of(connection, row.number)]
        blasts = statements.that_count(connection, Blast).values()
        left += [f"blast {one.number}" for one in blasts if one.job == row.number]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            raise UsageError(f"job {row.name} has {', '.join(left[:3])}{more}; withdraw these first")

    with archive.store.reading() as connection:
        number = job_named(archive, connection, job).number
    return withdraw(
        archive, Job, number, listing=listing(archive), by=by, reason=reason, dry_run=dry_run, refuse=refuse
    )


def add_point(
    archive: Archive,
    job: str,
    name: str,
    *,
    address: str = "",
    structure: str = "",
    coordinates: str = "",
    grid: str = "",
    limits: Sequence[str] = (),
    airblast: str = "",
    judge: str = "",
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Add a point to a job. `coordinates`: 'latitude,longitude' in degrees, WGS 84; `grid`: 'east,north' in metres of
    the job's grid; at most one of them. `limits`, `airblast`, `judge`: what holds there from the first record on, as
    for `limit_point`.

    The same again changes nothing. Raises NotFound for an unknown job, UsageError for a name that another point of the
    job has, and for coordinates that cannot be, ReadOnlyArchive, Busy.
    """
    place, said = checked_place(coordinates, grid), checked_limits(limits, airblast, judge)
    limited = bool(said.limits or said.airblast)
    if judge and not limited:
        raise UsageError("--judge is about limits; give it with --limits or --airblast")

    def make(connection: Any) -> Point:
        own = job_named(archive, connection, job)
        row = Point(
            number=0,
            position=0,
            job=own.number,
            name=_point_name(name),
            address=one_line(address, "the address"),
            structure=one_line(structure, "the structure"),
            **place._asdict(),
            withdrawn=0,
            decided_by=who(archive, by),
            reason=why(reason),
        )
        _one_kind_of_place(connection, row)
        other = _of_the_same_name(row, points_of(connection, own.number))
        if other is None:
            return row
        said_before = row._replace(number=other.number, position=other.position)
        if said_before[:-2] == other[:-2] and not limited:
            return said_before
        raise UsageError(
            f"job {own.name} has a point {other.name!r} already ({other.told}); sfm point correct changes it, "
            "sfm point limits its limits"
        )

    def limits_of(row: Point) -> PointLimits:
        return PointLimits(0, 0, row.number, **said._asdict(), from_local="", **_from_the_row(row))

    return state(archive, make, then=limits_of if limited else None, dry_run=dry_run)


def _from_the_row(row: Point) -> dict[str, Any]:
    return {"withdrawn": 0, "decided_by": row.decided_by, "reason": row.reason}


def correct_point(
    archive: Archive,
    point: str,
    *,
    name: str | None = None,
    address: str | None = None,
    structure: str | None = None,
    coordinates: str | None = None,
    grid: str | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say otherwise of a point, named as JOB/POINT; None leaves a part as it is. As `add_point`."""
    reason = why(reason, needed=f"correcting point {point}")

    def make(connection: Any) -> Point:
        own = point_named(archive, connection, point)
        place = Place(own.latitude, own.longitude, own.east, own.north)
        if coordinates is not None or grid is not None:
            place = checked_place(coordinates or "", grid or "")
        changed = own._replace(
            name=own.name if name is None else _point_name(name),
            address=own.address if address is None else one_line(address, "the address"),
            structure=own.structure if structure is None else one_line(structure, "the structure"),
            latitude=place.latitude,
            longitude=place.longitude,
            east=place.east,
            north=place.north,
            decided_by=who(archive, by),
            reason=reason,
        )
        _one_kind_of_place(connection, changed)
        other = _of_the_same_name(changed, points_of(connection, own.job))
        if other is not None:
            raise UsageError(f"another point of that job is called {other.name!r}; give it another name")
        return changed

    return state(archive, make, dry_run=dry_run)


def withdraw_point(archive: Archive, point: str, *, by: str = "", reason: str, dry_run: bool = False) -> StatementMade:
    """Take a point back. Raises NotFound, and UsageError where windows or limits of it count."""

    def refuse(connection: Any, row: Point) -> None:
        windows = [one for one in statements.that_count(connection, UnitWindow).values() if one.point == row.number]
        if windows:
            numbers = ", ".join(str(one.number) for one in windows[:5])
            raise UsageError(f"units stood at {row.name} (window {numbers}); withdraw or correct these windows first")
        limits = [one for one in statements.that_count(connection, PointLimits).values() if one.point == row.number]
        if limits:
            raise UsageError(f"limits hold at {row.name} (limits {limits[0].number}); withdraw these first")

    with archive.store.reading() as connection:
        number = point_named(archive, connection, point).number
    return withdraw(
        archive, Point, number, listing=listing(archive), by=by, reason=reason, dry_run=dry_run, refuse=refuse
    )


def job_named(archive: Archive, connection: Any, text: str) -> Job:
    """The job of this name, whatever its case and accents, or number. Raises NotFound, UsageError for a name that
    several have, as after a merge."""
    jobs = statements.that_count(connection, Job)
    found = [one for one in jobs.values() if folded(one.name) == folded(text)]
    if not found and text.isascii() and text.isdigit() and int(text) in jobs:
        found = [jobs[int(text)]]
    if not found:
        raise NotFound(f"{archive.path} has no job {quoted(text)}; {listing(archive)} lists them")
    if len(found) > 1:
        numbers = ", ".join(str(one.number) for one in found)
        raise UsageError(
            f"{len(found)} jobs are called {found[0].name!r}, numbers {numbers}: give the number, or join them "
            "(sfm job join)"
        )
    return found[0]


def point_named(archive: Archive, connection: Any, text: str) -> Point:
    """The point written as JOB/POINT, or as POINT where only one job has one of that name. Raises NotFound,
    UsageError for one that several jobs have."""
    job, slash, name = text.rpartition("/")
    points = list(statements.that_count(connection, Point).values())
    if slash:
        own = job_named(archive, connection, job)
        points = [one for one in points if one.job == own.number]
    found = [one for one in points if folded(one.name) == folded(name)]
    if not found:
        where = f"job {job} has no point {quoted(name)}" if slash else f"{archive.path} has no point {quoted(name)}"
        raise NotFound(f"{where}; {listing(archive)} lists them")
    if len(found) > 1:
        jobs = statements.that_count(connection, Job)
        names = ", ".join(f"{jobs[one.job].name}/{one.name}" for one in found if one.job in jobs)
        raise UsageError(f"{len(found)} jobs have a point {name!r}; say which: {names}")
    return found[0]


def points_of(connection: Any, job: int) -> list[Point]:
    """The points of a job that count."""
    return [one for one in statements.that_count(connection, Point).values() if one.job == job]


def events_of_points(connection: Any, points: set[int]) -> list[int]:
    """Events of which something can have been recorded at these points."""
    return [
        event_id
        for one in statements.that_count(connection, UnitWindow).values()
        if one.point in points
        for event_id in places.of_unit_in(connection, one.serial, one.from_local, one.until_local)
    ]


_Named = TypeVar("_Named", Job, Point)


def _of_the_same_name(row: _Named, others: Iterable[_Named]) -> _Named | None:
    """Another job or point with the name of this one, whatever its case and accents."""
    same = (one for one in others if one.number != row.number and folded(one.name) == folded(row.name))
    return next(same, None)


def _name(text: str, what: str) -> str:
    name = one_line(text, f"the name of {what}")
    if not name:
        raise UsageError(f"{what} needs a name")
    return name


def _point_name(text: str) -> str:
    name = _name(text, "a point")
    if "/" in name:
        raise UsageError(f"{quoted(name)}: a slash stands between job and point (JOB/POINT); name it without one")
    return name


def _checked_units(units: str) -> str:
    if units not in ("", *GEO_UNITS):
        raise UsageError(f"{quoted(units)} is no unit of outputs; it is {' or '.join(GEO_UNITS)}")
    return units


def _checked_site_zone(zone: str) -> str:
    checked = checked_zone(zone) if zone else ""
    return "" if checked == UNKNOWN_ZONE else checked


class Place(NamedTuple):
    """Where something is: degrees of WGS 84, or metres of a job's grid; None where not stated."""

    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None


def checked_place(coordinates: str, grid: str) -> Place:
    """A place as people write it, '' for what is not stated. Raises UsageError for both at once, for another form, and
    for what is nowhere on earth."""
    if coordinates and grid:
        raise UsageError("a place has coordinates or a grid position; give one of them")
    latitude, longitude = _pair(coordinates, "coordinates", "47.1,8.2 (latitude,longitude in degrees)")
    east, north = _pair(grid, "a grid position", "2683400,1247100 (east,north in metres)")
    if latitude is not None and longitude is not None and not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        swapped = -90 <= longitude <= 90 and -180 <= latitude <= 180
        raise UsageError(
            f"{coordinates} is nowhere on earth: a latitude is -90 to 90, a longitude -180 to 180"
            + ("; latitude comes first" if swapped else "")
        )
    return Place(latitude, longitude, east, north)


def _pair(text: str, what: str, form: str) -> tuple[float | None, float | None]:
    if not text.strip():
        return None, None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise UsageError(f"{quoted(text)}: {what} are written as {form}, with decimal points")
    first, second = map(float, parts)
    if not (math.isfinite(first) and math.isfinite(second)) or max(abs(first), abs(second)) > 1e8:
        raise UsageError(f"{quoted(text)}: {what} are written as {form}")
    return first, second


def _one_kind_of_place(connection: Any, row: Point) -> None:
    """Distances are between places of one kind."""
    if row.latitude is None and row.east is None:
        return
    for other in points_of(connection, row.job):
        if other.number != row.number and (other.latitude is None) != (row.latitude is None):
            if other.latitude is None and other.east is None:
                continue
            has = "a grid position" if other.latitude is None else "coordinates"
            raise UsageError(f"point {other.name} of that job has {has}; give this one the same kind, for distances")


def points_meant(archive: Archive, jobs: Sequence[str], points: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the points of some jobs, and of points by name; of one that has both, of the jobs' points those
    named. Raises NotFound, UsageError."""
    with archive.store.reading() as connection:
        of_jobs = {}
        for text in jobs:
            job = job_named(archive, connection, text)
            own = points_of(connection, job.number)
            if not own:
                raise UsageError(f"job {job.name} has no points, so nothing was recorded there; sfm point add adds one")
            of_jobs[job.name] = own
        if not points:
            return tuple(sorted({one.number for own in of_jobs.values() for one in own}))
        found = set()
        for text in points:
            within = [f"{job}/{text}" for job in of_jobs if "/" not in text]
            found |= {point_named(archive, connection, name).number for name in within or [text]}
    return tuple(sorted(found))
