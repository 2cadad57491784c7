"""How everything is drawn: one style, one colour for each channel, and figures as bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from sfm_archive.base.version import TOOL
from sfm_archive.reporting.fonts import BASE

INK = "#1a1a1a"
FAINT = "#6b6b6b"
RULE = "#c8c8c8"
GRID = "#e4e4e4"
ALARM = "#b00020"
COLOURS = {"Tran": "#0072b2", "Vert": "#c04f00", "Long": "#00795a", "MicL": "#5a4a78"}
MARKERS = {"Tran": "o", "Vert": "^", "Long": "s"}

FORMATS = ("png", "svg", "pdf")

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
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_STYLE, "font.family": BASE})
        yield


def figure_bytes(figure: Figure, file_format: str, title: str) -> bytes:
    """A figure as PNG or SVG, inside `styled`; the same figure gives the same bytes."""
    made_with: dict[str, Any] = {"Software": TOOL} if file_format == "png" else {"Date": None, "Creator": TOOL}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=150, metadata={"Title": title, **made_with})
    return buffer.getvalue()
