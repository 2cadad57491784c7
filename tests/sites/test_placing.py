"""At which point an event was recorded, by the windows that people state."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

MAY = datetime(2026, 5, 1, 8)


def points(archive: sfm.Archive) -> dict[int, tuple[str, str, str]]:
    return {one.event_id: (one.job, one.point, one.placed) for one in archive.listing()}


def test_an_event_is_of_the_point_whose_window_holds_its_unit_and_start(archive: sfm.Archive) -> None:
    before, first, last, behind = (save_waveform(archive, MAY + timedelta(hours=hours)) for hours in (-1, 0, 23, 24))
    other = save_waveform(archive, MAY + timedelta(hours=1), OTHER)
    sfm.place(archive, UNIT, at="North/Church", since=MAY, until=MAY + timedelta(days=1))
    at_church, nowhere = ("North", "Church", "whole"), ("", "", "")
    assert points(archive) == {
        before: nowhere,
        first: at_church,
        last: at_church,
        behind: nowhere,
        other: nowhere,
    }
    assert archive.verify().ok


def test_an_event_that_is_saved_later_lies_in_the_window_at_once(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.place(archive, UNIT, at="South/Church", since=MAY)
    late = save_waveform(archive, MAY + timedelta(days=40))
    assert points(archive)[late] == ("South", "Church", "whole")


def test_the_end_of_a_window_is_another_row_and_lets_later_events_out(archive: sfm.Archive) -> None:
    early, late = save_waveform(archive, MAY), save_waveform(archive, MAY + timedelta(days=2))
    made = sfm.place(archive, UNIT, at="School", since=MAY)
    ended = sfm.end_window(archive, made.number, MAY + timedelta(days=1), by="A. Miller", reason="moved")
    assert (ended.number, ended.events, ended.changed) == (made.number, 2, 1)
    assert points(archive) == {early: ("North", "School", "whole"), late: ("", "", "")}
    said = [(one.decided_by, one.reason) for one in sfm.told_history(archive) if one.action == "state"]
    assert said[-1] == ("A. Miller", "moved")


def test_a_withdrawn_window_counts_for_no_event_and_stays_in_the_history(archive: sfm.Archive) -> None:
    event = save_waveform(archive, MAY)
    made = sfm.place(archive, UNIT, at="School", since=MAY)
    kept = archive.frames(event)
    sfm.withdraw_window(archive, made.number, by="B", reason="another unit")
    assert points(archive) == {event: ("", "", "")}
    assert archive.frames(event) == kept
    told = [one.what for one in sfm.told_history(archive, event)]
    assert any("unit window 1 withdrawn" in what for what in told)
    with pytest.raises(sfm.NotFound, match="was withdrawn by B"):
        sfm.end_window(archive, made.number, MAY + timedelta(days=1))


def test_windows_of_a_unit_that_overlap_are_refused_and_the_other_is_named(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.place(archive, UNIT, at="South/Church", since=MAY, until=MAY + timedelta(days=3))
    with pytest.raises(sfm.UsageError, match=r"BE11529 stood at South/Church from 2026-05-01 08:00:00 .*window 1"):
        sfm.place(archive, UNIT, at="School", since=MAY + timedelta(days=2))
    sfm.place(archive, UNIT, at="School", since=MAY + timedelta(days=3))
    with pytest.raises(sfm.UsageError, match="window 2"):
        sfm.end_window(archive, 1, MAY + timedelta(days=4))


@pytest.mark.parametrize(
    ("at", "since", "until", "error"),
    [
        ("North/Nowhere", MAY, None, "has no point 'Nowhere'"),
        ("Church", MAY, None, "2 jobs have a point 'Church'"),
        ("School", MAY, MAY, "ends before it begins"),
        ("School", MAY + timedelta(seconds=1), None, "to the minute"),
    ],
)
def test_a_window_that_cannot_be_is_a_sentence_and_keeps_nothing(
    archive: sfm.Archive, at: str, since: datetime, until: datetime | None, error: str
) -> None:
    save_waveform(archive, MAY)
    head = archive.history_head()
    with pytest.raises((sfm.UsageError, sfm.NotFound), match=error):
        sfm.place(archive, UNIT, at=at, since=since, until=until)
    assert archive.history_head() == head


def test_a_unit_that_the_archive_does_not_know_is_refused(archive: sfm.Archive) -> None:
    with pytest.raises(sfm.NotFound, match="has no event of BE999"):
        sfm.place(archive, "BE999", at="School", since=MAY)


def test_the_same_again_keeps_nothing(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.place(archive, UNIT, at="School", since=MAY)
    head = archive.history_head()
    assert not sfm.place(archive, UNIT, at="School", since=MAY).new
    assert not sfm.add_job(archive, "North", zone="Europe/Berlin").new
    assert not sfm.add_point(archive, "North", "Church").new
    assert archive.history_head() == head


def test_a_dry_run_keeps_nothing_and_says_what_it_would_change(archive: sfm.Archive) -> None:
    event = save_waveform(archive, MAY)
    head = archive.history_head()
    made = sfm.place(archive, UNIT, at="School", since=MAY, dry_run=True)
    assert (made.events, made.changed, made.dry_run) == (1, 1, True)
    assert archive.history_head() == head
    assert points(archive) == {event: ("", "", "")}


def test_a_histogram_that_crosses_a_border_is_of_both_points(archive: sfm.Archive) -> None:
    over_night = save_histogram(archive, MAY, count=12 * 30)
    sfm.place(archive, UNIT, at="North/Church", since=MAY, until=MAY + timedelta(hours=20))
    sfm.place(archive, UNIT, at="School", since=MAY + timedelta(hours=22))
    assert points(archive) == {over_night: ("North", "Church", "part")}
    for chosen in (sfm.points_meant(archive, (), ("North/Church",)), sfm.points_meant(archive, (), ("School",))):
        assert [row.event_id for row in archive.events(sfm.Selection(points=chosen))] == [over_night]
    other = sfm.points_meant(archive, ("South",), ())
    assert list(archive.events(sfm.Selection(points=other))) == []
    # Two hours of it were recorded at no point.
    assert [row.event_id for row in archive.events(sfm.Selection(unplaced=True))] == [over_night]


def test_in_a_repeated_hour_the_side_of_a_border_is_undecided(archive: sfm.Archive) -> None:
    """On 2026-10-25 clocks in Berlin show 02:00 to 03:00 twice."""
    clock = datetime(2026, 10, 25, 2, 10)
    doubtful, later = save_waveform(archive, clock), save_waveform(archive, datetime(2026, 10, 25, 3, 10))
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 10, 1), until=datetime(2026, 10, 25, 2, 30))
    sfm.place(archive, UNIT, at="School", since=datetime(2026, 10, 25, 2, 30))
    assert points(archive) == {doubtful: ("", "", "undecided"), later: ("North", "School", "whole")}
    for name in ("North/Church", "School"):
        chosen = sfm.points_meant(archive, (), (name,))
        assert doubtful in {row.event_id for row in archive.events(sfm.Selection(points=chosen))}
    assert sfm.overview(archive).undecided == 1


def test_a_job_or_point_with_something_on_it_is_not_withdrawn(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.place(archive, UNIT, at="South/Church", since=MAY)
    with pytest.raises(sfm.UsageError, match=r"units stood at Church \(window 1\)"):
        sfm.withdraw_point(archive, "South/Church", reason="x")
    with pytest.raises(sfm.UsageError, match="has point Church"):
        sfm.withdraw_job(archive, "South", reason="x")
    sfm.withdraw_window(archive, 1, reason="x")
    sfm.withdraw_point(archive, "South/Church", reason="x")
    sfm.withdraw_job(archive, "South", reason="x")
    assert [job.name for job in sfm.overview(archive).jobs] == ["North"]
    assert archive.verify().ok


_PLACE = """
import sys, datetime, sfm_archive as sfm
with sfm.open(sys.argv[1]) as archive:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        sfm.place(archive, "BE11529", at=sys.argv[2], since=datetime.datetime(2026, 5, 1, 8))
        print("placed")
    except sfm.UsageError as error:
        print(error)
