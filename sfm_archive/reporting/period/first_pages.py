"""The first pages of a job's report: whose it is and of what, units and calibration, points with their limits."""

from __future__ import annotations

from sfm_archive.model.calibrations import CalibrationAnswer, CalibrationState
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.lettering import line_height, one_line, wrapped
from sfm_archive.reporting.page import MARGIN, Box, Cell, Picture
from sfm_archive.reporting.period.report import HeldLimits, JobReport, ReportedPoint, ReportedUnit
from sfm_archive.reporting.period.wording import NONE, clock_text, period_text, span_text
from sfm_archive.reporting.sheets import Column, Row, Sheets
from sfm_archive.reporting.style import ALARM, FAINT, INK

_TITLE, _NAME = 20.0, 12.0
_LOGO = (55.0, 22.0)
_SIGN_LINE, _SIGN_HEIGHT, _MOST_SIGNED = 75.0, 30.0, 20


def title_page(sheets: Sheets, report: JobReport) -> None:
    words, firm = sheets.words, report.firm
    if firm is not None:
        top = 15.0
        if firm.logo is not None:
            right = sheets.page.right
            sheets.page.pictures.append(Picture(Box(right - _LOGO[0], top, right, top + _LOGO[1]), firm.logo))
        room = sheets.width - _LOGO[0] - 6.0
        sheets.y = top + 4.0
        for text, size, bold in ((firm.name, 11.0, True), *((line, 8.0, False) for line in firm.lines)):
            for line in wrapped(one_line(text), room, size, bold=bold):
                sheets.need(line_height(size))
                sheets.page.text(MARGIN, sheets.y, line, size=size, bold=bold)
                sheets.y += line_height(size)
        if len(sheets.pages) == 1:
            sheets.y = max(sheets.y, top + _LOGO[1] * (firm.logo is not None))
        sheets.y += 12.0
    for text, size, bold in ((words.says("Vibration report"), _TITLE, True), (report.job.name, _NAME, False)):
        for line in wrapped(one_line(text), sheets.width, size, bold=bold):
            sheets.need(line_height(size))
            sheets.page.text(MARGIN, sheets.y + 2.0, line, size=size, bold=bold)
            sheets.y += line_height(size)
    sheets.page.rule(sheets.y - 1.0, heavy=True)
    sheets.y += 5.0
    sheets.pairs([(name, text) for name, text in _facts(sheets, report) if text])
    _units(sheets, report)
    if report.notes:
        sheets.heading(words.says("To be read with it"))
        for note in report.notes:
            sheets.paragraph(words.reason(note))
    _line_to_sign(sheets, report)


def _facts(sheets: Sheets, report: JobReport) -> list[tuple[str, str]]:
    words, job, by = sheets.words, report.job, report.by
    return [
        (words.says("Job"), job.name),
        (words.says("Client"), job.client),
        (words.says("Period"), period_text(words, report.period)),
        (words.says("Time zone of the site"), job.time_zone),
        (words.says("Report number"), by.number),
        (words.says("Measured by"), by.measured_by),
        (words.says("Analysed by"), by.analysed_by),
        (words.says("Unit of velocities"), report.unit),
    ]


