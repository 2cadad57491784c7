"""Several archives become one that says what one archive that saw everything would say."""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import permutations
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main
from tests.moving.conftest import (
    ALL,
    HISTOGRAM,
    LAPTOPS,
    LATE,
    WAVE,
    World,
    a_season,
    captured,
    event_of,
    reviewed,
    what_counts,
)


@pytest.mark.parametrize("order", list(permutations(LAPTOPS)), ids=" ".join)
def test_laptops_merged_in_any_order_say_what_one_archive_says(tmp_path: Path, order: tuple[str, ...]) -> None:
    with a_season(tmp_path) as world:
        office = world.archives["office"]
        for name in order:
            report = sfm.merge(office, world.path(name))
            assert not report.damaged
            (source,) = report.sources
            assert bool(source.forked_at) == (name == "copy")
        assert office.verify().findings == ()
        assert what_counts(office, tmp_path) == what_counts(world.archives[ALL], tmp_path)
        before = office.history_head()
        again = sfm.merge(office, *(world.path(name) for name in LAPTOPS))
        assert office.history_head() == before
        assert not any(source.is_new for source in again.sources)


def test_an_archive_that_took_a_fork_of_itself_is_merged_further(tmp_path: Path) -> None:
    with a_season(tmp_path) as world:
        office, south = world.archives["office"], world.archives["south"]
        sfm.merge(office, *(world.path(name) for name in LAPTOPS))
        assert not sfm.merge(south, world.path("office")).damaged
        assert south.verify().findings == ()
        assert what_counts(south, tmp_path) == what_counts(world.archives[ALL], tmp_path)
        sfm.extract(office, tmp_path / "part.sfm", sfm.select(serial="BE11529"))
        assert not sfm.merge(office, tmp_path / "part.sfm").sources[0].is_new


def test_a_merge_tells_of_decisions_that_differ_and_counts_the_later_one(tmp_path: Path) -> None:
    with a_season(tmp_path) as world:
        office = world.archives["office"]
        (source,) = sfm.merge(office, world.path("copy")).sources
        (conflict,) = [one for one in source.conflicts if one.subject == "review"]
        assert conflict.event_id == event_of(office, HISTOGRAM)
        assert "a false trigger says Ann here, no false trigger says Dan there" in conflict.message
        assert "counts, no false trigger by Dan" in conflict.message
        (review,) = [one for one in office.reviews() if one.event_id == conflict.event_id]
        assert review.reviewer == "Dan"


