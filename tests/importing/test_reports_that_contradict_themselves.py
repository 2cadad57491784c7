"""Reports that say of their event more than one thing, or too little: told, and placed by the stronger of both."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import stated_reading
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_histogram, simulate_waveform

AT = datetime(2026, 5, 1, 13, 16, 34)
EVENT = simulate_waveform(Random(1), seconds=0.5, sample_rate=1024, serial="BE11529", recorded_at=AT)
NAME = call_home_name(EVENT)
TEXT = ascii_report(EVENT, file_name=NAME)


def without(text: bytes, *names: str) -> bytes:
    lines = text.split(b"\r\n")
    return b"\r\n".join(one for one in lines if not one.startswith(tuple(f'"{name} :'.encode() for name in names)))


def numbers_only(text: bytes) -> bytes:
    head, mark, rest = text.partition(b'"PC SW Version')
    return head + mark + rest.partition(b"\r\n")[0] + b"\r\n"


@pytest.fixture
def imported(importing):
    def of(data: bytes, name: str = "r/export.TXT"):
        (item,) = importing(importing.put(name, data)).items
        return item

    return of


def told(item) -> str:
    return " | ".join(finding.message for finding in item.findings)


def test_the_table_says_the_type_before_the_word(importing, imported):
    item = imported(TEXT.replace(b'"Event Type : Full Waveform"', b'"Event Type : Full Histogram"'))
    assert item.outcome == "new"
    said = "its line Event Type says 'Full Histogram', and its table is that of a waveform; the table counts"
    assert said in told(item)
    (row,) = importing.archive.events()
    assert row.record_type == "waveform"
    assert any(value.source == "decoder" for value in importing.archive.values(row.event_id))
    assert importing.archive.verify().ok


def test_a_histograms_table_says_so_too(importing, imported):
    text = ascii_report(simulate_histogram(Random(3), serial="BE11529", recorded_at=AT), file_name="x")
    item = imported(text.replace(b"Histogram", b"Waveform", 1))
    assert "its table is that of a histogram; the table counts" in told(item)
    assert [row.record_type for row in importing.archive.events()] == ["histogram"]


@pytest.mark.parametrize(
    ("serial", "seconds", "said"),
    [
        ("BE18003", 0, "says unit number 18003, and its line Serial Number BE11529; the latter counts"),
        ("BE11529", 75, "says 2026-05-01T13:17:49, and its lines Event Date and Event Time 2026-05-01T13:16:34"),
    ],
)
def test_a_file_name_of_another_unit_or_time_is_told(importing, imported, serial, seconds, said):
    other = simulate_waveform(
        Random(2),
        seconds=0.5,
        serial=serial,
        recorded_at=AT.replace(minute=16 + seconds // 60, second=34 + seconds % 60),
    )
    item = imported(ascii_report(EVENT, file_name=call_home_name(other)))
    assert said in told(item) and "file-name-contradiction" in {one.code for one in item.findings}
    (row,) = importing.archive.events()
    assert (row.serial, row.recorded_at_local) == ("BE11529", "2026-05-01T13:16:34")
    assert any(said in found.message for found in importing.archive.findings(row.event_id))


def test_a_file_name_of_another_type_is_told(importing, imported):
    item = imported(ascii_report(EVENT, file_name=f"{NAME[:-1]}H"))
    assert "says a histogram, and its table a waveform; the latter counts" in told(item)
    assert [row.record_type for row in importing.archive.events()] == ["waveform"]


def test_what_agrees_is_no_finding(imported):
    assert not imported(TEXT).findings


def test_a_report_without_a_type_is_that_of_its_table(importing, imported):
    assert imported(without(TEXT, "Event Type")).outcome == "new"
    assert [row.record_type for row in importing.archive.events()] == ["waveform"]


def test_a_report_without_type_or_table_is_what_its_file_name_says(importing, imported):
    assert imported(without(numbers_only(TEXT), "Event Type")).outcome == "new"
    assert [row.record_type for row in importing.archive.events()] == ["waveform"]


def test_a_report_that_tells_no_type_waits_and_is_joined_to_the_one_event_of_its_unit_and_time(importing, imported):
    item = imported(without(numbers_only(TEXT), "Event Type", "File Name"))
    assert item.outcome == "waiting" and "it does not say its type" in item.message
    (listed,) = importing.archive.waiting()
    assert listed.waits and "it does not say its type" in listed.message and listed.serial == "BE11529"
    importing(importing.put(f"b/{NAME}", blastware_file(EVENT)))
    assert importing.archive.waiting() == []
    assert "report" in {value.source for value in importing.archive.values(1)}


def test_a_peak_that_is_printed_with_its_time_is_read(importing, imported):
    lines = {
        b'"MicL PSPL : 115.9 dB(L) 12.50 pa.(L) at 1.453 sec"': (115.9, "dB(L)"),
        b'"MicL PSPL : 99.5 dB(L)  1.877 pa.(L) at 11.379 sec"': (99.5, "dB(L)"),
    }
    for number, (line, expected) in enumerate(lines.items()):
        text = b"\r\n".join(
            line if one.startswith(b'"MicL PSPL') else one for one in numbers_only(TEXT).split(b"\r\n")
        ).replace(b"May 1,", b"May %d," % (number + 2))
        item = imported(text, f"r/{number}.TXT")
        assert {one.code for one in item.findings} <= {"file-name-contradiction"}
        found = {(one.quantity, one.channel): one for one in importing.archive.values(item.event_ids[0])}
        assert (found["pspl", "MicL"].number, found["pspl", "MicL"].unit) == expected
        assert found["time_of_peak", "MicL"].number == float(line.rpartition(b" at ")[2].split()[0])


def test_lines_that_end_with_a_carriage_return_alone_are_named(imported):
    item = imported(TEXT.replace(b"\r\n", b"\r"))
    assert "its lines end with a carriage return alone" in item.message and "save it again" in item.message


def test_an_empty_note_reads_as_nothing():
    assert reading_text(stated_reading("client", "")) == ""
    assert isinstance(sfm.__version__, str)


def test_of_two_numbers_for_one_peak_neither_counts_and_the_event_says_so(importing, imported):
    lines = numbers_only(TEXT).split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(b'"Tran PPV'))
    item = imported(b"\r\n".join([*lines[:at], b'"Tran PPV : 9.999 in/s"', b'"PPV : 1.0 in/s"', *lines[at:]]))
    said = "it prints more than one number of Tran ppv '9.999 in/s' and "
    assert item.outcome == "new" and said in told(item) and 'does not know "PPV"' in told(item)
    (row,) = importing.archive.events()
    found = {one.code: one.message for one in importing.archive.findings(row.event_id)}
    assert said in found["number-contradiction"] and "number-not-read" in found
    peaks = {value.channel: value for value in importing.archive.values(row.event_id) if value.quantity == "ppv"}
    assert peaks["Tran"].number is None and peaks["Tran"].state == "absent"
    assert peaks["Vert"].number is not None
    assert importing.archive.verify().ok
