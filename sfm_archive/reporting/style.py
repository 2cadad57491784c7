"""How everything is drawn: one style, one colour for each channel, and figures as bytes."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from sfm_archive.base.version import TOOL

INK = "#1a1a1a"
FAINT = "#6b6b6b"
RULE = "#c8c8c8"
GRID = "#e4e4e4"
ALARM = "#b00020"
COLOURS = {"Tran": "#0072b2", "Vert": "#c04f00", "Long": "#00795a", "MicL": "#5a4a78"}
MARKERS = {"Tran": "o", "Vert": "^", "Long": "s"}

FORMATS = ("png", "svg", "pdf")

_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai",
    "Arial Unicode MS",
)  # fmt: skip


# That a fallback has no bold letters is no news for who asked for a report.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


@cache
def fonts() -> tuple[str, ...]:
    """The letters of all texts; behind them those of this computer for scripts that these lack."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _FALLBACKS if name in there))


_STYLE: Any = {
    "text.parse_math": False,
    # Pixels move no letter: what is measured is what is drawn.
    "text.hinting": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "sfm-archive",
}


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
    """A figure as PNG or SVG, inside `styled`; the same figure gives the same bytes."""
    made_with: dict[str, Any] = {"Software": TOOL} if file_format == "png" else {"Date": None, "Creator": TOOL}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=150, metadata={"Title": title, **made_with})
    return buffer.getvalue()
