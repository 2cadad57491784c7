"""`sfm coverage`: when units were running, as far as anything says so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.counting import counted
from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option, window_of_units
from sfm_archive.cli.output import Column, OutputFormat, at_text, emit, emit_json, table, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.site_filters import EVERYWHERE, AtSites, site_filters
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.archive.coverage import CoveredSpan, SpanSource, UnitCoverage

COLUMNS = (
    Column("unit", "serial"),
    Column("running from (device-local)", "since_local"),
    Column("until", "until_local"),
    Column("for", "seconds", number=True),
    Column("as told by", "sources"),
)


@click.command("coverage")
@archive_to_read
@window_of_units
@site_filters
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE",
    help="Write a picture as well, one line a unit and days across: .png, .svg or .pdf.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    serials: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    sites: AtSites,
    target: Path | None,
    overwrite: bool,
    output: OutputFormat,
) -> None:
    """Show when units were running.

    A unit was running while it recorded an event, in the monitoring intervals that it told when it was downloaded, and
    where a report's monitor log says so. Beyond that it is not known: it may have been running without a trigger,
    switched off, or its events may not have been received. That nothing triggered in a span says nothing of the
    ground beyond the unit's trigger level.

    Without --since and --until the window is that of what is known. With --job or --point it is the time in which units
    stood there, and spans are cut at the borders of their windows. Pictures need the extra `plots`.

    \b
    Examples:
      sfm coverage quarry.sfm
      sfm coverage quarry.sfm --serial BE11529 --since 2026-05 --until 2026-05
      sfm coverage quarry.sfm --since 2026 -o coverage.svg
      sfm coverage quarry.sfm --point "North Quarry/Church" --since 2026-05 --until 2026-05
    """
    if target is not None:
        if target.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise click.UsageError(f"{target}: a picture is written as .png, .svg or .pdf; name the file so")
        require_extra("sfm coverage -o", "plots")
    from sfm_archive.archive.coverage import coverage

    with access.to_read() as archive:
        points = sites.numbers(archive)
        units = coverage(archive, serials, since=since, until=until, points=points, unplaced=sites.unplaced)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "units": to_plain(units)})
    else:
        _print(units, at_sites=sites != EVERYWHERE)
    if target is not None:
        from sfm_archive.reporting.coverage_picture import write_coverage

        drawn = write_coverage(units, target, of_points=sites != EVERYWHERE, overwrite=overwrite)
        tell(f"{target} {'written' if drawn.new else 'was there already'} ({drawn.size:,} bytes)")
    if not any(unit.spans for unit in units):
        ctx.exit(ExitCode.NOT_FOUND)


def _print(units: list[UnitCoverage], *, at_sites: bool) -> None:
    from sfm_archive.archive.coverage import left_out

    rows = [_cells(unit, span) for unit in units for span in unit.spans]
    if rows:
        emit(table(COLUMNS, rows))
    for unit in units:
        if at_sites and not unit.windows:
            tell(f"{unit.serial}: no window of it is of what is asked for; sfm jobs lists windows")
            continue
        if not unit.spans:
            tell(f"{unit.serial}: nothing says that it was running; it is not known")
            continue
        window = f"{at_text(unit.since_local)} to {at_text(unit.until_local)}"
        if len(unit.windows) > 1:
            window = f"{len(unit.windows)} windows within {window}"
        tell(f"{unit.serial}: running {lasted(unit.running_s)}, not known {lasted(unit.not_known_s or 0)}, of {window}")
    if missing := left_out(units):
        tell(missing)
    if not units:
        tell("nothing says that any unit was running" + (" there" if at_sites else ""))


def _cells(unit: UnitCoverage, span: CoveredSpan) -> list[str]:
    sources = ", ".join(_told(one) for one in span.sources)
    if span.trigger_levels:
        sources += f" ({', '.join(span.trigger_levels)})"
    return [unit.serial, at_text(span.since_local), at_text(span.until_local), lasted(span.seconds), sources]


def _told(one: SpanSource) -> str:
    of_unknown_type = ("event of unknown type", "events of unknown type")
    words = {"unknown": of_unknown_type, "monitoring reply": ("monitoring reply", "monitoring replies")}
    return counted(one.count, *words.get(one.source, (one.source,)))


def lasted(seconds: int) -> str:
    """A time in hours and minutes, below an hour in minutes and seconds."""
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min {rest:02d} s"
    return f"{hours:,} h {minutes:02d} min"
