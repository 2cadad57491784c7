"""`sfm correct`: what stands in records and is wrong, put right beside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, since_moment
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement

if TYPE_CHECKING:
    from sfm_archive.sites.correcting import CountingCorrection

COLUMNS = (
    Column("number", "number", number=True),
    Column("unit or event", "serial"),
    Column("of", "subject"),
    Column("right", "right"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("events", "events", number=True),
    Column("by", "decided_by"),
    Column("reason", "reason"),
)


def shift(text: str) -> timedelta:
    """A clock's shift; a usage error for anything else."""
    from sfm_archive.errors import UsageError
    from sfm_archive.model.correcting import parse_shift

    try:
        return parse_shift(text)
    except UsageError as error:
        raise click.BadParameter(str(error)) from error


@click.command("correct")
@archive_to_change
@click.argument("whose", metavar="[SERIAL|EVENT]", required=False, shell_complete=complete_events)
@click.option("--project", metavar="TEXT", help="The right project.")
@click.option("--client", metavar="TEXT", help="The right client.")
@click.option("--location", metavar="TEXT", help="The right location.")
@click.option(
    "--clock-shift",
    type=shift,
    metavar="SHIFT",
    help="By how much the clock was slow: true time = recorded time + SHIFT. +01:02:03, -00:30, +1d 02:00:00, seconds.",
)
@click.option("--zone", metavar="ZONE", help="The IANA time zone that the clock showed.")
@click.option("--from", "since", type=since_moment, metavar="WHEN", help="Events recorded from then on, included.")
@click.option("--until", type=since_moment, metavar="WHEN", help="Events recorded before then.")
@click.option("--withdraw", type=int, metavar="N", help="Take a correction back.")
@statement_options()
def command(
    access: Access,
    whose: str | None,
    project: str | None,
    client: str | None,
    location: str | None,
    clock_shift: timedelta | None,
    zone: str | None,
    since: datetime | None,
    until: datetime | None,
    withdraw: int | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Correct titles, clocks and zones; list corrections.

    SERIAL means all events that the unit recorded between --from and --until, by its clock, also those that are
    imported later; EVENT is one, by id or file name. What was recorded stays and is shown beside; event files, their
    names and what makes an event the same one never change. Filters, days and windows use the corrected time; a search
    finds the right text and the one that was recorded. The newest correction counts, and one of an event before those
    of its unit.

    \b
    Examples:
      sfm correct quarry.sfm BE11529 --project "North Quarry" --from 2026-05-01 --until 2026-05-20 --reason "old title"
      sfm correct quarry.sfm BE11529 --clock-shift +01:00:00 --from 2026-03-29 --reason "still winter time"
      sfm correct quarry.sfm 17 --location Church --reason "log book"
      sfm correct quarry.sfm --withdraw 1 --reason "it was another unit"
      sfm correct quarry.sfm
    """
    import sfm_archive as sfm

    given = any(one is not None for one in (project, client, location, clock_shift, zone, since, until))
    if whose is None and withdraw is None:
        if given:
            raise click.UsageError("say of which unit or event: sfm correct ARCHIVE SERIAL|EVENT --project TEXT …")
        with access.to_read() as archive:
            found = sfm.corrections(archive)
        if output is OutputFormat.JSON:
            emit_json({"archive": str(access.path), "corrections": found, "statement": None})
        else:
            emit(table(COLUMNS, map(_row, found)) if found else "nothing is corrected")
        return
    if withdraw is not None and (given or whose is not None):
        raise click.UsageError("--withdraw N --reason TEXT stands alone: the number says what is taken back")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        if withdraw is not None:
            made = sfm.withdraw_correction(archive, withdraw, **said.parts())
        else:
            made = sfm.correct(
                archive,
                str(whose),
                project=project,
                client=client,
                location=location,
                clock_shift=clock_shift,
                zone=zone,
                since=since,
                until=until,
                **said.parts(),
            )
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "corrections": None, "statement": made})
    else:
        tell_statement(access, made, output)


def _row(one: CountingCorrection) -> tuple[object, ...]:
    cells = one.serial or f"event {one.event_id}", one.from_local.replace("T", " "), one.until_local.replace("T", " ")
    whose, since, until = cells
    return one.number, whose, one.subject, one.right, since, until, one.events, one.decided_by, one.reason
