"""A page of a report: text, rules and tables at places in millimetres from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from sfm_archive.reporting.language import ENGLISH, Language, language
from sfm_archive.reporting.lettering import (
    UNKNOWN_SIGN,
    drawable,
    families,
    fitted,
    line_height,
    missing_signs,
    one_line,
    wrapped,
)
from sfm_archive.reporting.style import FAINT, INK, RULE

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN = 15.0
ALIGNED = {"left": 0.0, "center": 0.5, "right": 1.0}
_LINE, _STEP = 3.4, 4.1
"""mm from line to line of one text, and from one row to the next."""


class Box(NamedTuple):
    """A place on a page, in mm from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Cell(NamedTuple):
    text: str
    colour: str = INK
    bold: bool = False


class Text(NamedTuple):
    """A line of text with its base line at `y`; `x`: its left end, its middle or its right end by `align`. `turned`:
    upwards, with its base line at `x`."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool
    align: str
    turned: bool


class Line(NamedTuple):
    """A line through points, or an area within them. `width` in points, `dashes` in widths; NaN breaks a line."""

    points: Any
    colour: str
    width: float
    dashes: tuple[float, ...] = ()
    filled: bool = False


class Marks(NamedTuple):
    """The same mark at each point. `shape`: as matplotlib names it; `size` in points; no `colour`: hollow."""

    points: Any
    shape: str
    size: float
    colour: str
    edge: str = ""
    edge_width: float = 1.0
    opacity: float = 1.0


class Picture(NamedTuple):
    """A PNG or JPEG, as large as the box has room for, at its upper right corner."""

    box: Box
    data: bytes


class Page:
    """One page of this size in mm: what stands on it, for a PDF or, but for `pictures`, a picture. Heights grow
    downwards. `language`: of what is said on it. `graphs`: where there are some. `missing`: signs that no font of this
    computer has; UNKNOWN_SIGN stands for each."""

    def __init__(self, width: float, height: float, words: Language | None = None) -> None:
        self.width, self.height = width, height
        self.language = words or language(ENGLISH)
        self.texts: list[Text] = []
        self.pictures: list[Picture] = []
        self.drawn: list[Line | Marks] = []
        self.graphs: list[Box] = []
        self.missing: dict[str, None] = {}

    @property
    def right(self) -> float:
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
        turned: bool = False,
        most: float | None = None,
    ) -> None:
        """A line of text with its base line at `y`; cut with an ellipsis beyond `most` mm."""
        shown = one_line(text)
        if most is not None:
            shown = fitted(shown, most, size, bold=bold)
        if shown:
            self.missing.update(dict.fromkeys(missing_signs(shown)))
            shown = drawable(shown)
            self.texts.append(Text(x, y, shown, size, colour, bold, align, turned))

    def rule(self, y: float, *, heavy: bool = False, left: float = MARGIN, right: float | None = None) -> None:
        points = np.array([[left, y], [self.right if right is None else right, y]])
        self.drawn.append(Line(points, INK if heavy else RULE, 1.0 if heavy else 0.5))

    def sample(self, x: float, y: float, *, colour: str, dashes: tuple[float, ...] = (), mark: str = "") -> None:
        if mark:
            self.drawn.append(Marks(np.array([[x, y]]), mark, 4.5, colour))
        else:
            self.drawn.append(Line(np.array([[x, y], [x + 7.0, y]]), colour, 1.1, dashes))

    def heading(self, y: float, text: str) -> None:
        self.text(MARGIN, y, text, size=8.5, bold=True)
        self.rule(y + 1.4)

    def pairs(
        self, x: float, y: float, rows: Sequence[tuple[str, str]], *, label: float, most: float, lines: int
    ) -> float:
        """Names and values below each other, each value on at most so many lines; where the next line would be."""
        for name, value in rows:
            self.text(x, y, name, size=7.5, colour=FAINT, most=label - 1)
            shown = wrapped(one_line(value), most - label, 7.5, lines=lines)
            for number, line in enumerate(shown):
                self.text(x + label, y + number * _LINE, line, size=7.5)
            y += _STEP + max(0, len(shown) - 1) * _LINE
        return y

    def table(
        self,
        y: float,
        places: Sequence[tuple[float, str]],
        titles: Sequence[str],
        rows: Sequence[Sequence[Cell | str]],
    ) -> float:
        """A table: each column at a place in mm with an alignment; where the next line would be."""
        for (x, align), title in zip(places, titles, strict=True):
            self.text(x, y, title, size=7.0, colour=FAINT, align=align)
        self.rule(y + 1.4)
        y += _STEP + 0.6
        for row in rows:
            for (x, align), value in zip(places, row, strict=True):
                cell = Cell(value) if isinstance(value, str) else value
                self.text(x, y, cell.text, size=7.5, colour=cell.colour, bold=cell.bold, align=align)
            y += _STEP
        return y

    def as_figure(self) -> Figure:
        """The page as matplotlib draws it, for a picture; to be called and saved inside `styled`."""
        figure = Figure(figsize=(self.width / 25.4, self.height / 25.4))
        for item in self.drawn:
            places = item.points / (self.width, -self.height) + (0, 1)
            if isinstance(item, Marks):
                artist: Artist = Line2D(
                    *places.T, linestyle="none", marker=item.shape, markersize=item.size, alpha=item.opacity,
                    markerfacecolor=item.colour or "none", markeredgecolor=item.edge or "none",
                    markeredgewidth=item.edge_width,
                )  # fmt: skip
            elif item.filled:
                artist = Polygon(places, facecolor=item.colour, edgecolor="none")
            else:
                style: Any = (0, item.dashes) if item.dashes else "-"
                artist = Line2D(*places.T, color=item.colour, linewidth=item.width, linestyle=style)
            artist.set_transform(figure.transFigure)
            figure.add_artist(artist)
        for text in self.texts:
            figure.text(
                text.x / self.width, 1 - text.y / self.height, text.text, fontsize=text.size, color=text.colour,
                ha=text.align, va="baseline", rotation=90 if text.turned else 0, rotation_mode="anchor",
                fontweight="bold" if text.bold else "normal", fontfamily=list(families(text.text)),
            )  # fmt: skip
        return figure

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


def without_font_text(page: Page) -> str:
    """What stands on a page for signs that no font has."""
    signs = " ".join(f"U+{ord(sign):04X}" for sign in page.missing)
    return page.language.says(
        "{mark} stands for a sign that no font of the computer had on which this was made: {signs}",
        mark=UNKNOWN_SIGN, signs=signs,
    )  # fmt: skip
