"""The filters by site, --job, --point and --unplaced, as every command with filters has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sfm_archive.archive import Archive

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtSites:
    """--job, --point and --unplaced as they were given; names until an archive is there to ask."""

    jobs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    unplaced: bool = False

    def numbers(self, archive: Archive) -> tuple[int, ...]:
        """The points meant. Raises NotFound, UsageError for a name that several jobs have, or a job without points."""
        if not self.jobs and not self.points:
            return ()
        from sfm_archive.sites.jobs import points_meant

        return points_meant(archive, self.jobs, self.points)


EVERYWHERE = AtSites()


def site_filters(command: Command) -> Command:
    """--job, --point and --unplaced, as `sites`."""

    @wraps(command)
    def with_sites(*args: Any, jobs: tuple[str, ...], points: tuple[str, ...], unplaced: bool, **rest: Any) -> Any:
        return command(*args, sites=AtSites(jobs=jobs, points=points, unplaced=unplaced), **rest)

    decorated: Command = with_sites
    for add in (
        click.option(
            "--unplaced", is_flag=True, help="Only what is outside every window (sfm place); with --point, this too."
        ),
        click.option(
            "--point",
            "points",
            multiple=True,
            metavar="JOB/POINT",
            help="Only what was, or may have been, recorded at this point; POINT alone where one job has it. May be "
            "given again.",
        ),
        click.option(
            "--job", "jobs", multiple=True, metavar="JOB", help="Only what was recorded at points of this job."
        ),
    ):
        decorated = add(decorated)
    return decorated
