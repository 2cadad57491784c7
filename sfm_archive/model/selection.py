"""Which events are meant: the one set of filters that list and export share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sfm_archive.base.checked_arguments import check_fields, checked_arguments
from sfm_archive.base.plain import NOT_IN_JSON, to_plain
from sfm_archive.errors import UsageError
from sfm_archive.model.decimals import written_with_point
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueState, read_value
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.units import GEO_UNITS, VELOCITIES_MM_S, GeoUnit
from sfm_archive.model.velocities import MOST_NM_S, whole_nm_s

if TYPE_CHECKING:
    from sfm_archive.model.asked_level import LimitCounts

SEARCHED_TEXTS: Final = {
    "project": "project",
    "client": "client",
    "location": "location",
    "user_name": "user_name",
    "general": "notes",
}
"""Quantities whose words are searched, and the columns of an event's summary that have them, folded."""

_INSTANT: Final = timedelta(microseconds=1)


class Continued(StrEnum):
    """Whether an event began before a window and ran into it; UNKNOWN where nothing tells when it ended."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


def _record_types(kinds: Iterable[str | RecordType]) -> tuple[RecordType, ...]:
    try:
        return tuple(RecordType(kind) for kind in kinds)
    except ValueError as error:
        raise UsageError(f"{error}; the record types are {', '.join(RecordType)}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters that all must hold; empty ones hold always.

    `since` and `until` bound what was recorded, device-local with stated corrections: since inclusive, until exclusive.
    An event that began before `since` passes where it ran into the window, as histograms do over midnight, and a
    histogram of which nothing tells when it ended passes from its start on. `parse_since` and `parse_until` read the
    forms that people write. `texts`: (quantity, words) such as ("project", "north face"): what was stated of the event,
    or is right, holds the words, in any case, with or without accents; quantities of SEARCHED_TEXTS. `ppv_from_mm_s`:
    the greatest peak particle velocity of its geophones is or may be at least that, to a nanometre a second; `decided`:
    of these only those that are. `above`: words of limits that an event is or may be above; `above_ids`: those events,
    of which those of `undecided_because` may be, for this reason, as `above_limits` finds them; None where no limit is
    asked for. `judge`: what decides of a waveform; `held_against`: with `above` point, of each of these the limits of
    its point. `limit_counts`: what the limits say of all events that pass the other filters. `false_triggers`: True for
    events that a review calls false triggers, False for all others. `points`: numbers of points at which something of
    the event was or may have been recorded, by the windows of its unit; `unplaced`: at none, or at these.
    `received_behind`: something of the event was received by a change behind that number: it, frames or a file.
    `unreviewed`: nobody has reviewed it. All of the values are those that count. Raises BadSerial for a text in
    `serials` that is no serial, UsageError for a limit, velocity or quantity that makes no sense.
    """

    serials: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    record_types: tuple[RecordType, ...] = ()
    event_ids: tuple[int, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    ppv_from_mm_s: float | None = None
    decided: bool = False
    above: tuple[str, ...] = ()
    above_ids: tuple[int, ...] | None = field(default=None, metadata=NOT_IN_JSON, repr=False)
    judge: str = "both"
    undecided_because: dict[int, str] = field(default_factory=dict, metadata=NOT_IN_JSON, repr=False, compare=False)
    held_against: dict[int, str] = field(default_factory=dict, metadata=NOT_IN_JSON, repr=False, compare=False)
    limit_counts: LimitCounts | None = field(default=None, metadata=NOT_IN_JSON, repr=False)
    false_triggers: bool | None = None
    points: tuple[int, ...] = ()
    unplaced: bool = False
    received_behind: int | None = None
    unreviewed: bool = False
    newest_first: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.record_types, tuple | list):
            object.__setattr__(self, "record_types", _record_types(self.record_types))
        check_fields(self)
        object.__setattr__(self, "serials", tuple(checked_serial(serial) for serial in self.serials))
        if self.received_behind is not None and self.received_behind < 0:
            raise UsageError(f"there is no change {self.received_behind}; give 0 for before the first one, or more")
        if self.limit is not None and self.limit < 0:
            raise UsageError(f"a limit of {self.limit} events is not possible; give 0 or more")
        if self.ppv_from_mm_s is not None and not 0 <= self.ppv_from_mm_s < 1e6:
            raise UsageError(f"{self.ppv_from_mm_s} mm/s is not a peak particle velocity; give 0 or more")
        if self.decided and self.ppv_from_mm_s is None and not self.above:
            raise UsageError("only a level can be undecided; say which with ppv_from, or leave decided out")
        if self.above and self.above_ids is None:
            raise UsageError("which events are above limits is found by above_limits; give it the selection")
        for quantity, words in self.texts:
            if quantity not in SEARCHED_TEXTS or not words.strip():
                raise UsageError(f"nothing is found by {quantity!r} and {words!r}; give some of its words")

    def continued(self, start_local: str, stop_local: str) -> Continued:
        """Whether an event that passes began before the window; `stop_local`: '' where nothing tells it."""
        if self.since is None or start_local >= local_text(self.since):
            return Continued.NO
        return Continued.YES if stop_local else Continued.UNKNOWN

    def runs_on(self, stop_local: str) -> bool:
        """Whether an event that passes is known to have gone on behind the window."""
        return self.until is not None and stop_local > local_text(self.until)

    @property
    def days(self) -> tuple[str, str]:
        """The first and last local day of the window, 'YYYY-MM-DD'; '' and '~', which sorts behind all, where it is
        open."""
        first = "" if self.since is None else self.since.date().isoformat()
        return first, "~" if self.until is None else (self.until - _INSTANT).date().isoformat()

    @property
    def is_of_whole_days(self) -> bool:
        """Whether the window, as far as there is one, begins and ends at midnight."""
        return all(bound is None or bound.time() == time() for bound in (self.since, self.until))

    @property
    def wanted_points(self) -> frozenset[int] | None:
        """The points asked for, 0 among them for none; None where none are."""
        if not self.points and not self.unplaced:
            return None
        return frozenset((*self.points, *([0] if self.unplaced else ())))

    @property
    def ppv_from_nm_s(self) -> int | None:
        """The level asked for, in whole nm/s."""
        if self.ppv_from_mm_s is None:
            return None
        return whole_nm_s(min(self.ppv_from_mm_s, MOST_NM_S / 1e6), "mm/s", at_least=True)

    def as_dict(self) -> dict[str, Any]:
        """The filters that were given, as plain values for JSON: every field that differs from the selection of all."""
        plain = to_plain(self)
        given = (one for one in fields(self) if one.name in plain and getattr(self, one.name) != one.default)
        return {one.name: plain[one.name] for one in given}


