"""`sfm attenuation`: how fast peaks fall with distance, and which charge a limit allows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.counting import counted
from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.noting import record_options, tell_noted
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option, velocity
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, table, tell
from sfm_archive.cli.page_options import language_option
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.preferences import STATED, preferred, unit_of
from sfm_archive.errors import ExitCode
from sfm_archive.model.units import GEO_UNITS

if TYPE_CHECKING:
    from sfm_archive.model.units import GeoUnit
    from sfm_archive.sites.attenuation import Attenuation, LawOfQuantity

LAWS = (
    Column("law", "quantity"),
    Column("peak", "unit"),
    Column("scaled distance", "scaled_unit"),
    Column("n", "n", number=True),
    Column("K", "k", number=True),
    Column("β", "beta", number=True),
    Column("r²", "r_squared", number=True),
    Column("s", "s", number=True),
    Column("K of 95 % line", "k_95", number=True),
    Column("from", "least", number=True),
    Column("to", "most", number=True),
)
PAIRS = (
    Column("law", "quantity"),
    Column("event", "event_id", number=True),
    Column("serial", "serial"),
    Column("blast", "blast", number=True),
    Column("point", "point"),
    Column("distance m", "distance_m", number=True),
    Column("charge", "charge", number=True),
    Column("unit", "charge_unit"),
    Column("scaled distance", "scaled_distance", number=True),
    Column("", "scaled_unit"),
    Column("peak", "peak", number=True),
    Column("", "unit"),
    Column("basis", "basis"),
    Column("", "left"),
)
OUT = (Column("law", "quantity"), Column("out", "count", number=True), Column("because", "because"))
UNITS = "1 ft/lb^½ = 0.45257 m/kg^½, 1 ft/lb^⅓ = 0.39670 m/kg^⅓"


@click.command("attenuation")
@archive_to_read
@click.option("--job", required=True, metavar="JOB", help="The job whose blasts and points are meant.")
@click.option(
    "--point",
    "points",
    multiple=True,
    metavar="POINT",
    help="Only what was recorded at this point. May be given again.",
)
@click.option(
    "--limit", "limit_mm_s", type=velocity, metavar="VELOCITY",
    help="Tell the charge of one delay by which the 95 % line is at this velocity, such as 12mm/s or 0.5in/s.",
)  # fmt: skip
@click.option(
    "--airblast", metavar="LIMIT", default="",
    help="The same for a level or pressure in the air, such as 120dB, 100Pa or osmre-2hz.",
)  # fmt: skip
@click.option(
    "--distance", "distances", multiple=True, metavar="LENGTH",
    help="Tell charges at this distance, such as 300m or 1000ft. May be given again.  [default: from the nearest pair "
    "to the farthest]",
)  # fmt: skip
@click.option(
    "--leave-out", "left_out", multiple=True, metavar="EVENT", shell_complete=complete_events,
    help="Make the law without this event, by id or file name; needs --reason. May be given again.",
)  # fmt: skip
@click.option(
    "--reason", "reasons", multiple=True, metavar="TEXT",
    help="Why an event is left out: once for all of them, or once for each.",
)  # fmt: skip
@click.option(
    "--units", type=click.Choice(GEO_UNITS),
    help=f"mm/s with metres and kilograms, or in/s with feet and pounds.  [default: the job's, else {STATED}, "
    "else those of most of its reports]",
)  # fmt: skip
@click.option("--pairs", is_flag=True, help="List the pairs too.")
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE",
    help="Write a picture as well, of pairs and lines: .png, .svg or .pdf.",
)  # fmt: skip
@language_option
@record_options
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    job: str,
    points: tuple[str, ...],
    limit_mm_s: float | None,
    airblast: str,
    distances: tuple[str, ...],
    left_out: tuple[str, ...],
    reasons: tuple[str, ...],
    units: GeoUnit | None,
    pairs: bool,
    target: Path | None,
    language: str | None,
    record: bool,
    overwrite: bool,
    output: OutputFormat,
) -> None:
    """Show how peaks fall with distance at a job.

    Peak = K · SD^−β by least squares through logarithms, SD being the scaled distance: distance by the square root of
    the charge for the ground (greatest geophone), by its cube root for the air (pressure in Pa). The 95 % line is
    K · 10^(1.645 s). Pairs are the confirmed events (sfm blast confirm) of blasts with a known charge, at points with a
    known distance; peaks over range, below a trigger level, assumed or in doubt are out, and counted.

    With --limit and --airblast: W = (D/SD)², for the air (D/SD)³, SD being where the 95 % line reaches the limit;
    charges are rounded down. The command ends with 3 where no law can be found. Of a picture (-o) the archive keeps a
    hand-over record, with the file (sfm handovers). Pictures need the extra `plots`.

    \b
    Examples:
      sfm attenuation quarry.sfm --job "North Quarry"
      sfm attenuation quarry.sfm --job "North Quarry" --limit 12mm/s --distance 300m
      sfm attenuation quarry.sfm --job "North Quarry" --leave-out 12 --reason "a truck beside the unit" -o law.pdf
    """
    if target is not None:
        if target.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise click.UsageError(f"{target}: a picture is written as .png, .svg or .pdf; name the file so")
        require_extra("sfm attenuation -o", "plots")
    if target is None and language is not None:
        raise click.UsageError("--language is of a picture; give it with -o")
    if len(reasons) > 1 and len(reasons) != len(left_out):
        raise click.UsageError("give --reason once for all events that are left out, or once for each of them")
    if reasons and not left_out:
        raise click.UsageError("--reason is about events that are left out; give it with --leave-out")
    import sfm_archive as sfm
    from sfm_archive.model.blasting import written_distance

    each = reasons if len(reasons) == len(left_out) else (reasons[0] if reasons else "",) * len(left_out)
    asked: dict[str, Any] = {
        "limit_mm_s": limit_mm_s,
        "airblast": airblast,
        "distances_m": [written_distance(text) for text in distances],
        "left_out": tuple(zip(left_out, each, strict=True)),
        "units": units,
    }
    drawn = None
    with access.to_note(record=record and target is not None) as archive:
        wanted = preferred(archive, language=language).preferences
        asked["units_otherwise"] = unit_of(wanted)
        if target is None:
            found = sfm.attenuation(archive, job, points, **asked)
        else:
            found, drawn = sfm.write_attenuation(
                archive, target, job, points, **asked, language=wanted.language or "en", overwrite=overwrite,
                record=record,
            )  # fmt: skip
        if output is OutputFormat.JSON:
            handover = None if drawn is None else drawn.handover.number or None
            emit_json({"archive": str(access.path), "attenuation": to_plain(found), "handover": handover})
        else:
            _print(found, pairs=pairs)
        if drawn is not None:
            tell(f"{target} {'written' if drawn.new else 'was there already'} ({drawn.size:,} bytes)")
            tell_noted(archive, drawn.handover)
    if found.ground.law is None and found.air.law is None:
        ctx.exit(ExitCode.NOT_FOUND)


def _print(found: Attenuation, *, pairs: bool) -> None:
    laws = (found.ground, found.air)
    parts = []
    if rows := [_law_cells(one) for one in laws if one.law is not None]:
        parts.append(table(LAWS, rows))
    parts += [_charges(one) for one in laws if one.charges]
    if pairs and (cells := [row for one in laws for row in _pair_cells(one)]):
        parts.append(table(PAIRS, cells))
    out = [(one.quantity, other.count, other.because) for one in laws for other in one.out]
    if out:
        parts.append(
            table((Column("law", "law"), Column("out", "out", number=True), Column("because", "because")), out)
        )
    if parts:
        emit("\n\n".join(parts))
    for event in found.left_out:
        tell(f"event {event.event_id} is left out: {event.reason}")
    for note in found.notes:
        tell(note)
    for one in laws:
        if one.refused:
            tell(f"{one.quantity}: no law: {one.refused}")
        for note in one.notes:
            tell(f"{one.quantity}: {note}")
    tell(f"{found.job}, {', '.join(found.points)}: {counted(found.blasts, 'blast')}; {UNITS}")


def _law_cells(found: LawOfQuantity) -> list[object]:
    law = found.law
    assert law is not None
    return [
        found.quantity.value,
        found.unit,
        found.scaled_unit,
        law.n,
        f"{law.k:.4g}",
        f"{law.beta:.3f}",
        "" if law.r_squared is None else f"{law.r_squared:.3f}",
        f"{law.s:.3f}",
        f"{law.k_95:.4g}",
        f"{law.least:.3g}",
        f"{law.most:.3g}",
    ]


def _charges(found: LawOfQuantity) -> str:
    from sfm_archive.model.blasting import FOOT_M
    from sfm_archive.model.reading_text import digits

    assert found.limit is not None
    per, unit = (1.0, "m") if found.charge_unit == "kg" else (FOOT_M, "ft")
    mark = ", extrapolated" if found.extrapolated else ""
    at = f"{digits(found.limit, found.unit)} {found.unit} at {found.limit_scaled_distance:.4g} {found.scaled_unit}"
    columns = (
        Column(f"distance {unit}", "distance", number=True),
        Column(f"charge {found.charge_unit} of one delay ({at}{mark})", "charge", number=True),
    )
    return table(columns, [(f"{one.distance_m / per:,.1f}", _rounded_down(one.charge)) for one in found.charges])


def _rounded_down(charge: float) -> str:
    """A charge of about three digits, none of which is more than what is allowed."""
    decimals = 0 if charge >= 100 else 1 if charge >= 10 else 2
    return f"{math.floor(charge * 10**decimals) / 10**decimals:,.{decimals}f}"


def _pair_cells(found: LawOfQuantity) -> list[list[object]]:
    from sfm_archive.model.reading_text import digits

    return [
        [
            found.quantity.value,
            one.event_id,
            one.serial,
            one.blast,
            one.point,
            f"{one.distance_m:,.1f}",
            f"{one.charge:.9g}",
            one.charge_unit,
            f"{one.scaled_distance:.2f}",
            found.scaled_unit,
            digits(one.peak, found.unit),
            found.unit,
            one.basis,
            mark,
        ]
        for some, mark in ((found.pairs, ""), (found.named, "left out"))
        for one in some
    ]
