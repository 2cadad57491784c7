"""Lone surrogates: half characters that a Python text can hold, and that no UTF-8, hence no archive, can.

JSON escapes (`"\\ud800"`) and names and arguments that are not UTF-8 bring them. Everything that comes from outside is
asked here before it is kept.
"""

from __future__ import annotations


def has_lone_surrogate(text: str) -> bool:
    """Whether a text can be neither kept nor written as UTF-8."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def without_lone_surrogates(text: str) -> str:
    """The text with a `?` for each of them: for what only names somebody, never for evidence."""
    return text.encode("utf-8", "replace").decode("utf-8")
