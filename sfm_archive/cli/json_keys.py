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


def value_keys(prefix: str) -> Keys:
    """The keys of a value."""
    return {
        f"{prefix}.quantity": "what was measured or stated: `ppv`, `pvs`, `zc_frequency`, `project`, …",
        f"{prefix}.channel": "`Tran`, `Vert`, `Long`, `MicL`, or empty",
        f"{prefix}.number": "the value, null for texts and where the state says why",
        f"{prefix}.unit": "its unit, or empty",
        f"{prefix}.state": "`ok`, `over-range`, `below-threshold`, `above-limit` or `absent`",
        f"{prefix}.text": "as printed or typed, empty where it was computed or the source is binary",
    }
