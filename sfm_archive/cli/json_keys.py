"""How the keys of a JSON document are written down, and those that several documents share."""

from __future__ import annotations

Keys = dict[str, str]


def finding_keys(prefix: str) -> Keys:
    """The keys of each finding in the list `prefix`."""
    return {
        f"{prefix}[].code": "a stable word for programs",
        f"{prefix}[].severity": "`note`, `warning` or `refusal`",
        f"{prefix}[].message": "a sentence for people",
        f"{prefix}[].start?": "first address or offset it is about, in the unit that the message names",
        f"{prefix}[].end?": "first address or offset behind it",
    }


def total_keys(words: dict[str, str]) -> Keys:
    """The keys of `totals`: each word, and what it counts."""
    return {f"totals.{word}": f"number of {text}" for word, text in words.items()}
