"""The page of one event: everything that a reader of both sides of a claim asks for, on one sheet where it fits."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.analysing import Recording
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import CHANNELS, ValueState
from sfm_archive.reporting.chart import draw_chart
from sfm_archive.reporting.event_facts import fact_rows, false_trigger_note, general_note, title_rows, unit_rows
from sfm_archive.reporting.event_numbers import Numbers
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import ENGLISH, Language, language, phrase
from sfm_archive.reporting.lettering import line_height, wrapped
from sfm_archive.reporting.page import MARGIN, PAPERS, Box, Page, without_font_text
from sfm_archive.reporting.style import ALARM, FAINT, INK
from sfm_archive.reporting.traces import draw_record
from sfm_archive.reporting.verdicts import draw_verdicts, in_period_text, limit_sources, lines_needed
from sfm_archive.reporting.words import NOT_BY_INSTANTEL

_FOOTER = 24.5
_TOP = 28.0
_REPORT_LINE, _BESIDE_REPORT = 13.0, 52.0
_CHART_LINE, _LEAST_LINE = 3.3, 2.65
_LOWEST_CHART, _HIGHEST_CHART = 46.0, 69.0
_CHART_ALONE = 105.0
"""Of a chart that has a sheet of its own."""

_AROUND_RECORD = 30.5
"""Headings, annotations and the axis below it: what a recording needs besides the height of its axes, in mm."""

_LEAST_TRACE, _LEAST_RECORD = 11.5, 34.5
_FACT_LABEL, _TITLE_LABEL = 36.0, 19.0
_FACT_LINES, _TITLE_LINES = 4, 3
_NOTE_SIZE = 7.5
_SOURCE_SIZE = 6.2
_MOST_NOTE_LINES = 12
_MARK_SIZE, _MARK_LINES = 9.5, 3
_FALSE_TRIGGER_MEANS = phrase(
    "Marked as a false trigger by the reviewer; left out of all totals. Numbers and verdicts are shown as recorded."
)
_TITLE = phrase("Vibration event report")
_TITLES = {
    RecordType.WAVEFORM: phrase("Waveform event report"),
    RecordType.HISTOGRAM: phrase("Histogram event report"),
}


_Facts = tuple[float, list[tuple[str, str]], float, float, int]
"""A column of names and values: its place, the rows, the width of names and of both, and the most lines of a value."""


class EventPages:
    """The page of one event.

    A second sheet follows where one is too small: for the chart where nothing of the recording could be seen beside
    it, and for notes that do not fit. Nothing is cut that is not whole there. `count`: 1 or 2. `report`: whose pages
    these are, on top of each; `blast`: what a report says of the blast that the event is of; '' for nothing.
    """

    def __init__(
        self, event: JudgedEvent, paper: str, words: Language | None = None, *, report: str = "", blast: str = ""
    ) -> None:
        recording = event.recording
        self._report, self._blast = report, blast
        self._event, self._recording, self._size = event, recording, PAPERS[paper]
        self._words = words or language(ENGLISH)
        curves = event.limits.curves
        self._shown = recording.traces is not None or recording.histogram is not None
        page = Page(*self._size, self._words)
        self._numbers = Numbers(event, page.right - MARGIN, self._words)
        self._sources = wrapped(limit_sources(event.limits, self._words), page.right - MARGIN, _SOURCE_SIZE)
        below = len(self._sources) * line_height(_SOURCE_SIZE)
        above = self._numbers.draw(page, _facts(page, recording, self._head(page), cut=False))
        # The chart is lower where the recording beside it would be.
        bottom, lines = page.height - _FOOTER - below, lines_needed(curves)
        room = bottom - above - _AROUND_RECORD - self._least_record
        wanted, least = (max(_LOWEST_CHART, min(_HIGHEST_CHART, lines * one)) for one in (_CHART_LINE, _LEAST_LINE))
        self._chart_height = max(least, min(wanted, room)) if self._shown else wanted
        self._chart_top = bottom - self._chart_height
        self._chart_moved = self._shown and room < least
        note_lines = len(wrapped(general_note(recording), _note_width(page), _NOTE_SIZE))
        self._cut = note_lines > _MOST_NOTE_LINES or _titles_cut(page, recording) or _mark_cut(page, recording)
        self.count = 2 if self._chart_moved or self._cut else 1

    @property
    def _least_record(self) -> float:
        """What its axes need, in mm."""
        traces = self._recording.traces
        return max(_LEAST_RECORD, _LEAST_TRACE * len(traces.channels if traces is not None else CHANNELS))

    def draw(self, first: int, total: int, made_at: str) -> list[Page]:
        """The sheets. `first`: number of the first one, of `total` in the report. `made_at`: UTC, for the footer."""
        recording = self._recording
        page = Page(*self._size, self._words)
        y = self._head(page)
        y = _facts(page, recording, y, cut=self._cut)
        y = self._numbers.draw(page, y + 2.5)
        end = page.height - _FOOTER + 1.0 if self._chart_moved else self._chart_top
        _record(page, self._event, y + 3.5, end - 17.8, shown=self._shown)
        airblast = self._event.verdict.airblast
        known = self._event.summary.ppv_nm_s is not None
        compared = airblast is not None and airblast.outcome is not Outcome.NOT_COMPARED
        if (self._shown or known or compared) and not self._chart_moved:
            self._compliance(page, self._chart_top if self._shown else y + 30, self._chart_height)
        _footer(page, recording, (first, total), made_at)
        sheets = [page]
        if self.count > 1:
            sheets.append(self._second((first + 1, total), made_at))
        return sheets

    def _head(self, page: Page) -> float:
        """Of the first sheet: also its blast, and what of the event lies in the period."""
        y, note = _header(page, self._recording), in_period_text(self._event, self._words)
        self._on_top(page)
        for text in filter(None, (self._blast, note)):
            y = page.paragraph(MARGIN, y, text, most=page.right - MARGIN, size=_NOTE_SIZE, colour=INK, bold=True) + 1.0
        return y + 2.0 if self._blast or note else y

    def _on_top(self, page: Page) -> None:
        if self._report:
            page.text(
                MARGIN, _REPORT_LINE, self._report, size=6.2, colour=FAINT, most=page.right - MARGIN - _BESIDE_REPORT
            )

    def _second(self, number: tuple[int, int], made_at: str) -> Page:
        page, recording, words = Page(*self._size, self._words), self._recording, self._words
        y = _header(page, recording, continued=True, mark_below=_mark_cut(page, recording))
        self._on_top(page)
        if self._chart_moved:
            height = _LOWEST_CHART if self._cut else _CHART_ALONE
            height = max(height, lines_needed(self._event.limits.curves) * _CHART_LINE)
            self._compliance(page, y + 6.0, height)
            y += height + 15.0 + len(self._sources) * line_height(_SOURCE_SIZE)
        if self._cut:
            page.heading(y, words.says("Notes in full"))
            rows = [
                *title_rows(recording, words),
                (words.says("Notes"), general_note(recording)),
                (words.says("Review"), false_trigger_note(recording, words)),
            ]
            rows = [(name, text) for name, text in rows if text]
            page.pairs(MARGIN, y + 6.5, rows, label=_TITLE_LABEL, most=page.right - MARGIN, lines=60)
        _footer(page, recording, number, made_at)
        return page

    def _compliance(self, page: Page, top: float, height: float) -> None:
        page.heading(top - 4.5, self._words.says("Peaks over frequency, and limits"))
        chart = Box(MARGIN + 11, top + 1, MARGIN + 86, top + height - 11)
        draw_chart(page, self._event, chart)
        beside = Box(MARGIN + 91, top + 2, page.right, top + height - 1.0)
        draw_verdicts(page, self._event, beside)
        for number, line in enumerate(self._sources):
            y = top + height + 1.5 + number * line_height(_SOURCE_SIZE)
            page.text(MARGIN, y, line, size=_SOURCE_SIZE, colour=FAINT)


def _header(page: Page, recording: Recording, *, continued: bool = False, mark_below: bool = False) -> float:
    """Title, event and mark. `mark_below`: the page holds the mark in full, so that none is cut here."""
    words = page.language
    title = words.says(_TITLES.get(recording.event.record_type, _TITLE))
    title += f", {words.says('continued')}" if continued else ""
    page.text(MARGIN, 19, title, size=15, bold=True)
    page.text(
        page.right,
        15.5,
        words.says("Serial number {serial}", serial=recording.event.serial),
        size=10,
        bold=True,
        align="right",
    )
    # Without any bytes the name would be one that nobody ever gave a file.
    has_bytes = recording.name and recording.provenance.source and not recording.provenance.of_a_report
    name = words.says("no event file in the archive")
    if has_bytes:
        name = words.says("Event file {name}", name=recording.name)
    page.text(page.right, 20, name, size=8, colour=FAINT, align="right")
    page.rule(22.5, heavy=True)
    note = false_trigger_note(recording, words)
    if not note:
        return _TOP
    note = words.says("False trigger: see the review below") if mark_below else note
    most = page.right - MARGIN
    y = page.paragraph(MARGIN, _TOP, note, most=most, size=_MARK_SIZE, colour=ALARM, bold=True, lines=_MARK_LINES)
    y = page.paragraph(MARGIN, y, words.says(_FALSE_TRIGGER_MEANS), most=page.right - MARGIN, size=_NOTE_SIZE)
    return y + 3.5


def _middle(page: Page) -> float:
    return page.width / 2 + 2


def _note_width(page: Page) -> float:
    return page.right - MARGIN - _FACT_LABEL


def _mark_cut(page: Page, recording: Recording) -> bool:
    note = false_trigger_note(recording, page.language)
    return len(wrapped(note, page.right - MARGIN, _MARK_SIZE, bold=True)) > _MARK_LINES


def _titles_cut(page: Page, recording: Recording) -> bool:
    most = page.right - _middle(page) - _TITLE_LABEL
    return any(len(wrapped(text, most, _NOTE_SIZE)) > _TITLE_LINES for _, text in title_rows(recording, page.language))


def _facts(page: Page, recording: Recording, y: float, *, cut: bool) -> float:
    """Settings and titles side by side, the extended notes below them over the width."""
    middle, words = _middle(page), page.language
    titles, of_unit = title_rows(recording, words), unit_rows(recording, words)
    columns = [
        [
            (MARGIN, [*fact_rows(recording, words), *of_unit[:at]], _FACT_LABEL, middle - MARGIN - 2, _FACT_LINES),
            (middle, [*titles, *of_unit[at:]], _TITLE_LABEL, page.right - middle, _TITLE_LINES),
        ]
        for at in range(len(of_unit) + 1)
    ]

    def drawn(on: Page, parts: Sequence[_Facts]) -> float:
        ends = [on.pairs(x, y, rows, label=label, most=most, lines=lines) for x, rows, label, most, lines in parts]
        return max(ends)

    # What is of the unit stands where both columns are shortest.
    y = drawn(page, min(columns, key=lambda parts: drawn(Page(page.width, page.height, words), parts)))
    note = general_note(recording)
    if note:
        page.text(MARGIN, y, words.says("Notes"), size=_NOTE_SIZE, colour=FAINT)
        x, most = MARGIN + _FACT_LABEL, _note_width(page)
        y = page.paragraph(x, y, note, most=most, size=_NOTE_SIZE, colour=INK, lines=_MOST_NOTE_LINES)
    if cut:
        more = words.says("… continued: notes in full on the next page")
        page.text(page.right, y, more, size=6.5, colour=FAINT, align="right")
        y += line_height(6.5)
    return y


def _record(page: Page, event: JudgedEvent, y: float, bottom: float, *, shown: bool) -> None:
    recording, words = event.recording, page.language
    heading = words.says("Recording" if recording.histogram is None else "Peak of each stored interval")
    page.heading(y, heading)
    if not shown:
        reason = words.says("Not shown: {why}", why=words.told(recording.why_not))
        page.paragraph(MARGIN, y + 6.5, reason, most=page.right - MARGIN, size=8, colour=ALARM)
        return
    marks = words.says("○ and the values above each channel: computed from the samples")
    if any(reading.state is ValueState.OVER_RANGE for reading in recording.computed):
        marks += f"; {words.says('red squares: over range')}"
    bounds = () if event.in_period is None or recording.interval is None else event.in_period.bounds
    if bounds:
        marks += f"; {words.says('dashed: begin and end of the period')}"
    page.text(page.right, y, marks, size=6.5, colour=FAINT, align="right")
    draw_record(page, recording, Box(MARGIN + 20, y + 6.5, page.right, bottom), bounds=bounds)


def _footer(page: Page, recording: Recording, number: tuple[int, int], made_at: str) -> None:
    """`number`: of the page, and how many there are."""
    origin, words = recording.provenance, page.language
    page.rule(page.height - 22.5)
    source = words.told(origin.source) or words.says("the archive holds no recording of this event, only documents")
    if not origin.decoder:
        how = words.says("Not decoded: {source}", source=source)
    elif origin.of_a_report:
        source = words.says("report {name}", name=origin.source.removeprefix("report "))
        how = words.says("Samples read with {decoder} from {source}", decoder=origin.decoder, source=source)
    else:
        how = words.says("Decoded with {decoder} from {source}", decoder=origin.decoder, source=source)
    lines = [words.says("Archive {archive}, event {number}", archive=origin.archive, number=str(recording.event_id))]
    lines.append(f"{how}{f', SHA-256 {origin.source_sha256}' if origin.source_sha256 else ''}")
    if origin.encoder:
        by = words.says(
            "Event file {name} by {encoder} ({origin}), SHA-256 {digest}", name=recording.name, encoder=origin.encoder,
            origin=words.told(origin.encoder_from), digest=origin.event_file_sha256,
        )  # fmt: skip
        lines.append(by)
    elif origin.source.startswith("frames"):
        lines.append(words.says("No encoding of these frames is recorded"))
    made = words.says("Made {moment} with {program}", moment=made_at, program=origin.tool)
    lines.append(f"{made}. {words.says(NOT_BY_INSTANTEL).removesuffix('.')}")
    if page.missing:
        lines.append(without_font_text(page))
    y = page.height - 19
    for text in lines:
        for line in wrapped(text, page.right - MARGIN, 6.2, lines=2):
            page.text(MARGIN, y, line, size=6.2, colour=FAINT)
            y += 2.9
    page.text(
        page.right,
        page.height - 7.5,
        words.says("page {number} of {total}", number=number[0], total=number[1]),
        size=7,
        colour=FAINT,
        align="right",
    )
