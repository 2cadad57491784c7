"""`sfm join`: which event a report is of, said by a person."""

from __future__ import annotations

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, emit_json, tell


@click.command("join")
@archive_to_change
@click.argument("report", metavar="FILE")
@click.argument("event")
@click.option("--by", default="", metavar="NAME", help="Who says so.  [default: the login name]")
@click.option("--reason", required=True, metavar="TEXT", help="How it is known.")
@json_option
def command(access: Access, report: str, event: str, by: str, reason: str, output: OutputFormat) -> None:
    """Say which event a report is of.

    A report that fits several events of one unit, second and type counts for none of them, unless its numbers are those
    of only one's samples; one that does not tell its unit, time or type waits. FILE is such a report in the archive, by
    the name under which it was received, its path, or the SHA-256 of its bytes; EVENT an id or a name. From then on it
    is that event's, and counts for no other. The last decision on a report counts.

    \b
    Examples:
      sfm join quarry.sfm M529LKIQ_7M0H_ASCII.TXT 17 --reason "printed from the download of the second blast"
      sfm join quarry.sfm export.txt 17 --by "A. Miller" --reason "the only event of that morning"
    """
    import sfm_archive as sfm

    with changing(access.to_write()) as archive:
        done = sfm.join_report(archive, report, event, by=by, reason=reason)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "joined": to_plain(done)})
        return
    tell(
        f"{done.report}: " + (f"is of event {done.event_id}" if done.changed else "was decided before; nothing changed")
    )
    if done.others:
        listed = f"event{'s' * (len(done.others) > 1)} {', '.join(map(str, done.others))}"
        tell(f"it does not count for {listed}, though it is kept there too")
    for misfit in done.misfits:
        tell(f"note: {misfit}; it is joined all the same, as you say")
