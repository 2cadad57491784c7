"""A job's report of a period as values: everything that its pages and its plain text say, and nothing drawn.

Velocities are in the report's unit. A value keeps what it stands on, and what is not known is None or says so in words;
`model.peak_text.peak_text` writes a value with its signs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from sfm_archive.archive.provenance import Provenance
from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.limits.curves import Curve
from sfm_archive.model.calibrations import CalibrationAnswer
from sfm_archive.model.readings import Reading
from sfm_archive.reporting.groups import Group
from sfm_archive.reporting.period.values import (
    ChannelPeak,
    ChartPeak,
    EventElsewhere,
    FalseTriggerThere,
    LargestValue,
    PeriodValue,
    PeriodVerdict,
    PointChart,
)
from sfm_archive.sites.at_points import UnitAtBlast
from sfm_archive.sites.blast_views import ListedBlast


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedJob:
    """`job`: its number; `name`, `client`: as stated. `time_zone`: of its site, '' where nobody states one."""

    job: int
    name: str
    client: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPeriod:
    """Of the clocks of the job's zone. `since_local`: begin, included; `until_local`: end, not included. `first_day`,
    `last_day`: of it, as 2026-05-01."""

    since_local: str
    until_local: str
    first_day: str
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedBy:
    """Who answers for it. `number`: of the report, '' where nobody said; `measured_by`: who measured, '' where nobody
    said; `analysed_by`: who analysed, '' where nobody said."""

    number: str
    measured_by: str
    analysed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """Whose report it is. `name`: of the firm, '' where nobody said; `lines`: address and the like; `logo`: bytes of a
    picture, None without one; `signature`: what stands below the line to sign."""

    name: str
    lines: tuple[str, ...]
    logo: bytes | None = field(metadata=NOT_IN_JSON)
    signature: str

    @property
    @in_json("logo_sha256")
    def logo_sha256(self) -> str:
        """Of the bytes of the logo, '' without one."""
        return "" if self.logo is None else hashlib.sha256(self.logo).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoodAt:
    """Where a unit stood in the period. `window`: number of the statement; `point`: number of the point; `point_name`:
    its name. `from_local`: included; `until_local`: not included, '' where it still stands there, as stated, also
    beyond the period. `decided_by`: who says so."""

    window: int
    point: int
    point_name: str
    from_local: str
    until_local: str
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSettings:
    """What a person states of a unit's settings. `sample_rate`: per second, '' where nothing is said of it;
    `geo_range`: in the report's unit, '' where nothing is said of it. `from_local`: included, '' for no bound;
    `until_local`: not included, '' for no bound. `decided_by`: who says so."""

    sample_rate: str
    geo_range: str
    from_local: str
    until_local: str
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedClock:
    """What a person states of a unit's clock. `correction`: number of the statement; `event_id`: of the one event that
    it is about, null where it is about a span. `shift_s`: true time = recorded time + shift, in seconds: below 0 of a
    clock that is ahead; `zone`: that the clock showed, '' where the statement is of the shift. `from_local`: included,
    by that clock, '' for no bound; `until_local`: not included, '' for no bound. `decided_by`: who says so; `reason`:
    why."""

    correction: int
    event_id: int | None
    shift_s: int
    zone: str
    from_local: str
    until_local: str
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedUnit:
    """A unit that stood at a point of the job in the period. `family`: by its serial. `models`: model and firmware as
    reports of its events in the period print them, each once. `trigger_levels`: of the geophones, as documents of these
    events tell them, each once, in the report's unit; `air_trigger_levels`: those of the microphone; `ranges`: those of
    the geophones' range; `sample_rates`: those of the sampling rate. `stated_settings`: what people state of them for
    times in which it stood there; `clocks`: what they state of its clock then. `calibration_first`,
    `calibration_last`: on the first and last day on which it stood there in the period; `printed`: the calibration that
    reports print, each once. `valid`, `overdue`, `unknown`: how many of its events in the period began with each state.
    `certificates`: names of the files that the archive keeps of the statements those rest on."""

    serial: str
    family: str
    models: tuple[str, ...]
    trigger_levels: tuple[str, ...]
    air_trigger_levels: tuple[str, ...]
    ranges: tuple[str, ...]
    sample_rates: tuple[str, ...]
    stated_settings: tuple[StatedSettings, ...]
    clocks: tuple[StatedClock, ...]
    printed: tuple[str, ...]
    calibration_first: CalibrationAnswer
    calibration_last: CalibrationAnswer
    valid: int
    overdue: int
    unknown: int
    certificates: tuple[str, ...]
    windows: tuple[StoodAt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLimits:
    """Limits of a point that hold in the period. `number`: of the statement; `limits`: its words, '' for none of
    velocity; `titles`: of the curves; `sources`: where these are from. `airblast`: with where it is from, '' without
    one; `airblast_db`: its level in dB, null without one. `convention`: what decides of a waveform; `judge_stated`:
    whether that was stated too, and is not the program's own. `from_local`: from when on they hold, '' from the first
    record on; `until_local`: when later ones begin to, '' where none do. `decided_by`: who says so; `reason`: why, ''
    where nobody said."""

    number: int
    limits: str
    titles: tuple[str, ...]
    sources: tuple[str, ...]
    airblast: str
    airblast_db: float | None
    convention: str
    judge_stated: bool
    from_local: str
    until_local: str
    decided_by: str
    reason: str
    curves: tuple[Curve, ...] = field(metadata=NOT_IN_JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPoint:
    """A point of the job. `point`: its number; `name`: its own. `address`, `structure`: as stated. `latitude`,
    `longitude`: WGS 84, degrees; `east`, `north`: metres of the job's grid, each None where not stated. `limits`: that
    hold in the period, by the moment from which on they do. `counts`: events and parts of histograms of the period at
    it, with the greatest values and what its limits say; None without any."""

    point: int
    name: str
    address: str
    structure: str
    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None
    limits: tuple[HeldLimits, ...]
    counts: Group | None


class CellState(StrEnum):
    """What a point says of a blast. MEASURED: events there are confirmed for it. PERHAPS: events are proposed, and
    nobody decided. NOTHING: no event, and a unit there ran and waited for a trigger. NOT_KNOWN: no event, and nothing
    says that a unit there ran. NO_UNIT: none stood there."""

    MEASURED = "measured"
    PERHAPS = "perhaps triggered"
    NOTHING = "nothing triggered"
    NOT_KNOWN = "not known"
    NO_UNIT = "no unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastAtPoint:
    """A blast at a point. `point`: its number; `name`: its own. `distance_m`: None where it is not known;
    `distance_by`: 'stated', 'coordinates', 'grid' or ''. `m_kg_square`, `ft_lb_square`: scaled distance by the square
    root of the charge; `m_kg_cube`, `ft_lb_cube`: by its cube root; None without distance or charge. `events`:
    confirmed for it here, that are no false triggers; `proposed`: of which nobody decided. `ppv`, `frequency` (zero
    crossing), `pvs`, `pspl`: the greatest of the confirmed ones, None where none is known; `components`: the greatest
    of each geophone. `vibration`, `airblast`: by the limits of the point. `trigger`: the level that a quiet unit waited
    for, with what says so, '' where it is not known or does not matter. `units`: that stood here."""

    point: int
    name: str
    state: CellState
    distance_m: float | None
    distance_by: str
    m_kg_square: float | None
    ft_lb_square: float | None
    m_kg_cube: float | None
    ft_lb_cube: float | None
    events: tuple[int, ...]
    proposed: tuple[int, ...]
    ppv: PeriodValue | None
    frequency: Reading | None
    components: tuple[ChannelPeak, ...] = ()
    pvs: PeriodValue | None
    pspl: PeriodValue | None
    vibration: PeriodVerdict
    airblast: PeriodVerdict
    trigger: str
    units: tuple[UnitAtBlast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedBlast:
    """A blast of the period, as lists have it, at each point of the job. `elsewhere`: events beside it at none."""

    blast: ListedBlast
    points: tuple[BlastAtPoint, ...]
    elsewhere: tuple[EventElsewhere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastShare:
    """Of the blasts of some months how many are within a limit of a point. `point`: its number; `name`: its own.
    `what`: 'vibration' or 'airblast'; `limits`: titles of those that held there in these months. `since_local`: begin
    of these, included; `until_local`: end, not included. `blasts`: of the job in these months; `within`, `exceeded`,
    `undecided`: how many of them are; `not_compared`: measured, and without a limit or without a value that is
    compared; `no_unit`: when no unit stood there. `by_trigger`: of those within the ones without an event, of which a
    unit ran and waited."""

    point: int
    name: str
    what: str
    since_local: str
    until_local: str
    limits: tuple[str, ...]
    blasts: int
    within: int
    exceeded: int
    undecided: int
    not_compared: int
    no_unit: int
    by_trigger: int

    @property
    @in_json("n")
    def n(self) -> int:
        """Blasts that the share is of."""
        return self.within + self.exceeded + self.undecided

    @property
    @in_json("least_percent")
    def least_percent(self) -> float | None:
        """Within, were all undecided ones above; None without a blast."""
        return 100.0 * self.within / self.n if self.n else None

    @property
    @in_json("most_percent")
    def most_percent(self) -> float | None:
        """Within, were no undecided one above; the same as the least where none is undecided."""
        return 100.0 * (self.within + self.undecided) / self.n if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFalseTrigger:
    """An event of the period that a review calls a false trigger. `at_local`: when it began; `points`: names of its
    points. `by`, `why`: as the review says, '' where it does not.
    `source`: where the review is from. `in_blast`: number of a blast that it is confirmed for all the same, None
    without one. `histograms`: of its unit, that ran then or may have: they show it too, and count."""

    event_id: int
    serial: str
    at_local: str
    record_type: str
    points: tuple[str, ...]
    by: str
    why: str
    source: str
    in_blast: int | None
    histograms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastBeside:
    """A blast that people or times bring together with an event. `blast`: its number; `name`: as stated, '' without;
    `at_local`: when it was. `decision`: 'confirmed', of a blast outside the period, 'proposed' or 'refused'; `reason`:
    why, '' where nobody said."""

    blast: int
    name: str
    at_local: str
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedExceedance:
    """An event, or a part of a histogram, that is above a limit of its point and confirmed for no blast of the period.
    `point`: number of the point; `name`: its own. `what`: 'vibration' or 'airblast'. `at_local`: start of the event;
    of a histogram of the interval that `number` is of, as far as that is known. `intervals`: of a histogram how many
    of its intervals in the period are above the limits and in no waveform, None where that is not known. `verdict`:
    what the limits say of it. `blasts`: beside it. `false_triggers`: that lie in intervals that are above."""

    point: int
    name: str
    event_id: int
    serial: str
    record_type: str
    what: str
    at_local: str
    intervals: int | None
    verdict: PeriodVerdict
    blasts: tuple[BlastBeside, ...]
    false_triggers: tuple[FalseTriggerThere, ...] = ()

    @property
    @in_json("number")
    def number(self) -> float | None:
        """What is above, in the report's unit or dB(L)."""
        return self.verdict.least

    @property
    @in_json("at_least")
    def at_least(self) -> bool:
        """Whether the number is what it is at least."""
        return self.verdict.least != self.verdict.most

    @property
    @in_json("low_hz")
    def low_hz(self) -> float | None:
        """Above which its frequency lies, null where that is open."""
        return self.verdict.low_hz

    @property
    @in_json("high_hz")
    def high_hz(self) -> float | None:
        """Below which its frequency lies, null where that is open."""
        return self.verdict.high_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedUndecided:
    """Something that is not decided. `point`: name of the point, '' where it is not known; `at_local`: when the event
    or the blast was. `why`: what leaves it open. `what`: 'vibration', 'airblast', 'point' (of an event in an hour that
    the clocks repeat, or confirmed or proposed for a blast and at no point of the job) or 'day'. `event_id`: 0 where it
    is of a blast without an event; `blast`: its number, 0 where it is of an event alone."""

    event_id: int
    blast: int
    point: str
    at_local: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCompared:
    """Events and parts of histograms of the period that were not held against a limit. `what`: 'vibration' or
    'airblast'; `why`: in words."""

    what: str
    why: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """Everything that a job's report of a period says. `unit`: of all velocities. `firm`: None where nobody states one.
    `months`: of the shares. `pages`: events that get a page of their own, by their time. `notes`: what else a reader
    must know, in sentences: of a job without points or blasts, of limits that changed, of what is left out."""

    job: ReportedJob
    period: ReportedPeriod
    by: ReportedBy
    unit: str
    months: int
    firm: Firm | None
    provenance: Provenance
    notes: tuple[str, ...]
    pages: tuple[int, ...]
    units: tuple[ReportedUnit, ...]
    points: tuple[ReportedPoint, ...]
    blasts: tuple[ReportedBlast, ...]
    largest: tuple[LargestValue, ...]
    peaks: tuple[ChartPeak, ...]
    charts: tuple[PointChart, ...]
    shares: tuple[BlastShare, ...]
    exceedances: tuple[ReportedExceedance, ...]
    false_triggers: tuple[ReportedFalseTrigger, ...]
    undecided: tuple[ReportedUndecided, ...]
    not_compared: tuple[NotCompared, ...]

    def blast_name(self, number: int) -> str:
        """The name of a blast of the period, '' of one without a name."""
        return next((one.blast.name for one in self.blasts if one.blast.blast == number), "")
