"""`sfm point`: points of jobs, added, corrected, withdrawn."""

from __future__ import annotations

import click

from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change
from sfm_archive.cli.output import OutputFormat
from sfm_archive.cli.statement_options import Command, Said, statement_options, tell_statement


def place_options(command: Command) -> Command:
    """--address, --structure, --coordinates and --grid, as options of these names."""
    for add in (
        click.option("--grid", metavar="EAST,NORTH", help="Position on the job's own grid, in metres."),
        click.option(
            "--coordinates", metavar="LAT,LON", help="Latitude and longitude in degrees, WGS 84, such as 47.1,8.2."
        ),
        click.option("--structure", metavar="TEXT", help="What stands there, such as a listed building."),
        click.option("--address", metavar="TEXT", help="Where it is."),
    ):
        command = add(command)
    return command


@click.group("point")
def command() -> None:
    """Add, correct or withdraw a point of a job.

    A point is a place where units stand: a house, a pipe, a school. It is written JOB/POINT.

    \b
    Examples:
      sfm point add quarry.sfm "North Quarry" Church --address "Church Street 1" --coordinates 47.1,8.2
      sfm point correct quarry.sfm "North Quarry/Church" --structure "listed building" --reason "survey of 2 May"
    """


@command.command("add")
@archive_to_change
@click.argument("job")
@click.argument("name")
@place_options
@statement_options()
def add(
    access: Access,
    job: str,
    name: str,
    address: str | None,
    structure: str | None,
    coordinates: str | None,
    grid: str | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Add a point NAME to a job."""
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.add_point(
            archive,
            job,
            name,
            address=address or "",
            structure=structure or "",
            coordinates=coordinates or "",
            grid=grid or "",
            **said.parts(),
        )
    tell_statement(access, made, output)


@command.command("correct")
@archive_to_change
@click.argument("point", metavar="JOB/POINT")
@click.option("--name", metavar="NAME", help="What it is called from now on.")
@place_options
@statement_options(reason_needed=True)
def correct(
    access: Access,
    point: str,
    name: str | None,
    address: str | None,
    structure: str | None,
    coordinates: str | None,
    grid: str | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say otherwise of a point; what is not given stays as it is."""
    import sfm_archive as sfm

    if name is address is structure is coordinates is grid is None:
        raise click.UsageError("what is to be corrected? give --name, --address, --structure, --coordinates or --grid")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.correct_point(
            archive,
            point,
            name=name,
            address=address,
            structure=structure,
            coordinates=coordinates,
            grid=grid,
            **said.parts(),
        )
    tell_statement(access, made, output)


@command.command("withdraw")
@archive_to_change
@click.argument("point", metavar="JOB/POINT")
@statement_options(reason_needed=True)
def withdraw(access: Access, point: str, said: Said, output: OutputFormat) -> None:
    """Take a point back where no unit stood; what was said of it stays in the history."""
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.withdraw_point(archive, point, **said.parts())
    tell_statement(access, made, output)
