"""What titles typed into units suggest: they are stale or misspelt in practice, so they are a hint and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Final

from sfm_archive.base.counting import counted
from sfm_archive.base.texts import folded
from sfm_archive.model.statements import UnitWindow
from sfm_archive.model.timestamps import parse_local_text

ALIKE: Final = 0.8
"""From this share of equal letters on, two titles are taken for one that was typed twice."""


def resembling(one: str, other: str) -> bool:
    """Whether two titles may be the same with a slip: equal without case, accents and blanks, one within the other, or
    nearly equal letter by letter."""
    first, second = folded(one), folded(other)
    if not first or not second:
        return False
    if min(len(first), len(second)) >= 4 and (first in second or second in first):
        return True
    if [sign for sign in first if sign.isdigit()] != [sign for sign in second if sign.isdigit()]:
        return False  # phase 1 and phase 2
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def nearest_window(windows: Sequence[UnitWindow], first: str, last: str) -> UnitWindow | None:
    """Of windows of one unit, none of which holds the span, the one that is least away from it."""
    return min(windows, key=lambda one: _gap(one, first, last), default=None)


def gap_words(window: UnitWindow, first: str, last: str) -> str:
    """`2 hours before it`, `3 days behind it`."""
    gap = _gap(window, first, last)
    side = "before" if last < window.from_local else "behind"
    for size, word in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if gap >= size:
            return f"{counted(gap // size, word)} {side} it"
    return f"less than a minute {side} it"


def _gap(window: UnitWindow, first: str, last: str) -> timedelta:
    if last < window.from_local:
        return parse_local_text(window.from_local) - parse_local_text(last)
    if window.until_local and first >= window.until_local:
        return parse_local_text(first) - parse_local_text(window.until_local)
    return timedelta()
