"""Summaries: events counted by month, unit, project or type, with their greatest values and what is above a limit.

The rows of lists are added up where they stand, by SQL. Only events of which parts belong to several groups, and those
that a limit may be near, are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypedDict

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derived, is_in_memory
from sfm_archive.archive.listing import level_counts, levels_of, summary_rows
from sfm_archive.archive.measuring import measured_against
from sfm_archive.archive.reading import count_waiting, unit_of_most_reports, values_of
from sfm_archive.base.batches import batches
from sfm_archive.base.plain import in_json, key
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import UsageError
from sfm_archive.limits.by_day import Part, parts_of, same_part
from sfm_archive.limits.by_point import at_points
from sfm_archive.limits.judging import lowest_limit
from sfm_archive.limits.outcomes import Cause, Judging, Outcome
from sfm_archive.limits.point_limits import BY_POINT, LimitBook, LimitsOfPoints, counts_without
from sfm_archive.limits.verdicts import Limits, Measured, airblast_on, outcome_on
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts, LimitCounts, WithoutLimits
from sfm_archive.model.magnitudes import as_level
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import Reading
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.group_sites import GroupSites, Site
from sfm_archive.reporting.group_texts import texts_that_hold
from sfm_archive.reporting.groups import Greatest, Group
from sfm_archive.reporting.part_values import greatest_of, part_readings
from sfm_archive.storage import events, grouping
from sfm_archive.storage.cells import damaged
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.grouping import Grouping, Mark, Sums

KEYS = ("year", "month", "day", "serial", "type", "project", "client", "location", "job", "point")
"""What events can be grouped by."""

GREATEST = ("ppv", "pvs", "pspl")
"""Quantities of which a group has its greatest value."""

NO_LIMITS = Limits(())
_NO_EVENT = 0
_AT_ONCE = 1000
_GROUPS_AT_ONCE = 200
_TYPED = ("project", "client", "location")
_DIGITS = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Groups in the order of their keys. `unit`: of all velocities. `curves`: names of the limit curves that were
    counted with. `airblast`: name of the airblast limit, None without one. `judge`: what decides of a waveform,
    None without curves. `limits_of_points`: where each event was held against the limits of its point, those that hold
    at some point, each with its number and since when; `without_limits`: then how many events have none, None with
    other limits. `levels`: where a level was asked for, how many events reach it. `above`: where limits were
    asked for by a filter, what they say of all events that pass the others. `waiting_files`: files of the whole archive
    that are in no number here, for their event has not come."""

    by: tuple[str, ...]
    curves: tuple[str, ...] = field(metadata=key("limits"))
    airblast: str | None = field(metadata=key("airblast_limit"))
    judge: Judging | None
    limits_of_points: tuple[str, ...]
    without_limits: WithoutLimits | None
    unit: str
    levels: LevelCounts | None
    above: LimitCounts | None
    waiting_files: int
    groups: tuple[Group, ...]

    @property
    @in_json("events")
    def events(self) -> int:
        """All events counted."""
        return sum(group.events for group in self.groups)

    @property
    def continued(self) -> int:
        """Those that began before the time of a group and ran into it, once for each group."""
        return sum(group.continued for group in self.groups)

    @property
    def compared(self) -> int:
        """How many events a curve could be held against."""
        return sum(group.exceeded + group.undecided + group.within + group.counted_once for group in self.groups)

    @property
    def airblast_compared(self) -> int:
        """How many events the airblast limit could be held against."""
        return sum(group.airblast_exceeded + group.airblast_undecided + group.airblast_within for group in self.groups)

    @property
    def false_triggers(self) -> int:
        """Those that a review calls false triggers."""
        return sum(group.false_triggers for group in self.groups)


def summarise(
    archive: Archive,
    by: Sequence[str],
    selection: Selection = EVERYTHING,
    limits: Limits | LimitsOfPoints = NO_LIMITS,
    units: GeoUnit | None = None,
    progress: Progress = silent,
) -> Summary:
    """Count the selected events by `by`, of KEYS. The values are those that count: reported before decoded.
    `limits`: what they are held against, as `limits_asked` gives it. `units`: of all velocities, that of most of the
    reports where none is given.

    Raises UsageError for a key that there is none of, Damaged for derived rows that no program wrote.
    """
    for word in by:
        if word not in KEYS:
            raise UsageError(f"events cannot be summarised by {word!r}; there are {', '.join(KEYS)}")
    unit = units or unit_of_most_reports(archive, selection)
    counting = _Counting(archive, tuple(by), selection, limits, unit)
    counting.count(progress)
    return Summary(
        by=tuple(by),
        curves=tuple(curve.name for curve in limits.curves),
        airblast=_airblast_name(limits),
        judge=limits.by if limits.curves else None,
        limits_of_points=() if isinstance(limits, Limits) else tuple(one.said for one in limits.every),
        without_limits=None if isinstance(limits, Limits) else counts_without(counting.causes),
        unit=unit,
        levels=level_counts(archive, selection),
        above=selection.limit_counts,
        waiting_files=count_waiting(archive.store),
        groups=tuple(counting.groups()),
    )


