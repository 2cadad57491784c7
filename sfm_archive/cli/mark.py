"""`sfm mark`: a name for what is in an archive now."""

from __future__ import annotations

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, emit_json, tell


@click.command("mark")
@archive_to_change
@click.argument("name")
@json_option
def command(access: Access, name: str, output: OutputFormat) -> None:
    """Name what is in an archive now, for --as-of.

    The name is a change of the history of its own: sfm history shows it with who gave it and when. A name is given
    once; one that reads as the number, hash or date of a change is refused.

    \b
    Examples:
      sfm mark quarry.sfm "handed to Rock Ltd"
      sfm list quarry.sfm --as-of "handed to Rock Ltd"
    """
    from sfm_archive import mark

    with changing(access.to_write()) as archive:
        marked = mark(archive, name)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), **to_plain(marked)})
    else:
        tell(f"change {marked.change} {'is' if marked.new else 'was already'} marked {marked.name!r}")
