"""Filters that no event passes: what works on events says so and ends with 3, what answers answers with nothing."""

from __future__ import annotations

import pytest

COMMANDS = {
    "export": ["out"],
    "export-data": ["out", "--format", "csv"],
    "report": ["-o", "out.pdf"],
    "analyse": [],
    "reencode": ["--encoder", "blastware@3"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_filters_that_no_event_passes_end_with_3_and_nothing_is_written(sfm, quarry, command):
    head = sfm.json("info", quarry)["history_head"]
    told = sfm.error(command, quarry, *COMMANDS[command], "--serial", "BE1", code=3)
    assert told == "quarry.sfm: no event passes the filters; sfm list quarry.sfm shows what there is"
    assert not list(sfm.folder.glob("out*")) and sfm.json("info", quarry)["history_head"] == head


def test_a_decision_on_an_event_that_a_filter_leaves_out_ends_so_too(sfm, quarry):
    decision = ("--false-trigger", "--reason", "truck", "--since", "2027")
    assert "no event passes the filters" in sfm.error("review", quarry, "1", *decision, code=3)


@pytest.mark.parametrize("command", ["list", "summary", "review"])
def test_a_question_about_no_event_is_answered_with_nothing(sfm, quarry, command):
    assert sfm(command, quarry, "--since", "2027").stdout == ""
    document = sfm.json(command, quarry, "--since", "2027")
    assert [found for found in document.values() if isinstance(found, list) and found] in ([], [["month", "serial"]])


def test_an_event_beside_a_filter_that_it_does_not_pass_is_an_empty_selection_too(sfm, quarry):
    assert sfm.json("list", quarry, "1", "--since", "2027")["events"] == []
    assert "no event passes" in sfm.error("export", quarry, "out", "1", "--since", "2027", code=3)


@pytest.mark.parametrize("command", [*(name for name in COMMANDS if name != "report"), "list", "summary", "review"])
def test_an_archive_without_events_is_answered_with_nothing(sfm, command):
    sfm("create", "empty.sfm")
    sfm(command, "empty.sfm", *COMMANDS.get(command, []))


def test_no_report_is_made_of_an_archive_without_events(sfm):
    sfm("create", "empty.sfm")
    assert "holds no event" in sfm.error("report", "empty.sfm", "-o", "out.pdf", code=3)
