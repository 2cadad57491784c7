"""`sfm zones`: the time zones that units' clocks show."""

from __future__ import annotations

import click

from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell

COLUMNS = (Column("serial", "serial"), Column("time zone", "time_zone"))


@click.command("zones")
@archive_to_change
@click.argument("serial", required=False)
@click.argument("zone", required=False)
@json_option
def command(access: Access, serial: str | None, zone: str | None, output: OutputFormat) -> None:
    """State the time zone of a unit's clock, or list them.

    A unit records its own clock without a zone. ZONE is an IANA name such as Europe/Berlin, or `unknown`. Recorded
    times stay as they are; `sfm show` prints the UTC that follows, and how sure it is.

    \b
    Examples:
      sfm zones quarry.sfm
      sfm zones quarry.sfm BE11529 America/Denver
    """
    if serial is not None and zone is None:
        raise click.UsageError("give the zone too: sfm zones ARCHIVE SERIAL ZONE")
    if serial is not None and zone is not None:
        with changing(access.to_write()) as archive:
            stated = archive.state_time_zone(serial, zone)
            zones = archive.time_zones()
        tell(f"{serial.upper()}: {zone}" + ("" if stated else " was stated before; nothing changed"))
    else:
        with access.to_read() as archive:
            zones = archive.time_zones()
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "zones": zones})
    elif serial is None:
        emit(table(COLUMNS, [[unit, name] for unit, name in zones.items()]) if zones else "no zone is stated")
