"""The letters of a page: the fonts that a text takes, how wide it is, and where it is broken into lines."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from sfm_archive.reporting.fonts import BASE, Font, base_font, font_with
from sfm_archive.reporting.style import styled

MM_PER_POINT = 25.4 / 72
OUTLINE_SIZE = 100.0
_RIGHT_TO_LEFT = ("R", "AL", "AN")


UNKNOWN_SIGN = "\ufffd"
"""Stands for a sign that no font has."""

_BEFORE_OTHERS = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Categories of signs that alter those beside them."""

_JOINERS = "\u200c\u200d"
_WITHOUT_LOOK = re.compile(
    "[\u00ad\u180b-\u180f\u200b\u200e\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""Signs that only say how others shall look, or nothing, and that few fonts have."""


@lru_cache(maxsize=20_000)
def missing_signs(text: str) -> tuple[str, ...]:
    """The signs of a text that no font of this computer has, each once."""
    return tuple(dict.fromkeys(sign for sign in text if sign not in _JOINERS and font_with(sign) is None))


def drawable(text: str) -> str:
    """The text with UNKNOWN_SIGN for each of its signs that no font has."""
    missing = missing_signs(text)
    return "".join(UNKNOWN_SIGN if sign in missing else sign for sign in text) if missing else text


@lru_cache(maxsize=20_000)
def families(text: str) -> tuple[str, ...]:
    """The families of fonts that a drawable text takes, that of all texts first."""
    found = (font_with(sign) for sign in text)
    return tuple(dict.fromkeys((BASE, *(font.family for font in found if font is not None))))


@lru_cache(maxsize=20_000)
def runs(text: str, *, bold: bool) -> tuple[tuple[str, str], ...]:
    """Parts of a drawable text, each with the name of the font that has its signs, as the PDF's library knows it.

    Empty where no font that it can embed has them all, or where the letters of a script depend on their neighbours:
    such a text is drawn as outlines (see `outline`).
    """
    found: list[tuple[str, str]] = []
    for sign in text:
        if not sign.isascii() and (
            unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT or unicodedata.category(sign) in _BEFORE_OTHERS
        ):
            return ()
        # Signs beyond U+FFFF would be copied from the PDF as others: its library writes them with five digits.
        name = _font_of(sign, bold) if ord(sign) <= 0xFFFF else ""
        if not name:
            return ()
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + sign)
        else:
            found.append((name, sign))
    return tuple(found)


def outline(text: str, bold: bool) -> list[Any]:
    """Polygons that fill a drawable text in letters of OUTLINE_SIZE, as matplotlib shapes it."""
    weight = "bold" if bold else "normal"
    with styled():
        prop = FontProperties(family=list(families(text)), weight=weight)
        return TextPath((0, 0), text, size=OUTLINE_SIZE, prop=prop).to_polygons()


@cache
def _font_of(sign: str, bold: bool) -> str:
    font = font_with(sign)
    if font is None:
        return ""
    if font.family == BASE:
        font = base_font(bold=bold)
    embedded = _embedded(font)
    return str(embedded.fontName) if embedded is not None and ord(sign) in embedded.face.charToGlyph else ""


@cache
def _embedded(font: Font) -> Any:
    """The font as the PDF's library reads it; None where its outlines are of another kind, as Noto's of Chinese."""
    try:
        embedded = TTFont(f"{font.family} {Path(font.path).stem}", font.path, subfontIndex=0)
    except (TTFError, OSError):
        return None
    pdfmetrics.registerFont(embedded)
    return embedded


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in mm."""
    return _width(drawable(text), bold) * size * MM_PER_POINT


@lru_cache(maxsize=20_000)
def _width(text: str, bold: bool) -> float:
    if not text.strip():
        return 0.0
    parts = runs(text, bold=bold)
    if not parts:
        return max((float(part[:, 0].max()) for part in outline(text, bold)), default=0.0) / OUTLINE_SIZE
    return float(sum(pdfmetrics.stringWidth(part, name, 1.0) for name, part in parts))


def line_height(size: float) -> float:
    """From one line of a paragraph to the next, in mm."""
    return size * MM_PER_POINT * 1.35


def one_line(text: str) -> str:
    """Text that no line break or control character of a note can break out of its place."""
    seen = _WITHOUT_LOOK.sub("", " ".join(text.split()))
    return "".join(sign if sign.isprintable() or sign in _JOINERS or _may_be_new(sign) else "?" for sign in seen)


def _may_be_new(sign: str) -> bool:
    """Whether this Python's Unicode does not know a sign, and a font may: an emoji of next year, a firm's own mark."""
    return unicodedata.category(sign) in ("Cn", "Co")


def fitted(text: str, most: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis."""
    if text_width(text, size, bold=bold) <= most:
        return text
    lengths = range(1, len(text) + 1)
    fitting = bisect_right(lengths, most, key=lambda length: text_width(text[:length] + "…", size, bold=bold))
    return text[:fitting].rstrip() + "…"


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
        lengths = range(2, len(word))
        fitting = 1 + bisect_right(lengths, most, key=lambda length: text_width(word[:length], size, bold=bold))
        parts.append(word[:fitting])
        word = word[fitting:]
    return [*parts, word]
