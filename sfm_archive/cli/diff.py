"""`sfm diff`: where two files of one event differ, in the words of the format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.completers import complete_encoders, complete_events
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, encoder_name, encoder_option, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit_result, table
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.maintaining.comparing import Comparison, ComparisonReport

_SIDES = (Column("file", "file"), Column("bytes", "bytes", number=True), Column("sha256", "sha256"))
_DIFFERENCES = (
    Column("from", "start", number=True),
    Column("to", "end", number=True),
    Column("differing", "size", number=True),
    Column("part", "part"),
    Column("", "kind"),
)


def encoder_names(text: str) -> tuple[str, ...]:
    """Names of encoders with commas between them; a usage error for anything else."""
    return tuple(encoder_name(name.strip()) for name in text.split(","))


@click.command("diff")
@archive_to_read
@click.argument("event", shell_complete=complete_events)
@click.argument("file", type=path_type(), required=False)
@click.option(
    "--encoders",
    type=encoder_names,
    metavar="NAME,NAME",
    shell_complete=complete_encoders,
    help="Compare what these encoders make of the event.",
)
@encoder_option("Compare FILE with what this encoder makes.  [default: the pinned one]")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    event: str,
    file: Path | None,
    encoders: tuple[str, ...] | None,
    encoder: str | None,
    output: OutputFormat,
) -> None:
    """Show where two files of EVENT differ.

    EVENT is an id or an event file's name. Either two or more encoders are compared, the first with each of the
    others, or what one encoder makes with FILE. Each difference is named by the part of the file it lies in. When
    there are any, the exit code is 1. Nothing is changed.

    \b
    Examples:
      sfm diff quarry.sfm 12 --encoders blastware@1,blastware@2
      sfm diff quarry.sfm M529LKIQ.7M0W ~/downloads/M529LKIQ.7M0W
    """
    from sfm_archive import compare_encoders, compare_with_file

    if (encoders is None) == (file is None) or (encoders is not None and encoder is not None):
        raise click.UsageError("give either FILE, or --encoders with two names or more")
    with access.to_read() as archive:
        event_id = archive.find(event).event_id
        if file is None:
            report = compare_encoders(archive, event_id, encoders or ())
        else:
            report = compare_with_file(archive, event_id, file, encoder)
    emit_result(output, report, result)
    if not report.same:
        ctx.exit(ExitCode.FINDINGS)


def result(report: ComparisonReport) -> str:
    """The sides, then every difference."""
    rows = [(side.label, f"{side.size:,}" if side.sha256 else "none", side.sha256) for side in report.sides]
    lines = [f"event {report.event_id} ({report.name}), frames revision {report.revision}", table(_SIDES, rows)]
    lines += [f"{side.label} makes no file: {side.message}" for side in report.sides if side.message]
    return "\n".join([*lines, *(compared(comparison) for comparison in report.comparisons)])


def compared(comparison: Comparison) -> str:
    """One comparison."""
    title = f"{comparison.one} and {comparison.other}"
    if comparison.same:
        return f"\n{title}: the same"
    if not comparison.differences:
        return f"\n{title}: one side has no file"
    size = sum(difference.size for difference in comparison.differences)
    rows = [
        (f"0x{found.start:X}", f"0x{found.end - 1:X}", f"{found.size:,}", found.part, found.kind.value)
        for found in comparison.differences
    ]
    return f"\n{title}: {counted(size, 'byte')} differ\n{table(_DIFFERENCES, rows)}"
