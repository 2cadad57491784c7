"""`sfm list`: the events of an archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.as_of import emit_as_of, tell_as_of
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import Filters, archive_to_look_back, event_filters, json_and_csv_options, units_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_csv, emit_json_list, tell
from sfm_archive.cli.preferences import STATED, preferred, unit_of
from sfm_archive.cli.waiting import tell_waiting

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.model.units import GeoUnit

DEFAULT_LIMIT = 50
MOST_COUNTED = 1000
"""How far the events that pass filters are counted where only some are shown."""


@click.command("list")
@archive_to_look_back
@event_filters
@click.option(
    "--limit",
    type=WholeNumber(min=0),
    metavar="N",
    help=f"Show at most so many; 0 shows all.  [default: {DEFAULT_LIMIT}; all with --json, --csv and --spreadsheet]",
)
@click.option("--all", "show_all", is_flag=True, help="Show all; the same as --limit 0.")
@units_option(f"{STATED}, else that of most of the reports, in/s without any")
@json_and_csv_options
def command(
    access: Access,
    filters: Filters,
    limit: int | None,
    show_all: bool,
    units: GeoUnit | None,
    output: OutputFormat,
    csv_form: CsvForm,
) -> None:
    """List events, newest first.

    Each EVENT is an id or an event file's name; without any, all that pass the filters are listed. Times are
    device-local, as the unit recorded them. PPV is the greatest of the three geophone channels, all in one unit.
    `encoding` says whether the pinned encoder makes an event file of the event's frames.

    With --ppv-from, `level` says `yes` where the PPV is known to be as great, `undecided` where it may be: over range,
    a channel that is not known, a geophone range that is assumed. --decided leaves the second out.

    Words of --project, --client and --location are looked for in what the device, a report or a sidecar says.

    \b
    Examples:
      sfm list quarry.sfm
      sfm list quarry.sfm --project "north quarry" --ppv-from 0.5in/s --false-triggers without
      sfm list quarry.sfm --serial BE11529 --since 2026-05 --type waveform
      sfm list quarry.sfm --csv > events.csv
      sfm list quarry.sfm --since 2026-05 --spreadsheet de > events.csv
    """
    from sfm_archive.archive.event_rows import CSV_COLUMNS, csv_cells
    from sfm_archive.archive.listing import level_counts
    from sfm_archive.archive.reading import count_waiting, unit_of_most_reports
    from sfm_archive.cli.event_table import event_table
    from sfm_archive.model.peak_text import UNKNOWN_PEAK, UNKNOWN_PEAK_MEANS
    from sfm_archive.model.selection import EVERYTHING, Selection

    if limit is None:
        # What a program reads on must not lack events without a word.
        limit = DEFAULT_LIMIT if output is OutputFormat.TABLE else 0
    most = None if show_all or limit == 0 else limit
    with access.to_read() as archive:
        units = unit_of(preferred(archive, units=units).preferences)
        chosen = filters.selection(archive, newest_first=True, limit=most)
        everything = replace(chosen, limit=None, newest_first=False)
        # Those of an archive stand in an index; how many pass a filter takes a look at each.
        is_exact = most is None or output is not OutputFormat.TABLE or everything == EVERYTHING
        counted_up_to = None if is_exact else MOST_COUNTED
        matching = archive.count(everything, up_to=counted_up_to)
        waiting = count_waiting(archive.store)
        unknown, of_these = 0, ""
        if output is OutputFormat.TABLE:
            emit_as_of(archive)
            events = list(archive.listing(chosen))
            shown = len(events)
            if events:
                ids = tuple(one.event_id for one in events)
                unit = units or unit_of_most_reports(archive, Selection(event_ids=ids))
                emit(event_table([event.in_unit(unit) for event in events]))
            if counted_up_to is None or matching <= counted_up_to:
                unknown = archive.unknown_peaks(everything)
            else:
                unknown, of_these = sum(event.ppv is None for event in events), " of those shown"
        else:
            unit = units or unit_of_most_reports(archive, chosen)
            listed = (event.in_unit(unit) for event in archive.listing(chosen))
            if output is OutputFormat.CSV:
                tell_as_of(archive)
                shown = emit_csv(CSV_COLUMNS, map(csv_cells, listed), csv_form)
            else:
                head = {
                    "archive": str(access.path),
                    "as_of": archive.as_of,
                    "pinned_encoder": str(archive.pinned_encoder),
                    "matching": matching,
                    "unknown_peaks": archive.unknown_peaks(chosen),
                    "unit": unit,
                    "levels": level_counts(archive, chosen),
                    "above": chosen.limit_counts,
                    "waiting_files": waiting,
                }
                shown = emit_json_list(head, "events", listed, "shown")
    more = "; --all shows the rest" if shown < matching else ""
    of_how_many = (
        f"{matching:,}" if counted_up_to is None or matching <= counted_up_to else f"more than {counted_up_to:,}"
    )
    tell(f"{shown:,} of {of_how_many} shown{more}")
    if unknown:
        tell(f"{counted(unknown, 'event')}{of_these} {UNKNOWN_PEAK}: {UNKNOWN_PEAK_MEANS}")
    tell_waiting(archive, waiting)
