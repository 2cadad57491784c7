"""THOR's CSV: kept byte for byte, joined by serial and time, before, with or after its event."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sfm_archive.archive.reading import waiting_files
from sfm_archive.model.received import FileKind
from sfm_archive.testing import (
    ascii_report,
    blastware_file,
    call_home_name,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    thor_csv,
)

NAMES = {
    "unit and time": "UM12345_20260513161204.csv",
    "Micromate's ending": "UM12345_20260513161204.IDFW.csv",
    "second copy": "UM12345_20260513161204(1).IDFW.CSV",
    "Micromate's ending alone": "UM12345_20260513161204(1).IDFW",
    "no ending": "export",
    "text": "export.txt",
}


@pytest.fixture
def event(random):
    return simulate_waveform(
        random,
        seconds=0.3,
        sample_rate=1024,
        loudness="ordinary",
        serial="UM12345",
        recorded_at=datetime(2026, 5, 13, 16, 12, 4),
    )


def kept_csv(archive, event_id=1):
    (file,) = [file for file in archive.files(event_id) if file.kind == FileKind.REPORT.value]
    return file


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("order", ["before", "with", "after"])
def test_a_csv_joins_its_event_by_serial_and_time_whenever_it_comes(importing, event, name, order, item_of):
    data = thor_csv(event)
    csv = importing.put(f"thor/{name}", data)
    file = importing.put("event/M529LKIQ.7M0W", blastware_file(event))
    if order == "before":
        assert item_of(importing(csv), name).outcome == "new"
        assert importing(csv).totals["duplicate"] == 1
        assert importing(file).events_created == 0
    elif order == "with":
        report = importing()
        assert item_of(report, name).outcome == "joined" and item_of(report, name).kind == "report"
    else:
        importing(file)
        assert item_of(importing(csv), name).event_ids == (1,)
    assert not waiting_files(importing.archive.store) and importing.archive.count() == 1
    kept = kept_csv(importing.archive)
    assert (kept.name, importing.archive.file_bytes(kept)) == (name, data)
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_its_values_are_kept_as_printed_with_the_source_report(importing, event):
    silent = replace(event, peaks=event.peaks._replace(tran=0.0, vert=2048 * 0.005))
    importing.put("M529LKIQ.7M0W", blastware_file(event))
    importing.put("x.csv", thor_csv(silent))
    importing()
    values = {(value.quantity, value.channel): value for value in importing.archive.values(1)}
    below, over = values["ppv", "Tran"], values["ppv", "Vert"]
    assert (below.source, below.text, below.state, below.number) == ("report", "<0.127 mm/s", "below-threshold", 0.127)
    assert (over.text, over.state, over.number) == ("OORANGE", "over-range", None)
    assert values["sample_rate", ""].text == "1024 sps"
    assert values["geo_range", ""].text == "254.0 mm/s"


@pytest.mark.parametrize(
    ("serial", "moment"), [("", "%Y-%m-%d %H:%M:%S"), (None, ""), ("", ""), (None, "%Y-%m-%dT%H:%M:%SZ")]
)
def test_one_that_does_not_say_both_waits_and_joins_by_its_whole_name_alone(importing, event, serial, moment, item_of):
    importing.put("a/M529LKIQ.7M0W", blastware_file(event))
    data = thor_csv(event, serial=serial, moment=moment)
    importing.put("b/UM12345_20260513161204.csv", data)
    importing.put("c/m529lkiq.7m0w (1).csv", data)
    report = importing()
    assert item_of(report, "UM12345_20260513161204.csv").outcome == "waiting"
    assert item_of(report, "(1).csv").outcome == "joined"


def test_a_csv_that_waited_by_name_joins_when_its_event_comes(importing, event):
    csv = importing.put("M529LKIQ.7M0W.csv", thor_csv(event, serial="", moment=""))
    assert importing(csv).totals["waiting"] == 1
    frames = importing.put("frames/M529LKIQ.7M0W.a5.pkl", sidecar(read_out(event)))
    assert importing(frames).waiting_joined == 1
    assert kept_csv(importing.archive).name == csv.name


@pytest.mark.parametrize("change", ["serial", "time"])
def test_a_csv_of_another_event_is_that_one_whatever_its_name(importing, event, change, item_of):
    later = event.recorded_at + timedelta(hours=1)
    other = replace(event, serial="UM12346") if change == "serial" else replace(event, recorded_at=later)
    importing.put("a/M529LKIQ.7M0W", blastware_file(event))
    importing.put("a/M529LKIQ.7M0W.csv", thor_csv(other))
    found = item_of(importing(), ".csv")
    assert found.outcome == "new" and "event 1" in found.message and "but its " in found.message
    assert found.event_ids == (2,)
    assert {one.source for one in importing.archive.values(1) if one.quantity == "ppv"} <= {"decoder"}


def test_both_dialects_stand_beside_one_event(importing, event):
    importing.put("a/M529LKIQ.7M0W", blastware_file(event))
    importing.put("a/M529LKIQ_7M0W_ASCII.TXT", ascii_report(event, file_name="M529LKIQ.7M0W"))
    importing.put("thor/UM12345_20260513161204.csv", thor_csv(event))
    assert importing().totals["joined"] == 2
    assert {file.name for file in importing.archive.files(1) if file.kind == "report"} == {
        "M529LKIQ_7M0W_ASCII.TXT",
        "UM12345_20260513161204.csv",
    }
    importing.again_changes_nothing()


def test_a_csv_of_a_histogram_joins_too(importing, random):
    event = simulate_histogram(random, count=20, serial="UM12345")
    importing.put("M529LKIQ.7M0H", blastware_file(event))
    importing.put("h.csv", thor_csv(event))
    assert importing().totals["joined"] == 1
    assert {value.source for value in importing.archive.values(1) if value.quantity == "ppv"} == {"report"}


def test_a_csv_beside_an_event_that_does_not_tell_its_unit_does(importing, random):
    event = simulate_histogram(random, count=5, serial="UM12345", recorded_at=datetime(2026, 5, 13, 16, 12, 4))
    name = call_home_name(event)
    importing.put(f"a/{name}", blastware_file(event).replace(b"UM12345", b"\0" * 7))
    assert importing().totals["rejected"] == 1
    importing.put(f"a/{name}.csv", thor_csv(event, moment="%Y-%m-%dT%H:%M:%S.500-04:00"))
    assert importing().events_created == 1
    row = importing.archive.event(1)
    assert (row.serial, row.recorded_at_local) == ("UM12345", "2026-05-13T16:12:04")


@pytest.mark.parametrize(
    "data",
    [
        b"time,Vert [in/s]\n0.0,0.005\n",
        b'"time","Vert"\n"0.0","0.005"\n',
        b'"a","b","c"\n"Channel","x","y"\n',
        b'"a","b"\n"c","d"\n',
        b"quantity,channel,number\nppv,Vert,1\n",
    ],
)
def test_other_tables_are_rejected_and_say_what_is_missing(importing, data, item_of):
    importing.put("values.csv", data)
    found = item_of(importing(), ".csv")
    assert found.outcome == "rejected" and 'key "Channel"' in found.message and "leave it out" in found.message


def test_a_csv_without_a_type_is_an_event_by_its_table(importing, event):
    lines = [line for line in thor_csv(event).split(b"\n") if b"EventType" not in line.replace(b" ", b"")]
    importing.put("export.csv", b"\n".join(lines))
    assert importing().events_created == 1
    (row,) = importing.archive.events()
    assert (row.serial, row.record_type) == ("UM12345", "waveform")
    importing.again_changes_nothing()


def test_a_csv_without_a_type_whose_table_has_clock_times_is_no_waveform(importing, event):
    lines = [line for line in thor_csv(event).split(b"\n") if b"EventType" not in line.replace(b" ", b"")]
    (at,) = [number for number, line in enumerate(lines) if line.startswith(b'"Tran","Vert"')]
    rows = [b'"Time","Tran","Vert","Long","MicL"', b'"16:12:04","0.1","0.1","0.1","0.1"']
    importing.put("export.csv", b"\n".join([*lines[:at], *rows]))
    importing()
    assert [row.record_type for row in importing.archive.events()] == ["histogram"]
