"""How many of something, in words and by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

_Outcome = TypeVar("_Outcome", bound=StrEnum)


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 event`, `2 events`, `12,345 events`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def counts(kind: type[_Outcome], outcomes: Iterable[_Outcome]) -> dict[str, int]:
    """How many there are of each outcome, in the order of `kind`, those that nothing had included."""
    found = Counter(outcomes)
    return {outcome.value: found[outcome] for outcome in kind}
