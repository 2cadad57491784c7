"""`sfm point`: points of jobs, added, corrected, withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from sfm_archive.cli.limit_options import tell_unread_lines
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, since_moment
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


def point_limit_options(command: Command) -> Command:
    """--limits, --airblast and --judge of a point, as `limits`, `airblast` and `judge`."""
    for add in (
        click.option(
            "--judge",
            type=click.Choice(["both", "peak", "record"]),
            help="What decides of a waveform there.  [default: what --judge of the asking command says]",
        ),
        click.option(
            "--airblast",
            default="",
            metavar="LIMIT",
            help="Airblast limit there: osmre-2hz and the like, 120dB, 100Pa, 0.01psi, or none.",
        ),
        click.option(
            "--limits",
            multiple=True,
            metavar="CURVE",
            help="Limits there: usbm, osmre, din, bs, a curve's name, a velocity such as 12mm/s (these may be given "
            "again), or one file with your own, whose text the archive keeps.",
        ),
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
      sfm point limits quarry.sfm "North Quarry/Church" --limits din-4150-3-line-3 --airblast 120dB --from 2026-05-01
    """


@command.command("add")
@archive_to_change
@click.argument("job")
@click.argument("name")
@place_options
@point_limit_options
@statement_options()
def add(
    access: Access,
    job: str,
    name: str,
    address: str | None,
    structure: str | None,
    coordinates: str | None,
    grid: str | None,
    limits: tuple[str, ...],
    airblast: str,
    judge: str | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Add a point NAME to a job."""
    import sfm_archive as sfm

    tell_unread_lines(limits)
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.add_point(
            archive,
            job,
            name,
            address=address or "",
            structure=structure or "",
            coordinates=coordinates or "",
            grid=grid or "",
            limits=limits,
            airblast=airblast,
            judge=judge or "",
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


@command.command("limits")
@archive_to_change
@click.argument("point", metavar="[JOB/POINT]", required=False)
@point_limit_options
@click.option("--from", "since", type=since_moment, metavar="WHEN", help="From then on.  [default: the first record]")
@click.option("--correct", type=int, metavar="NUMBER", help="Say otherwise of limits; give what is other.")
@click.option("--withdraw", type=int, metavar="NUMBER", help="Take limits back: those before hold on.")
@statement_options()
def limits_command(
    access: Access,
    point: str | None,
    limits: tuple[str, ...],
    airblast: str,
    judge: str | None,
    since: datetime | None,
    correct: int | None,
    withdraw: int | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say which limits hold at a point, and from when on.

    They hold for events that begin from then on, until later ones do. `--limits point` and `--above point` of other
    commands hold each event against those of its point at its start; sfm jobs lists them.

    \b
    Examples:
      sfm point limits quarry.sfm "North Quarry/Church" --limits din-4150-3-line-2 --airblast 120dB --judge peak
      sfm point limits quarry.sfm "North Quarry/Church" --limits church.csv --from 2026-06-01
      sfm point limits quarry.sfm --withdraw 2 --reason "permit was revoked"
    """
    import sfm_archive as sfm

    if (point is not None) + (correct is not None) + (withdraw is not None) != 1:
        raise click.UsageError("say one thing: JOB/POINT --limits CURVE, --correct NUMBER, or --withdraw NUMBER")
    if withdraw is not None and (limits or airblast or judge or since):
        raise click.UsageError("limits are taken back by their number alone; say others with JOB/POINT or --correct")
    own: dict[str, Any] = {"limits": limits, "airblast": airblast, "judge": judge or "", "since": since}
    tell_unread_lines(limits)
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        if point is not None:
            made = sfm.limit_point(archive, point, **own, **said.parts())
        elif correct is not None:
            made = sfm.correct_point_limits(archive, correct, **own, **said.parts())
        else:
            assert withdraw is not None
            made = sfm.withdraw_point_limits(archive, withdraw, **said.parts())
    tell_statement(access, made, output)