def test_an_earlier_decision_that_comes_later_does_not_count(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name in ("office", "north"):
            world.make(name)
            world.do(name, captured(HISTOGRAM))
        world.do("north", reviewed(HISTOGRAM, "Ben", false=True))
        world.do("office", reviewed(HISTOGRAM, "Ann", false=False))
        office = world.archives["office"]
        (source,) = sfm.merge(office, world.path("north")).sources
        assert [one.subject for one in source.conflicts] == ["review"]
        assert [one.reviewer for one in office.reviews()] == ["Ann"]
        assert office.verify().findings == ()
        office.review(event_of(office, HISTOGRAM), false_trigger=True, notes="looked again", reviewer="Eva")
        assert [one.reviewer for one in office.reviews()] == ["Eva"]


def test_a_conflict_is_told_of_the_archive_that_has_it(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name, by, false in (("north", "Cem", False), ("south", "Ann", True), ("office", "Dan", True)):
            world.make(name)
            world.do(name, captured(HISTOGRAM))
            world.do(name, reviewed(HISTOGRAM, by, false=false))
        office = world.archives["office"]
        (north,) = sfm.merge(office, world.path("north")).sources
        (south,) = sfm.merge(office, world.path("south")).sources
        assert ["Cem" in one.message for one in north.conflicts] == [True]
        assert south.conflicts == ()


def test_rows_keep_the_times_and_persons_that_they_had(tmp_path: Path) -> None:
    with a_season(tmp_path) as world:
        office, north = world.archives["office"], world.archives["north"]
        north.export(tmp_path / "handed")
        sfm.merge(office, world.path("north"))
        (there,) = [row for row in north.events() if row.event_id == event_of(north, WAVE)]
        (here,) = [row for row in office.events() if row.event_id == event_of(office, WAVE)]
        assert here.received_at_utc == there.received_at_utc
        (handed,), (of_north,) = office.handovers(), north.handovers()
        assert (handed.at_utc, handed.actor, handed.target) == (of_north.at_utc, "north", of_north.target)
        events = {file.event_id for file in office.handover(handed.number).list}
        assert events == {event_of(office, HISTOGRAM), event_of(office, WAVE)}
        shutil.rmtree(tmp_path / "handed")
        again = office.export(tmp_path / "handed", like=handed.number)
        assert again.totals["written"] == 2


def test_two_jobs_of_one_name_stay_two_until_they_are_joined(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name, unit, event in (("office", "BE11529", HISTOGRAM), ("south", "UM13245", LATE)):
            world.make(name)
            archive = world.archives[name]
            captured(event, seed=3)(archive)
            sfm.add_job(archive, "Quarry", client=name)
            sfm.add_point(archive, "Quarry", "Church")
            sfm.place(archive, unit, at="Quarry/Church", since=datetime(2026, 5, 1))
            sfm.add_blast(archive, "Quarry", datetime(2026, 5, 1, 8), name=name, zone="UTC")
        office = world.archives["office"]
        report = sfm.merge(office, world.path("south"))
        assert report.same_names == ("Quarry",)
        assert [job.client for job in sfm.overview(office).jobs] == ["office", "south"]
        with pytest.raises(sfm.UsageError, match="2 jobs are called 'Quarry', numbers 1, 2: give the number, or join"):
            sfm.add_point(office, "Quarry", "School")
        for number, name in (("1", "office"), ("2", "south")):
            told = sfm.period_report(office, number, datetime(2026, 5, 1), datetime(2026, 6, 1))
            assert (told.job.client, [one.blast.name for one in told.blasts]) == (name, [name])
        before = office.history_head()
        assert sfm.join_jobs(office, "1", "2", reason="one contract", dry_run=True).events == 1
        assert office.history_head() == before
        done = sfm.join_jobs(office, "1", "2", reason="one contract")
        assert (done.points, done.windows, done.blasts, done.events) == (0, 1, 1, 1)
        (job,) = sfm.overview(office).jobs
        assert [(point.name, point.events) for point in job.points] == [("Church", 2)]
        assert len(sfm.list_blasts(office).blasts) == 2
        assert office.verify().findings == ()
        sfm.merge(office, world.path("south"))
        assert len(sfm.overview(office).jobs) == 1


def test_windows_of_two_archives_that_overlap_are_told_and_the_later_one_counts(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        for name in ("office", "south"):
            world.make(name)
            archive = world.archives[name]
            captured(HISTOGRAM, seed=3)(archive)
            sfm.add_job(archive, name)
            sfm.add_point(archive, name, "Church")
            sfm.place(archive, "BE11529", at=f"{name}/Church", since=datetime(2026, 5, 1))
        office = world.archives["office"]
        (source,) = sfm.merge(office, world.path("south")).sources
        (conflict,) = source.conflicts
        assert conflict.subject == "where BE11529 stood" and "a unit stands at one point at a time" in conflict.message
        assert "window 2 counts where both have it, for south said it later" in conflict.message
        (row,) = office.listing()
        assert row.job == "south"
        told = {one.window: one for job in sfm.overview(office).jobs for at in job.points for one in at.windows}
        assert {number: (one.events, one.gives_way_to) for number, one in told.items()} == {1: (0, (2,)), 2: (1, ())}
        assert office.verify().findings == ()
    done = CliRunner().invoke(main, ["jobs", str(tmp_path / "office.sfm")])
    assert "BE11529 in window 1: where window 2 has it too, that one counts" in done.output


@pytest.mark.parametrize(
    ("damage", "not_taken"),
    [
        ("UPDATE reading SET reader = 'x' WHERE reading_id = 2", "values of the"),
        ("DELETE FROM event_file WHERE event_id = 2", "event file"),
        ("UPDATE frames SET data = x'00' WHERE event_id = 1", "frames revision 1"),
        ("UPDATE history SET actor = 'nobody' WHERE sequence = 3", "change 3"),
        ("DELETE FROM history WHERE sequence = 4", "change 5"),
    ],
)
def test_of_a_damaged_archive_what_is_right_is_taken_and_the_rest_named(
    tmp_path: Path, damage: str, not_taken: str
) -> None:
    with a_season(tmp_path) as world:
        world.archives["north"].close()
        good = tmp_path / "north-backup.sfm"
        shutil.copyfile(world.path("north"), good)
        connection = apsw.Connection(str(world.path("north")))
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(damage)
        for _, sql in triggers:
            connection.execute(sql)
        connection.close()
        office, before = world.archives["office"], tmp_path / "office-before.sfm"
        office.backup(before)
        report = sfm.merge(office, world.path("north"))
        assert report.damaged
        assert any(not_taken in one.subject for one in report.sources[0].not_taken), report.sources[0].not_taken
        assert [one for one in office.verify().findings if one.severity is not sfm.Severity.NOTE] == []
        assert office.count() == 3 or "change" in not_taken
        # An undamaged copy of it, such as a backup, brings what was missing, and once.
        sfm.merge(office, good)
        assert not sfm.merge(office, good).sources[0].is_new
        assert [one for one in office.verify().findings if one.severity is not sfm.Severity.NOTE] == []
        with sfm.open(before) as other:
            sfm.merge(other, good)
            assert what_counts(office, tmp_path) == what_counts(other, tmp_path)


def test_a_dry_run_says_what_would_come_and_changes_nothing(tmp_path: Path) -> None:
    with a_season(tmp_path) as world:
        office = world.archives["office"]
        before, said = office.history_head(), what_counts(office, tmp_path)
        report = sfm.merge(office, world.path("south"), dry_run=True)
        assert report.dry_run and report.sources[0].events_new == 1
        assert office.history_head() == before and what_counts(office, tmp_path) == said
        assert sfm.merge(office, world.path("south")).sources[0].rows == report.sources[0].rows


def test_an_archive_is_not_merged_into_itself(tmp_path: Path) -> None:
    with a_season(tmp_path) as world, pytest.raises(sfm.UsageError, match="is the archive itself"):
        sfm.merge(world.archives["office"], world.path("office"))


def test_the_history_of_another_archive_is_told_and_its_tampering_found(tmp_path: Path) -> None:
    with a_season(tmp_path) as world:
        office, north = world.archives["office"], world.archives["north"]
        sfm.merge(office, world.path("north"))
        (other,) = sfm.other_archives(office)
        there = north.history()
        told = sfm.history_of_other(office, other.archive_id[:8])
        assert [(one.sequence, one.sha256, one.actor) for one in told] == [
            (row.sequence, row.sha256, row.actor) for row in there
        ]
        assert {(one.event_there, one.event_here) for one in told if one.event_there} == {
            (event_of(north, event), event_of(office, event)) for event in (HISTOGRAM, WAVE)
        }
        with pytest.raises(sfm.NotFound, match="there are changes of"):
            sfm.history_of_other(office, "0" * 32)
        office.close()
        connection = apsw.Connection(str(world.path("office")))
        found = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'merged_change_is_never_changed'")
        sql: str = found.fetchall()[0][0]
        connection.execute("DROP TRIGGER merged_change_is_never_changed")
        connection.execute("UPDATE merged_change SET actor = 'nobody' WHERE number = 2")
        connection.execute(sql)
        connection.close()
        with sfm.open(world.path("office"), read_only=True) as altered:
            subjects = {one.subject for one in altered.verify().damage}
        assert any(subject.startswith("change 2 of archive") for subject in subjects)
