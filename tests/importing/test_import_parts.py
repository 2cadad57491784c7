"""Captures that hold a part of an event alone: kept, told, and joined when the rest comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise, permutations
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.model.readings import ValueState
from sfm_archive.model.timestamps import write_device_time
from sfm_archive.storage.tables import schema_text
from sfm_archive.testing import (
    address_of,
    ascii_report,
    blastware_file,
    call_home_name,
    capture,
    odd_streams,
    read_out,
    sequential_file,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    stored_frame,
    wire_read_out,
)
from sfm_archive.testing.replies import event_record_reply


@pytest.fixture
def event(random):
    return simulate_histogram(random, serial="BE11529", count=80, start_key=0x0111_0000)


def halves(random, event, cuts=(3,), records=True):
    """Captures of parts of an event, cut before these frames."""
    wires = wire_read_out(event)
    bounds = [0, *cuts, len(wires)]
    parts = [wires[one:other] for one, other in pairwise(bounds)]
    return [
        capture(random, [event], records=records and not at, wire_of=lambda _, own=own: own)
        for at, own in enumerate(parts)
    ]


def trigger_of(name):
    """Its statement in the schema."""
    start = schema_text().index(f"CREATE TRIGGER {name}")
    return schema_text()[start : schema_text().index("END;", start) + 4]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_parts_of_an_event_are_joined_in_whatever_order_they_come(importing, random, event, order):
    parts = halves(random, event, (2, 4))
    for number in order:
        importing(importing.put(f"raw_s3_{number}.bin", parts[number]))
    (row,) = importing.archive.events()
    assert importing.archive.frames(row.event_id) == tuple(read_out(event))
    assert importing.archive.encode(row.event_id).data == blastware_file(event)
    assert importing.archive.waiting() == []
    assert [one.whole for one in importing.archive.revisions(row.event_id)][-1]
    assert {file.name for file in importing.archive.files(row.event_id)} == {
        f"raw_s3_{number}.bin" for number in range(3)
    }
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_parts_in_one_folder_are_one_event_and_each_file_says_so(importing, random, event, item_of):
    for number, data in enumerate(halves(random, event)):
        importing.put(f"raw_s3_{number}.bin", data)
    report = importing()
    assert report.events_created == 1
    assert {item_of(report, f"raw_s3_{number}.bin").outcome for number in range(2)} == {"new"}
    importing.again_changes_nothing()


def test_the_second_half_is_a_revision_of_the_event_that_the_first_one_made(importing, random, event):
    first, second = halves(random, event)
    importing(importing.put("BE11529/raw_s3_1.bin", first))
    (row,) = importing.archive.events()
    assert [one.whole for one in importing.archive.revisions(row.event_id)] == [False]
    assert importing(importing.put("raw_s3_2.bin", second)).revisions_added == 1
    assert [one.whole for one in importing.archive.revisions(row.event_id)] == [False, True]
    assert importing.archive.encode(row.event_id).data == blastware_file(event)


def test_the_same_frames_as_a_sidecar_or_whole_capture_are_the_same_revision(importing, random, event):
    for number, data in enumerate(halves(random, event)):
        importing(importing.put(f"raw_s3_{number}.bin", data))
    again = importing(importing.put(f"BE11529/{call_home_name(event)}.a5.pkl", sidecar(read_out(event))))
    again_capture = importing(importing.put("raw_s3_whole.bin", capture(random, [event])))
    assert (again.events_created, again.revisions_added, again_capture.revisions_added) == (0, 0, 0)


@pytest.mark.parametrize("at_once", [True, False])
def test_all_that_is_noticed_of_a_torn_event_is_told_by_the_import_that_joins_it(importing, random, event, at_once):
    first, _, last = halves(random, event, (2, 3), records=False)
    paths = [importing.put("raw_s3_1.bin", first), importing.put("raw_s3_2.bin", last)]
    reports = [importing()] if at_once else [importing(path) for path in paths]
    noticed = {one.code: one for one in reports[-1].noticed}
    (row,) = importing.archive.events()
    description = importing.archive.describe(row.event_id)
    kept = {found.code for found in (*description.findings, *description.sample_findings)}
    assert {"joined-captures", "not-whole", "not-encodable"} <= kept & noticed.keys()
    assert {found.code for found in description.sample_findings} <= noticed.keys()
    told = [item for item in reports[-1].items if item.event_ids == (row.event_id,)]
    assert told and "nothing else shows that they are of one download" in told[0].message
    importing.again_changes_nothing()


def of_two_units():
    """Head and tail of a histogram, and the tail of another unit's with one key and equal layout."""
    made = [simulate_histogram(Random(seed), count=96, start_key=0x0111_0000, **TITLES) for seed in (11, 12)]
    size = max(len(one.memory) for one in made) + 40
    (own, other) = (
        simulate_histogram(Random(seed), count=96, start_key=0x0111_0000, size=size, serial=serial, **TITLES)
        for seed, serial in ((11, "BE11529"), (12, "BE14036"))
    )
    x, y = wire_read_out(own), wire_read_out(other)
    return own, {"head": x[:3], "tail": x[3:], "other": y[3:]}


