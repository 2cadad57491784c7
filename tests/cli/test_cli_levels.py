"""A level selects the same events in every command, and each says how many of them are undecided, and why."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from sfm_archive import Archive, Event
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading

DATA = Path(__file__).parents[1] / "data"

SAID = (
    ("2.000 in/s", "0.100 in/s", "0.100 in/s"),  # as loud
    ("OORANGE", "0.100 in/s", "0.100 in/s"),  # as loud up to the rail of the smaller range
    ("0.100 in/s", "N/A", "0.100 in/s"),  # a channel may have been
    ("0.100 in/s", "0.100 in/s", "0.100 in/s"),  # not
)


@pytest.fixture
def archive(sfm) -> str:
    with Archive.create(sfm.folder / "a.sfm") as made:
        for number, texts in enumerate(SAID):
            peaks = tuple(
                measured_reading("ppv", text, channel)
                for text, channel in zip(texts, ("Tran", "Vert", "Long"), strict=True)
            )
            said = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number}" * 64, readings=peaks)
            event = Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 6, number))
            made.save(event, names=(f"M529LKIQ.7M{number}W",), readings=[said])
    return "a.sfm"


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("0.5in/s", {1: "yes", 2: "yes", 3: "undecided"}),
        ("1.5in/s", {1: "yes", 2: "undecided", 3: "undecided"}),
        ("9in/s", {2: "undecided", 3: "undecided"}),
    ],
)
def test_every_command_has_the_same_events_and_says_which_are_undecided(sfm, archive, asked, answers):
    level = ("--ppv-from", asked)
    undecided = list(answers.values()).count("undecided")
    listed = sfm.json("list", archive, *level)
    assert {event["event_id"]: event["level"] for event in listed["events"]} == answers
    exported = sfm.json("export", archive, "out", *level, "--dry-run", code=1)
    assert {item["event_id"]: item["level"] for item in exported["items"]} == answers
    data = sfm.json("export-data", archive, f"data {asked[0]}", "--format", "csv", *level)
    assert {item["event_id"]: item["level"] for item in data["items"]} == answers
    with (sfm.folder / f"data {asked[0]}" / "events.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert {int(row["event_id"]): row["level"] for row in rows} == answers
    why = {event["event_id"]: event["level_why"] for event in listed["events"]}
    assert {item["event_id"]: item["level_why"] for item in exported["items"]} == why
    assert {item["event_id"]: item["level_why"] for item in data["items"]} == why
    assert {int(row["event_id"]): row["level_why"] for row in rows} == why
    assert {row["undecided_left_out"] for row in rows} == {""}
    summary = sfm.json("summary", archive, *level)
    assert summary["events"] == len(answers)
    assert sum(group["level_undecided"] for group in summary["groups"]) == undecided
    analysed = sfm.json("analyse", archive, *level, "--dry-run")
    assert {item["event_id"] for item in analysed["items"]} == set(answers)
    assert listed["levels"] == exported["levels"] == data["levels"] == summary["levels"]
    assert (listed["levels"]["yes"], listed["levels"]["undecided"]) == (len(answers) - undecided, undecided)
    said = f"{undecided} of these may be as loud or not (undecided): "
    assert said in sfm("list", archive, *level).stderr


def test_undecided_events_can_be_left_out_everywhere(sfm, archive):
    level = ("--ppv-from", "1.5in/s", "--decided")
    documents = [
        sfm.json("list", archive, *level)["events"],
        sfm.json("export", archive, "out", *level, "--dry-run", code=1)["items"],
        sfm.json("export-data", archive, "data", "--format", "csv", *level)["items"],
        sfm.json("analyse", archive, *level, "--dry-run")["items"],
    ]
    assert [[item["event_id"] for item in items] for items in documents] == [[1]] * 4
    for name in ("events", "peaks"):
        with (sfm.folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as table:
            assert [row["undecided_left_out"] for row in csv.DictReader(table)] == ["2"]
    assert sfm.json("summary", archive, *level)["levels"]["left_out"] is True
    refused = sfm("analyse", archive, "--ppv-from", "9in/s", "--decided", code=3).stderr
    assert "no event passes the filters" in refused and "2 events left out that may be as loud or not" in refused


def test_the_table_in_front_of_a_report_says_how_many_are_undecided_and_why(sfm, archive):
    sfm("report", archive, "--ppv-from", "1.5in/s", "-o", "r.pdf")
    first = " ".join(PdfReader(sfm.folder / "r.pdf").pages[0].extract_text().split())
    assert "PPV that is or may be at least 38.1 mm/s (1.5 in/s)" in first
    assert "2 of these may be as loud or not (undecided): 1 over range, at least at the rail" in first
    assert "undecided: over range" in first
    sfm("report", archive, "--ppv-from", "0.05in/s", "--decided", "-o", "d.pdf")
    first = " ".join(PdfReader(sfm.folder / "d.pdf").pages[0].extract_text().split())
    assert "PPV at least 1.27 mm/s (0.05 in/s)" in first and "undecided" not in first.partition("Vibration:")[0]


def test_false_triggers_are_selected_and_stand_apart_in_every_count(sfm, archive):
    for event in ("1", "3"):
        sfm("review", archive, event, "--false-trigger", "--by", "A. Miller", "--reason", "truck")
    level = ("--ppv-from", "0.5in/s")
    for document in (sfm.json("list", archive, *level), sfm.json("summary", archive, *level)):
        levels = document["levels"]
        assert (levels["yes"], levels["undecided"], levels["false_triggers"]) == (1, 0, 2)
    assert sfm.json("list", archive, *level)["matching"] == 3
    assert sum(group["level_undecided"] for group in document["groups"]) == 0
    told = sfm("list", archive, "--ppv-from", "1.5in/s").stderr
    assert (
        "1 of these may be as loud or not (undecided): 1 over range, at least at the rail, 2 false triggers apart"
        in told
    )
    above = sfm.json("list", archive, "--above", "0.5in/s")
    assert [above["above"][name] for name in ("exceeded", "undecided", "within", "false_triggers")] == [1, 0, 1, 2]
    assert len(above["events"]) == 3
    only = sfm.json("list", archive, "--above", "0.5in/s", *level, "--false-triggers", "only")
    assert (only["above"]["exceeded"], only["above"]["undecided"], only["above"]["false_triggers"]) == (1, 1, 0)
    assert (only["levels"]["yes"], only["levels"]["undecided"], only["levels"]["false_triggers"]) == (1, 1, 0)
    assert sfm.json("list", archive, "--above", "0.5in/s", "--false-triggers", "without")["above"]["exceeded"] == 1


def test_an_event_that_nobody_told_the_peak_of_is_found_at_once(sfm):
    """Imported without a report and never analysed: its samples say 1.175 in/s, with a range that nothing tells."""
    sfm("import", "a.sfm", *sorted((DATA / "not_analysed").iterdir()), "--create")
    listed = sfm.json("list", "a.sfm", "--ppv-from", "0.5in/s")
    assert [(event["name"], event["ppv"]["number"], event["level"]) for event in listed["events"]] == [
        ("M529LKIH.400W", 1.175, "undecided")
    ]
    assert listed["levels"]["because"]["assumed range"] == 1
    assert sfm.json("list", "a.sfm", "--ppv-from", "0.1in/s")["levels"]["yes"] == 2


def test_a_vector_sum_below_the_greatest_peak_is_at_least_that_everywhere(sfm):
    """The page of one document and the table of all say the same; a sum that is only rounded is as printed."""
    said = (("0.750 in/s", "0.400 in/s"), ("0.750 in/s", "0.7499 in/s"), ("0.750 in/s", "0.9 in/s"))
    with Archive.create(sfm.folder / "a.sfm") as made:
        for number, (peak, vector) in enumerate(said):
            readings = [
                measured_reading("ppv", text, channel) for text, channel in ((peak, "Tran"), ("0.1 in/s", "Vert"))
            ]
            readings += [measured_reading("ppv", "0.1 in/s", "Long"), measured_reading("pvs", vector)]
            read = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number}" * 64, readings=tuple(readings))
            event = Event(serial="BE11529", recorded_at=datetime(2026, 5, number + 1))
            made.save(event, names=(f"M529LKIQ.7M{number}W",), readings=[read])
    archive = "a.sfm"
    groups = sfm.json("summary", archive, "--by", "day")["groups"]
    found = [(group["pvs"]["number"], group["pvs"]["state"], group["pvs"]["basis"]) for group in groups]
    assert found == [(0.75, "above-limit", "at least"), (0.7499, "ok", "reported"), (0.9, "ok", "reported")]
    assert "≥0.750 in/s" in sfm("summary", archive, "--by", "day").stdout
    (group,) = sfm.json("summary", archive, "--by", "serial")["groups"]
    assert group["pvs"]["number"] == 0.9, "a greater number stands before what is at least a smaller one"
    assert (
        "pvs: 0.400 in/s is below the greatest peak, which no vector sum is: ≥0.750 in/s"
        in sfm("show", archive, "1").stdout
    )
    assert "which no vector sum is" not in sfm("show", archive, "2").stdout
    sfm("export-data", archive, "data", "--format", "csv")
    with (sfm.folder / "data" / "peaks.csv").open(encoding="utf-8", newline="") as table:
        first = next(csv.DictReader(table))
    assert (first["pvs"], first["pvs_state"], first["pvs_basis"]) == ("0.75", "above-limit", "at least")
    sfm("report", archive, "-o", "r.pdf")
    table, page, *_ = [" ".join(page.extract_text().split()) for page in PdfReader(sfm.folder / "r.pdf").pages]
    assert "≥0.750 in/s" in table and "≥0.750 in/s (report: 0.400 in/s)" in page
