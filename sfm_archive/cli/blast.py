"""`sfm blast`: blasts of jobs, and the events that they made."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.blast_options import (
    at_moment,
    charge_option,
    distances_option,
    place_of_blast,
    within_option,
)
from sfm_archive.cli.blast_views import list_command, show_command
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change
from sfm_archive.cli.output import OutputFormat, counted, emit_json, tell, tell_first
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.sites.blast_lists import BlastsImported
    from sfm_archive.sites.stating import StatementMade

_MOST_SAID = 20


@click.group("blast")
def command() -> None:
    """Blasts of a job, and the events that they made.

    Events of units that start near a blast in time are proposed to it; a person confirms or refuses them, and a
    proposal counts for nothing. Then each point of the job has its distance, scaled distances and a verdict.

    \b
    Examples:
      sfm blast add quarry.sfm "North Quarry" --at "2026-05-04 11:30" --name 17 --charge "120 kg" --distance Church=450m
      sfm blast import quarry.sfm "North Quarry" blasts.csv --dry-run
      sfm blast list quarry.sfm --job "North Quarry" --since 2026-05
      sfm blast confirm quarry.sfm 3 --proposed --by "A. Miller"
      sfm blast show quarry.sfm 3
    """


command.add_command(list_command)
command.add_command(show_command)


@command.command("add")
@archive_to_change
@click.argument("job")
@click.option("--at", type=at_moment, required=True, metavar="WHEN", help="Date and time, in the job's time zone.")
@click.option("--name", default="", metavar="NAME", help="Its name or number.")
@charge_option
@place_of_blast
@distances_option
@click.option("--zone", default="", metavar="ZONE", help="Time zone of --at, where the job has none or it is another.")
@statement_options()
def add(
    access: Access,
    job: str,
    at: datetime,
    name: str,
    charge: str | None,
    coordinates: str | None,
    grid: str | None,
    distances: tuple[tuple[str, str], ...],
    zone: str,
    said: Said,
    output: OutputFormat,
) -> None:
    """Add a blast to a job.

    The same time and name again changes nothing; with other numbers it corrects the blast, and needs a --reason.
    """
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.add_blast(
            archive,
            job,
            at,
            name=name,
            charge=charge or "",
            coordinates=coordinates or "",
            grid=grid or "",
            distances=distances,
            zone=zone,
            **said.parts(),
        )
    tell_statement(access, made, output)


@command.command("correct")
@archive_to_change
@click.argument("blast", type=WholeNumber(min=1))
@click.option("--at", type=at_moment, metavar="WHEN", help="Date and time, in its time zone.")
@click.option("--name", metavar="NAME", help="Its name or number.")
@charge_option
@place_of_blast
@distances_option
@click.option("--zone", metavar="ZONE", help="Time zone of its time.")
@statement_options(reason_needed=True)
def correct(
    access: Access,
    blast: int,
    at: datetime | None,
    name: str | None,
    charge: str | None,
    coordinates: str | None,
    grid: str | None,
    distances: tuple[tuple[str, str], ...],
    zone: str | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say otherwise of a blast; what is not given stays as it is, an empty text takes it back."""
    import sfm_archive as sfm

    if all(one is None for one in (at, name, charge, coordinates, grid, zone)) and not distances:
        raise click.UsageError("what is to be corrected? give --at, --name, --charge, --coordinates, --distance, …")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.correct_blast(
            archive,
            blast,
            at=at,
            name=name,
            charge=charge,
            coordinates=coordinates,
            grid=grid,
            distances=distances,
            zone=zone,
            **said.parts(),
        )
    tell_statement(access, made, output)


@command.command("withdraw")
@archive_to_change
@click.argument("blast", type=WholeNumber(min=1))
@click.option("--event", metavar="EVENT", help="Not the blast, but what was decided of this event for it.")
@statement_options(reason_needed=True)
def withdraw(access: Access, blast: int, event: str | None, said: Said, output: OutputFormat) -> None:
    """Take a blast back; its events stay as they are and are of no blast."""
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        if event is None:
            made = sfm.withdraw_blast(archive, blast, **said.parts())
        else:
            made = sfm.withdraw_blast_event(archive, blast, event, **said.parts())
    tell_statement(access, made, output)


