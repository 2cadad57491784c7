"""Two jobs that are one, as after a merge of archives in which it was stated twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import TakenBack
from sfm_archive.base.texts import folded
from sfm_archive.errors import UsageError
from sfm_archive.model.statements import Blast, PointLimits, UnitWindow
from sfm_archive.sites.jobs import events_of_points, job_named, points_of
from sfm_archive.sites.stating import state, who, why
from sfm_archive.storage import statements


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsJoined:
    """Two jobs that were made one. `job`, `other`: their numbers; `name`: of the one that stays. `points`: how many
    points of the other are its now; `windows`, `limits`, `blasts`: how many statements name it or its points now;
    `events`: of how many events lists tell another job or point."""

    job: int
    other: int
    name: str
    points: int
    windows: int
    limits: int
    blasts: int
    events: int
    dry_run: bool


def join_jobs(
    archive: Archive, job: str, other: str, *, by: str = "", reason: str, dry_run: bool = False
) -> JobsJoined:
    """Say that two jobs are one: the points and blasts of `other` are those of `job` from then on, and `other` is
    withdrawn. A point of a name that both have is one too: windows and limits of the other's are those of `job`'s.

    Jobs are named by name, or by number where several have one name. What was said of either stays in the history.
    Raises NotFound, UsageError for one job named twice and where both have limits from one moment on, ReadOnlyArchive,
    Busy.
    """
    said: dict[str, Any] = {"decided_by": who(archive, by), "reason": why(reason, needed="joining jobs")}
    done = JobsJoined(job=0, other=0, name="", points=0, windows=0, limits=0, blasts=0, events=0, dry_run=dry_run)
    try:
        with archive.store.transaction() as connection:
            done = _joined(archive, connection, job, other, said, dry_run=dry_run)
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    return done


def _joined(
    archive: Archive, connection: Any, job: str, other: str, said: dict[str, Any], *, dry_run: bool
) -> JobsJoined:
    into, gone = job_named(archive, connection, job), job_named(archive, connection, other)
    if into.number == gone.number:
        raise UsageError(f"{job!r} and {other!r} are one job already; sfm jobs lists their numbers")
    here = {folded(one.name): one for one in points_of(connection, into.number)}
    moved = {one.number: here.get(folded(one.name), one).number for one in points_of(connection, gone.number)}
    concerned = set(events_of_points(connection, {*moved, *moved.values()}))
    limits = [one for one in statements.that_count(connection, PointLimits).values() if one.point in moved]
    windows = [one for one in statements.that_count(connection, UnitWindow).values() if one.point in moved]
    blasts = [one for one in statements.that_count(connection, Blast).values() if one.job == gone.number]
    _refuse_two_limits(connection, limits, moved)
    own = [one for one in points_of(connection, gone.number) if moved[one.number] == one.number]
    joined = [one for one in points_of(connection, gone.number) if moved[one.number] != one.number]
    rows: list[Any] = [one._replace(job=into.number, **said) for one in own]
    rows += [one._replace(point=moved[one.point], **said) for one in windows if moved[one.point] != one.point]
    rows += [one._replace(point=moved[one.point], **said) for one in limits if moved[one.point] != one.point]
    rows += [one._replace(job=into.number, **said) for one in blasts]
    rows += [one._replace(withdrawn=1, **said) for one in joined]
    rows.append(gone._replace(withdrawn=1, **said))
    changed = 0
    for at, row in enumerate(rows, start=1):
        # The rows of events are made once, behind the last statement.
        meant = _all_of(concerned if at == len(rows) else ())
        made = state(archive, _as_it_is(row), meant=meant, dry_run=False)
        changed += made.changed
    return JobsJoined(
        job=into.number,
        other=gone.number,
        name=into.name,
        points=len(own),
        windows=len(windows),
        limits=len(limits),
        blasts=len(blasts),
        events=changed,
        dry_run=dry_run,
    )


def _as_it_is(row: Any) -> Callable[[Any], Any]:
    return lambda _connection: row


def _all_of(events: Collection[int]) -> Callable[[Any, Any], Collection[int]]:
    return lambda _connection, _row: events


def _refuse_two_limits(connection: Any, limits: list[PointLimits], moved: dict[int, int]) -> None:
    """Raise UsageError where limits of both hold at one point from one moment on."""
    for other in statements.that_count(connection, PointLimits).values():
        for one in limits:
            target = moved[one.point]
            if (
                other.point == target != one.point
                and other.from_local == one.from_local
                and _says_otherwise(one, other)
            ):
                raise UsageError(
                    f"both jobs have limits of that point from one moment on (numbers {other.number} and {one.number}: "
                    f"{other.told}; {one.told}); withdraw one of them first (sfm point limits)"
                )


def _says_otherwise(one: PointLimits, other: PointLimits) -> bool:
    return (one.limits, one.curve, one.airblast, one.judge) != (other.limits, other.curve, other.airblast, other.judge)
