"""A reading: one value of an event, with its unit and its state.

A value that is not a number is not missing. `OORANGE` is the loudest answer a unit can give, so it is a state
of the reading and never an empty number (docs/facts.md, F10). The printed forms are known
(docs/facts.md, "Values that are not numbers").
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from sfm_archive.base.plain import LEFT_OUT_IF_NONE
from sfm_archive.model.decimals import has_comma, with_points
from sfm_archive.model.units import VELOCITIES_MM_S, pascals

GEO_CHANNELS: Final = ("Tran", "Vert", "Long")
"""The three geophone channels, in the order in which units record them (known)."""

CHANNELS: Final = (*GEO_CHANNELS, "MicL")
"""All channels; the fourth is the microphone."""

MEASURED_QUANTITIES: Final = frozenset(
    {
        # of the whole event
        "pvs", "pvs_time", "pspl",
        # of one channel
        "ppv", "zc_frequency", "time_of_peak", "peak_acceleration", "peak_displacement",
        # sensor check of one channel
        "test_frequency", "test_ratio", "test_amplitude",
        # settings
        "geo_range", "sample_rate", "record_time", "pretrigger", "geo_trigger_level", "mic_trigger_level",
        "intervals", "interval_size", "battery",
    }
)  # fmt: skip
"""Quantities whose text is a value: read by `read_value`."""

NUMERIC_QUANTITIES: Final = frozenset(
    {
        "pvs", "pspl", "ppv", "zc_frequency", "peak_acceleration", "peak_displacement",
        "test_frequency", "test_ratio", "test_amplitude",
    }
)  # fmt: skip
"""Measured quantities whose answer is a number or one of the known words; the others can also be answered by a text,
such as a clock time or the name of a range."""

STATED_QUANTITIES: Final = frozenset(
    {
        "project", "client", "user_name", "location", "general",
        "operator", "setup", "calibration", "trigger", "units",
        "test_results", "firmware", "software", "microphone", "record_stop_mode", "recording_mode", "auto_window",
        "scaled_distance", "gps_distance",
        "false_trigger", "reviewer", "review_notes",
    }
)  # fmt: skip
"""Quantities whose text is the answer; they have neither number nor unit."""

DECIDED_QUANTITIES: Final = frozenset({"false_trigger", "reviewer", "review_notes"})
"""What people decide about an event: of these alone a decision taken here counts."""

QUANTITIES: Final = MEASURED_QUANTITIES | STATED_QUANTITIES
"""Every `Reading.quantity` that this package writes."""


LONGEST_TEXT: Final = 10_000
"""Characters of one value's text, the longest that this program keeps as a value. What a document says beyond it stays
in the document, which is kept as received."""


class ValueState(StrEnum):
    """What a printed value says. All but OK and ABSENT are answers without an exact number."""

    OK = "ok"
    OVER_RANGE = "over-range"
    BELOW_THRESHOLD = "below-threshold"
    ABOVE_LIMIT = "above-limit"
    ABSENT = "absent"


class ValueSource(StrEnum):
    """Where values come from."""

    DEVICE_RECORD = "device record"
    COMPLIANCE_RECORD = "compliance record"
    REPORT = "report"
    SIDECAR = "sidecar"
    SETTINGS = "settings"
    PROGRAM = "program"
    DECODER = "decoder"


_SOURCES = {source.value: source for source in ValueSource}


def value_source(text: str) -> ValueSource:
    """The source that an archive names. One that this version does not know stands as it is."""
    known = _SOURCES.get(text)
    if known is not None:
        return known
    try:
        return ValueSource(text)
    except ValueError:
        unknown = str.__new__(ValueSource, text)
        unknown._name_ = unknown._value_ = text
        return unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of an event, from storage to page.

    `quantity`: one of QUANTITIES. `channel`: one of CHANNELS, or empty where the quantity is of the whole
    event. `number`: in `unit`; for BELOW_THRESHOLD and ABOVE_LIMIT it is the limit that was printed, for
    OVER_RANGE and ABSENT None. It is also None with OK where the text is the answer (`Passed`, a clock time,
    a project). `unit`: as printed (`mm/s`, `Hz`, `sec`), empty where none is. `text`: exactly as printed, empty where
    the source is binary. `source`: None as long as only the bytes of a document are known, and not whose they are.
    """

    quantity: str
    channel: str = ""
    number: float | None = None
    unit: str = ""
    state: ValueState = ValueState.OK
    text: str = ""
    source: ValueSource | None = field(default=None, metadata=LEFT_OUT_IF_NONE)


_OVER_RANGE = re.compile(r"OORANGE(?:\s+(?P<unit>\S.*))?", re.IGNORECASE)

# `***` says that no number is printed, and nobody has published why (open): it is not taken for over-range.
_ABSENT = frozenset({"", "N/A", "***"})

# The unit may not start with a digit or a sign of punctuation: `15:41:05` and `1/2` are no values. Where no
# blank stands before it, it has no digit at all: `1e5 Hz` is not 1 of something.
_VALUE = re.compile(
    r"(?P<sign>[<>]?)\s*(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    r"(?:(?:\s+|(?=[^0-9]+\Z))(?P<unit>(?:[^\W\d_]|[%°]).*))?",
    re.DOTALL,
)

