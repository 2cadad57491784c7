"""A practice with jobs, simulated: twelve units moved between five jobs, 190 blasts, titles that stay behind for weeks,
a clock that was wrong, a night in which clocks go back.

The truth (where a unit stood, when it was, which blast made an event) is drawn here and worked out here by rules
written a second time. No event may be attributed to a point where its unit did not stand, and none to another blast.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

import sfm_archive as sfm
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.testing import read_out, simulate_histogram
from sfm_archive.testing.histograms import HistogramInterval

pytestmark = pytest.mark.long

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(2026, 8, 3, 6), datetime(2026, 11, 20, 18)
BORDER = datetime(2026, 10, 25, 2, 30)
"""In the hour that clocks in Berlin showed twice."""
UNITS = tuple(f"BE117{number:02d}" for number in range(12))
JOBS = ("North Quarry", "Tunnel West", "Harbour Wall", "Pit 3", "Ring Road")
POINTS = ("Church", "School", "Pipe")
BLASTS = 190
STALE = timedelta(days=21)
WRONG_CLOCK = (UNITS[3], timedelta(hours=1, minutes=2, seconds=3))
"""True time is later than this unit shows, from its second window on."""


@dataclass
class Stay:
    """Where a unit stood, in true local time."""

    serial: str
    job: str
    point: str
    since: datetime
    until: datetime


@dataclass
class Truth:
    """Of each event its point, by id, with the spans of a histogram; of each blast the events that it made."""

    stays: list[Stay] = field(default_factory=list)
    points: dict[int, str] = field(default_factory=dict)
    doubtful: dict[int, set[str]] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)
    blasts: dict[str, set[int]] = field(default_factory=dict)


def where(stays: list[Stay], serial: str, at: datetime) -> Stay | None:
    return next((one for one in stays if one.serial == serial and one.since <= at < one.until), None)


def stays_of(random: Random) -> list[Stay]:
    """Each unit at two to four points of several jobs, with days between on a shelf; one moved in the repeated hour."""
    found = []
    for serial in UNITS:
        moves = sorted(random.sample(range(10, 100, 6), random.randint(2, 4)))
        days = [FIRST, *(FIRST + timedelta(days=day, hours=random.randint(0, 9)) for day in moves), LAST]
        if serial == UNITS[0]:
            days = [FIRST, BORDER, LAST]
        for number, (since, until) in enumerate(pairwise(days)):
            job = JOBS[(UNITS.index(serial) + number) % len(JOBS)]
            gap = timedelta() if serial == UNITS[0] else timedelta(hours=random.choice((0, 5, 60)))
            found.append(Stay(serial, job, random.choice(POINTS), since, until - gap))
    return found


def recorded(serial: str, at: datetime, stays: list[Stay]) -> datetime:
    """What the unit's clock shows at a true moment."""
    unit, shift = WRONG_CLOCK
    second = [one for one in stays if one.serial == unit][1].since
    return at - shift if serial == unit and at >= second else at


def title_of(stays: list[Stay], serial: str, at: datetime) -> str:
    """As typed: for three weeks that of the job before, now and then with a slip."""
    own = [one for one in stays if one.serial == serial and one.since <= at]
    title = own[-1].job if len(own) < 2 or at - own[-1].since > STALE else own[-2].job
    return title.replace("r", "", 1) if at.day % 7 == 0 else title


def save(archive: sfm.Archive, truth: Truth, serial: str, at: datetime, kind: sfm.RecordType, **parts: object) -> int:
    shown = recorded(serial, at, truth.stays)
    said = ReadingSet(
        source=ValueSource.REPORT,
        origin_sha256=f"{UNITS.index(serial):02}{shown:%Y%m%d%H%M%S}".ljust(64, "0"),
        readings=(
            Reading(quantity="project", text=title_of(truth.stays, serial, at)),
            *(Reading(quantity="ppv", channel=name, number=0.1, unit="in/s") for name in ("Tran", "Vert", "Long")),
        ),
    )
    event = sfm.Event(serial=serial, recorded_at=shown, record_type=kind)
    own = [] if kind is sfm.RecordType.HISTOGRAM else [said]
    return archive.save(event, readings=own, **parts).event_id  # type: ignore[arg-type]


