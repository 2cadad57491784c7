"""The blasts of a job's report of a period as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sfm_archive.cli.output import Column, at_text, table

if TYPE_CHECKING:
    from sfm_archive.reporting.period.report import BlastAtPoint, JobReport, ReportedBlast
    from sfm_archive.reporting.period.values import PeriodValue, PeriodVerdict

BLASTS = (
    Column("blast", "name"),
    Column("no.", "blast", number=True),
    Column("at", "at_local"),
    Column("charge", "charge", number=True),
    Column("point", "point"),
    Column("distance", "distance", number=True),
    Column("scaled", "scaled", number=True),
    Column("PPV", "ppv", number=True),
    Column("ZC", "frequency", number=True),
    Column("vector sum", "pvs", number=True),
    Column("PSPL", "pspl", number=True),
    Column("vibration", "vibration"),
    Column("airblast", "airblast"),
)
COMPONENTS = (
    Column("blast", "name"),
    Column("no.", "blast", number=True),
    Column("point", "point"),
    Column("Tran", "tran", number=True),
    Column("Vert", "vert", number=True),
    Column("Long", "long", number=True),
    Column("held against the limit", "decides"),
    Column("limit", "limit", number=True),
    Column("airblast limit", "airblast_limit"),
)


def blast_sections(report: JobReport) -> Iterator[str]:
    """Each blast at each point, events beside them at none, and the peaks that verdicts rest on."""
    rows = [_blast_cells(report, place, cell) for place, one in enumerate(report.blasts) for cell in one.points]
    yield f"blasts at points, {_scaled_unit(report)}:\n{table(BLASTS, rows, indent='  ')}"
    yield from (f"{_blast_name(one)}: {text}" for one in report.blasts if (text := _elsewhere(one)))
    rows = list(_component_cells(report))
    if rows:
        yield f"their peaks by channel, and what decides:\n{table(COMPONENTS, rows, indent='  ')}"


def _scaled_unit(report: JobReport) -> str:
    return "scaled distance in ft/lb^½" if report.unit == "in/s" else "scaled distance in m/kg^½"


def _blast_cells(report: JobReport, place: int, cell: BlastAtPoint) -> tuple[object, ...]:
    from sfm_archive.model.blasting import Charge
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import charge_text, distance_text

    words = language(ENGLISH)
    blast = report.blasts[place].blast
    scaled = cell.ft_lb_square if report.unit == "in/s" else cell.m_kg_square
    ppv = "" if cell.events else cell.state.value
    if cell.ppv is not None:
        ppv = f"{cell.ppv.channel} {cell.ppv.text}".lstrip()
    return (
        blast.name,
        blast.blast,
        at_text(blast.at_local),
        "" if blast.charge is None else charge_text(words, Charge(blast.charge, blast.charge_unit), report.unit),
        cell.name,
        "" if cell.distance_m is None else distance_text(words, cell.distance_m, report.unit),
        "" if scaled is None else f"{scaled:.1f}",
        ppv,
        reading_cell(cell.frequency),
        _text(cell.pvs),
        _text(cell.pspl),
        _verdict(cell.vibration),
        _verdict(cell.airblast),
    )


def _component_cells(report: JobReport) -> Iterator[tuple[object, ...]]:
    """Of the blasts with events at a point."""
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import (
        NONE,
        airblast_limit_text,
        component_text,
        deciding_text,
        limits_text,
    )

    words = language(ENGLISH)
    for one in report.blasts:
        for cell in one.points:
            if not cell.events:
                continue
            peaks = {each.value.channel: component_text(words, each).partition(" ")[2] for each in cell.components}
            limit = limits_text(words, cell.vibration, report.unit)
            decides = deciding_text(words, cell.vibration, report.unit)
            event = f" (event {cell.vibration.event_id})" if decides and len(cell.events) > 1 else ""
            yield (
                one.blast.name,
                one.blast.blast,
                cell.name,
                *(peaks.get(channel, "") for channel in ("Tran", "Vert", "Long")),
                f"{decides}{event}",
                "" if limit == NONE else f"{limit} {report.unit}",
                airblast_limit_text(words, cell.airblast),
            )


def _verdict(one: PeriodVerdict) -> str:
    from sfm_archive.reporting.period.wording import ratio_text

    if one.ratio is None:
        return one.outcome.value
    return f"{one.outcome.value} ({f'{one.channel} {ratio_text(one.ratio)}'.lstrip()})"


def _text(value: PeriodValue | None) -> str:
    return "" if value is None else value.text


def reading_cell(reading: object) -> str:
    from sfm_archive.model.reading_text import reading_text
    from sfm_archive.model.readings import Reading

    return reading_text(reading) if isinstance(reading, Reading) else ""


def _elsewhere(one: ReportedBlast) -> str:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import elsewhere_text

    return elsewhere_text(language(ENGLISH), one.elsewhere)


def _blast_name(one: ReportedBlast) -> str:
    from sfm_archive.reporting.language import ENGLISH, language
    from sfm_archive.reporting.period.wording import blast_text

    return blast_text(language(ENGLISH), one.blast.blast, one.blast.name)
