"""`sfm export-data`: samples and numbers in the formats that analysts use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import extra_of_format, require_extra
from sfm_archive.cli.completers import complete_exporters
from sfm_archive.cli.noting import record_options, tell_noted
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import (
    Filters,
    archive_to_read,
    event_filters,
    json_option,
    spreadsheet_option,
    units_option,
)
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json, event_words, tell, totals_table
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.model.units import GeoUnit

_MOST_SHOWN = 20


@click.command("export-data")
@archive_to_read
@click.argument("folder", type=path_type(files=False), metavar="FOLDER")
@event_filters
@click.option(
    "--format",
    "data_format",
    metavar="NAME",
    required=True,
    shell_complete=complete_exporters,
    help="What to write; `sfm plugins` lists the exporters.",
)
@units_option("that of each event's documents; for the table of peaks that of most of the reports")
@spreadsheet_option
@record_options
@click.option("--overwrite", is_flag=True, help="Replace files that are different.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    folder: Path,
    filters: Filters,
    data_format: str,
    units: GeoUnit | None,
    spreadsheet: CsvForm | None,
    record: bool,
    overwrite: bool,
    output: OutputFormat,
) -> None:
    """Export samples and numbers as data.

    FOLDER gets one file for each event below its serial, and the tables `events`, `peaks` and `values` of all: `peaks`
    has one row for each event with all peaks, frequencies, vector sum and airblast in one unit. Units stand in
    the header (csv) or beside the data. csv and parquet are tidy tables, hdf5 has attributes, miniseed comes with
    StationXML and holds waveforms only. txt is the ASCII text of Blastware under its name (M529LK44_AB0_ASCII.TXT): a
    received report as it came, else one made of what was decoded. Parquet and hdf5 need the extra `formats`, miniseed
    the extra `obspy`. Every other exporter that is installed works too, such as one of your own. The archive keeps a
    hand-over record with the hash of each file (sfm handovers).

    \b
    Examples:
      sfm export-data quarry.sfm data --format csv
      sfm export-data quarry.sfm data --format csv --spreadsheet de
      sfm export-data quarry.sfm data --format miniseed --serial BE11529 --type waveform
    """
    require_extra(f"sfm export-data --format {data_format}", extra_of_format(data_format))
    from sfm_archive import export_data
    from sfm_archive.formats.csv_text import PLAIN

    with access.to_note(record=record) as archive:
        with progress_on_terminal("exporting") as progress:
            report = export_data(
                archive,
                folder,
                data_format,
                filters.to_work_on(archive),
                overwrite=overwrite,
                units=units,
                csv_form=PLAIN if spreadsheet is None else spreadsheet,
                record=record,
                progress=progress,
            )
        tell_noted(archive, report.handover)
    if output is OutputFormat.JSON:
        emit_json(report)
    else:
        emit(totals_table(report.totals, len(report.items), f"to {report.target} as {data_format}"))
        told: dict[str, list[int]] = {}
        for item in report.items:
            if item.message:
                told.setdefault(f"{item.status}: {item.message}", []).append(item.event_id)
        for sentence, event_ids in list(told.items())[:_MOST_SHOWN]:
            tell(f"{event_words(event_ids)}: {sentence}")
        rest = sum(map(len, list(told.values())[_MOST_SHOWN:]))
        if rest:
            tell(f"and {counted(rest, 'more event')}; --json lists all")
    if report.local_times:
        tell(
            f"{counted(report.local_times, 'event')} with device-local times: {data_format} knows UTC only and no zone "
            "is stated (sfm zones ARCHIVE SERIAL ZONE); the events' table says which"
        )
    for name in report.tables_in_the_way:
        tell(f"{folder / name} is there already and different: export to a new folder, or say --overwrite")
    if report.in_the_way or report.tables_in_the_way or report.failed:
        ctx.exit(ExitCode.FINDINGS)