EVERYTHING = Selection()


@checked_arguments
def select(
    *,
    serial: str | Iterable[str] = (),
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    record_type: str | RecordType | Iterable[str | RecordType] = (),
    event_ids: Iterable[int] = (),
    project: str = "",
    client: str = "",
    location: str = "",
    ppv_from: str = "",
    decided: bool = False,
    false_triggers: bool | None = None,
    received_behind: int | None = None,
    unreviewed: bool = False,
    newest_first: bool = False,
    limit: int | None = None,
) -> Selection:
    """A Selection from the forms that people write: one serial or several, dates as text, a record type by name, some
    words of the project, the client or the location, a velocity with its unit.

    `select(serial="BE11529", since="2026-05", until="2026-05", ppv_from="0.5 in/s")` is what was loud in the whole of
    May. Raises BadSerial, UsageError.
    """
    return Selection(
        serials=(serial,) if isinstance(serial, str) else tuple(serial),
        since=parse_since(since) if isinstance(since, str) else since,
        until=parse_until(until) if isinstance(until, str) else until,
        record_types=_record_types((record_type,) if isinstance(record_type, str) else record_type),
        event_ids=tuple(event_ids),
        texts=texts_of(project=project, client=client, location=location),
        ppv_from_mm_s=parse_velocity(ppv_from) if ppv_from else None,
        decided=decided,
        false_triggers=false_triggers,
        received_behind=received_behind,
        unreviewed=unreviewed,
        newest_first=newest_first,
        limit=limit,
    )


def texts_of(**words: str) -> tuple[tuple[str, str], ...]:
    """`Selection.texts` from a quantity and its words each, without those that are empty."""
    return tuple((quantity, text) for quantity, text in words.items() if text.strip())


def parse_velocity(text: str) -> float:
    """A velocity in mm/s from `0.5 in/s`, `12.7mm/s` or `12,7 mm/s`. Raises UsageError for anything else, a bare number
    included."""
    number, unit = written_velocity(text)
    # As decimals: 1.1 × 25.4 is 27.94, which floating point numbers miss.
    return float(Decimal(repr(number)) * Decimal(repr(VELOCITIES_MM_S[unit])))


def written_velocity(text: str) -> tuple[float, GeoUnit]:
    """The same in the unit in which it was written, and that unit. Raises UsageError."""
    number, unit, state = read_value(written_with_point(text.strip()))
    for known in GEO_UNITS:
        if number is not None and number >= 0 and state is ValueState.OK and unit.lower() == known:
            return number, known
    raise UsageError(f"{text!r} is not a velocity; write it with its unit, 0.5in/s or 12.7mm/s")


def parse_since(text: str) -> datetime:
    """First second meant by `2026`, `2026-05`, `2026-05-01`, `2026-05-01 13:16` or with seconds (`T` or blank)."""
    return _bounds(text)[0]


def parse_until(text: str) -> datetime:
    """First second behind what is meant: `2026-05-01` includes that whole day, `2026-05` that whole month."""
    return _bounds(text)[1]


def _bounds(text: str) -> tuple[datetime, datetime]:
    cleaned = text.strip().replace("T", " ").replace("t", " ")
    for pattern in ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            start = datetime.strptime(cleaned if cleaned.isascii() else "", pattern)
        except ValueError:
            continue
        try:
            if pattern == "%Y":
                return start, start.replace(year=start.year + 1)
            if pattern == "%Y-%m":
                following = start.replace(day=28) + timedelta(days=4)
                return start, following.replace(day=1)
            step = {"d": timedelta(days=1), "M": timedelta(minutes=1), "S": timedelta(seconds=1)}[pattern[-1]]
            return start, start + step
        except (ValueError, OverflowError):
            break
    raise UsageError(f"{text!r} is not a date or time; write 2026-05-01 or 2026-05-01 13:16:34")