@command.command("import")
@archive_to_change
@click.argument("job")
@click.argument("file", type=path_type(folders=False))
@click.option("--charge-unit", default="", metavar="UNIT", help="Unit of charges, kg or lb, where the list has none.")
@click.option(
    "--date-format",
    default="",
    metavar="FORM",
    help='Form of times that are not ISO 8601, such as "DD.MM.YYYY hh:mm", together with --time-zone.',
)
@click.option("--time-zone", default="", metavar="ZONE", help="Time zone of the list, where it is not the job's.")
@click.option("--without-rejects", is_flag=True, help="Take the other lines where some are no blast.")
@statement_options()
@click.pass_context
def import_(
    ctx: click.Context,
    access: Access,
    job: str,
    file: Path,
    charge_unit: str,
    date_format: str,
    time_zone: str,
    without_rejects: bool,
    said: Said,
    output: OutputFormat,
) -> None:
    """Take a list of blasts into a job, a CSV file as a spreadsheet saves it.

    Its first line names the columns: a time (or date and time), and, where known, name, charge per delay, latitude and
    longitude (or east and north), distances to points of the job ("distance Church (m)"). Headings may be in several
    languages. Units stand in headings or cells, or in --charge-unit; none is guessed. Where a line is no blast, that is
    said, and nothing is kept.

    A blast whose time and name are there already stays as it is, or is corrected where numbers differ.
    """
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive, progress_on_terminal("reading") as progress:
        made = sfm.import_blasts(
            archive,
            job,
            file,
            charge_unit=charge_unit,
            date_format=date_format,
            time_zone=time_zone,
            without_rejects=without_rejects,
            progress=progress,
            **said.parts(),
        )
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "imported": made})
    else:
        _tell_import(made)
    if made.rejects:
        ctx.exit(ExitCode.FINDINGS)


def _tell_import(made: BlastsImported) -> None:
    tell_first([f"line {one.line}: {one.why}" for one in made.rejects], _MOST_SAID, "lines that are no blast")
    if made.unread:
        tell(f"not read: {', '.join(made.unread)}")
    if made.rejects and not made.kept and not made.dry_run:
        lines = counted(len(made.rejects), "line")
        tell(f"{made.file}: {lines} of {made.lines:,} no blast; nothing was kept: correct the list and import it again")
        return
    would = "would be " if made.dry_run else ""
    tell(
        f"{made.file}: {counted(made.added, 'blast')} {would}added, {made.corrected:,} corrected, {made.unchanged:,} "
        "as before"
    )


@command.command("confirm")
@archive_to_change
@click.argument("blast", type=WholeNumber(min=1))
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option(
    "--proposed",
    is_flag=True,
    help="All events at points of the job that are proposed to it, and to which no blast is nearer.",
)
@within_option
@statement_options()
def confirm(
    access: Access,
    blast: int,
    events: tuple[str, ...],
    proposed: bool,
    within_s: float,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say that a blast made events; an event is of one blast at most."""
    _decide(access, blast, events, proposed, within_s, said, output, confirmed=True)


@command.command("refuse")
@archive_to_change
@click.argument("blast", type=WholeNumber(min=1))
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option("--proposed", is_flag=True, help="All events at points of the job that are proposed to it.")
@within_option
@statement_options()
def refuse(
    access: Access,
    blast: int,
    events: tuple[str, ...],
    proposed: bool,
    within_s: float,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say that a blast did not make events, also where that was confirmed before."""
    _decide(access, blast, events, proposed, within_s, said, output, confirmed=False)


def _decide(
    access: Access,
    blast: int,
    events: tuple[str, ...],
    proposed: bool,
    within_s: float,
    said: Said,
    output: OutputFormat,
    *,
    confirmed: bool,
) -> None:
    import sfm_archive as sfm

    if bool(events) == proposed:
        raise click.UsageError("which events? name them, or give --proposed")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        chosen = [*events]
        if proposed:
            near = sfm.proposed_events(archive, blast, within_s=within_s, nearest=False)
            taken = sfm.proposed_events(archive, blast, within_s=within_s) if confirmed else near
            chosen = [*map(str, taken)]
            for event in sorted({*near} - {*taken}):
                tell(f"event {event}: another blast is as near or nearer (sfm blast show); it is left as it is")
        decide = sfm.confirm_blast if confirmed else sfm.refuse_blast
        made: list[StatementMade] = decide(archive, blast, chosen, **said.parts())
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "statements": made})
        return
    for one in made:
        tell_statement(access, one, output)
