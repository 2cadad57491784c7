"""A value reads the same wherever it is shown."""

from __future__ import annotations

import csv
import io
import json
import re

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.judged import judged_event


def test_over_range_is_one_word_in_every_output(sfm, quarry):
    values = (measured_reading("ppv", "OORANGE", "Long"), measured_reading("ppv", "0.300 in/s", "Tran"))
    with Archive.open(quarry) as archive:
        archive.attach(3, [], [ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=values)])
        page = EventPages(judged_event(archive, recording_of(archive, 3), LimitWords()), "a4")
        texts = [text.text for sheet in page.draw(1, 1, "now") for text in sheet.texts]
    shown = {
        "show": sfm("show", quarry, "3").stdout,
        "list": next(line for line in sfm("list", quarry).stdout.splitlines() if line.split()[0] == "3"),
        "summary": sfm("summary", quarry, "--by", "serial").stdout,
        "plot": sfm("plot", quarry, "3").stdout,
        "report": "\n".join(texts),
    }
    other_words = re.compile(r"over-range|OORANGE|OVER RANGE|Over range")
    for name, text in shown.items():
        assert "over range" in text, name
        assert not other_words.search(text), name
    states = [
        {value["state"] for value in sfm.json("show", quarry, "3")["values"] if value["quantity"] == "ppv"},
        {event["ppv"]["state"] for event in sfm.json("list", quarry)["events"] if event["event_id"] == 3},
        {
            row["ppv_state"]
            for row in csv.DictReader(io.StringIO(sfm("list", quarry, "--csv").stdout))
            if row["event_id"] == "3"
        },
        {group["ppv"]["state"] for group in json.loads(sfm("summary", quarry, "--json").stdout)["groups"]} - {"ok"},
    ]
    assert [state & {"over-range"} for state in states] == [{"over-range"}] * 4


def test_list_and_summary_give_a_peak_over_range_the_same_unit(sfm, quarry):
    """`OORANGE` is printed without one: that of the event's other velocities is meant."""
    values = (measured_reading("ppv", "OORANGE", "Long"), measured_reading("ppv", "7.62 mm/s", "Tran"))
    with Archive.open(quarry) as archive:
        archive.attach(3, [], [ReadingSet(source=ValueSource.SETTINGS, origin_sha256="a" * 64, readings=values)])
    (listed,) = [event["ppv"] for event in sfm.json("list", quarry)["events"] if event["event_id"] == 3]
    (group,) = sfm.json("summary", quarry, "--by", "year")["groups"]
    assert listed["state"] == group["ppv"]["state"] == "over-range"
    assert listed["unit"] == group["ppv"]["unit"] != ""
