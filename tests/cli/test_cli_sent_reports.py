"""Hand-over records of reports and data: `sfm report`, `sfm job report -o`, `sfm export-data`, and `sfm handovers`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sfm_archive
from sfm_archive.exporting import noting

SENT = ("report", "quarry.sfm", "--serial", "BE11529", "--limits", "din", "-o", "may.pdf", "--actor", "A. Miller")
SENTENCE = "no hand-over record was left: "


def events_in(document) -> list[int]:
    return [event["event_id"] for event in document["handovers"][0]["made_of"]["events"]]


def test_a_report_leaves_a_record_and_its_file_is_given_back(sfm, quarry):
    before = sfm.json("info", quarry)
    told = sfm(*SENT).stderr
    data = (sfm.folder / "may.pdf").read_bytes()
    assert f"recorded as hand-over 1, with the file ({len(data):,} bytes)\nhistory head " in told
    whole = sfm.json("handovers", quarry, "1")
    (one,) = whole["handovers"]
    assert (one["kind"], one["actor"], one["target"]) == ("report", "A. Miller", "may.pdf")
    assert one["kept_sha256"] == one["list"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    assert one["options"] == {
        "selection": {"serials": ["BE11529"]}, "limits": ["din"], "airblast": None, "judge": "both", "units": None,
        "paper": "a4", "language": "en",
    }  # fmt: skip
    assert (one["made_of"]["history_head"], one["made_of"]["history_length"]) == (
        before["history_head"], before["history_length"],
    )  # fmt: skip
    assert events_in(whole) == [3, 4, 5]
    shown = sfm.json("show", quarry, "3")
    assert {"what": "frames, revision 1", "sha256": shown["frames"][0]["sha256"]} in one["made_of"]["events"][0]["used"]
    text = sfm("handovers", quarry, "1").stdout
    assert f"file kept         {len(data):,} bytes\n" in text
    assert "asked for         serials BE11529, judge both, language en, limits din, paper a4\n" in text
    sfm("handovers", quarry, "1", "-o", "again.pdf")
    assert (sfm.folder / "again.pdf").read_bytes() == data
    (sfm.folder / "again.pdf").write_bytes(b"another")
    assert "is there already and different" in sfm.error("handovers", quarry, "1", "-o", "again.pdf", code=6)
    sfm("verify", quarry)
    assert "hand-over 1 to may.pdf: report, 1 file" in sfm("history", quarry, "3").stdout
    sfm("compact", quarry)
    sfm("handovers", quarry, "1", "-o", "again.pdf", "--overwrite")
    assert (sfm.folder / "again.pdf").read_bytes() == data


def test_every_drawing_is_a_record_of_its_own_but_a_draft(sfm, quarry):
    sfm(*SENT)
    assert "hand-over" not in sfm(*SENT[:-3], "draft.pdf", "--no-record").stderr
    # Within a second the same pages have the same bytes, and are the same hand-over.
    assert "hand-over 2" in sfm(*SENT, "--paper", "letter", "--overwrite").stderr
    for number in ("1", "2"):
        sfm("handovers", quarry, number, "-o", f"{number}.pdf")
    assert (sfm.folder / "2.pdf").read_bytes() == (sfm.folder / "may.pdf").read_bytes()


def test_data_leaves_the_hashes_of_its_files_and_no_bytes(sfm, quarry):
    document = sfm.json("export-data", quarry, "data", "--format", "csv", "--units", "mm/s")
    assert document["handover"] == 1
    whole = sfm.json("handovers", quarry, "1")
    (one,) = whole["handovers"]
    there = {
        path.relative_to(sfm.folder / "data").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (sfm.folder / "data").rglob("*.csv")
    }
    assert {file["path"]: file["sha256"] for file in one["list"]} == there
    assert {file["event_id"] for file in one["list"] if "/" not in file["path"]} == {0}, "tables are of all events"
    assert (one["kind"], one["kept_sha256"], one["options"]["units"]) == ("data", "", "mm/s")
    assert events_in(whole) == [1, 2, 3, 4, 5, 6, 7]
    again = ("export-data", quarry, "data", "--format", "csv", "--units", "mm/s")
    assert sfm.json(*again)["handover"] == 1
    assert "recorded as hand-over 1 before: the bytes are the same" in sfm(*again).stderr
    assert "hand-over 1 (data) has no file that is kept" in sfm.error("handovers", quarry, "1", "-o", "x", code=3)
    assert "hand-over 1 is no folder of event files (data)" in sfm.error("export", quarry, "out", "--like", "1", code=2)


def test_what_an_event_was_sent_in(sfm, quarry):
    sfm("export", quarry, "out", "--serial", "BE14036")
    sfm(*SENT)
    sfm("export-data", quarry, "data", "--format", "csv", "2")
    numbers = {
        event: [one["number"] for one in sfm.json("handovers", quarry, "--event", event)["handovers"]]
        for event in ("1", "2", "3", "6")
    }
    assert numbers == {"1": [], "2": [3], "3": [2], "6": [1]}, "2 has no data: it stands in the tables alone"
    assert "nothing was handed over that is asked for" in sfm("handovers", quarry, "--event", "1").stderr
    assert "no event 77" in sfm.error("handovers", quarry, "--event", "77", code=3)


def test_what_was_sent_when(sfm, quarry):
    sfm(*SENT)
    (one,) = sfm.json("handovers", quarry)["handovers"]
    day = one["at_utc"][:10]
    for filters, there in (
        (["--since", day], 1),
        (["--until", day], 1),
        (["--since", day, "--until", day], 1),
        (["--since", "2999"], 0),
        (["--until", "2020-06"], 0),
    ):
        assert len(sfm.json("handovers", quarry, *filters)["handovers"]) == there, filters
    assert sfm.usage_error("handovers", quarry, "1", "--since", day).startswith("N names one")
    assert sfm.usage_error("handovers", quarry, "-o", "x.pdf").startswith("-o writes")


def test_what_was_sent_for_a_job(sfm, quarry):
    for job, serial in (("North", "BE11529"), ("South", "BE14036")):
        sfm("job", "add", quarry, job)
        sfm("point", "add", quarry, job, f"{job} school")
        sfm("place", quarry, serial, "--at", f"{job} school", "--from", "2026-05-01", "--until", "2026-06-01")
    asked = ("--since", "2026-05", "--until", "2026-05", "--number", "R-17", "-o", "job.pdf")
    document = sfm.json("job", "report", quarry, "North", *asked)
    assert document["handover"] == 1
    sfm(*SENT)
    sfm("export", quarry, "out", "6")
    numbers = {
        job: [one["number"] for one in sfm.json("handovers", quarry, "--job", job)["handovers"]]
        for job in ("North", "South")
    }
    assert numbers == {"North": [1, 2], "South": [3]}
    whole = sfm.json("handovers", quarry, "1")
    options = whole["handovers"][0]["options"]
    assert (whole["handovers"][0]["kind"], options["job"], options["number"]) == ("job report", 1, "R-17")
    assert (options["since"], options["until"]) == ("2026-05-01T00:00:00", "2026-06-01T00:00:00")
    assert events_in(whole) == [3, 4, 5]
    sfm("handovers", quarry, "1", "-o", "again.pdf")
    assert (sfm.folder / "again.pdf").read_bytes() == (sfm.folder / "job.pdf").read_bytes()
    assert "no job 'West'" in sfm.error("handovers", quarry, "--job", "West", code=3)


def test_a_sealed_archive_and_an_earlier_state_give_the_output_and_say_that_no_record_was_left(sfm, quarry):
    sfm("seal", quarry, "sealed.sfm")
    before = (sfm.folder / "sealed.sfm").read_bytes()
    for number, archive in enumerate((["sealed.sfm"], [quarry, "--as-of", "9"])):
        told = sfm("report", *archive, "-o", f"{number}.pdf").stderr
        assert SENTENCE in told, "as root too, who could write it"
        assert (sfm.folder / f"{number}.pdf").stat().st_size > 10_000
    assert SENTENCE in sfm("export-data", "sealed.sfm", "data", "--format", "csv").stderr
    assert (sfm.folder / "data" / "events.csv").exists()
    assert (sfm.folder / "sealed.sfm").read_bytes() == before
    assert sfm.json("handovers", quarry)["handovers"] == []


def test_a_busy_archive_gives_the_output_and_says_that_no_record_was_left(sfm, quarry):
    with sfm_archive.open(Path(quarry)) as other, other.batch():
        told = sfm("report", quarry, "3", "-o", "may.pdf", "--wait", "0.1").stderr
        assert "may.pdf written: 1 event" in told
        assert "no hand-over record was left" in told
    assert sfm.json("handovers", quarry)["handovers"] == []


def test_a_file_beyond_what_is_kept_is_recorded_by_its_hash_and_said(sfm, quarry, monkeypatch):
    monkeypatch.setattr(noting, "LARGEST_KEPT", 1000)
    told = sfm(*SENT).stderr
    assert "recorded as hand-over 1\n" in told
    assert "may.pdf has " in told and "its record has the hash alone" in told
    (one,) = sfm.json("handovers", quarry, "1")["handovers"]
    assert one["kept_sha256"] == ""
    assert one["list"][0]["sha256"] == hashlib.sha256((sfm.folder / "may.pdf").read_bytes()).hexdigest()
