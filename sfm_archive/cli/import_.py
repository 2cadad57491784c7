"""`sfm import`: files and folders into an archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access, tell_history_head
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.options import serial as as_serial
from sfm_archive.cli.output import (
    OutputFormat,
    counted,
    emit_result,
    tell,
    tell_first,
    totals_table,
)
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.importing import ImportReport

_MOST_SHOWN = 50


@click.command("import")
@archive_to_change
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--serial",
    type=as_serial,
    metavar="SERIAL",
    help="Serial to use where file, name and folder give none, such as BE11529.",
)
@click.option(
    "--time-zone",
    default="unknown",
    show_default=True,
    metavar="ZONE",
    help="Zone in which the units' clocks ran, such as Europe/Berlin. Times are kept as recorded.",
)
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
    dry_run: bool,
    create: bool,
    output: OutputFormat,
) -> None:
    """Import files and folders.

    Downloads (raw captures), older stores, event files, reports (Blastware's ASCII text, THOR's CSV), in any mix: each
    file is recognised by its content. Importing again changes nothing and says so. Every file found is accounted for;
    if any is rejected, the exit code is 1. It can be interrupted and started again.

    \b
    Examples:
      sfm import quarry.sfm raw_s3_20260501_131634.bin
      sfm import quarry.sfm ~/seismo-store --time-zone Europe/Berlin
      sfm import quarry.sfm downloads --serial BE11529 --create
    """
    from sfm_archive import ImportOptions

    options = ImportOptions(serial=serial, time_zone=time_zone, dry_run=dry_run)
    with _opened(access, sources, create=create and not dry_run) as archive:
        with progress_on_terminal("importing") as progress:
            report = archive.import_from(*sources, options=options, progress=progress)
        emit_result(output, report, _totals)
        _tell_items(report, access.path)
        if not dry_run:
            tell_history_head(archive)
    if report.interrupted:
        tell("Interrupted; what is listed above is kept. Run the same command again to continue")
        ctx.exit(ExitCode.INTERRUPTED)
    if report.anything_rejected or report.waiting_damaged:
        ctx.exit(ExitCode.FINDINGS)


def _opened(access: Access, sources: tuple[Path, ...], *, create: bool) -> Archive:
    # A slip in a source's name must not leave an empty archive behind.
    if create and not access.path.exists() and all(source.exists() for source in sources):
        made = access.made()
        tell(f"{access.path} created; encoder {made.pinned_encoder} pinned")
        return made
    return access.to_write()


def _totals(report: ImportReport) -> str:
    events, revisions = counted(report.events_created, "new event"), counted(report.revisions_added, "new revision")
    done = "would be " if report.dry_run else ""
    return totals_table(report.totals, report.files_found, f"found; {done}{events}, {revisions}", "files")


def _tell_items(report: ImportReport, path: Path) -> None:
    """The files somebody should look at: rejected ones first, all of them; then those without an event, and those with
    findings."""
    for item in report.rejected:
        tell(f"rejected: {item.path}: {item.message}")
    for sentence in report.waiting_damaged:
        tell(f"damaged, still waiting: {sentence}")
    for outcome in ("waiting", "left out"):
        _tell_not_joined(report, outcome)
    if report.totals["waiting"] and not report.dry_run:
        listing = command_line("sfm", "waiting", path)
        tell(f"a waiting file is joined to its event by the import that brings the event; {listing} lists them")
    noticed = [item for item in report.with_findings() if item.outcome.value != "waiting"]
    noticed.sort(key=lambda item: not item.partly_rejected)
    lines = [
        f"{'rejected in part' if item.partly_rejected else 'look at'}: {item.path}: "
        + (item.message or "; ".join(finding.message for finding in item.findings))
        for item in noticed
    ]
    tell_first(lines, _MOST_SHOWN, "more to look at")


def _tell_not_joined(report: ImportReport, outcome: str) -> None:
    """Why files wait or were left out; one line for all that have the same reason."""
    reasons: dict[str, list[str]] = {}
    for item in report.items:
        if item.outcome.value == outcome:
            reasons.setdefault(item.message, []).append(item.path)
    which = {
        message: paths[0] if len(paths) == 1 else f"{len(paths):,} files, such as {paths[0]}"
        for message, paths in reasons.items()
    }
    tell_first([f"{outcome}: {files}: {message}" for message, files in which.items()], _MOST_SHOWN, "more reasons")
