"""Every number of a job's report, worked out a second time from a simulated practice.

Units, points, moves and the wrong clock are those of `tests/practice/test_jobs.py`. What each unit recorded, when it
ran, at which level it waited and what people decided is drawn here; what a report must say of it follows by rules
written a second time, from the truth and never from the archive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.archive.running import note_running
from sfm_archive.model.running import MONITORING_REPLY, Running
from sfm_archive.reporting.period.report import BlastAtPoint, JobReport
from sfm_archive.testing.histograms import HistogramInterval
from tests.practice.test_jobs import (
    BORDER,
    FIRST,
    JOBS,
    POINTS,
    UNITS,
    WRONG_CLOCK,
    Stay,
    recorded,
    stays_of,
    where,
)
from tests.reporting.period.conftest import save_histogram, save_report

LINES = {2: ((1, 5.0), (10, 5.0), (50, 15.0), (100, 20.0)), 3: ((1, 3.0), (10, 3.0), (50, 8.0), (100, 10.0))}
COUNT = 0.127
"""mm/s."""
CHANGED = datetime(2026, 9, 15)
"""From then on line 3 holds at Church in place of line 2."""
AIRBLAST_DB = 118.0
WITHIN = timedelta(seconds=60)
JOB = JOBS[0]
PERIODS = ((datetime(2026, 9, 1), datetime(2026, 10, 1)), (datetime(2026, 8, 10), datetime(2026, 11, 1)))


@dataclass
class Shot:
    """A waveform. `blast`: of the blast that made it, 0 of none; `decision`: what people say of that."""

    event: int
    serial: str
    at: datetime
    peaks: tuple[float, float, float]
    hz: float
    level: float | None
    trigger: float | None
    blast: int = 0
    decision: str = ""
    false: bool = False


@dataclass
class Series:
    """A histogram of intervals of five minutes."""

    event: int
    serial: str
    at: datetime
    intervals: list[HistogramInterval]
    trigger: float | None

    @property
    def until(self) -> datetime:
        return self.at + len(self.intervals) * timedelta(minutes=5)

    def placed(self, stays: list[Stay]) -> list[tuple[datetime, str, HistogramInterval]]:
        """Each interval with its start and its point."""
        times = [self.at + number * timedelta(minutes=5) for number in range(len(self.intervals))]
        return [(at, point_at(stays, self.serial, at), one) for at, one in zip(times, self.intervals, strict=True)]


@dataclass
class World:
    stays: list[Stay] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    replies: list[tuple[str, datetime, datetime, float | None]] = field(default_factory=list)
    blasts: dict[int, datetime] = field(default_factory=dict)
    """Of the job, by number."""


def point_at(stays: list[Stay], serial: str, at: datetime) -> str:
    """'' for none, or one of another job."""
    stay = where(stays, serial, at)
    return "" if stay is None or stay.job != JOB else stay.point


def limit_at(point: str, hz: float, at: datetime) -> float:
    points = LINES[3 if point == "Church" and at >= CHANGED else 2]
    hz = min(max(hz, 1.0), 100.0)
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= hz <= x1:
            return y0 + (hz - x0) / (x1 - x0) * (y1 - y0)
    raise AssertionError(hz)


Period = tuple[datetime, datetime]


@cache
def report_of(archive: sfm.Archive, period: Period) -> JobReport:
    """Made once for all tests of an archive: nothing changes it once it is there."""
    return sfm.period_report(archive, JOB, *period)


@pytest.fixture(
    scope="module", params=[1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sfm.Archive, World]]:
    random, world = Random(request.param), World()
    world.stays = stays_of(random)
    path: Path = tmp_path_factory.mktemp("practice") / "firm.sfm"
    with sfm.create(path, actor="firm") as archive:
        with archive.batch():
            for serial in UNITS:
                save_report(archive, datetime(2020, 1, 1), (0.1, 0.1, 0.1), serial=serial)
        state(archive, world)
        with archive.batch():
            happen(archive, world, random)
        decide(archive, world, random)
        yield archive, world


def state(archive: sfm.Archive, world: World) -> None:
    for number, job in enumerate(JOBS):
        sfm.add_job(archive, job, zone="Europe/Berlin", units="mm/s")
        for place, point in enumerate(POINTS):
            sfm.add_point(archive, job, point, coordinates=f"{47 + number / 10},{8 + place / 100}")
            sfm.limit_point(archive, f"{job}/{point}", limits=["din-4150-3-line-2"], airblast=f"{AIRBLAST_DB}dB")
    sfm.limit_point(archive, f"{JOB}/Church", limits=["din-4150-3-line-3"], airblast=f"{AIRBLAST_DB}dB", since=CHANGED)
    unit, shift = WRONG_CLOCK
    second = [one for one in world.stays if one.serial == unit][1].since
    for stay in world.stays:
        sfm.place(archive, stay.serial, at=f"{stay.job}/{stay.point}", since=stay.since, until=stay.until)
    sfm.correct(archive, unit, clock_shift=shift, since=second - shift, reason="was an hour slow")


def happen(archive: sfm.Archive, world: World, random: Random) -> None:
    for number in range(60):
        at = FIRST + timedelta(days=number * 107 / 60, hours=4, minutes=random.randint(0, 200))
        at = at.replace(second=0, microsecond=0)
        sfm.add_blast(archive, JOB, at, name=f"B {number}", charge="120 kg", coordinates="47.0,8.1")
        world.blasts[number + 1] = at
        for serial in UNITS:
            draw = random.random()
            if not point_at(world.stays, serial, at) or not point_at(world.stays, serial, at + WITHIN):
                continue
            if draw < 0.5:
                shot(archive, world, random, serial, at + timedelta(seconds=random.randint(0, 40)), number + 1)
            elif draw < 0.65:
                level = random.choice((0.5, 2.5, 4.0, 6.0, None))
                since, until = at - timedelta(minutes=random.randint(2, 90)), at + timedelta(minutes=30)
                reply(archive, world, serial, since, until, level)
            elif draw < 0.8:
                series(archive, world, random, serial, at - timedelta(hours=3), 6)
    for serial in UNITS:
        for day in sorted(random.sample(range(0, 108, 3), 9)):
            at = FIRST + timedelta(days=day, hours=12)
            if serial == UNITS[0] and abs(at - BORDER) < timedelta(days=2):
                continue  # of its intervals in the repeated hour nothing tells the point
            series(archive, world, random, serial, at, 20)
    for _ in range(60):  # trucks, doors, footsteps
        serial, at = random.choice(UNITS), FIRST + timedelta(seconds=random.randint(0, 9_000_000))
        if any(abs(at - blast) <= 4 * WITHIN for blast in world.blasts.values()) or at.date() == BORDER.date():
            continue
        shot(archive, world, random, serial, at, 0)


def shot(archive: sfm.Archive, world: World, random: Random, serial: str, at: datetime, blast: int) -> None:
    """Its loudest channel lies clear of the limit, which the digits of its print could not decide."""
    hz = float(random.randint(6, 90))
    point = point_at(world.stays, serial, at) or "School"
    share = random.choice((0.1, 0.4, 0.7, 0.93, 1.07, 1.5))
    loud = round(share * limit_at(point, hz, at), 2)
    peaks = [round(loud * random.choice((0.2, 0.5, 0.9)), 2) for _ in range(3)]
    peaks[random.randrange(3)] = loud
    level = random.choice((None, 95.0, 112.5, 118.0, 121.0))
    trigger = random.choice((0.5, 0.5, 0.5, 1.0, None))
    found = Shot(0, serial, at, (peaks[0], peaks[1], peaks[2]), hz, level, trigger, blast)
    shown = recorded(serial, at, world.stays)
    found.event = save_report(archive, shown, found.peaks, hz, serial=serial, trigger=trigger, level_db=level)
    world.shots.append(found)


def series(archive: sfm.Archive, world: World, random: Random, serial: str, at: datetime, hours: int) -> None:
    if any(one.serial == serial and one.at < at + timedelta(hours=hours) and at < one.until for one in world.series):
        return

    def one() -> tuple[int, int]:
        return random.choice((1, 2, 5, 12, random.randint(2, 45))), random.randint(6, 90)

    intervals = [HistogramInterval(*one(), *one(), *one(), random.randint(1, 60), 10) for _ in range(12 * hours)]
    trigger = random.choice((0.5, 0.5, 4.0, None))
    event = save_histogram(archive, recorded(serial, at, world.stays), intervals, serial=serial, trigger=trigger)
    world.series.append(Series(event, serial, at, intervals, trigger))


def reply(
    archive: sfm.Archive, world: World, serial: str, since: datetime, until: datetime, level: float | None
) -> None:
    text = "" if level is None else f"Geo: {level:.3f} mm/s"
    begin, end = recorded(serial, since, world.stays), recorded(serial, until, world.stays)
    if end - begin != until - since:
        return  # the clock was set wrong in between
    note_running(archive, serial, [Running(begin, end, MONITORING_REPLY, f"{len(world.replies):064x}", text)])
    world.replies.append((serial, since, until, level))


def decide(archive: sfm.Archive, world: World, random: Random) -> None:
    """Most events of blasts are confirmed, some refused, of some nobody decides; of all some are false triggers."""
    for one in world.shots:
        if one.blast:
            one.decision = random.choice(("confirmed", "confirmed", "confirmed", "refused", "proposed"))
            if one.decision == "confirmed":
                sfm.confirm_blast(archive, one.blast, [one.event])
            elif one.decision == "refused":
                sfm.refuse_blast(archive, one.blast, [one.event], reason="a truck")
        if random.random() < 0.1:
            one.false = True
            archive.review(one.event, false_trigger=True, reviewer="B", notes="door")
    assert any(one.false and one.decision == "confirmed" for one in world.shots)


def stood(world: World, point: str, at: datetime) -> set[str]:
    return {serial for serial in UNITS if point_at(world.stays, serial, at) == point}


def spans(world: World, serial: str) -> list[tuple[datetime, datetime]]:
    own = [(one.at, one.until) for one in world.series if one.serial == serial]
    own += [(since, until) for unit, since, until, _ in world.replies if unit == serial]
    return sorted(own)


def ran(world: World, serial: str, since: datetime, until: datetime) -> bool:
    """All the time between."""
    reached = since
    for begin, end in spans(world, serial):
        if begin <= reached < end:
            reached = end
    return reached >= until


def level_of(world: World, serial: str, at: datetime) -> float | None:
    """At which a unit waited, in mm/s."""
    for unit, since, until, level in sorted(world.replies, key=lambda one: one[1]):
        if unit == serial and since <= at <= until and level is not None:
            return level
    told = [(one.at, one.at, one.trigger) for one in world.shots if one.serial == serial and one.trigger]
    told += [(one.at, one.until, one.trigger) for one in world.series if one.serial == serial and one.trigger]
    before = max((one for one in told if one[0] <= at), default=None)
    after = min((one for one in told if one[0] > at), default=None)
    if before is not None and at <= before[1]:
        return before[2]
    if before is None or after is None or before[2] != after[2]:
        return None
    return before[2]


def waited(world: World, serial: str, at: datetime, level: float) -> bool:
    """No histogram then is louder than the trigger level by more than a count, while no waveform was recorded."""
    for one in world.series:
        loudest = max(max(each.tran, each.vert, each.long) for each in one.intervals) * COUNT
        is_then = one.serial == serial and one.at <= at <= one.until
        triggered = any(shot.serial == serial and one.at <= shot.at <= one.until for shot in world.shots)
        if is_then and loudest > level + COUNT + 1e-9 and not triggered:
            return False
    return True


def is_loud_then(world: World, point: str, at: datetime) -> tuple[bool, bool]:
    """Whether an interval there that reaches into the minute around a blast is above: its vibration, its level."""
    loud = [False, False]
    for one in world.series:
        if one.at >= at + WITHIN or one.until <= at - WITHIN:
            continue
        for begin, place, each in one.placed(world.stays):
            if place != point or begin >= at + WITHIN or begin + timedelta(minutes=5) <= at - WITHIN:
                continue
            for count, half in ((each.tran, each.tran_half), (each.vert, each.vert_half), (each.long, each.long_half)):
                loud[0] = loud[0] or count * COUNT > limit_at(point, 1024 / (2 * half), at)
            loud[1] = loud[1] or 81.94 + 20 * math.log10(each.micl) > AIRBLAST_DB
    return loud[0], loud[1]


def is_above(world: World, one: Shot) -> bool:
    point = point_at(world.stays, one.serial, one.at)
    return max(one.peaks) > limit_at(point, one.hz, one.at)


def cell_of(world: World, number: int, point: str) -> tuple[str, str, str]:
    """State, vibration and airblast of a blast at a point."""
    at = world.blasts[number]
    here = [one for one in world.shots if one.blast == number and point_at(world.stays, one.serial, one.at) == point]
    counting = [one for one in here if not one.false]
    confirmed = [one for one in counting if one.decision == "confirmed"]
    proposed = [one for one in counting if one.decision == "proposed"]
    units = stood(world, point, at)
    if confirmed:
        loud = any(is_above(world, one) for one in confirmed)
        open_vibration, open_airblast = is_loud_then(world, point, at)
        vibration = "exceeded" if loud else "undecided" if proposed or open_vibration else "within"
        # The worst counts: above, then not compared, then within; a level at the limit is within.
        levels = [one.level for one in confirmed]
        if any(one is not None and one > AIRBLAST_DB for one in levels):
            return "measured", vibration, "exceeded"
        if None in levels:
            return "measured", vibration, "not compared"
        return "measured", vibration, "undecided" if proposed or open_airblast else "within"
    if proposed:
        return "perhaps triggered", "undecided", "undecided"
    if not units:
        return "no unit", "not compared", "not compared"
    quiet = {one for one in units if ran(world, one, at - WITHIN, at + WITHIN)}
    if not quiet:
        return "not known", "undecided", "undecided"
    lowest = limit_at(point, 1.0, at)
    levels = {one: level_of(world, one, at) for one in quiet}
    known = any(
        level is not None and level <= lowest and waited(world, one, at, level) for one, level in levels.items()
    ) and not is_loud_then(world, point, at)[0]  # fmt: skip
    return "nothing triggered", "within" if known and not here else "undecided", "undecided"


def test_there_is_something_to_prove(world: tuple[sfm.Archive, World]) -> None:
    _, truth = world
    cells = [cell_of(truth, number, point) for number in truth.blasts for point in POINTS]
    assert {one[0] for one in cells} == {
        "measured", "perhaps triggered", "nothing triggered", "not known", "no unit"
    }  # fmt: skip
    assert {one[1] for one in cells} == {"exceeded", "undecided", "within", "not compared"}
    assert sum(one[:2] == ("nothing triggered", "within") for one in cells) > 1


@pytest.mark.parametrize("period", PERIODS)
def test_every_blast_at_every_point(world: tuple[sfm.Archive, World], period: tuple[datetime, datetime]) -> None:
    archive, truth = world
    report = report_of(archive, period)
    expected = {number for number, at in truth.blasts.items() if period[0] <= at < period[1]}
    assert {one.blast.blast for one in report.blasts} == expected
    for blast in report.blasts:
        number = blast.blast.blast
        for cell in blast.points:
            assert found_of(cell) == cell_of(truth, number, cell.name), (number, cell)
            check_values(truth, number, cell)


def found_of(cell: BlastAtPoint) -> tuple[str, str, str]:
    return cell.state.value, cell.vibration.outcome.value, cell.airblast.outcome.value


def check_values(truth: World, number: int, cell: BlastAtPoint) -> None:
    own = [
        one
        for one in truth.shots
        if (one.blast, one.decision, one.false) == (number, "confirmed", False)
        and point_at(truth.stays, one.serial, one.at) == cell.name
    ]
    assert set(cell.events) == {one.event for one in own}
    if not own:
        assert (cell.ppv, cell.frequency, cell.pspl) == (None, None, None)
        return
    assert cell.ppv is not None and cell.frequency is not None
    assert cell.ppv.number == max(max(one.peaks) for one in own)
    loudest = {one.hz for one in own if max(one.peaks) == cell.ppv.number}
    assert cell.frequency.number in loudest
    levels = [one.level for one in own if one.level is not None]
    assert (cell.pspl.number if cell.pspl else None) == (max(levels) if levels else None)
    place = POINTS.index(cell.name)
    lat, lon, other = math.radians(47.0), math.radians(8 + place / 100), math.radians(8.1)
    sphere = 2 * 6_371_000 * math.asin(math.cos(lat) * abs(math.sin((lon - other) / 2)))
    assert cell.distance_m == pytest.approx(sphere, rel=5e-3)
    assert cell.m_kg_square == pytest.approx(cell.distance_m / math.sqrt(120))
    if len(own) == 1 and cell.vibration.ratio is not None:
        limit = limit_at(cell.name, own[0].hz, own[0].at)
        # A frequency is printed to a tenth of a hertz.
        assert cell.vibration.ratio == pytest.approx(cell.ppv.number / limit, rel=5e-3)
    check_components(cell, own)


def check_components(cell: BlastAtPoint, own: list[Shot]) -> None:
    """Every channel with its frequency, and the one that reaches most of its limit with all that its limit needs."""
    for place, (channel, one) in enumerate(zip(("Tran", "Vert", "Long"), cell.components, strict=True)):
        most = max(shot.peaks[place] for shot in own)
        assert (one.value.channel, one.value.number) == (channel, most)
        assert one.frequency is not None
        assert one.frequency.number in {shot.hz for shot in own if shot.peaks[place] == most}
    verdict = cell.vibration
    if verdict.event_id is None:
        return  # nothing was decided by an event
    (shot,) = [one for one in own if one.event == verdict.event_id]
    shares = {
        channel: peak / limit_at(cell.name, shot.hz, shot.at)
        for channel, peak in zip(("Tran", "Vert", "Long"), shot.peaks, strict=True)
    }
    assert verdict.channel in {channel for channel, share in shares.items() if share == max(shares.values())}
    assert verdict.least == verdict.most == max(shot.peaks)
    assert verdict.low_hz is not None and verdict.high_hz is not None and verdict.low_hz <= shot.hz <= verdict.high_hz
    assert verdict.limit_low == pytest.approx(limit_at(cell.name, shot.hz, shot.at), rel=5e-3)


@pytest.mark.parametrize(("period", "months"), [(PERIODS[0], 12), (PERIODS[0], 1), (PERIODS[1], 2)])
def test_shares_with_their_range(
    world: tuple[sfm.Archive, World], period: tuple[datetime, datetime], months: int
) -> None:
    archive, truth = world
    begin = period[1]
    for _ in range(months):
        begin = (begin - timedelta(days=1)).replace(day=1)
    report = sfm.period_report(archive, JOB, *period, months=months)
    numbers = [number for number, at in truth.blasts.items() if begin <= at < period[1]]
    for one in report.shares:
        place = ("vibration", "airblast").index(one.what) + 1
        cells = [cell_of(truth, number, one.name) for number in numbers]
        with_unit = [cell[place] for cell in cells if cell[0] != "no unit"]
        counts = [with_unit.count(word) for word in ("within", "exceeded", "undecided", "not compared")]
        assert [one.within, one.exceeded, one.undecided, one.not_compared] == counts
        assert (one.blasts, one.no_unit) == (len(numbers), len(cells) - len(with_unit))
        total = sum(counts[:3])
        if total:
            assert one.least_percent == pytest.approx(100 * counts[0] / total)
            assert one.most_percent == pytest.approx(100 * (counts[0] + counts[2]) / total)
    assert {(one.name, one.what) for one in report.shares} == {
        (p, w) for p in POINTS for w in ("vibration", "airblast")
    }


@pytest.mark.parametrize("period", PERIODS)
def test_days_with_maxima_shares_and_coverage(
    world: tuple[sfm.Archive, World], period: tuple[datetime, datetime]
) -> None:
    archive, truth = world
    intervals = [(one, *each) for one in truth.series for each in one.placed(truth.stays)]
    for chart in report_of(archive, period).charts:
        assert len(chart.days) == (period[1] - period[0]).days
        for day in chart.days:
            begin = datetime.fromisoformat(day.day)
            end = begin + timedelta(days=1)
            own = [(one, at, each) for one, at, point, each in intervals if point == chart.name and begin <= at < end]
            assert day.intervals == len(own)
            for channel in ("tran", "vert", "long"):
                maximum, counts = getattr(day, channel), [getattr(each, channel) for _, _, each in own]
                assert (None if maximum is None else maximum.number) == (
                    pytest.approx(max(counts) * COUNT) if counts else None
                ), (day, channel)
            level = max((each.micl for _, _, each in own), default=None)
            assert (None if day.mic is None else day.mic.number) == (
                None if level is None else pytest.approx(81.94 + 20 * math.log10(level), abs=0.006)
            )
            check_share(truth, chart.name, day, own)
            stood_s = covered(
                [(s.since, s.until) for s in truth.stays if (s.job, s.point) == (JOB, chart.name)], begin, end
            )
            running = covered(
                [
                    (max(since, stay.since), min(until, stay.until))
                    for stay in truth.stays
                    if (stay.job, stay.point) == (JOB, chart.name)
                    for since, until in spans(truth, stay.serial)
                ],
                begin,
                end,
            )
            assert (day.running_s, day.not_known_s) == (running, stood_s - running), day


def covered(found: list[tuple[datetime, datetime]], begin: datetime, end: datetime) -> int:
    """Seconds of a day in any of these."""
    total, reached = timedelta(), begin
    for since, until in sorted(found):
        since, until = max(since, reached), min(until, end)
        if since < until:
            total += until - since
            reached = until
    return int(total.total_seconds())


def check_share(truth: World, point: str, day: object, own: list[tuple[Series, datetime, HistogramInterval]]) -> None:
    """By the limits at the start of each histogram; one that lies at several points is held against none."""
    shares = []
    for one, _, each in own:
        if len({at for _, at, _ in one.placed(truth.stays)}) > 1 or crosses(truth, one):
            continue
        for count, half in ((each.tran, each.tran_half), (each.vert, each.vert_half), (each.long, each.long_half)):
            shares.append(count * COUNT / limit_at(point, 1024 / (2 * half), one.at))
    share = day.share  # type: ignore[attr-defined]
    if not shares:
        assert share is None
        return
    assert share.least == share.most == pytest.approx(max(shares), rel=1e-6), day


def crosses(truth: World, one: Series) -> bool:
    """Whether its unit came to another place while it ran; jobs of other clients count."""
    stays = [where(truth.stays, one.serial, one.at + n * timedelta(minutes=5)) for n in range(len(one.intervals))]
    names = {None if stay is None else (stay.job, stay.point) for stay in stays}
    return len(names) > 1


@pytest.mark.parametrize("period", PERIODS)
def test_largest_values_and_all_peaks(world: tuple[sfm.Archive, World], period: tuple[datetime, datetime]) -> None:
    archive, truth = world
    report = report_of(archive, period)
    own = [one for one in truth.shots if not one.false and period[0] <= one.at < period[1]]
    for number, point in enumerate(POINTS, start=report.points[0].point):
        shots = [one for one in own if point_at(truth.stays, one.serial, one.at) == point]
        intervals = [
            each
            for one in truth.series
            for at, place, each in one.placed(truth.stays)
            if place == point and period[0] <= at < period[1]
        ]
        largest = {one.value.channel: one.value.number for one in report.largest if one.name == point}
        for place, channel in enumerate(("Tran", "Vert", "Long")):
            every = [one.peaks[place] for one in shots]
            every += [round(getattr(each, channel.lower()) * COUNT, 6) for each in intervals]
            assert largest.get(channel) == (pytest.approx(max(every)) if every else None), (point, channel)
            peaks = {one.event_id: one for one in report.peaks if (one.point, one.channel) == (number, channel)}
            assert {one.event for one in shots} <= set(peaks)
            for one in shots:
                found = peaks[one.event]
                above = one.peaks[place] > limit_at(point, one.hz, one.at)
                assert (found.ppv, found.hz) == (one.peaks[place], one.hz)
                assert found.outcome.value == ("exceeded" if above else "within")
                assert found.in_blast == (one.blast if one.decision == "confirmed" else None)
        levels = [one.level for one in shots if one.level is not None]
        levels += [81.94 + 20 * math.log10(each.micl) for each in intervals]
        assert largest.get("MicL") == (pytest.approx(max(levels), abs=0.06) if levels else None)


@pytest.mark.parametrize("period", PERIODS)
def test_false_triggers_and_what_is_open(world: tuple[sfm.Archive, World], period: tuple[datetime, datetime]) -> None:
    archive, truth = world
    report = sfm.period_report(archive, JOB, *period, pages=["above"])
    here = [one for one in truth.shots if period[0] <= one.at < period[1] and point_at(truth.stays, one.serial, one.at)]
    assert {one.event_id for one in report.false_triggers} == {one.event for one in here if one.false}
    assert all((one.by, one.why) == ("B", "door") for one in report.false_triggers)
    left_out = {one.event for one in truth.shots if one.false}
    assert not left_out & {one.event_id for one in report.peaks}
    open_blasts = {(one.blast, one.point, one.what) for one in report.undecided if not one.event_id}
    expected = set()
    for number, at in truth.blasts.items():
        for point in POINTS if period[0] <= at < period[1] else ():
            said = cell_of(truth, number, point)
            expected |= {(number, point, what) for what, one in zip(("vibration", "airblast"), said[1:], strict=True)
                         if one == "undecided"}  # fmt: skip
    assert open_blasts == expected
    loud = {
        one.event
        for one in here
        if not one.false and (is_above(truth, one) or (one.level is not None and one.level > AIRBLAST_DB))
    }
    shots = {one.event for one in here}
    assert {one for one in report.pages if one in shots} == loud
    no_level = sum(one.level is None and not one.false for one in here)
    assert sum(one.events for one in report.not_compared if one.why.startswith("no level")) == no_level
    ids = {one.event for one in here} | {
        one.event
        for one in truth.series
        for at, point, _ in one.placed(truth.stays)
        if point and one.at < period[1] and one.until > period[0]
    }
    assert ids <= {one.event_id for one in report.provenance.events}


@pytest.mark.parametrize("period", PERIODS)
def test_what_is_above_a_limit_and_of_no_blast(
    world: tuple[sfm.Archive, World], period: tuple[datetime, datetime]
) -> None:
    """Waveforms by their own truth; each loud interval stands with its histogram, or with a waveform beside it."""
    archive, truth = world
    report = report_of(archive, period)
    in_period = {number for number, at in truth.blasts.items() if period[0] <= at < period[1]}
    shots = {one.event: one for one in truth.shots}
    expected = set()
    for one in truth.shots:
        point = point_at(truth.stays, one.serial, one.at)
        of_blast = one.decision == "confirmed" and one.blast in in_period
        if one.false or of_blast or not point or not period[0] <= one.at < period[1]:
            continue
        expected |= {(one.event, point, "vibration")} if is_above(truth, one) else set()
        expected |= {(one.event, point, "airblast")} if one.level is not None and one.level > AIRBLAST_DB else set()
    listed = {(one.event_id, one.name, one.what): one for one in report.exceedances}
    assert {key for key in listed if key[0] in shots} == expected
    for (event, point, what), found in listed.items():
        if (shot := shots.get(event)) is None:
            continue
        assert found.number == (max(shot.peaks) if what == "vibration" else shot.level)
        assert {(one.blast, one.decision) for one in found.blasts} == (
            {(shot.blast, shot.decision)} if shot.blast in in_period or shot.decision == "confirmed" else set()
        ), (event, point)
    for one in truth.series:
        if crosses(truth, one):
            continue
        loud = []
        for at, point, each in one.placed(truth.stays):
            pairs = ((each.tran, each.tran_half), (each.vert, each.vert_half), (each.long, each.long_half))
            shares = (
                [count * COUNT / limit_at(point, 1024 / (2 * half), one.at) for count, half in pairs] if point else []
            )
            if shares and period[0] <= at < period[1] and max(shares) > 1:
                near = [s for s in truth.shots if s.serial == one.serial and abs(s.at - at) < timedelta(minutes=10)]
                loud.append((max(shares), at, any(is_above(truth, s) for s in near)))
        rows = [row for (event, _, what), row in listed.items() if event == one.event and what == "vibration"]
        clear = [(share, at) for share, at, near in loud if not near]
        if not loud:
            assert not rows, one
        if clear:
            (row,) = rows
            assert row.intervals is not None and len(clear) <= row.intervals <= len(loud)
            if len(clear) == len(loud):
                assert row.at_local in {at.isoformat() for _, at in clear}
                (each,) = [each for at, _, each in one.placed(truth.stays) if at.isoformat() == row.at_local]
                channel = row.verdict.channel.lower()
                assert row.number == pytest.approx(getattr(each, channel) * COUNT)
                hertz = 1024 / (2 * getattr(each, f"{channel}_half"))
                assert row.low_hz == row.high_hz == pytest.approx(hertz)
                assert row.verdict.ratio == pytest.approx(row.number / limit_at(row.name, hertz, one.at), rel=1e-6)
