"""`sfm import`."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from sfm_archive.demo import captures
from tests.cli.conftest import SFM


@pytest.fixture
def downloads(sfm):
    """A folder with the captures and one file that is nothing."""
    folder = sfm.folder / "downloads"
    folder.mkdir()
    for capture in captures():
        (folder / capture.name).write_bytes(capture.read_bytes())
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    return folder


def test_every_file_is_accounted_for_and_a_rejected_one_is_exit_code_1(sfm, downloads):
    result = sfm("import", "quarry.sfm", "downloads", "--create", code=1)
    assert result.stdout == (
        "files  outcome\n    3  new\n    1  rejected\n    4  found; 7 new events, 0 new revisions\n"
    )
    assert result.stderr.startswith("quarry.sfm created; encoder blastware@2, decoder waveform@1 pinned\n")
    assert f"rejected: {Path('downloads/holiday.jpg')}: " in result.stderr
    head = sfm.json("info", "quarry.sfm")["history_head"]
    assert result.stderr.endswith(f"history head {head} (9 changes)\n")


def test_importing_twice_changes_nothing_and_says_so(sfm, quarry):
    before = sfm.json("info", quarry)
    result = sfm("import", quarry, *captures())
    assert result.stdout == ("files  outcome\n    3  duplicate\n    3  found; 0 new events, 0 new revisions\n")
    assert sfm.json("info", quarry)["history_head"] == before["history_head"]


def test_json_has_exactly_the_documented_keys(sfm, downloads, closed):
    document = sfm.json("import", "quarry.sfm", "downloads", "--create", code=1)
    closed("import", document)
    assert document["files_found"] == len(document["items"]) == sum(document["totals"].values()) == 4


def test_a_dry_run_keeps_nothing(sfm, downloads):
    sfm("create", "quarry.sfm")
    head = sfm.json("info", "quarry.sfm")["history_head"]
    result = sfm("import", "quarry.sfm", "downloads", "--dry-run", code=1)
    assert "    4  found; would be 7 new events, 0 new revisions\n" in result.stdout
    after = sfm.json("info", "quarry.sfm")
    assert (after["events"], after["history_head"]) == (0, head)


def test_the_actor_stands_in_the_history(sfm, quarry):
    assert {change["actor"] for change in sfm.json("show", quarry, "1")["history"]} == {"tester"}


def test_a_missing_archive_says_how_to_make_one(sfm, downloads):
    sentence = sfm.error("import", "quarry.sfm", "downloads", code=3)
    assert sentence == "quarry.sfm does not exist; make a new archive with sfm create quarry.sfm"
    assert not Path("quarry.sfm").exists()


@pytest.mark.parametrize("options", [["--create"], ["--create", "--dry-run"]])
def test_a_slip_in_the_source_leaves_no_empty_archive(sfm, options):
    result = sfm("import", "quarry.sfm", "donwloads", *options, code=3)
    assert result.stderr.count("\n") == 1
    assert not Path("quarry.sfm").exists()


def test_a_missing_source_is_named(sfm, quarry):
    assert sfm.error("import", quarry, "donwloads", code=3).startswith("donwloads ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--serial", "UNKNOWN"], "Invalid value for '--serial': 'UNKNOWN' is not the serial of a unit"),
        (["--serial", ""], "Invalid value for '--serial': '' is not the serial of a unit"),
    ],
)
def test_a_bad_serial(sfm, quarry, arguments, sentence):
    assert sfm.usage_error("import", quarry, ".", *arguments).startswith(sentence)


def test_a_zone_that_is_none(sfm, quarry):
    assert "Europe/Atlantis" in sfm.error("import", quarry, *captures(), "--time-zone", "Europe/Atlantis", code=2)


def test_the_zone_is_kept_with_the_events(sfm):
    sfm("import", "quarry.sfm", *captures(), "--create", "--time-zone", "Europe/Berlin")
    assert {event["time_zone"] for event in sfm.json("list", "quarry.sfm")["events"]} == {"Europe/Berlin"}


def test_an_interrupted_import_says_so_and_ends_with_130(sfm, quarry, monkeypatch):
    from dataclasses import replace

    import sfm_archive.importing as importing

    real = importing.import_sources

    def stopped(*arguments):
        return replace(real(*arguments), interrupted=True)

    monkeypatch.setattr(importing, "import_sources", stopped)
    result = sfm("import", quarry, *captures(), code=130)
    assert result.stderr.splitlines()[-1] == (
        "Interrupted; what is listed above is kept. Run the same command again to continue"
    )
    assert json.loads(sfm("import", quarry, *captures(), "--json", code=130).stdout)["interrupted"] is True


def test_what_should_be_looked_at_is_told_beside_the_data(sfm):
    result = sfm("import", "quarry.sfm", *captures(), "--create")
    assert re.search(r"^look at: .*raw_s3_20260420_074512\.bin: .*missing \(1024 bytes\)", result.stderr, re.MULTILINE)


def test_what_was_told_is_not_told_again(sfm):
    first = sfm("import", "quarry.sfm", *captures(), "--create").stderr
    again = sfm("import", "quarry.sfm", *captures()).stderr
    assert "look at: " in first and "look at: " not in again


def test_a_weekly_import_ends_with_0_once_a_file_is_left_out(sfm, quarry):
    Path("test.bin").write_bytes(b"no event")
    assert "rejected: test.bin" in sfm("import", quarry, "test.bin", code=1).stderr
    decision = ("--leave-out", "test.bin", "--by", "A. Miller", "--reason", "bench test")
    assert sfm("import", quarry, *decision).stderr.splitlines()[0] == "test.bin: left out from now on"
    Path("renamed.bin").write_bytes(b"no event")
    result = sfm("import", quarry, "test.bin", "renamed.bin", *captures())
    assert "2 left out by decision" in result.stdout and "bin: " not in result.stderr
    document = sfm.json("import", quarry, "renamed.bin")
    assert document["left_out_by_decision"] == document["totals"]["left out"] == 1
    sfm("import", quarry, "test.bin", "--take-again", "test.bin", "--reason", "it is one", code=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name what to import"),
        (["--leave-out", "x"], "a decision needs a reason"),
        (["--leave-out", "x", "--reason", "y", "--dry-run"], "--dry-run decides nothing"),
        ([".", "--reason", "y"], "--by and --reason belong to"),
    ],
)
def test_a_decision_that_cannot_be_one(sfm, quarry, arguments, sentence):
    assert sfm.usage_error("import", quarry, *arguments).startswith(sentence)


def test_of_several_imports_that_start_at_once_one_makes_the_archive(sfm):
    commands = [
        subprocess.Popen([*SFM, "import", "new.sfm", str(captures()[0]), "--create"], stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    try:
        told = [command.communicate(timeout=100)[1] for command in commands]
    finally:
        for command in commands:
            command.kill()
    assert [command.returncode for command in commands] == [0] * 5, told
    assert sum("new.sfm created" in text for text in told) == 1
    assert sfm.json("verify", "new.sfm")["ok"]