TITLES = {"project": "A", "client": "B", "user_name": "C", "seis_loc": "D", "notes": ""}


def has_peaks(archive, row):
    return any(one.quantity == "ppv" and one.state is not ValueState.ABSENT for one in archive.values(row.event_id))


@pytest.mark.parametrize("order", list(permutations(["head", "tail", "other"])))
def test_of_two_tails_that_fit_by_address_neither_gives_numbers(importing, order):
    own, parts = of_two_units()
    for name in order:
        report = importing(importing.put(f"raw_s3_{name}.bin", b"".join(parts[name])))
    archive = importing.archive
    assert "head" in order[:2] or archive.count() == 0
    for row in archive.events():
        assert {"frames-contested"} <= {found.code for found in archive.describe(row.event_id).findings}
        assert not has_peaks(archive, row)
        (waits,) = archive.waiting()
        assert "nothing shows" in " ".join(found.message for found in archive.describe(row.event_id).findings)
        said = "was put together with others by addresses alone; no number of that event counts"
        assert said in waits.message and said in report.items[0].message
    importing.again_changes_nothing()
    assert archive.verify().ok
    importing(importing.put("raw_s3_whole.bin", b"".join(wire_read_out(own))))
    (row,) = [one for one in archive.events() if one.serial == "BE11529"]
    assert has_peaks(archive, row)


def test_another_download_of_a_contested_event_gives_its_numbers_back(importing):
    own, parts = of_two_units()
    for name in ("head", "tail", "other"):
        importing(importing.put(f"raw_s3_{name}.bin", b"".join(parts[name])))
    (row,) = importing.archive.events()
    assert row.serial == "BE11529" and not has_peaks(importing.archive, row)
    importing(importing.put("raw_s3_whole.bin", b"".join(wire_read_out(own))))
    (row,) = importing.archive.events()
    assert has_peaks(importing.archive, row) and importing.archive.verify().ok


def test_a_closing_frame_alone_is_not_joined_by_its_address(importing, random):
    first = simulate_waveform(Random(5), start_key=0x0111_0000, seconds=2, size=16000, serial="BE11529")
    other = simulate_waveform(Random(9), start_key=0x0111_0000, seconds=2, size=16000, serial="BE14036")
    importing(importing.put("raw_s3_1.bin", b"".join(wire_read_out(first)[:-1])))
    importing(importing.put("raw_s3_2.bin", b"".join(wire_read_out(other)[-1:])))
    assert importing.archive.count() == 0
    (waits,) = [one for one in importing.archive.waiting() if one.file.name == "raw_s3_2.bin"]
    assert "it is the closing frame alone" in waits.message


