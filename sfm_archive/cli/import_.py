"""`sfm import`: files and folders into an archive."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access, tell_history_head
from sfm_archive.cli.options import Command, archive_to_change, json_option
from sfm_archive.cli.options import serial as as_serial
from sfm_archive.cli.output import (
    OutputFormat,
    at_text,
    counted,
    emit_result,
    tell,
    tell_first,
    totals_table,
)
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import AlreadyExists, ExitCode

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.importing import ImportReport, Noticed, NoticedOfOthers
    from sfm_archive.importing.limits_met import AtALimit

_MOST_SHOWN = 50
_MOST_AT_LIMITS = 20
_WORDS = {"note": "note"}


def unit_options(command: Command) -> Command:
    """--serial and --time-zone, as `serial` and `time_zone`: what files do not say of their units."""
    zone = click.option(
        "--time-zone",
        default="unknown",
        show_default=True,
        metavar="ZONE",
        help="Zone in which the units' clocks ran, such as Europe/Berlin. Times are kept as recorded.",
    )
    serial = click.option(
        "--serial",
        type=as_serial,
        metavar="SERIAL",
        help="Serial to use where file, name and folder give none, such as BE11529.",
    )
    return serial(zone(command))


@click.command("import")
@archive_to_change
@click.argument("sources", nargs=-1, type=path_type())
@unit_options
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="FILE",
    help="Leave this file out from now on, under any name; needs --reason. FILE, or the SHA-256 of its bytes. May be "
    "given again.",
)
@click.option(
    "--take-again",
    "taken",
    multiple=True,
    metavar="FILE",
    help="Take a file again that was left out; needs --reason. May be given again.",
)
@click.option("--by", "decided_by", default="", metavar="NAME", help="Who decided that.  [default: --actor]")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done with each file.")
@click.option("--create", "create", is_flag=True, help="Make ARCHIVE first when there is none.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    sources: tuple[Path, ...],
    serial: str | None,
    time_zone: str,
    left_out: tuple[str, ...],
    taken: tuple[str, ...],
    decided_by: str,
    reason: str,
    dry_run: bool,
    create: bool,
    output: OutputFormat,
) -> None:
    """Import files and folders.

    Downloads (raw captures), older stores, event files, reports (Blastware's ASCII text, THOR's CSV), in any mix: each
    file is recognised by its content. Importing again changes nothing and says so. Every file found is accounted for;
    if any is rejected, the exit code is 1. It can be interrupted and started again.

    A file that will never be an event, or shall not be one, is decided about once: with --leave-out its hash, the name
    and the reason go to the history, and from then on every import counts it as left out and does not mind it.

    \b
    Examples:
      sfm import quarry.sfm raw_s3_20260501_131634.bin
      sfm import quarry.sfm ~/seismo-store --time-zone Europe/Berlin
      sfm import quarry.sfm downloads --serial BE11529 --create
      sfm import quarry.sfm --leave-out downloads/test.bin --by "A. Miller" --reason "bench test, no event"
    """
    import sfm_archive as sfm

    decided = bool(left_out or taken)
    if not sources and not decided:
        raise click.UsageError("name what to import: files or folders behind the archive")
    if decided and dry_run:
        raise click.UsageError("--dry-run decides nothing; give --leave-out and --take-again without it")
    if decided and not reason.strip():
        raise click.UsageError('a decision needs a reason: --reason "bench test, no event"')
    if not decided and (decided_by or reason):
        raise click.UsageError("--by and --reason belong to --leave-out or --take-again")
    options = sfm.ImportOptions(serial=serial, time_zone=time_zone, dry_run=dry_run)
    with _opened(access, sources, create=create and not dry_run, dry_run=dry_run) as archive:
        for files, decide, done, before in (
            (left_out, sfm.leave_out, "left out from now on", "was left out before"),
            (taken, sfm.take_again, "taken again from now on", "was not left out"),
        ):
            for file in files:
                tell(f"{file}: {done if decide(archive, file, by=decided_by, reason=reason) else before}")
        with progress_on_terminal("importing") as progress:
            report = archive.import_from(*sources, options=options, progress=progress)
        if sources or output is OutputFormat.JSON:
            emit_result(output, report, _totals)
        tell_items(report, access.path)
        if not dry_run:
            tell_history_head(archive)
    if report.interrupted:
        tell("Interrupted; what is listed above is kept. Run the same command again to continue")
        ctx.exit(ExitCode.INTERRUPTED)
    if report.anything_rejected or report.waiting_damaged:
        ctx.exit(ExitCode.FINDINGS)


def _opened(access: Access, sources: tuple[Path, ...], *, create: bool, dry_run: bool) -> Archive:
    # A slip in a source's name must not leave an empty archive behind.
    if create and not access.path.exists() and all(source.exists() for source in sources):
        # Several imports may be started at once: one makes the archive, the others find it.
        with suppress(AlreadyExists):
            made = access.made()
            tell(f"{access.path} created; encoder {made.pinned_encoder}, decoder {made.pinned_decoder} pinned")
            return made
    return access.to_change(dry_run=dry_run)


def _totals(report: ImportReport) -> str:
    events, revisions = counted(report.events_created, "new event"), counted(report.revisions_added, "new revision")
    done = "would be " if report.dry_run else ""
    decided = f", {report.left_out_by_decision:,} left out by decision" if report.left_out_by_decision else ""
    return totals_table(report.totals, report.files_found, f"found; {done}{events}, {revisions}{decided}", "files")


def tell_items(report: ImportReport, path: Path) -> None:
    """The files somebody should look at: rejected ones first, all of them; then those without an event, then what was
    found in the others, by kind."""
    for item in report.rejected:
        tell(f"rejected: {item.path}: {item.message}")
    for sentence in report.waiting_damaged:
        tell(f"damaged, still waiting: {sentence}")
    for item in report.rejected_in_part():
        tell(f"rejected in part: {item.path}: {item.message}")
    for outcome in ("waiting", "kept", "left out"):
        _tell_not_joined(report, outcome)
    if report.totals["waiting"] and not report.dry_run:
        listing = command_line("sfm", "waiting", path)
        tell(f"a waiting file is joined to its event by the import that brings the event; {listing} lists them")
    tell_first([_sentence(kind) for kind in report.noticed], _MOST_SHOWN, "more kinds")
    tell_first([_of_others(kind) for kind in report.noticed_of_others], _MOST_SHOWN, "more kinds")
    _tell_limits(report)


def _tell_limits(report: ImportReport) -> None:
    """The events that are above the limits of their points, then those that may be."""
    if report.limits_not_asked:
        tell(f"what came was not held against the limits of points: {report.limits_not_asked}")
    if report.limits_met is None:
        return
    for level, what in (("yes", "above its limits"), ("undecided", "undecided whether above its limits")):
        told = [f"{what}: {_at_a_limit(one)}" for one in report.limits_met.events if one.level.value == level]
        tell_first(told, _MOST_AT_LIMITS, "more")
    tell(f"of what came, {report.limits_met.counts.sentence}")


def _at_a_limit(event: AtALimit) -> str:
    marked = ", marked as a false trigger" if event.false_trigger else ""
    where = f" at {event.job}/{event.point}" if event.point else ""
    peak = f", {event.ppv_text}" if event.ppv_text else ""
    who = f"event {event.event_id}, {event.serial} {at_text(event.start_local)}{where}{peak}{marked}"
    return "; ".join(filter(None, (who, event.why, event.limits)))


def _sentence(kind: Noticed) -> str:
    """A kind of finding, with how many files have it."""
    first, *more = kind.files
    which = first if not more else f"{len(kind.files):,} files, such as {first}"
    return f"{_WORDS.get(kind.severity.value, 'look at')}: {which}: {kind.message}"


def _of_others(kind: NoticedOfOthers) -> str:
    """A kind of finding of events that came before, with how many have it."""
    first = f"event {kind.event_ids[0]}"
    which = first if len(kind.event_ids) == 1 else f"{len(kind.event_ids):,} events, such as {first}"
    say = _WORDS.get(kind.severity.value, "look at")
    return f"{say}: {which}, whose numbers rest on what came now: {kind.message}"


def _tell_not_joined(report: ImportReport, outcome: str) -> None:
    """Why files wait or were left out; one line for all that have the same reason."""
    reasons: dict[str, list[str]] = {}
    for item in report.items:
        if item.outcome.value == outcome and not item.by_decision:
            reasons.setdefault(item.message, []).append(item.path)
    which = {
        message: paths[0] if len(paths) == 1 else f"{len(paths):,} files, such as {paths[0]}"
        for message, paths in reasons.items()
    }
    tell_first([f"{outcome}: {files}: {message}" for message, files in which.items()], _MOST_SHOWN, "more reasons")
