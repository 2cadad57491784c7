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
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.language import language as language_of
from sfm_archive.reporting.lettering import text_width
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.picture_file import picture_bytes, picture_kind
from sfm_archive.reporting.run import WrittenDrawing
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK
from sfm_archive.reporting.words import with_root
from sfm_archive.sites.attenuation import Attenuation, LawOfQuantity, attenuation
from sfm_archive.sites.attenuation_pairs import Out, Quantity
from sfm_archive.sites.jobs import job_named

_WIDTH, _LEFT, _TOP, _HEIGHT, _GAP = 210.0, 32.0, 34.0, 92.0, 36.0
_MARK = 4.0
_NAMES = {
    Quantity.GROUND: phrase("peak particle velocity, {unit}"),
    Quantity.AIR: phrase("peak pressure, {unit}"),
}
_LAWS = {
    Quantity.GROUND: phrase("PPV = {law}, r² {r_squared}, n {n}, s {s}, 95 % line {line}"),
    Quantity.AIR: phrase("pressure = {law}, r² {r_squared}, n {n}, s {s}, 95 % line {line}"),
}


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
    language: str = "en",
    overwrite: bool = False,
    record: bool = True,
) -> tuple[Attenuation, WrittenDrawing | None]:
    """The laws, as `attenuation` has them, and a picture of them as .png, .svg or .pdf; all of one state of the
    archive. None, and no file, where no law was found. `language`: of the picture, `de` or `en`. `record`: an archive
    that is open for writing keeps a hand-over record, with the picture. Needs the extra `plots`.

    Raises as `attenuation`, and UsageError for another kind of file or language, AlreadyExists, StorageFailed.
    """
    kind, words = picture_kind(target), language_of(language)
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
    data = picture_bytes(draw_attenuation(found, words), kind, _title(found, words))
    new = write_file(target, data, overwrite=overwrite)
    asked = {
        "job": number, "points": list(points), "limit_mm_s": limit_mm_s, "airblast": airblast,
        "distances_m": list(distances_m), "units": found.ground.unit,
        "left_out": [[one.event_id, one.reason] for one in found.left_out], "language": language,
    }  # fmt: skip
    noted = NOT_NOTED
    if record:
        noted = note_file(archive, HandoverKind.ATTENUATION, target, asked, data, made_of, made=new)
    drawn = {pair.event_id for one in laws for pair in one.pairs}
    return found, WrittenDrawing(path=target, events=len(drawn), size=len(data), new=new, handover=noted)


def _title(found: Attenuation, words: Language) -> str:
    return words.says("Attenuation at {job}", job=found.job)


def draw_attenuation(found: Attenuation, words: Language) -> Page:
    """The page: a graph for each law. Raises UsageError without any."""
    shown = [one for one in (found.ground, found.air) if one.law is not None]
    if not shown:
        raise UsageError(
            f"job {found.job} has no law of attenuation, so there is nothing to draw; {found.ground.refused}"
        )
    page = Page(_WIDTH, _TOP + (_HEIGHT + _GAP) * len(shown), words)
    page.text(_LEFT, 9, _title(found, words), size=12, bold=True, most=page.right - _LEFT)
    points = words.says("points: {points}", points=", ".join(found.points))
    page.text(_LEFT, 14.5, points, size=8, colour=FAINT, most=page.right - _LEFT)
    x = _LEFT
    for text, dashes in ((words.says("line by least squares"), ()), (words.says("95 % line"), (5.0, 2.0))):
        page.sample(x, 19.5, colour=INK, dashes=dashes)
        page.text(x + 9, 20.5, text, size=7.5)
        x += 15 + text_width(text, 7.5)
    page.text(x, 20.5, words.says("hollow: left out by name"), size=7.5)
    left = [
        words.says("event {number} left out: {reason}", number=str(one.event_id), reason=one.reason)
        for one in found.left_out
    ]
    for place, one in enumerate(shown):
        top = _TOP + place * (_HEIGHT + _GAP)
        _graph(page, Box(_LEFT, top, page.right, top + _HEIGHT), one, left)
    return page


def _graph(page: Page, box: Box, found: LawOfQuantity, left: Sequence[str]) -> None:
    law, words = found.law, page.language
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
    scaled = words.says("scaled distance, {unit}", unit=with_root(found.scaled_unit))
    graph.number_below(_numbers(graph.x, words), scaled)
    graph.number_beside(_numbers(graph.y, words), words.says(_NAMES[found.quantity], unit=found.unit))
    graph.say(law_text(found, words), align="left", bold=True)
    if found.limit is not None:
        limit = words.digits(f"{digits(found.limit, found.unit)} {found.unit}")
        graph.say(words.says("limit {limit}", limit=limit), colour=ALARM)
    told = "; ".join(found.notes)
    others = [
        words.says("out: {number} {because}", number=one.count, because=words.term(Out(one.because)))
        for one in found.out
        if one.because not in told
    ]
    notes = "; ".join([*(with_root(words.told(note)) for note in found.notes), *left, *others])
    page.paragraph(box.left, box.bottom + 13, notes, most=page.right - box.left, lines=6)


def law_text(found: LawOfQuantity, words: Language) -> str:
    """`PPV = 1140 · SD^−1.600, r² 0.81, n 34, s 0.120, 95 % line 1800 · SD^−1.600`."""
    law = found.law
    if law is None:
        return words.told(found.refused)
    r_squared = words.says("not defined") if law.r_squared is None else words.digits(f"{law.r_squared:.3f}")
    power = f"SD^{-law.beta:.3f}".replace("-", "−")
    return words.says(
        _LAWS[found.quantity], law=words.digits(f"{law.k:.4g} · {power}"), r_squared=r_squared, n=law.n,
        s=words.digits(f"{law.s:.3f}"), line=words.digits(f"{law.k_95:.4g} · {power}"),
    )  # fmt: skip


def _scale(values: Sequence[float]) -> Scale:
    low, high = min(values), max(values)
    spare = max(math.log10(high / low) / 12, 0.08)
    return Scale(low / 10**spare, high * 10**spare, log=True)


def _numbers(scale: Scale, words: Language) -> list[tuple[float, str]]:
    decades = math.log10(scale.high / scale.low)
    steps = scale.decades((1, 2, 5) if decades < 3 else (1,)) if decades > 0.7 else scale.decades(range(1, 10))
    return [(one, words.digits(f"{one:.6g}")) for one in steps]
