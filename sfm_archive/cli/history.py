"""`sfm history`: every change of an archive, and whether their chain holds."""

from __future__ import annotations

import json

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell
from sfm_archive.errors import Damaged

COLUMNS = (
    Column("change", "sequence", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
    Column("with", "tool"),
    Column("action", "action"),
    Column("event", "event_id", number=True),
    Column("hash", "sha256"),
)


@click.command("history")
@archive_to_read
@click.argument("event", metavar="[EVENT]", required=False, shell_complete=complete_events)
@click.option("--verify", "check", is_flag=True, help="Recompute every hash of the chain and say whether it holds.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest N changes.", metavar="N")
@json_option
def command(access: Access, event: str | None, check: bool, limit: int | None, output: OutputFormat) -> None:
    """Show every change of an archive.

    Oldest first; of one event where EVENT names it.

    Each change is bound to the one before by its hash, so the newest hash, noted elsewhere, shows later whether
    anything before it was altered: the history is tamper-evident. It does not stop somebody who rewrites the whole
    file; the noted hash does not fit then.

    \b
    Examples:
      sfm history quarry.sfm
      sfm history quarry.sfm M529LKIQ.7M0W
      sfm history quarry.sfm --verify
    """
    with access.to_read() as archive:
        event_id = None if event is None else archive.find(event).event_id
        rows = archive.history(event_id, limit)
        broken = archive.broken_history() if check else None
        length, head = archive.history_head()
    if output is OutputFormat.JSON:
        emit_json(
            {
                "archive": str(access.path),
                "length": length,
                "history_head": head,
                "verified": None if not check else broken is None,
                "changes": [{**to_plain(row), "detail": json.loads(row.detail)} for row in rows],
            }
        )
    elif not check:
        emit(table(COLUMNS, [[getattr(row, column.name) for column in COLUMNS] for row in rows]))
    if broken is not None:
        raise Damaged(f"{access.path}: {broken}. Everything before it is intact; compare with a backup")
    if check:
        tell(f"the chain of {counted(length, 'change')} holds")
    tell(f"history head {head}")
