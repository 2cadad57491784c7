"""`sfm export-data`: the demo's events as data."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from sfm_archive import Archive, Event, FileKind, ReceivedFile
from sfm_archive.analysing import recording_of
from sfm_archive.formats.blastware.names import report_pairing_name
from sfm_archive.testing import ascii_report, read_out, simulate_waveform
from sfm_archive.waveforms import compare_intervals, read_report


@pytest.mark.tables
@pytest.mark.parametrize("data_format", ["csv", "parquet", "hdf5", "miniseed"])
def test_each_format(sfm, quarry, data_format, closed):
    document = sfm.json("export-data", quarry, "data", "--format", data_format)
    closed("export-data", document)
    assert sum(document["totals"].values()) == 7 == len(document["items"])
    assert document["totals"]["written"] == (3 if data_format == "miniseed" else 6)
    for item in document["items"]:
        assert all((sfm.folder / "data" / path).is_file() for path in item["paths"])
    assert sfm.json("export-data", quarry, "data", "--format", data_format)["totals"]["written"] == 0


def test_text_reads_back_as_the_same_samples(sfm, quarry, closed):
    document = sfm.json("export-data", quarry, "data", "--format", "txt")
    closed("export-data", document)
    assert sum(document["totals"].values()) == 7
    items = {item["event_id"]: item for item in document["items"]}
    assert items[3]["paths"] == ["BE11529/M529LL33_JM0W_ASCII.TXT"]
    assert items[2]["status"] == "no data" and "not the whole event" in items[2]["message"]
    assert report_pairing_name("M529LL33_JM0W_ASCII.TXT") == "M529LL33.JM0W"
    waveforms = histograms = 0
    with Archive.open(quarry, read_only=True) as archive:
        for item in (item for item in items.values() if item["paths"]):
            recording = recording_of(archive, item["event_id"])
            back = read_report((sfm.folder / "data" / item["paths"][0]).read_bytes())
            assert back.findings == () and back.header.file_name == recording.name
            assert (back.header.serial, back.header.recorded_at, back.header.record_type) == (
                recording.event.serial, recording.event.recorded_at, recording.event.record_type,
            )  # fmt: skip
            assert back.header.value("PC SW Version") == recording.provenance.tool
            if recording.histogram is not None:
                histograms += 1
                assert compare_intervals(recording.histogram, back.intervals).agree
                assert (np.rint(back.intervals.peaks() / 0.005) == recording.histogram.peaks[:3]).all()
                assert back.intervals.rows[-1].at == recording.stopped_at
                assert back.header.value("Interval Size") == f"{recording.interval.total_seconds():g} seconds"
                continue
            waveforms += 1
            traces = back.samples.traces()
            assert traces.channels == recording.traces.channels and traces.units == recording.traces.units
            assert (traces.samples == recording.traces.samples).all()
            assert (traces.sample_rate, traces.pretrigger) == (1024, 256)
    assert (waveforms, histograms) == (3, 3)
    again = sfm.json("export-data", quarry, "data", "--format", "txt")["totals"]
    assert (again["written"], again["unchanged"]) == (0, document["totals"]["written"])


def test_a_received_report_stays_what_it_is(sfm):
    event = simulate_waveform(Random(4), seconds=1.0, sample_rate=1024, loudness="quiet")
    text = ascii_report(event, file_name="x.AB0") + b"trailing\n"
    identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
    with Archive.create(sfm.folder / "a.sfm") as archive:
        file = ReceivedFile(kind=FileKind.REPORT, name="x.TXT", data=text)
        archive.save(identity, read_out(event))
        archive.attach(1, [file])
        name = recording_of(archive, 1).name
    (item,) = sfm.json("export-data", "a.sfm", "data", "--format", "txt")["items"]
    assert item["paths"] == [f"BE11529/{name.replace('.', '_')}_ASCII.TXT"]
    assert (sfm.folder / "data" / item["paths"][0]).read_bytes() == text


def test_a_csv_of_thor_never_comes_back_under_the_name_of_a_blastware_text(sfm):
    event = simulate_waveform(Random(4), seconds=1.0, sample_rate=1024, loudness="quiet")
    identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
    csv = b'"Event Type","Full Waveform"\r\n"Channel","Tran","Vert","Long"\r\n'
    with Archive.create(sfm.folder / "a.sfm") as archive:
        archive.save(identity, read_out(event))
        archive.attach(1, [ReceivedFile(kind=FileKind.REPORT, name="x.CSV", data=csv)])
    (item,) = sfm.json("export-data", "a.sfm", "data", "--format", "txt")["items"]
    text = (sfm.folder / "data" / item["paths"][0]).read_bytes()
    assert text != csv and read_report(text).samples is not None
    written = Path("one") / item["paths"][0][8:]
    assert sfm("write", "a.sfm", "1", "--as", "txt", "--to", "one").stderr.startswith(f"{written}: ")
    assert (sfm.folder / "one" / item["paths"][0][8:]).read_bytes() == text


@pytest.mark.tables
def test_miniseed_says_whose_clock_it_is(sfm, quarry):
    result = sfm("export-data", quarry, "data", "3", "--format", "miniseed")
    assert "1 event with device-local times" in result.stderr
    sfm("zones", quarry, "BE11529", "America/New_York")
    again = sfm("export-data", quarry, "utc", "3", "--format", "miniseed")
    assert "device-local" not in again.stderr
    (path,) = (sfm.folder / "utc").rglob("*.mseed")
    import obspy

    assert obspy.read(str(path))[0].stats.starttime == obspy.UTCDateTime("2026-05-12T17:16:33.75")


@pytest.mark.tables
def test_one_reason_of_several_events_is_told_once(sfm, quarry):
    result = sfm("export-data", quarry, "data", "--format", "miniseed")
    assert "events 1, 4, 7: no data: a histogram has no samples" in result.stderr
    assert result.stderr.count("a histogram has no samples") == 1 and result.stderr.count("device-local") == 1
    assert "event 2: no data: frames revision 1" in result.stderr


def test_a_file_in_the_way(sfm, quarry):
    sfm("export-data", quarry, "data", "3", "--format", "csv")
    (path,) = (sfm.folder / "data" / "BE11529").iterdir()
    path.write_text("mine", encoding="utf-8")
    result = sfm("export-data", quarry, "data", "3", "--format", "csv", code=1)
    assert "different file in the way" in result.stdout and "--overwrite" in result.stderr
    more = sfm("export-data", quarry, "data", "--format", "csv", code=1)
    assert "events.csv is there already and different" in more.stderr
    assert path.read_text(encoding="utf-8") == "mine"
    sfm("export-data", quarry, "data", "3", "--format", "csv", "--overwrite")
    assert path.read_text(encoding="utf-8").startswith("time [s]")


def test_a_folder_of_texts_made_here_is_left_out_of_an_import_whole(sfm, quarry):
    sfm("export-data", quarry, "made", "--format", "txt")
    sfm("create", "other.sfm")
    totals = sfm.json("import", "other.sfm", "made")["totals"]
    assert totals["left out"] == sum(path.is_file() for path in (sfm.folder / "made").rglob("*"))
    assert totals["rejected"] == 0
    # A table of somebody else's is none of ours, however it is named.
    (sfm.folder / "events.csv").write_text("event_id,serial\n1,BE11529\n", encoding="utf-8")
    assert sfm.json("import", "other.sfm", "events.csv", code=1)["totals"]["rejected"] == 1
