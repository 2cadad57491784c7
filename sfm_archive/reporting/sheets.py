"""Pages one after the other, filled from above: headings, paragraphs and tables that go on where a page ends.

Nothing is cut: a text that has no room is broken into lines, and its lines go on on the next page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sfm_archive.reporting.language import Language
from sfm_archive.reporting.lettering import line_height, one_line, text_width, wrapped
from sfm_archive.reporting.page import MARGIN, PAPERS, Box, Cell, Page, without_font_text
from sfm_archive.reporting.style import FAINT, INK

_TOP = 24.0
_FOOT = 15.0
_HEAD_SIZES = (7.5, 6.5, 6.0)
_HEADING, _PARAGRAPH, _SMALLER = 8.5, 7.5, 6.5
_SIZES = (7.0, 6.5, 6.0, 5.5)
"""Letters of a table are as large as leaves every word whole, where one of these does."""

_GAP, _MOST_GAP = 3.0, 9.0
_LABEL = 42.0
_PAD = 1.4
_MOST_BAND = 10
"""Lines of a band that stand again; all of them stand where it begins."""
_MARK = re.compile(r"\[[0-9]+\]")
_SLACK = 0.1
"""mm by which words one by one may be wider than in one text."""
_MOST_WORD = 102.0
"""mm that a word can ask for before it is broken."""


NO_MARKS: Final[Mapping[str, str]] = {}


class Column(NamedTuple):
    """`whole`: its cells are not broken where smaller letters spare them that."""

    title: str
    align: str = "left"
    whole: bool = False


class Row(NamedTuple):
    """Cells below their columns, `below` them a line over the whole width. `band`: without cells, a line of its own."""

    cells: Sequence[Cell | str] = ()
    below: str = ""
    band: str = ""


class Sheets:
    """`head`: what stands on top of each page but the first, at its left and right end; `foot`: at the bottom."""

    def __init__(self, paper: str, words: Language, head: tuple[str, str], foot: str) -> None:
        self.words = words
        self._size, self._head, self._foot = PAPERS[paper], head, foot
        self.pages: list[Page] = []
        self.y = _TOP
        self.next_page()

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def width(self) -> float:
        return self.page.right - MARGIN

    @property
    def bottom(self) -> float:
        """Down to where there is room."""
        return self.page.height - _FOOT - 3.0

    def next_page(self) -> None:
        page = Page(*self._size, self.words)
        self.pages.append(page)
        self.y = _TOP
        if len(self.pages) > 1:
            left, right = self._head
            room = self.width - text_width(right, 7.5) - 6.0
            size = next((one for one in _HEAD_SIZES if text_width(one_line(left), one) <= room), _HEAD_SIZES[-1])
            lines = wrapped(one_line(left), room, size, lines=2)
            for at, line in enumerate(lines, start=1 - len(lines)):
                page.text(MARGIN, 14.0 + at * 0.85 * line_height(size), line, size=size, colour=FAINT)
            page.text(page.right, 14.0, right, size=7.5, colour=FAINT, align="right")
            page.rule(16.0)

    def need(self, height: float) -> None:
        """Go on on the next page where this one has not that much room, in mm."""
        if self.y + height > self.bottom and self.y > _TOP:
            self.next_page()

    def box(self, height: float) -> Box:
        """A place as wide as the page for something drawn; the next thing stands below it."""
        self.need(height)
        top, self.y = self.y, self.y + height
        return Box(MARGIN, top, self.page.right, top + height)

    def heading(self, text: str, *, keep: float = 24.0) -> None:
        """`keep`: mm that must follow on the same page."""
        lines = wrapped(one_line(text), self.width, _HEADING, bold=True)
        self.need(len(lines) * line_height(_HEADING) + 6.0 + keep)
        self.y += 3.0 if self.y > _TOP else 0.0
        for line in lines:
            self.need(line_height(_HEADING))
            self.page.text(MARGIN, self.y, line, size=_HEADING, bold=True)
            self.y += line_height(_HEADING)
        self.page.rule(self.y - line_height(_HEADING) + 1.6)
        self.y += 2.0

    def paragraph(self, text: str, *, colour: str = INK, size: float = _PARAGRAPH, bold: bool = False) -> None:
        for line in wrapped(one_line(text), self.width, size, bold=bold):
            self.need(line_height(size))
            self.page.text(MARGIN, self.y, line, size=size, colour=colour, bold=bold)
            self.y += line_height(size)
        self.y += 0.8

    def note(self, text: str) -> None:
        """In small letters."""
        self.paragraph(text, colour=FAINT, size=_SMALLER)

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and values below each other."""
        step = line_height(_PARAGRAPH)
        for name, value in rows:
            names, lines = (
                wrapped(one_line(name), _LABEL - 3, _PARAGRAPH),
                wrapped(one_line(value), self.width - _LABEL, _PARAGRAPH),
            )
            for number in range(max(len(names), len(lines))):
                self.need(step)
                if number < len(names):
                    self.page.text(MARGIN, self.y, names[number], size=_PARAGRAPH, colour=FAINT)
                if number < len(lines):
                    self.page.text(MARGIN + _LABEL, self.y, lines[number], size=_PARAGRAPH)
                self.y += step
            self.y += 0.5

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        below: Sequence[str] = (),
        marks: Mapping[str, str] = NO_MARKS,
    ) -> None:
        """Its titles, and the band above a row, stand again on every page. `below`: notes that stand on the page of its
        last row. `marks`: what a mark such as `[1]` in a cell stands for, said on every page that has it."""
        table = _Table(columns, rows, self.width)
        high = line_height(table.size)
        titles = table.titles
        band, said = Row(), _Said(marks, self.width)
        if rows:  # no titles without what stands below them
            self.need(len(titles) * high + 4.0 + self._keeps(table, rows, said, below))
        self._titles(table)
        for place, row in enumerate(rows):
            lines = table.lines(row)
            if self.y + self._keeps(table, rows[place:], said, below) > self.bottom:
                self._say(said)
                self._go_on(table, Row() if row.band else band)
            said.take([row])
            band = row if row.band else band
            drawn: list[tuple[_Placed, float]] = []
            for line in lines:
                if self.y > self.bottom:
                    self._draw(table, drawn)
                    self._go_on(table, Row() if row.band else band)
                    drawn = []
                drawn += [(text, self.y) for text in line]
                self.y += high
            self._draw(table, drawn)
            self.y += _PAD
        self.y += 2.0
        self._say(said)
        for text in below:
            self.note(text)

    def _keeps(self, table: _Table, rows: Sequence[Row], said: _Said, below: Sequence[str]) -> float:
        """How much room the first of these rows needs: with the rows of its band, and the notes of all of them."""
        most, until = 0.5 * self.page.height, 1
        tall = table.height(rows[0])
        if rows[0].band:
            follows, number = _below_band(table, rows[1:], most - tall)
            tall, until = tall + follows, 1 + number
        notes = said.height(rows[:until]) + (_notes_height(below, self.width) if until == len(rows) else 0.0)
        # A text longer than a page goes on wherever it may.
        return min(tall, most) + min(notes, 0.4 * self.page.height)

    def _say(self, said: _Said) -> None:
        """What the marks of this page stand for."""
        for text in said.on_page():
            self.note(text)

    def _go_on(self, table: _Table, band: Row) -> None:
        """On the next page, below the titles and the band that is not over."""
        self.next_page()
        self._titles(table)
        again = band._replace(band=f"{band.band} ({self.words.says('continued')})") if band.band else band
        for line in table.lines(again)[:_MOST_BAND] if band.band else ():
            self._draw(table, [(text, self.y) for text in line])
            self.y += line_height(table.size)
        self.y += _PAD * bool(band.band)

    def _draw(self, table: _Table, texts: list[tuple[_Placed, float]]) -> None:
        """Cell by cell, so that they are read and copied so."""
        for (x, cell, align), y in sorted(texts, key=lambda one: one[0][0]):
            self.page.text(x, y, cell.text, size=table.size, colour=cell.colour, bold=cell.bold, align=align)

    def _titles(self, table: _Table) -> None:
        for line in table.titles:
            for x, cell, align in line:
                self.page.text(x, self.y, cell.text, size=table.size, colour=cell.colour, align=align)
            self.y += line_height(table.size)
        self.page.rule(self.y - line_height(table.size) + 1.3)
        self.y += 1.8

    def finish(self, first: int, total: int) -> list[Page]:
        """All pages with their feet, the first of them with this number, of `total`; once."""
        for number, page in enumerate(self.pages, start=first):
            page.rule(page.height - _FOOT)
            paging = self.words.says("page {number} of {total}", number=number, total=total)
            lines = [self._foot, *([without_font_text(page)] if page.missing else [])]
            room = self.width - text_width(paging, 7.0) - 6.0
            y = page.height - _FOOT + 3.2
            for line in (part for text in lines for part in wrapped(text, room, 6.2)):
                page.text(MARGIN, y, line, size=6.2, colour=FAINT)
                y += 2.8
            page.text(page.right, page.height - _FOOT + 3.4, paging, size=7.0, colour=FAINT, align="right")
        return self.pages


