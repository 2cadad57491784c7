"""When units were running at some points: spans cut at the windows of units there."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.coverage import coverage
from sfm_archive.archive.running import note_running
from sfm_archive.cli import main
from sfm_archive.model.running import MONITORING_REPLY, Running
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

DAY = datetime(2026, 5, 4)


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


@pytest.fixture
def moved(archive: sfm.Archive) -> sfm.Archive:
    """Running from 6 to 16: at Church from 8 to 10, at School from 10 to 12, at Church again from 14 on; another unit
    at no point."""
    save_histogram(archive, hour(6), 120)
    save_waveform(archive, hour(20), OTHER)
    sfm.place(archive, UNIT, at="North/Church", since=hour(8), until=hour(10))
    sfm.place(archive, UNIT, at="School", since=hour(10), until=hour(12))
    sfm.place(archive, UNIT, at="North/Church", since=hour(14))
    return archive


def spans(archive: sfm.Archive, *points: str, **chosen: object) -> dict[str, list[tuple[int, int]]]:
    numbers = sfm.points_meant(archive, (), points)
    found = coverage(archive, points=numbers, **chosen)  # type: ignore[arg-type]
    return {
        unit.serial: [(int(one.since_local[11:13]), int(one.until_local[11:13])) for one in unit.spans]
        for unit in found
    }


def test_spans_are_cut_at_the_windows_of_the_points(moved: sfm.Archive) -> None:
    assert spans(moved, "North/Church") == {UNIT: [(8, 10), (14, 16)]}
    assert spans(moved, "School") == {UNIT: [(10, 12)]}
    assert spans(moved, "North/Church", "School") == {UNIT: [(8, 12), (14, 16)]}
    assert spans(moved, "South/Church") == {}
    assert spans(moved, "School", since=hour(11)) == {UNIT: [(11, 12)]}


def test_what_is_not_known_is_of_the_time_there_alone(moved: sfm.Archive) -> None:
    church = sfm.points_meant(moved, (), ("North/Church",))
    (unit,) = coverage(moved, points=church, until=hour(24))
    assert [(one.since_local, one.until_local) for one in unit.windows] == [
        ("2026-05-04T08:00:00", "2026-05-04T10:00:00"),
        ("2026-05-04T14:00:00", "2026-05-05T00:00:00"),
    ]
    assert (unit.running_s, unit.not_known_s) == (4 * 3600, 8 * 3600)


def test_unplaced_is_what_lies_outside_every_window(moved: sfm.Archive) -> None:
    assert spans(moved, unplaced=True) == {UNIT: [(6, 8), (12, 14)], OTHER: [(20, 20)]}
    assert spans(moved, "School", unplaced=True) == {UNIT: [(6, 8), (10, 14)], OTHER: [(20, 20)]}


def test_a_unit_that_never_stood_there_is_said_where_it_is_asked_for(moved: sfm.Archive) -> None:
    result = CliRunner().invoke(main, ["coverage", str(moved.path), "--point", "School", "--serial", OTHER])
    assert result.exit_code == 3
    assert f"{OTHER}: no window of it is of what is asked for" in result.stderr


def test_what_ended_at_the_border_is_not_of_the_next_point(archive: sfm.Archive) -> None:
    save_histogram(archive, hour(6), 12)
    sfm.place(archive, UNIT, at="School", since=hour(7))
    (unit,) = coverage(archive, points=sfm.points_meant(archive, (), ("School",)))
    assert unit.spans == ()


def test_the_picture_and_the_table_are_of_the_points(moved: sfm.Archive, tmp_path: Path) -> None:
    target = tmp_path / "c.svg"
    result = CliRunner().invoke(main, ["coverage", str(moved.path), "--job", "North", "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert "grey: not at these points" in target.read_text()
    assert "2 windows within" in result.stderr
    plain = CliRunner().invoke(main, ["coverage", str(moved.path), "-o", str(tmp_path / "d.svg")])
    assert plain.exit_code == 0
    assert "grey" not in (tmp_path / "d.svg").read_text()


@settings(max_examples=20, deadline=None)
@given(
    ran=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6),
    stood=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5), st.sampled_from(["School", "North/Church"]))),
)
def test_points_and_no_point_share_the_whole_out(
    tmp_path_factory: pytest.TempPathFactory,
    ran: list[tuple[int, int]],
    stood: list[tuple[int, int, str]],
) -> None:
    with sfm.create(tmp_path_factory.mktemp("shared") / "q.sfm") as archive:
        sfm.add_job(archive, "North")
        numbers = [sfm.add_point(archive, "North", name).number for name in ("Church", "School")]
        sfm.calibrate(archive, UNIT, "2026-01-01")
        own = [Running(hour(a), hour(a + length), MONITORING_REPLY, "1" * 64) for a, length in dict(ran).items()]
        note_running(archive, UNIT, own)
        free = 0
        for gap, length, point in stood:
            sfm.place(archive, UNIT, at=point, since=hour(free + gap), until=hour(free + gap + length))
            free += gap + length
        parts = [[number] for number in numbers]
        seconds = [unit.running_s for part in parts for unit in coverage(archive, points=part)]
        seconds += [unit.running_s for unit in coverage(archive, unplaced=True)]
        whole = sum(unit.running_s for unit in coverage(archive))
        assert sum(seconds) == whole
        together = coverage(archive, points=numbers, unplaced=True)
        assert sum(unit.running_s for unit in together) == whole
