"""`sfm jobs`: jobs, their points, who stood there when, and the events at no point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, at_text, counted, emit, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive.sites.overview import JobOverview, LimitsOverview, SitesOverview, Unplaced

WINDOWS = (
    Column("point", "point"),
    Column("window", "window", number=True),
    Column("serial", "serial"),
    Column("from", "from_local"),
    Column("until", "until_local"),
    Column("events", "events", number=True),
    Column("by", "decided_by"),
)
OUTSIDE = (
    Column("serial", "serial"),
    Column("events", "events", number=True),
    Column("first", "first_local"),
    Column("last", "last_local"),
    Column("title", "titles"),
    Column("nearest window", "nearest"),
    Column("may be", "suggested"),
)
MOST_SPANS = 30


@click.command("jobs")
@archive_to_read
@json_option
def command(access: Access, output: OutputFormat) -> None:
    """List jobs, points, windows, and events at no point.

    Behind the events at no point stand the window of their unit that is nearest in time, and the jobs whose name their
    titles resemble: hints for a person, never taken by themselves.

    \b
    Examples:
      sfm jobs quarry.sfm
    """
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.overview(archive)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "sites": found})
        return
    emit("\n\n".join([*map(_job_text, found.jobs), *_outside_text(found.outside)]) or "no job is stated")
    tell(_totals(found))


def _job_text(job: JobOverview) -> str:
    head = ", ".join(filter(None, (job.name, job.client and f"client {job.client}", job.units, job.time_zone)))
    lines = [f"job {job.job}: {head}; {counted(job.events, 'event')}"]
    for point in job.points:
        at = ", ".join(filter(None, (point.address, point.structure)))
        lines.append(f"  point {point.name}{f' ({at})' if at else ''}: {counted(point.events, 'event')}")
        lines += [f"    {_limits_text(one)}" for one in point.limits]
    rows = [
        (
            point.name,
            one.window,
            one.serial,
            at_text(one.from_local),
            at_text(one.until_local),
            one.events,
            one.decided_by,
        )
        for point in job.points
        for one in point.windows
    ]
    said = [
        f"  {one.serial} in window {one.window}: where window {' or '.join(map(str, one.gives_way_to))} has it too, "
        "that one counts, for it was stated later (sfm place --end or --withdraw)"
        for point in job.points
        for one in point.windows
        if one.gives_way_to
    ]
    return "\n".join([*lines, *([table(WINDOWS, rows, indent="  ")] if rows else []), *said])


def _limits_text(one: LimitsOverview) -> str:
    parts = [one.limits or "no limit of velocity", one.airblast and f"airblast {one.airblast}"]
    parts += [one.judge and f"judge {one.judge}"]
    since = f"since {at_text(one.from_local)}" if one.from_local else "from the first record on"
    return f"limits {one.number}, {since}: {', '.join(filter(None, parts))}"


def _outside_text(outside: tuple[Unplaced, ...]) -> list[str]:
    if not outside:
        return []
    rows = [
        (
            one.serial,
            one.events,
            at_text(one.first_local),
            at_text(one.last_local),
            "; ".join(one.titles),
            f"{one.nearest}, {one.gap}" if one.nearest else "",
            "; ".join(one.suggested),
        )
        for one in outside[:MOST_SPANS]
    ]
    more = [f"and {len(outside) - MOST_SPANS} more; --json has all"] if len(outside) > MOST_SPANS else []
    return ["\n".join(["events at no point:", table(OUTSIDE, rows, indent="  "), *more])]


def _totals(found: SitesOverview) -> str:
    parts = [f"{counted(found.placed, 'event')} at a point", f"{found.unplaced:,} at none"]
    parts += [f"{found.undecided:,} undecided (an hour that the clocks repeat)"] if found.undecided else []
    crossing = len(found.crossing)
    parts += [f"{counted(crossing, 'histogram')} crossing a border of windows, or perhaps"] if crossing else []
    return "; ".join(parts)
