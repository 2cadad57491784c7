"""`sfm settings`."""

from __future__ import annotations

from pathlib import Path

from sfm_archive.archive.settings import current_actor

DATA = Path(__file__).parents[1] / "data"
ACTOR = current_actor()


def test_a_statement_is_made_listed_and_withdrawn(sfm, quarry):
    assert sfm("settings", quarry).stdout == "no settings are stated\n"
    serial = sfm.json("list", quarry)["events"][0]["serial"]
    said = (
        "settings",
        quarry,
        serial,
        "--range",
        "Sensitive",
        "--rate",
        "2048",
        "--by",
        "A. Miller",
        "--reason",
        "log book",
    )
    tried = sfm(*said, "--dry-run")
    assert "would become others" in tried.stderr and "history head" not in tried.stderr
    done = sfm(*said)
    assert "statement 1: 3 events meant" in done.stderr and "history head" in done.stderr
    listed = sfm("settings", quarry).stdout.splitlines()
    assert "sensitive" in listed[1] and "A. Miller" in listed[1] and "log book" in listed[1]
    document = sfm.json("settings", quarry)
    assert (document["settings"][0]["sample_rate"], document["change"]) == (2048, None)
    ended = sfm("settings", quarry, "--withdraw", "1", "--reason", "another unit").stderr
    assert "statement 1 is withdrawn: 3 events meant" in ended
    assert "withdrawn by" in sfm("settings", quarry).stdout
    assert sfm("verify", quarry).exit_code == 0


def test_what_is_missing_is_said(sfm, quarry):
    assert sfm.usage_error("settings", quarry, "--range", "normal").startswith("whose settings?")
    assert sfm.usage_error("settings", quarry, "BE1", "--withdraw", "1").startswith("--withdraw N ends a statement")
    assert (
        sfm.error("settings", quarry, "BE1", "--rate", "2048", code=2)
        == "a statement needs a reason; say how it is known"
    )
    assert sfm.error("settings", quarry, "BE1", "--rate", "0", "--range", "normal", code=2).startswith(
        "no unit samples 0"
    )
    assert "has no statement 0 to withdraw" in sfm.error("settings", quarry, "--withdraw", "0", code=3)
    assert "has no statement 7" in sfm.error("settings", quarry, "--withdraw", "7", "--reason", "x", code=3)


def test_the_same_motion_gets_the_same_verdict_without_a_document_of_its_own(sfm):
    """Two files of one motion at 2048 sps, only the second with its report: its length tells the rate of the first."""
    sfm("import", "a.sfm", DATA / "assumed_rate", "--create")
    groups = sfm.json("summary", "a.sfm", "--by", "day", "--limits", "osmre")["groups"]
    assert [(one["exceeded"], one["undecided"], one["within"]) for one in groups] == [(0, 0, 1), (0, 0, 1)]
    assert "2048 sps (by start, stop and length)" in sfm("show", "a.sfm", "1").stdout
    sfm("settings", "a.sfm", "BE11529", "--rate", "2048", "--range", "normal", "--reason", "as on the next day")
    assert f"as {ACTOR} states (statement 1)" in sfm("show", "a.sfm", "1").stdout
