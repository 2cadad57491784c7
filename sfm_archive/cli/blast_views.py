"""`sfm blast list` and `sfm blast show`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.blast_options import within_option
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_and_csv_options, json_option, since_moment, until_moment
from sfm_archive.cli.output import Column, OutputFormat, at_text, counted, emit, emit_csv, emit_json, table, tell

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.sites.blast_views import BlastDescription, EventOfBlast, ListedBlast, PointOfBlast, UnitClock

LISTED = (
    Column("no.", "blast", number=True),
    Column("job", "job"),
    Column("at", "at_local"),
    Column("zone", "time_zone"),
    Column("name", "name"),
    Column("charge", "charge", number=True),
    Column("unit", "charge_unit"),
    Column("confirmed", "confirmed", number=True),
    Column("proposed", "proposed", number=True),
    Column("refused", "refused", number=True),
    Column("by", "decided_by"),
)
CSV_NAMES = (
    "blast", "job", "at_local", "time_zone", "fold", "hour", "name", "charge", "charge_unit", "latitude", "longitude",
    "east", "north", "proposed", "confirmed", "refused", "nearer_another", "confirmed_far", "decided_by", "reason",
)  # fmt: skip
POINTS = (
    Column("point", "name"),
    Column("distance m", "distance_m", number=True),
    Column("by", "distance_by"),
    Column("m/kg^½", "m_kg_square", number=True),
    Column("ft/lb^½", "ft_lb_square", number=True),
    Column("m/kg^⅓", "m_kg_cube", number=True),
    Column("ft/lb^⅓", "ft_lb_cube", number=True),
    Column("limit in/s", "limit_in_s", number=True),
    Column("verdict", "outcome"),
    Column("units", "units"),
)
EVENTS = (
    Column("event", "event_id", number=True),
    Column("serial", "serial"),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("point", "point"),
    Column("decision", "decision"),
    Column("by", "decided_by"),
    Column("s after blast", "offset_s", number=True),
    Column("Tran", "tran", number=True),
    Column("Vert", "vert", number=True),
    Column("Long", "long", number=True),
    Column("unit", "unit"),
    Column("verdict", "outcome"),
)


@click.command("list")
@archive_to_read
@click.option("--job", "jobs", multiple=True, metavar="JOB", help="Only blasts of this job. May be given again.")
@click.option("--since", type=since_moment, metavar="WHEN", help="Only blasts from then on.")
@click.option("--until", type=until_moment, metavar="WHEN", help="Only blasts up to then, that day or month included.")
@within_option
@json_and_csv_options
def list_command(
    access: Access,
    jobs: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    within_s: float,
    output: OutputFormat,
    csv_form: CsvForm,
) -> None:
    """List blasts, with how many events are confirmed, proposed and refused.

    Below the list stands how the clocks of units with confirmed events differ from the blasts.
    """
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.list_blasts(archive, jobs, since=since, until=until, within_s=within_s)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "list": found})
        return
    if output is OutputFormat.CSV:
        emit_csv(
            tuple(Column("", name) for name in CSV_NAMES),
            ([getattr(one, name) for name in CSV_NAMES] for one in found.blasts),
            csv_form,
        )
        return
    if found.blasts:
        emit(table(LISTED, map(_listed_cells, found.blasts)))
    for one in found.blasts:
        if one.hour:
            tell(f"blast {one.blast}: its time lies in a {one.hour}; both readings were taken")
        if one.nearer_another:
            tell(
                f"blast {one.blast}: {counted(one.nearer_another, 'proposed event')} as near or nearer to another blast"
            )
        if one.confirmed_far:
            tell(
                f"blast {one.blast}: {counted(one.confirmed_far, 'confirmed event')} more than {found.within_s:g} s "
                "from it; look at its time, or at the unit's clock"
            )
    tell(
        counted(len(found.blasts), "blast") + (f", events proposed within {found.within_s:g} s" if found.blasts else "")
    )
    _tell_clocks(access, found.clocks)


@click.command("show")
@archive_to_read
@click.argument("blast", type=WholeNumber(min=1))
@within_option
@json_option
def show_command(access: Access, blast: int, within_s: float, output: OutputFormat) -> None:
    """Show a blast: distances, scaled distances, events with verdicts, and who ran.

    The verdict is that of OSMRE's distance table (30 CFR 816.67(d)(2)) on confirmed events: each component against the
    limit at the point's distance. "running, nothing triggered" is said of a unit of which a document says that it ran;
    it says nothing of the ground below the trigger level.
    """
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.show_blast(archive, blast, within_s=within_s)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "blast": to_plain(found)})
        return
    emit("\n\n".join(_parts(found)))
    _tell_notes(found)
    _tell_clocks(access, found.clocks)


def _listed_cells(one: ListedBlast) -> list[object]:
    cells = {name: getattr(one, name) for name in (column.name for column in LISTED)}
    cells["at_local"] = at_text(one.at_local) + _which(one)
    cells["charge"] = "" if one.charge is None else f"{one.charge:.9g}"
    return [*cells.values()]


def _which(one: ListedBlast) -> str:
    """Which time of two it was, in an hour that clocks show twice."""
    if one.fold is not None:
        return " (second time)" if one.fold else " (first time)"
    return " (?)" if one.hour else ""


def _parts(found: BlastDescription) -> list[str]:
    own = found.blast
    charge = "no charge stated" if own.charge is None else f"{own.charge:.9g} {own.charge_unit} per delay"
    where = "no place stated"
    if own.latitude is not None and own.longitude is not None:
        where = f"at {own.latitude:.9g},{own.longitude:.9g}"
    elif own.east is not None and own.north is not None:
        where = f"at grid {own.east:.12g},{own.north:.12g}"
    name = f" {own.name}" if own.name else ""
    head = (
        f"blast {own.blast} of {own.job}:{name} {at_text(own.at_local)} {own.time_zone}{_which(own)}, {charge}, {where}"
    )
    said = f"said by {own.decided_by}" + (f" ({own.reason})" if own.reason else "")
    parts = [f"{head}; {said}"]
    if found.points:
        parts.append(table(POINTS, map(_point_cells, found.points)))
    events = [one for point in found.points for one in point.events] + [*found.elsewhere]
    if events:
        parts.append(table(EVENTS, map(_event_cells, events)))
    return parts


def _point_cells(one: PointOfBlast) -> list[object]:
    units = [f"{unit.serial} {unit.state.value}" + (f" ({unit.sources})" if unit.sources else "") for unit in one.units]
    scaled = (one.m_kg_square, one.ft_lb_square, one.m_kg_cube, one.ft_lb_cube)
    return [
        one.name,
        "" if one.distance_m is None else f"{one.distance_m:,.1f}",
        one.distance_by,
        *("" if number is None else f"{number:.2f}" for number in scaled),
        "" if one.limit_in_s is None else f"{one.limit_in_s:.2f}",
        one.outcome.value,
        "; ".join(units) or "none stood here",
    ]


def _event_cells(one: EventOfBlast) -> list[object]:
    from sfm_archive.model.reading_text import digits

    peaks = [
        "" if own.ppv is None else {"over range": ">", "at least": "≥", "at most": "<"}.get(own.basis, "")
        + digits(own.ppv, own.unit)
        for own in one.components
    ]  # fmt: skip
    return [
        one.event_id,
        one.serial,
        at_text(one.recorded_at_local),
        one.point or "(no point)",
        one.decision,
        one.decided_by,
        "" if one.offset_s is None else f"{one.offset_s:+.0f}",
        *peaks,
        one.components[0].unit,
        one.outcome.value if one.decision == "confirmed" else "",
    ]


def _tell_notes(found: BlastDescription) -> None:
    events = [*(one for point in found.points for one in point.events), *found.elsewhere]
    of_units: dict[str, list[str]] = {}
    for event in events:
        if event.nearer_blast is not None:
            tell(
                f"event {event.event_id}: blast {event.nearer_blast} is as near or nearer; --proposed does not confirm "
                "it here"
            )
        if event.decision == "confirmed":
            of_units.setdefault(event.serial, []).append(str(event.event_id))
            if event.offset_s is None or abs(event.offset_s) > found.within_s:
                tell(
                    f"event {event.event_id}: confirmed, and more than {found.within_s:g} s from the blast; look at "
                    "the blast's time, or at the unit's clock"
                )
    for serial, ids in of_units.items():
        if len(ids) > 1:
            tell(f"{serial}: {len(ids)} events are confirmed ({', '.join(ids)}); a blast triggers a unit once")
    for event in events:
        if event.hour:
            tell(f"event {event.event_id}: a time lies in a {event.hour}; both readings were taken")
        if event.printed_scaled_distance:
            tell(
                f"event {event.event_id}: its report prints the scaled distance {event.printed_scaled_distance}, "
                "which is not used"
            )
        if event.decision == "confirmed":
            for part in dict.fromkeys(one.why for one in event.components if one.why):
                tell(f"event {event.event_id}: {part}")
    for point in found.points:
        if point.factor is not None and point.factor_met is not None:
            side = "reaches" if point.factor_met else "is below"
            tell(f"{point.name}: the scaled distance {side} OSMRE's factor, {point.factor:g} ft/lb^½")


def _tell_clocks(access: Access, clocks: tuple[UnitClock, ...]) -> None:
    for one in clocks:
        if not one.offset_s:
            continue
        from sfm_archive.model.statements import shift_text

        side = "ahead of" if one.offset_s > 0 else "behind"
        spread = f" ({one.least_s:+.0f} to {one.most_s:+.0f} s)" if one.least_s != one.most_s else ""
        correct = command_line("sfm", "correct", access.path, one.serial, "--clock-shift", shift_text(one.shift_s))
        tell(
            f"{one.serial}: its clock is {abs(one.offset_s):g} s {side} the blasts by "
            f"{counted(one.events, 'confirmed event')}{spread}; {correct} --reason TEXT states it"
        )
