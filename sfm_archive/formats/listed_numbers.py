"""Numbers in the cells of a list that a person keeps in a spreadsheet: with decimal points or commas, thousands parted
by the other sign, a blank or an apostrophe.

Which sign is which, all cells of a list tell together. A cell that allows two numbers is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from sfm_archive.base.texts import quoted
from sfm_archive.errors import UsageError

_GAP = " '\u2019\u00a0\u202f"
_MEASURE = re.compile(rf"([+-]?[0-9][0-9.,{_GAP}]*?)\s*([^\W\d_]*)\.?")
_PARTED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{_GAP}][0-9]{{3}})+(?:[.,][0-9]+)?")
_GAPS = re.compile(f"[{_GAP}]")
_BOTH: Final = {
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+"),
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"),
}
_ONE = re.compile(r"[+-]?([0-9]+)([.,])([0-9]+)")
_MANY: Final = {
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}"),
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}"),
}
_WHOLE = re.compile(r"[+-]?[0-9]+")


class Measure(NamedTuple):
    """A cell: its number as written, and the unit behind it, '' without one."""

    number: str
    unit: str


def measure_of(cell: str) -> Measure:
    """A cell taken apart. Raises UsageError where no number stands there."""
    match = _MEASURE.fullmatch(cell.strip())
    if match is None:
        raise UsageError(f"{quoted(cell)} is no number")
    return Measure(match[1].strip(), match[2])


def decimal_signs(numbers: Iterable[str]) -> frozenset[str]:
    """The signs that are decimal signs without doubt in some of these numbers."""
    return frozenset(sign for number in numbers if (sign := _certain(_closed(number))))


def number_of(text: str, signs: frozenset[str]) -> float:
    """The number, where a list's other cells have these decimal signs for certain. Raises UsageError for a text that is
    none, and for one that allows two."""
    plain = _closed(text)
    if _WHOLE.fullmatch(plain):
        return float(plain)
    sign = _certain(plain)
    one = _ONE.fullmatch(plain)
    if not sign and one is not None:
        if len(signs) == 1:
            (sign,) = signs
        elif not signs and one[2] == ".":
            sign = "."  # a list without any decimal comma
        else:
            raise UsageError(f"{quoted(text)}: {one[2]!r} may part thousands or decimals; write it without thousands")
    if not sign:
        raise UsageError(f"{quoted(text)} is no number")
    return float(plain.replace("," if sign == "." else ".", "").replace(",", "."))


def _closed(text: str) -> str:
    return _GAPS.sub("", text) if _PARTED.fullmatch(text) else text


def _certain(plain: str) -> str:
    """The decimal sign of a number that can be read in one way only, '' of a whole one and of any other."""
    for sign in ".,":
        if _BOTH[sign].fullmatch(plain) or _MANY[sign].fullmatch(plain):
            return sign
    one = _ONE.fullmatch(plain)
    if one is None:
        return ""
    whole, sign, rest = one.groups()
    return sign if len(rest) != 3 or len(whole) > 3 or whole.startswith("0") else ""
