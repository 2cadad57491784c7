"""What a unit says of itself: compliance records and monitoring intervals."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.captures import read_capture
from sfm_archive.formats.blastware.link import ReplyScan
from sfm_archive.formats.blastware.unit_replies import read_compliance, read_monitoring
from sfm_archive.model.readings import Reading
from sfm_archive.testing.link import reply_payload
from sfm_archive.testing.replies import UnitSettings, compliance_reply, event_header_reply, monitoring_reply
from sfm_archive.testing.trailer import device_time

MODES = {0: "single shot", 1: "continuous", 3: "histogram", 4: "histogram + continuous"}


def read(wire: bytes) -> tuple[Reading, ...]:
    (reply,) = ReplyScan(wire)
    return read_compliance(reply)


@given(
    st.integers(0, 2**32),
    st.sampled_from([10.0, 1.25]),
    st.sampled_from([*MODES]),
    st.sampled_from([1.0, 2.0, 3.0, 8.5, 33.0, 500.0]),
    st.sampled_from([2, 5, 15, 60, 300, 900]),
)
def test_the_settings_of_a_compliance_record_are_read_wherever_they_stand(
    seed: int, range_in_s: float, mode: int, record_time: float, interval: int
) -> None:
    settings = UnitSettings(range_in_s, mode, record_time, interval)
    found = {one.quantity: one for one in read(compliance_reply(Random(seed), settings))}
    assert found["geo_range"] == Reading(quantity="geo_range", number=range_in_s, unit="in/s")
    assert found["recording_mode"].text == MODES[mode]
    assert (found["record_time"].number, found["record_time"].unit) == (record_time, "sec")
    assert ("interval_size" in found) == (mode in (3, 4))
    assert mode not in (3, 4) or found["interval_size"].number == interval


@given(st.binary(max_size=300))
def test_any_compliance_record_is_read_without_an_error(content: bytes) -> None:
    read(testing.wire_frame(reply_payload(0xE5, b"", content)))


def test_ranges_that_differ_by_channel_are_told_by_channel_and_odd_fields_are_not() -> None:
    wire = compliance_reply(Random(1), UnitSettings())
    (reply,) = ReplyScan(wire)
    content = bytearray(reply.content)
    at = content.index(b"Vert" + content[content.index(b"Vert") + 4 : content.index(b"Vert") + 28] + b"\x40\xc6")
    content[at + 33] = 1
    found = read(testing.wire_frame(reply_payload(0xE5, b"", bytes(content))))
    ranges = {one.channel: one.number for one in found if one.quantity == "geo_range"}
    assert ranges == {"Tran": 10.0, "Vert": 1.25, "Long": 10.0}
    content[at + 33] = 7
    found = read(testing.wire_frame(reply_payload(0xE5, b"", bytes(content))))
    assert {one.channel for one in found if one.quantity == "geo_range"} == {"Tran", "Long"}


@pytest.mark.parametrize("seed", range(20))
def test_a_monitoring_interval_says_its_unit_its_times_and_its_trigger(seed: int) -> None:
    random = Random(seed)
    event = testing.simulate_histogram(random, count=10)
    started = datetime(2026, 5, 1, 8)
    wire = monitoring_reply(random, event, started=started, stopped=started + timedelta(hours=3))
    (interval,) = read_capture(wire).monitoring
    assert (interval.started_at, interval.stopped_at) == (started, started + timedelta(hours=3))
    assert interval.serial == event.serial and interval.trigger.startswith("Geo: ")
    (full,) = ReplyScan(event_header_reply(random, event))
    assert read_monitoring(full.content) is None


def test_an_interval_that_ends_before_it_begins_says_nothing_and_is_counted() -> None:
    content = b"\x2c" + device_time(datetime(2026, 5, 2)) + device_time(datetime(2026, 5, 1)) + b"\0BE11529\0"
    with pytest.raises(BadInput, match="before it begins"):
        read_monitoring(content)
    capture = read_capture(testing.wire_frame(reply_payload(0xF5, b"", content)))
    assert capture.monitoring == ()
    (finding,) = capture.findings
    assert (finding.code, finding.message.partition(" have ")[0]) == (
        "unreadable-records", "1 monitoring interval(s) (0A)",
    )  # fmt: skip


def test_a_compliance_record_without_a_setting_in_its_place_is_counted() -> None:
    capture = read_capture(testing.wire_frame(reply_payload(0xE5, b"", bytes(2090))))
    assert capture.compliance == () and "compliance record(s) (1A)" in capture.findings[0].message


def test_a_capture_tells_what_its_unit_says_of_itself() -> None:
    random = Random(4)
    events = testing.simulate_memory(random, 2)
    capture = read_capture(testing.capture(random, events, settings=UnitSettings(1.25)))
    assert {one.quantity: one.number for one in capture.compliance}["geo_range"] == 1.25
    assert len(capture.events) == 2
