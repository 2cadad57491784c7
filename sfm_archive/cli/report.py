"""`sfm report`: events as a PDF to hand over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.cli.as_of import tell_as_of
from sfm_archive.cli.limit_options import limit_options
from sfm_archive.cli.noting import record_options, tell_noted
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import Filters, archive_to_look_back, event_filters, units_option
from sfm_archive.cli.output import counted, tell
from sfm_archive.cli.page_options import language_option, paper_option
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.plot import exit_with_findings
from sfm_archive.cli.preferences import STATED, preferred, unit_of
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.cli.waiting import tell_waiting

if TYPE_CHECKING:
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.model.units import GeoUnit


@click.command("report")
@archive_to_look_back
@event_filters
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), required=True, metavar="FILE.pdf",
    help="The file to write.",
)  # fmt: skip
@limit_options(f"{STATED}, else usbm and osmre for in/s, din for mm/s")
@units_option(f"{STATED}, else that of most of the reports, in/s without any")
@paper_option
@language_option
@record_options
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    filters: Filters,
    target: Path,
    limits: LimitWords,
    units: GeoUnit | None,
    paper: str | None,
    language: str | None,
    record: bool,
    overwrite: bool,
) -> None:
    """Make a PDF report of events.

    One page for each event, a second one where notes or limits do not fit, and a table of all in front where there are
    several, with the verdicts on vibration and airblast; false triggers (sfm review) are marked there, and counted
    apart. Each EVENT is an id or an event file's name; without any, all that pass the filters are meant. A page has
    the notes, every number with its unit and where it comes from, the recording, the limits, and the hashes by which
    it can be made again. The archive keeps a hand-over record, with the PDF (sfm handovers). Signs that no font of this
    computer has are named, and the exit code is then 1. Needs the extra `plots`.

    \b
    Examples:
      sfm report quarry.sfm 17 -o event-17.pdf
      sfm report quarry.sfm --serial BE11529 --since 2026-05 --type waveform -o may.pdf --limits din
    """
    require_extra("sfm report", "plots")
    from sfm_archive import write_report
    from sfm_archive.archive.reading import count_waiting

    if target.suffix.lower() != ".pdf":
        raise click.UsageError(f"{target}: a report is a PDF; name the file so")
    with access.to_note(record=record) as archive:
        selection = filters.to_work_on(archive)
        waiting = count_waiting(archive.store)
        wanted = preferred(archive, limits=limits, units=units, paper=paper, language=language).preferences
        with progress_on_terminal("drawing") as progress:
            written = write_report(
                archive,
                target,
                selection,
                limits=wanted.limits,
                airblast=wanted.airblast or None,
                judge=filters.judge,
                units=unit_of(wanted),
                paper=wanted.paper or "a4",
                language=wanted.language or "en",
                overwrite=overwrite,
                record=record,
                progress=progress,
            )
        tell_as_of(archive)
        tell(f"{target} written: {counted(written.events, 'event')} ({written.size:,} bytes)")
        tell_waiting(archive, waiting)
        tell_noted(archive, written.handover)
    exit_with_findings(ctx, written)
