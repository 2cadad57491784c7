"""How many of something, in words."""

from __future__ import annotations


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 event`, `2 events`, `12,345 events`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
