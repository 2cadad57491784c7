"""Decimal commas: whether the numbers of a text have them, and the same text with points.

DERIVED: every report that is known prints points (docs/facts.md). Where a comma can be nothing but a decimal comma it
is read as one; where it could also part thousands no number is taken, and a finding says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[<>]?\s*[+-]?([0-9]+)([.,])([0-9]+)(?:\s*|\s+[^\W\d_%°].*|\s*[%°].*)", re.DOTALL)
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


def bytes_with_points(text: bytes) -> bytes:
    """The same of bytes; their number stays."""
    return _COMMA_IN_BYTES.sub(b".", text)
