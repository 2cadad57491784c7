"""`sfm summary`: events counted, with their greatest values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import Filters, archive_to_read, event_filters, json_and_csv_options
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_csv, emit_json, table, tell
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.model.reading_text import reading_text

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.limits.curves import Curve
    from sfm_archive.reporting.summarising import Group, Summary


def _keys(text: str) -> tuple[str, ...]:
    from sfm_archive.reporting.summarising import KEYS

    keys = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    wrong = [key for key in keys if key not in KEYS]
    if wrong or not keys:
        raise click.BadParameter(f"{text!r}: give some of {', '.join(KEYS)}, with commas between them")
    return keys


@click.command("summary")
@archive_to_read
@event_filters
@click.option(
    "--by", "by", type=_keys, default="month,serial", show_default=True, metavar="KEYS",
    help="Group by year, month, day, serial, type, project, client, location; several with commas.",
)  # fmt: skip
@click.option(
    "--limits", "limits", multiple=True, metavar="CURVE",
    help="Count events above these limits: usbm, osmre, din, bs, a curve's name, or a file with your own.",
)  # fmt: skip
@json_and_csv_options
def command(
    access: Access,
    filters: Filters,
    by: tuple[str, ...],
    limits: tuple[str, ...],
    output: OutputFormat,
    csv_form: CsvForm,
) -> None:
    """Summarise events in a table.

    Counts, and the greatest values with their units; over range stands above every number. The values are those that
    count: reported before decoded. Events marked as false triggers (sfm review) are counted apart and are
    in no greatest value, unless --false-triggers only selects just them.

    With --limits also how many events are above a curve, and behind that how many more may be, `1 (+2?)`, where a
    frequency or peak is not known exactly; the same for the airblast limit (133 dB(L), OSMRE for microphones from 2 Hz
    on).

    \b
    Examples:
      sfm summary quarry.sfm
      sfm summary quarry.sfm --by project,month --since 2026 --limits usbm --csv > year.csv
    """
    from sfm_archive import summarise

    curves: tuple[Curve, ...] = ()
    if limits:
        from sfm_archive import curves_from

        curves = curves_from(limits)
    with access.to_read() as archive, progress_on_terminal("counting") as progress:
        summary = summarise(archive, by, filters.selection(archive), curves, progress)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), **to_plain(summary)})
    elif output is OutputFormat.CSV:
        emit_csv(*_csv(summary), csv_form)
    elif summary.groups:
        emit(_table(summary))
        if any(group.undecided or group.airblast_undecided for group in summary.groups):
            tell("(+n?): n more may be above; a frequency or peak of theirs is not known exactly")
    tell(f"{counted(summary.events, 'event')} in {counted(len(summary.groups), 'group')}")
    if summary.false_triggers and filters.false_triggers is None:
        marked = counted(summary.false_triggers, "event")
        as_what = "a false trigger" if summary.false_triggers == 1 else "false triggers"
        tell(f"{marked} marked as {as_what}: counted, but in no greatest value and not among those above a limit")
    if summary.false_triggers and filters.false_triggers is True:
        tell(
            "only false triggers were selected: all numbers here are theirs, also the greatest values and those "
            "above a limit"
        )


def _table(summary: Summary) -> str:
    """For people: what is zero in every group has no column."""
    counts: list[tuple[str, Callable[[Group], int]]] = [
        ("waveforms", lambda group: group.waveforms),
        ("histograms", lambda group: group.histograms),
        ("undecided level", lambda group: group.level_undecided),
        ("false triggers", lambda group: group.false_triggers),
        ("over range", lambda group: group.over_range),
    ]
    columns: list[tuple[Column, Callable[[Group], object]]] = [
        (Column(key, key), partial(_key, key)) for key in summary.by
    ]
    columns.append((Column("events", "events", number=True), lambda group: group.events))
    columns += [(Column(t, t, number=True), count) for t, count in counts if any(map(count, summary.groups))]
    for title, quantity in (("PPV", "ppv"), ("vector sum", "pvs"), ("PSPL", "pspl")):
        columns.append((Column(title, quantity, number=True), partial(_greatest, quantity)))
    if summary.curves:
        columns.append((Column("above limit", "", number=True), lambda g: _above(g.exceeded, g.undecided)))
        airblast = Column("airblast above", "", number=True)
        columns.append((airblast, lambda g: _above(g.airblast_exceeded, g.airblast_undecided)))
    return table([column for column, _ in columns], [[cell(group) for _, cell in columns] for group in summary.groups])


def _key(key: str, group: Group) -> str:
    return group.keys[key] or "–"


def _greatest(quantity: str, group: Group) -> str:
    """With its unit, a velocity with its channel."""
    found = group.greatest.get(quantity)
    if found is None:
        return ""
    reading, _ = found
    text = reading_text(reading)
    return f"{reading.channel} {text}" if quantity == "ppv" else text


def _above(exceeded: int, undecided: int) -> str:
    return f"{exceeded:,} (+{undecided:,}?)" if undecided else f"{exceeded:,}"


_COUNTS = ("events", "waveforms", "histograms", "level_undecided", "false_triggers", "over_range", "without_peaks")
_ABOVE = ("exceeded", "undecided", "airblast_exceeded", "airblast_undecided")


def _csv(summary: Summary) -> tuple[list[Column], list[list[object]]]:
    from sfm_archive.reporting.summarising import GREATEST

    above = _ABOVE if summary.curves else ()
    greatest = [
        f"{name}{part}" for name in GREATEST for part in ("", "_unit", "_state", "_channel", "_source", "_event_id")
    ]
    rows = []
    for group in summary.groups:
        row: list[object] = [*group.keys.values(), *(getattr(group, name) for name in _COUNTS)]
        for name in GREATEST:
            row += group.greatest_value(name) or [""] * 6
        rows.append([*row, *(getattr(group, name) for name in above)])
    return [Column("", name) for name in (*summary.by, *_COUNTS, *greatest, *above)], rows
