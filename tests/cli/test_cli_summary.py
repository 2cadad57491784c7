"""`sfm summary`: counts and maxima."""

from __future__ import annotations

import csv
import io

from sfm_archive import Archive
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading


def test_by_month_and_serial(sfm, quarry, closed):
    document = sfm.json("summary", quarry)
    closed("summary", document)
    assert document["by"] == ["month", "serial"] and document["events"] == 7
    assert [(g["keys"]["month"], g["keys"]["serial"], g["events"]) for g in document["groups"]] == [
        ("2026-04", "BE9413", 2),
        ("2026-05", "BE11529", 3),
        ("2026-05", "BE14036", 2),
    ]
    greatest = document["groups"][1]["ppv"]
    assert (greatest["event_id"], greatest["channel"], greatest["unit"]) == (3, "Vert", "in/s")
    assert document["groups"][1]["pspl"]["unit"] == "dB(L)"
    text = sfm("summary", quarry).stdout
    assert "0.885 in/s" in text and "123.7 dB(L)" in text


def test_over_range_stands_above_every_number(sfm, quarry):
    loud = ReadingSet(
        source=ValueSource.DEVICE_RECORD, origin_sha256="c" * 64, readings=(measured_reading("ppv", "OORANGE", "Long"),)
    )
    with Archive.open(quarry) as archive:
        archive.attach(7, [], [loud])
    (group,) = sfm.json("summary", quarry, "--by", "year")["groups"]
    assert group["over_range"] == 1
    assert (group["ppv"]["state"], group["ppv"]["event_id"]) == ("over-range", 7)
    assert "Long over range" in sfm("summary", quarry, "--by", "year").stdout


def test_limits_are_counted_with_decoded_frequencies(sfm, quarry):
    after = sfm.json("summary", quarry, "--by", "type", "--limits", "usbm")
    counts = [(g["keys"]["type"], g["exceeded"], g["undecided"], g["within"]) for g in after["groups"]]
    assert counts == [("histogram", 0, 0, 3), ("waveform", 1, 1, 2)]


def test_the_airblast_counts_beside_the_curves(sfm, quarry):
    def said(number: str, printed: str) -> ReadingSet:
        return ReadingSet(
            source=ValueSource.DEVICE_RECORD, origin_sha256=number * 64,
            readings=(measured_reading("pspl", printed, "MicL"),),
        )  # fmt: skip

    with Archive.open(quarry) as archive:
        archive.attach(3, [], [said("a", "133.1 dB(L)")])
        archive.attach(4, [], [said("b", "OORANGE")])
        archive.attach(7, [], [said("c", "0.02 psi")])  # 136.8 dB(L)
        archive.attach(5, [], [said("d", "<140.0 dB(L)")])
    document = sfm.json("summary", quarry, "--by", "serial", "--limits", "usbm")
    assert document["airblast_limit"] == "osmre-2hz"
    names = ("exceeded", "undecided", "within", "not_compared")
    counts = {g["keys"]["serial"]: tuple(g[f"airblast_{name}"] for name in names) for g in document["groups"]}
    assert {serial: found[:2] for serial, found in counts.items()} == {
        "BE11529": (2, 1), "BE14036": (1, 0), "BE9413": (0, 0),
    }  # fmt: skip
    for group in document["groups"]:
        assert sum(counts[group["keys"]["serial"]]) == sum(group[name] for name in names) == group["events"]
    assert [g["over_range"] for g in document["groups"]] == [1, 0, 0], "a microphone at its rail is over range too"
    without = sfm.json("summary", quarry, "--by", "serial")
    assert without["airblast_limit"] is None and not any(g["airblast_exceeded"] for g in without["groups"])
    printed = sfm("summary", quarry, "--by", "serial", "--limits", "usbm")
    lines = printed.stdout.splitlines()
    assert "exceeded  undecided  within" in lines[0] and "airblast exceeded  airblast undecided" in lines[0]
    assert "limits: USBM RI 8507, drywall; USBM RI 8507, plaster; a waveform is judged at its peak" in printed.stderr
    assert "airblast limit: 133 dB(L) (OSMRE, 2 Hz high-pass assumed)" in printed.stderr
    text = sfm("summary", quarry, "--by", "serial", "--limits", "usbm", "--csv").stdout
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["airblast_exceeded"], row["airblast_undecided"]) == ("2", "1")


def test_a_decoded_value_stands_in_for_one_that_a_report_has_not(sfm, quarry):
    said = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="d" * 64,
        readings=(measured_reading("zc_frequency", "N/A", "Long"), measured_reading("pvs", "***")),
    )  # fmt: skip
    with Archive.open(quarry) as archive:
        archive.attach(3, [], [said])
    sfm("analyse", quarry, code=1)  # the samples have a frequency where the report says that there is none
    groups = sfm.json("summary", quarry, "--by", "type", "--limits", "usbm")["groups"]
    waveforms = next(group for group in groups if group["keys"]["type"] == "waveform")
    assert (waveforms["exceeded"], waveforms["undecided"]) == (1, 1), "as the page of the event says"


def test_csv_and_filters(sfm, quarry):
    text = sfm("summary", quarry, "--by", "project", "--since", "2026-05", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["project"], row["events"]) for row in rows] == [("North Quarry bench 12", "5")]
    assert rows[0]["ppv_state"] == "ok"
    assert sfm("summary", quarry, "--serial", "BE1").stdout == ""


def test_the_table_has_no_column_of_zeros_and_names_the_channel(sfm, quarry):
    first, *lines = sfm("summary", quarry, "--by", "serial", "--type", "waveform").stdout.splitlines()
    assert first.split() == ["serial", "events", "waveforms", "PPV", "vector", "sum", "PSPL"]
    assert "Vert 0.885 in/s" in lines[0]
    header = sfm("summary", quarry, "--type", "waveform", "--csv").stdout.splitlines()[0].split(",")
    assert {"histograms", "false_triggers", "over_range", "without_peaks"} < set(header), "programs have them all"


def test_wrong_keys(sfm, quarry):
    assert "give some of year, month" in sfm.usage_error("summary", quarry, "--by", "colour")


def test_a_project_is_one_however_it_was_typed(sfm, quarry):
    from sfm_archive import Archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, stated_reading

    with Archive.open(quarry) as archive:
        for event_id, name in ((1, "Québec"), (2, "QUEBEC"), (3, "Que\u0301bec  ")):
            said = ReadingSet(
                source=ValueSource.DEVICE_RECORD,
                origin_sha256=f"{event_id}" * 64,
                readings=(stated_reading("project", name),),
            )
            archive.attach(event_id, [], [said])
    groups = sfm.json("summary", quarry, "--by", "project")["groups"]
    assert {group["keys"]["project"]: group["events"] for group in groups}.get("Québec") == 3
