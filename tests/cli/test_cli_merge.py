"""`sfm merge`, `sfm extract`, `sfm job join` and `sfm history --of`."""

from __future__ import annotations

import pytest

from sfm_archive.demo import captures


@pytest.fixture
def office(sfm, quarry):
    """An empty archive, beside one with the demo's events."""
    sfm("create", "office.sfm")
    return "office.sfm"


def test_what_another_archive_has_is_taken_and_told(sfm, quarry, office):
    document = sfm.json("merge", office, quarry)
    assert document["sources"][0]["events_new"] == 7 and not document["dry_run"]
    assert sfm.json("list", office)["shown"] == 7
    result = sfm("merge", office, quarry)
    assert "nothing new in its" in result.stdout
    sfm("verify", office)
    others = sfm.json("history", office)["others"]
    (other,) = others
    told = sfm("history", office, "--of", other["archive_id"][:8]).stdout
    assert "event there" in told and "save" in told
    assert len(sfm.json("history", office, "--of", other["archive_id"])["changes_of_other"]) == other["changes"]
    assert "no change of an archive" in sfm.error("history", office, "--of", "0" * 32, code=3)


def test_conflicts_are_listed_and_give_another_exit_code(sfm, quarry, office):
    sfm("import", office, *captures())
    sfm("review", office, "1", "--false-trigger", "--reason", "a truck", "--by", "Ann")
    sfm("review", quarry, "1", "--no-false-trigger", "--reason", "our blast", "--by", "Ben")
    result = sfm("merge", office, quarry, code=1)
    assert "conflict: event 1, review: a false trigger says Ann here, no false trigger says Ben there" in result.stderr


def test_an_import_of_an_archive_says_to_merge_it(sfm, quarry, office):
    assert "sfm merge takes all of another archive over" in sfm("import", office, quarry, code=1).stderr


def test_a_part_becomes_an_archive_of_its_own(sfm, quarry):
    document = sfm.json("extract", quarry, "part.sfm", "1", "2")
    assert document["events"] == 2
    assert sfm.json("list", "part.sfm")["shown"] == 2
    sfm("verify", "part.sfm")
    result = sfm("extract", quarry, "other.sfm", "--serial", "BE11529")
    assert "by their hash alone" in result.stdout
    assert "exists" in sfm.error("extract", quarry, "part.sfm", code=6)
    assert "no event" in sfm.error("extract", quarry, "none.sfm", "--since", "2030", code=3)
    assert "nothing new" in sfm("merge", quarry, "part.sfm").stdout


def test_jobs_are_joined(sfm, quarry, office):
    for archive in (quarry, office):
        sfm("job", "add", archive, "Quarry")
        sfm("point", "add", archive, "Quarry", "Church")
    result = sfm("merge", office, quarry)
    assert "two jobs are called 'Quarry': sfm job join makes them one" in result.stderr
    result = sfm("job", "join", office, "1", "2", "--reason", "one contract")
    assert "job 2 is job 1, Quarry" in result.stderr
    assert len(sfm.json("jobs", office)["sites"]["jobs"]) == 1
