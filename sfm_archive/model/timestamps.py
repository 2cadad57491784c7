"""Times as units record them: eight bytes, device local, whole seconds, without a zone; and as they are printed.

DERIVED (docs/facts.md, "8-byte time"): day, month, year u16 BE, 00, hour, minute, second. It reproduces
the one published wire vector. `read_device_time` and `write_device_time` are the only places that say so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from struct import Struct

from sfm_archive.errors import BadInput, UsageError

_DEVICE_TIME = Struct(">BBHBBBB")

# Not strftime and strptime: their names of months follow the locale of whoever runs the program.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_NUMBERS = {text: number for number, name in enumerate(_MONTHS, 1) for text in (name.lower(), name[:3].lower())}

_SAME_MOMENT = timedelta(seconds=2)

CLOCK_NEVER_SET_YEAR = 1995
"""The year a unit writes when nobody ever set its clock (known)."""


def read_device_time(data: bytes, offset: int = 0) -> datetime:
    """The device-local time (naive) in the eight bytes at `offset`.

    Raises BadInput when fewer than eight bytes are there or they are no calendar time. A non-zero fifth byte
    counts as no time: it was never seen, so it says that something else stands here.
    """
    stored = data[offset : offset + _DEVICE_TIME.size] if offset >= 0 else b""
    if len(stored) < _DEVICE_TIME.size:
        raise BadInput(
            f"device time at byte {offset}: the data ends after {len(data)} bytes and a time has eight; "
            "the record is cut short, receive it again"
        )
    day, month, year, always_zero, hour, minute, second = _DEVICE_TIME.unpack(stored)
    try:
        if always_zero:
            raise ValueError("its fifth byte is not 00")
        return datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise BadInput(
            f"device time at byte {offset}: {stored.hex(' ')} is not a calendar time ({error}); "
            "look at the bytes before it, the record may be of another kind"
        ) from error


def write_device_time(recorded_at: datetime) -> bytes:
    """The eight bytes of a device-local time; the inverse of `read_device_time`.

    Fractions of a second are dropped. Raises UsageError for a time with a zone.
    """
    _refuse_zone(recorded_at)
    year, month, day, hour, minute, second = recorded_at.timetuple()[:6]
    return _DEVICE_TIME.pack(day, month, year, 0, hour, minute, second)


def local_text(recorded_at: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS`: a device-local time as text that sorts as it happened.

    Fractions of a second are dropped. Raises UsageError for a time with a zone.
    """
    _refuse_zone(recorded_at)
    return recorded_at.isoformat(timespec="seconds")


def parse_local_text(text: str) -> datetime:
    """The inverse of `local_text`: naive, whole seconds.

    Raises BadInput for any other form, other ISO 8601 forms of the same time included: one time has one text.
    """
    try:
        recorded_at = datetime.fromisoformat(text)
        # fromisoformat also reads week dates, zones and other separators, depending on Python's version.
        if recorded_at.tzinfo is None and recorded_at.isoformat(timespec="seconds") == text:
            return recorded_at
    except ValueError:
        pass
    raise BadInput(f"{text!r} is not a device-local time; write it as YYYY-MM-DDTHH:MM:SS")


def month_number(name: str) -> int:
    """1 to 12 of a month's English name, whole or its first three letters, in any case. Raises ValueError."""
    number = _MONTH_NUMBERS.get(name.lower())
    if number is None:
        raise ValueError(f"{name!r} is not a month")
    return number


def date_text(moment: datetime) -> str:
    """`June 26, 2026`, as the vendor's software prints it."""
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


def is_same_moment(reported: datetime | None, recorded_at: datetime) -> bool:
    """Whether a report's time, where it states one, is the event's: at most two seconds apart, for a trigger and the
    start of its record may round to other seconds."""
    return reported is None or abs(reported - recorded_at) <= _SAME_MOMENT


def _refuse_zone(recorded_at: datetime) -> None:
    if recorded_at.tzinfo is not None:
        raise UsageError(
            f"{recorded_at.isoformat()} carries a zone and a device time has none; "
            "give the local time as the unit recorded it"
        )