class _Booking(TypedDict):
    """How events are cut into parts: see `parts_of`."""

    digits: int
    first_day: str
    last_day: str


class _Greatest(NamedTuple):
    """The event with the greatest value so far; `part`: the summary of some of its days, None where it is all of it."""

    mark: Mark
    part: EventSummary | None


def _airblast_name(limits: LimitBook) -> str | None:
    if isinstance(limits, LimitsOfPoints):
        return BY_POINT if limits.has_airblast else None
    return None if limits.airblast is None else limits.airblast.name


class _Judged(NamedTuple):
    """A part of an event, with the group that counts what limits say of it."""

    group: Group
    row: EventRow
    whole: Measured
    limits: Limits
    part: Part
    site: Site


class _Made:
    """A group while it is counted: its first event, and those with its greatest values."""

    def __init__(self, first: Mark, unit: GeoUnit) -> None:
        self.group = Group(keys={}, unit=unit)
        self.first = first
        self.greatest: dict[str, _Greatest] = {}

    def meet(self, quantity: str, found: Mark, part: EventSummary | None = None) -> None:
        """Of equals the first event counts."""
        known = self.greatest.get(quantity)
        if known is None or _order(found) < _order(known.mark):
            self.greatest[quantity] = _Greatest(found, part)


def _order(mark: Mark) -> tuple[int, str, int]:
    return -mark.strength, mark.at, mark.event_id