def test_halves_with_one_time_say_that_it_is_theirs(importing, random, event):
    first, second = halves(random, event)
    importing(importing.put("BE11529/raw_s3_1.bin", first))
    importing(importing.put("raw_s3_2.bin", second))
    (row,) = importing.archive.events()
    (found,) = [one for one in importing.archive.describe(row.event_id).findings if one.code == "joined-captures"]
    assert "by their time" in found.message and "nothing else shows" not in found.message


@pytest.mark.parametrize("order", [(0, 1), (1, 0), None])
def test_a_cut_capture_joins_the_event_that_its_sidecar_made(importing, random, event, order):
    wires = wire_read_out(event)[:4]
    frames = [stored_frame(wire) for wire in wires]
    paths = [
        importing.put("BE11529/raw_s3_1.bin", b"".join(wires)),
        importing.put(f"BE11529/{call_home_name(event)}.a5.pkl", sidecar(frames)),
    ]
    for path in [paths[number] for number in order] if order else ():
        importing(path)
    importing()
    (row,) = importing.archive.events()
    assert importing.archive.waiting() == []
    assert "raw_s3_1.bin" in {one.name for one in importing.archive.files(row.event_id)}
    importing.again_changes_nothing()


def test_waiting_says_nothing_of_a_serial_that_the_folder_tells(importing, random, event):
    importing(importing.put("BE11529/raw_s3_1.bin", b"".join(wire_read_out(event)[:3])))
    (waits,) = importing.archive.waiting()
    assert "its time: neither" in waits.message and "serial" not in waits.message


def test_the_folder_that_an_import_stands_in_tells_the_unit_too(importing, random, event, monkeypatch):
    path = importing.put("BE11529/raw_s3_1.bin", halves(random, event)[0])
    monkeypatch.chdir(path.parent)
    importing(Path(path.name))
    (row,) = importing.archive.events()
    assert row.serial == "BE11529"


@pytest.mark.parametrize("odd", [odd_streams.end_too_near, odd_streams.end_at_start, odd_streams.backwards])
def test_a_part_of_an_event_that_does_not_say_what_it_lacks_stays_waiting(importing, random, event, odd):
    wires = odd(random, event)
    for number, own in enumerate((wires[:3], wires[3:])):
        data = capture(random, [event], records=not number, wire_of=lambda _, own=own: own)
        importing(importing.put(f"BE11529/raw_s3_{number}.bin", data))
    (row,) = importing.archive.events()
    (waits,) = importing.archive.waiting()
    assert waits.file.name == "raw_s3_1.bin" and "whose header says that it lacks these addresses" in waits.message
    assert [one.whole for one in importing.archive.revisions(row.event_id)] == [False]
    importing.again_changes_nothing()


def test_a_half_whose_event_is_there_already_joins_it(importing, random, event):
    importing(importing.put("raw_s3_2.bin", halves(random, event)[1]))
    (waits,) = importing.archive.waiting()
    assert "the frame that opens it is missing" in waits.message
    importing(importing.put("raw_s3_whole.bin", capture(random, [event])))
    (row,) = importing.archive.events()
    assert importing.archive.waiting() == [] and len(importing.archive.revisions(row.event_id)) == 1
    assert importing.archive.info().waiting_files == 0


