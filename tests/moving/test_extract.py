"""A part of an archive becomes one of its own, with nothing in it of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.testing import ascii_report, capture
from tests.moving.conftest import (
    ALL,
    HISTOGRAM,
    LATE,
    THIRD,
    WAVE,
    a_season,
    captured,
    event_of,
    everything_in,
    what_counts,
)

OF_OTHERS = ("South", "School", "Stone", "Cem", "UM13245", "London", "VMA of the other")


@pytest.fixture
def two_jobs(tmp_path: Path) -> sfm.Archive:
    """An archive with two jobs, a capture that has events of both, and hand-overs of each and of both."""
    with a_season(tmp_path) as world:
        everything = world.archives[ALL]
        captured(HISTOGRAM, LATE, seed=20)(everything)
        for name, selection in (("n", {"serial": "BE11529"}), ("s", {"serial": "UM13245"}), ("both", {})):
            everything.export(tmp_path / name, **selection)
        sfm.mark(everything, "sent to Stone")
        sfm.calibrate(everything, "UM13245", "2026-01-11", lab="VMA of the other", by="Cem")
    return sfm.open(tmp_path / f"{ALL}.sfm", actor="Ann")


def selected(archive: sfm.Archive, job: str) -> sfm.Selection:
    return sfm.Selection(points=sfm.points_meant(archive, [job], []))


def test_an_extract_of_a_job_verifies_and_says_of_it_what_the_archive_says(
    two_jobs: sfm.Archive, tmp_path: Path
) -> None:
    target = tmp_path / "north.sfm.extract"
    with two_jobs as archive:
        chosen = selected(archive, "North Quarry")
        report = sfm.extract(archive, target, chosen, actor="Ann")
        assert report.events == 2 and not report.not_taken and report.withheld == 1
        with sfm.open(target, read_only=True) as made:
            assert made.verify().findings == ()
            assert {row.serial for row in made.events()} == {"BE11529"}
            there, here = what_counts(archive, tmp_path), what_counts(made, tmp_path)
            for key, own in here["events"].items():
                assert own == there["events"][key]
            assert here["exports"].items() <= there["exports"].items()
            assert [job["name"] for job in here["jobs"]["jobs"]] == ["North Quarry"]
            assert len(made.handovers()) == 1
            assert made.info().archive_id == report.archive_id != archive.info().archive_id


def test_nothing_of_another_job_is_in_an_extract(two_jobs: sfm.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.sfm"
    with two_jobs as archive:
        sfm.extract(archive, target, selected(archive, "North Quarry"))
        frames = [archive.frames(event_of(archive, event)) for event in (LATE, THIRD)]
    found = everything_in(target)
    for word in OF_OTHERS:
        assert word.encode() not in found, word
    for stream in frames:
        for frame in stream:
            assert len(frame.data) < 64 or frame.data not in found


def test_merging_an_extract_back_changes_nothing(two_jobs: sfm.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.sfm"
    with two_jobs as archive:
        before = archive.history_head()
        sfm.extract(archive, target, selected(archive, "North Quarry"))
        assert archive.history_head() == before
        report = sfm.merge(archive, target)
        assert archive.history_head() == before and not report.sources[0].is_new


def test_what_was_done_in_an_extract_comes_back(two_jobs: sfm.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.sfm"
    with two_jobs as archive:
        sfm.extract(archive, target, selected(archive, "North Quarry"))
        with sfm.open(target, actor="Rock") as made:
            made.review(event_of(made, WAVE), false_trigger=False, notes="our own blast", reviewer="Rock")
            sfm.correct_point(made, "North Quarry/Church", address="1 Church Lane", reason="as measured")
        report = sfm.merge(archive, target)
        assert report.sources[0].rows == {"point": 1, "reading": 1}
        (review,) = [one for one in archive.reviews() if one.event_id == event_of(archive, WAVE)]
        assert review.reviewer == "Rock"
        assert archive.verify().findings == ()
        jobs = {job.name: job for job in sfm.overview(archive).jobs}
        assert [point.address for point in jobs["North Quarry"].points] == ["1 Church Lane"]


def test_all_of_an_archive_merged_into_an_extract_gives_all(two_jobs: sfm.Archive, tmp_path: Path) -> None:
    target = tmp_path / "out.sfm"
    with two_jobs as archive:
        sfm.extract(archive, target, selected(archive, "North Quarry"))
        with sfm.open(target) as made:
            sfm.merge(made, archive.path)
            assert made.verify().findings == ()
            assert what_counts(made, tmp_path) == what_counts(archive, tmp_path)


def test_another_jobs_words_stay_behind_wherever_somebody_put_them(two_jobs: sfm.Archive, tmp_path: Path) -> None:
    """In the comment of a capture of both, a list of blasts, names of files and notes of others; not what is typed of
    what goes along, which goes as it stands."""
    target, received = tmp_path / "out.sfm", tmp_path / "received"
    received.mkdir()
    shared = capture(Random(77), [HISTOGRAM, LATE], damaged=0) + b"\r\nZebra-capture is the stone pit's\r\n"
    (received / "raw_77.bin").write_bytes(shared)
    (received / "blasts.csv").write_text(
        "Date,Time,Name,Remarks\n2026-05-02,09:30,N1,Zebra-list hears it too\n", encoding="utf-8"
    )
    (received / "Zebra-waits.TXT").write_bytes(ascii_report(replace(LATE, serial="UM13246"), file_name="x"))
    (received / "own Zebra-name.TXT").write_bytes(ascii_report(WAVE, file_name="x"))
    with two_jobs as archive:
        archive.import_from(received)
        sfm.import_blasts(archive, "North Quarry", received / "blasts.csv", by="Ann")
        archive.review(event_of(archive, LATE), false_trigger=False, notes="Zebra-note", reviewer="Zebra-person")
        archive.review(event_of(archive, WAVE), false_trigger=False, notes="not as at Zebra-typed", reviewer="Ann")
        sfm.state_firm(archive, name="Vibration Ltd", by="Ann", reason="as Zebra-firm asked")
        sfm.extract(archive, target, selected(archive, "North Quarry"), actor="Ann")
        assert "N1" in [one.name for one in sfm.list_blasts(archive).blasts]
    with sfm.open(target, read_only=True) as made:
        assert made.verify().damage == ()
        assert "N1" in [one.name for one in sfm.list_blasts(made).blasts]
    found = everything_in(target)
    left = {word for word in (b"capture", b"list", b"waits", b"note", b"person") if b"Zebra-" + word in found}
    assert left == set()
    assert all(b"Zebra-" + word in found for word in (b"name", b"typed", b"firm"))