"""


def test_of_two_programs_that_place_one_unit_at_once_one_is_told(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    command = [sys.executable, "-c", _PLACE, str(archive.path)]
    started = [
        subprocess.Popen([*command, at], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for at in ("School", "South/Church")
    ]
    try:
        for one in started:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        answers = [one.communicate("\n", timeout=50)[0] for one in started]
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert sorted(answer == "placed\n" for answer in answers) == [False, True]
    (told,) = (answer for answer in answers if answer != "placed\n")
    assert "stood at" in told
    assert archive.verify().ok


SPANS = st.lists(st.tuples(st.integers(0, 96), st.integers(1, 30)), max_size=5)


@settings(max_examples=settings.default.max_examples * 30 // 100)
@given(spans=SPANS, starts=st.lists(st.integers(0, 120), min_size=1, max_size=6, unique=True), late=st.booleans())
def test_points_are_those_of_the_words_whatever_comes_first(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]], starts: list[int], late: bool
) -> None:
    """By the words: an event is of the point whose window holds its start; windows that overlap are refused."""
    path: Path = tmp_path_factory.mktemp("placed") / "a.sfm"
    hour = timedelta(hours=1)
    with sfm.create(path) as archive:
        sfm.add_job(archive, "J")
        save_waveform(archive, MAY - 200 * hour)
        events = {} if late else {save_waveform(archive, MAY + start * hour): start for start in starts}
        kept: list[tuple[int, int, str]] = []
        for number, (begin, length) in enumerate(spans):
            name = f"P{number}"
            sfm.add_point(archive, "J", name)
            fits = all(begin >= other_end or begin + length <= other for other, other_end, _ in kept)
            try:
                sfm.place(archive, UNIT, at=name, since=MAY + begin * hour, until=MAY + (begin + length) * hour)
                assert fits
                kept.append((begin, begin + length, name))
            except sfm.UsageError:
                assert not fits
        events = events or {save_waveform(archive, MAY + start * hour): start for start in starts}
        found = points(archive)
        for event_id, start in events.items():
            expected = [name for begin, end, name in kept if begin <= start < end]
            assert found[event_id][1] == (expected[0] if expected else "")
        assert archive.rebuild(dry_run=True).changed == 0
