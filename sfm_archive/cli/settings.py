"""`sfm settings`: what people state of units' sample rates and geophone ranges."""

from __future__ import annotations

from datetime import datetime

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, json_option, since_moment
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell

COLUMNS = (
    Column("no.", "number", number=True),
    Column("serial", "serial"),
    Column("rate", "sample_rate"),
    Column("range", "geo_range"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("by", "decided_by"),
    Column("reason", "reason"),
    Column("state", "state"),
)


@click.command("settings")
@archive_to_change
@click.argument("serial", required=False)
@click.option("--rate", type=WholeNumber(), metavar="NUMBER", help="Samples a second: 1024, 2048, 4096, 8192, 16384.")
@click.option("--range", "geo_range", default="", metavar="RANGE", help="Geophone range: normal or sensitive.")
@click.option("--from", "since", type=since_moment, metavar="WHEN", help="From then on, that moment included.")
@click.option("--until", type=since_moment, metavar="WHEN", help="Up to then, that moment not included.")
@click.option("--withdraw", type=WholeNumber(), metavar="N", help="End statement N: it counts for no event any more.")
@click.option("--by", default="", metavar="NAME", help="Who says so.  [default: the login name]")
@click.option("--reason", default="", metavar="TEXT", help="How it is known.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say of how many events the numbers would be others.")
@json_option
def command(
    access: Access,
    serial: str | None,
    rate: int | None,
    geo_range: str,
    since: datetime | None,
    until: datetime | None,
    withdraw: int | None,
    by: str,
    reason: str,
    dry_run: bool,
    output: OutputFormat,
) -> None:
    """State the sample rate or range of a unit.

    Computed peaks rest on the geophone range, frequencies on the sample rate. Where no document of an event tells them,
    a statement counts, for the events of SERIAL that start in its span; of several the newest. Their numbers are
    computed again at once. A document of the event itself always counts first; where it says otherwise, that is a
    finding of the event.

    \b
    Examples:
      sfm settings quarry.sfm BE11529 --range sensitive --from 2026-03 --reason "set so on site, see log book"
      sfm settings quarry.sfm --withdraw 1 --reason "it was another unit"
      sfm settings quarry.sfm
    """
    import sfm_archive as sfm

    change = None
    if withdraw is not None:
        if serial is not None or rate is not None or geo_range or since is not None or until is not None:
            raise click.UsageError("--withdraw N ends a statement as it was made; give it alone, with --reason")
        with changing(access.to_change(dry_run=dry_run)) as archive:
            change = sfm.withdraw_settings(archive, withdraw, by=by, reason=reason, dry_run=dry_run)
            rows = sfm.stated_settings(archive)
    elif serial is not None:
        with changing(access.to_change(dry_run=dry_run)) as archive:
            change = sfm.state_settings(
                archive,
                serial,
                sample_rate=rate,
                geo_range=geo_range.lower(),
                since=since,
                until=until,
                by=by,
                reason=reason,
                dry_run=dry_run,
            )
            rows = sfm.stated_settings(archive)
    else:
        if rate is not None or geo_range or since is not None or until is not None or reason or by or dry_run:
            raise click.UsageError("whose settings? sfm settings ARCHIVE SERIAL --range RANGE --reason TEXT")
        with access.to_read() as archive:
            rows = sfm.stated_settings(archive)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "settings": to_plain(rows), "change": to_plain(change)})
        return
    if change is not None:
        became = "would become" if change.dry_run else "became"
        what = f"statement {change.number}"
        if withdraw is not None:
            what = f"statement {withdraw} {'would be' if change.dry_run else 'is'} withdrawn"
        tell(
            f"{what}: {counted(change.events, 'event')} meant, the computed numbers of {change.changed:,} or what they "
            f"rest on {became} others"
        )
        return
    ended = {one.withdraws: f"withdrawn by {one.decided_by}" for one in rows if one.withdraws}
    lines = [
        [
            *(str(one.number), one.serial, str(one.sample_rate or ""), one.geo_range, one.from_local, one.until_local),
            *(one.decided_by, one.reason, ended.get(one.number, "")),
        ]
        for one in rows
        if not one.withdraws
    ]
    emit(table(COLUMNS, lines) if lines else "no settings are stated")
