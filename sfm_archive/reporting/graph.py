"""A graph at a place of a page: two scales, their grid and numbers, and what is drawn by its values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from sfm_archive.reporting.lettering import MM_PER_POINT, text_width
from sfm_archive.reporting.page import Box, Line, Marks, Page
from sfm_archive.reporting.style import FAINT, GRID, INK

_FRAME = 0.6
_TICK, _TO_NUMBER = 3.5 * MM_PER_POINT, 7.0 * MM_PER_POINT
_NUMBER_SIZE = 7.0
_ABOVE = 3 * MM_PER_POINT
_SAID_SIZE = 6.8


class Scale(NamedTuple):
    """From which value to which a side of a graph runs."""

    low: float
    high: float
    log: bool = False

    def share(self, values: Any) -> Any:
        """How far along the side values are, from 0 to 1."""
        low, high, found = self.low, self.high, np.asarray(values, dtype=np.float64)
        if self.log:
            low, high, found = math.log(low), math.log(high), np.log(found)
        return (found - low) / (high - low)

    def inside(self, values: Any) -> list[float]:
        """Those of the values that the side has."""
        spare = 1e-9 * (self.high - self.low)
        return [float(value) for value in values if self.low - spare <= value <= self.high + spare]

    def ticks(self, most: int, *, whole: bool = False) -> list[float]:
        """Round values with as many steps at most."""
        locator = MaxNLocator(nbins=most, steps=[1, 2, 5, 10], min_n_ticks=2, integer=whole)
        return self.inside(locator.tick_values(self.low, self.high))

    def decades(self, digits: Sequence[int]) -> list[float]:
        """Of a logarithmic side, these digits of each decade."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        return self.inside(digit * 10.0**power for power in powers for digit in digits)


def numbers(ticks: Sequence[float]) -> list[tuple[float, str]]:
    """Ticks with as many decimals as their step needs."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(tick, f"{tick + 0.0:.{decimals}f}".replace("-", "−")) for tick in ticks]


class Graph:
    """In this box of the page, with `x` across and `y` upwards."""

    def __init__(self, page: Page, box: Box, x: Scale, y: Scale) -> None:
        self.page, self.x, self.y = page, x, y
        self.left, self.top, self.right, self.bottom = box
        page.graphs.append(box)

    def places(self, across: Any, up: Any) -> Any:
        """Where on the page values are: an array of points in mm."""
        x = self.left + self.x.share(across) * (self.right - self.left)
        y = self.bottom - self.y.share(up) * (self.bottom - self.top)
        return np.column_stack(np.broadcast_arrays(np.atleast_1d(x), y))

    def line(self, across: Any, up: Any, colour: str, *, width: float = 0.7, dashes: tuple[float, ...] = ()) -> None:
        self.page.drawn.append(Line(self.places(across, up), colour, width, dashes))

    def area(self, across: Any, up: Any, colour: str) -> None:
        self.page.drawn.append(Line(self.places(across, up), colour, 0.0, filled=True))

    def marks(self, across: Any, up: Any, shape: str, size: float, colour: str, **edge: Any) -> None:
        self.page.drawn.append(Marks(self.places(across, up), shape, size, colour, **edge))

    def grid(self, across: Sequence[float], up: Sequence[float], *, width: float = 0.5) -> None:
        """The lines of a grid, below all that is drawn afterwards."""
        for value in across:
            self.line([value, value], [self.y.low, self.y.high], GRID, width=width)
        for value in up:
            self.line([self.x.low, self.x.high], [value, value], GRID, width=width)

    def frame(self) -> None:
        x, y = self.x, self.y
        corners = ([x.low, x.high, x.high, x.low, x.low], [y.low, y.low, y.high, y.high, y.low])
        self.line(*corners, FAINT, width=_FRAME)

    def number_below(self, ticks: Sequence[tuple[float, str]], name: str = "", end: str = "") -> None:
        """Numbers below the graph, and what they are; `end`: what stands at the right end of that line."""
        below = self.bottom + _TO_NUMBER
        for value, text in ticks:
            x = float(self.places(value, self.y.low)[0, 0])
            self._tick([[x, self.bottom], [x, self.bottom + _TICK]])
            self.page.text(x, below + 0.76 * _NUMBER_SIZE * MM_PER_POINT, text, size=_NUMBER_SIZE, align="center")
        y = below + (1.76 * _NUMBER_SIZE + 4) * MM_PER_POINT
        self.page.text((self.left + self.right) / 2, y, name, size=_NUMBER_SIZE, align="center")
        self.page.text(self.right, y, end, size=_NUMBER_SIZE, align="right")

    def number_beside(self, ticks: Sequence[tuple[float, str]], name: str = "", *, right: bool = False) -> None:
        """Numbers to the left or the right, and what they are, upwards."""
        away = -1 if not right else 1
        edge = self.right if right else self.left
        for value, text in ticks:
            y = float(self.places(self.x.low, value)[0, 1])
            self._tick([[edge, y], [edge + away * _TICK, y]])
            at = y + 0.36 * _NUMBER_SIZE * MM_PER_POINT
            self.page.text(edge + away * _TO_NUMBER, at, text, size=_NUMBER_SIZE, align="left" if right else "right")
        widest = max((text_width(text, _NUMBER_SIZE) for _, text in ticks), default=0.0)
        x = edge + away * (_TO_NUMBER + widest + 5.7 * MM_PER_POINT)
        # A name that is longer than the graph is high would run into what stands above it.
        size = _NUMBER_SIZE * min(1.0, (self.bottom - self.top) / max(1.0, text_width(name, _NUMBER_SIZE)))
        self.page.text(x, (self.top + self.bottom) / 2, name, size=size, align="center", turned=True)

    def say(self, text: str, *, colour: str = INK, bold: bool = False, align: str = "right") -> None:
        """A line above the graph, where it lies over no data."""
        x = self.left if align == "left" else self.right
        self.page.text(x, self.top - _ABOVE, text, size=_SAID_SIZE, colour=colour, bold=bold, align=align)

    def _tick(self, points: Any) -> None:
        self.page.drawn.append(Line(np.array(points), INK, _FRAME))
