"""`sfm merge`: other archives into one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.opening import Access, tell_history_head
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit_result, shown, tell, tell_first
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.moving import Conflict, MergedSource, MergeReport

_MOST_SHOWN = 50


@click.command("merge")
@archive_to_change
@click.argument("sources", nargs=-1, required=True, type=path_type(), metavar="OTHER...")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be taken.")
@json_option
@click.pass_context
def command(ctx: click.Context, access: Access, sources: tuple[Path, ...], dry_run: bool, output: OutputFormat) -> None:
    """Take everything of other archives into one.

    ARCHIVE gets what it lacks of each OTHER, which is only read: events, revisions, files, values, reviews, jobs,
    windows, blasts, hand-overs, with the times and persons that they have there. What both have is there once. Where
    people decided two things of one, both decisions stay, the later one counts, and the conflict is listed. Two jobs of
    one name stay two until somebody joins them (sfm job join).

    Merging again takes what is new since, and changes nothing where nothing is. A copy of an archive in which other
    work was done is merged from there on, and told as a fork. It can be interrupted and started again. What is damaged
    in OTHER is named, and the exit code is 5; conflicts alone give 1.

    \b
    Examples:
      sfm merge office.sfm laptop.sfm
      sfm merge office.sfm north.sfm south.sfm --dry-run
    """
    import sfm_archive as sfm
    from sfm_archive.moving import merge_of_nothing

    report = None
    if not dry_run:
        with access.to_change(dry_run=True) as archive, progress_on_terminal("looking for what is new") as progress:
            report = merge_of_nothing(archive, sources, progress)
    if report is not None:
        _say(output, report)
    else:
        with access.to_change(dry_run=dry_run) as archive:
            before = archive.history_head()
            with progress_on_terminal("merging") as progress:
                report = sfm.merge(archive, *sources, dry_run=dry_run, progress=progress)
            _say(output, report)
            if not dry_run and archive.history_head() != before:
                tell_history_head(archive)
    if report.interrupted:
        tell("Interrupted; what was taken is kept. Run the same command again to continue")
        ctx.exit(ExitCode.INTERRUPTED)
    if report.damaged:
        ctx.exit(ExitCode.DAMAGED)
    if any(source.conflicts for source in report.sources):
        ctx.exit(ExitCode.FINDINGS)


def _say(output: OutputFormat, report: MergeReport) -> None:
    emit_result(output, report, _result)
    for source in report.sources:
        _tell(source)
    for name in report.same_names:
        tell(f"two jobs are called {name!r}: sfm job join makes them one, where they are")


def _result(report: MergeReport) -> str:
    done = "would be taken" if report.dry_run else "taken"
    lines = [line for source in report.sources for line in _lines(source, done)]
    if report.joined:
        lines.append(f"{counted(report.joined, 'file')} or parts that waited have their event now")
    if report.events_joined:
        lines.append(
            f"{counted(report.events_joined, 'event')} known by one file alone became another one, as both say"
        )
    return "\n".join(lines) or "nothing was merged"


def _lines(source: MergedSource, done: str) -> list[str]:
    if not source.is_new:
        return [shown(f"{source.path}: nothing new in its {source.length:,} changes")]
    rows = ", ".join(f"{number:,} {table.replace('_', ' ')}" for table, number in source.rows.items())
    both = f", and what is new of {source.events_both:,} that both have" if source.events_both else ""
    lines = [shown(f"{source.path}: {counted(source.events_new, 'new event')} {done}{both}"), f"  rows: {rows}"]
    if source.forked_at:
        lines.append(f"  forked: from its change {source.forked_at} on its history is another one than is known of it")
    return lines


def _tell(source: MergedSource) -> None:
    """What somebody should look at."""
    tell_first(
        [f"damaged: {source.path}, change {one.change}: {one.subject}: {one.message}" for one in source.not_taken],
        _MOST_SHOWN,
    )
    if source.not_taken:
        tell(f"{source.path}: what is listed was not taken; work on with a backup of it, or import it again")
    tell_first([_conflict(one) for one in source.conflicts], _MOST_SHOWN, "more conflicts")


def _conflict(one: Conflict) -> str:
    of = f"event {one.event_id}, " if one.event_id else ""
    return f"conflict: {of}{one.subject}: {one.message}"
