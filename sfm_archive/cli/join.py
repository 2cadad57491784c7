"""`sfm join`: which event a file is of, said by a person."""

from __future__ import annotations

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, emit_json, tell


@click.command("join")
@archive_to_change
@click.argument("file", metavar="FILE")
@click.argument("event")
@click.option("--by", default="", metavar="NAME", help="Who says so.  [default: the login name]")
@click.option("--reason", required=True, metavar="TEXT", help="How it is known.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done.")
@json_option
def command(
    access: Access, file: str, event: str, by: str, reason: str, *, dry_run: bool, output: OutputFormat
) -> None:
    """Say which event a report, or a Micromate's binary, is of.

    A report that fits several events of one unit, second and type counts for none of them, unless its numbers are those
    of only one's samples; one that does not tell its unit, time or type waits. A Micromate's binary of whose name
    reports say two times is kept with the events of both, and so are its pages. FILE is such a file in the archive, by
    the name under which it was received, its path, or the SHA-256 of its bytes; EVENT an id or a name. From then on it
    is that event's, and no other event counts or exports it. The last decision on a file counts.

    \b
    Examples:
      sfm join quarry.sfm M529LKIQ_7M0H_ASCII.TXT 17 --reason "printed from the download of the second blast"
      sfm join quarry.sfm export.txt 17 --by "A. Miller" --reason "the only event of that morning"
      sfm join quarry.sfm UM16127_20261025033000.IDFW 17 --reason "the unit lists it at 02:30" --dry-run
    """
    import sfm_archive as sfm

    with changing(access.to_change(dry_run=dry_run)) as archive:
        done = sfm.join_file(archive, file, event, by=by, reason=reason, dry_run=dry_run)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "joined": to_plain(done)})
        return
    would = "would be" if dry_run else "is"
    tell(
        f"{done.file}: "
        + (f"{would} of event {done.event_id}" if done.changed else "was decided before; nothing changed")
    )
    if done.others:
        listed = f"event{'s' * (len(done.others) > 1)} {', '.join(map(str, done.others))}"
        tell(f"it {'would' if dry_run else 'does'} not count for {listed}, though it is kept there too")
    for misfit in done.misfits:
        tell(f"note: {misfit}; it is joined all the same, as you say")