def histogram(archive: sfm.Archive, truth: Truth, random: Random, serial: str, at: datetime, hours: int) -> None:
    """Intervals of five minutes with peaks of their own; each is of the point at which the unit stood then."""
    peaks = [random.randint(2, 40) for _ in range(12 * hours)]
    shown = recorded(serial, at, truth.stays)
    made = simulate_histogram(
        random,
        intervals=[HistogramInterval(peak, 10, 1, 10, 1, 10, 1, 10) for peak in peaks],
        interval_seconds=300,
        serial=serial,
        recorded_at=shown,
    )
    event_id = save(archive, truth, serial, at, sfm.RecordType.HISTOGRAM, frames=read_out(made))
    attribute(truth, event_id, serial, at)
    for number, peak in enumerate(peaks):
        stay = where(truth.stays, serial, at + number * timedelta(minutes=5))
        key = "" if stay is None else f"{stay.job}/{stay.point}"
        truth.peaks[key] = max(peak, truth.peaks.get(key, 0))


def attribute(truth: Truth, event_id: int, serial: str, at: datetime) -> None:
    stay = where(truth.stays, serial, at)
    truth.points[event_id] = "" if stay is None else f"{stay.job}/{stay.point}"
    if serial == UNITS[0] and datetime(2026, 10, 25, 2) <= at < datetime(2026, 10, 25, 3):
        own = [one for one in truth.stays if one.serial == serial]
        truth.doubtful[event_id] = {f"{one.job}/{one.point}" for one in own}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sfm.Archive, Truth]]:
    random, truth = Random(20260803), Truth()
    truth.stays = stays_of(random)
    path: Path = tmp_path_factory.mktemp("practice") / "firm.sfm"
    archive_blasts.clear()  # of another file of tests that has this practice too
    with sfm.create(path, actor="firm") as archive:
        with archive.batch():
            happen(archive, truth, random)
        state(archive, truth)
        yield archive, truth


def happen(archive: sfm.Archive, truth: Truth, random: Random) -> None:
    """Blasts, what units record of them and of other things, and nights of histograms."""
    for serial in UNITS:
        for day in sorted(random.sample(range(108), 6)):
            at = FIRST + timedelta(days=day, hours=12)
            if serial == UNITS[0] and at.date() == BORDER.date() - timedelta(days=1):
                continue  # of its intervals in the repeated hour nothing tells the point
            histogram(archive, truth, random, serial, at, 20)
    for minute in (5, 20, 40, 55):
        at = datetime(2026, 10, 25, 2, minute)
        attribute(truth, save(archive, truth, UNITS[0], at, sfm.RecordType.WAVEFORM), UNITS[0], at)
    for number in range(BLASTS):
        job = JOBS[number % len(JOBS)]
        at = FIRST + timedelta(days=number * 107 / BLASTS, hours=4, minutes=random.randint(0, 200))
        at = at.replace(second=0, microsecond=0)
        name = f"{job} {number}"
        truth.blasts[name] = set()
        for stay in truth.stays:
            if stay.job != job or not stay.since <= at < stay.until or random.random() < 0.3:
                continue
            start = at + timedelta(seconds=random.randint(0, 40))
            if where(truth.stays, stay.serial, start) is stay:
                event_id = save(archive, truth, stay.serial, start, sfm.RecordType.WAVEFORM)
                attribute(truth, event_id, stay.serial, start)
                truth.blasts[name].add(event_id)
        archive_blasts.append((job, at, name))
    for _ in range(120):  # trucks, doors, footsteps
        serial, at = random.choice(UNITS), FIRST + timedelta(seconds=random.randint(0, 9_000_000))
        if all(abs((at - blast).total_seconds()) > 200 for _, blast, _ in archive_blasts):
            attribute(truth, save(archive, truth, serial, at, sfm.RecordType.WAVEFORM), serial, at)


archive_blasts: list[tuple[str, datetime, str]] = []


def state(archive: sfm.Archive, truth: Truth) -> None:
    """What people of the firm say, in an order that has nothing to do with the records."""
    for number, job in enumerate(JOBS):
        sfm.add_job(archive, job, zone="Europe/Berlin")
        for place, point in enumerate(POINTS):
            sfm.add_point(archive, job, point, coordinates=f"{47 + number / 10},{8 + place / 100}")
    unit, shift = WRONG_CLOCK
    second = [one for one in truth.stays if one.serial == unit][1].since
    for stay in reversed(truth.stays):
        point = f"{stay.job}/{stay.point}"
        sfm.place(archive, stay.serial, at=point, since=stay.since, until=stay.until, by="A. Miller")
    sfm.correct(archive, unit, clock_shift=shift, since=second - shift, by="B", reason="was an hour slow")
    for number, (job, at, name) in enumerate(archive_blasts):
        east = 8.1 + number / 10_000
        coordinates = f"{47 + JOBS.index(job) / 10},{east:.5f}"
        sfm.add_blast(archive, job, at, name=name, charge="120 kg", coordinates=coordinates)


