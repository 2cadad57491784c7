"""Digits of printed numbers: how many stand behind the point, and whether a text has decimal commas in its place.

DERIVED: every report that is known prints points (docs/facts.md). Where a comma can be nothing but a decimal comma it
is read as one; where it could also part thousands no number is taken, and a finding says so.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from sfm_archive.errors import UsageError

_NUMBER = re.compile(r"[<>]?\s*[+-]?([0-9]+)([.,])([0-9]+)(?:\s*|\s+[^\W\d_%°].*|\s*[%°].*)", re.DOTALL)
_DIGITS: Final = frozenset("0123456789")
_FIRST_NUMBER = re.compile(r"[0-9]*(?:[.,]([0-9]*))?")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_COMMA_IN_BYTES = re.compile(rb"(?<=[0-9]),(?=[0-9])")


def has_decimal_commas(values: Iterable[str]) -> bool:
    """Whether printed values have decimal commas without doubt.

    None of them has a point, and one has a comma that parts no thousands: behind a zero, or before other than three
    digits.
    """
    certain = False
    for value in values:
        match = _NUMBER.fullmatch(value.strip())
        if match is None:
            continue
        whole, mark, rest = match.groups()
        if mark == ".":
            return False
        certain = certain or whole.startswith("0") or len(rest) != 3 or len(whole) > 3
    return certain


def has_comma(text: str) -> bool:
    """Whether a printed value is a number with one comma, whatever that means."""
    match = _NUMBER.fullmatch(text.strip())
    return match is not None and match[2] == ","


def with_points(text: str) -> str:
    return _COMMA.sub(".", text)


_WRITTEN = re.compile(r"\s*([0-9]*),([0-9]+)([^,0-9].*)?", re.DOTALL)


def written_with_point(text: str) -> str:
    """A number as a person wrote it, `0,5in/s`, with a point for its decimal comma. Raises UsageError where the comma
    could also part thousands."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return text
    whole, rest = match[1], match[2]
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        raise UsageError(f"{text!r}: the comma may part thousands or decimals; write a point before decimals")
    return f"{whole or 0}.{rest}{match[3] or ''}"


def bytes_with_points(text: bytes) -> bytes:
    """The same of bytes; their number stays."""
    return _COMMA_IN_BYTES.sub(b".", text)


def decimals_of(text: str) -> int:
    """Printed digits behind the point, or decimal comma, of the first number in a text; 0 where none stands there."""
    match = _FIRST_NUMBER.match(text.lstrip("<> +-"))
    return min(len(match[1]), 99) if match is not None and match[1] is not None else 0


@lru_cache(1 << 14)
def half_of_the_last_digit(text: str) -> float:
    """By how much rounding can have moved a printed number; 0 where no number stands there."""
    if text.lstrip("<> +-")[:1] not in _DIGITS:
        return 0.0
    return float(0.5 * 10.0 ** -decimals_of(text))


def bounds_of_print(number: float, half: float) -> tuple[float, float]:
    """What a printed number of at least zero stands for; `half`: see `half_of_the_last_digit`."""
    return max(0.0, round(number - half, 6)), round(number + half, 6)


def of_a_decoder(number: float) -> float:
    """A computed number as it is kept and shown: nine digits are more than any unit has, and minus zero has no sign."""
    return float(f"{number:.9g}") + 0.0


@lru_cache(1 << 14)
def as_printed(number: float) -> float:
    """The decimal that a 32-bit number stands for; any other number as it is.

    A unit stores its peaks in 32 bits: 0.885 reads as 0.8849999904632568, and would be a nanometre or more off.
    """
    try:
        packed = _FLOAT.pack(number)
    except OverflowError:
        return number
    if _FLOAT.unpack(packed)[0] != number:
        return number
    shortest = (float(f"{number:.{digits}g}") for digits in range(6, 10))
    return next((one for one in shortest if _FLOAT.pack(one) == packed), number)


_FLOAT: Final = struct.Struct("<f")
