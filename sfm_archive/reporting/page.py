"""A page of a report: text, rules and tables at places in millimetres from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D

from sfm_archive.reporting.style import FAINT, INK, RULE, fonts

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN = 15.0
_MM_PER_POINT = 25.4 / 72
_LINE = 3.4
_MEASURED_SIZE = 100.0
_FIRST_FONT_PART = 0xFF
_SPARE = 1.02
"""Spare width: another build of the font library sets letters a little wider."""


class Cell(NamedTuple):
    """A text in a table, with its looks."""

    text: str
    colour: str = INK
    bold: bool = False


class Page:
    """One page of this size in mm. Heights grow downwards."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(self.width / 25.4, self.height / 25.4))

    @property
    def right(self) -> float:
        """The right margin's place."""
        return self.width - MARGIN

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.0,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
        most: float | None = None,
    ) -> None:
        """A line of text with its base line at `y`; cut with an ellipsis beyond `most` mm."""
        shown = one_line(text)
        if most is not None:
            shown = fitted(shown, most, size, bold=bold)
        drawn = self.figure.text(
            x / self.width, 1 - y / self.height, shown, fontsize=size, color=colour, ha=align, va="baseline",
            fontweight="bold" if bold else "normal",
        )  # fmt: skip
        if any(ord(sign) > _FIRST_FONT_PART for sign in shown) and hasattr(drawn, "set_fontfeatures"):
            # PDFs of matplotlib 3.11 count a kern twice where the next letter is in another part of the font: `Tě`.
            drawn.set_fontfeatures(("-kern",))

    def rule(self, y: float, *, left: float = MARGIN, right: float | None = None, heavy: bool = False) -> None:
        """A horizontal line."""
        end = self.right if right is None else right
        line = Line2D(
            [left / self.width, end / self.width],
            [1 - y / self.height] * 2,
            transform=self.figure.transFigure,
            color=INK if heavy else RULE,
            linewidth=1.0 if heavy else 0.5,
        )
        self.figure.add_artist(line)

    def sample(self, x: float, y: float, *, colour: str, style: Any = "-", marker: str = "") -> None:
        """A short line as in a chart, or a marker."""
        end = x if marker else x + 7.0
        line = Line2D(
            [x / self.width, end / self.width],
            [1 - y / self.height] * 2,
            transform=self.figure.transFigure,
            color=colour,
            linewidth=1.1,
            linestyle=style,
            marker=marker or "None",
            markersize=3.5,
        )
        self.figure.add_artist(line)

    def heading(self, y: float, text: str, *, left: float = MARGIN, right: float | None = None) -> None:
        """The name of a section, with a rule below it."""
        self.text(left, y, text, size=8.5, bold=True)
        self.rule(y + 1.4, left=left, right=right)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at a place."""
        return self.figure.add_axes(self._box(left, top, width, height))

    def grid(self, left: float, top: float, width: float, height: float) -> Any:
        """A place for several axes."""
        x, y, w, h = self._box(left, top, width, height)
        return self.figure.add_gridspec(1, 1, left=x, right=x + w, bottom=y, top=y + h)[0]

    def _box(self, left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
        return (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )

    def pairs(
        self,
        x: float,
        y: float,
        rows: Sequence[tuple[str, str]],
        *,
        label: float,
        most: float,
        lines: int = 1,
        step: float = 4.1,
    ) -> float:
        """Names and values below each other, each value on at most so many lines; where the next line would be."""
        for name, value in rows:
            self.text(x, y, name, size=7.5, colour=FAINT, most=label - 1)
            shown = wrapped(one_line(value), most - label, 7.5, lines=lines)
            for number, line in enumerate(shown):
                self.text(x + label, y + number * _LINE, line, size=7.5)
            y += step + max(0, len(shown) - 1) * _LINE
        return y

    def pairs_height(
        self, rows: Sequence[tuple[str, str]], *, label: float, most: float, lines: int = 1, step: float = 4.1
    ) -> float:
        """How high `pairs` would be."""
        each = (len(wrapped(one_line(value), most - label, 7.5, lines=lines)) for _, value in rows)
        return sum(step + max(0, count - 1) * _LINE for count in each)

    def table(
        self,
        y: float,
        places: Sequence[tuple[float, str]],
        titles: Sequence[str],
        rows: Sequence[Sequence[Cell | str]],
        *,
        size: float = 7.5,
        step: float = 4.3,
    ) -> float:
        """A table: each column at a place in mm with an alignment; where the next line would be."""
        for (x, align), title in zip(places, titles, strict=True):
            self.text(x, y, title, size=size - 0.5, colour=FAINT, align=align)
        self.rule(y + 1.4)
        y += step + 0.6
        for row in rows:
            for (x, align), value in zip(places, row, strict=True):
                cell = Cell(value) if isinstance(value, str) else value
                self.text(x, y, cell.text, size=size, colour=cell.colour, bold=cell.bold, align=align)
            y += step
        return y

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        most: float,
        size: float = 7.0,
        colour: str = FAINT,
        bold: bool = False,
        lines: int | None = None,
    ) -> float:
        """Text broken into lines of at most `most` mm; where the next line would be."""
        for line in wrapped(one_line(text), most, size, bold=bold, lines=lines):
            self.text(x, y, line, size=size, colour=colour, bold=bold)
            y += line_height(size)
        return y


def line_height(size: float) -> float:
    """From one line of a paragraph to the next, in mm."""
    return size * _MM_PER_POINT * 1.35


def one_line(text: str) -> str:
    """Text that no line break or control character of a note can break out of its place."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in mm."""
    if not text.strip():
        return 0.0
    font = _font(bold)
    # Each time: the object is the one that draws too, in other sizes.
    font.set_size(_MEASURED_SIZE, 72)
    font.set_text(text)
    width, _ = font.get_width_height()
    return width / 64 * size / _MEASURED_SIZE * _MM_PER_POINT * _SPARE


@cache
def _font(bold: bool) -> FT2Font:
    # Not TextPath: it makes outlines of every letter, which takes a thousand times as long as measuring.
    weight = "bold" if bold else "normal"
    return get_font([findfont(FontProperties(family=name, weight=weight)) for name in fonts()])


def fitted(text: str, most: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if text_width(text, size, bold=bold) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle] + "…", size, bold=bold) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrapped(text: str, most: float, size: float, *, bold: bool = False, lines: int | None = None) -> list[str]:
    """Lines of at most `most` mm; words that are longer, and scripts without blanks, are broken where they must.

    With `lines` at most so many, the last with an ellipsis where more would follow.
    """
    found: list[str] = []
    line, so_far = "", 0.0
    blank = text_width("n n", size, bold=bold) - text_width("nn", size, bold=bold)
    for word in (part for long in text.split() for part in _parts(long, most, size, bold=bold)):
        wide = text_width(word, size, bold=bold)
        if line and so_far + blank + wide > most:
            found.append(line)
            line, so_far = word, wide
        else:
            line, so_far = f"{line} {word}".strip(), so_far + blank * bool(line) + wide
    found = [*found, line] if line else found
    if lines is None or len(found) <= lines:
        return found
    return [*found[: lines - 1], fitted(" ".join(found[lines - 1 :]), most, size, bold=bold)]


def _parts(word: str, most: float, size: float, *, bold: bool) -> list[str]:
    parts = []
    while text_width(word, size, bold=bold) > most and len(word) > 1:
        low, high = 1, len(word) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if text_width(word[:middle], size, bold=bold) <= most else (low, middle - 1)
        parts.append(word[:low])
        word = word[low:]
    return [*parts, word]
