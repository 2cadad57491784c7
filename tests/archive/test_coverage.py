"""When units were running: joined spans, windows, and what is not known."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.coverage import coverage, joined, left_out
from sfm_archive.archive.running import note_running
from sfm_archive.model.running import MONITORING_REPLY, Running
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform

DAY = datetime(2026, 5, 1)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def ran(since: float, until: float, source: str = "histogram") -> Running:
    return Running(at(since), at(until), source, "1" * 64)


@pytest.fixture
def quarry(tmp_path: Path) -> sfm.Archive:
    random = Random(1)
    archive = sfm.create(tmp_path / "q.sfm")
    events = [
        simulate_histogram(random, serial="BE11529", recorded_at=at(6), count=120, interval_seconds=60),
        simulate_waveform(random, serial="BE11529", recorded_at=at(7), seconds=2.0),
        simulate_histogram(random, serial="BE18003", recorded_at=at(22), count=240, interval_seconds=60),
    ]
    for event in events:
        archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), read_out(event))
    note_running(archive, "BE11529", [ran(8, 11, MONITORING_REPLY), ran(13, 14, MONITORING_REPLY)])
    return archive


def test_events_and_intervals_of_a_unit_are_spans_that_do_not_touch(quarry):
    one, two = coverage(quarry)
    assert (one.serial, two.serial) == ("BE11529", "BE18003")
    assert [(span.since_local, span.until_local) for span in one.spans] == [
        ("2026-05-01T06:00:00", "2026-05-01T11:00:00"),
        ("2026-05-01T13:00:00", "2026-05-01T14:00:00"),
    ]
    assert [(source.source, source.count) for source in one.spans[0].sources] == [
        ("histogram", 1), ("monitoring reply", 1), ("waveform", 1),
    ]  # fmt: skip
    assert (one.running_s, one.not_known_s) == (6 * 3600, 2 * 3600)


def test_a_span_says_the_trigger_levels_of_its_monitoring_replies(quarry):
    told = [
        ran(10, 12, MONITORING_REPLY)._replace(text="Geo: 0.020 in/s"),
        ran(11, 12, MONITORING_REPLY)._replace(text="Geo: 0.050 in/s"),
        ran(12, 12.5, "monitor log")._replace(text="Started"),
    ]
    note_running(quarry, "BE11529", told)
    first, second = coverage(quarry, ["BE11529"])[0].spans
    assert first.trigger_levels == ("Geo: 0.020 in/s", "Geo: 0.050 in/s")
    assert second.trigger_levels == ()


def test_a_window_cuts_spans_and_the_rest_of_it_is_not_known(quarry):
    (unit,) = coverage(quarry, ["BE18003"], since=at(23), until=at(48))
    assert [(span.since_local, span.until_local) for span in unit.spans] == [
        ("2026-05-01T23:00:00", "2026-05-02T02:00:00")
    ]
    assert (unit.running_s, unit.not_known_s) == (3 * 3600, 22 * 3600)
    (nothing,) = coverage(quarry, ["BE18003"], since=at(48), until=at(72))
    assert nothing.spans == () and nothing.not_known_s == 24 * 3600
    (stranger,) = coverage(quarry, ["BE7"])
    assert stranger.spans == () and stranger.not_known_s is None


def test_an_event_without_a_known_end_is_a_moment_and_said(tmp_path):
    with sfm.create(tmp_path / "q.sfm") as archive:
        archive.save(sfm.Event(serial="BE11529", recorded_at=at(6)), names=["X.AB0"])
        (unit,) = coverage(archive)
    assert [(span.since_local, span.seconds) for span in unit.spans] == [("2026-05-01T06:00:00", 0)]
    assert unit.without_end == 1 and "without a known end" in left_out([unit])


def test_a_clock_that_was_never_set_tells_nothing(tmp_path):
    with sfm.create(tmp_path / "q.sfm") as archive:
        note_running(archive, "BE11529", [Running(datetime(1995, 1, 1), datetime(1995, 1, 2), "monitor log", "1" * 64)])
        (unit,) = coverage(archive)
    assert unit.spans == () and unit.undated == 1


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10)), max_size=20))
def test_joined_spans_cover_the_same_moments_and_never_touch(drawn):
    spans = [ran(start, start + length) for start, length in drawn]
    found = joined(spans)
    for hour in range(62):
        moment = at(hour + 0.5).isoformat()
        inside = any(one.since < at(hour + 0.5) < one.until for one in spans)
        assert inside == any(span.since_local < moment < span.until_local for span in found)
    assert all(one.until_local < other.since_local for one, other in pairwise(found))
    assert sum(source.count for span in found for source in span.sources) == len(spans)


def test_spans_are_noted_once_and_stand_in_the_history(quarry):
    assert note_running(quarry, "BE11529", [ran(8, 11, MONITORING_REPLY), ran(20, 21, MONITORING_REPLY)]) == 1
    assert quarry.history()[-1].action == "note running"
    assert quarry.verify().ok
