"""AB0T names: how Blastware names an event file after its unit and its second.

Known (docs/facts.md, "Names"; checked upstream on 3,248 call-home files):

    P SSS XXXX . A B 0 [W|H]        M529LKIQ.7M0W

`P` = chr(ord('B') + N // 1000) and `SSS` = N mod 1000, where N is the number in the serial. With T = whole
seconds from 1985-01-01 00:00:00 to the event, both device-local by plain subtraction, `XXXX` = T // 1296 and
`AB` = T mod 1296, both in base 36. Then a literal `0`, and `W` or `H` on call-home downloads only.

A name is a label, never evidence: two events can share one (the repeated hour when daylight saving ends), one
event can have two (call-home and manual), and the letters of the serial are lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sfm_archive.errors import BadName
from sfm_archive.model.events import RecordType
from sfm_archive.model.serials import serial_number

EARLIEST = datetime(1985, 1, 1)
"""The time that counts as second 0, device local (known)."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIR = len(_DIGITS) ** 2
_SECONDS = _PAIR**3

TOO_LATE = EARLIEST + timedelta(seconds=_SECONDS)
"""2053-12-24 05:45:36, the first time that six base-36 digits cannot say (known)."""

SERIAL_NUMBERS = 25_000
"""The letters B to Z name thousands 0 to 24. What comes after Z is open: such serials are refused."""

# An export names 10,000 files: two digits at a time from a table instead of six divisions for each name.
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}

# re.ASCII keeps case-insensitive matching to A-Z: without it, `ſ` and `K` (Kelvin) would match S and K.
_FLAGS = re.ASCII | re.IGNORECASE
_NAME = re.compile(r"([B-Z])([0-9]{3})([0-9A-Z]{2})([0-9A-Z]{2})\.([0-9A-Z]{2})0([WH]?)", _FLAGS)
_REPORT_NAME = re.compile(
    r"([B-Z][0-9]{3}[0-9A-Z]{4})(?:_([0-9A-Z]{2}0[WH]?)_ASCII|\.([0-9A-Z]{2}0[WH]?))\.TXT", _FLAGS
)

_SUFFIXES = {RecordType.WAVEFORM: "W", RecordType.HISTOGRAM: "H"}
_SUGGESTIONS = {suffix: record_type for record_type, suffix in _SUFFIXES.items()}


class NameStyle(StrEnum):
    """Which of an event's two names: call-home downloads end with `W` or `H`, manual ones with neither."""

    CALL_HOME = "call-home"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedName:
    """What an event-file name says.

    `serial_number`: the number in the serial, 0 to 24999; its letters are not in the name. `recorded_at`:
    device-local time, whole seconds, naive. `suffix`: `W`, `H` or nothing.
    """

    serial_number: int
    recorded_at: datetime
    suffix: str

    @property
    def suggested_record_type(self) -> RecordType:
        """What the suffix suggests: a hint for people and a default, never evidence. No suffix: UNKNOWN."""
        return _SUGGESTIONS.get(self.suffix, RecordType.UNKNOWN)


def event_file_name(
    serial: str,
    recorded_at: datetime,
    record_type: RecordType,
    style: NameStyle = NameStyle.CALL_HOME,
) -> str:
    """The name Blastware gives to the event of this unit and second, such as `M529LKIQ.7M0W`.

    `recorded_at` is device-local and naive; fractions of a second are dropped. In call-home style a waveform
    ends with `W` and a histogram with `H`; other record types, and all in manual style, have no suffix.

    Raises BadSerial for a text that is no serial, BadName where no name exists: a serial number from 25000
    up, a time before 1985-01-01 00:00:00 or from 2053-12-24 05:45:36 on, or a time with a zone.
    """
    prefix = _prefix(serial)
    if recorded_at.tzinfo is not None:
        raise BadName(
            f"{serial}: no event-file name for {recorded_at.isoformat()}: names count device-local seconds; "
            "give the time as the unit recorded it, without a zone"
        )
    elapsed = recorded_at - EARLIEST
    seconds = elapsed.days * 86_400 + elapsed.seconds
    if not 0 <= seconds < _SECONDS:
        raise BadName(
            f"{serial}: no event-file name for {recorded_at.isoformat(sep=' ')}: names reach from {EARLIEST} "
            f"to just before {TOO_LATE}; check the unit's clock, or export the event under a name of your own"
        )
    upper, low = divmod(seconds, _PAIR)
    high, middle = divmod(upper, _PAIR)
    suffix = _SUFFIXES.get(record_type, "") if style == NameStyle.CALL_HOME else ""
    return f"{prefix}{_PAIRS[high]}{_PAIRS[middle]}.{_PAIRS[low]}0{suffix}"


def _prefix(serial: str) -> str:
    number = serial_number(serial)
    if number >= SERIAL_NUMBERS:
        raise BadName(
            f"{serial}: no event-file name for serial number {number}: the first letter only reaches from "
            f"B to Z, that is 0 to {SERIAL_NUMBERS - 1}; check the serial, or export the event under a "
            "name of your own"
        )
    thousands, rest = divmod(number, 1000)
    return f"{chr(ord('B') + thousands)}{rest:03}"


def decode_event_file_name(name: str) -> DecodedName:
    """What an event-file name says; upper and lower case are the same. The inverse of `event_file_name`.

    Raises BadName for a text of any other form. Every text of this form stands for a time in range.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadName(
            f"{name!r} is not an event-file name; expected eight characters, a point and three or four more, "
            "such as M529LKIQ.7M0W"
        )
    letter, rest, high, middle, low, suffix = match.groups()
    seconds = (_PAIR_VALUES[high.upper()] * _PAIR + _PAIR_VALUES[middle.upper()]) * _PAIR + _PAIR_VALUES[low.upper()]
    return DecodedName(
        serial_number=(ord(letter.upper()) - ord("B")) * 1000 + int(rest),
        recorded_at=EARLIEST + timedelta(seconds=seconds),
        suffix=suffix.upper(),
    )


def is_event_file_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def report_pairing_name(file_name: str) -> str | None:
    """The event file that an ASCII report belongs to by its name, in upper case; None for any other name.

    Both naming habits are known (docs/facts.md): `M529LK44_AB0_ASCII.TXT` from call-home and
    `M529LK44.AB0.TXT` from a manual export, each with or without `W` or `H`, in any case. A report named
    without the suffix can belong to an event file named with it: compare what `decode_event_file_name` says,
    not the texts.
    """
    match = _REPORT_NAME.fullmatch(file_name)
    if match is None:
        return None
    stem, call_home, manual = match.groups()
    return f"{stem}.{call_home or manual}".upper()


def ascii_report_name(event_file: str) -> str:
    """The name of the ASCII report of an event file, as call-home pairs the two: `M529LK44_AB0_ASCII.TXT`."""
    return f"{event_file.replace('.', '_', 1)}_ASCII.TXT"
