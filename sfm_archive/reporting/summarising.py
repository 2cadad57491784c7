"""Summaries: events counted by month, unit, project or type, with their greatest values and what is above a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypedDict

from sfm_archive.archive import Archive
from sfm_archive.archive.listing import level_counts, levels_of
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.reading import count_waiting, unit_of_most_reports, values_of
from sfm_archive.archive.reviewing import REVIEW_QUANTITIES, reviews_of
from sfm_archive.base.batches import batches
from sfm_archive.base.plain import NOT_IN_JSON, in_json, key
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import folded
from sfm_archive.errors import UsageError
from sfm_archive.limits.by_day import parts_of, same_part
from sfm_archive.limits.outcomes import Judging, Outcome
from sfm_archive.limits.verdicts import EventVerdict, Limits, verdict_on
from sfm_archive.model.asked_level import LevelAnswer, LevelCounts
from sfm_archive.model.magnitudes import as_level, greatest_peak, level_of, magnitude, vector_sum_of
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.summaries import Basis, EventSummary
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.velocities import velocity_in
from sfm_archive.reporting.counted_once import without_triggered_intervals
from sfm_archive.reporting.part_values import part_readings
from sfm_archive.storage.events import EventRow

KEYS = ("year", "month", "day", "serial", "type", "project", "client", "location")
"""What events can be grouped by."""

GREATEST = ("ppv", "pvs", "pspl")
"""Quantities of which a group has its greatest value."""

_AT_ONCE = 1000
_QUANTITIES = ("ppv", "pvs", "pspl")
NO_LIMITS = Limits(())
_TYPED = ("project", "client", "location")
_DIGITS = {"year": 4, "month": 7, "day": 10}


class GreatestValue(NamedTuple):
    """`number`: None where the unit gave no number; a `state` of over range stands above every number. `channel`: ''
    where it is of the whole event. `source`: whose value it is. `event_id`: the event. `basis`: what the number stands
    on, as in the list of events."""

    number: float | None
    unit: str
    state: ValueState
    channel: str
    source: ValueSource | None
    event_id: int
    basis: str


@dataclass(slots=True, kw_only=True)
class Group:
    """Events that share their keys.

    `keys`: what they share, such as the month; a text as it was typed first, whatever its case and accents. `events`:
    those that began in the group's time; `continued`: those that began before and ran into it, of which the numbers
    that follow hold what was recorded in that time; peaks, levels and exceedances of a histogram are of the days of its
    intervals. `level_undecided`: events of which it is undecided whether they are as loud as was asked for.
    `false_triggers`: events that a review calls so; unless only such were selected, they are in no count and no
    greatest value that follows. `over_range`: events with a channel over range, the microphone included.
    `without_peaks`: events without any peak; `assumed_range`: whose greatest peak was computed with a geophone range
    that no document tells; `with_peaks`, `with_vector_sum`: of which a peak and a vector sum are known; the greatest
    vector sum is that of these alone. `exceeded`: events of which a geophone is above one of the curves; `undecided`:
    events that may be above one, since what is known of them allows more than one answer; `within`: events that no
    curve is exceeded by; `not_compared`: events of which there is nothing to hold against a curve, or at whose
    frequency it says nothing; these four add up to the events and continued ones that are no false triggers.
    `airblast_exceeded`: events whose peak level is above the airblast limit; `airblast_undecided`: events whose peak
    level may be above it; `airblast_within`: events whose peak level is not above it; `airblast_not_compared`: events
    without a level that it can be held against. All are 0 without limits. `counted_once`: histograms that are above a
    curve only in intervals that hold the trigger of a waveform of the same unit, give or take one interval; they are
    counted by their other intervals. `greatest`: by quantity, with the id of its event; over range stands above every
    number.
    """

    keys: dict[str, str]
    events: int = 0
    continued: int = 0
    waveforms: int = 0
    histograms: int = 0
    level_undecided: int = 0
    false_triggers: int = 0
    over_range: int = 0
    without_peaks: int = 0
    assumed_range: int = 0
    with_peaks: int = 0
    with_vector_sum: int = 0
    exceeded: int = 0
    undecided: int = 0
    within: int = 0
    not_compared: int = 0
    airblast_exceeded: int = 0
    airblast_undecided: int = 0
    airblast_within: int = 0
    airblast_not_compared: int = 0
    counted_once: int = 0
    greatest: dict[str, tuple[Reading, int, str]] = field(default_factory=dict, metadata=NOT_IN_JSON)
    unit: GeoUnit = field(default="in/s", metadata=NOT_IN_JSON)
    least_nm_s: int | None = field(default=None, metadata=NOT_IN_JSON)

    @property
    @in_json("ppv_at_least")
    def ppv_at_least(self) -> float | None:
        """How fast the ground moved at least, also of events over range, in the unit of the summary; None where nothing
        is known."""
        return None if self.least_nm_s is None else float(f"{velocity_in(self.least_nm_s, self.unit):.7g}")

    @property
    @in_json("ppv")
    def ppv(self) -> GreatestValue | None:
        """Greatest peak particle velocity, None where none is known."""
        return self.greatest_value("ppv")

    @property
    @in_json("pvs")
    def pvs(self) -> GreatestValue | None:
        """Greatest vector sum, None where none is known."""
        return self.greatest_value("pvs")

    @property
    @in_json("pspl")
    def pspl(self) -> GreatestValue | None:
        """Greatest sound pressure level, None where none is known."""
        return self.greatest_value("pspl")

    def greatest_value(self, quantity: str) -> GreatestValue | None:
        """The greatest value of a quantity, for JSON and CSV; None where no event has one."""
        if quantity not in self.greatest:
            return None
        reading, event_id, basis = self.greatest[quantity]
        number, unit = None if reading.number is None else float(f"{reading.number:.7g}"), reading.unit
        return GreatestValue(number, unit, reading.state, reading.channel, reading.source, event_id, basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Groups in the order of their keys. `unit`: of all velocities. `curves`: names of the limit curves that were
    counted with. `airblast`: name of the airblast limit, None without one. `judge`: what decides of a waveform,
    None without curves. `levels`: where a level was asked for, how many events reach it. `waiting_files`: files of
    the whole archive that are in no number here, for their event has not come."""

    by: tuple[str, ...]
    curves: tuple[str, ...] = field(metadata=key("limits"))
    airblast: str | None = field(metadata=key("airblast_limit"))
    judge: Judging | None
    unit: str
    levels: LevelCounts | None
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
        """How many events a limit could be held against."""
        vibration = sum(group.exceeded + group.undecided + group.within for group in self.groups)
        airblast = (group.airblast_exceeded + group.airblast_undecided + group.airblast_within for group in self.groups)
        return vibration + sum(airblast)

    @property
    def false_triggers(self) -> int:
        """Those that a review calls false triggers."""
        return sum(group.false_triggers for group in self.groups)


