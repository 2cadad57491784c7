"""Filters that no event passes: every command that takes them says so, writes nothing, and ends with 3."""

from __future__ import annotations

import pytest

COMMANDS = {
    "list": [],
    "summary": [],
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


def test_an_event_beside_a_filter_that_it_does_not_pass_is_an_empty_selection_too(sfm, quarry):
    assert "no event passes" in sfm.error("list", quarry, "1", "--since", "2027", "--json", code=3)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "report"])
def test_an_archive_without_events_is_answered_with_nothing(sfm, command):
    sfm("create", "empty.sfm")
    sfm(command, "empty.sfm", *COMMANDS[command])


def test_no_report_is_made_of_an_archive_without_events(sfm):
    sfm("create", "empty.sfm")
    assert "holds no event" in sfm.error("report", "empty.sfm", "-o", "out.pdf", code=3)