def overlapping(random, event, cut, overlap, record_in):
    """Two captures of an event: one cut before a frame, the other beginning some frames before that."""
    wires = wire_read_out(event)
    return [
        capture(random, [event], records=record_in == number, wire_of=lambda _, own=own: own)
        for number, own in enumerate((wires[:cut], wires[cut - overlap :]))
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("record_in", [0, 1, None])
@pytest.mark.parametrize(("cut", "overlap"), [(3, 0), (3, 1), (4, 2)])
def test_halves_that_overlap_by_the_same_frames_are_joined(importing, random, event, cut, overlap, record_in, order):
    parts = overlapping(random, event, cut, overlap, record_in)
    for number in order:
        importing(importing.put(f"BE11529/raw_s3_{number}.bin", parts[number]))
    (row,) = importing.archive.events()
    assert importing.archive.frames(row.event_id) == tuple(read_out(event))
    assert importing.archive.encode(row.event_id).data == blastware_file(event)
    assert importing.archive.waiting() == []
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_the_serial_completes_halves_that_tell_none_and_the_import_says_so(importing, random):
    nameless = simulate_histogram(random, serial="nobody", count=80, start_key=0x0111_0000)
    first, second = overlapping(random, nameless, 3, 1, 0)
    importing(importing.put("raw_s3_1.bin", first))
    path = importing.put("raw_s3_2.bin", second)
    importing(path)
    assert importing.archive.count() == 0 and len(importing.archive.waiting()) == 2
    (item,) = importing(path, serial="BE11529").items
    assert item.outcome == "new" and importing.archive.waiting() == []
    (row,) = importing.archive.events()
    assert [one.whole for one in importing.archive.revisions(row.event_id)] == [True]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_half_whose_frame_differs_is_named_and_not_joined(importing, random, event, item_of, order):
    first, _ = overlapping(random, event, 3, 1, 0)
    other = replace(event, memory=event.memory[:0x500] + bytes(16) + event.memory[0x510:])
    parts = [first, overlapping(random, other, 3, 1, None)[1]]
    for number in order:
        report = importing(importing.put(f"raw_s3_{number}.bin", parts[number]))
    assert importing.archive.count() == 0
    (waits,) = [one for one in importing.archive.waiting() if one.file.name == "raw_s3_1.bin"]
    said = "its frame at address 01110400 has other bytes than that of raw_s3_0.bin"
    assert said in waits.message and "both are kept, and nothing is joined" in waits.message
    assert order == (1, 0) or said in item_of(report, "raw_s3_1.bin").message


def with_first_frame(random, event, change, records=True):
    wires = wire_read_out(event)
    own = [change(wires[0]), *wires[1:]]
    return capture(random, [event], records=records, wire_of=lambda _: own)


def flipped(wire):
    """A bit of the STRT record is another one: the frame fails its check."""
    at = wire.index(b"STRT")
    return wire[:at] + bytes([wire[at] ^ 0x01]) + wire[at + 1 :]


def flipped_twice(wire):
    """A byte of the type tag's text went up by one and another down, so that the sum is the same."""
    at = wire.index(b"STRT")
    return wire[:at] + bytes([wire[at] - 1, wire[at + 1] + 1]) + wire[at + 2 :]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped, "directly before these, fails its check"),
        (flipped_twice, "it is there, at the event's start 01110000, and does not begin with type tag and STRT"),
    ],
)
def test_a_first_frame_that_is_damaged_is_not_called_missing(importing, random, event, item_of, change, said):
    found = item_of(importing(importing.put("raw_s3_1.bin", with_first_frame(random, event, change))), ".bin")
    (waits,) = importing.archive.waiting()
    for message in (found.message, waits.message):
        assert "the first frame is damaged: " in message and said in message
        assert "the frame that opens it is missing" not in message
    importing(importing.put("raw_s3_whole.bin", capture(random, [event])))
    assert importing.archive.count() == 1


def test_a_first_frame_that_never_came_is_called_missing(importing, random, event):
    importing(importing.put("raw_s3_1.bin", b"".join(wire_read_out(event)[1:])))
    (waits,) = importing.archive.waiting()
    assert "the frame that opens it is missing" in waits.message and "damaged" not in waits.message


def test_a_half_of_another_event_at_the_same_addresses_is_not_joined(importing, random, event):
    other = simulate_histogram(random, serial="BE18003", count=80, start_key=0x0111_0000)
    importing(importing.put("BE11529/raw_s3_1.bin", halves(random, event)[0]))
    importing(importing.put("raw_s3_2.bin", halves(random, other)[1]))
    (row,) = importing.archive.events()
    assert [one.whole for one in importing.archive.revisions(row.event_id)] == [False]
    assert len(importing.archive.waiting()) == 1


