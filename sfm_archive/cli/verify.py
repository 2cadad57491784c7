"""`sfm verify`: is everything in an archive still what was put in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, shown, table, tell
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.verifying import VerifyFinding, VerifyReport

_CHECKED = (Column("checked", "number", number=True), Column("what", "what"))


@click.command("verify")
@archive_to_read
@json_option
@click.pass_context
def command(ctx: click.Context, access: Access, output: OutputFormat) -> None:
    """Check everything that an archive holds.

    Every stored hash, the history, every recorded encoding. Nothing is changed. Whatever is damaged is named, with
    what is still good and what to do; then the exit code is 5.

    \b
    Example:
      sfm verify quarry.sfm
    """
    from sfm_archive.verifying import verify

    with access.to_read() as archive, progress_on_terminal("verifying") as progress:
        report = verify(archive, progress)
    if output is OutputFormat.JSON:
        emit_json(report.as_dict())
    else:
        emit(result(report))
        for finding in report.notes:
            tell(f"note: {_sentence(finding)}")
    if not report.ok:
        ctx.exit(ExitCode.DAMAGED)


def result(report: VerifyReport) -> str:
    """What was checked, what is damaged, and the verdict."""
    lines = [table(_CHECKED, [(f"{number:,}", what) for what, number in report.checked.items()])]
    lines += [f"damaged: {_sentence(finding)}" for finding in report.damage]
    lines.append("everything is as it was put in" if report.ok else f"{len(report.damage):,} damaged")
    lines.append(f"history head {report.history_head}")
    return "\n".join(lines)


def _sentence(finding: VerifyFinding) -> str:
    event = "" if finding.event_id is None else f"event {finding.event_id}, "
    return shown(f"{event}{finding.subject}: {finding.message}; {finding.advice}")
