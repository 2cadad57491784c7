"""JSON for programs: the keys and values of `--json`, described, and cheap to ask for again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main

ADDRESSES = (
    "/api/quarry/events", "/api/quarry/events/1", "/api/quarry/events/1/samples", "/api/quarry/summary",
    "/api/quarry/jobs",
)  # fmt: skip


def told(*arguments: str | Path) -> Any:
    return json.loads(CliRunner().invoke(main, [*map(str, arguments), "--json"]).stdout)


def test_documents_are_those_of_the_command_line(site, made_once):
    path = made_once / "quarry.sfm"
    for address, command in (
        ("events?serial=BE11529", ("list", path, "--serial", "BE11529")),
        ("events/1", ("show", path, "1")),
        ("summary?by=serial,type", ("summary", path, "--by", "serial,type")),
        ("jobs", ("jobs", path)),
    ):
        answered, printed = json.loads(site.get(f"/api/quarry/{address}").data), told(*command)
        printed["archive"] = answered["archive"] = "quarry"
        answered.pop("next", None)
        assert answered == printed, address


def test_asked_again_nothing_is_sent_until_something_changes(served, made_once, tmp_path):
    shutil.copyfile(made_once / "quarry.sfm", tmp_path / "quarry.sfm")
    with served(tmp_path / "quarry.sfm") as running:
        states = {one: running.get(one).headers["etag"] for one in ADDRESSES}
        assert len(set(states.values())) == len(ADDRESSES)
        for one, state in states.items():
            again = running.get(one, If_None_Match=f'"x", {state}')
            assert (again.status, again.data) == (304, b"")
            assert running.get(f"{one}?units=mm/s", If_None_Match=state).status == 200
        with sfm.open(tmp_path / "quarry.sfm") as archive:
            archive.review(3, false_trigger=True, notes="truck")
        assert {running.get(one, If_None_Match=state).status for one, state in states.items()} == {200}


def test_a_part_of_the_samples_is_all_of_them(site):
    waveform = json.loads(site.get("/api/quarry/events?type=waveform").data)["events"][0]["event_id"]
    address = f"/api/quarry/events/{waveform}/samples"
    whole = json.loads(site.get(f"{address}?parts=20000").data)["samples"]
    assert whole["kind"] == "samples" and whole["size"] == len(whole["starts"])
    rough = json.loads(site.get(f"{address}?parts=7").data)["samples"]
    part = json.loads(site.get(f"{address}?from=100&to=140").data)["samples"]
    for fine, coarse, some in zip(whole["channels"], rough["channels"], part["channels"], strict=True):
        assert (min(coarse["low"]), max(coarse["high"])) == (min(fine["low"]), max(fine["high"]))
        assert some["low"] == fine["low"][100:140] and part["starts"] == list(range(100, 140))
    for wrong in ("from=5&to=5", "parts=0", "parts=999999", "from=-1"):
        assert site.get(f"{address}?{wrong}").status == 400


def test_what_there_is_to_ask_for_is_described(site):
    document = json.loads(site.get("/api/openapi.json").data)
    assert document["openapi"].startswith("3.1")
    for path in document["paths"]:
        filled = path.replace("{archive}", "quarry").replace("{event}", "1")
        assert site.get(filled).status == 200, path
        named = {one["name"] for one in document["paths"][path]["get"]["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
    listed = json.loads(site.get("/api/quarry/events").data)["events"][0]
    assert set(listed) == set(document["components"]["schemas"]["ListedEvent"]["properties"])
    shown = json.loads(site.get("/api/quarry/events/1").data)
    assert set(shown) - {"archive", "sealed"} == set(
        document["components"]["schemas"]["EventDescription"]["properties"]
    )


def test_what_is_not_there_is_said_as_json(site):
    answer = site.get("/api/quarry/events/99")
    assert answer.status == 404 and "99" in json.loads(answer.data)["error"]
    assert json.loads(site.get("/api/nowhere/events").data)["error"]


def test_an_interval_of_a_histogram_has_its_numbers(site, made_once):
    with sfm.open(made_once / "quarry.sfm", read_only=True) as archive:
        (event_id,) = [one.event_id for one in archive.listing(record_type="histogram")][:1]
    page = site.get(f"/quarry/event/{event_id}?interval=2").text
    assert re.search(r'id="interval-time">20\d\d-\d\d-\d\d \d\d:\d\d:\d\d to', page) and "Hz" in page
    assert site.get(f"/quarry/event/{event_id}?interval=999999").status == 400
    waveform = json.loads(site.get("/api/quarry/events?type=waveform").data)["events"][0]["event_id"]
    assert site.get(f"/quarry/event/{waveform}?interval=1").status == 400, "a waveform has none"