def summarise(
    archive: Archive,
    by: Sequence[str],
    selection: Selection = EVERYTHING,
    limits: Limits = NO_LIMITS,
    units: GeoUnit | None = None,
    progress: Progress = silent,
) -> Summary:
    """Count the selected events by `by`, of KEYS. The values are those that count: reported before decoded.
    `limits`: what they are held against, as `limits_from` gives it. `units`: of all velocities, that of most of the
    reports where none is given.

    Raises UsageError for a key that there is none of, Damaged for derived rows that no program wrote.
    """
    for word in by:
        if word not in KEYS:
            raise UsageError(f"events cannot be summarised by {word!r}; there are {', '.join(KEYS)}")
    groups: dict[tuple[str, ...], Group] = {}
    booking = _booking(by, selection)
    total, done = archive.count(selection), 0
    typed = tuple(key for key in by if key in _TYPED)
    unit = units or unit_of_most_reports(archive, selection)
    progress(0, total)
    for page in batches(archive.events(selection), _AT_ONCE):
        values = values_of(archive.store, [row.event_id for row in page], (*_QUANTITIES, *REVIEW_QUANTITIES, *typed))
        reviews = reviews_of(values)
        answers = levels_of(archive, selection, [row.event_id for row in page])
        measured = measured_of(archive, page, limits.curves)
        for row in page:
            own = values.get(row.event_id, [])
            review = reviews.get(row.event_id)
            false_trigger = review is not None and review.false_trigger is True
            for part in parts_of(measured[row.event_id], row.recorded_at_local[:10], **booking):
                keys = tuple(_key(key, row, part.day, own) for key in by)
                # Typed texts are one group as a search finds them; it is called as it was typed first.
                same = tuple(folded(text) if key in _TYPED else text for key, text in zip(by, keys, strict=True))
                group = groups.setdefault(same, Group(keys=dict(zip(by, keys, strict=True)), unit=unit))
                group.events += part.begins
                group.continued += not part.begins
                group.waveforms += part.begins and row.record_type == "waveform"
                group.histograms += part.begins and row.record_type == "histogram"
                group.level_undecided += part.begins and answers.get(row.event_id) is LevelAnswer.UNDECIDED
                group.false_triggers += false_trigger
                if not false_trigger or selection.false_triggers is True:
                    summary = part.measured.summary
                    _count(group, row.event_id, own if part.whole else part_readings(summary), summary)
                    verdict = verdict_on(part.measured, limits)
                    if verdict.outcome is Outcome.EXCEEDED:
                        others = without_triggered_intervals(archive, row, measured[row.event_id], limits, selection)
                        same_days = None if others is None else same_part(others, part, **booking)
                        again = None if same_days is None else verdict_on(same_days, limits)
                        if again is not None and again.outcome is not Outcome.EXCEEDED:
                            group.counted_once += 1
                            verdict = again._replace(airblast=verdict.airblast)
                    _count_outcomes(group, verdict)
        done += len(page)
        progress(min(done, total), total)
    progress(total, total)
    ordered = [group for _, group in sorted(groups.items())]
    return Summary(
        by=tuple(by),
        curves=tuple(curve.name for curve in limits.curves),
        airblast=None if limits.airblast is None else limits.airblast.name,
        judge=limits.by if limits.curves else None,
        unit=unit,
        levels=level_counts(archive, selection),
        waiting_files=count_waiting(archive.store),
        groups=tuple(ordered),
    )


