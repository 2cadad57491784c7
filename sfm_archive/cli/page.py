"""`sfm page`: pages of events as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.limit_options import judge_option, limit_options
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, units_option
from sfm_archive.cli.output import counted, size_text, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.preferences import STATED, preferred, unit_of

if TYPE_CHECKING:
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.model.units import GeoUnit


@click.command("page")
@archive_to_read
@click.argument("events", nargs=-1, required=True, metavar="EVENT...", shell_complete=complete_events)
@click.option("-o", "--output", "target", type=path_type(), required=True, metavar="FOLDER", help="Where the files go.")
@limit_options(f"{STATED}, else usbm and osmre for in/s, din for mm/s")
@judge_option
@units_option(f"{STATED}, else that of the event's documents")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def command(
    access: Access,
    events: tuple[str, ...],
    target: Path,
    limits: LimitWords,
    judge: str,
    units: GeoUnit | None,
    overwrite: bool,
) -> None:
    """Write pages of events as files.

    The pages that `sfm serve` shows, for a hand-over: one for each event with its traces, numbers and verdicts, and
    index.html, which lists them. They are opened from disk by any browser, with the data inside, and load nothing from
    elsewhere.

    \b
    Examples:
      sfm page quarry.sfm 17 18 -o blast-of-12-may
    """
    require_extra("sfm page", "web")
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.web.static_pages import write_pages

    with access.to_read() as archive:
        found = preferred(archive, limits=limits, units=units).preferences
        words = LimitWords(found.limits, found.airblast or None, judge)
        made = write_pages(archive, events, target, limits=words, units=unit_of(found), overwrite=overwrite)
    tell(f"{counted(made.events, 'page')} in {made.folder}, {size_text(made.size)}; open {made.first}")
