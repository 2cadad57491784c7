"""Which font has a sign: the one of all texts, else one that this computer has."""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.font_manager import findfont, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font

BASE = "DejaVu Sans"
"""The letters of all texts; matplotlib brings it along."""

_PREFERRED = (
    "notosanscjk", "sourcehansans", "msyh", "yugoth", "malgun", "pingfang", "hiragino", "applesdgothic", "wqy",
    "notosans", "droidsansfallback", "arialunicode", "notoemoji", "seguiemj", "symbola", "segui", "sans",
)  # fmt: skip
"""Parts of files' names, those whose letters go best with the others first."""

_LAST = "unifont"
_STYLES = re.compile(r"bold|italic|oblique|light|thin|black|medium|condensed|mono|serif")
_NO_LETTERS = frozenset({"LastResort", ".LastResort", "Adobe NotDef", "Adobe Blank", "Last Resort"})
"""Fonts that have a box, or nothing, for every sign."""

# That a fallback has no bold letters is no news for who asked for a report.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


class Font(NamedTuple):
    """A font that can be drawn: its family, as matplotlib knows it, and its file."""

    family: str
    path: str


@cache
def base_font(*, bold: bool) -> Font:
    """The font of all texts."""
    return Font(BASE, str(findfont(f"{BASE}:bold" if bold else BASE)))


@cache
def font_with(sign: str) -> Font | None:
    """The font that has a sign; None where no font of this computer does, or none that can be drawn at any size."""
    base = base_font(bold=False)
    if _has(base.path, sign):
        return base
    # One that was taken for another sign first: the letters of a word are then alike.
    for font in _taken:
        if _has(font.path, sign):
            return font
    for path in _files():
        family = _has(path, sign)
        if family:
            if all(path != str(known.fname) for known in fontManager.ttflist):
                fontManager.addfont(path)  # installed since matplotlib last looked
            font = Font(family, path)
            _taken.append(font)
            return font
    return None


_taken: list[Font] = []


@cache
def _files() -> tuple[str, ...]:
    """Every font file of this computer, the best ones first. matplotlib knows where Linux, macOS and Windows have
    them; its own list can be older than a font."""

    def rank(path: str) -> tuple[bool, int, bool, str]:
        name = re.sub(r"[^a-z0-9]", "", Path(path).stem.lower())
        place = next((number for number, part in enumerate(_PREFERRED) if part in name), len(_PREFERRED))
        return _LAST in name, place, _STYLES.search(name) is not None, path

    return tuple(sorted(findSystemFonts(), key=rank))


@cache
def _opened(path: str) -> Any:
    """The first face of a font file; None for one that cannot be drawn at any size, such as coloured bitmaps."""
    try:
        font = FT2Font(path)
        if not font.scalable or font.family_name in _NO_LETTERS:
            return None
        font.set_size(12, 72)
    except (OSError, RuntimeError, ValueError, TypeError):
        return None
    return font


def _has(path: str, sign: str) -> str:
    """The family of a font that has a sign, with something to draw; '' where it does not."""
    font = _opened(path)
    if font is None or not font.get_char_index(ord(sign)):
        return ""
    try:
        font.load_char(ord(sign))
        drawn = len(font.get_path()[0]) > 0 or sign.isspace()
    except (RuntimeError, ValueError):
        return ""
    return str(font.family_name) if drawn else ""
