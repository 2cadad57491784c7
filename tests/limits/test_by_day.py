"""A histogram's interval belongs to its own day, in summaries of days and months."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.limits.named_curves import LimitWords, limits_from
from sfm_archive.testing.histograms import HistogramInterval

OVERNIGHT = Path(__file__).resolve().parents[1] / "data" / "overnight_histogram"
USBM = limits_from(LimitWords(curves=("usbm",)))
BEGAN = datetime(2026, 5, 13, 18)


@pytest.fixture(scope="module")
def overnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 hours from 18:00 on 13 May, the loudest interval at 10:00 on 14 May."""
    path = tmp_path_factory.mktemp("overnight") / "a.sfm"
    with sfm.create(path) as archive:
        archive.import_from(OVERNIGHT)
    return path


def test_peaks_and_exceedances_are_of_the_days_of_their_intervals(overnight: Path) -> None:
    with sfm.open(overnight, read_only=True) as archive:
        groups = sfm.summarise(archive, ("day",), limits=USBM).groups
    found = [(group.keys["day"], group.events, group.continued, group.exceeded, group.within) for group in groups]
    assert found == [("2026-05-13", 1, 0, 0, 1), ("2026-05-14", 0, 1, 1, 0), ("2026-05-15", 0, 1, 0, 1)]
    peaks = [group.ppv.number for group in groups if group.ppv is not None]
    assert peaks[1] == 2.3 and peaks[0] < 0.1 > peaks[2]


def test_a_month_that_holds_all_of_it_has_the_event_whole(overnight: Path) -> None:
    with sfm.open(overnight, read_only=True) as archive:
        (group,) = sfm.summarise(archive, ("month",), limits=USBM).groups
    assert (group.events, group.continued, group.exceeded) == (1, 0, 1)
    assert group.pvs is not None and group.pvs.number == pytest.approx(2.532, abs=0.001)


@pytest.mark.parametrize(
    ("day", "events", "continued", "exceeded"),
    [("2026-05-13", 1, 0, 0), ("2026-05-14", 0, 1, 1), ("2026-05-15", 0, 1, 0)],
)
def test_a_window_counts_what_was_recorded_in_it(
    overnight: Path, day: str, events: int, continued: int, exceeded: int
) -> None:
    with sfm.open(overnight, read_only=True) as archive:
        chosen = sfm.select(since=day, until=day)
        for by in (("day",), ("serial",)):
            (group,) = sfm.summarise(archive, by, chosen, USBM).groups
            assert (group.events, group.continued, group.exceeded) == (events, continued, exceeded)


@settings(max_examples=settings.default.max_examples * 40 // 100)
@given(st.lists(st.integers(0, 1500), min_size=1, max_size=60))
def test_each_day_has_the_greatest_of_its_own_intervals(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int]
) -> None:
    """Hourly intervals from 18:00 on; the days' peaks by counting a second time."""
    intervals = [HistogramInterval(count, 20, 1, 20, 1, 20, 1, 20) for count in counts]
    simulated = testing.simulate_histogram(
        Random(1), serial="BE11529", recorded_at=BEGAN, intervals=intervals, interval_seconds=3600
    )
    with sfm.create(tmp_path_factory.mktemp("d") / "a.sfm") as archive:
        event = sfm.Event(serial="BE11529", recorded_at=BEGAN, record_type=sfm.RecordType.HISTOGRAM)
        archive.save(event, testing.read_out(simulated))
        groups = sfm.summarise(archive, ("day",)).groups
    expected: dict[str, float] = {}
    for hour, count in enumerate(counts):
        day = f"2026-05-{13 + (18 + hour) // 24:02}"
        expected[day] = max(expected.get(day, 0.0), round(max(count, 1) * 0.005, 6))
    found = {group.keys["day"]: group.ppv.number for group in groups if group.ppv is not None}
    assert found == pytest.approx(expected)
    assert sum(group.events for group in groups) == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((200, 100), (199, 12), {"2026-05-13": (1.0, "exceeded"), "2026-05-14": (0.995, "within")}),
        ((199, 100), (200, 12), {"2026-05-13": (0.995, "exceeded"), "2026-05-14": (1.0, "within")}),
        ((200, 12), (200, 100), {"2026-05-13": (1.0, "within"), "2026-05-14": (1.0, "exceeded")}),
    ],
)
def test_a_reported_peak_is_not_that_of_another_day_which_comes_near_it(
    tmp_path: Path,
    first: tuple[int, int],
    second: tuple[int, int],
    expected: dict[str, tuple[float, str]],
) -> None:
    """Counts and half periods; 512 / 100 is 5.1 Hz, where OSMRE's curve allows about 0.96 in/s, 512 / 12 is 42.7."""
    quiet = HistogramInterval(2, 20, 2, 20, 2, 20, 3, 20)
    intervals = [quiet] * 24
    intervals[2] = quiet._replace(tran=first[0], tran_half=first[1])
    intervals[15] = quiet._replace(tran=second[0], tran_half=second[1])
    simulated = testing.simulate_histogram(
        Random(1), serial="BE11529", recorded_at=BEGAN, intervals=intervals, interval_seconds=3600
    )
    (tmp_path / "in").mkdir()
    name = "M529LK44.AB0"
    (tmp_path / "in" / name).write_bytes(testing.blastware_file(simulated))
    (tmp_path / "in" / f"{name}.TXT").write_bytes(testing.ascii_report(simulated, file_name=name))
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "in")
        assert archive.count() == 1
        groups = sfm.summarise(archive, ("day",), limits=limits_from(LimitWords(curves=("osmre",)))).groups
    found = {
        group.keys["day"]: (group.ppv and group.ppv.number, "exceeded" if group.exceeded else "within")
        for group in groups
    }
    assert found == expected
