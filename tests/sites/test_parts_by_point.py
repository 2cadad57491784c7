"""A histogram that crosses a border of windows: each of its intervals is of the point whose window holds it."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import limits_from
from sfm_archive.testing import read_out, simulate_histogram
from sfm_archive.testing.histograms import HistogramInterval
from tests.sites.conftest import UNIT

START = datetime(2026, 5, 1, 20)
STEP = timedelta(minutes=5)
QUANTUM_IN_S = 0.005


def histogram_of(archive: sfm.Archive, peaks: list[int], start: datetime = START, *, tells_stop: bool = True) -> int:
    """A histogram of these peaks in counts on Tran, the other channels at one count; its id. `tells_stop`: otherwise
    its frames stop before it began, and nothing tells how long an interval is."""
    intervals = [HistogramInterval(peak, 10, 1, 10, 1, 10, 1, 10) for peak in peaks]
    at = start if tells_stop else start - timedelta(days=3)
    made = simulate_histogram(Random(1), intervals=intervals, interval_seconds=300, serial=UNIT, recorded_at=at)
    event = sfm.Event(serial=UNIT, recorded_at=start, record_type=sfm.RecordType.HISTOGRAM)
    return archive.save(event, read_out(made)).event_id


def groups(archive: sfm.Archive, *by: str, **chosen: object) -> dict[tuple[str, ...], sfm.Group]:
    found = sfm.summarise(archive, by, sfm.Selection(**chosen))  # type: ignore[arg-type]
    return {tuple(group.keys.values()): group for group in found.groups}


@pytest.fixture
def crossing(archive: sfm.Archive) -> sfm.Archive:
    """Loud in the 10th interval, at Church, and half as loud in the 70th, behind midnight, at School."""
    peaks = [2] * 100
    peaks[10], peaks[70] = 200, 100
    histogram_of(archive, peaks)
    sfm.place(archive, UNIT, at="North/Church", since=START, until=START + 30 * STEP)
    sfm.place(archive, UNIT, at="School", since=START + 30 * STEP)
    return archive


def test_each_point_has_the_peak_of_its_own_intervals(crossing: sfm.Archive) -> None:
    found = groups(crossing, "point")
    church, school = found[("North/Church",)], found[("North/School",)]
    assert (church.events, church.continued, school.events, school.continued) == (1, 0, 0, 1)
    assert church.ppv is not None and school.ppv is not None
    assert church.ppv.number == pytest.approx(200 * QUANTUM_IN_S)
    assert school.ppv.number == pytest.approx(100 * QUANTUM_IN_S)
    assert crossing.verify().ok
    assert crossing.rebuild(dry_run=True).changed == 0


def test_a_filter_by_point_counts_what_was_recorded_there_alone(crossing: sfm.Archive) -> None:
    school = sfm.points_meant(crossing, (), ("School",))
    (group,) = groups(crossing, "serial", points=school).values()
    assert group.ppv is not None and group.ppv.number == pytest.approx(100 * QUANTUM_IN_S)
    loud = sfm.Selection(points=school, ppv_from_mm_s=0.75 * 25.4)
    assert list(crossing.events(loud)) == []
    quiet = sfm.Selection(points=school, ppv_from_mm_s=0.25 * 25.4)
    assert len(list(crossing.events(quiet))) == 1


def test_points_and_days_are_told_apart_together(crossing: sfm.Archive) -> None:
    found = groups(crossing, "day", "point")
    peaks = {keys: round(group.ppv.number / QUANTUM_IN_S) for keys, group in found.items() if group.ppv is not None}
    assert peaks == {
        ("2026-05-01", "North/Church"): 200,
        ("2026-05-01", "North/School"): 2,
        ("2026-05-02", "North/School"): 100,
    }


def test_a_limit_is_exceeded_at_the_point_of_the_interval(crossing: sfm.Archive) -> None:
    above = sfm.above_limits(crossing, sfm.Selection(points=sfm.points_meant(crossing, (), ("School",))), ("0.75in/s",))
    assert above.above_ids == ()
    there = sfm.above_limits(
        crossing, sfm.Selection(points=sfm.points_meant(crossing, (), ("North/Church",))), ("0.75in/s",)
    )
    assert there.above_ids is not None and len(there.above_ids) == 1


def test_a_moved_border_moves_the_intervals(crossing: sfm.Archive) -> None:
    sfm.withdraw_window(crossing, 2, reason="slip")
    sfm.end_window(crossing, 1, START + 80 * STEP, reason="slip")
    found = groups(crossing, "point")
    assert found[("North/Church",)].ppv == groups(crossing, "serial")[(UNIT,)].ppv
    assert found[("",)].ppv is not None and found[("",)].ppv.number == pytest.approx(2 * QUANTUM_IN_S)
    assert crossing.verify().ok
    assert crossing.rebuild(dry_run=True).changed == 0


@pytest.mark.tables
def test_the_table_of_peaks_of_a_point_has_the_peaks_of_its_own_intervals(
    crossing: sfm.Archive, tmp_path: Path
) -> None:
    selection = sfm.Selection(points=sfm.points_meant(crossing, (), ("School",)))
    report = sfm.export_data(crossing, tmp_path / "school", "csv", selection, units="in/s")
    (row,) = csv.DictReader((tmp_path / "school" / "peaks.csv").read_text(encoding="utf-8").splitlines())
    assert float(row["ppv"]) == float(row["ppv_Tran"]) == pytest.approx(100 * QUANTUM_IN_S)
    assert float(row["ppv_at_least"]) <= 100 * QUANTUM_IN_S
    assert (row["point"], row["placed"], row["peaks_at"], row["pvs"]) == ("Church", "part", "North/School", "")
    assert report.items[0].message.endswith(
        "its row of peaks is of North/School alone, its file and its values are of all of it"
    )
    whole = sfm.export_data(crossing, tmp_path / "all", "csv", units="in/s")
    (row,) = csv.DictReader((tmp_path / "all" / "peaks.csv").read_text(encoding="utf-8").splitlines())
    assert float(row["ppv"]) == pytest.approx(200 * QUANTUM_IN_S)
    assert (row["peaks_at"], "alone" in whole.items[0].message) == ("", False)


BORDERS = st.lists(st.integers(-30, 130), min_size=2, max_size=5, unique=True).map(sorted)


@settings(max_examples=settings.default.max_examples * 30 // 100)
@given(peaks=st.lists(st.integers(1, 1999), min_size=1, max_size=100), borders=BORDERS, late=st.booleans())
def test_the_greatest_peak_of_a_point_is_that_of_the_intervals_that_start_in_its_window(
    tmp_path_factory: pytest.TempPathFactory, peaks: list[int], borders: list[int], late: bool
) -> None:
    """By the words, interval by interval, whatever came first, with borders in the midst of intervals too."""
    with sfm.create(tmp_path_factory.mktemp("parts") / "a.sfm") as archive:
        sfm.add_job(archive, "J")
        histogram_of(archive, [1], START - timedelta(days=300))
        if not late:
            histogram_of(archive, peaks)
        for number, (begin, end) in enumerate(pairwise(borders)):
            sfm.add_point(archive, "J", f"P{number}")
            since, until = (START + at * timedelta(minutes=3) for at in (begin, end))
            sfm.place(archive, UNIT, at=f"P{number}", since=since, until=until)
        if late:
            histogram_of(archive, peaks)
        expected: dict[str, int] = {}
        for number, peak in enumerate(peaks):
            minutes = 5 * number
            point = next(
                (f"J/P{at}" for at, (begin, end) in enumerate(pairwise(borders)) if 3 * begin <= minutes < 3 * end),
                "",
            )
            expected[point] = max(expected.get(point, 0), peak)
        found = groups(archive, "point", since=START - timedelta(days=1))
        assert {
            point: round(group.ppv.number / QUANTUM_IN_S) for (point,), group in found.items() if group.ppv is not None
        } == expected
        assert sum(group.events for group in found.values()) == 1
        assert archive.rebuild(dry_run=True).changed == 0


def test_two_borders_within_one_interval_keep_no_record_out(archive: sfm.Archive) -> None:
    """A unit that was moved within an interval: the interval is of the point where it starts."""
    histogram_of(archive, [5, 6, 7, 8])
    between = START + STEP + timedelta(minutes=1)
    sfm.place(archive, UNIT, at="North/Church", since=START - STEP, until=between)
    sfm.place(archive, UNIT, at="School", since=between + timedelta(minutes=2))
    second = START + timedelta(days=1)
    sfm.end_window(archive, 2, second + STEP + timedelta(minutes=1))
    sfm.place(archive, UNIT, at="North/Church", since=second + STEP + timedelta(minutes=2))
    histogram_of(archive, [5, 60, 7, 8], second)
    found = groups(archive, "day", "point")
    peaks = {keys: round(group.ppv.number / QUANTUM_IN_S) for keys, group in found.items() if group.ppv is not None}
    assert peaks == {
        ("2026-05-01", "North/Church"): 6,
        ("2026-05-01", "North/School"): 8,
        ("2026-05-02", "North/School"): 60,
        ("2026-05-02", "North/Church"): 8,
    }
    assert archive.verify().ok
    assert archive.rebuild(dry_run=True).changed == 0


def test_a_window_that_goes_on_at_the_same_point_is_no_border(archive: sfm.Archive) -> None:
    histogram_of(archive, [5, 6, 7, 8])
    sfm.place(archive, UNIT, at="North/Church", since=START - STEP, until=START + 2 * STEP)
    sfm.place(archive, UNIT, at="North/Church", since=START + 2 * STEP)
    (event,) = archive.listing()
    assert (event.point, event.placed) == ("Church", "whole")
    (group,) = groups(archive, "point").values()
    assert group.ppv is not None and round(group.ppv.number / QUANTUM_IN_S) == 8


def test_an_interval_across_a_border_leaves_the_verdict_behind_it_undecided(archive: sfm.Archive) -> None:
    """It is of the point where it starts; most of it may have been recorded at the next one."""
    histogram_of(archive, [3, 3, 200, 4, 4])
    sfm.state_settings(archive, UNIT, geo_range="normal", sample_rate=1024, reason="log book")
    border = START + 2 * STEP + timedelta(minutes=1)
    sfm.place(archive, UNIT, at="North/Church", since=START - STEP, until=border)
    sfm.place(archive, UNIT, at="School", since=border)
    found = groups(archive, "point")
    peaks = {keys: round(group.ppv.number / QUANTUM_IN_S) for keys, group in found.items() if group.ppv is not None}
    assert peaks == {("North/Church",): 200, ("North/School",): 4}
    limits = sfm.summarise(archive, ("point",), sfm.Selection(), limits_from(LimitWords(("0.5in/s",)), "in/s"))
    counts = {group.keys["point"]: (group.exceeded, group.undecided, group.within) for group in limits.groups}
    assert counts == {"North/Church": (1, 0, 0), "North/School": (0, 1, 0)}
    school = sfm.points_meant(archive, (), ("School",))
    (listed,) = archive.listing(sfm.Selection(points=school, ppv_from_mm_s=0.5 * 25.4))
    assert listed.level == "undecided"
    assert list(archive.listing(sfm.Selection(points=school, ppv_from_mm_s=0.5 * 25.4, decided=True))) == []
    quiet = limits_from(LimitWords(("2in/s",)), "in/s")
    for group in sfm.summarise(archive, ("point",), sfm.Selection(), quiet).groups:
        assert (group.exceeded, group.undecided, group.within) == (0, 0, 1)
    assert archive.rebuild(dry_run=True).changed == 0


def test_a_histogram_of_a_repeated_hour_is_not_cut_by_its_clock_anywhere(archive: sfm.Archive) -> None:
    """On 2026-10-25 clocks in Berlin show 02:00 to 03:00 twice: which intervals lie behind the border is not known."""
    start = datetime(2026, 10, 25, 1)
    histogram_of(archive, [200, *[3] * 20], start)
    sfm.state_settings(archive, UNIT, geo_range="normal", sample_rate=1024, reason="log book")
    border = datetime(2026, 10, 25, 2, 30)
    sfm.place(archive, UNIT, at="North/Church", since=start - STEP, until=border)
    sfm.place(archive, UNIT, at="School", since=border)
    (event,) = archive.listing()
    assert event.placed == "undecided"
    for point in ("North/Church", "School"):
        chosen = sfm.Selection(points=sfm.points_meant(archive, (), (point,)))
        above = sfm.above_limits(archive, chosen, ("0.5in/s",))
        (group,) = sfm.summarise(archive, ("serial",), chosen).groups
        assert above.above_ids == (event.event_id,)
        assert group.ppv is not None and not group.ppv.day_known


def test_intervals_of_unknown_length_may_be_of_each_point_behind_the_start(archive: sfm.Archive) -> None:
    """Three intervals of which only the first is known to be at Church: the loud one may be at School."""
    loud = histogram_of(archive, [20, 200, 20], tells_stop=False)
    alone = histogram_of(archive, [200], START + STEP, tells_stop=False)
    sfm.state_settings(archive, UNIT, geo_range="normal", sample_rate=1024, reason="log book")
    sfm.place(archive, UNIT, at="North/Church", since=START, until=START + 30 * STEP)
    sfm.place(archive, UNIT, at="School", since=START + 30 * STEP)
    assert [event.placed for event in archive.listing()] == ["perhaps", "perhaps"]
    (church,) = groups(archive, "point").values()
    assert (church.keys, church.events, church.day_unknown) == ({"point": "North/Church"}, 2, 1)
    for point, above in (("North/Church", (loud, alone)), ("School", (loud,))):
        chosen = sfm.Selection(points=sfm.points_meant(archive, (), (point,)))
        assert sfm.above_limits(archive, chosen, ("0.5in/s",)).above_ids == above
        (group,) = groups(archive, "serial", points=chosen.points).values()
        assert group.ppv is not None and group.ppv.number == pytest.approx(200 * QUANTUM_IN_S)
        assert group.day_unknown == 1


def test_what_was_recorded_at_a_point_is_of_its_own_day_though_the_event_began_the_day_before(
    archive: sfm.Archive,
) -> None:
    """From 20:00 on for 100 intervals of five minutes, at School from 00:50 on alone."""
    histogram_of(archive, [2] * 100)
    sfm.place(archive, UNIT, at="North/Church", since=START, until=START + 30 * STEP)
    sfm.place(archive, UNIT, at="School", since=START + 58 * STEP)
    found = groups(archive, "day", "point")
    assert {keys: (group.events, group.continued) for keys, group in found.items()} == {
        ("2026-05-01", "North/Church"): (1, 0),
        ("2026-05-01", ""): (0, 1),
        ("2026-05-02", ""): (0, 1),
        ("2026-05-02", "North/School"): (0, 1),
    }
