"""What a unit says of itself in a capture: its settings beside its events, the spans in which it was running."""

from __future__ import annotations

from datetime import datetime, timedelta

import apsw
import pytest

from sfm_archive.analysing import recording_of
from sfm_archive.archive.reading import count_waiting, readings_of
from sfm_archive.testing import ascii_report, capture, simulate_histogram, simulate_memory, wire_read_out
from sfm_archive.testing.replies import (
    UnitSettings,
    compliance_reply,
    event_count_reply,
    event_header_reply,
    event_record_reply,
    monitoring_reply,
)


def spans_of(archive):
    connection = apsw.Connection(str(archive.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute("SELECT serial, from_local, until_local, source, text FROM unit_running").fetchall()
    finally:
        connection.close()


def test_the_units_settings_stand_beside_its_events_with_their_source(importing, random):
    memory = simulate_memory(random, 2, serial="BE11529", histograms=1.0)
    importing.put("raw_s3_1.bin", capture(random, memory, settings=UnitSettings(1.25, 3, 3.0, 300)))
    importing()
    for row in importing.archive.events():
        said = {
            one.quantity: one
            for document in readings_of(importing.archive.store, [row.event_id])[row.event_id]
            for one in document.readings
            if document.source == "compliance record"
        }
        assert said["geo_range"].number == 1.25 and said["interval_size"].number == 300
        assert said["recording_mode"].text == "histogram"
        recording = recording_of(importing.archive, row.event_id)
        assert recording.said("record_time") is None and recording.said("geo_range") is None
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_monitoring_intervals_are_spans_of_their_unit_once(importing, random, item_of):
    event = simulate_histogram(random, serial="BE11529", count=20)
    begun, ended = datetime(2026, 5, 1, 8), datetime(2026, 5, 1, 11)
    one = monitoring_reply(random, event, started=begun, stopped=ended)
    importing.put("raw_s3_1.bin", one)
    found = item_of(importing(), ".bin")
    assert found.outcome == "kept" and "1 span in which BE11529 was running" in found.message
    (listed,) = importing.archive.waiting()
    assert not listed.waits and "it holds no event, and is kept as received for 1 span" in listed.message
    assert "serial" not in listed.message and importing.archive.info().waiting_files == 0
    assert count_waiting(importing.archive.store) == 0
    importing.put("raw_s3_2.bin", one + capture(random, [event], replies=False))
    importing()
    (span,) = spans_of(importing.archive)
    assert span[:4] == ("BE11529", "2026-05-01T08:00:00", "2026-05-01T11:00:00", "monitoring reply")
    assert span[4].startswith("Geo: ")
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


@pytest.mark.parametrize("by", ["serial", "folder", "event"])
def test_a_span_without_a_serial_is_of_the_unit_that_is_told(importing, random, item_of, by):
    event = simulate_histogram(random, serial="BE11529", count=20)
    begun, ended = datetime(2026, 5, 1, 8), datetime(2026, 5, 1, 11)
    data = monitoring_reply(random, simulate_histogram(random, serial="nobody", count=20), started=begun, stopped=ended)
    if by == "event":
        data += capture(random, [event], replies=False)
    path = importing.put("BE11529/raw_s3_1.bin" if by == "folder" else "raw_s3_1.bin", data)
    found = item_of(importing(path), ".bin")
    if by == "serial":
        assert "--serial" in found.message and spans_of(importing.archive) == []
        importing(path, serial="BE11529")
    ((serial, *_),) = spans_of(importing.archive)
    assert serial == "BE11529"


def test_the_monitor_log_of_a_report_tells_spans_of_its_unit(importing, random, item_of):
    event = simulate_histogram(random, serial="BE11529", count=20)
    report = ascii_report(event, file_name="X.AB0").split(b"\r\n")
    known = b"Jun 26 /26 15:00:00\tJun 26 /26 16:00:00\tStopped"
    other = b"26.06.26 17:00:00\t26.06.26 18:00:00\tStopped"
    importing.put("X_AB0_ASCII.TXT", b"\r\n".join([*report[:3], known, other, *report[3:]]))
    found = item_of(importing(), ".TXT")
    assert spans_of(importing.archive) == [
        ("BE11529", "2026-06-26T15:00:00", "2026-06-26T16:00:00", "monitor log", "Stopped")
    ]
    assert "monitor-log" in {finding.code for finding in found.findings}
    importing.again_changes_nothing()


def test_a_capture_of_unit_replies_alone_is_kept_with_what_the_unit_says_of_its_settings(importing, random, item_of):
    data = compliance_reply(random, UnitSettings(1.25, 3, 3.0, 300)) + event_count_reply(random)
    importing.put("raw_s3_1.bin", data)
    found = item_of(importing(), ".bin")
    assert found.outcome == "kept" and "geo range 1.250 in/s" in found.message
    (listed,) = importing.archive.waiting()
    assert not listed.waits and listed.message == found.message
    assert importing.archive.file_bytes(listed.file) == data
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_a_capture_of_other_replies_alone_is_received_evidence_and_kept(importing, random, item_of):
    data = event_count_reply(random) + event_count_reply(random)
    importing.put("raw_s3_1.bin", data)
    found = item_of(importing(), ".bin")
    assert found.outcome == "kept" and "the replies of a unit in it (2 sound), none of which is an A5" in found.message
    (listed,) = importing.archive.waiting()
    assert not listed.waits and listed.message == found.message
    assert importing.archive.file_bytes(listed.file) == data and importing.archive.info().waiting_files == 0
    importing.again_changes_nothing()


@pytest.mark.parametrize("comes", ["nothing", "its record", "its frames"])
def test_events_that_a_capture_tells_of_and_does_not_hold_are_said(importing, random, item_of, comes):
    own = simulate_histogram(random, serial="BE11529", count=20)
    other = simulate_histogram(random, serial="BE11529", count=20, start_key=0x0111_9000)
    data = capture(random, [own]) + event_header_reply(random, other)
    data += {
        "nothing": b"",
        "its record": event_record_reply(random, other),
        "its frames": b"".join(wire_read_out(other)),
    }[comes]
    found = item_of(importing(importing.put("BE11529/raw_s3_1.bin", data)), ".bin")
    told = [one.message for one in found.findings if one.code == "told-of"]
    assert [("1 event of which" in one, "01119000" in one) for one in told] == [(True, True)] * (comes == "nothing")


@pytest.mark.parametrize("with_span", [False, True])
def test_a_header_alone_tells_of_its_event_although_the_capture_holds_no_other(importing, random, item_of, with_span):
    event = simulate_histogram(random, serial="BE11529", count=20, start_key=0x0111_9000)
    started = datetime(2026, 5, 1, 6)
    data = monitoring_reply(random, event, started=started, stopped=started + timedelta(hours=3)) * with_span
    path = importing.put("BE11529/raw_s3_1.bin", data + event_header_reply(random, event))
    for outcome in ("kept", "duplicate"):
        found = item_of(importing(path), ".bin")
        assert found.outcome == outcome and [one.code for one in found.findings] == ["told-of"]
        assert "1 event of which" in found.message and "01119000" in found.message
        assert "none of which is an A5 frame, a 0C record, a monitoring" not in found.message
    (listed,) = importing.archive.waiting()
    assert not listed.waits and "01119000" in listed.message


def test_an_event_that_is_refused_is_said_although_the_unit_says_its_settings_beside(importing, random, item_of):
    event = simulate_histogram(random, serial="nobody", count=20)
    importing.put("BE14036/M529LKIQ.7M0H", capture(random, [event], settings=UnitSettings(1.25, 3, 3.0, 300)))
    report = importing()
    found = item_of(report, ".7M0H")
    assert found.outcome == "rejected" and "the right one with --serial" in found.message and report.anything_rejected
