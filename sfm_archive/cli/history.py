"""`sfm history`: every change of an archive, and whether their chain holds."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell
from sfm_archive.errors import Damaged

if TYPE_CHECKING:
    from sfm_archive.archive.other_histories import ChangeOfOther
    from sfm_archive.archive.telling import ChangeDescription

COLUMNS = (
    Column("change", "sequence", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
    Column("with", "tool"),
    Column("action", "action"),
    Column("event", "event_id", number=True),
    Column("what", "what"),
    Column("hash", "sha256"),
)
OF_OTHER = (
    Column("change", "sequence", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
    Column("action", "action"),
    Column("event there", "event_there", number=True),
    Column("event here", "event_here", number=True),
    Column("what", "what"),
    Column("taken by", "taken_by", number=True),
    Column("hash", "sha256"),
)
_WHAT_WIDTH = 60
"""A longer text is wrapped below itself."""


@click.command("history")
@archive_to_read
@click.argument("event", metavar="[EVENT]", required=False, shell_complete=complete_events)
@click.option("--verify", "check", is_flag=True, help="Recompute every hash of the chain and say whether it holds.")
@click.option("--limit", type=WholeNumber(1, (1 << 63) - 1), help="Only the newest N changes.", metavar="N")
@click.option("--of", "other", metavar="ID", help="Changes of another archive that were merged, by that one's id.")
@json_option
def command(
    access: Access, event: str | None, check: bool, limit: int | None, other: str | None, output: OutputFormat
) -> None:
    """Show every change of an archive.

    Oldest first, each with what was done, and a decision with who took it and why. Where EVENT names one, all that
    concerns it: also the zone of its unit's clock, encoders and decoders pinned since it came, folders in which it was
    handed over, files that waited for it or are left out.

    Each change is bound to the one before by its hash, so the newest hash, noted elsewhere, shows later whether
    anything before it was altered: the history is tamper-evident. It does not stop somebody who rewrites the whole
    file; the noted hash does not fit then.

    With --of the changes of another archive that were merged (sfm merge), as they stand in its own history, or of the
    one that this is an extract of; of what an extract leaves out there is the hash alone.

    \b
    Examples:
      sfm history quarry.sfm
      sfm history quarry.sfm M529LKIQ.7M0W
      sfm history quarry.sfm --verify
      sfm history office.sfm --of 3f2a9c0d
    """
    import sfm_archive as sfm

    if other is not None and (event is not None or check or limit is not None):
        raise click.UsageError("--of shows all changes of another archive; leave the rest out")
    with access.to_read() as archive:
        others = sfm.other_archives(archive)
        if other is not None:
            _of_other(access, sfm.history_of_other(archive, other), output)
            return
        changes = sfm.told_history(archive, event, limit=limit)
        broken = archive.broken_history() if check else None
        length, head = archive.history_head()
    if output is OutputFormat.JSON:
        emit_json(
            {
                "archive": str(access.path),
                "length": length,
                "history_head": head,
                "verified": None if not check else broken is None,
                "changes": changes,
                "others": others,
            }
        )
    elif not check:
        emit(table(COLUMNS, (row for change in changes for row in _rows(change))))
    if broken is not None:
        raise Damaged(f"{access.path}: {broken}. Everything before it is intact; compare with a backup")
    if check:
        tell(f"the chain of {counted(length, 'change')} holds")
    for one in others if not check else ():
        withheld = f", {one.withheld:,} by their hash alone" if one.withheld else ""
        tell(f"{counted(one.changes, 'change')} of archive {one.archive_id}{withheld}: --of shows them")
    tell(f"history head {head}")


def _of_other(access: Access, changes: list[ChangeOfOther], output: OutputFormat) -> None:
    """The changes of another archive."""
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "changes_of_other": changes})
        return
    rows = [[getattr(one, column.name) for column in OF_OTHER] for one in changes]
    emit(table(OF_OTHER, rows))


def told_text(change: ChangeDescription) -> str:
    """What was done, with who decided it and why."""
    if not change.decided_by and not change.reason:
        return change.what
    return f"{change.what}, says {change.decided_by}{f': {change.reason}' if change.reason else ''}"


def _rows(change: ChangeDescription) -> list[list[object]]:
    """A row of the table, and below it what is left of a long text."""
    first, *more = textwrap.wrap(told_text(change), _WHAT_WIDTH) or [""]
    cells = [first if column.name == "what" else getattr(change, column.name) for column in COLUMNS]
    return [cells, *([line if column.name == "what" else "" for column in COLUMNS] for line in more)]
