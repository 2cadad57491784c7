"""Values of a job's report: peaks with what they stand on, verdicts, and what its charts draw."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfm_archive.archive.coverage import CoverageWindow
from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.peak_text import AT_LEAST_SIGN, peak_text
from sfm_archive.model.reading_text import DAY_UNKNOWN_SIGN, digits_below
from sfm_archive.model.readings import Reading, ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodValue:
    """A peak, vector sum or level. `reading`: in the report's unit, its text as printed; `basis`: what it stands on, of
    `model.summaries.Basis`; `day_known`: False where nothing tells on which of its days the event had it; `event_id`:
    whose it is; `least`: of a value over range what it is at least, null of any other."""

    reading: Reading = field(metadata=NOT_IN_JSON)
    basis: str
    day_known: bool
    event_id: int
    least: float | None = None

    @property
    @in_json("number")
    def number(self) -> float | None:
        """None where the unit gave no number."""
        return None if self.reading.number is None else float(f"{self.reading.number:.7g}")

    @property
    @in_json("unit")
    def unit(self) -> str:
        """Of the number."""
        return self.reading.unit

    @property
    @in_json("channel")
    def channel(self) -> str:
        """Whose it is; '' of the whole event."""
        return self.reading.channel

    @property
    @in_json("state")
    def state(self) -> ValueState:
        """A state of over range stands above every number."""
        return self.reading.state

    @property
    @in_json("text")
    def text(self) -> str:
        """As it is printed, with its unit and the signs of what it stands on."""
        if self.least is not None:
            sign = "" if self.day_known else DAY_UNKNOWN_SIGN
            return f"{AT_LEAST_SIGN}{digits_below(self.least, self.reading.unit)} {self.reading.unit}{sign}"
        return peak_text(self.reading, self.basis, day_known=self.day_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPeak:
    """The peak of one geophone, with its zero-crossing `frequency`, None where nothing says one."""

    value: PeriodValue
    frequency: Reading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodVerdict:
    """What limits say. `why`: a sentence where the numbers beside it do not say so, else ''. `channel`: of the geophone
    that shows it most, which need not have the greatest peak; '' where that is not known, or of airblast. `limit`:
    title of the curve that shows it most, or the airblast limit, also where no event was held against it; '' where
    there is none. `event_id`: of the event that decides, None where it is no event's. `least`, `most`: of what decides
    there, a peak, half wave, interval or level, the number in the report's unit or dB(L): both are the same, or it lies
    between them, None where that is open. `low_hz`, `high_hz`: the same of the frequency by which its limit was read.
    `limit_low`, `limit_high`: the limits there, in the unit of the number; `ratio`: number by limit; None where that is
    no number."""

    outcome: Outcome
    why: str
    channel: str
    limit: str
    event_id: int | None = None
    least: float | None = None
    most: float | None = None
    low_hz: float | None = None
    high_hz: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseTriggerThere:
    """An event marked as a false trigger, of the same unit as a histogram. `in_interval`: whether it lies in the
    interval with the value, or beside it by less than a second; else in the histogram, whose intervals are not
    known."""

    event_id: int
    in_interval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventElsewhere:
    """An event that is confirmed or proposed for a blast, and at no point of the job, or nothing tells at which.
    `ppv`: its greatest peak, null where none is known; `decision`: 'confirmed' or 'proposed'."""

    event_id: int
    serial: str
    ppv: PeriodValue | None
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestValue:
    """The greatest value of a channel at a point in the period. `point`: its number; `name`: its own. `quantity`:
    'ppv', 'pvs' or 'pspl'; its channel stands in `value`. `frequency`: of a peak or level, None where nothing says
    one. `at_local`: start of the event, of a histogram of the interval that has it, as far as that is
    known; `record_type`: its kind. `false_triggers`: whose motion it may be."""

    point: int
    name: str
    quantity: str
    value: PeriodValue
    frequency: Reading | None
    at_local: str
    record_type: str
    false_triggers: tuple[FalseTriggerThere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPeak:
    """A geophone's peak for the limit chart. `point`: number of its point. `hz`: its zero-crossing frequency, None
    where it is not known; `low_hz`, `high_hz`: between which it lies where it is no number, None where that is open.
    `ppv`: in the report's unit, the rail where it is over range; `basis`: what it stands on. `outcome`: of this
    channel, the worst of the curves of the point; `in_blast`: number of the blast that it is confirmed for, None
    without one."""

    point: int
    event_id: int
    record_type: str
    channel: str
    hz: float | None
    low_hz: float | None
    high_hz: float | None
    ppv: float
    basis: str
    outcome: Outcome
    in_blast: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMaximum:
    """A channel's greatest interval of a day. `number`: in the report's unit, of the microphone dB(L); `at_least`: it
    is the rail, or another interval is not known; `at_most`: it was printed as below that; `assumed`: computed with a
    range that no document tells; `may_be_of_another_day`: nothing tells on which of the histogram's days it was. `hz`:
    the frequency stored with it."""

    number: float
    at_least: bool
    at_most: bool
    assumed: bool
    may_be_of_another_day: bool
    hz: float | None
    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShare:
    """The day's greatest interval as a share of the limit at its own frequency: 1 is the limit. `least`, `most`:
    between which it lies; the same where it is a number, `most` None where it is open. `curve`: name of the curve."""

    least: float
    most: float | None
    channel: str
    curve: str
    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartDay:
    """A local day at a point. `day`: as 2026-05-01. `tran`, `vert`, `long`, `mic`: the greatest intervals, None where
    no histogram has any. `intervals`: how many; `partly`: a channel's samples of it cannot be true, or an interval lies
    across a border of windows. `windows`: when a unit stood here; `running`: when one of them ran; `running_s`: seconds
    of that; `not_known_s`: seconds in which a unit stood here and nothing tells whether it ran. `share`: of the limit,
    None without intervals or without a limit that depends on frequency. `false_triggers`: whose motion the greatest
    intervals or the share may be."""

    day: str
    tran: DayMaximum | None
    vert: DayMaximum | None
    long: DayMaximum | None
    mic: DayMaximum | None
    intervals: int
    partly: bool
    running_s: int
    not_known_s: int
    share: DayShare | None
    windows: tuple[CoverageWindow, ...]
    running: tuple[CoverageWindow, ...]
    false_triggers: tuple[FalseTriggerThere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointChart:
    """All days of the period at a point, those without anything among them. `point`: its number; `name`: its own.
    `undated`: spans of a clock that was never
    set, which are left out; `without_end`: events of which nothing tells when they ended."""

    point: int
    name: str
    without_end: int
    undated: int
    days: tuple[ChartDay, ...]
