"""`sfm watch`: what comes into folders is imported, and a program is told what somebody should know."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.durations import Duration
from sfm_archive.cli.import_ import tell_items, unit_options
from sfm_archive.cli.limit_options import judge_option, limit_options
from sfm_archive.cli.opening import Access, telling_each_wait_once
from sfm_archive.cli.options import archive_to_change
from sfm_archive.cli.output import counted, emit, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.importing import ImportReport
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.watching import Notice

_ARGUMENTS = "sfm_archive.cli.watch.arguments"


class _WithProgram(click.Command):
    """A command of which all that stands behind --notify PROGRAM is for that program, whatever it looks like."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before, found, behind = _divided(args)
        ctx.meta[_ARGUMENTS] = tuple(behind[1:])
        return super().parse_args(ctx, [*before, *([found] if found else []), *behind[:1]])


def _divided(args: list[str]) -> tuple[list[str], str, list[str]]:
    for at, word in enumerate(args):
        if word == "--":
            break
        if word == "--notify":
            return args[:at], word, args[at + 1 :]
    return args, "", []


@click.command("watch", cls=_WithProgram)
@archive_to_change
@click.argument("folders", nargs=-1, required=True, type=path_type(files=False), metavar="FOLDER...")
@click.option(
    "--settle", "settle_s", type=Duration(0.1), default="5s", show_default=True, metavar="TIME",
    help="Take a file when its size and time of change have stayed the same for so long.",
)  # fmt: skip
@click.option(
    "--rescan", "rescan_s", type=Duration(1), default="10min", show_default=True, metavar="TIME",
    help="How often to look at every file, whatever the system told of changes.",
)  # fmt: skip
@click.option(
    "--poll", is_flag=True,
    help="Compare all files every 2 s, where the file system tells of no changes; network drives are polled anyway.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="Take what is there, tell what is due, and end: for a timer.")
@unit_options
@limit_options("none: points have limits of their own, sfm point limits")
@judge_option
@click.option(
    "--silent-after", "silent_after_s", type=Duration(0.1), metavar="TIME",
    help="Tell of a unit of which nothing new has come for so long, such as 26h.",
)  # fmt: skip
@click.option(
    "--notify", "program", metavar="PROGRAM [ARG]...",
    help="Give each notice to this program, as one JSON document on its standard input. Must be the last option: all "
    "that stands behind it is for the program, which is started without a shell.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    folders: tuple[Path, ...],
    settle_s: float,
    rescan_s: float,
    poll: bool,
    once: bool,
    serial: str | None,
    time_zone: str,
    limits: LimitWords,
    judge: str,
    silent_after_s: float | None,
    program: str | None,
) -> None:
    """Import what another program writes, as it comes.

    It begins with all that is in FOLDER and below, imports each file when it has settled, and prints one line for each
    import. ARCHIVE is open only while something is imported or noted, so that others can work with it. Ctrl-C, SIGTERM
    and Ctrl-Break end it behind what is in hand.

    With --notify a program is told of events above the limits of their points (else above --limits), undecided ones,
    those at 80 % of a limit or more and over range, of units that are silent or whose calibration is overdue, and of
    what was rejected: each once, also when the watch was ended and started again. The first time notices are about what
    comes from then on. Needs the extra `watch`.

    \b
    Examples:
      sfm watch quarry.sfm ~/downloads
      sfm watch quarry.sfm ~/downloads --silent-after 26h --notify /usr/local/bin/tell-office --team blasting
      sfm watch quarry.sfm //server/seismo --poll --limits 0.5in/s --notify python tell.py
      sfm watch quarry.sfm ~/downloads --once
    """
    from sfm_archive.base.extras import require_extra
    from sfm_archive.importing import ImportOptions
    from sfm_archive.limits.named_curves import limits_from
    from sfm_archive.limits.point_limits import asks_for_points
    from sfm_archive.model.zones import checked_zone
    from sfm_archive.watching import WatchOptions, checked_program, watch

    if program is None and (silent_after_s is not None or limits.curves or limits.airblast):
        raise click.UsageError("--silent-after, --limits and --airblast say what a program is told; name it: --notify")
    if asks_for_points(limits.curves):
        limits = limits._replace(curves=())  # they are asked first anyway
    if not once:
        require_extra("sfm watch", "watch")
    options = WatchOptions(
        settle_s=settle_s,
        rescan_s=rescan_s,
        poll=poll,
        once=once,
        program=() if program is None else checked_program((program, *ctx.meta[_ARGUMENTS])),
        silent_after_s=silent_after_s,
        limits=limits_from(limits._replace(judge=judge)),
        importing=ImportOptions(serial=serial, time_zone=checked_zone(time_zone)),
    )
    with _asked_to_end() as stop:
        heard = _Printed(access.path)
        report = watch(access.path, folders, _opened(access), options, heard, stop)
    tell(
        f"{'done' if once else 'ended'}: {counted(report.imports, 'import')} of {counted(report.files, 'file')}, "
        f"{counted(report.sent, 'notice')} sent"
    )
    if once and (report.rejected or report.not_sent or report.not_taken):
        ctx.exit(ExitCode.FINDINGS)


def _opened(access: Access) -> Callable[[], Archive]:
    """Opens the archive; that it is waited for is told once in the whole watch."""
    from sfm_archive.archive import Archive

    on_wait = telling_each_wait_once()
    return lambda: Archive.open(access.path, actor=access.actor, wait_s=access.wait_s, on_wait=on_wait)


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and Ctrl-Break set. A second one ends whatever is in hand."""
    stop = threading.Event()

    def asked(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Printed:
    """One line an import and a notice on standard output, everything else beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def imported(self, report: ImportReport) -> None:
        """One line, and what somebody should look at."""
        outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in report.totals.items() if number)
        parts = [outcomes, counted(report.events_created, "new event") if report.events_created else ""]
        parts += [counted(report.revisions_added, "new revision") if report.revisions_added else ""]
        parts += [f"{counted(report.waiting_joined, 'file')} that waited joined" if report.waiting_joined else ""]
        said = f"{_now()}  imported {counted(report.files_found, 'file')}: {'; '.join(filter(None, parts))}"
        emit(said)
        tell_items(report, self._path)

    def sent(self, notice: Notice) -> None:
        """One line."""
        emit(f"{_now()}  told: {notice.kind}: {notice.sentence}")

    def told(self, sentence: str) -> None:
        """Beside the data."""
        tell(f"{_now()}  {sentence}")


def _now() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