def test_a_half_that_two_events_lack_is_joined_to_neither(importing, random, event):
    first, second = halves(random, event, records=False)
    importing(importing.put("raw_s3_1.bin", first))
    importing(importing.put("raw_s3_1b.bin", first + b"\x41"))
    importing(importing.put("raw_s3_2.bin", second))
    assert importing.archive.count() == 0 and len(importing.archive.waiting()) == 3


def test_importing_it_again_with_a_serial_completes_it(importing, random, event, item_of):
    path = importing.put("raw_s3_1.bin", halves(random, event)[0])
    assert item_of(importing(path), ".bin").outcome == "waiting"
    (waits,) = importing.archive.waiting()
    assert "lacks its unit's serial" in waits.message and "--serial" in waits.message
    assert importing(path, serial="BE11529").events_created == 1
    assert importing.archive.waiting() == []


def test_a_serial_that_was_given_is_not_used_for_parts_of_other_files(importing, random, event):
    wires = wire_read_out(event)
    importing(importing.put("raw_s3_1.bin", b"".join(wires[:2])))
    importing(importing.put("raw_s3_2.bin", b"".join(wires[2:])))
    (row,) = importing.archive.events()
    assert row.serial == "BE11529"
    other = simulate_histogram(random, serial="BE18003", count=80)
    importing(importing.put("raw_s3_3.bin", b"".join(wire_read_out(other)[:2])), serial="BE7")
    assert importing.archive.count() == 1


def test_a_record_waits_for_the_event_of_its_key_and_time(importing, random, event):
    importing(importing.put("raw_s3_record.bin", event_record_reply(random, event)))
    (waits,) = importing.archive.waiting()
    assert f"{event.start_key:08X}" in waits.message
    importing(importing.put("raw_s3_event.bin", b"".join(wire_read_out(event))))
    (row,) = importing.archive.events()
    values = {(one.quantity, one.channel): one for one in importing.archive.values(row.event_id)}
    assert values["ppv", "Tran"].source == "device record" and importing.archive.waiting() == []


def test_a_record_of_an_event_that_was_there_is_not_called_new(importing, random, event, item_of):
    other = simulate_waveform(random, serial="BE18003", seconds=0.5)
    importing(importing.put("raw_s3_other.bin", b"".join(wire_read_out(other))))
    first, second = halves(random, event)
    importing.put("raw_s3_1.bin", first)
    importing.put("raw_s3_2.bin", second)
    importing.put("raw_s3_record.bin", event_record_reply(random, other))
    assert item_of(importing(), "raw_s3_record.bin").outcome == "joined"


def test_a_waiting_capture_whose_bytes_are_damaged_is_told_and_stops_nothing(importing, random, event):
    importing(importing.put("raw_s3_2.bin", halves(random, event)[1]))
    importing.archive.close()
    connection = apsw.Connection(str(importing.archive.path))
    connection.execute("DROP TRIGGER file_piece_is_never_changed")
    connection.execute("UPDATE file_piece SET data = x'00'")
    connection.execute(trigger_of("file_piece_is_never_changed"))
    connection.close()
    importing.restart()
    (waits,) = importing.archive.waiting()
    assert waits.damaged
    other = simulate_waveform(random, serial="BE11529", seconds=0.5)
    assert importing(importing.put("raw_s3_3.bin", capture(random, [other]))).events_created == 1


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_stream_is_like_its_capture_is_received_evidence(importing, item_of, seed):
    random = Random(seed)
    event = simulate_histogram(random, serial="BE11529", count=60, start_key=0x0111_0200)
    odd = odd_streams.ODD_STREAMS[seed % len(odd_streams.ODD_STREAMS)]
    wires = odd(random, event)
    data = b"".join(wires)
    found = item_of(importing(importing.put("raw_s3_1.bin", data)), ".bin")
    assert found.outcome in ("new", "waiting"), found.message
    for row in importing.archive.events():
        assert Counter(importing.archive.frames(row.event_id)) <= Counter(map(stored_frame, wires))
        if odd is not odd_streams.shuffled:
            made = importing.archive.encode(row.event_id, "blastware@1").data
            assert len(made) > 18
        (file,) = importing.archive.files(row.event_id)
        assert importing.archive.file_bytes(file) == data
    assert importing.archive.count() or importing.archive.waiting()
    importing.again_changes_nothing()
    assert importing.archive.verify().ok
    assert isinstance(importing.archive, sfm.Archive)


