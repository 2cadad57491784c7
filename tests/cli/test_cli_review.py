"""`sfm review`, and the filters and summaries that heed it."""

from __future__ import annotations

import csv
import io

import pytest

from sfm_archive import Archive

WHY = ["--by", "A. Müller", "--reason", "truck on the  haul road"]


def listed(sfm, *arguments):
    return [event["event_id"] for event in sfm.json("list", *arguments)["events"]]


def test_a_false_trigger_is_marked_with_a_name_and_a_reason(sfm, quarry, closed):
    result = sfm("review", quarry, "3", "M529LL4X.MX0W", "--false-trigger", *WHY)
    assert "2 events reviewed" in result.stderr and "history head" in result.stderr
    document = sfm.json("review", quarry)
    closed("review", document)
    said = ("A. Müller", "truck on the haul road", "program")
    keys = ("event_id", "false_trigger", "reviewer", "notes", "source")
    assert [tuple(review[key] for key in keys) for review in document["reviews"]] == [
        (3, True, *said),
        (5, True, *said),
    ]
    changes = sfm.json("history", quarry)["changes"]
    assert sorted(change["event_id"] for change in changes if change["action"] == "review") == [3, 5]
    sfm("verify", quarry)


def test_the_same_decision_again_changes_nothing_and_says_so(sfm, quarry):
    sfm("review", quarry, "3", "--false-trigger", *WHY)
    before = sfm.json("info", quarry)["history_head"]
    assert "0 events reviewed, 1 decided like that before" in sfm("review", quarry, "3", "--false-trigger", *WHY).stderr
    assert sfm.json("info", quarry)["history_head"] == before


def test_a_later_decision_takes_the_place_of_an_earlier_one_and_both_stay_in_the_history(sfm, quarry):
    sfm("review", quarry, "3", "--false-trigger", *WHY)
    sfm("review", quarry, "3", "--no-false-trigger", "--reason", "blast log found", "--by", "B")
    sfm("review", quarry, "3", "--false-trigger", *WHY)
    (review,) = sfm.json("review", quarry)["reviews"]
    assert review["false_trigger"] is True and review["reviewer"] == "A. Müller"
    assert sum(change["action"] == "review" for change in sfm.json("history", quarry)["changes"]) == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["3", "--false-trigger"], "needs a reason"),
        (["3", "--false-trigger", "--reason", " \t"], "needs a reason"),
        (["--false-trigger", "--reason", "wind"], "name the events"),
        (["3", "--reason", "wind"], "say what was decided"),
        (["3", "--false-trigger", "--no-false-trigger", "--reason", "wind"], "exclude each other"),
    ],
)
def test_half_a_decision_is_refused(sfm, quarry, arguments, says):
    assert says in sfm("review", quarry, *arguments, code=2).stderr
    assert sfm.json("review", quarry)["reviews"] == []


def test_an_event_that_is_not_there_leaves_the_others_undecided(sfm, quarry):
    sfm("review", quarry, "3", "99", "--false-trigger", *WHY, code=3)
    assert sfm.json("review", quarry)["reviews"] == []


def test_lists_can_leave_false_triggers_out(sfm, quarry):
    sfm("review", quarry, "3", "7", "--false-trigger", *WHY)
    sfm("review", quarry, "5", "--no-false-trigger", "--reason", "blast 12")
    assert listed(sfm, quarry, "--false-triggers", "only") == [7, 3]
    assert listed(sfm, quarry, "--false-triggers", "without") == [5, 4, 6, 2, 1]
    rows = sfm("list", quarry).stdout.splitlines()
    assert rows[0].endswith("  review")
    marked = {int(row.split()[0]): row.split("ok")[-1].strip() for row in rows[1:] if row.endswith("false trigger")}
    assert marked == {3: "false trigger", 5: "no false trigger", 7: "false trigger"}
    table = list(csv.DictReader(io.StringIO(sfm("list", quarry, "--csv").stdout)))
    assert [row["false_trigger"] for row in table] == ["no", "yes", "", "", "yes", "", ""]


def test_a_long_reason_is_broken_into_lines_wherever_it_is_printed(sfm, quarry):
    reason = " ".join(f"word{number}" for number in range(60))
    result = sfm("review", quarry, "3", "5", "--false-trigger", "--by", "B", "--reason", reason)
    heading, *lines = result.stdout.splitlines()
    at = heading.index("reason")
    assert all(len(line) - at <= 60 for line in lines)
    assert " ".join(line[at:].strip() for line in lines) == f"{reason} {reason}", "whole, below its heading"
    assert sum(bool(line[:at].strip()) for line in lines) == 2, "an event has its cells once"
    lines = sfm("plot", quarry, "3").stdout.splitlines()
    begun = next(place for place, line in enumerate(lines) if line.startswith("False trigger"))
    assert " ".join(lines[begun:]) == f"False trigger, says B: {reason}"
    assert all(len(line) <= 80 for line in lines[begun:])


def test_a_summary_counts_false_triggers_apart(sfm, quarry):
    sfm("review", quarry, "3", "--false-trigger", *WHY)
    result = sfm("summary", quarry, "--by", "serial")
    assert (
        "false triggers" in result.stdout
        and "1 event marked as a false trigger: counted, but in no greatest" in result.stderr
    )
    groups = {group["keys"]["serial"]: group for group in sfm.json("summary", quarry, "--by", "serial")["groups"]}
    own = groups["BE11529"]
    assert (own["events"], own["false_triggers"], own["ppv"]["event_id"]) == (3, 1, 5)
    (only,) = sfm.json("summary", quarry, "--by", "serial", "--false-triggers", "only")["groups"]
    assert (only["events"], only["false_triggers"], only["ppv"]["event_id"]) == (1, 1, 3)
    printed = sfm("summary", quarry, "--by", "serial", "--false-triggers", "only")
    assert printed.stderr.splitlines()[-1].startswith("only false triggers were selected: all numbers here are theirs")
    sfm("review", quarry, "5", "--false-trigger", *WHY)
    assert "2 events marked as false triggers" in sfm("summary", quarry).stderr
    assert "false trigger" not in sfm("summary", quarry, "--false-triggers", "without").stderr
    (without,) = sfm.json("summary", quarry, "--by", "year", "--false-triggers", "without")["groups"]
    assert (without["events"], without["false_triggers"]) == (5, 0)


@pytest.mark.tables
def test_tables_of_data_have_the_review_beside_the_event(sfm, quarry):
    sfm("review", quarry, "3", "--false-trigger", *WHY)
    sfm("review", quarry, "5", "--no-false-trigger", "--reason", "blast 12", "--by", "B")
    sfm("export-data", quarry, "data", "--format", "csv")
    rows = csv.DictReader((sfm.folder / "data" / "events.csv").read_text(encoding="utf-8").splitlines())
    said = {row["event_id"]: (row["false_trigger"], row["reviewer"]) for row in rows}
    assert (said["3"], said["5"], said["1"]) == (("yes", "A. Müller"), ("no", "B"), ("", ""))
    with Archive.open(quarry, read_only=True) as archive:
        frame = archive.frame()
    assert frame["false_trigger"].to_dict() == {1: None, 2: None, 3: True, 4: None, 5: False, 6: None, 7: None}