class _Counting:
    """Counts the events of a selection."""

    def __init__(self, archive: Archive, by: tuple[str, ...], selection: Selection, limits: LimitBook, unit: GeoUnit):
        self.archive, self.by, self.selection, self.limits, self.unit = archive, by, selection, limits, unit
        self.causes: list[Cause | None] = []
        self.made: dict[tuple[str, ...], _Made] = {}
        first_day, last_day = selection.days
        digits = max((_DIGITS[word] for word in by if word in _DIGITS), default=0)
        self.booking = _Booking(digits=digits, first_day=first_day, last_day=last_day)
        self.sites = GroupSites(archive, by, selection)

    def count(self, progress: Progress) -> None:
        """Add up the rows, then look at the events that are left."""
        chosen = replace(self.selection, limit=None)
        if self.selection.limit is not None:
            ids = tuple(row.event_id for row in self.archive.events(self.selection))
            chosen = replace(chosen, event_ids=ids or (_NO_EVENT,))
        total = self.archive.count(chosen)
        progress(0, total)
        asked = self._asked(by_days=not is_in_memory(self.archive.store))
        is_limited = isinstance(self.limits, LimitsOfPoints) or bool(self.limits.curves) or self._has_airblast
        apart, open_ = list[int](), list[int]()
        with self.archive.store.snapshot(), derived(self.archive.store) as connection:
            spans = grouping.spans(connection, total)
            asked = asked._replace(of_many=grouping.is_of_many(spans, total))
            for span in spans:
                for sums in grouping.sums(connection, chosen, asked, span):
                    self._add(sums, asked)
                apart += grouping.apart(connection, chosen, asked, span)
                if is_limited:
                    open_ += grouping.open_ids(connection, chosen, asked, span)
        done = total - len(apart) - len(open_)
        for rows in self._pages(apart):
            self._count_parts(rows)
            progress(done := done + len(rows), total)
        for rows in self._pages(open_):
            self._judge_whole(rows)
            progress(done := done + len(rows), total)
        progress(total, total)

    def _pages(self, event_ids: Sequence[int]) -> Iterator[list[EventRow]]:
        for ids in batches(event_ids, _AT_ONCE):
            with self.archive.store.reading() as connection:
                rows = list(events.of_ids(connection, ids))
            yield rows

    @property
    def _has_airblast(self) -> bool:
        limits = self.limits
        return limits.has_airblast if isinstance(limits, LimitsOfPoints) else limits.airblast is not None

    def _asked(self, *, by_days: bool) -> Grouping:
        limits = self.limits
        # Which limits of points hold for an event no statement of SQL says: each is looked at.
        by_point = isinstance(limits, LimitsOfPoints)
        airblast = None if isinstance(limits, LimitsOfPoints) else limits.airblast
        return Grouping(
            by=self.by,
            **self.booking,
            with_false_triggers=self.selection.false_triggers is True,
            curves=by_point or bool(limits.curves),
            lowest_nm_s=None if by_point else lowest_limit(limits.curves),
            airblast_db=airblast.limit_db if airblast is not None and airblast.is_of_stored_levels else None,
            by_days=by_days,
        )

    def _of(self, keys: tuple[str, ...], first: Mark) -> _Made:
        made = self.made.setdefault(keys, _Made(first, self.unit))
        made.first = min(made.first, first, key=_order)
        return made

    def _add(self, sums: Sums, asked: Grouping) -> None:
        made = self._of(tuple(map(self.sites.named, self.by, sums.keys)), sums.first)
        group = made.group
        for name in _ADDED:
            setattr(group, name, getattr(group, name) + getattr(sums, name))
        _raise_least(group, sums.least_nm_s)
        if self.limits.curves:
            group.within += sums.settled
        if self._has_airblast:
            within = sums.settled_levels if asked.airblast_db is not None else 0
            group.airblast_within += within
            group.airblast_not_compared += sums.settled - within
        for quantity, mark in zip(GREATEST, sums.greatest, strict=True):
            if mark is not None:
                made.meet(quantity, mark)

    def _count_parts(self, rows: Sequence[EventRow]) -> None:
        """Events whose days may belong to several groups."""
        answers = levels_of(self.archive, self.selection, [row.event_id for row in rows])
        measured = measured_against(self.archive, rows, self.limits)
        judged = list[_Judged]()
        held = {event_id: limits for event_id, (_, limits) in measured.items()}
        for row, site, part in self._parts(rows, {event_id: whole for event_id, (whole, _) in measured.items()}):
            whole = measured[row.event_id][0]
            false_trigger = whole.summary.is_false_trigger
            keys = tuple(_key(word, row, part.day, whole.summary, site) for word in self.by)
            made = self._of(keys, Mark(0, whole.summary.start_local, row.event_id))
            group = made.group
            group.events += part.begins
            group.continued += not part.begins
            group.waveforms += part.begins and row.record_type == "waveform"
            group.histograms += part.begins and row.record_type == "histogram"
            group.false_triggers += false_trigger
            if not false_trigger or self.selection.false_triggers is True:
                group.level_undecided += part.begins and answers.get(row.event_id) is LevelAnswer.UNDECIDED
                self._count(made, row, part)
                judged.append(_Judged(group, row, whole, held[row.event_id], part, site))
        self._judge(judged)

    def _parts(
        self, rows: Sequence[EventRow], measured: Mapping[int, Measured]
    ) -> Iterator[tuple[EventRow, Site, Part]]:
        """The parts of events by point and day; of one that nothing tells apart all of it, where it starts."""
        for row in rows:
            whole = measured[row.event_id]
            for site, own in self.sites.at_sites(row.event_id, whole):
                for part in parts_of(own, whole.summary.start_local[:10], **self.booking):
                    yield row, site, part

    def _judge_whole(self, rows: Sequence[EventRow]) -> None:
        """Events that are counted already, but for what the limits say of them."""
        measured = measured_against(self.archive, rows, self.limits)
        judged = list[_Judged]()
        for row in rows:
            whole, limits = measured[row.event_id]
            day = whole.summary.start_local[:10]
            site = Site(*self.sites.names_of(whole.summary.point), None)
            keys = tuple(_key(word, row, day, whole.summary, site) for word in self.by)
            part = Part(day, whole, begins=True, whole=True)
            judged.append(_Judged(self.made[keys].group, row, whole, limits, part, site))
        self._judge(judged)

    def _count(self, made: _Made, row: EventRow, part: Part) -> None:
        group, summary = made.group, part.measured.summary
        _raise_least(group, summary.ppv_least_nm_s)
        group.day_unknown += not part.day_known
        group.without_peaks += summary.ppv_basis == Basis.UNKNOWN and not part.measured.nothing
        group.with_peaks += summary.ppv_basis != Basis.UNKNOWN
        group.assumed_range += summary.ppv_basis == Basis.ASSUMED
        group.with_vector_sum += summary.pvs_nm_s is not None
        group.over_range += Basis.OVER_RANGE in (summary.ppv_basis, summary.pspl_basis)
        for quantity in GREATEST:
            strength = summary.strength(quantity)
            if strength is not None:
                mark = Mark(strength, summary.start_local, row.event_id, part.day_known)
                made.meet(quantity, mark, None if part.whole else summary)

    def _judge(self, judged: Sequence[_Judged]) -> None:
        """Count what the limits say of parts of events."""
        outcomes = [outcome_on(one.part.measured, one.limits) for one in judged]
        self.causes += [one.limits.why_none for one in judged]
        exceeded = {
            one.row.event_id: (one.row, one.whole, one.limits)
            for one, outcome in zip(judged, outcomes, strict=True)
            if outcome is Outcome.EXCEEDED
        }
        once: Mapping[int, Measured] = {}
        if exceeded:
            # With numpy, which a summary without limits does not pay for.
            from sfm_archive.reporting.counted_once import is_counted_once, others_of

            once = others_of(self.archive, list(exceeded.values()), self.selection, self.limits)
        for one, outcome in zip(judged, outcomes, strict=True):
            others = once.get(one.row.event_id) if outcome is Outcome.EXCEEDED else None
            if others is not None and one.site.points is not None:
                others = at_points(others, self.sites.spans[one.row.event_id], one.site.points)
            same_days = None if others is None else same_part(others, one.part, **self.booking)
            is_once = same_days is not None and is_counted_once(outcome, outcome_on(same_days, one.limits))
            one.group.counted_once += is_once
            airblast = airblast_on(one.part.measured, one.limits) if self._has_airblast else None
            one.group.count_outcomes(None if is_once else outcome, airblast)

    def groups(self) -> Iterator[Group]:
        """The groups by their keys, each with its greatest values and its texts as they were typed first."""
        typed = tuple(word for word in self.by if word in _TYPED)
        for page in batches(sorted(self.made.items()), _GROUPS_AT_ONCE):
            first = [made.first.event_id for _, made in page] if typed else []
            winners = {one.mark.event_id for _, made in page for one in made.greatest.values() if one.part is None}
            texts = texts_that_hold(self.archive, first, typed) if typed else {}
            values = values_of(self.archive.store, list(winners), GREATEST)
            summaries: dict[int, EventSummary] = {}
            for ids in batches(winners, _AT_ONCE):
                summaries |= summary_rows(self.archive, ids)
            for keys, made in page:
                own = texts.get(made.first.event_id, {})
                made.group.keys = {
                    word: own.get(word, "") if word in _TYPED else text
                    for word, text in zip(self.by, keys, strict=True)
                }
                for quantity, one in made.greatest.items():
                    event_id = one.mark.event_id
                    summary = one.part or summaries[event_id]
                    readings = values.get(event_id, []) if one.part is None else part_readings(one.part)
                    found, basis = self._shown(quantity, readings, event_id, summary)
                    made.group.greatest[quantity] = Greatest(found, event_id, basis, one.mark.day_known)
                yield made.group

    def _shown(
        self, quantity: str, values: Sequence[Reading], event_id: int, summary: EventSummary
    ) -> tuple[Reading, str]:
        value, basis = greatest_of(quantity, values, summary)
        if value is None:
            raise damaged(f"event {event_id}: its row in table {_ROWS} has a {quantity} that no value gives", _ROWS)
        return _in_unit(as_level(value), self.unit), basis


_ROWS = "event_summary"

_ADDED = (
    "events", "continued", "waveforms", "histograms", "level_undecided", "false_triggers", "over_range", "day_unknown",
    "without_peaks", "with_peaks", "assumed_range", "with_vector_sum",
)  # fmt: skip
"""Numbers of a group that add up."""


def _raise_least(group: Group, least_nm_s: int | None) -> None:
    if least_nm_s is not None:
        group.least_nm_s = max(least_nm_s, group.least_nm_s or 0)


def _key(word: str, row: EventRow, day: str, summary: EventSummary, site: Site) -> str:
    """As the rows have it: a text folded, so that it is one group as a search finds it."""
    if word in _DIGITS:
        return day[: _DIGITS[word]]
    texts: Mapping[str, str] = {
        "serial": row.serial,
        "type": row.record_type,
        "project": summary.project,
        "client": summary.client,
        "location": summary.location,
        "job": site.job,
        "point": site.point,
    }
    return texts[word]


def _in_unit(reading: Reading, unit: GeoUnit) -> Reading:
    # `OORANGE` is printed without a unit.
    return in_unit(reading if reading.unit or reading.quantity == "pspl" else replace(reading, unit=unit), unit)
