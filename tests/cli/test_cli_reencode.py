"""`sfm reencode`."""

from __future__ import annotations


def test_a_dry_run_over_everything(sfm, quarry):
    before = (sfm.folder / quarry).read_bytes()
    result = sfm("reencode", quarry, "--encoder", "blastware@3", "--dry-run")
    assert result.stdout == (
        "events  outcome\n"
        "     6  same\n"
        "     1  refused\n"
        "     7  blastware@3 against blastware@2; nothing recorded: dry run\n"
    )
    assert result.stderr == ""
    assert (sfm.folder / quarry).read_bytes() == before


def test_recording_it_and_again(sfm, quarry, closed):
    result = sfm("reencode", quarry, "--encoder", "blastware@3")
    assert result.stdout.endswith("7  blastware@3 against blastware@2; 7 new records\n")
    assert result.stderr.startswith("history head ")
    document = sfm.json("reencode", quarry, "--encoder", "blastware@3")
    closed("reencode", document)
    assert (document["recorded"], {item["reused"] for item in document["items"]}) == (0, {True})
    again = sfm.json("reencode", quarry, "--encoder", "blastware@3", "--again", "--processes", "1")
    assert {item["reused"] for item in again["items"]} == {False}
    assert sfm.json("info", quarry)["pinned_encoder"] == "blastware@2"


def test_what_got_worse_ends_with_exit_code_1(sfm, quarry, closed):
    result = sfm("reencode", quarry, "--encoder", "blastware@1", "--dry-run", code=1)
    assert "     1  refused as worse\n" in result.stdout
    assert "worse because of: " in result.stdout
    assert result.stderr.startswith("refused as worse: event 2: ")
    document = sfm.json("reencode", quarry, "--encoder", "blastware@1", code=1)
    closed("reencode", document)
    assert document["recorded"] == 6


def test_filters_choose_the_events(sfm, quarry):
    document = sfm.json("reencode", quarry, "1", "--encoder", "blastware@3", "--dry-run")
    assert [item["event_id"] for item in document["items"]] == [1]
    told = sfm.error("reencode", quarry, "--encoder", "blastware@3", "--dry-run", "--serial", "BE1", code=3)
    assert "no event passes the filters" in told


def test_switching_and_back_loses_nothing(sfm, quarry):
    sfm("export", quarry, "before", code=1)
    sfm("reencode", quarry, "--encoder", "blastware@1", code=1)
    sfm("encoders", quarry, "--pin", "blastware@1")
    sfm("encoders", quarry, "--pin", "blastware@2")
    sfm("export", quarry, "after", code=1)
    before, after = (
        {path.name: path.read_bytes() for path in (sfm.folder / folder).rglob("*") if path.is_file()}
        for folder in ("before", "after")
    )
    assert before == after != {}
    assert "everything is intact" in sfm("verify", quarry).stdout


def test_what_cannot_be(sfm, quarry):
    assert "not installed" in sfm.error("reencode", quarry, "--encoder", "blastware@9", code=3)
    assert "Missing option '--encoder'" in sfm.usage_error("reencode", quarry)
    assert "--processes" in sfm.usage_error("reencode", quarry, "--encoder", "blastware@3", "--processes", "0")
