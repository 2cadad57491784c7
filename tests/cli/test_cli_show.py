"""`sfm show`."""

from __future__ import annotations

import re

import pytest

WHOLE = """\
event                    2
serial                   BE9413
recorded (device-local)  2026-04-19 09:41:50
time zone                unknown
recorded (UTC, derived)  unknown: no zone is stated (sfm zones ARCHIVE SERIAL ZONE)
type                     waveform
start key                01111476
name                     K413LJW8.9Q0W
received names           none
computed names           K413LJW8.9Q0W (call-home), K413LJW8.9Q0 (manual)
first received (UTC)     <UTC>

frames
  revision  whole  frames  bytes  received (UTC)               SHA-256
         1  no         11  <bytes>  <UTC>  <SHA-256>

encodings
  encoder      revision  outcome  bytes  package      version  first made (UTC)             handed over (UTC)  SHA-256
  blastware@2         1  refused      0  sfm-archive  0.1.0    <UTC>

files
  kind     name                        bytes  received (UTC)               SHA-256
  capture  raw_s3_20260420_074512.bin  18515  <UTC>  <SHA-256>
"""


def without_what_differs(text):
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<UTC>", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "<SHA-256>", text)


def test_everything_about_one_event(sfm, quarry):
    shown = without_what_differs(sfm("show", quarry, "2").stdout)
    identity, values = shown.split("\nvalues\n")
    assert re.sub(r"(11) +\d+ ", r"\1  <bytes> ", identity) == WHOLE
    values, rest = values.split("\n\nfindings\n")
    lines = [line.split() for line in values.splitlines()]
    assert lines[0] == ["quantity", "channel", "value", "unit", "state", "as", "written", "source"]
    assert ["ppv", "Vert", "1.415", "in/s", "ok", "device", "record"] in lines
    findings, history = rest.split("\n\nhistory\n")
    assert "blastware@2, revision 1  " in findings and "missing (1024 bytes)" in findings
    assert history == (
        "  change  at (UTC)                     by      with               action\n"
        "       3  <UTC>  tester  sfm-archive 0.1.0  save\n"
    )


@pytest.mark.parametrize("text", ["3", "M529LL33.JM0W", "m529ll33.jm0w", "M529LL33.JM0"])
def test_an_event_is_found_by_id_and_by_both_names(sfm, quarry, text):
    assert sfm.json("show", quarry, text)["event"]["event_id"] == 3


@pytest.mark.parametrize("event", ["2", "3"])
def test_json_has_exactly_the_documented_keys(sfm, quarry, closed, event):
    closed("show", sfm.json("show", quarry, event))


def test_json_tells_what_the_text_tells(sfm, quarry):
    document = sfm.json("show", quarry, "2")
    assert document["event"]["call_home_name"] == "K413LJW8.9Q0W"
    assert document["frames"][0]["whole"] is False
    assert document["encodings"][0]["outcome"] == "refused"
    assert {finding["code"] for finding in document["encodings"][0]["findings"]} == {"doubled-address", "gap"}
    assert document["history"][0]["actor"] == "tester"
    assert document["history"][0]["detail"]["event"]["serial"] == "BE9413"


def test_provenance_of_a_file_that_was_handed_over(sfm, quarry, closed):
    (before,) = sfm.json("show", quarry, "3")["encodings"]
    assert (before["last_handover"], before["last_reproduced_at_utc"]) == (None, None)
    for folder in ("out", "out", "again"):
        sfm("export", quarry, folder, "3")
    document = sfm.json("show", quarry, "3")
    closed("show", document)
    (after,) = document["encodings"]
    assert after["frames_sha256"] == document["frames"][0]["sha256"]
    assert after["encoded_at_utc"] == before["encoded_at_utc"] < after["last_reproduced_at_utc"]
    (listed,) = sfm.json("handovers", quarry, "2")["handovers"]
    assert (after["last_handover"], after["last_reproduced_at_utc"]) == (2, listed["at_utc"])
    (file,) = listed["list"]
    assert {name: file[name] for name in ("sha256", "frames_sha256", "distribution", "distribution_version")} == {
        name: after[name] for name in ("sha256", "frames_sha256", "distribution", "distribution_version")
    }
    assert file["first_made_at_utc"] == after["encoded_at_utc"]


@pytest.mark.parametrize("event", ["99", "M529AAAA.AA0W", "no name at all", "1" * 40])
def test_an_event_that_is_not_there(sfm, quarry, event):
    sentence = sfm.error("show", quarry, event, code=3)
    assert sentence.startswith("quarry.sfm holds no event ")
    assert sentence.endswith("; sfm list shows what it holds")
