"""`sfm verify`: is everything in an archive intact?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.numbers import Number, WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import SEALED_MEANS, Column, OutputFormat, counted, emit_result, shown, table, tell
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from sfm_archive.verifying import Share, VerifyFinding, VerifyReport

_CHECKED = (Column("checked", "number", number=True), Column("what", "what"))


def _share(sample: str | None, part: str | None) -> Share:
    from sfm_archive.verifying import Share, parse_part, parse_sample

    try:
        if sample is not None:
            return parse_sample(sample)
        return Share() if part is None else parse_part(part)
    except UsageError as error:
        raise click.UsageError(str(error)) from error


@click.command("verify")
@archive_to_read
@click.option("--quick", is_flag=True, help="Structure, references, counts and the chain of the history only.")
@click.option("--sample", metavar="PERCENT", help="Of frames, files and changes only a random share, such as 5%.")
@click.option("--part", metavar="N/OF", help="Only one part of them, such as 3/12; the parts together are everything.")
@click.option(
    "--max-time",
    "max_seconds",
    type=Number(min=0),
    metavar="SECONDS",
    help="Stop after that time; --resume goes on from there.",
)
@click.option(
    "--processes",
    type=WholeNumber(min=0),
    default=0,
    show_default=False,
    metavar="N",
    help="How many processes check; without it as many as there are cores, where there is enough to check.",
)
@click.option("--resume", is_flag=True, help="Go on where the last verification of this archive ended early.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    *,
    quick: bool,
    sample: str | None,
    part: str | None,
    max_seconds: float | None,
    resume: bool,
    processes: int,
    output: OutputFormat,
) -> None:
    """Check everything that an archive holds.

    Every stored hash, every recorded encoding, the history, and all rows against the history.
    Nothing is changed. Whatever is damaged is named, with what is still good and what to do; then the exit code is 5.

    Every run begins with SQLite's own check and follows the whole chain of the history; --sample, --part and
    --max-time are about the rest. A verification that ended early (--max-time, Ctrl-C) leaves a small file in your
    cache folder, and --resume goes on there. What others save meanwhile is looked at in a later verification.

    \b
    Examples:
      sfm verify quarry.sfm
      sfm verify quarry.sfm --quick
      sfm verify quarry.sfm --part 3/12
      sfm verify quarry.sfm --max-time 600 --resume
    """
    from sfm_archive import Level, VerifyOptions
    from sfm_archive.verifying import default_state

    if quick and (sample is not None or part is not None or resume or max_seconds is not None):
        raise click.UsageError("--quick excludes --sample, --part, --max-time and --resume; give it alone")
    if sample is not None and part is not None:
        raise click.UsageError("--sample and --part exclude each other; give one of them")
    if resume and (sample is not None or part is not None):
        raise click.UsageError("--resume goes on with the share that was begun; give it without --sample and --part")
    options = VerifyOptions(
        level=Level.QUICK if quick else Level.FULL,
        share=_share(sample, part),
        max_seconds=max_seconds,
        state=None if quick else default_state(access.path),
        resume=resume,
        processes=processes,
    )
    with access.to_read() as archive, progress_on_terminal("verifying") as progress:
        report = archive.verify(progress, options)
    emit_result(output, report, result)
    if output is not OutputFormat.JSON:
        for finding in report.notes:
            tell(f"note: {_sentence(finding)}")
    if not report.complete:
        next_step = command_line("sfm", "verify", access.path, "--resume")
        tell(f"{counted(report.unchecked, 'thing')} left to check; go on with {next_step}")
    if not report.ok:
        ctx.exit(ExitCode.DAMAGED)


def result(report: VerifyReport) -> str:
    """What was checked, what is damaged, and the verdict."""
    checked = [(f"{number:,}", what) for what, number in report.checked.items() if number or report.level == "full"]
    lines = [table(_CHECKED, checked)]
    lines += [f"{'out of date' if one.is_out_of_date else 'damaged'}: {_sentence(one)}" for one in report.damage]
    lines.append(_verdict(report))
    lines.append(f"history head {report.history_head}")
    if report.sealed:
        lines.append(f"sealed: {SEALED_MEANS}")
    return "\n".join(lines)


def _verdict(report: VerifyReport) -> str:
    if not report.ok:
        old = sum(finding.is_out_of_date for finding in report.damage)
        damaged = len(report.damage) - old
        return ", ".join(
            f"{number:,} {word}" for number, word in ((damaged, "damaged"), (old, "out of date")) if number
        )
    if report.level == "quick":
        return (
            "structure, references, counts and history are sound; "
            "sfm verify checks the stored bytes, and the rows that lists read, too"
        )
    if not report.complete:
        return f"not finished: everything checked so far is intact ({report.share})"
    if report.nothing_fell_into_it:
        return f"{report.share}: nothing fell into it; structure and history are sound, no stored byte was looked at"
    everything = report.share == "everything"
    return "everything is intact" if everything else f"{report.share}: all of it is intact"


def _sentence(finding: VerifyFinding) -> str:
    event = "" if finding.event_id is None else f"event {finding.event_id}, "
    return shown(f"{event}{finding.subject}: {finding.message}; {finding.advice}")
