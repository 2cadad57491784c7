"""`sfm job`: jobs, added, corrected, withdrawn."""

from __future__ import annotations

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.job_report import command as report_command
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement
from sfm_archive.model.units import GEO_UNITS


@click.group("job")
def command() -> None:
    """Add, correct, withdraw or report on a job.

    A job is work for one client at one site. Its points are places where units stand (sfm point), and windows say which
    unit stood where and when (sfm place). What titles typed into a unit say is a hint only.

    \b
    Examples:
      sfm job add quarry.sfm "North Quarry" --client "Rock Ltd" --units mm/s --zone Europe/Berlin
      sfm jobs quarry.sfm
      sfm job report quarry.sfm "North Quarry" --since 2026-05 --until 2026-05
    """


@command.command("add")
@archive_to_change
@click.argument("name")
@click.option("--client", default="", metavar="TEXT", help="Whom the work is for.")
@click.option("--units", type=click.Choice(GEO_UNITS), help="Unit of its outputs.")
@click.option("--zone", default="", metavar="ZONE", help="Time zone of the site, such as Europe/Berlin.")
@statement_options()
def add(access: Access, name: str, client: str, units: str | None, zone: str, said: Said, output: OutputFormat) -> None:
    """Add a job."""
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.add_job(archive, name, client=client, units=units or "", zone=zone, **said.parts())
    tell_statement(access, made, output)


@command.command("correct")
@archive_to_change
@click.argument("job")
@click.option("--name", metavar="NAME", help="What it is called from now on.")
@click.option("--client", metavar="TEXT", help="Whom the work is for.")
@click.option("--units", type=click.Choice(GEO_UNITS), help="Unit of its outputs.")
@click.option("--zone", metavar="ZONE", help="Time zone of the site; an empty text for none.")
@statement_options(reason_needed=True)
def correct(
    access: Access,
    job: str,
    name: str | None,
    client: str | None,
    units: str | None,
    zone: str | None,
    said: Said,
    output: OutputFormat,
) -> None:
    """Say otherwise of a job; what is not given stays as it is."""
    import sfm_archive as sfm

    if name is client is units is zone is None:
        raise click.UsageError("what is to be corrected? give --name, --client, --units or --zone")
    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.correct_job(archive, job, name=name, client=client, units=units, zone=zone, **said.parts())
    tell_statement(access, made, output)


@command.command("withdraw")
@archive_to_change
@click.argument("job")
@statement_options(reason_needed=True)
def withdraw(access: Access, job: str, said: Said, output: OutputFormat) -> None:
    """Take a job back that has no points left; what was said of it stays in the history."""
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        made = sfm.withdraw_job(archive, job, **said.parts())
    tell_statement(access, made, output)


@command.command("join")
@archive_to_change
@click.argument("job")
@click.argument("other")
@statement_options(reason_needed=True)
def join(access: Access, job: str, other: str, said: Said, output: OutputFormat) -> None:
    """Say that two jobs are one, as after a merge.

    Points and blasts of OTHER are those of JOB from then on; a point of a name that both have is one. OTHER is
    withdrawn; what was said of it stays in the history. Where both have one name, give their numbers (sfm jobs).
    """
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=said.dry_run)) as archive:
        done = sfm.join_jobs(archive, job, other, **said.parts())
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "jobs_joined": to_plain(done)})
        return
    would = "would be" if done.dry_run else "is"
    tell(f"job {done.other} {would} job {done.job}, {done.name}")
    parts = (done.points, "point"), (done.windows, "window"), (done.blasts, "blast")
    tell(f"{', '.join(counted(number, what) for number, what in parts)} and {done.limits:,} limits with it")
    tell(f"{counted(done.events, 'event')} told otherwise in lists")


SUGGESTED = (
    Column("serial", "serial"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("events", "events", number=True),
    Column("job", "job"),
    Column("point", "point"),
    Column("typed as", "titles"),
)


@command.command("suggest")
@archive_to_read
@json_option
def suggest(access: Access, output: OutputFormat) -> None:
    """Propose windows from titles and folders.

    Events of a unit at no point, in a row and under one title, are proposed as a window; titles that resemble each
    other are taken as one. Below stand the commands that would state them: titles are stale or misspelt in practice, so
    look at each before you run it. Nothing is changed.
    """
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.suggest_windows(archive)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "suggested": found})
        return
    rows = [
        (
            one.serial,
            one.from_local.replace("T", " "),
            one.until_local.replace("T", " "),
            one.events,
            f"{one.job}{'' if one.job_known else ' (new)'}",
            f"{one.point}{'' if one.point_known or not one.point else ' (new)'}",
            ("folder " if one.from_folder else "") + "; ".join(one.titles),
        )
        for one in found
    ]
    commands = dict.fromkeys(command for one in found for command in one.commands)
    emit("\n".join([table(SUGGESTED, rows), "", *commands]) if rows else "no title or folder suggests a window")
    tell(f"{counted(len(rows), 'window')} proposed; nothing was changed")


command.add_command(report_command)
