"""The command `sfm write`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import sfm_archive as sfm


@click.command("write")
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("event", metavar="EVENT")
@click.option("--as", "exporter", required=True, metavar="NAME", help="The format; `sfm plugins` lists exporters.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write it into this folder, under the event file's name and the format's extension.  [default: print it]",
)
def command(archive: Path, event: str, exporter: str, folder: Path | None) -> None:
    """Write one event in another format.

    EVENT is an id or the name of an event file. Nothing that stands in the folder is replaced.

    \b
    Examples:
      sfm write quarry.sfm 17 --as ascii-values
      sfm write quarry.sfm M529LKIQ.7M0W --as ascii-values --to tables
    """
    with sfm.open(archive, read_only=True) as opened:
        written = opened.write_as(opened.find(event).event_id, exporter, folder)
    if folder is None and sys.stdout.isatty():
        click.echo(as_a_terminal_may_have_it(written.data.decode("utf-8", "replace")), nl=False)
    elif folder is None:
        click.echo(written.data, nl=False)
    else:
        said = f"{folder / written.filename}: {len(written.data):,} bytes"
        click.echo(as_a_terminal_may_have_it(said), err=True)


def as_a_terminal_may_have_it(text: str) -> str:
    """The text with a `?` for all that cannot be printed: strangers' texts in it could move the cursor. Pipes and files
    get every byte."""
    return "".join(sign if sign.isprintable() or sign in "\t\n" else "?" for sign in text.replace("\r\n", "\n"))
