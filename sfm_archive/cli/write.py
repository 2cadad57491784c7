"""`sfm write`: one event in any installed format."""

from __future__ import annotations

from pathlib import Path

import click

from sfm_archive.cli.completers import complete_events, complete_exporters
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read
from sfm_archive.cli.output import emit_bytes, tell
from sfm_archive.cli.paths import path_type


@click.command("write")
@archive_to_read
@click.argument("event", metavar="EVENT", shell_complete=complete_events)
@click.option(
    "--as", "exporter", required=True, metavar="NAME", shell_complete=complete_exporters,
    help="The format; `sfm plugins` lists exporters.",
)  # fmt: skip
@click.option(
    "--to", "folder", type=path_type(files=False),
    help="Write it into this folder, under the event file's name and the format's extension.  [default: print it]",
)  # fmt: skip
def command(access: Access, event: str, exporter: str, folder: Path | None) -> None:
    """Write one event in another format.

    EVENT is an id or the name of an event file. Existing files are not replaced.

    \b
    Examples:
      sfm write quarry.sfm 17 --as ascii-values
      sfm write quarry.sfm M529LKIQ.7M0W --as ascii-values --to tables
    """
    with access.to_read() as archive:
        written = archive.write_as(archive.find(event).event_id, exporter, folder)
    if folder is not None:
        tell(f"{folder / written.filename}: {len(written.data):,} bytes")
    else:
        emit_bytes(written.data)
