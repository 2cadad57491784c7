"""`sfm demo`: the whole round on recordings that come with the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access, tell_history_head
from sfm_archive.cli.output import counted, emit, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.demo import DemoReport


LOUD_EVENT = "M529LL33.JM0W"
"""A waveform of the demo that is worth a look."""


@click.command("demo")
@click.argument("folder", type=path_type(), default=Path("sfm-demo"), metavar="[FOLDER]")
@click.pass_context
def command(ctx: click.Context, folder: Path) -> None:
    """Build a small archive, list it, export it, verify it.

    FOLDER (sfm-demo where none is given) gets demo.sfm and the exported folder blastware. The recordings are real
    blasting vibration in simulated downloads; one event is faulty on purpose. It can be run again.

    \b
    Example:
      sfm demo
    """
    from sfm_archive.demo import run_demo

    with progress_on_terminal("demo") as progress:
        report = run_demo(folder, progress)
    emit("\n".join(_story(report)))
    with Access(path=report.archive).to_read() as archive:
        tell_history_head(archive)
    for sentence in report.unexpected:
        tell(f"not as it should be: {sentence}")
    if not report.verified.ok:
        ctx.exit(ExitCode.DAMAGED)
    if report.unexpected:
        ctx.exit(ExitCode.FINDINGS)


def _story(report: DemoReport) -> list[str]:
    from sfm_archive.cli.event_table import event_table
    from sfm_archive.cli.export import totals
    from sfm_archive.cli.verify import result

    archive, target = report.archive, report.target
    with Access(path=archive).to_read() as opened:
        events = list(opened.listing(newest_first=True))
    sources = counted(report.imported.files_found, "capture")
    story = [
        f"{archive} holds {counted(len(events), 'event')} from {sources} that come with sfm-archive."
        if report.first_run
        else f"{archive} was there from an earlier run: importing the same {sources} again added "
        f"{counted(report.imported.events_created, 'event')}.",
        f"\n$ {command_line('sfm', 'list', archive)}",
        event_table(events),
        f"\n$ {command_line('sfm', 'export', archive, target)}",
        totals(report.exported),
        f"\n$ {command_line('sfm', 'verify', archive)}",
        result(report.verified),
    ]
    for item in report.not_encodable:
        story += [
            f"\nOne event of {item.serial} is faulty on purpose. {item.message[:1].upper()}{item.message[1:]}.",
            "It is kept, frame for frame, and reported; a file that Blastware would misread is not made of it.",
        ]
    return [*story, *_next_steps(report)]


def _next_steps(report: DemoReport) -> list[str]:
    archive, folder = report.archive, report.target.parent
    shown = report.not_encodable[0].event_id if report.not_encodable else 1
    steps: list[tuple[str, ...]] = [
        ("show", str(shown)),
        ("list", "--ppv-from", "0.5in/s"),
        ("plot", str(LOUD_EVENT)),
        ("analyse",),
        ("report", "-o", str(folder / "report.pdf")),
        ("summary",),
        ("export", str(folder / "again"), "--serial", "BE11529", "--manifest"),
    ]
    return [
        "\nTry next:",
        *(f"  {command_line('sfm', verb, archive, *words)}" for verb, *words in steps),
        "with your own files:",
        "  sfm create quarry.sfm",
        "  sfm import quarry.sfm FOLDER",
    ]
