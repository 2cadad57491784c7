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
start key                0111146F
name                     K413LJW8.9Q0W
received names           none
computed names           K413LJW8.9Q0W (call-home), K413LJW8.9Q0 (manual)
first received (UTC)     <UTC>
calibration then         unknown (no calibration before that day is stated)

frames
  revision  whole  frames  bytes  received (UTC)               SHA-256
         1  no         11  <bytes>  <UTC>  <SHA-256>

encodings
  encoder      revision  outcome  bytes  package      version  first made (UTC)             handed over (UTC)  SHA-256
  blastware@2         1  refused      0  sfm-archive  0.1.0    <UTC>

files
  kind     name                        bytes  received (UTC)               SHA-256
  capture  raw_s3_20260420_074512.bin  18510  <UTC>  <SHA-256>
"""


def without_what_differs(text):
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<UTC>", text)
    return re.sub(r"\b[0-9a-f]{64}\b", "<SHA-256>", text)


def test_everything_about_one_event(sfm, quarry):
    shown = without_what_differs(sfm("show", quarry, "2").stdout)
    identity, values = shown.split("\nvalues (* counts)\n")
    assert re.sub(r"(11) +\d+ ", r"\1  <bytes> ", identity) == WHOLE
    values, rest = values.split("\n\nfindings\n")
    lines = [line.split() for line in values.splitlines()]
    assert lines[0] == ["quantity", "channel", "device", "record"]
    assert ["ppv", "Vert", "1.415", "in/s", "*"] in lines
    findings, history = rest.split("\n\nhistory\n")
    assert "blastware@2, revision 1  " in findings and "missing (1024 bytes)" in findings
    assert history == (
        "  change  at (UTC)                     by      with               action  what\n"
        "       3  <UTC>  tester  sfm-archive 0.1.0  save    new event, frames, "
        "capture raw_s3_20260420_074512.bin\n"
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
    assert document["history"][0]["detail"]["event"][0] == "BE9413"


def test_decoded_values_stand_beside_reported_ones(sfm, quarry, closed):
    from sfm_archive import Archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading

    printed = [
        measured_reading("ppv", "OORANGE in/s", "Long"),
        measured_reading("zc_frequency", ">100 Hz", "Vert"),
        measured_reading("zc_frequency", "N/A", "Tran"),
        measured_reading("pvs", "9.000 in/s"),
    ]
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=tuple(printed))
    with Archive.open(quarry) as archive:
        archive.attach(3, [], [said])
    sfm("analyse", quarry, "3", code=1)
    text = sfm("show", quarry, "3").stdout
    values = text.split("values (* counts)\n")[1].split("\n\n")[0].splitlines()
    head, *rows = [re.split(r"  +", line.strip()) for line in values]
    assert head == ["quantity", "channel", "device record", "report", "decoder"]
    assert ["ppv", "Long", "0.870 in/s", "over range *", "0.870 in/s"] in rows
    assert ["pvs", "1.243 in/s *", "9.000 in/s", "1.243 in/s"] in rows
    assert ["zc_frequency", "Vert", ">100 Hz *", "28.4 Hz"] in rows
    assert ["zc_frequency", "Tran", "N/A", "57 Hz *"] in rows
    assert ["sample_rate", "1024 sps (by start, stop and length) *"] in rows
    assert "project    North Quarry bench 12 *            device record\n" in text
    assert "decoder        waveform@1  " in text.split("\nreadings\n")[1]

    document = sfm.json("show", quarry, "3")
    closed("show", document)
    readings = document["readings"]
    assert [(one["source"], one["reader"]) for one in readings] == [
        ("settings", "settings@1"), ("device record", "device-record@1"), ("report", ""), ("decoder", "waveform@1"),
    ]  # fmt: skip
    pvs = {one["source"]: value for one in readings for value in one["values"] if value["quantity"] == "pvs"}
    assert {source: value["counts"] for source, value in pvs.items()} == {
        "device record": True, "report": False, "decoder": False,
    }  # fmt: skip
    counting = [
        {**{name: value[name] for name in value if name != "counts"}, "source": one["source"]}
        for one in readings
        for value in one["values"]
        if value["counts"]
    ]
    assert sorted(counting, key=repr) == sorted(document["values"], key=repr)


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