def _units(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Units and their calibration"))
    if not report.units:
        sheets.paragraph(words.says("No unit is stated to have stood at a point of the job in the period."))
        return
    columns = [Column(words.says("Unit")), Column(words.says("Where it stood")), Column(words.says("Calibration")),
               Column(words.says("Events by calibration"))]  # fmt: skip
    sheets.table(columns, [_unit_row(sheets, unit) for unit in report.units])


def _unit_row(sheets: Sheets, unit: ReportedUnit) -> Row:
    words = sheets.words
    windows = [
        f"{window.point_name}: {span_text(words, window.from_local, window.until_local, '')}" for window in unit.windows
    ]
    first, last = unit.calibration_first, unit.calibration_last
    if first == last:
        calibration = _calibration(sheets, first)
    else:
        calibration = words.says(
            "at the begin {first}; at the end {last}",
            first=_calibration(sheets, first), last=_calibration(sheets, last),
        )  # fmt: skip
    overdue = CalibrationState.OVERDUE in (first.state, last.state) or unit.overdue
    counts = [
        words.says("valid: {number}", number=unit.valid) if unit.valid else "",
        words.says("overdue: {number}", number=unit.overdue) if unit.overdue else "",
        words.says("unknown: {number}", number=unit.unknown) if unit.unknown else "",
    ]
    below = [
        _settings(words, unit),
        *(clock_text(words, one) for one in unit.clocks),
        words.says("printed by its reports: {texts}", texts="; ".join(unit.printed)) if unit.printed else "",
        words.says("certificates: {names}", names="; ".join(unit.certificates)) if unit.certificates else "",
    ]
    names = ", ".join(text for text in (unit.serial, unit.family, *unit.models) if text)
    return Row(
        [names, "; ".join(windows) or NONE, Cell(calibration, ALARM if overdue else INK),
         ", ".join(filter(None, counts)) or NONE],
        below="; ".join(filter(None, below)),
    )  # fmt: skip


def _settings(words: Language, unit: ReportedUnit) -> str:
    """Trigger levels, range and rate: as documents tell them, then as people state them."""
    stated = [
        [
            words.says(
                "{value} (stated by {name})", value=words.reading(text), name=one.decided_by
            ) if one.decided_by else words.says("{value} (stated)", value=words.reading(text))
            for one in unit.stated_settings if (text := getattr(one, name))
        ]
        for name in ("geo_range", "sample_rate")
    ]  # fmt: skip
    levels = [*unit.trigger_levels, *unit.air_trigger_levels]
    told = (
        (words.says("trigger level"), [words.reading(text) for text in levels]),
        (words.says("range of the geophones"), [*map(words.reading, unit.ranges), *stated[0]]),
        (words.says("sampling rate"), [*map(words.reading, unit.sample_rates), *stated[1]]),
    )
    return "; ".join(f"{name} {', '.join(texts) or words.says('not stated')}" for name, texts in told)


def _calibration(sheets: Sheets, answer: CalibrationAnswer) -> str:
    return f"{sheets.words.term(answer.state)} ({sheets.words.told(answer.why)})"


def _line_to_sign(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    name = "" if report.firm is None else report.firm.signature
    lines = wrapped(one_line(name), _SIGN_LINE, 7.5)
    below = min(len(lines), _MOST_SIGNED) * line_height(7.5)
    sheets.need(_SIGN_HEIGHT + below)
    y = max(sheets.y + 20.0, sheets.bottom - 8.0 - below)
    right = sheets.page.right - _SIGN_LINE
    for left, text in ((MARGIN, words.says("place and date")), (right, words.says("signature"))):
        sheets.page.rule(y, left=left, right=left + _SIGN_LINE)
        sheets.page.text(left, y + 3.6, text, size=6.5, colour=FAINT)
    sheets.y = y + 3.6
    for line in lines:
        sheets.y += line_height(7.5)
        sheets.need(1.0)
        sheets.page.text(right, sheets.y, line, size=7.5)
    sheets.y = sheets.bottom


def point_pages(sheets: Sheets, report: JobReport) -> None:
    """Points with their limits, and how many events each has."""
    words = sheets.words
    sheets.heading(words.says("Points and their limits"))
    if not report.points:
        sheets.paragraph(words.says("The job has no points."))
        return
    for point in report.points:
        _point(sheets, point)
    _counts(sheets, report)


def _point(sheets: Sheets, point: ReportedPoint) -> None:
    words = sheets.words
    sheets.need(22.0)
    sheets.paragraph(point.name, bold=True)
    rows = [(words.says("Address"), point.address), (words.says("Structure"), point.structure)]
    if point.latitude is not None and point.longitude is not None:
        rows.append(
            (words.says("Coordinates (WGS 84)"), words.digits(f"{point.latitude:.6f}°, {point.longitude:.6f}°"))
        )
    if point.east is not None and point.north is not None:
        grid = words.says(
            "{east} m east, {north} m north",
            east=words.digits(f"{point.east:.2f}"), north=words.digits(f"{point.north:.2f}"),
        )  # fmt: skip
        rows.append((words.says("Grid of the job"), grid))
    if not point.limits:
        rows.append((words.says("Limits"), words.says("none is stated that holds in the period")))
    apart = len(point.limits) > 1
    for held in () if apart else point.limits:
        rows += _limits(sheets, held, apart=False)
    sheets.pairs([(name, text) for name, text in rows if text])
    for held in point.limits if apart else ():
        sheets.y += 1.0
        sheets.need(22.0)
        sheets.paragraph(_span(words, held), colour=FAINT, bold=True)
        sheets.pairs([(name, text) for name, text in _limits(sheets, held, apart=True) if text])
    sheets.y += 2.0


def _span(words: Language, held: HeldLimits) -> str:
    return span_text(words, held.from_local, held.until_local, words.says("from the first record on"))


def _limits(sheets: Sheets, held: HeldLimits, *, apart: bool) -> list[tuple[str, str]]:
    """What holds in one span; `apart`: the span stands above it, as a heading."""
    words = sheets.words
    titles = "; ".join(words.told(title) for title in held.titles) or words.says("none of velocity")
    judged = words.reason(held.convention)
    judged = judged if held.judge_stated else words.says("by default: {convention}", convention=judged)
    return [
        (words.says("Limits"), titles if apart else f"{titles}; {_span(words, held)}"),
        (words.says("Airblast"), words.told(held.airblast) or words.says("no limit")),
        (words.says("Judged"), judged),
        (words.says("Stated by"), held.decided_by),
        (words.says("Reason"), held.reason),
        (words.says("Source"), "; ".join(words.told(source) for source in held.sources)),
    ]


def _counts(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Events at the points in the period"))
    columns = [
        Column(words.says("Point")), *(Column(title, "right") for title in (
            words.says("events"), words.says("waveforms"), words.says("histograms"), words.says("ran into it"),
            words.says("exceeded"), words.says("undecided"), words.says("within"), words.says("not compared"),
            words.says("counted once"), words.says("false triggers"),
        )),
    ]  # fmt: skip
    rows = []
    for point in report.points:
        group = point.counts
        if group is None:
            rows.append(Row([point.name, "0", *["–"] * (len(columns) - 2)]))
            continue
        numbers = (
            group.events, group.waveforms, group.histograms, group.continued, group.exceeded, group.undecided,
            group.within, group.not_compared, group.counted_once, group.false_triggers,
        )  # fmt: skip
        cells = [Cell(words.whole(number)) for number in numbers]
        cells[4] = cells[4]._replace(colour=ALARM if group.exceeded else INK, bold=group.exceeded > 0)
        rows.append(Row([point.name, *cells]))
    below = [
        words.says(
            "Events, waveforms and histograms: that began at the point in the period. Ran into it: events that began "
            "before, and histograms that began at another point; the columns that follow count of them what was "
            "recorded here in the period alone. Exceeded, undecided, within, not compared, counted once and false "
            "triggers add up to events and what ran into it."
        ),
        words.says(
            "Exceeded, undecided, within, not compared and counted once are of vibration. Counted once: a histogram "
            "that is above a limit only where a waveform of the same unit, as loud, was triggered."
        ),
    ]
    sheets.table(columns, rows, below=below)
