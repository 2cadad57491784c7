"""A value as people read it: the one way from a reading to text, so that no two outputs say the same in other words."""

from __future__ import annotations

import math
import re
from typing import Final

from sfm_archive.model.one_unit import printed_in_another_unit
from sfm_archive.model.readings import STATED_QUANTITIES, Reading, ValueSource, ValueState
from sfm_archive.model.units import VELOCITIES_MM_S, pascals

OVER_RANGE: Final = "over range"
NOT_AVAILABLE: Final = "N/A"
NOT_RECORDED: Final = "not recorded"

ASSUMED_RANGE_SIGN: Final = "~"
"""Before a velocity that was computed with a geophone range that no document tells."""
ASSUMED_RANGE_NOTE: Final = "~: computed with a geophone range that no document tells"

DAY_UNKNOWN_SIGN: Final = "†"
CORRECTED_SIGN: Final = "§"
CORRECTED_MEANS: Final = "its clock, zone or titles were recorded otherwise and are corrected"
"""Behind a peak of which nothing tells on which day it was."""
DAY_UNKNOWN_NOTE: Final = (
    "†: recorded on several days (or at several points), or perhaps so, and nothing tells on which of them its peak "
    "was: it stands at the start of the event, and may be of another day (or point)"
)

WHOLE_DAYS_NOTE: Final = (
    "the window begins or ends within a day: of a histogram that reaches beyond it, peaks, levels and verdicts are "
    "those of its whole days"
)

_SIGNS = {ValueState.BELOW_THRESHOLD: "<", ValueState.ABOVE_LIMIT: ">"}
_AT_LEAST = (("pvs", ValueState.ABOVE_LIMIT), ("pspl", ValueState.ABOVE_LIMIT))
"""Of these the greatest that is known is shown where more may be; a print with `>` is quoted."""

_PRINTED_NUMBER = re.compile(r"[<>]?\s*[+-]?[0-9]+([.,][0-9]{1,6})?")
"""What is quoted. More decimals than that no unit has; a program wrote them."""

_NOT_PRINTED = frozenset({ValueSource.DEVICE_RECORD, ValueSource.COMPLIANCE_RECORD})
"""Sources that have numbers and no text of their own. A decoder has one where it read a printed table."""


def reading_text(reading: Reading | None) -> str:
    """A value with its unit.

    A number has the digits that its document printed, else those usual for its unit; behind `<` it is a threshold that
    was not reached, behind `>` a limit that was passed, and a vector sum behind `≥` is at least that. Without a number
    a value is `over range`, the document's own words, or `N/A` where it says that there is none; `not recorded` where
    there is no reading at all. What was printed in another unit stands behind it: `0.750 in/s (19.05 mm/s printed)`.
    """
    if reading is None:
        return NOT_RECORDED
    unit = plain_unit(reading.unit) if _has_number(reading) else ""
    printed = printed_in_another_unit(reading)
    return f"{number_text(reading)} {unit}{f' ({printed} printed)' if printed else ''}".rstrip()


def number_text(reading: Reading) -> str:
    """The same without the unit, for a column that has it in its head."""
    if reading.state is ValueState.OVER_RANGE:
        return OVER_RANGE
    printed = " ".join(reading.text.split())
    if reading.number is None or not _has_number(reading):
        # A note that nobody typed is printed as nothing, and is no number that there is none of.
        return printed or ("" if reading.quantity in STATED_QUANTITIES else NOT_AVAILABLE)
    if reading.source not in _NOT_PRINTED and printed.endswith(reading.unit):
        own = printed.removesuffix(reading.unit).strip()
        if _PRINTED_NUMBER.fullmatch(own):
            return own.replace(" ", "")
    sign = "≥" if (reading.quantity, reading.state) in _AT_LEAST else _SIGNS.get(reading.state, "")
    return f"{sign}{digits(reading.number, reading.unit)}"


def digits(number: float, unit: str) -> str:
    """A number in the digits usual for its unit: three significant ones or more, as a report prints."""
    size = abs(number)
    if unit == "Hz":
        return f"{number:.1f}" if size < 50 else f"{number:.0f}"
    if unit.startswith("dB"):
        return f"{number:.1f}"
    if unit == "sec":
        return f"{number:.3f}"  # as every report prints it, also far into a long record
    if unit == "sps":
        return f"{number:g}"
    if unit == "in":
        return f"{number:.4f}" if size < 0.1 else f"{number:.3f}"
    if (unit in VELOCITIES_MM_S and 0 < size < 0.01) or (pascals(unit) and 0 < size < 0.1):
        return f"{number:.3g}"  # one count of the Sensitive range is 0.000625 in/s, 134 dB(L) are 0.0145 psi
    if size < 10:
        return f"{number:.3f}"
    return f"{number:.2f}" if size < 100 else f"{number:.1f}"


def digits_below(number: float, unit: str) -> str:
    """What a number is at least, in as many digits: rounded down."""
    text = digits(number, unit)
    places = len(text.partition(".")[2])
    if float(text) <= number or "e" in text:
        return text
    return f"{math.floor(number * 10**places) / 10**places:.{places}f}"


def plain_unit(unit: str) -> str:
    """A unit as it stands beside a number."""
    return "s" if unit == "sec" else unit


def _has_number(reading: Reading) -> bool:
    return reading.number is not None and reading.state not in (ValueState.OVER_RANGE, ValueState.ABSENT)
