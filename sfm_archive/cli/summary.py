"""`sfm summary`: events counted, with their greatest values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.as_of import emit_as_of, tell_as_of
from sfm_archive.cli.limit_options import limit_options
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import Filters, archive_to_look_back, event_filters, json_and_csv_options, units_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_csv, emit_json, table, tell
from sfm_archive.cli.preferences import STATED, preferred, unit_of
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.cli.waiting import tell_waiting
from sfm_archive.errors import ExitCode
from sfm_archive.model.peak_text import UNKNOWN_PEAK, UNKNOWN_PEAK_MEANS, peak_text, sign_notes
from sfm_archive.model.reading_text import DAY_UNKNOWN_NOTE, DAY_UNKNOWN_SIGN

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.limits.limit_words import LimitWords
    from sfm_archive.limits.point_limits import LimitBook
    from sfm_archive.model.units import GeoUnit
    from sfm_archive.reporting.groups import Group
    from sfm_archive.reporting.summarising import Summary


def _keys(text: str) -> tuple[str, ...]:
    from sfm_archive.reporting.summarising import KEYS

    keys = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    wrong = [key for key in keys if key not in KEYS]
    if wrong or not keys:
        raise click.BadParameter(f"{text!r}: give some of {', '.join(KEYS)}, with commas between them")
    return keys


@click.command("summary")
@archive_to_look_back
@event_filters
@click.option(
    "--by", "by", type=_keys, default="month,serial", show_default=True, metavar="KEYS",
    help="Group by year, month, day, serial, type, project, client, location, job, point; several with commas.",
)  # fmt: skip
@limit_options(f"{STATED}, else none")
@units_option(f"{STATED}, else that of most of the reports, in/s without any")
@json_and_csv_options
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    filters: Filters,
    by: tuple[str, ...],
    limits: LimitWords,
    units: GeoUnit | None,
    output: OutputFormat,
    csv_form: CsvForm,
) -> None:
    """Summarise events in a table.

    Counts, and the greatest values, all velocities in one unit; over range stands above every number. The values are
    those that count: reported before decoded. Events marked as false triggers (sfm review) are counted apart and are in
    no greatest value, unless --false-triggers only selects just them.

    With --limits also what the worst of the curves says of the events: exceeded; undecided, where what is known of an
    event allows more than one answer; within; not compared, where there is nothing to compare. The same for the
    airblast limit. They add up to the events without the false triggers. Where nothing could be compared with the
    curves, or with an airblast limit that was chosen, the exit code is 1; undecided events alone do not change it.

    \b
    Examples:
      sfm summary quarry.sfm
      sfm summary quarry.sfm --by project,month --since 2026 --limits usbm --csv > year.csv
    """
    from sfm_archive import summarise
    from sfm_archive.archive.point_limits import limits_asked
    from sfm_archive.limits.limit_words import LimitWords

    with access.to_read() as archive, progress_on_terminal("counting") as progress:
        wanted = preferred(archive, limits=limits, units=units)
        words = LimitWords(wanted.preferences.limits, wanted.preferences.airblast or None, filters.judge)
        asked = limits_asked(archive, words)
        summary = summarise(archive, by, filters.selection(archive), asked, unit_of(wanted.preferences), progress)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "as_of": archive.as_of, **to_plain(summary)})
    elif output is OutputFormat.CSV:
        tell_as_of(archive)
        emit_csv(*_csv(summary), csv_form)
    else:
        emit_as_of(archive)
    if output is OutputFormat.TABLE and summary.groups:
        emit(_table(summary))
        _tell_signs(summary)
    _tell_limits(asked, summary)
    continued = f", {summary.continued:,} continued," if summary.continued else ""
    tell(f"{counted(summary.events, 'event')}{continued} in {counted(len(summary.groups), 'group')}")
    tell_waiting(archive, summary.waiting_files)
    if summary.false_triggers and filters.false_triggers is None:
        marked = counted(summary.false_triggers, "event")
        as_what = "a false trigger" if summary.false_triggers == 1 else "false triggers"
        tell(f"{marked} marked as {as_what}: counted, but in no greatest value and not among those above a limit")
    if summary.false_triggers and filters.false_triggers is True:
        tell(
            "only false triggers were selected: all numbers here are theirs, also the greatest values and those "
            "above a limit"
        )
    # An airblast limit that nobody chose is no check of its own.
    of_points = summary.without_limits is not None
    is_assumed = getattr(asked, "airblast_assumed", False) and bool(asked.curves)
    chosen = summary.airblast is not None and not is_assumed
    # What an archive or a user's file states is shown, and was not asked for here.
    in_vain = ["limits"] if limits.curves and (asked.curves or of_points) and not summary.compared else []
    in_vain += ["airblast limit"] if limits.airblast and chosen and not summary.airblast_compared else []
    if in_vain:
        why = "no event has a peak or level that can be held against it"
        if not summary.groups:
            why = "no event passes the filters"
        tell(f"nothing was compared with the {' and the '.join(in_vain)}: {why}")
        ctx.exit(ExitCode.FINDINGS)


def _tell_limits(asked: LimitBook, summary: Summary) -> None:
    """What events were held against, and which have nothing to be held against."""
    from sfm_archive.limits.verdicts import Limits

    if summary.without_limits is not None:
        for said in summary.limits_of_points:
            tell(f"limits: {said}")
        tell(f"limits: of each event those of its point at its start; {asked.by.convention}")
        if summary.without_limits.sentence:
            tell(summary.without_limits.sentence)
    elif asked.curves:
        tell(f"limits: {'; '.join(curve.title for curve in asked.curves)}; {asked.by.convention}")
    if isinstance(asked, Limits) and asked.airblast is not None:
        tell(f"airblast limit: {asked.airblast_text}")


def _tell_signs(summary: Summary) -> None:
    """What the signs in the table mean, and what leaves events undecided."""
    greatest = [found for group in summary.groups for found in group.greatest.values()]
    for note in sign_notes((found.reading, found.basis) for found in greatest):
        tell(note)
    unknown = sum(group.without_peaks for group in summary.groups)
    if unknown:
        tell(f"{counted(unknown, 'event')} {UNKNOWN_PEAK}: {UNKNOWN_PEAK_MEANS}")
    if any(group.day_unknown for group in summary.groups):
        tell(DAY_UNKNOWN_NOTE)
    if any(map(_is_of_fewer, summary.groups)):
        tell("(of n): so many events have a vector sum; the others have peaks alone, which it does not count")
    if any(group.continued for group in summary.groups):
        tell(
            "continued: events that began before; peaks and exceedances of a histogram are of the days of its intervals"
        )
    once = sum(group.counted_once for group in summary.groups)
    if once:
        tell(
            f"{counted(once, 'histogram')} above a limit only where a waveform of the same unit was triggered that is "
            "as loud and above it too: counted once, as that waveform, and apart from the other counts"
        )
    if any(group.undecided or group.airblast_undecided for group in summary.groups):
        show = command_line("sfm", "report")
        tell(f"undecided: what is known allows more than one answer; a page of {show} says why")


def _is_of_fewer(group: Group) -> bool:
    return "pvs" in group.greatest and group.with_vector_sum < group.with_peaks


def _table(summary: Summary) -> str:
    """For people: what is zero in every group has no column."""
    counts: list[tuple[str, Callable[[Group], int]]] = [
        ("continued", lambda group: group.continued),
        ("waveforms", lambda group: group.waveforms),
        ("histograms", lambda group: group.histograms),
        (f"day unknown {DAY_UNKNOWN_SIGN}", lambda group: group.day_unknown),
        ("undecided level", lambda group: group.level_undecided),
        ("false triggers", lambda group: group.false_triggers),
        ("over range", lambda group: group.over_range),
        ("no known peak", lambda group: group.without_peaks),
    ]
    columns: list[tuple[Column, Callable[[Group], object]]] = [
        (Column(key, key), partial(_key, key)) for key in summary.by
    ]
    columns.append((Column("events", "events", number=True), lambda group: group.events))
    columns += [(Column(t, t, number=True), count) for t, count in counts if any(map(count, summary.groups))]
    for title, quantity in (("PPV", "ppv"), ("vector sum", "pvs"), ("PSPL", "pspl")):
        columns.append((Column(title, quantity, number=True), partial(_greatest, quantity)))
    for title, name, always in _OUTCOMES:
        vibration = bool(summary.curves) or summary.without_limits is not None
        asked = summary.airblast is not None if name.startswith("airblast") else vibration
        if asked and (always or any(getattr(group, name) for group in summary.groups)):
            columns.append((Column(title, name, number=True), attrgetter(name)))
    return table([column for column, _ in columns], [[cell(group) for _, cell in columns] for group in summary.groups])


def _key(key: str, group: Group) -> str:
    return group.keys[key] or "–"


def _greatest(quantity: str, group: Group) -> str:
    """With its unit, a velocity with its channel."""
    found = group.greatest.get(quantity)
    if found is None:
        return ""
    reading = found.reading
    text = peak_text(reading, found.basis, day_known=found.day_known)
    if quantity == "pvs" and _is_of_fewer(group):
        text += f" (of {group.with_vector_sum:,})"
    return f"{reading.channel} {text}".lstrip() if quantity == "ppv" else text


_OUTCOMES = (
    ("exceeded", "exceeded", True),
    ("undecided", "undecided", True),
    ("within", "within", True),
    ("not compared", "not_compared", False),
    ("counted once", "counted_once", False),
    ("airblast exceeded", "airblast_exceeded", True),
    ("airblast undecided", "airblast_undecided", False),
    ("airblast within", "airblast_within", True),
    ("airblast not compared", "airblast_not_compared", False),
)
"""Title, count, and whether it is shown where it is 0 in every group."""


_COUNTS = (
    "events",
    "continued",
    "waveforms",
    "histograms",
    "day_unknown",
    "level_undecided",
    "false_triggers",
    "over_range",
    "without_peaks",
    "assumed_range",
    "with_peaks",
    "with_vector_sum",
    "counted_once",
)


def _csv(summary: Summary) -> tuple[list[Column], list[list[object]]]:
    from sfm_archive.reporting.summarising import GREATEST

    limited = summary.curves or summary.airblast is not None or summary.without_limits is not None
    above = [name for _, name, _ in _OUTCOMES if name not in _COUNTS] if limited else []
    parts = ("", "_unit", "_state", "_channel", "_source", "_event_id", "_basis", "_day_known")
    greatest = [f"{name}{part}" for name in GREATEST for part in parts]
    rows = []
    for group in summary.groups:
        row: list[object] = [*group.keys.values(), *(getattr(group, name) for name in _COUNTS)]
        for name in GREATEST:
            found = group.greatest_value(name)
            row += [""] * len(parts) if found is None else [*found[:-1], "yes" if found.day_known else "no"]
        rows.append([*row, *(getattr(group, name) for name in above), group.ppv_at_least])
    return [Column("", name) for name in (*summary.by, *_COUNTS, *greatest, *above, "ppv_at_least")], rows
