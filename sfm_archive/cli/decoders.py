"""`sfm decoders`: what is installed, which one an archive pins, and the switch to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.completers import complete_decoders
from sfm_archive.cli.offered import show
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import actor_option, archive_argument, encoder_name, json_option, wait_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, table, tell
from sfm_archive.cli.progress_bar import progress_on_terminal

if TYPE_CHECKING:
    from sfm_archive.archive.decoder_pin import PinDecoderReport

COLUMNS = (
    Column("quantity", "quantity"),
    Column("unit", "unit"),
    Column("others", "changed", number=True),
    Column("new", "gained", number=True),
    Column("lost", "lost", number=True),
    Column("by at most", "largest", number=True),
    Column("share", "largest_share", number=True),
    Column("in event", "event_id", number=True),
)


@click.command("decoders")
@lambda function: archive_argument(function, required=False)
@click.option(
    "--pin",
    type=encoder_name,
    metavar="NAME",
    shell_complete=complete_decoders,
    help="Compute all numbers of ARCHIVE with this decoder, now and from now on.",
)
@click.option("--dry-run", is_flag=True, help="With --pin: change nothing; say how many numbers would be others.")
@wait_option
@actor_option
@json_option
def command(
    archive: Path | None, pin: str | None, dry_run: bool, wait_s: float, actor: str | None, output: OutputFormat
) -> None:
    """List the installed decoders.

    With ARCHIVE it says which one that pins. A decoder turns samples into peaks, frequencies and levels; the numbers in
    an archive are all of its pinned decoder. Installing another one changes nothing until --pin says so: then every
    event with samples is decoded again in one transaction, and the answer says how many numbers are others, and by how
    much. Look at that first with --dry-run, and at single events with `sfm analyse --decoder`.

    \b
    Examples:
      sfm decoders
      sfm decoders quarry.sfm --pin waveform@1 --dry-run
    """
    from sfm_archive.plugins.loading import load_plugins

    pinned, report = "", None
    if archive is not None:
        access = Access(path=archive, wait_s=wait_s, actor=actor)
        report = None if pin is None else _pin(access, pin, dry_run=dry_run)
        with access.to_read() as opened:
            pinned = str(opened.pinned_decoder)
    elif pin is not None:
        raise click.UsageError("--pin needs the archive to pin it in: sfm decoders ARCHIVE --pin NAME")
    if dry_run and report is None:
        raise click.UsageError("--dry-run tries a switch: sfm decoders ARCHIVE --pin NAME --dry-run")
    if report is not None and output is not OutputFormat.JSON:
        _tell(report)
    show(load_plugins(), "decoder", archive, pinned, output, change=to_plain(report))


def _pin(access: Access, name: str, *, dry_run: bool) -> PinDecoderReport:
    import sfm_archive as sfm

    with (
        changing(access.to_read() if dry_run else access.to_write()) as opened,
        progress_on_terminal("decoding") as progress,
    ):
        return sfm.pin_decoder(opened, name, progress, dry_run=dry_run)


def _tell(report: PinDecoderReport) -> None:
    if report.before == report.after:
        return
    if report.quantities:
        rows = [
            [
                one.quantity,
                one.unit,
                f"{one.changed:,}",
                f"{one.gained:,}",
                f"{one.lost:,}",
                "" if one.largest is None else f"{one.largest:.3g}",
                "" if one.largest_share is None else f"{one.largest_share:.2%}",
                str(one.event_id or ""),
            ]
            for one in report.quantities
        ]
        emit(table(COLUMNS, rows))
    moved = f"pin would move from {report.before} to {report.after}; nothing changed: dry run"
    if not report.dry_run:
        moved = f"pin moved from {report.before} to {report.after}"
    tell(
        f"{report.path}: {moved}. {counted(report.events, 'event')} decoded, {report.changed:,} with other numbers or "
        f"peaks of a day; {counted(report.numbers, 'number')} others"
    )
