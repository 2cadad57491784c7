"""`sfm plot`: one event as a picture, or as a sketch in the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.limit_options import judge_option, limit_options
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, units_option
from sfm_archive.cli.output import emit, tell
from sfm_archive.cli.page_options import language_option
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.preferences import preferred
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.model.units import GeoUnit
    from sfm_archive.reporting.run import WrittenDrawing


@click.command("plot")
@archive_to_read
@click.argument("event", metavar="EVENT", shell_complete=complete_events)
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE",
    help="Write a picture: .png, .svg or .pdf.  [default: a sketch in the terminal]",
)  # fmt: skip
@click.option("--fft", is_flag=True, help="Add the amplitude spectrum of each channel.")
@limit_options("usbm and osmre for in/s, din for mm/s")
@judge_option
@units_option("that of the event's documents, in/s without any")
@language_option
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    event: str,
    target: Path | None,
    fft: bool,
    limits: LimitWords,
    judge: str,
    units: GeoUnit | None,
    language: str | None,
    overwrite: bool,
) -> None:
    """Plot an event.

    Traces with trigger and peaks, or a histogram's intervals over time; below them each channel's peak over its
    frequency on limit curves, with the verdicts, that of the airblast included. In the terminal the numbers, the
    verdicts and with --fft each channel's dominant frequency stand below the sketch.

    EVENT is an id or the name of an event file. Signs that no font of this computer has are named, and the exit code is
    then 1. Pictures need the extra `plots`, the sketch only `waveforms`.

    \b
    Examples:
      sfm plot quarry.sfm 17
      sfm plot quarry.sfm M529LKIQ.7M0W -o event.png --fft --limits din --language de
    """
    if target is not None and target.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise click.UsageError(f"{target}: a plot is written as .png, .svg or .pdf; name the file so")
    if target is None and language is not None:
        raise click.UsageError("--language is of a picture; give it with -o")
    require_extra("sfm plot", "waveforms" if target is None else "plots")
    from sfm_archive import sketch_event, write_plot

    asked: dict[str, Any] = {
        "limits": limits.curves,
        "airblast": limits.airblast,
        "judge": judge,
        "units": units,
    }
    with access.to_read() as archive:
        if target is None:
            width = shutil.get_terminal_size().columns
            emit(sketch_event(archive, event, width, **asked, fft=fft))
            return
        asked["language"] = preferred(archive, language=language).preferences.language or "en"
        drawn = write_plot(archive, event, target, **asked, fft=fft, overwrite=overwrite)
    tell(f"{target} {'written' if drawn.new else 'was there already'} ({drawn.size:,} bytes)")
    exit_with_findings(ctx, drawn)


def exit_with_findings(ctx: click.Context, drawn: WrittenDrawing) -> None:
    """Say what could not be drawn as it was typed; then the exit code is that of findings."""
    for finding in drawn.findings:
        tell(finding.message)
    if drawn.findings:
        ctx.exit(ExitCode.FINDINGS)
