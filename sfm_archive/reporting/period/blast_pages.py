"""The blasts of a job's report: each at each point, and what share of them is within the limits."""

from __future__ import annotations

from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.blasting import Charge
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.page import Cell
from sfm_archive.reporting.period.report import BlastAtPoint, BlastShare, CellState, JobReport, ReportedBlast
from sfm_archive.reporting.period.wording import (
    NONE,
    NOTHING,
    airblast_limit_text,
    blast_text,
    charge_text,
    component_text,
    day_text,
    deciding_text,
    distance_text,
    elsewhere_text,
    last_day_text,
    limits_text,
    moment_text,
    numbers_text,
    of_limit_text,
    scaled_text,
    scaled_unit,
    share_text,
    value_text,
    verdict_cell,
)
from sfm_archive.reporting.sheets import Column, Row, Sheets, as_cell
from sfm_archive.reporting.style import ALARM, FAINT, INK

_COMPUTED = "*"
"""Behind a distance that nobody stated."""


def blast_pages(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Blasts at the points"))
    if not report.blasts:
        sheets.paragraph(words.says("No blast is stated for the period."))
        return
    whys = _Whys()
    blocks = [_block(words, one, report.unit, whys) for one in report.blasts]
    columns = [
        Column(words.says("Point")),
        Column(words.says("Events")),
        Column(words.says("Distance"), "right"),
        Column(words.says("Scaled distance, {unit}", unit=scaled_unit(report.unit)), "right"),
        Column(words.says("Peak"), "right"),
        Column(words.says("Frequency"), "right"),
        Column(words.says("Limit, {unit}", unit=report.unit), "right"),
        Column(words.says("Of limit"), "right"),
        Column(words.says("Vibration")),
        Column(words.says("Vector sum"), "right"),
        Column(words.says("Airblast"), "right"),
        Column(words.says("Outcome (limit, dB(L))")),
    ]
    # What is not known of any blast has no column of its own.
    lines = [[as_cell(cell) for cell in row.cells] for block in blocks for row in block if row.cells]
    kept = [
        at
        for at, column in enumerate(columns)
        if column.title in (columns[0].title, columns[8].title) or any(line[at].text != NONE for line in lines)
    ]
    rows = [
        row._replace(cells=[row.cells[at] for at in kept] if row.cells else ()) for block in blocks for row in block
    ]
    below = [
        words.says(
            "Limit, and of limit: of the channel that reaches most of its limit, which need not be the one with the "
            "greatest peak; below the row its peak and the frequency by which the limit was read."
        )
    ]
    if any(point.distance_by in ("coordinates", "grid") for one in report.blasts for point in one.points):
        below.append(words.says("*: computed from coordinates; other distances are stated."))
    if 3 in kept:
        below.append(words.says("Scaled distance: by the square root of the charge."))
    sheets.table([columns[at] for at in kept], rows, below=below, marks=whys.texts)


class _Whys:
    """Sentences that stand below the table, and their marks."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def mark(self, *sentences: str) -> str:
        """`[1] [4]`; '' of none."""
        told = [sentence for sentence in sentences if sentence]
        return " ".join(f"[{self._known.setdefault(one, len(self._known) + 1)}]" for one in told)

    @property
    def texts(self) -> dict[str, str]:
        """By mark."""
        return {f"[{number}]": sentence for sentence, number in self._known.items()}


def _block(words: Language, one: ReportedBlast, unit: str, whys: _Whys) -> list[Row]:
    """A blast's line and a row for each point where a unit stood; the others are named."""
    stood = [point for point in one.points if point.state is not CellState.NO_UNIT]
    without = [point.name for point in one.points if point.state is CellState.NO_UNIT]
    rows = [Row(band=_band(words, one, unit)), *(_row(words, point, unit, whys) for point in stood)]
    if without:
        said = words.says("no unit stood at: {points}", points="; ".join(without))
        rows.append(Row(below=said))
    if one.elsewhere:
        rows.append(Row(below=elsewhere_text(words, one.elsewhere)))
    return rows


def _band(words: Language, one: ReportedBlast, unit: str) -> str:
    blast = one.blast
    text = blast_text(words, blast.blast, blast.name)
    parts = [f"{text[:1].upper()}{text[1:]}", moment_text(words, blast.at_local)]
    if blast.hour:
        parts.append(words.known(blast.hour))
    if blast.charge is not None:
        charge = charge_text(words, Charge(blast.charge, blast.charge_unit), unit)
        parts.append(words.says("charge of one delay {charge}", charge=charge))
        if blast.decided_by:
            parts.append(words.says("stated by {name}", name=blast.decided_by))
    return " · ".join(parts)


def _row(words: Language, point: BlastAtPoint, unit: str, whys: _Whys) -> Row:
    frequency = NONE if point.frequency is None else words.reading_of(point.frequency)
    measured = point.state is CellState.MEASURED
    whose = "" if point.ppv is None else f"{point.ppv.channel} ".lstrip()
    ppv = Cell(f"{whose}{value_text(words, point.ppv)}") if measured else Cell(words.term(point.state), FAINT)
    vibration = point.vibration
    trigger = ""
    if point.trigger and point.trigger not in vibration.why:
        trigger = words.told(f"trigger level {point.trigger}")
    return Row(
        [
            point.name,
            numbers_text((*point.events, *point.proposed)),
            distance_text(words, point.distance_m, unit) + _COMPUTED * (point.distance_by in ("coordinates", "grid")),
            scaled_text(words, point, unit),
            ppv,
            frequency,
            limits_text(words, vibration, unit),
            of_limit_text(words, vibration),
            verdict_cell(words, vibration, whys.mark(words.reason(vibration.why), trigger)),
            value_text(words, point.pvs),
            value_text(words, point.pspl),
            _airblast(words, point, whys),
        ],
        below=_peaks(words, point, unit),
    )


def _peaks(words: Language, point: BlastAtPoint, unit: str) -> str:
    """Every geophone's peak and frequency, and what decides; '' without an event."""
    parts = [component_text(words, one) for one in point.components]
    if deciding := deciding_text(words, point.vibration, unit):
        parts.append(words.says("held against the limit: {value}", value=deciding))
        if len(point.events) > 1:
            parts[-1] = f"{parts[-1]} ({words.says('event {number}', number=str(point.vibration.event_id))})"
    return "; ".join(parts)


def _airblast(words: Language, point: BlastAtPoint, whys: _Whys) -> Cell:
    verdict = point.airblast
    if verdict.outcome is Outcome.NOT_COMPARED and not verdict.limit:
        return NOTHING
    cell = verdict_cell(words, verdict, whys.mark(words.reason(verdict.why)))
    limit = airblast_limit_text(words, verdict).removesuffix(" dB(L)")
    return cell if limit == NONE else cell._replace(text=f"{cell.text} ({limit})")


def event_text(words: Language, report: JobReport, event_id: int) -> str:
    """The blasts that an event is confirmed for, with distance and scaled distance, for its own page; '' of none."""
    said = []
    for one in report.blasts:
        for point in one.points:
            if event_id not in point.events:
                continue
            parts = [f"{_band(words, one, report.unit)}: {point.name}"]
            if point.distance_m is not None:
                distance = distance_text(words, point.distance_m, report.unit)
                parts.append(words.says("distance {distance}", distance=distance))
            scaled = scaled_text(words, point, report.unit)
            if scaled != NONE:
                unit = scaled_unit(report.unit)
                parts.append(words.says("scaled distance {distance}", distance=f"{scaled} {unit}"))
            said.append(", ".join(parts))
    return "; ".join(said)


def share_pages(sheets: Sheets, report: JobReport) -> None:
    """What share of the blasts is within, by point."""
    words = sheets.words
    sheets.heading(words.says("Share of blasts within the limits"))
    if not report.shares:
        sheets.paragraph(words.says("There is no blast and point of which a share could be said."))
        return
    times = {(one.since_local, one.until_local) for one in report.shares}
    if len(times) == 1:
        sheets.paragraph(_time(words, report.shares[0]))
    columns = [
        Column(words.says("Point")), Column(words.says("Limit")),
        *([Column(words.says("Time"))] if len(times) > 1 else []),
        *(Column(title, "right") for title in (
            words.says("blasts"), words.says("within"), words.says("exceeded"), words.says("undecided"),
            words.says("not compared"), words.says("no unit"), "n", words.says("share within"),
        )),
    ]  # fmt: skip
    says = words.says(
        "n: blasts that are within, exceeded or undecided; the share is of those, and a range where "
        "some are undecided. A blast without an event is within only where a unit ran and its trigger level is "
        "known and not above the limit (in brackets: how many); else it is undecided."
    )
    known = [one for one in report.shares if one.no_unit < one.blasts]
    if known:
        sheets.table(columns, [_share(words, one, dated=len(times) > 1) for one in known], below=[says])
    without = dict.fromkeys(one.name for one in report.shares if one.no_unit == one.blasts)
    if without:
        said = words.says("No unit stood there at any of these blasts: {points}.", points="; ".join(without))
        sheets.paragraph(said)


def _time(words: Language, one: BlastShare) -> str:
    first, last = day_text(words, one.since_local[:10]), last_day_text(words, one.until_local)
    return words.says("{first} to {last}", first=first, last=last)


def _share(words: Language, one: BlastShare, *, dated: bool) -> Row:
    what = {"vibration": words.says("Vibration"), "airblast": words.says("Airblast")}[one.what]
    limits = "; ".join(words.told(text) for text in one.limits) or words.says("none stated")
    within = words.whole(one.within) + (f" ({words.whole(one.by_trigger)})" if one.by_trigger else "")
    exceeded = Cell(words.whole(one.exceeded), ALARM if one.exceeded else INK, one.exceeded > 0)
    rest = [words.whole(number) for number in (one.undecided, one.not_compared, one.no_unit, one.n)]
    share = Cell(share_text(words, one), bold=True)
    time = [_time(words, one)] if dated else []
    return Row([one.name, f"{what}: {limits}", *time, words.whole(one.blasts), within, exceeded, *rest, share])
