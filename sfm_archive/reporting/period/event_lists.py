"""What a job's report says of the events of its period: largest values, all peaks, what is undecided, and who is left
out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sfm_archive.archive.intervals_near import PeakInterval
from sfm_archive.archive.listing import read_reviews, summary_rows
from sfm_archive.archive.reading import values_of
from sfm_archive.base.batches import batches
from sfm_archive.limits.by_day import Part, parts_of
from sfm_archive.limits.outcomes import Outcome, worst
from sfm_archive.limits.verdicts import channel_verdicts, verdict_on
from sfm_archive.model.events import RecordType
from sfm_archive.model.reading_text import DAY_UNKNOWN_NOTE, DAY_UNKNOWN_SIGN
from sfm_archive.model.readings import CHANNELS, GEO_CHANNELS, Reading, ValueSource
from sfm_archive.model.summaries import EventSummary
from sfm_archive.reporting.part_values import part_readings
from sfm_archive.reporting.period.day_maxima import in_digits
from sfm_archive.reporting.period.exceedances import Above
from sfm_archive.reporting.period.false_intervals import FalseIntervals
from sfm_archive.reporting.period.judged_values import (
    QUANTITIES,
    as_greatest,
    channel_value,
    frequency_of,
    value_of,
    why_vibration,
)
from sfm_archive.reporting.period.peak_intervals import interval_at_point
from sfm_archive.reporting.period.report import NotCompared, ReportedFalseTrigger, ReportedUndecided
from sfm_archive.reporting.period.scope import EventAtPoint, Scope
from sfm_archive.reporting.period.values import ChartPeak, LargestValue, PeriodValue

_AT_ONCE = 1000
_BETWEEN = "it was recorded in an hour that the clocks repeat, in which its unit was moved"
_DAY_UNKNOWN = DAY_UNKNOWN_NOTE.removeprefix(f"{DAY_UNKNOWN_SIGN}: ")


class _Winner(NamedTuple):
    """`part`: the summary of what of the event was there, None where that is all of it."""

    strength: int
    event: EventAtPoint
    part: EventSummary | None
    day_known: bool


_SAME: Final = {"ppv": 8_000, "pvs": 8_000, "pspl": 6}
"""By quantity how far strengths may differ of one value that is printed and stored: half a count of the sensitive
range, 0.008 mm/s, which is more than half of the last digit of a print in mm/s; 0.06 dB."""


def _first(of_kind: Mapping[bool, _Winner], quantity: str) -> _Winner:
    """The greatest; where a waveform has the same value as a histogram, the waveform: it has the vector sum, the
    frequency and the moment of it."""
    histogram, other = of_kind.get(True), of_kind.get(False)
    if histogram is None or other is None:
        return next(iter(of_kind.values()))
    return histogram if histogram.strength > other.strength + _SAME[quantity] else other


class EventLists:
    """While the events of the period are met. `in_blast`: of events that are confirmed for a blast its number."""

    def __init__(self, scope: Scope, in_blast: Mapping[int, int]) -> None:
        self._scope, self._in_blast = scope, in_blast
        self._first, self._last = scope.days
        self._largest: dict[tuple[int, str, str], dict[bool, _Winner]] = {}
        """By point, quantity and channel of the histograms (True) and of all others the greatest."""
        self._false: dict[int, tuple[EventAtPoint, list[str]]] = {}
        self._not_compared: Counter[tuple[str, str]] = Counter()
        self.peaks: list[ChartPeak] = []
        self.undecided: list[ReportedUndecided] = []
        self.above: dict[int, None] = {}
        """Events that are, or may be, above a limit."""
        self.exceeding: list[Above] = []
        self.every: dict[int, EventAtPoint] = {}

    def add(self, event: EventAtPoint) -> None:
        """An event at a point. A false trigger stands apart, and nothing of it among the others."""
        event_id = event.row.event_id
        self.every.setdefault(event_id, event)
        if event.whole.summary.is_false_trigger:
            names = self._false.setdefault(event_id, (event, []))[1]
            names += [name for name in [self._scope.name_of(event.point)] if name]
            return
        if not event.point:
            self._open(event, "point", _BETWEEN)
            return
        for part in parts_of(event.own, event.start_day, digits=0, first_day=self._first, last_day=self._last):
            if not part.day_known:
                self._open(event, "day", _DAY_UNKNOWN)
            self._judge(event, part)
            self._meet(event, part)

    def _open(self, event: EventAtPoint, what: str, why: str) -> None:
        self.undecided.append(
            ReportedUndecided(
                event_id=event.row.event_id,
                blast=self._in_blast.get(event.row.event_id, 0),
                point=self._scope.name_of(event.point),
                at_local=event.whole.summary.start_local,
                what=what,
                why=why,
            )
        )

    def _judge(self, event: EventAtPoint, part: Part) -> None:
        verdict = verdict_on(part.measured, event.limits)
        why = why_vibration(verdict, self._scope.unit)
        said = [("vibration", verdict.outcome or Outcome.NOT_COMPARED, why)]
        if verdict.airblast is not None:
            said.append(("airblast", verdict.airblast.outcome, verdict.airblast.why))
        if any(outcome is Outcome.EXCEEDED for _, outcome, _ in said):
            self.exceeding.append(Above(event, part, verdict))
        for what, outcome, because in said:
            if outcome in (Outcome.EXCEEDED, Outcome.UNDECIDED):
                self.above[event.row.event_id] = None
            if outcome is Outcome.UNDECIDED:
                self._open(event, what, because)
            elif outcome is Outcome.NOT_COMPARED:
                self._not_compared[what, because] += 1

    def _meet(self, event: EventAtPoint, part: Part) -> None:
        """Its peaks for the chart, and what of it is the largest so far."""
        summary = part.measured.summary
        by_channel: dict[str, list[Outcome]] = {}
        for (_, channel), found in channel_verdicts(part.measured, event.limits).items():
            by_channel.setdefault(channel, []).append(found.outcome)
        for channel in (*GEO_CHANNELS, ""):
            own = as_greatest(summary, channel)
            if own is None:
                continue
            self._raise(event, part, "ppv", channel, own.strength("ppv"))
            if channel:
                outcomes = by_channel.get(channel)
                self.peaks.append(self._peak(event, summary, channel, worst(outcomes) if outcomes else None))
        self._raise(event, part, "pvs", "", summary.strength("pvs"))
        self._raise(event, part, "pspl", "MicL", summary.strength("pspl"))

    def _raise(self, event: EventAtPoint, part: Part, quantity: str, channel: str, strength: int | None) -> None:
        if strength is None:
            return
        of_kind = self._largest.setdefault((event.point, quantity, channel), {})
        is_histogram = event.own.record_type is RecordType.HISTOGRAM
        known = of_kind.get(is_histogram)
        if known is None or strength > known.strength:
            summary = None if part.whole else part.measured.summary
            of_kind[is_histogram] = _Winner(strength, event, summary, part.day_known)

    def _peak(self, event: EventAtPoint, summary: EventSummary, channel: str, outcome: Outcome | None) -> ChartPeak:
        name, event_id = channel.lower(), event.row.event_id
        return ChartPeak(
            point=event.point,
            event_id=event_id,
            record_type=event.row.record_type,
            channel=channel,
            hz=getattr(summary, f"{name}_hz"),
            low_hz=getattr(summary, f"{name}_hz_low"),
            high_hz=getattr(summary, f"{name}_hz_high"),
            ppv=in_digits(getattr(summary, f"{name}_nm_s"), self._scope.unit),
            basis=getattr(summary, f"{name}_basis"),
            outcome=outcome or Outcome.NOT_COMPARED,
            in_blast=self._in_blast.get(event_id),
        )

    def largest(self, held: FalseIntervals) -> Iterator[LargestValue]:
        """By point and channel, then vector sum and level. `held`: intervals with false triggers."""
        largest = {key: _first(of_kind, key[1]) for key, of_kind in self._largest.items()}
        ids = sorted({one.event.row.event_id for one in largest.values() if one.part is None})
        known: dict[int, list[Reading]] = values_of(self._scope.archive.store, ids, QUANTITIES) if ids else {}
        order = {point.number: place for place, point in enumerate(self._scope.points)}
        quantities = ("ppv", "pvs", "pspl")
        by_place = sorted(
            largest.items(),
            key=lambda one: (order[one[0][0]], quantities.index(one[0][1]), (*CHANNELS, "").index(one[0][2])),
        )
        summaries = summary_rows(self._scope.archive, ids)
        for (point, quantity, channel), one in by_place:
            event_id = one.event.row.event_id
            readings = known.get(event_id, []) if one.part is None else part_readings(one.part)
            value = self._value(quantity, channel, readings, one.part or summaries[event_id], one)
            if value is not None:
                interval = interval_at_point(self._scope, one.event, channel or value.channel)
                yield LargestValue(
                    point=point,
                    name=self._scope.name_of(point),
                    quantity=quantity,
                    value=value,
                    frequency=None if quantity == "pvs" else _frequency(readings, channel, interval),
                    at_local=one.event.whole.summary.start_local if interval is None else interval.at_local,
                    record_type=one.event.row.record_type,
                    false_triggers=held.in_interval(event_id, interval),
                )

    def _value(
        self, quantity: str, channel: str, readings: Sequence[Reading], summary: EventSummary, one: _Winner
    ) -> PeriodValue | None:
        unit, event_id = self._scope.unit, one.event.row.event_id
        if quantity != "ppv" or not channel:
            return value_of(quantity, readings, summary, unit, event_id, day_known=one.day_known)
        return channel_value(channel, readings, summary, unit, event_id, day_known=one.day_known)

    def false_triggers(self) -> Iterator[ReportedFalseTrigger]:
        """By their start, with who says so and why."""
        histograms = self._histograms()
        for page in batches(self._false.items(), _AT_ONCE):
            reviews = read_reviews(self._scope.archive.store, [event_id for event_id, _ in page])
            for event_id, (event, names) in page:
                review = reviews.get(event_id)
                yield ReportedFalseTrigger(
                    event_id=event_id,
                    serial=event.row.serial,
                    at_local=event.whole.summary.start_local,
                    record_type=event.row.record_type,
                    points=tuple(dict.fromkeys(names)),
                    by="" if review is None else review.reviewer,
                    why="" if review is None else review.notes,
                    source="" if review is None else str(review.source),
                    in_blast=self._in_blast.get(event_id),
                    histograms=_that_ran(event, histograms.get(event.row.serial, ())),
                )

    def _histograms(self) -> dict[str, list[tuple[str, str, int]]]:
        """By unit start, stop and id of each histogram; what of it lies in the period counts."""
        found: dict[str, list[tuple[str, str, int]]] = {}
        for event_id, one in self.every.items():
            if one.row.record_type == RecordType.HISTOGRAM and event_id not in self._false:
                summary = one.whole.summary
                found.setdefault(one.row.serial, []).append((summary.start_local, summary.stop_local, event_id))
        return found

    def not_compared(self) -> Iterator[NotCompared]:
        """The most frequent first."""
        for (what, why), events in self._not_compared.most_common():
            yield NotCompared(what=what, why=why, events=events)


def _frequency(readings: Sequence[Reading], channel: str, interval: PeakInterval | None) -> Reading | None:
    """That counts of a channel; of a level in some of a histogram's intervals that of its interval."""
    known = frequency_of(readings, channel)
    if known is not None or interval is None or interval.hz is None:
        return known
    return Reading(quantity="zc_frequency", channel=channel, number=interval.hz, unit="Hz", source=ValueSource.DECODER)


def _that_ran(event: EventAtPoint, histograms: Sequence[tuple[str, str, int]]) -> tuple[int, ...]:
    """Of its unit's histograms those that hold its start; one without an end where it is the last that began before."""
    at = event.whole.summary.start_local
    before = max((start for start, _, _ in histograms if start <= at), default="")
    return tuple(
        event_id
        for start, stop, event_id in histograms
        if start <= at and (stop >= at if stop else start == before)
    )  # fmt: skip