_Placed = tuple[float, Cell, str]


class _Table:
    """Places and sizes of a table: every column as wide as it needs, or what there is shared by need."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], room: float) -> None:
        self._room = room
        cells = [[as_cell(one) for one in row.cells] for row in rows if row.cells]
        self.size = _SIZES[-1]
        for size in _SIZES:
            wanted = [_widest(column, at, cells, size) for at, column in enumerate(columns)]
            least = [_least(column, at, cells, size) for at, column in enumerate(columns)]
            within = room - _GAP * (len(columns) - 1)
            if sum(least) <= within:
                self.size = size
                break
        else:
            least = [_least(column, at, cells, self.size, quoted=False) for at, column in enumerate(columns)]
        # A hair more than measured: words wrapped one by one take it.
        wanted = [1.02 * one + 0.3 for one in wanted]
        gap = _GAP
        if sum(wanted) <= within:
            widths = wanted
            gap = min(_MOST_GAP, (room - sum(wanted)) / max(1, len(columns) - 1))
        elif sum(least) >= within:
            widths = [one * within / sum(least) for one in least]
        else:
            more = [one - small for one, small in zip(wanted, least, strict=True)]
            share = (within - sum(least)) / sum(more)
            widths = [small + share * one for small, one in zip(least, more, strict=True)]
        self._columns, self._widths = columns, widths
        self._lefts = [MARGIN + sum(widths[:at]) + gap * at for at in range(len(columns))]
        self.titles = self._cells([Cell(column.title, FAINT) for column in columns])

    def lines(self, row: Row) -> list[list[_Placed]]:
        """What stands on each of its lines."""
        if row.band:
            return [[(MARGIN, Cell(text, INK, True), "left")] for text in self._over_all(row.band, 0.0, bold=True)]
        below = [[(MARGIN + 3.0, Cell(text, FAINT), "left")] for text in self._over_all(row.below, 3.0, bold=False)]
        cells = self._cells([as_cell(one) for one in row.cells]) if row.cells else []
        return [*cells, *below]

    def height(self, row: Row) -> float:
        return len(self.lines(row)) * line_height(self.size) + _PAD

    def _over_all(self, text: str, indent: float, *, bold: bool) -> list[str]:
        return wrapped(one_line(text), self._room - indent, self.size, bold=bold)

    def _cells(self, cells: Sequence[Cell]) -> list[list[_Placed]]:
        texts = [
            [
                line
                for piece in _pieces(column, one_line(cell.text), width, self.size, bold=cell.bold)
                for line in wrapped(piece, width, self.size, bold=cell.bold)
            ]
            for column, cell, width in zip(self._columns, cells, self._widths, strict=True)
        ]
        found: list[list[_Placed]] = []
        for number in range(max((len(lines) for lines in texts), default=0)):
            line = []
            for at, cell in enumerate(cells):
                if number < len(texts[at]):
                    column = self._columns[at]
                    x = self._lefts[at] + (self._widths[at] if column.align == "right" else 0.0)
                    line.append((x, cell._replace(text=texts[at][number]), column.align))
            found.append(line)
        return found


class _Said:
    """The marks on the page of a table, and what they stand for."""

    def __init__(self, marks: Mapping[str, str], width: float) -> None:
        self._marks, self._width = marks, width
        self._here: dict[str, None] = {}

    def take(self, rows: Sequence[Row]) -> None:
        self._here.update(dict.fromkeys(self._of(rows)))

    def height(self, rows: Sequence[Row]) -> float:
        """Of the notes, with those of more rows."""
        marks = dict.fromkeys((*self._here, *self._of(rows)))
        return _notes_height([self._text(mark) for mark in marks], self._width)

    def on_page(self) -> list[str]:
        """The notes in the order of their numbers; the next page has none yet."""
        shown = sorted(self._here, key=list(self._marks).index)
        self._here = {}
        return [self._text(mark) for mark in shown]

    def _text(self, mark: str) -> str:
        return f"{mark} {self._marks[mark]}"

    def _of(self, rows: Sequence[Row]) -> list[str]:
        texts = [as_cell(cell).text for row in rows for cell in row.cells] if self._marks else []
        return [mark for text in texts for mark in _MARK.findall(text) if mark in self._marks]


def _notes_height(texts: Sequence[str], width: float) -> float:
    if not texts:
        return 0.0
    lines = sum(len(wrapped(one_line(text), width, _SMALLER)) for text in texts)
    return 2.0 + lines * line_height(_SMALLER) + 0.8 * len(texts)


def _below_band(table: _Table, rows: Sequence[Row], most: float) -> tuple[float, int]:
    """How high the rows up to the next band are together, and how many they are; where that is more than `most`, the
    first of them."""
    high, number = 0.0, 0
    for row in rows:
        if row.band:
            break
        high, number = high + table.height(row), number + 1
        if high > most:
            return table.height(rows[0]), 1
    return high, number


def _widest(column: Column, at: int, cells: Sequence[Sequence[Cell]], size: float) -> float:
    return max([_longest_word(column.title, size), *(text_width(c[at].text, size, bold=c[at].bold) for c in cells)])


def _least(column: Column, at: int, cells: Sequence[Sequence[Cell]], size: float, *, quoted: bool = True) -> float:
    """What a column needs so that no word of it is broken, and no number from its unit, in brackets if `quoted`."""
    found = [_longest_word(column.title, size)]
    if column.whole:
        found += [min(_MOST_WORD, text_width(line[at].text, size, bold=line[at].bold) + _SLACK) for line in cells]
    for cell in (line[at] for line in cells):
        if _is_number(column, cell.text):
            pieces = _pieces(column, cell.text, 0.0, size, bold=cell.bold)
            whole = pieces if quoted else pieces[:1]
            found += [min(_MOST_WORD, text_width(piece, size, bold=cell.bold) + _SLACK) for piece in whole]
            found += [_longest_word(piece, size, bold=cell.bold) for piece in pieces[1:]]
        else:
            found.append(_longest_word(cell.text, size, bold=cell.bold))
    return max(found)


def _is_number(column: Column, text: str) -> bool:
    return column.align == "right" and any(sign.isdigit() for sign in text)


def _pieces(column: Column, text: str, width: float, size: float, *, bold: bool) -> list[str]:
    """What each begin a line of a cell: of a number that has no room beside what stands in brackets, both."""
    if not _is_number(column, text) or text_width(text, size, bold=bold) <= width:
        return [text]
    number, sign, quoted = text.partition(" (")
    return [number, f"({quoted}"] if sign else [text]


def as_cell(value: Cell | str) -> Cell:
    return Cell(value) if isinstance(value, str) else value


def _longest_word(text: str, size: float, *, bold: bool = False) -> float:
    return min(_MOST_WORD, max((text_width(word, size, bold=bold) for word in text.split()), default=0.0))