ODD_AND_OPENED = [
    one for one in odd_streams.ODD_STREAMS if one not in (odd_streams.first_frame_lost, odd_streams.shuffled)
]


@pytest.mark.parametrize("first", ["capture", "sidecar", "event file"])
@pytest.mark.parametrize("odd", ODD_AND_OPENED)
def test_the_same_odd_frames_are_one_event_however_they_come(importing, odd, first):
    random = Random(7)
    event = simulate_histogram(random, serial="BE11529", count=60, start_key=0x0111_0200)
    wires = odd(random, event)
    frames = [stored_frame(wire) for wire in wires]
    name = call_home_name(event)
    captured = event_record_of(random, event, wires) + b"".join(wires)
    ways = {
        "capture": lambda: importing.put("BE11529/raw_s3_1.bin", captured),
        "sidecar": lambda: importing.put(f"BE11529/{name}.a5.pkl", sidecar(frames)),
        "event file": lambda: importing.put(f"BE11529/{name}", sequential_file(frames)),
    }
    for way in sorted(ways, key=lambda way: way != first):
        report = importing(ways[way]())
        assert not report.anything_rejected, [item.message for item in report.items]
    (row,) = importing.archive.events()
    assert (row.serial, row.recorded_at_local) == ("BE11529", event.recorded_at.isoformat())
    assert row.revision == 1 and importing.archive.frames(row.event_id) == tuple(frames)
    importing()  # frames and event file together are compared, which can be a finding
    importing.again_changes_nothing()
    assert importing.archive.count() == len(importing.archive.revisions(row.event_id)) == 1


def event_record_of(random, event, wires):
    """The event's own 0C record: it echoes the key of the stream's opening frame."""
    return event_record_reply(random, replace(event, start_key=address_of(stored_frame(wires[0]))))


