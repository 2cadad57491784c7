"""When an event was, beside a blast: clocks with their zones and stated corrections on one line of time.

A clock in an hour that comes twice, or that does not exist, allows two readings; both count, and the hour is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sfm_archive.model.correcting import CLOCK, ZONE, corrected
from sfm_archive.model.statements import Blast, Correction
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.model.zones import UNKNOWN_ZONE, Certainty, derived_utc


class Readings(NamedTuple):
    """`utc`: the moments that a clock's time can be, one or two; none beyond the calendar. `hour`: 'repeated hour' or
    'missing hour' where there are two, else ''."""

    utc: tuple[datetime, ...]
    hour: str


def readings_of(local: datetime, zone: str) -> Readings:
    """The moments that a local time of a zone can be. Raises UsageError for a zone that does not exist."""
    from zoneinfo import ZoneInfo

    found = derived_utc(local, zone)
    if found.utc is None:
        return Readings((), "")
    if found.certainty is Certainty.CERTAIN:
        return Readings((found.utc,), "")
    other = found.other or local.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    return Readings((found.utc, other), found.certainty.value)


def readings_of_blast(blast: Blast) -> Readings:
    """The moments that a blast can have been: of two those that are not ruled out by an offset that was stated."""
    found = readings_of(parse_local_text(blast.at_local), blast.time_zone)
    if blast.fold is None or len(found.utc) < 2:
        return found
    return Readings((sorted(found.utc)[blast.fold],), "")


def least_apart(times: Sequence[datetime], others: Sequence[datetime]) -> timedelta | None:
    """Of two clocks' readings the difference, first less second, that is nearest to none; None without a reading."""
    return min((one - other for one in times for other in others), key=abs, default=None)


class Clocks:
    """Corrections that count, and the zones of units' clocks. `zones`: as stated of units."""

    def __init__(self, corrections: Iterable[Correction], zones: dict[str, str]) -> None:
        self._corrections = [one for one in corrections if one.subject in (CLOCK, ZONE)]
        self._shifts = [one for one in self._corrections if one.subject == CLOCK]
        self._of_units = zones

    def shift_s(self, event_id: int, serial: str, recorded_at_local: str) -> int:
        """By how many seconds a recorded time is to be put forward; `event_id` 0 for what is of no event."""
        return corrected(self._corrections, event_id, serial, recorded_at_local).shift_s

    def zone(self, event_id: int, serial: str, recorded_at_local: str, own: str, site: str) -> str:
        """The zone of a recorded time: as corrected, as stated of the event (`own`), of its unit, else the site's."""
        if right := corrected(self._corrections, event_id, serial, recorded_at_local).zone:
            return right
        stated = own if own != UNKNOWN_ZONE else self._of_units.get(serial, UNKNOWN_ZONE)
        return site if stated == UNKNOWN_ZONE else stated

    def true_local(self, event_id: int, serial: str, recorded_at_local: str) -> datetime | None:
        """The corrected time on the clock; None beyond the calendar."""
        return shifted(parse_local_text(recorded_at_local), self.shift_s(event_id, serial, recorded_at_local))

    def shifts_of_unit(self, serial: str) -> set[int]:
        """The corrections of a unit's clock that count, without that of none."""
        return {one.shift_s for one in self._shifts if one.serial == serial}

    @property
    def shifted_units(self) -> set[tuple[str, int]]:
        """Units and by how much their clocks are corrected."""
        return {(one.serial, one.shift_s) for one in self._shifts if one.serial}

    @property
    def shifted_events(self) -> set[int]:
        """Events whose own time is corrected."""
        return {one.of_event for one in self._shifts if one.of_event}


def shifted(moment: datetime, seconds: float) -> datetime | None:
    """A moment so many seconds later; None beyond the calendar."""
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return None
