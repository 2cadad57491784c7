"""Laws of attenuation as a picture: pairs, the line and the 95 % line of ground and air, log-log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.errors import UsageError
from sfm_archive.exporting.handover import HandoverKind
from sfm_archive.exporting.noting import note_file, provenance_to_note
from sfm_archive.exporting.report import NOT_NOTED
from sfm_archive.files.writing import write_file
from sfm_archive.model.reading_text import digits
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.graph import Graph, Scale
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.picture_file import picture_bytes, picture_kind
from sfm_archive.reporting.run import WrittenDrawing
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK
from sfm_archive.sites.attenuation import Attenuation, LawOfQuantity, attenuation
from sfm_archive.sites.attenuation_pairs import Quantity
from sfm_archive.sites.jobs import job_named

_WIDTH, _LEFT, _TOP, _HEIGHT, _GAP = 210.0, 32.0, 34.0, 92.0, 36.0
_MARK = 4.0
_NAMES = {Quantity.GROUND: "peak particle velocity", Quantity.AIR: "peak pressure"}


def write_attenuation(
    archive: Archive,
    target: Path,
    job: str,
    points: Sequence[str] = (),
    *,
    limit_mm_s: float | None = None,
    airblast: str = "",
    distances_m: Sequence[float] = (),
    left_out: Sequence[tuple[str, str]] = (),
    units: GeoUnit | None = None,
    units_otherwise: GeoUnit | None = None,
    overwrite: bool = False,
    record: bool = True,
) -> tuple[Attenuation, WrittenDrawing | None]:
    """The laws, as `attenuation` has them, and a picture of them as .png, .svg or .pdf; all of one state of the
    archive. None, and no file, where no law was found. `record`: an archive that is open for writing keeps a hand-over
    record, with the picture. Needs the extra `plots`.

    Raises as `attenuation`, and UsageError for another kind of file, AlreadyExists, StorageFailed.
    """
    kind = picture_kind(target)
    with archive.store.snapshot():
        found = attenuation(
            archive, job, points, limit_mm_s=limit_mm_s, airblast=airblast, distances_m=distances_m, left_out=left_out,
            units=units, units_otherwise=units_otherwise,
        )  # fmt: skip
        laws = [one for one in (found.ground, found.air) if one.law is not None]
        made_of = provenance_to_note(archive, {pair.event_id for one in laws for pair in (*one.pairs, *one.named)})
        with archive.store.reading() as connection:
            number = job_named(archive, connection, job).number
    if not laws:
        return found, None
    data = picture_bytes(draw_attenuation(found), kind, f"Attenuation at {found.job}")
    new = write_file(target, data, overwrite=overwrite)
    asked = {
        "job": number, "points": list(points), "limit_mm_s": limit_mm_s, "airblast": airblast,
        "distances_m": list(distances_m), "units": found.ground.unit,
        "left_out": [[one.event_id, one.reason] for one in found.left_out],
    }  # fmt: skip
    noted = NOT_NOTED
    if record:
        noted = note_file(archive, HandoverKind.ATTENUATION, target, asked, data, made_of, made=new)
    drawn = {pair.event_id for one in laws for pair in one.pairs}
    return found, WrittenDrawing(path=target, events=len(drawn), size=len(data), new=new, handover=noted)


def draw_attenuation(found: Attenuation) -> Page:
    """The page: a graph for each law. Raises UsageError without any."""
    shown = [one for one in (found.ground, found.air) if one.law is not None]
    if not shown:
        raise UsageError(
            f"job {found.job} has no law of attenuation, so there is nothing to draw; {found.ground.refused}"
        )
    page = Page(_WIDTH, _TOP + (_HEIGHT + _GAP) * len(shown))
    page.text(_LEFT, 9, f"Attenuation at {found.job}", size=12, bold=True, most=page.right - _LEFT)
    page.text(_LEFT, 14.5, f"points: {', '.join(found.points)}", size=8, colour=FAINT, most=page.right - _LEFT)
    page.sample(_LEFT, 19.5, colour=INK)
    page.text(_LEFT + 9, 20.5, "line by least squares", size=7.5)
    page.sample(_LEFT + 45, 19.5, colour=INK, dashes=(5, 2))
    page.text(_LEFT + 54, 20.5, "95 % line", size=7.5)
    page.text(_LEFT + 72, 20.5, "hollow: left out by name", size=7.5)
    left = [f"event {one.event_id} left out: {one.reason}" for one in found.left_out]
    for place, one in enumerate(shown):
        top = _TOP + place * (_HEIGHT + _GAP)
        _graph(page, Box(_LEFT, top, page.right, top + _HEIGHT), one, left)
    return page


def _graph(page: Page, box: Box, found: LawOfQuantity, left: Sequence[str]) -> None:
    law = found.law
    assert law is not None
    every = [*found.pairs, *found.named]
    lines = [law.peak(law.least), law.peak(law.most), law.peak_95(law.least), law.peak_95(law.most)]
    heights = [*(one.peak for one in every), *lines, *([] if found.limit is None else [found.limit])]
    graph = Graph(page, box, _scale([one.scaled_distance for one in every]), _scale(heights))
    fine = range(1, 10)
    graph.grid(graph.x.decades(fine), graph.y.decades(fine), width=0.25)
    ends = [law.least, law.most]
    if found.limit is not None:
        graph.line([graph.x.low, graph.x.high], [found.limit] * 2, ALARM, width=0.8)
    colour = COLOURS["Vert" if found.quantity is Quantity.GROUND else "MicL"]
    pairs, named = found.pairs, found.named
    graph.marks([one.scaled_distance for one in pairs], [one.peak for one in pairs], "o", _MARK, colour, edge="white")
    if named:
        across = [one.scaled_distance for one in named]
        graph.marks(across, [one.peak for one in named], "o", _MARK, "", edge=colour)
    graph.line(ends, [law.peak(at) for at in ends], INK, width=1.1)
    graph.line(ends, [law.peak_95(at) for at in ends], INK, width=1.1, dashes=(5, 2))
    graph.frame()
    graph.number_below(_numbers(graph.x), f"scaled distance, {found.scaled_unit}")
    graph.number_beside(_numbers(graph.y), f"{_NAMES[found.quantity]}, {found.unit}")
    graph.say(law_text(found), align="left", bold=True)
    if found.limit is not None:
        graph.say(f"limit {digits(found.limit, found.unit)} {found.unit}", colour=ALARM)
    notes = "; ".join([*found.notes, *left])
    others = "; ".join(f"out: {one.count:,} {one.because}" for one in found.out if one.because not in notes)
    notes = "; ".join(filter(None, (notes, others)))
    page.paragraph(box.left, box.bottom + 13, notes, most=page.right - box.left, lines=6)


def law_text(found: LawOfQuantity) -> str:
    """`PPV = 1140 · SD^−1.600, r² 0.81, n 34, s 0.120, 95 %: 1800 · SD^−1.600`."""
    law = found.law
    if law is None:
        return found.refused
    r_squared = "not defined" if law.r_squared is None else f"{law.r_squared:.3f}"
    power = f"SD^{-law.beta:.3f}".replace("-", "−")
    name = "PPV" if found.quantity is Quantity.GROUND else "pressure"
    return (
        f"{name} = {law.k:.4g} · {power}, r² {r_squared}, n {law.n}, s {law.s:.3f}, 95 % line {law.k_95:.4g} · {power}"
    )


def _scale(values: Sequence[float]) -> Scale:
    low, high = min(values), max(values)
    spare = max(math.log10(high / low) / 12, 0.08)
    return Scale(low / 10**spare, high * 10**spare, log=True)


def _numbers(scale: Scale) -> list[tuple[float, str]]:
    decades = math.log10(scale.high / scale.low)
    steps = scale.decades((1, 2, 5) if decades < 3 else (1,)) if decades > 0.7 else scale.decades(range(1, 10))
    return [(one, f"{one:.6g}") for one in steps]