def test_every_event_is_at_the_point_where_its_unit_stood(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, truth = practice
    wrong, undecided = [], set()
    for one in archive.listing():
        found = f"{one.job}/{one.point}" if one.point else ""
        if one.placed == "undecided":
            undecided.add(one.event_id)
        elif found != truth.points[one.event_id]:
            wrong.append((one.event_id, found, truth.points[one.event_id]))
    assert wrong == []
    assert undecided == set(truth.doubtful) and len(undecided) == 4
    for event_id, possible in truth.doubtful.items():
        for point in possible:
            chosen = sfm.Selection(points=sfm.points_meant(archive, (), (point,)), event_ids=(event_id,))
            assert [row.event_id for row in archive.events(chosen)] == [event_id]
    assert len(truth.points) > 450


def test_titles_would_have_attributed_some_of_them_wrongly(practice: tuple[sfm.Archive, Truth]) -> None:
    """Else this practice would prove nothing of titles."""
    archive, truth = practice
    stale = 0
    for event_id, point in truth.points.items():
        titles = [one.text for one in archive.values(event_id) if one.quantity == "project"]
        stale += bool(point and titles and not point.startswith(titles[0][:4]))
    assert stale > 20


def test_the_greatest_interval_of_each_point_is_its_own(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, truth = practice
    found = sfm.summarise(archive, ("point",), sfm.Selection(record_types=(sfm.RecordType.HISTOGRAM,)))
    peaks = {
        group.keys["point"]: round(group.ppv.number / 0.005)
        for group in found.groups
        if group.ppv is not None and group.ppv.number is not None
    }
    expected = {point: peak for point, peak in truth.peaks.items() if point in peaks}
    assert peaks == expected
    assert set(truth.peaks) == set(peaks)


def test_events_are_proposed_to_the_blast_that_made_them_and_to_no_other(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, truth = practice
    listed = {one.name: one for one in sfm.list_blasts(archive).blasts}
    assert len(listed) == BLASTS
    wrong = {}
    for name, events in truth.blasts.items():
        proposed = set(sfm.proposed_events(archive, listed[name].blast))
        expected = {event_id for event_id in events if event_id not in truth.doubtful}
        if proposed != expected:
            wrong[name] = (proposed, expected)
    assert wrong == {}


def test_the_distance_of_a_blast_is_that_on_a_sphere_to_half_a_percent(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, _ = practice
    number = sfm.list_blasts(archive, ("Tunnel West",)).blasts[0]
    assert number.latitude is not None and number.longitude is not None
    for point in sfm.show_blast(archive, number.blast).points:
        place = POINTS.index(point.name)
        lat, lon, other = math.radians(47.1), math.radians(8 + place / 100), math.radians(number.longitude)
        sphere = 2 * 6_371_000 * math.asin(math.cos(lat) * abs(math.sin((lon - other) / 2)))
        assert point.distance_m == pytest.approx(sphere, rel=5e-3)
        assert point.m_kg_square == pytest.approx(point.distance_m / math.sqrt(120))


def test_the_archive_is_sound_and_nothing_of_it_is_out_of_date(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, _ = practice
    assert archive.rebuild(dry_run=True).changed == 0
    assert archive.verify().ok


def test_taking_windows_and_blasts_back_leaves_the_evidence_as_it_is(practice: tuple[sfm.Archive, Truth]) -> None:
    archive, _ = practice
    names = {row.event_id: (row.name, row.recorded_at_local, row.serial) for row in archive.events()}
    said = len(sfm.told_history(archive))
    sfm.withdraw_window(archive, 1, by="C", reason="it was another unit")
    sfm.withdraw_blast(archive, 1, by="C", reason="it was put off")
    sfm.withdraw_correction(archive, 1, by="C", reason="the clock was right")
    assert {row.event_id: (row.name, row.recorded_at_local, row.serial) for row in archive.events()} == names
    told = sfm.told_history(archive)
    assert len(told) == said + 3 and all((one.decided_by, bool(one.reason)) == ("C", True) for one in told[-3:])
    assert archive.verify().ok


def test_the_repeated_hour_is_the_one_of_the_zone() -> None:
    first = BORDER.replace(tzinfo=BERLIN, fold=0).astimezone(UTC)
    assert BORDER.replace(tzinfo=BERLIN, fold=1).astimezone(UTC) - first == timedelta(hours=1)
