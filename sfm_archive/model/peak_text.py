"""The peak of an event as every table shows it: by its size, with the sign of what it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sfm_archive.model.one_unit import printed_in_another_unit
from sfm_archive.model.reading_text import (
    ASSUMED_RANGE_NOTE,
    ASSUMED_RANGE_SIGN,
    DAY_UNKNOWN_SIGN,
    number_text,
    plain_unit,
)
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.summaries import Basis

AT_LEAST_SIGN: Final = "≥"
AT_LEAST_NOTE: Final = "≥: at least that; a limit was passed, or another channel's peak is not known"
UNKNOWN_PEAK: Final = "without a known peak"
"""Behind a number of events."""
UNKNOWN_PEAK_MEANS: Final = "no document prints one, and no samples of theirs can be decoded"

_SIGNS: Final = {Basis.AT_LEAST.value: AT_LEAST_SIGN, Basis.ASSUMED.value: ASSUMED_RANGE_SIGN}
_NOTES: Final = {AT_LEAST_SIGN: AT_LEAST_NOTE, ASSUMED_RANGE_SIGN: ASSUMED_RANGE_NOTE}
_MINUS = re.compile(r"^(\s*[<>]?\s*)-\s*")


def by_size(reading: Reading) -> Reading:
    """A velocity that a document prints below zero, by the size with which it counts; any other as it is."""
    if reading.number is None or reading.quantity not in ("ppv", "pvs"):
        return reading
    # A derived row has the size beside the text.
    return replace(reading, number=abs(reading.number), text=_MINUS.sub(r"\1", reading.text))


def peak_sign(peak: Reading | None, basis: str) -> str:
    """Before a number that is not the peak itself; `>` is printed by a document that has it."""
    passed = peak is not None and peak.state is ValueState.ABOVE_LIMIT
    return "" if passed or peak is None else _SIGNS.get(basis, "")


def peak_text(peak: Reading, basis: str, *, with_unit: bool = True, day_known: bool = True) -> str:
    """A greatest peak or vector sum. `basis`: what it stands on, of `Basis`. What was printed in another unit is quoted
    behind it as it was printed."""
    text = peak_sign(peak, basis) + number_text(by_size(peak))
    unit = plain_unit(peak.unit) if with_unit and peak.number is not None and peak.state in _NUMBERS else ""
    printed = printed_in_another_unit(peak)
    parts = [text, unit, f"({printed} printed)" if printed else ""]
    return " ".join(part for part in parts if part) + ("" if day_known else DAY_UNKNOWN_SIGN)


_NUMBERS: Final = (ValueState.OK, ValueState.ABOVE_LIMIT, ValueState.BELOW_THRESHOLD)


def sign_notes(peaks: Iterable[tuple[Reading | None, str]]) -> list[str]:
    """What the signs before these peaks, each with its basis, mean, as far as they stand there."""
    signs = {peak_sign(peak, basis) for peak, basis in peaks}
    return [note for sign, note in _NOTES.items() if sign in signs]
