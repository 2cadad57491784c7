"""`sfm review`: false triggers, with a name and a reason."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import Filters, archive_to_change, event_filters, json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive import ReviewedEvent

COLUMNS = (
    Column("id", "event_id", number=True),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("serial", "serial"),
    Column("name", "name"),
    Column("false trigger", "false_trigger"),
    Column("reviewer", "reviewer"),
    Column("reason", "notes"),
)
_REASON_WIDTH = 60
"""A longer reason is wrapped below itself."""


@click.command("review")
@archive_to_change
@event_filters
@click.option("--false-trigger", is_flag=True, help="These events are false triggers.")
@click.option("--no-false-trigger", is_flag=True, help="These events are not false triggers.")
@click.option("--by", "reviewer", default="", metavar="NAME", help="Who decided.  [default: --actor]")
@click.option("--reason", default="", metavar="TEXT", help="Why; needed for a decision.")
@json_option
def command(
    access: Access,
    filters: Filters,
    false_trigger: bool,
    no_false_trigger: bool,
    reviewer: str,
    reason: str,
    output: OutputFormat,
) -> None:
    """Mark false triggers, or list what was decided.

    A decision needs a reason, and counts from then on: `sfm list --false-triggers without` leaves the events out, `sfm
    summary` counts them apart. Nothing is removed or changed: each decision is kept, with who made it and when (`sfm
    history`), and a later one takes its place. Without a decision the reviewed events are listed.

    \b
    Examples:
      sfm review quarry.sfm M529LL33.JM0W --false-trigger --by "A. Miller" --reason "truck on the haul road"
      sfm review quarry.sfm 12 --no-false-trigger --reason "blast log found"
      sfm review quarry.sfm --since 2026-05
    """
    if false_trigger and no_false_trigger:
        raise click.UsageError("--false-trigger and --no-false-trigger exclude each other; give one of them")
    decided = false_trigger or no_false_trigger
    if not decided:
        if reviewer or reason:
            raise click.UsageError("say what was decided: --false-trigger or --no-false-trigger")
        with access.to_read() as archive:
            reviews = archive.reviews(filters.selection(archive))
    else:
        if not filters.events:
            raise click.UsageError("name the events that were looked at, by id or by their files' names")
        if not reason.strip():
            raise click.UsageError('a decision needs a reason: --reason "truck on the haul road"')
        with changing(access.to_write()) as archive:
            chosen = filters.to_work_on(archive)
            with archive.batch():
                changed = [
                    archive.review(row.event_id, false_trigger=false_trigger, reviewer=reviewer, notes=reason)
                    for row in list(archive.events(chosen))
                ]
            reviews = archive.reviews(chosen)
        same = f", {len(changed) - sum(changed)} decided like that before" if not all(changed) else ""
        tell(f"{counted(sum(changed), 'event')} reviewed{same}")
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "reviews": reviews})
    elif reviews:
        emit(table(COLUMNS, (row for found in reviews for row in _rows(found))))
    elif not decided:
        tell("no event of these was reviewed")


def _rows(found: ReviewedEvent) -> list[list[object]]:
    """A row of the table, and below it what is left of a long reason."""
    *cells, reason = _cells(found)
    first, *more = textwrap.wrap(str(reason), _REASON_WIDTH) or [""]
    blank: list[object] = [""] * len(cells)
    return [[*cells, first], *([*blank, line] for line in more)]


def _cells(found: ReviewedEvent) -> list[object]:
    decision = {True: "yes", False: "no", None: ""}[found.false_trigger]
    when = found.recorded_at_local.replace("T", " ")
    return [found.event_id, when, found.serial, found.name, decision, found.reviewer, found.notes]
