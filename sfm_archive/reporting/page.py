"""A page of a report: text, rules and tables at places in millimetres from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sfm_archive.reporting.lettering import fitted, line_height, one_line, wrapped
from sfm_archive.reporting.style import FAINT, INK, RULE

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN = 15.0
_LINE = 3.4


class Cell(NamedTuple):
    """A text in a table, with its looks."""

    text: str
    colour: str = INK
    bold: bool = False


class Text(NamedTuple):
    """A line of text with its base line at `y`; `x`: its left end, or the right one where `align` says so."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool
    align: str


class Rule(NamedTuple):
    """A horizontal line; `width` in points."""

    left: float
    right: float
    y: float
    colour: str
    width: float


class Page:
    """One page of this size in mm: what is placed on it, to be drawn by a PDF or a picture. Heights grow downwards."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.texts: list[Text] = []
        self.rules: list[Rule] = []

    @cached_property
    def figure(self) -> Figure:
        """The charts, over the whole page."""
        return Figure(figsize=(self.width / 25.4, self.height / 25.4), dpi=72)

    @property
    def has_charts(self) -> bool:
        """Whether anything stands on the page but text and rules."""
        return "figure" in self.__dict__

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
        if shown:
            self.texts.append(Text(x, y, shown, size, colour, bold, align))

    def rule(self, y: float, *, left: float = MARGIN, right: float | None = None, heavy: bool = False) -> None:
        """A horizontal line."""
        end = self.right if right is None else right
        self.rules.append(Rule(left, end, y, INK if heavy else RULE, 1.0 if heavy else 0.5))

    def sample(self, x: float, y: float, *, colour: str, style: Any = "-", marker: str = "") -> None:
        """A short line as in a chart, or a marker."""
        looks = {"linestyle": style, "linewidth": 1.1, "marker": marker or "None", "markersize": 3.5}
        self._line([x, x if marker else x + 7.0], y, color=colour, **looks)

    def heading(self, y: float, text: str, *, left: float = MARGIN, right: float | None = None) -> None:
        """The name of a section, with a rule below it."""
        self.text(left, y, text, size=8.5, bold=True)
        self.rule(y + 1.4, left=left, right=right)

    def as_figure(self) -> Figure:
        """All of the page as matplotlib draws it, for a picture."""
        for rule in self.rules:
            self._line([rule.left, rule.right], rule.y, color=rule.colour, linewidth=rule.width)
        for one in self.texts:
            self.figure.text(
                one.x / self.width, 1 - one.y / self.height, one.text, fontsize=one.size, color=one.colour,
                ha=one.align, va="baseline", fontweight="bold" if one.bold else "normal",
            )  # fmt: skip
        return self.figure

    def _line(self, ends: Sequence[float], y: float, **looks: Any) -> None:
        places = [x / self.width for x in ends]
        heights = [1 - y / self.height] * 2
        self.figure.add_artist(Line2D(places, heights, transform=self.figure.transFigure, **looks))

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
