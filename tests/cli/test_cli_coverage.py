"""`sfm coverage`: when units were running, in a table, JSON and a picture."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfm_archive import Archive, Event
from sfm_archive.archive.running import note_running
from sfm_archive.model.running import MONITORING_REPLY, Running


@pytest.fixture
def covered(sfm, quarry):
    return quarry


def test_each_unit_has_its_spans_and_what_is_not_known(sfm, covered):
    result = sfm("coverage", covered)
    assert result.exit_code == 0 and "as told by" in result.stdout.splitlines()[0]
    assert ": running " in result.stderr and ", not known " in result.stderr and "quiet" not in result.output


def test_spans_say_in_words_what_tells_them_and_from_which_level_on_a_unit_triggers(sfm, covered):
    with Archive.open(sfm.folder / covered) as archive:
        begun = datetime(2031, 5, 1)
        ran = [Running(begun + timedelta(hours=n), begun + timedelta(hours=n + 1), MONITORING_REPLY) for n in (0, 1)]
        note_running(archive, "BE11529", [one._replace(origin_sha256="1" * 64, text="Geo: 0.02 in/s") for one in ran])
        archive.save(Event(serial="BE11529", recorded_at=datetime(2031, 6, 1)), names=["X.AB0"])
    lines = sfm("coverage", covered, "--serial", "BE11529", "--since", "2031").stdout.splitlines()
    assert lines[1].endswith("2 h 00 min  2 monitoring replies (Geo: 0.02 in/s)")
    assert lines[2].endswith("1 event of unknown type")


def test_it_is_closed_json(sfm, covered, closed):
    document = sfm.json("coverage", covered)
    closed("coverage", document)
    assert document["units"] and document["units"][0]["spans"][0]["sources"][0]["count"] >= 1


def test_a_window_of_which_nothing_is_known_ends_with_three(sfm, covered):
    result = sfm("coverage", covered, "--since", "2040", "--until", "2040", code=3)
    assert "it is not known" in result.stderr


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_picture_has_one_line_a_unit(sfm, covered, kind):
    result = sfm("coverage", covered, "-o", f"c.{kind}")
    assert result.exit_code == 0
    data = (sfm.folder / f"c.{kind}").read_bytes()
    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    if kind == "svg":
        for unit in sfm.json("coverage", covered)["units"]:
            assert unit["serial"].encode() in data
        assert b"empty: not known" in data
    sfm("coverage", covered, "-o", f"c.{kind}")
    other = sfm("coverage", covered, "--since", "2026", "--until", "2030", "-o", f"c.{kind}", code=6)
    assert f"c.{kind}" in other.stderr and "--overwrite" in other.stderr


def test_another_kind_of_file_is_refused(sfm, covered):
    sfm("coverage", covered, "-o", "c.txt", code=2)
