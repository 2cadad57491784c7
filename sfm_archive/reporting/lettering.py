"""The letters of a page: the fonts that a text takes, how wide it is, and where it is broken into lines."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from typing import Any

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.textpath import TextPath
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from sfm_archive.reporting.style import fonts, styled

MM_PER_POINT = 25.4 / 72
OUTLINE_SIZE = 100.0
_RIGHT_TO_LEFT = ("R", "AL", "AN")


@lru_cache(maxsize=20_000)
def runs(text: str, *, bold: bool) -> tuple[tuple[str, str], ...]:
    """Parts of a text, each with the name of the font that has its signs, as the PDF's library knows it.

    Empty where no font that it can embed has them all, or where the letters of a script depend on their neighbours:
    such a text is drawn as outlines (see `outline`).
    """
    found: list[tuple[str, str]] = []
    for sign in text:
        if not sign.isascii() and (unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT or unicodedata.combining(sign)):
            return ()
        name = _font_of(sign, bold)
        if not name:
            return ()
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + sign)
        else:
            found.append((name, sign))
    return tuple(found)


def outline(text: str, bold: bool) -> list[Any]:
    """Polygons that fill a text in letters of OUTLINE_SIZE, as matplotlib shapes it."""
    weight = "bold" if bold else "normal"
    with styled():
        path = TextPath((0, 0), text, size=OUTLINE_SIZE, prop=FontProperties(family=list(fonts()), weight=weight))
        return path.to_polygons()


@cache
def _font_of(sign: str, bold: bool) -> str:
    for family in fonts():
        font = _embedded(family, bold)
        if font is not None and ord(sign) in font.face.charToGlyph:
            return str(font.fontName)
    return ""


@cache
def _embedded(family: str, bold: bool) -> Any:
    """The font as the PDF's library reads it; None where its outlines are of another kind, as Noto's of Chinese."""
    path = findfont(FontProperties(family=family, weight="bold" if bold else "normal"))
    try:
        font = TTFont(f"{family} {bold}", str(path), subfontIndex=getattr(path, "face_index", 0))
    except (TTFError, OSError):
        return None
    pdfmetrics.registerFont(font)
    return font


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in mm."""
    return _width(text, bold) * size * MM_PER_POINT


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
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))


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
