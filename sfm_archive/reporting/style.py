"""How everything is drawn: one style, one colour for each channel, and figures as bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sfm_archive.base.version import TOOL

INK = "#1a1a1a"
FAINT = "#6b6b6b"
RULE = "#c8c8c8"
ALARM = "#b00020"
COLOURS = {"Tran": "#0072b2", "Vert": "#c04f00", "Long": "#00795a", "MicL": "#5a4a78"}
MARKERS = {"Tran": "o", "Vert": "^", "Long": "s"}

FORMATS = ("png", "svg", "pdf")

_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai",
    "Arial Unicode MS",
)  # fmt: skip


@cache
def fonts() -> tuple[str, ...]:
    """The letters of all texts; behind them those of this computer for scripts that these lack."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _FALLBACKS if name in there))


_STYLE: Any = {
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 0.7,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,
    # Pixels move no letter: what is measured is what is drawn.
    "text.hinting": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "sfm-archive",
    "path.simplify_threshold": 0.1,
}


def draw_lines(axis: Axes, *, upright: ArrayLike = (), level: ArrayLike = (), width: float = 0.5) -> None:
    """Lines of a grid across axes, as one object and without ticks: a page has hundreds, and a tick of each would take
    most of the time that it is drawn in."""
    for places, ends, transform in (
        (upright, lambda at: ((at, 0.0), (at, 1.0)), axis.get_xaxis_transform()),
        (level, lambda at: ((0.0, at), (1.0, at)), axis.get_yaxis_transform()),
    ):
        lines = LineCollection(
            [ends(at) for at in np.asarray(places)],
            colors=_STYLE["grid.color"],
            linewidths=width,
            transform=transform,
            zorder=0.5,
        )
        axis.add_collection(lines, autolim=False)


@contextmanager
def styled() -> Iterator[None]:
    """Everything drawn inside looks alike, whatever the user's own settings are."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_STYLE, "font.family": list(fonts())})
        # A note in a script that the font lacks shows boxes; that must not stop a report.
        warnings.filterwarnings("ignore", message=".*Glyph.*missing from.*font.*")
        yield


def figure_bytes(figure: Figure, file_format: str, title: str) -> bytes:
    """A figure as PNG or SVG; the same figure gives the same bytes."""
    metadata: dict[str, Any] = {"Title": title}
    if file_format == "png":
        metadata["Software"] = TOOL
    else:
        metadata |= {"Date": None, "Creator": TOOL}
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format=file_format, dpi=150, metadata=metadata)
    return buffer.getvalue()
