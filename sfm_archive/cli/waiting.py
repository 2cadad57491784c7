"""`sfm waiting`: the received files that wait for their event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.archive import Archive

COLUMNS = (
    Column("received (UTC)", "received_at_utc"),
    Column("kind", "kind"),
    Column("file", "name"),
    Column("unit", "serial"),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("belongs to", "pairs_with"),
)


@click.command("waiting")
@archive_to_read
@json_option
@click.pass_context
def command(ctx: click.Context, access: Access, output: OutputFormat) -> None:
    """List the files that wait for their event.

    A report or sidecar that comes before its event is kept, and joined by the import that brings the event. So are
    parts of events in captures: frames without the one that opens their event, events without serial or time, 0C
    records of other events. Each file is listed with the serial and time that it states and the reason why it waits;
    so are files that are only kept as received, for which no event comes. If one is damaged, the exit code is 1.

    \b
    Example:
      sfm waiting quarry.sfm
    """
    with access.to_read() as archive:
        found: list[dict[str, object]] = to_plain(archive.waiting())
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "waiting": found})
    else:
        _print(found)
    if any(one["damaged"] for one in found):
        ctx.exit(ExitCode.FINDINGS)


def tell_waiting(archive: Archive, waiting: int) -> None:
    """Where files wait for their event, how many: they are in no list and no number."""
    if waiting:
        wait = "waits for its" if waiting == 1 else "wait for their"
        tell(f"{counted(waiting, 'file')} {wait} event: {command_line('sfm', 'waiting', archive.path)}")


def _print(found: list[dict[str, object]]) -> None:
    if found:
        emit(table(COLUMNS, [[_cell(one, column.name) for column in COLUMNS] for one in found]))
    reasons: dict[str, list[str]] = {}
    for one in found:
        reasons.setdefault(str(one["message"]), []).append(str(one["name"]))
    for message, names in reasons.items():
        tell(f"{names[0] if len(names) == 1 else counted(len(names), 'file')}: {message}")
    waits = sum(bool(one["waits"]) for one in found)
    alone = f"; {counted(len(found) - waits, 'file')} kept as received, for which no event comes"
    tell(f"{counted(waits, 'file')} waiting{alone if waits < len(found) else ''}")


def _cell(one: dict[str, object], name: str) -> str:
    text = str(one[name])
    if name == "recorded_at_local":
        return text.replace("T", " ")
    # Every name points somewhere; one without a dot is no event file's.
    return "" if name == "pairs_with" and "." not in text else text