class _Booking(TypedDict):
    """How events are cut into parts: see `parts_of`."""

    digits: int
    first_day: str
    last_day: str


def _booking(by: Sequence[str], selection: Selection) -> _Booking:
    first_day, last_day = selection.days
    digits = max((_DIGITS[word] for word in by if word in _DIGITS), default=0)
    return _Booking(digits=digits, first_day=first_day, last_day=last_day)


def _key(key: str, row: EventRow, day: str, values: Sequence[Reading]) -> str:
    if key in _DIGITS:
        return day[: _DIGITS[key]]
    if key == "serial":
        return row.serial
    if key == "type":
        return row.record_type
    return next((" ".join(value.text.split()) for value in values if value.quantity == key), "")


def _count(group: Group, event_id: int, values: Sequence[Reading], summary: EventSummary) -> None:
    known = {(value.quantity, value.channel): value for value in values}
    peak = greatest_peak(values)
    if summary.ppv_least_nm_s is not None:
        group.least_nm_s = max(summary.ppv_least_nm_s, group.least_nm_s or 0)
    group.without_peaks += peak is None
    group.with_peaks += peak is not None
    group.assumed_range += summary.ppv_basis == Basis.ASSUMED
    group.with_vector_sum += summary.pvs_nm_s is not None
    group.over_range += any(
        value.state is ValueState.OVER_RANGE for value in values if value.quantity in ("ppv", "pspl")
    )
    for quantity, value in zip(GREATEST, (peak, vector_sum_of(known), level_of(known)), strict=True):
        level = None if value is None else _in_unit(as_level(value), group.unit)
        before = group.greatest[quantity][0] if quantity in group.greatest else None
        if level is not None and magnitude(level) > magnitude(before):
            basis = {"ppv": summary.ppv_basis, "pvs": summary.pvs_basis, "pspl": summary.pspl_basis}[quantity]
            group.greatest[quantity] = level, event_id, basis


def _in_unit(reading: Reading, unit: GeoUnit) -> Reading:
    # `OORANGE` is printed without a unit.
    return in_unit(reading if reading.unit or reading.quantity == "pspl" else replace(reading, unit=unit), unit)


def _count_outcomes(group: Group, verdict: EventVerdict) -> None:
    vibration, airblast = verdict.outcome, verdict.airblast
    group.exceeded += vibration is Outcome.EXCEEDED
    group.undecided += vibration is Outcome.UNDECIDED
    group.within += vibration is Outcome.WITHIN
    group.not_compared += vibration is Outcome.NOT_COMPARED
    if airblast is not None:
        group.airblast_exceeded += airblast.outcome is Outcome.EXCEEDED
        group.airblast_undecided += airblast.outcome is Outcome.UNDECIDED
        group.airblast_within += airblast.outcome is Outcome.WITHIN
        group.airblast_not_compared += airblast.outcome is Outcome.NOT_COMPARED
