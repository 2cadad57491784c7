"""Units of eight channels: refused by name, never read as four, bytes kept."""

from __future__ import annotations

import struct

import pytest

from sfm_archive.archive.deriving import from_samples
from sfm_archive.archive.listing import summary_rows
from sfm_archive.testing import blastware_file, call_home_name, simulate_waveform, wire_read_out
from sfm_archive.testing.link import reply_payload, wire_frame
from sfm_archive.testing.replies import reply_sub
from sfm_archive.testing.reports import ascii_report
from sfm_archive.testing.trailer import device_time

_LABELS = (b"Tran", b"Vert", b"Long", b"MicL")


@pytest.fixture
def event(random):
    return simulate_waveform(random, serial="BE11529", seconds=0.5)


def record_of_eight(event):
    """The event's 0C record with every channel twice."""
    labels = b"".join(label + bytes(2) + struct.pack(">f", 0.5) for label in _LABELS * 2)
    content = device_time(event.recorded_at) + bytes(16) + labels + b"Project:\0Q\0"
    key = event.start_key.to_bytes(4, "big")
    return wire_frame(reply_payload(reply_sub(0x0C), key, content + bytes(210 - len(content))))


def compliance_of_eight():
    """A compliance record with the block of every geophone twice."""
    blocks = b"".join(label + b"A" * 24 + struct.pack(">f", 6.206053) + b"A\0in./s\0" for label in _LABELS[:3] * 2)
    return wire_frame(reply_payload(reply_sub(0x1A), b"", blocks + b"A" * (2090 - len(blocks))))


def report_of_eight(event):
    """A text with every column of its table twice."""
    lines = ascii_report(event, file_name=call_home_name(event)).split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if line.strip().startswith(b"Tran  "))
    doubled = [b"\t".join([line, line]) if line else line for line in lines[at:]]
    return b"\r\n".join([*lines[:at], *doubled])


def has_no_number(archive):
    """The one event of the archive has no number of any channel, and says why."""
    (row,) = archive.events()
    event_id = row.event_id
    assert not [one for one in archive.values(event_id) if one.channel or one.quantity in ("pvs", "pspl")]
    summary = summary_rows(archive, [event_id])[event_id]
    assert summary.ppv_nm_s is None and summary.pspl_db is None and summary.pvs_nm_s is None
    assert archive.unknown_peaks() == 1
    made = from_samples(archive, [event_id])[event_id]
    assert not made.days and not made.readings(event_id)
    told = [one.message for one in archive.findings(event_id) if one.code == "eight-channel"]
    assert told and all("eight-channel, not supported" in message for message in told)
    assert archive.verify().ok
    return event_id


def with_record(event):
    return record_of_eight(event) + b"".join(wire_read_out(event))


def with_compliance(event):
    return compliance_of_eight() + b"".join(wire_read_out(event))


@pytest.mark.parametrize("order", [("capture", "file"), ("file", "capture")])
@pytest.mark.parametrize("made", [with_record, with_compliance])
def test_an_event_of_eight_channels_is_never_read_as_four(importing, event, item_of, made, order):
    ways = {
        "capture": lambda: importing.put("raw_s3_1.bin", made(event)),
        "file": lambda: importing.put(f"BE11529/{call_home_name(event)}", blastware_file(event)),
    }
    for way in order:
        report = importing(ways[way]())
        if way == "capture":
            assert "eight-channel, not supported" in item_of(report, "raw_s3_1.bin").message
    event_id = has_no_number(importing.archive)
    assert importing.archive.encode(event_id).data == blastware_file(event)
    importing.again_changes_nothing()


def test_a_text_of_eight_channels_gives_no_number(importing, event, item_of):
    report = importing(importing.put(f"{call_home_name(event)}.TXT", report_of_eight(event)))
    assert "eight-channel, not supported" in item_of(report, ".TXT").message
    event_id = has_no_number(importing.archive)
    (file,) = importing.archive.files(event_id)
    assert importing.archive.file_bytes(file) == report_of_eight(event)
    importing(importing.put(f"BE11529/{call_home_name(event)}", blastware_file(event)))
    has_no_number(importing.archive)
