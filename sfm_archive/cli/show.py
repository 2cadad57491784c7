"""`sfm show`: everything about one event."""

from __future__ import annotations

from typing import Any

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import SEALED_MEANS, OutputFormat, emit, emit_json, pairs, table


@click.command("show")
@archive_to_read
@click.argument("event", metavar="EVENT", shell_complete=complete_events)
@json_option
def command(access: Access, event: str, output: OutputFormat) -> None:
    """Show everything about one event.

    Identity, point, corrections, frames, encodings, files, values, findings, history. Values of every source stand side
    by side, as recorded; `*` marks the one that counts. EVENT is an id or the name of an event file, received or
    computed.

    \b
    Examples:
      sfm show quarry.sfm 17
      sfm show quarry.sfm M529LKIQ.7M0W --json
    """
    with access.to_read() as archive:
        described, sealed = archive.describe(event), archive.store.sealed
    whole = to_plain(described)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "sealed": sealed, **whole})
    else:
        emit(_text(whole, described.place.told, sealed=sealed))


def _text(whole: dict[str, Any], place: str, *, sealed: bool) -> str:
    from sfm_archive.archive.event_sections import event_sections, identity_pairs

    first: list[tuple[str, object]] = [("archive", f"sealed: {SEALED_MEANS}")] if sealed else []
    parts = [pairs([*first, *identity_pairs(whole, place)])]
    for title, columns, rows, notes in event_sections(whole):
        shown = table(columns, rows, indent="  ") if rows else "  none"
        parts.append("\n".join([title, shown, *(f"  {note}" for note in notes)]))
    return "\n\n".join(parts)
