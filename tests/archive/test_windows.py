"""What was recorded in a window of time: also by events that began before it."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.model.selection import Continued
from sfm_archive.model.timestamps import local_text

OVERNIGHT = Path(__file__).resolve().parents[1] / "data" / "overnight_histogram"
START = datetime(2026, 5, 13, 18)


@pytest.fixture(scope="module")
def overnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A histogram of 36 hours from 18:00 on 13 May, and a waveform on 14 May."""
    path = tmp_path_factory.mktemp("overnight") / "a.sfm"
    with sfm.create(path) as archive:
        archive.import_from(OVERNIGHT)
        later = testing.simulate_waveform(
            Random(3), serial="BE11530", recorded_at=datetime(2026, 5, 14, 12), seconds=1.0, sample_rate=1024
        )
        archive.save(
            sfm.Event(serial="BE11530", recorded_at=later.recorded_at, record_type=sfm.RecordType.WAVEFORM),
            testing.read_out(later),
        )
    return path


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-05-12", "2026-05-12", []),
        ("2026-05-13", "2026-05-13", [(1, "no")]),
        ("2026-05-14", "2026-05-14", [(1, "yes"), (2, "no")]),
        ("2026-05-15", "2026-05-15", [(1, "yes")]),
        ("2026-05-15 05:59:59", None, [(1, "yes")]),
        ("2026-05-15 06:00", None, []),
        (None, "2026-05-13 17:59:59", []),
        ("2026-05-14 12:00:01", None, [(1, "yes"), (2, "yes")]),
        ("2026-05-16", None, []),
    ],
)
def test_a_day_has_what_was_recorded_on_it(
    overnight: Path, since: str | None, until: str | None, found: list[tuple[int, str]]
) -> None:
    with sfm.open(overnight, read_only=True) as archive:
        chosen = sfm.select(since=since, until=until)
        listed = [(event.event_id, event.continued.value) for event in archive.listing(chosen)]
        assert listed == found
        assert archive.count(chosen) == len(found)
        newest = sfm.select(since=since, until=until, newest_first=True)
        assert [row.event_id for row in archive.events(newest)] == [event_id for event_id, _ in reversed(found)]
        for limit in range(len(found) + 1):
            some = sfm.select(since=since, until=until, limit=limit)
            assert [row.event_id for row in archive.events(some)] == [event_id for event_id, _ in found[:limit]]


def test_an_export_of_a_day_has_the_events_that_ran_into_it(overnight: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    shutil.copy(overnight, path)
    with sfm.open(path) as archive:
        report = archive.export(tmp_path / "out", sfm.select(since="2026-05-14", until="2026-05-14"))
    assert {item.event_id for item in report.items} == {1, 2}


def test_exported_tables_say_which_events_began_before_the_window(overnight: Path, tmp_path: Path) -> None:
    with sfm.open(overnight, read_only=True) as archive:
        sfm.export_data(archive, tmp_path / "data", "csv", sfm.select(since="2026-05-14", until="2026-05-14"))
    for table in ("events", "peaks"):
        with (tmp_path / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            found = {row["event_id"]: row["continued"] for row in csv.DictReader(stream)}
        assert found == {"1": "yes", "2": "no"}


@settings(max_examples=settings.default.max_examples * 40 // 100)
@given(
    st.lists(st.tuples(st.integers(0, 96), st.integers(1, 60), st.booleans()), min_size=1, max_size=5),
    st.integers(-10, 160),
    st.one_of(st.none(), st.integers(0, 60)),
)
def test_windows_have_the_events_by_the_rule_written_a_second_time(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, bool]], since: int, lasts: int | None
) -> None:
    """Start before the end of the window and stop behind its begin; without a known stop from the start on."""
    random = Random(str(drawn))
    expected: dict[int, tuple[datetime, datetime | None]] = {}
    with sfm.create(tmp_path_factory.mktemp("w") / "a.sfm") as archive:
        for number, (hour, hours, has_samples) in enumerate(drawn):
            start = START + timedelta(hours=hour)
            event = sfm.Event(serial=f"BE{100 + number}", recorded_at=start, record_type=sfm.RecordType.HISTOGRAM)
            frames: Any = None
            if has_samples:
                simulated = testing.simulate_histogram(
                    random, serial=event.serial, recorded_at=start, count=hours, interval_seconds=3600
                )
                frames = testing.read_out(simulated)
            saved = archive.save(event, frames)
            expected[saved.event_id] = start, start + timedelta(hours=hours) if has_samples else None
        begin = START + timedelta(hours=since)
        end = None if lasts is None else begin + timedelta(hours=lasts)
        chosen = sfm.Selection(since=begin, until=end)
        found = {event.event_id: event.continued for event in archive.listing(chosen)}
    right = {
        event_id
        for event_id, (start, stop) in expected.items()
        if (end is None or start < end) and (start >= begin or stop is None or stop > begin)
    }
    assert set(found) == right
    for event_id, continued in found.items():
        start, stop = expected[event_id]
        assert (continued is Continued.NO) == (local_text(start) >= local_text(begin))
        assert (continued is Continued.UNKNOWN) == (start < begin and stop is None)
