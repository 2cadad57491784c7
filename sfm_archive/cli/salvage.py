"""`sfm salvage`: what still reads of a damaged archive, in a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.options import actor_option, json_option
from sfm_archive.cli.output import OutputFormat, emit_result, shown, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.maintaining.salvaging import SalvageReport


_MOST_LISTED = 200


@click.command("salvage")
@click.argument("damaged", type=path_type())
@click.argument("new", type=path_type())
@actor_option
@json_option
@click.pass_context
def command(ctx: click.Context, damaged: Path, new: Path, actor: str | None, output: OutputFormat) -> None:
    """Save what is intact in a damaged archive.

    DAMAGED is read page by page and stays as it is; it may be cut off, altered anywhere, or refused by every other
    command. NEW gets every event, revision, file, value and record that is intact, with its old number and times, and
    the old history as evidence in its own. What could not be saved is listed; then the exit code is 5.

    Try a backup first: it has everything up to its day.

    \b
    Example:
      sfm salvage quarry.sfm saved.sfm
    """
    from sfm_archive import salvage

    with progress_on_terminal("salvaging") as progress:
        report = salvage(damaged, new, actor=actor, progress=progress)
    emit_result(output, report, result)
    tell(f"history head {report.history_head}; next: {command_line('sfm', 'verify', new)}")
    if not report.lossless:
        ctx.exit(ExitCode.DAMAGED)


def result(report: SalvageReport) -> str:
    """What was saved, what was not, and what the old history says."""
    lines = [f"saved: {', '.join(f'{number:,} {what}' for what, number in report.saved.items())}"]
    for loss in report.losses[:_MOST_LISTED]:
        event = f"event {loss.event_id}, " if loss.event_id else ""
        lines.append(shown(f"lost: {event}{loss.subject}: {loss.message}; {loss.advice}"))
    if len(report.losses) > _MOST_LISTED:
        lines.append(f"and {len(report.losses) - _MOST_LISTED:,} more; --json lists all")
    if report.unreadable_rows:
        lines.append(f"{report.unreadable_rows:,} rows cannot be read; what the history knows of them is listed above")
    state = "whole up to there" if report.chain_holds else "not whole: rows are missing or altered"
    if not report.old_length:
        state = "nothing of it can be read"
    lines.append(f"old history: {report.old_length:,} changes, head {report.old_head}, {state}")
    if report.was_sealed:
        lines.append("the old archive was sealed; the new one is another archive, not sealed, which can be changed")
    lines.append(f"{len(report.losses):,} lost" if report.losses else "nothing is known to be lost")
    return "\n".join(lines)