def two_of_one_key(random):
    """Two histograms of one unit, of 1 May and of 9 June, with the same keys after an erase and equally long."""
    texts = {"project": "North", "client": "Acme", "user_name": "Jo", "seis_loc": "House 4", "notes": "n"}
    every = {"serial": "BE11529", "start_key": 0x0111_0000, "count": 80, "interval_seconds": 300, "size": 3000, **texts}
    return [
        simulate_histogram(random, recorded_at=datetime(2026, month, day, 6), **every)
        for month, day in ((5, 1), (6, 9))
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_parts_of_two_events_of_one_key_are_not_one_event(importing, random, order, item_of):
    first, second = two_of_one_key(random)
    parts = {
        "raw_s3_20260502_070000.bin": b"".join(wire_read_out(first)[:3]),
        "raw_s3_20260610_070000.bin": b"".join(wire_read_out(second)[3:]),
    }
    names = list(parts)
    for number in order:
        report = importing(importing.put(names[number], parts[names[number]]))
    assert importing.archive.count() == 0
    (waits,) = [one for one in importing.archive.waiting() if "20260610" in one.file.name]
    said = "raw_s3_20260502_070000.bin was received 2026-05-02T07:00:00 by its name, and the event began 2026-06-09T06"
    assert said in waits.message and "download the event again" in waits.message
    assert order == (1, 0) or said in item_of(report, "raw_s3_20260610_070000.bin").message
    importing(importing.put("raw_s3_20260610_070100.bin", b"".join(wire_read_out(second)[:3])))
    (row,) = importing.archive.events()
    assert importing.archive.encode(row.event_id).data == blastware_file(second)


def test_a_middle_that_was_received_before_the_event_is_not_joined(importing, random):
    first, second = two_of_one_key(random)
    importing(importing.put("raw_s3_20260502_070000.bin", b"".join(wire_read_out(first)[2:4])))
    wires = wire_read_out(second)
    importing.put("raw_s3_20260610_070000.bin", b"".join(wires[:2]))
    importing.put("raw_s3_20260610_070100.bin", b"".join(wires[4:]))
    importing()
    assert not any(one.whole for row in importing.archive.events() for one in importing.archive.revisions(row.event_id))
    importing(importing.put("raw_s3_20260610_070200.bin", b"".join(wires[2:4])))
    (row,) = importing.archive.events()
    assert importing.archive.encode(row.event_id).data == blastware_file(second)


def test_two_different_middles_without_a_time_are_both_left(importing, random):
    first, second = two_of_one_key(random)
    for number, one in enumerate((first, second)):
        importing.put(f"raw_s3_middle{number}.bin", b"".join(wire_read_out(one)[2:4]))
    wires = wire_read_out(second)
    importing.put("raw_s3_a.bin", b"".join(wires[:2]))
    importing.put("raw_s3_b.bin", b"".join(wires[4:]))
    importing()
    assert not any(one.whole for row in importing.archive.events() for one in importing.archive.revisions(row.event_id))


def test_a_record_of_another_time_tells_that_a_part_is_of_another_event(importing, random):
    first, second = two_of_one_key(random)
    record = event_record_reply(random, first)
    importing(importing.put("raw_s3_1.bin", record + b"".join(wire_read_out(first)[2:4])))
    wires = wire_read_out(second)
    importing.put("BE11529/raw_s3_2.bin", event_record_reply(random, second) + b"".join(wires[:2] + wires[4:]))
    importing()
    (row,) = importing.archive.events()
    assert not any(one.whole for one in importing.archive.revisions(row.event_id))


def test_parts_of_two_units_by_their_folders_are_not_one_event(importing, random):
    nameless = simulate_histogram(random, serial="nobody", count=80, start_key=0x0111_0000)
    wires = wire_read_out(nameless)
    importing(importing.put("BE11529/raw_s3_1.bin", b"".join(wires[:3])))
    importing(importing.put("BE18003/raw_s3_2.bin", b"".join(wires[3:])))
    assert importing.archive.count() == 0 and len(importing.archive.waiting()) == 2


@pytest.mark.parametrize(("overlap", "told"), [(0, "nothing else shows"), (1, "1 frame that two of them have alike")])
def test_an_event_of_two_captures_says_that_it_was_put_together(importing, random, event, overlap, told):
    for number, data in enumerate(overlapping(random, event, 3, overlap, None)):
        importing.put(f"raw_s3_{number}.bin", data)
    importing()
    (row,) = importing.archive.events()
    (found,) = [one for one in importing.archive.findings(row.event_id) if one.code == "joined-captures"]
    assert "raw_s3_0.bin and raw_s3_1.bin" in found.message and told in found.message


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("behind", ["whole capture", "sidecar", "event file", "a report", "a copy of a half"])
def test_an_event_of_captures_that_addresses_alone_tie_has_no_numbers_until_one_file_has_all(
    importing, random, event, order, behind
):
    parts, archive = overlapping(random, event, 3, 0, None), importing.archive
    for number in order:
        importing(importing.put(f"raw_s3_{number}.bin", parts[number]))
    (row,) = archive.events()
    assert not has_peaks(archive, row) and next(archive.listing()).ppv_basis == "unknown"
    told = archive.describe(row.event_id)
    assert any("no number of these frames counts until" in one.message for one in told.findings)
    (item,) = archive.export(importing.received.parent / "out").items
    assert "nothing but addresses shows that these are of one download" in item.message
    name = call_home_name(event)
    ways = {
        "whole capture": ("raw_s3_2.bin", b"".join(wire_read_out(event))),
        "sidecar": (f"BE11529/{name}.a5.pkl", sidecar(read_out(event))),
        "event file": (f"BE11529/{name}", blastware_file(event)),
        "a report": (f"BE11529/{name}.TXT", ascii_report(event, file_name=name)),
        "a copy of a half": ("raw_s3_copy.bin", parts[0]),
    }
    importing(importing.put(*ways[behind]))
    with archive.store.reading() as connection:
        ((why, decoder),) = list(connection.execute("SELECT why, decoder FROM event_computed"))
    assert archive.count() == 1 and bool(why) == (behind == "a copy of a half")
    assert (decoder == str(archive.pinned_decoder)) == (behind != "a report"), decoder
    importing.again_changes_nothing()
    assert archive.verify().ok and archive.rebuild().changed == 0


@pytest.mark.parametrize("given", ["BE11529", "BE14036"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_serial_that_was_given_for_one_half_is_held_against_the_other(importing, random, event, given, order):
    parts = overlapping(random, event, 3, 0, None)
    for number in order:
        path = importing.put(f"raw_s3_{number}.bin", parts[number])
        importing(path, serial=given) if number == 0 else importing(path)
    if given != "BE11529":
        assert importing.archive.count() == 0
        assert any("these are of two units" in one.message for one in importing.archive.waiting())
        return
    (row,) = importing.archive.events()
    (found,) = [one for one in importing.archive.findings(row.event_id) if one.code == "joined-captures"]
    assert "by their unit, BE11529" in found.message and has_peaks(importing.archive, row)


def test_frames_of_two_waveforms_that_break_off_where_they_meet_are_not_one_event(importing, random):
    texts = {"start_key": 0x0111_0000, "seconds": 1.0, "sample_rate": 1024, "size": 12000}
    first, second = (simulate_waveform(random, serial=serial, **texts) for serial in ("BE11529", "BE14036"))
    importing(importing.put("raw_s3_1.bin", b"".join(wire_read_out(first)[:4])))
    importing(importing.put("raw_s3_2.bin", b"".join(wire_read_out(second)[4:])))
    assert importing.archive.count() == 0
    assert any("do not decode to their end" in one.message for one in importing.archive.waiting())
    importing(importing.put("raw_s3_3.bin", b"".join(wire_read_out(first)[4:])))
    (row,) = importing.archive.events()
    assert importing.archive.encode(row.event_id).data == blastware_file(first)


@pytest.mark.parametrize("first", ["parts", "whole"])
def test_parts_of_an_event_that_is_there_whole_wait_for_nothing(importing, random, event, item_of, first):
    wires = wire_read_out(event)
    parts = {"raw_s3_head.bin": wires[:3], "raw_s3_middle.bin": wires[2:4], "raw_s3_tail.bin": wires[4:]}
    whole = importing.put("BE11529/raw_s3_whole.bin", capture(random, [event]))
    paths = [importing.put(f"parts/{name}", b"".join(own)) for name, own in parts.items()]
    for path in [whole, *paths] if first == "whole" else [*paths, whole]:
        importing(path)
    (row,) = importing.archive.events()
    assert importing.archive.waiting() == [] and importing.archive.info().waiting_files == 0
    assert {file.name for file in importing.archive.files(row.event_id)} == {"raw_s3_whole.bin", *parts}
    for options in ({}, {"serial": "BE11529"}, {"serial": "BE7"}):
        for path in paths:
            found = item_of(importing(path, **options), path.name)
            assert (found.outcome, found.message) == ("duplicate", "") and importing.archive.count() == 1
    importing.again_changes_nothing()


def test_a_part_that_is_in_two_whole_events_is_joined_to_neither(importing, random, event):
    at = event.recorded_at.replace(year=2001)
    times = write_device_time(at) * 2
    other = replace(event, recorded_at=at, memory=event.memory[:-24] + times + event.memory[-8:])
    for number, one in enumerate((event, other)):
        importing(importing.put(f"raw_s3_{number}.bin", capture(random, [one])))
    assert importing.archive.count() == 2
    importing(importing.put("raw_s3_middle.bin", b"".join(wire_read_out(event)[1:3])))
    assert len(importing.archive.waiting()) == 1
