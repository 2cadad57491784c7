"""What holds of an event instead of what was recorded: by the corrections that count.

Pure: the same corrections give the same answer, in whatever order they and the event came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sfm_archive.errors import SfmError, UsageError
from sfm_archive.model.statements import Correction
from sfm_archive.model.timestamps import local_text, parse_local_text

CORRECTED_TEXTS: Final = ("project", "client", "location")
"""Subjects of a correction that are texts of records."""

CLOCK: Final = "clock"
ZONE: Final = "zone"
NO_EVENT: Final = 0
"""In place of an id, for what no event is but a unit's clock dates."""


class Corrected(NamedTuple):
    """`texts`: the right ones, by quantity; what is not there is as recorded. `shift_s`: true time = recorded time +
    shift. `zone`: that the clock showed, '' where no correction says so."""

    texts: Mapping[str, str]
    shift_s: int
    zone: str

    def moved(self, moment: datetime) -> datetime:
        """A recorded time as it was."""
        return moment + timedelta(seconds=self.shift_s)


AS_RECORDED: Final = Corrected({}, 0, "")


def corrected(corrections: Iterable[Correction], event_id: int, serial: str, recorded_at_local: str) -> Corrected:
    """What holds of an event. Of several corrections of one subject one of the event counts before those of its unit,
    else the newest. A shift beyond the calendar is none."""
    counting = that_count(corrections, event_id, serial, recorded_at_local)
    if not counting:
        return AS_RECORDED
    shift_s = counting[CLOCK].shift_s if CLOCK in counting else 0
    return Corrected(
        texts={name: counting[name].text for name in CORRECTED_TEXTS if name in counting},
        shift_s=shift_s if moved_text(recorded_at_local, shift_s) else 0,
        zone=counting[ZONE].text if ZONE in counting else "",
    )


def that_count(
    corrections: Iterable[Correction], event_id: int, serial: str, recorded_at_local: str
) -> dict[str, Correction]:
    """By subject the correction that counts for an event. `corrections`: in the order in which they were made."""
    counting: dict[str, Correction] = {}
    for one in corrections:
        if one.covers(event_id, serial, recorded_at_local):
            known = counting.get(one.subject)
            if known is None or (known.of_event > 0) <= (one.of_event > 0):
                counting[one.subject] = one
    return counting


def moved_text(local: str, shift_s: int) -> str:
    """A device-local time so many seconds later; '' beyond the calendar, and for one that is none."""
    if not shift_s or not local:
        return local
    try:
        return local_text(parse_local_text(local) + timedelta(seconds=shift_s))
    except (OverflowError, SfmError):
        return ""


_SHIFT = re.compile(
    r"(?P<sign>[+-])?\s*(?:(?P<days>[0-9]{1,6})\s*d(?:ays?)?)?\s*"
    r"(?:(?P<hours>[0-9]{1,3}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?|(?P<only>[0-9]{1,10})\s*s?)?",
    re.ASCII,
)


def parse_shift(text: str) -> timedelta:
    """A shift from `+01:02:03`, `-00:30` (hours and minutes), `+1d 02:00:00` or seconds. Raises UsageError."""
    found = _SHIFT.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    parts = {} if found is None else {name: int(part) for name, part in found.groupdict("").items() if part.isdigit()}
    if found is None or not parts:
        raise UsageError(
            f"{text!r} is not a shift; write +01:02:03, -00:30 (hours and minutes), +1d 02:00:00 or seconds"
        )
    shift = timedelta(
        days=parts.get("days", 0),
        hours=parts.get("hours", 0),
        minutes=parts.get("minutes", 0),
        seconds=parts.get("seconds", parts.get("only", 0)),
    )
    return -shift if found["sign"] == "-" else shift
