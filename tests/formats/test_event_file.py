"""Event files and the event memory inside them."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.event_file import (
    BODY_OFFSET,
    EVENT_TAG,
    FILE_PREFIX,
    MONITOR_LOG_TAG,
    describe_memory,
    inspect_event_file,
    is_event_file,
    memory_of_file,
    read_strt,
    record_type_of,
)
from sfm_archive.model.events import RecordType
from sfm_archive.testing.trailer import device_time

HEADER = EVENT_TAG + b"STRT"
FOOTER = b"\x0e\x08" + device_time(datetime(2026, 5, 1, 13, 16, 34)) + device_time(datetime(2026, 5, 1, 13, 16, 38))


def header(size: int, start: int = 0x0111_0000) -> bytes:
    return HEADER + b"\xff\xfe" + (start + size).to_bytes(4, "big") + start.to_bytes(4, "big") + bytes(7)


def memory_with(trailer: bytes, footer: bytes = FOOTER + bytes(8)) -> bytes:
    size = BODY_OFFSET + 600 + len(trailer) + len(footer)
    return header(size) + bytes(600) + trailer + footer


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in inspect_event_file(data)]


def test_the_prefix_is_the_published_one() -> None:
    assert bytes.fromhex("100001800000 49 6e 73 74 61 6e 74 65 6c 00 07 2c") == FILE_PREFIX


def test_strt_keys_and_mode_stand_at_their_published_places() -> None:
    strt = read_strt(header(0x21F2))
    assert strt is not None
    assert (strt.start_key, strt.end_key, strt.event_size, strt.continuous) == (0x0111_0000, 0x0111_21F2, 0x21F2, False)
    continuous = header(0x21F2).replace(b"\xff\xfe", b"\xff\xfd")
    assert getattr(read_strt(continuous), "continuous", None) is True


@pytest.mark.parametrize("size", [-1, 0, BODY_OFFSET - 1])
def test_keys_that_cannot_be_are_no_header(size: int) -> None:
    assert read_strt(header(size)) is None
    assert read_strt(header(BODY_OFFSET)) is not None


@pytest.mark.parametrize("seed", range(12))
def test_memory_tells_what_the_simulator_put_in(seed: int) -> None:
    random = Random(seed)
    simulate = testing.simulate_histogram if seed % 2 else testing.simulate_waveform
    event = simulate(random)
    told = describe_memory(event.memory)
    assert told.strt is not None
    assert (told.strt.start_key, told.strt.end_key) == (event.start_key, event.end_key)
    assert (told.serial, told.recorded_at, told.stopped_at) == (event.serial, event.recorded_at, event.stopped_at)
    assert told.record_type is event.record_type
    assert told.settings == {
        "Project": event.project,
        "Client": event.client,
        "User Name": event.user_name,
        "Seis Loc": event.seis_loc,
        "Extended Notes": event.notes,
    }
    assert told.findings == ()
    file = testing.blastware_file(event)
    assert memory_of_file(file) == event.memory
    assert inspect_event_file(file) == ()


def test_a_file_that_goes_on_behind_the_event_is_cut_at_the_end_key() -> None:
    event = testing.simulate_waveform(Random(1), seconds=1.0)
    assert memory_of_file(testing.blastware_file(event) + b"behind") == event.memory


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for memory in (data, header(len(data) + BODY_OFFSET) + data, header(2**31) + data + FOOTER):
        describe_memory(memory)
        inspect_event_file(memory)
        inspect_event_file(FILE_PREFIX + memory)
        record_type_of(memory)


def test_labels_directly_behind_one_another_have_no_text() -> None:
    trailer = (
        b"\x00Project:\x00\x00Client:User Name:\x00J. Smith\x00Seis Loc:\x00\x00\x00Extended Notes\x00\x00BE11529\x00"
    )
    told = describe_memory(memory_with(trailer))
    assert told.settings == {
        "Project": "", "Client": "", "User Name": "J. Smith", "Seis Loc": "", "Extended Notes": "",
    }  # fmt: skip
    assert told.serial == "BE11529"


def test_a_serial_behind_an_empty_last_label_is_the_serial_and_no_note() -> None:
    told = describe_memory(memory_with(b"\x00Project:\x00Pit 7\x00Extended Notes\x00\x00\x00BE11529\x00\x00"))
    assert (told.serial, told.settings) == ("BE11529", {"Project": "Pit 7", "Extended Notes": ""})


def test_a_serial_typed_into_a_text_is_not_the_units() -> None:
    told = describe_memory(memory_with(b"\x00BE11529\x00Project:\x00Pit 7\x00Extended Notes\x00BE18003\x00"))
    assert (told.serial, told.settings["Extended Notes"]) == ("BE11529", "BE18003")


def test_two_texts_of_a_serials_shape_are_told_and_neither_is_taken() -> None:
    told = describe_memory(memory_with(b"\x00BE11529\x00Project:\x00Pit 7\x00\x00BE18003\x00"))
    assert told.serial is None
    assert [finding.code for finding in told.findings] == ["ambiguous-serial"]
    assert "BE11529, BE18003" in told.findings[0].message


def test_a_label_inside_another_ones_text_is_text() -> None:
    trailer = b"\x00Client:\x00Granite\x00Extended Notes\x00ask Client: or User Name: first\x00BE11529\x00"
    told = describe_memory(memory_with(trailer))
    assert told.settings["Client"] == "Granite"
    assert told.settings["Extended Notes"] == "ask Client: or User Name: first"


def test_texts_are_latin_1_and_lose_surrounding_blanks() -> None:
    told = describe_memory(memory_with(b"\x00Project:\x00  Carri\xe8re  \x00"))
    assert told.settings == {"Project": "Carrière"}


def test_a_label_behind_megabytes_of_nuls_is_read_quickly() -> None:
    told = describe_memory(memory_with(b"\x00Project:" + bytes(40_000_000) + b"Pit 7\x00"))
    assert told.settings == {"Project": "Pit 7"}


def test_a_stop_time_that_is_none_does_not_cost_the_start_time() -> None:
    footer = b"\x0e\x08" + device_time(datetime(2026, 5, 1, 13, 16, 34)) + bytes(16)
    told = describe_memory(memory_with(b"", footer))
    assert (told.recorded_at, told.stopped_at) == (datetime(2026, 5, 1, 13, 16, 34), None)
    assert [finding.code for finding in told.findings] == ["bad-time"]
    assert "stop" in told.findings[0].message


def test_a_clock_that_was_never_set_is_told() -> None:
    footer = b"\x0e\x08" + device_time(datetime(1995, 1, 1)) + device_time(datetime(1995, 1, 1)) + bytes(8)
    told = describe_memory(memory_with(b"", footer))
    assert [finding.code for finding in told.findings] == ["clock-never-set"]
    assert told.recorded_at == datetime(1995, 1, 1)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x00\x02\x00" + bytes(29), RecordType.WAVEFORM),
        (bytes(28) + b"\x1e\x0a\x00\x00", RecordType.HISTOGRAM),
        (b"\xff" * 22 + b"\x00\x00" + b"\xff" * 4 + b"\x1e\x0a\x00\x00", RecordType.HISTOGRAM),
        (b"\xff" * 28 + b"\x1e\x0a\x00\x00", RecordType.HISTOGRAM),
        (b"\xff" * 28 + b"\x1e\x0a\x00\x01", RecordType.UNKNOWN),
        (bytes(32), RecordType.UNKNOWN),
        (b"", RecordType.UNKNOWN),
    ],
)
def test_the_record_type_is_told_by_the_body(body: bytes, kind: RecordType) -> None:
    assert record_type_of(header(500) + body) is kind


def test_a_monitor_log_is_told_by_its_tag() -> None:
    assert record_type_of(MONITOR_LOG_TAG + bytes(50)) is RecordType.MONITOR_LOG
    assert is_event_file(FILE_PREFIX + MONITOR_LOG_TAG)
    assert inspect_event_file(FILE_PREFIX + MONITOR_LOG_TAG + b"anything") == ()


def test_every_kind_of_damage_has_its_code() -> None:
    random = Random(2)
    event = testing.simulate_waveform(random, seconds=2.0)
    file = testing.blastware_file(event)
    assert codes(b"") == ["empty"]
    assert codes(b"MZ" + file) == ["not-an-event-file"]
    assert codes(FILE_PREFIX + EVENT_TAG + b"STRx" + bytes(80)) == ["no-header"]
    assert codes(FILE_PREFIX) == ["not-an-event-file"]
    assert codes(file + b"more") == ["size"]
    assert codes(file[:-1]) == ["size"]
    assert codes(file[:-26] + bytes(26)) == ["missing-footer"]
    assert codes(testing.sequential_file(testing.doubled_start(testing.read_out(event)))) == ["second-header"]


@pytest.mark.parametrize("change", [4, -4])
def test_a_size_that_does_not_fit_is_bounded_from_below_to_above(change: int) -> None:
    file = testing.blastware_file(testing.simulate_waveform(Random(3), seconds=1.0))
    other = file + bytes(change) if change > 0 else file[:change]
    (finding,) = inspect_event_file(other)
    assert (finding.start, finding.end) == tuple(sorted((len(file), len(other))))


def test_the_0x1000_fault_shows_at_file_offset_0x1016() -> None:
    event = testing.simulate_waveform(Random(4), start_key=0x0111_0000, seconds=3.0)
    faulty = testing.sequential_file(testing.doubled_start(testing.read_out(event)))
    (finding,) = [each for each in inspect_event_file(faulty) if each.code == "second-header"]
    assert "0x1016" in finding.message
    assert finding.start == 0x1012


@pytest.mark.parametrize("seed", range(30))
def test_samples_that_spell_tag_and_strt_are_no_second_header(seed: int) -> None:
    event = testing.header_in_samples(Random(seed))
    file = testing.blastware_file(event)
    assert file.find(HEADER, 30) != -1
    assert inspect_event_file(file) == ()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", FILE_PREFIX, FILE_PREFIX + b"\x00\x12\x03\x01"])
def test_what_is_no_event_file_has_no_memory(data: bytes) -> None:
    with pytest.raises(BadInput):
        memory_of_file(data)


def test_a_megabyte_of_headers_is_inspected_quickly() -> None:
    data = FILE_PREFIX + header(2**30) * 40_000
    assert len(inspect_event_file(data)) == 66


def test_very_many_second_headers_and_serials_are_counted_and_not_listed() -> None:
    one = HEADER + b"\xff\xfe\x7f\xff\xff\xff" + bytes(11)
    findings = inspect_event_file(FILE_PREFIX + one * 5_000)
    second = [finding for finding in findings if finding.code == "second-header"]
    assert len(second) == 65 and second[-1].message.startswith("4,935 more second headers")
    assert second[-1].start == second[-2].start + len(one)
    serials = b"".join(b"\0BE%05d\0" % number for number in range(5_000))
    (ambiguous,) = describe_memory(one + b"Project:\0" + serials).findings
    assert ambiguous.message.endswith("BE00005 and 4,994 more")
