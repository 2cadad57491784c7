"""`sfm place`: which unit stood at which point, and when."""

from __future__ import annotations

from datetime import datetime

import click

from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, since_moment
from sfm_archive.cli.output import OutputFormat
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement


@click.command("place")
@archive_to_change
@click.argument("serial", required=False)
@click.option("--at", metavar="JOB/POINT", help="Where it stood; POINT alone where one job has it.")
@click.option("--from", "since", type=since_moment, metavar="WHEN", help="From then on, that minute included.")
@click.option("--until", type=since_moment, metavar="WHEN", help="Up to then, that minute not included.")
@click.option("--end", type=(int, since_moment), metavar="WINDOW WHEN", help="Say until when a window lasts.")
@click.option("--withdraw", type=int, metavar="WINDOW", help="Take a window back: it counts for no event any more.")
@statement_options()
def command(
    access: Access,
    serial: str | None,
    at: str | None,
    since: datetime | None,
    until: datetime | None,
    end: tuple[int, datetime] | None,
    withdraw: int | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say at which point a unit stood, and from when to when.

    Times are device-local, as the unit's clock shows them. An event is of the point whose window holds its unit and its
    start; each interval of a histogram is of the one that holds the interval. Windows of one unit do not overlap.

    \b
    Examples:
      sfm place quarry.sfm BE11529 --at "North Quarry/Church" --from "2026-05-01 08:00"
      sfm place quarry.sfm --end 1 "2026-05-12 17:30"
      sfm place quarry.sfm --withdraw 1 --reason "it was another unit"
    """
    import sfm_archive as sfm

    given = [serial is not None or at is not None or since is not None or until is not None]
    if sum([*given, end is not None, withdraw is not None]) != 1:
        raise click.UsageError(
            "say one thing: SERIAL --at JOB/POINT --from WHEN, --end WINDOW WHEN, or --withdraw WINDOW --reason TEXT"
        )
    if given[0] and (serial is None or at is None or since is None):
        raise click.UsageError("a window needs a unit, a point and a begin: SERIAL --at JOB/POINT --from WHEN")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        if serial is not None and at is not None and since is not None:
            made = sfm.place(archive, serial, at=at, since=since, until=until, **said.parts())
        elif end is not None:
            made = sfm.end_window(archive, end[0], end[1], **said.parts())
        else:
            assert withdraw is not None
            made = sfm.withdraw_window(archive, withdraw, **said.parts())
    tell_statement(access, made, output)
