"""The table in front of a report of several events: what was compared with which limits, then a row for each event, on
pages across."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from sfm_archive.base.version import TOOL
from sfm_archive.limits.outcomes import Judging, Outcome
from sfm_archive.limits.point_limits import counts_without
from sfm_archive.limits.verdicts import Limits
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts
from sfm_archive.model.calibrations import CalibrationState
from sfm_archive.model.magnitudes import as_level
from sfm_archive.model.peak_text import UNKNOWN_PEAK_MEANS, sign_notes
from sfm_archive.model.reading_text import (
    CORRECTED_MEANS,
    CORRECTED_SIGN,
    DAY_UNKNOWN_NOTE,
    DAY_UNKNOWN_SIGN,
    WHOLE_DAYS_NOTE,
)
from sfm_archive.model.selection import Continued, Selection
from sfm_archive.reporting.event_cells import (
    airblast_cell,
    day_is_known,
    has_nothing_here,
    peak_cell,
    reach_signs,
    reach_texts,
    value_cell,
    vibration_cell,
)
from sfm_archive.reporting.event_lines import EventLine
from sfm_archive.reporting.language import ENGLISH, Language, language, phrase
from sfm_archive.reporting.lettering import UNKNOWN_SIGN, fitted, line_height, text_width, wrapped
from sfm_archive.reporting.page import MARGIN, PAPERS, Cell, Page
from sfm_archive.reporting.style import ALARM, FAINT, INK
from sfm_archive.reporting.verdicts import limit_sources, limits_in_words
from sfm_archive.reporting.words import FALSE_TRIGGER, selection_text, window_text

_SIZES = (7.0, 6.5, 6.0)
"""Letters are as large as leaves the places their room."""

_STEP = 4.5
_MOST_TOLD = 4
_MOST_HELD = 6
"""Limits of points in the head."""

_FIRST_LINE, _CONTINUED = 25.5, 27.0
_NOTE_SIZE, _TOLD_SIZE = 6.2, 7.5
_LEAST_GAP, _MOST_GAP = 3.0, 7.0
_MOST_VERDICT, _ENOUGH_PLACE = 48.0, 48.0
_LEAST_PLACE, _MOST_NAME = 28.0, 24.0
"""mm: with less for the place, what stands in brackets and long names of files go on in a line below."""

_MOST_LINES = 3
"""Of a location, and of a project and client below it."""

_COMPUTED_MARK = "*"
_CALIBRATION_SIGNS = {CalibrationState.OVERDUE: " †", CalibrationState.UNKNOWN: " ‡"}
_WHOLE_MARK = DAY_UNKNOWN_SIGN
_APART = {"project": phrase("project"), "client": phrase("client")}
_SHARED = {"project": phrase("Project"), "client": phrase("Client")}


class _Column(NamedTuple):
    title: str
    align: str
    cell: Callable[[EventLine], Cell]
    most: float = 1000.0


class _Drawn(NamedTuple):
    """A column at its place: cells below each other for each line."""

    title: str
    align: str
    x: float
    stack: Callable[[EventLine], list[Cell]]


class _Told(NamedTuple):
    title: str
    texts: Sequence[str]
    colour: str = INK
    beside: str = FAINT


NO_ANSWERS: Final[Mapping[int, tuple[LevelAnswer, str]]] = {}
NO_POINTS: Final[Mapping[int, str]] = {}


class EventsTable:
    """The pages of the table; `count`: how many."""

    def __init__(
        self,
        lines: Sequence[EventLine],
        paper: str,
        selection: Selection,
        levels: LevelCounts | None = None,
        answers: Mapping[int, tuple[LevelAnswer, str]] = NO_ANSWERS,
        points: Mapping[int, str] = NO_POINTS,
        words: Language | None = None,
    ) -> None:
        """`selection`: what was asked for, so that some events are never read as all; `levels`: of how many it is
        undecided whether they are as loud, `answers`: what each says to that, and what leaves it undecided; `points`:
        as JOB/POINT, by number, where the selection may name some."""
        self._lines, self._selection, self._points = lines, selection, points
        self._words = words = words or language(ENGLISH)
        self._levels, self._answers = levels, answers
        # Where nobody states any, every event would have the sign.
        self._calibrated = any(line.calibration is not CalibrationState.UNKNOWN for line in lines)
        self._height, self._width = sorted(PAPERS[paper])
        self._columns = [
            _Column(words.says("id"), "right", lambda line: Cell(str(line.event_id))),
            _Column(words.says("recorded"), "left", self._recorded),
            _Column(words.says("unit"), "left", self._unit),
            _Column(words.says("event file"), "left", lambda line: Cell(line.name or "–")),
            _Column(words.says("type"), "left", lambda line: Cell(words.known(line.kind))),
            _Column(words.says("PPV"), "right", lambda line: peak_cell(words, line)),
            _Column(words.says("ZC freq."), "right", lambda line: value_cell(words, line.frequency)),
            _Column(words.says("vector sum"), "right", lambda line: value_cell(words, line.vector)),
            _Column(words.says("PSPL"), "right", lambda line: value_cell(words, line.level and as_level(line.level))),
            *([_Column(words.says("level"), "left", self._level, _MOST_VERDICT)] if answers else []),
            _Column(words.says("vibration"), "left", lambda line: vibration_cell(words, line), _MOST_VERDICT),
            _Column(words.says("airblast"), "left", lambda line: airblast_cell(words, line)),
        ]
        of_all = [(name, {getattr(line, name) for line in lines}) for name in _SHARED]
        self._shared = [
            (words.says(_SHARED[name]), next(iter(texts)))
            for name, texts in of_all
            if len(texts) == 1 and texts != {""}
        ]
        self._apart = [name for name, texts in of_all if len(texts) > 1]
        self._measure()
        self._sources = wrapped(limit_sources(self._limits(), words), self._room, _NOTE_SIZE)
        self._pages = self._without_feet()

    @property
    def count(self) -> int:
        return len(self._pages)

    def draw(self, total: int, made_at: str) -> list[Page]:
        """The pages, the first ones of `total`; once. `made_at`: UTC, for the foot."""
        for number, page in enumerate(self._pages, start=1):
            self._foot(page, (number, total), made_at, first=number == 1)
        return self._pages

    @property
    def _room(self) -> float:
        return self._width - 2 * MARGIN

    def _limits(self) -> Limits:
        """All curves of all events."""
        curves = dict.fromkeys(curve for line in self._lines for curve in line.limits.curves)
        first = next((line.limits for line in self._lines if line.limits.curves), self._lines[0].limits)
        return first._replace(curves=tuple(curves))

    def _measure(self) -> None:
        """Every column as wide as its widest cell, the place what is left; what even that does not need are gaps."""
        places = [text for line in self._lines for text in (line.point, line.location, self._whose(line))]
        for self._size, self._narrow in [*((size, False) for size in _SIZES), (_SIZES[-1], True)]:
            size = self._size
            widths = [self._width_of(column) for column in self._columns]
            left = self._room - sum(widths) - _LEAST_GAP * len(widths)
            # A little more than measured: words wrapped one by one take it.
            wanted = 1 + 1.02 * max(text_width(text, size) for text in [*places, self._place_title])
            enough = _LEAST_PLACE if size == _SIZES[-1] else _ENOUGH_PLACE
            if left >= max(min(wanted, enough), text_width(self._place_title, size - 0.5)):
                break
        spare = max(0.0, left - wanted)
        gap = min(_MOST_GAP, _LEAST_GAP + spare / len(widths))
        self._place_room = self._room - sum(widths) - gap * len(widths)
        # The place stands behind the type.
        at = [column.title for column in self._columns].index(self._words.says("PPV"))
        x = MARGIN
        self._drawn = []
        for number, (column, width) in enumerate(zip(self._columns, widths, strict=True)):
            if number == at:
                self._drawn.append(_Drawn(self._place_title, "left", x, self._place))
                x += self._place_room + gap
            right = column.align == "right"
            self._drawn.append(_Drawn(column.title, column.align, x + width * right, partial(self._stack, column)))
            x += width + gap

    def _width_of(self, column: _Column) -> float:
        cells = [cell for line in self._lines for cell in self._parts(column, column.cell(line))]
        widths = [text_width(cell.text, self._size, bold=cell.bold) for cell in cells]
        return min(column.most, max(text_width(column.title, self._size - 0.5), *widths))

    def _parts(self, column: _Column, cell: Cell) -> list[Cell]:
        """What of a cell stands on a line of its own."""
        if not self._narrow:
            return [cell]
        if column.align == "right":
            number, sign, quoted = cell.text.partition(" (")
            return [cell._replace(text=number), Cell(f"({quoted}", cell.colour)] if sign else [cell]
        if column.title == self._words.says("event file"):
            return [cell._replace(text=text) for text in wrapped(cell.text, _MOST_NAME, self._size)]
        return [cell]

    def _level(self, line: EventLine) -> Cell:
        answer, why = self._answers.get(line.event_id, (None, ""))
        said = self._words.term(answer) if answer is not None else "–"
        told = f": {self._words.told(why)}" if why else ""
        return Cell(f"{said}{told}", INK if answer is LevelAnswer.YES else FAINT)

    def _recorded(self, line: EventLine) -> Cell:
        before, behind = reach_signs(line)
        return Cell(f"{before}{self._words.moment(line.start)}{CORRECTED_SIGN * line.corrected}{behind}")

    def _stack(self, column: _Column, line: EventLine) -> list[Cell]:
        cell = column.cell(line)
        # Values of a false trigger are there to be read, and not to be taken for those of a blast.
        grey = line.false_trigger and cell.text != self._words.says(FALSE_TRIGGER)
        parts = [
            part._replace(text=fitted(part.text, column.most, self._size, bold=part.bold))
            for part in self._parts(column, cell)
        ]
        return [Cell(part.text, FAINT) for part in parts] if grey else parts

    def _unit(self, line: EventLine) -> Cell:
        sign = _CALIBRATION_SIGNS.get(line.calibration, "") if self._calibrated else ""
        return Cell(f"{line.serial}{sign}", ALARM if sign and line.calibration is CalibrationState.OVERDUE else INK)

    @property
    def _place_title(self) -> str:
        """The point that people state stands above what was typed as location."""
        words = self._words
        stated = [words.says("point")] if any(line.point for line in self._lines) else []
        apart = [", ".join(words.says(_APART[name]) for name in self._apart)] if self._apart else []
        return " / ".join([*stated, words.says("location"), *apart])

    def _whose(self, line: EventLine) -> str:
        """Project and client, where they are not those of every event."""
        return " · ".join(text for name in self._apart if (text := getattr(line, name)))

    def _place(self, line: EventLine) -> list[Cell]:
        """In lines below each other."""
        colour = FAINT if line.false_trigger else INK
        lines = [
            Cell(text, colour)
            for stated in (line.point, line.location)
            for text in wrapped(stated, self._place_room, self._size, lines=_MOST_LINES)
        ]
        whose = wrapped(self._whose(line), self._place_room, self._size, lines=_MOST_LINES)
        return [*lines, *(Cell(text, FAINT) for text in whose)] or [Cell("–", FAINT)]

    def _row_height(self, line: EventLine) -> float:
        return _STEP + (max(len(column.stack(line)) for column in self._drawn) - 1) * line_height(self._size)

    def _without_feet(self) -> list[Page]:
        """Every page, with as many rows as it has room for."""
        page = Page(self._width, self._height, self._words)
        pages, below = [page], self._height - 11.4
        end = below - len(self._sources) * line_height(_NOTE_SIZE)
        y = top = self._titles(page, self._head(page))
        for line in self._lines:
            high = self._row_height(line)
            if y > top and y + high > end:
                page = Page(self._width, self._height, self._words)
                pages.append(page)
                page.text(MARGIN, 17, self._words.says("Vibration report, continued"), size=11, bold=True)
                page.rule(20, heavy=True)
                y, end = self._titles(page, _CONTINUED), below
                top = y
            for column in self._drawn:
                for number, (text, colour, bold) in enumerate(column.stack(line)):
                    place = y + number * line_height(self._size)
                    page.text(column.x, place, text, size=self._size, colour=colour, bold=bold, align=column.align)
            y += high
        return pages

    def _titles(self, page: Page, y: float) -> float:
        for column in self._drawn:
            page.text(column.x, y, column.title, size=self._size - 0.5, colour=FAINT, align=column.align)
        page.rule(y + 1.4)
        return y + _STEP + 0.6

    def _head(self, page: Page) -> float:
        """Title, what all events share, and the outcomes; where the table begins."""
        lines, words = self._lines, self._words
        page.text(MARGIN, 17, words.says("Vibration report"), size=15, bold=True)
        first, last = min(line.start for line in lines), max(line.start for line in lines)
        units = words.says("{count} units", count=len({line.serial for line in lines}))
        text = words.says("{events} of {units}", events=words.says("{count} events", count=len(lines)), units=units)
        page.text(page.right, 13, text, size=9, bold=True, align="right")
        before = sum(line.in_period is not None and line.in_period.began_before is not Continued.NO for line in lines)
        days = words.day(first)
        if first.date() != last.date():
            days = words.says("{first} to {last}", first=words.day(first), last=words.day(last))
        period = words.says("{period}, device-local", period=window_text(self._selection, words) or days)
        period += f"; {words.says('{number} of them began before', number=before)}" if before else ""
        page.text(page.right, 17.5, period, size=8, colour=FAINT, align="right")
        page.rule(20, heavy=True)
        undecided = [words.told(self._levels.sentence)] if self._levels is not None and self._levels.undecided else []
        counts = self._selection.limit_counts
        undecided += (
            []
            if counts is None
            else [f"{words.told(counts.sentence)}; {words.reason(Judging(counts.judge).convention)}"]
        )
        selected = selection_text(self._selection, self._points, words)
        told = [_Told(words.says("Selected"), [selected, *undecided], INK, INK)]
        told += [_Told(title, [text], INK, INK) for title, text in self._shared] + self._outcomes()
        label = max(text_width(one.title, _TOLD_SIZE, bold=True) for one in told) + 8
        y = _FIRST_LINE
        for one in told:
            page.text(MARGIN, y, one.title, size=_TOLD_SIZE, bold=True, colour=one.colour)
            end = y
            for text in one.texts:
                most = self._room - label
                end = page.paragraph(MARGIN + label, end, text, most=most, colour=one.beside, lines=_MOST_TOLD)
            y = max(end, y + line_height(7.0)) + 0.8
        return y + 4.5

    def _outcomes(self) -> list[_Told]:
        """How many events are above what, in words and with the limits named."""
        lines, words = self._lines, self._words
        counting = [line for line in lines if not line.false_trigger]
        airblast = [line.verdict.airblast.outcome for line in counting if line.verdict.airblast is not None]
        held = dict.fromkeys(line.limits.airblast_text for line in lines if line.limits.airblast is not None)
        against = [words.told(text) for text in held]
        again = sum(line.counted is not line.vibration for line in counting)
        once = []
        if again:
            said = words.says(
                "{histograms} above a limit only where a waveform of the same unit was triggered that is as loud: "
                "counted once, as that",
                histograms=words.says("{count} histograms", count=again),
            )
            once = [said]
        rail = sum(line.over_range for line in counting)
        told = [
            self._outcome_words(
                words.says("Vibration"), [line.counted for line in counting], self._against() + once, again
            ),
            *([self._outcome_words(words.says("Airblast"), airblast, against)] if against else []),
            _Told(words.says("Over range: {number}", number=rail), [], ALARM if rail else INK),
        ]
        unknown = sum(line.peak is None and not has_nothing_here(line) for line in counting)
        if unknown:
            title = words.says("Without a known peak: {number}", number=unknown)
            told.append(_Told(title, [words.told(UNKNOWN_PEAK_MEANS)]))
        marked = len(self._lines) - len(counting)
        if marked:
            said = words.says("marked by a reviewer; left out of the counts above, grey in the table")
            told.append(_Told(words.says("False triggers: {number}", number=marked), [said]))
        beyond = [line.in_period for line in lines if line.in_period is not None]
        if beyond:
            of_hours = [] if self._selection.is_of_whole_days else [words.told(WHOLE_DAYS_NOTE)]
            is_beyond = any(one.is_beyond_period for one in beyond)
            what = phrase("Beyond the period: {number}") if is_beyond else phrase("At other points too: {number}")
            title = words.says(what, number=len(beyond))
            told.append(_Told(title, [*reach_texts(beyond, words), *of_hours]))
        unsure = sum(not day_is_known(line) for line in lines)
        if unsure:
            told.append(_Told(words.says("Day not known: {number}", number=unsure), [words.told(DAY_UNKNOWN_NOTE)]))
        right = sum(line.corrected for line in lines)
        if right:
            said = f"{CORRECTED_SIGN}: {words.told(CORRECTED_MEANS)}; {words.says('its page has both')}"
            told.append(_Told(words.says("Corrected: {number}", number=right), [said]))
        return [*told, *self._calibrations()]

    def _outcome_words(self, name: str, outcomes: Sequence[Outcome | None], against: list[str], once: int = 0) -> _Told:
        words = self._words
        counts = {wanted: sum(outcome is wanted for outcome in outcomes) for wanted in Outcome}
        text = ", ".join(f"{words.whole(counts[wanted])} {words.term(wanted)}" for wanted in _COUNTED)
        text += f", {words.whole(once)} {words.says('counted once')}" if once else ""
        return _Told(f"{name}: {text}", against, ALARM if counts[Outcome.EXCEEDED] else INK)

    def _calibrations(self) -> list[_Told]:
        """Of which events the unit's calibration was overdue or unknown."""
        counts = {state: sum(line.calibration is state for line in self._lines) for state in _CALIBRATION_SIGNS}
        if not self._calibrated or not any(counts.values()):
            return []
        words = self._words
        text = ", ".join(
            f"{words.whole(number)} {words.term(state)}{_CALIBRATION_SIGNS[state]}"
            for state, number in counts.items()
            if number
        )
        colour = ALARM if counts[CalibrationState.OVERDUE] else INK
        said = words.says("of the unit when the event began; its page says why")
        return [_Told(words.says("Calibration: {texts}", texts=text), [said], colour)]

    def _against(self) -> list[str]:
        """The curves; where events were compared with different ones, which by which; of points which hold since
        when, and how many events have none."""
        if any(line.limits.of_point for line in self._lines):
            words = self._words
            told = dict.fromkeys(limits_in_words(line.limits, words) for line in self._lines)
            held = [text for text in told if text]
            counting = [line.limits.why_none for line in self._lines if not line.false_trigger]
            without = counts_without(counting).sentence
            more = [words.says("and {number} more; each event's page says which", number=len(held) - _MOST_HELD)]
            shown = held[:_MOST_HELD] + (more if len(held) > _MOST_HELD else [])
            return [*shown, *([words.reason(without)] if without else [])]
        groups: dict[tuple[str, ...], list[EventLine]] = {}
        for line in self._lines:
            groups.setdefault(tuple(self._words.told(one.title) for one in line.limits.curves), []).append(line)
        if len(groups) == 1:
            return ["; ".join(next(iter(groups)))]
        said = []
        for titles, group in groups.items():
            units = f" {self._words.says('and')} ".join(sorted({line.unit for line in group}))
            events = self._words.says("{count} events", count=len(group))
            head = self._words.says("{events} in {units}", events=events, units=units)
            said.append(f"{head}: {'; '.join(titles)}")
        return said

    def _foot(self, page: Page, number: tuple[int, int], made_at: str, *, first: bool) -> None:
        y = page.height - 7.5
        words = self._words
        decoder = next((line.decoder for line in self._lines if line.decoder), words.says("a decoder"))
        notes = [
            words.says(
                "* computed by {decoder}; values without a mark are as a document reports them.", decoder=decoder
            )
        ]
        signs = sign_notes((line.peak, line.peak_basis) for line in self._lines)
        notes += [f"{words.told(note)}." for note in signs]
        if any("+" in line.outcome_text for line in self._lines):
            notes.append(words.says("+1: one more channel or curve; see the page of the event."))
        if page.missing:
            notes.append(words.says("{mark} a sign without font.", mark=UNKNOWN_SIGN))
        notes.append(words.says("Made {moment} with {program}", moment=made_at, program=TOOL))
        paging = words.says("page {number} of {total}", number=number[0], total=number[1])
        room = self._room - text_width(paging, 7) - 3
        said = "  ".join(notes)
        size = min(_NOTE_SIZE, _NOTE_SIZE * room / max(room, text_width(said, _NOTE_SIZE)))
        page.text(MARGIN, y, said, size=size, colour=FAINT)
        page.text(page.right, y, paging, size=7, colour=FAINT, align="right")
        if first:
            for back, text in enumerate(reversed(self._sources), start=1):
                page.text(MARGIN, y - 0.6 - back * line_height(_NOTE_SIZE), text, size=_NOTE_SIZE, colour=FAINT)


_COUNTED = (Outcome.EXCEEDED, Outcome.UNDECIDED, Outcome.WITHIN, Outcome.NOT_COMPARED)