_NO_NUMBER = re.compile(
    r"[<>]?\s*[+-]?(?:nan|inf(?:inity)?|[0-9]*(?:\.[0-9]*)?e[+-]?[0-9]+|[0-9]+_[0-9.]+)\b.*", re.DOTALL | re.IGNORECASE
)

_STATES = {"": ValueState.OK, "<": ValueState.BELOW_THRESHOLD, ">": ValueState.ABOVE_LIMIT}


def read_value(text: str) -> tuple[float | None, str, ValueState]:
    """Number, unit and state of a printed value.

    `10.27 mm/s` → (10.27, "mm/s", OK) · `OORANGE` → (None, "", OVER_RANGE) · `<0.005 in/s` →
    (0.005, "in/s", BELOW_THRESHOLD) · `>100 Hz` → (100.0, "Hz", ABOVE_LIMIT) · `N/A`, `***` and nothing →
    (None, "", ABSENT). Any other text is an answer that is no number: (None, "", OK). Never raises.
    """
    printed = text.strip()
    if printed.upper() in _ABSENT:
        return None, "", ValueState.ABSENT
    if match := _OVER_RANGE.fullmatch(printed):
        return None, (match["unit"] or "").strip(), ValueState.OVER_RANGE
    if match := _VALUE.fullmatch(printed):
        number = float(match["number"])
        if math.isfinite(number):
            return number, match["unit"] or "", _STATES[match["sign"]]
    return None, "", ValueState.OK


def measured_reading(quantity: str, text: str, channel: str = "", *, decimal_commas: bool = False) -> Reading:
    """The reading of a quantity whose text is a value; see `read_value`.

    A text that is not understood where a number belongs is ABSENT, and never OK; so is any number with a comma, unless
    the caller knows that commas stand for points (`formats.decimals`), and what only a program takes for a number.
    """
    number, unit, state = read_value(with_points(text) if decimal_commas else text)
    if number is None and state is ValueState.OK and (quantity in NUMERIC_QUANTITIES or _is_unread_number(text)):
        state = ValueState.ABSENT
    return Reading(quantity=quantity, channel=channel, number=number, unit=unit, state=state, text=text)


def _is_known(quantity: str, unit: str) -> bool:
    """Whether a number of this quantity is in a unit in which it can be compared; of those that decide verdicts."""
    if quantity in ("ppv", "pvs"):
        return unit in VELOCITIES_MM_S
    if quantity == "zc_frequency":
        return unit.lower() in ("hz", "")  # a frequency is printed in no other
    return quantity != "pspl" or unit.startswith("dB") or pascals(unit) is not None


def with_known_unit(reading: Reading) -> Reading:
    """The same reading; a number in a unit that is not known, such as 1.2 furlong/s, is ABSENT, so that it hides none
    of another source. Its unit and its text stay. A level stays as it is, and is not compared: it may be of another
    weighting than that which samples give."""
    if reading.number is None or reading.quantity == "pspl" or _is_known(reading.quantity, reading.unit):
        return reading
    text = reading.text or f"{reading.number:.9g} {reading.unit}".rstrip()
    return replace(reading, number=None, state=ValueState.ABSENT, text=text)


def is_of_unknown_unit(reading: Reading) -> bool:
    """Whether a reading has a number that does not count, for its unit alone."""
    if _is_known(reading.quantity, reading.unit):
        return False
    if reading.state is not ValueState.ABSENT:
        return reading.number is not None
    return bool(reading.unit) or read_value(reading.text)[0] is not None


def _is_unread_number(text: str) -> bool:
    """Whether it is a number that no unit prints: with a comma, `nan`, `inf`, `1e400`, or digits beyond ASCII."""
    printed = text.strip()
    return (
        has_comma(text)
        or _NO_NUMBER.fullmatch(printed) is not None
        or any(sign.isdecimal() and not sign.isascii() for sign in printed)
    )


def stated_reading(quantity: str, text: str, channel: str = "") -> Reading:
    """The reading of a quantity whose text is the answer: OK, or ABSENT where nothing stands there."""
    state = ValueState.OK if text.strip() else ValueState.ABSENT
    return Reading(quantity=quantity, channel=channel, state=state, text=text)


def printed_reading(quantity: str, text: str, channel: str = "", *, decimal_commas: bool = False) -> Reading:
    """The reading of a quantity as a document prints it: its text is a value in a unit that is known, or the answer
    itself."""
    if quantity in MEASURED_QUANTITIES:
        return with_known_unit(measured_reading(quantity, text, channel, decimal_commas=decimal_commas))
    return stated_reading(quantity, text, channel)


def from_source(reading: Reading, source: ValueSource) -> Reading:
    """The same value with its source; many are made, and `replace` takes three times as long."""
    return Reading(
        quantity=reading.quantity,
        channel=reading.channel,
        number=reading.number,
        unit=reading.unit,
        state=reading.state,
        text=reading.text,
        source=source,
    )


def is_understood(reading: Reading) -> bool:
    """Whether its text is a value or one of the known words; what is not has a text, and neither number nor answer."""
    return reading.state is not ValueState.ABSENT or is_absent(reading.text)


def is_absent(text: str) -> bool:
    """Whether a printed value is one of the words that say that there is none."""
    return text.strip().upper() in _ABSENT
