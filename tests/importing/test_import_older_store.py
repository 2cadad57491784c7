"""Older stores: event file, frames sidecar, JSON sidecar, report and arrays of each event."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from sfm_archive.archive.finding import ids_by_name
from sfm_archive.archive.reading import waiting_files
from sfm_archive.formats import frame_blob
from sfm_archive.model.events import RecordType
from sfm_archive.testing import (
    blastware_file,
    call_home_name,
    conflicting_frame,
    corrupted_byte,
    doubled_start,
    header_in_samples,
    missing_closing,
    missing_frame,
    out_of_order,
    over_read,
    read_out,
    repeated_frame,
    restarted,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    truncated_frame,
    without_checksums,
    write_older_store,
    wrong_end_key,
)


def codes(archive, event_id):
    return [finding.code for finding in archive.findings(event_id)]


def test_everything_of_a_store_is_taken_and_each_event_file_comes_back_byte_for_byte(importing, random):
    events = [simulate_waveform(random, seconds=1.0), *(simulate_histogram(random) for _ in range(4))]
    stored = write_older_store(importing.received, events, random=random, hdf5=True)
    report = importing()
    assert report.totals | {"new": 10, "joined": 10, "left out": 5} == report.totals
    assert not report.anything_rejected and not list(report.with_findings())
    assert report.events_created == 5
    for one in stored:
        (event_id,) = ids_by_name(importing.archive.store, one.filename)
        row = importing.archive.event(event_id)
        assert row.event().serial == one.event.serial and row.event().recorded_at == one.event.recorded_at
        assert importing.archive.frames(event_id) == one.frames
        kept = {file.name: importing.archive.file_bytes(file, event_id) for file in importing.archive.files(event_id)}
        folder = f"{one.event.serial}/"
        assert kept == {
            name.removeprefix(folder): data for name, data in one.files.items() if not name.endswith((".a5.pkl", ".h5"))
        }
    assert importing.again_changes_nothing().totals | {"duplicate": 20, "left out": 5} == importing().totals


FAULTS = {
    "over-read": lambda event, random: over_read(event),
    "doubled start": lambda event, random: doubled_start(read_out(event)),
    "doubled start, asked address echoed": lambda event, random: doubled_start(read_out(event), echo_start=False),
    "missing frame": lambda event, random: missing_frame(read_out(event), 4),
    "missing closing": lambda event, random: missing_closing(read_out(event)),
    "repeated frame": lambda event, random: repeated_frame(read_out(event), 3),
    "conflicting frame": lambda event, random: conflicting_frame(read_out(event), 3, random),
    "corrupted byte": lambda event, random: corrupted_byte(read_out(event), 5, random),
    "truncated frame": lambda event, random: truncated_frame(read_out(event), 5, random),
    "out of order": lambda event, random: out_of_order(read_out(event), random),
    "without checksums": lambda event, random: without_checksums(read_out(event)),
    "restarted": lambda event, random: restarted(read_out(event), 4),
    "wrong end key": lambda event, random: wrong_end_key(read_out(event), -40),
    "first frame lost": lambda event, random: missing_frame(read_out(event), 0),
}


def store_with_fault(importing, random, fault):
    event = simulate_histogram(random, serial="BE11529", count=200)
    (stored,) = write_older_store(
        importing.received, [event], random=random, frames_of=lambda event: FAULTS[fault](event, random)
    )
    return stored


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_stream_is_kept_with_its_event_file_and_the_difference_is_reported(importing, random, item_of, fault):
    stored = store_with_fault(importing, random, fault)
    report = importing()
    assert not report.rejected
    (row,) = importing.archive.events()
    assert importing.archive.frames(row.event_id) == stored.frames
    (file,) = [file for file in importing.archive.files(row.event_id) if file.kind == "event file"]
    received = stored.files[f"BE11529/{stored.filename}"]
    assert importing.archive.file_bytes(file, row.event_id) == received
    (encoding,) = importing.archive.encodings(row.event_id)
    found = {finding.code: finding for finding in item_of(report, stored.filename).findings}
    if not encoding.encoded:
        assert "not-encodable" in found
    elif importing.archive.encode(row.event_id).data == received:
        assert not {"not-encodable", "differs-from-encoder"} & set(found)
    else:
        made = importing.archive.encode(row.event_id).data
        pairs = enumerate(zip(made, received, strict=False))
        first = next((at for at, (a, b) in pairs if a != b), min(len(made), len(received)))
        assert f"0x{first:X}." in found["differs-from-encoder"].message
        assert found["differs-from-encoder"].start == first
    assert encoding.encoded == (fault not in {
        "doubled start", "doubled start, asked address echoed", "missing frame", "missing closing",
        "conflicting frame", "truncated frame", "first frame lost",
    })  # fmt: skip
    importing.again_changes_nothing()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_event_file_alone_and_the_sidecar_alone_tell_of_the_same_event(importing, random, fault):
    stored = store_with_fault(importing, random, fault)
    folder = importing.received / "BE11529"
    event_file, frames = folder / stored.filename, folder / f"{stored.filename}.a5.pkl"
    for first, second in ((event_file, frames), (frames, event_file), (event_file, folder)):
        importing(first)
        importing(second)
        (row,) = importing.archive.events()
        assert row.revision == 1
        assert stored.filename in [file.name for file in importing.archive.files(row.event_id)]
        importing.archive.close()
        importing.archive.path.unlink()
        importing.archive = type(importing.archive).create(importing.archive.path)


@pytest.mark.parametrize("fault", FAULTS)
def test_whether_its_report_has_come_does_not_change_which_event_it_is(importing, random, fault):
    stored = store_with_fault(importing, random, fault)
    folder = importing.received / "BE11529"
    importing(folder / stored.filename, folder / f"{stored.filename}.a5.pkl")
    (before,) = importing.archive.events()
    importing()
    (after,) = importing.archive.events()
    assert before == after
    assert len(importing.archive.files(after.event_id)) == 3 and not waiting_files(importing.archive.store)


def test_an_event_file_that_is_what_an_older_encoder_makes_says_so(importing, random, item_of):
    stored = store_with_fault(importing, random, "over-read")
    found = item_of(importing(), stored.filename).findings
    assert "blastware@1" in next(finding.message for finding in found if finding.code == "made-by")


def test_samples_that_look_like_a_header_are_no_fault(importing, random):
    write_older_store(importing.received, [header_in_samples(random)], random=random)
    assert not list(importing().with_findings())


class _Boom:
    def __reduce__(self):
        return (Path("/tmp/imp-boom").write_text, ("ran",))


def many_references(size, count):
    frame = {"sub": 0xA5, "page_hi": 0, "page_lo": 16, "data": bytes(size), "chk_byte": 0, "checksum_valid": True}
    return {"version": 1, "frames": [frame] * count}


HOSTILE = {
    "code": pickle.dumps({"version": 1, "frames": _Boom()}),
    "cut off": pickle.dumps({"version": 1, "frames": [{}]})[:-3],
    "no frames": pickle.dumps({"version": 1, "frames": []}),
    "other version": pickle.dumps({"version": 2, "frames": []}),
    "nothing of ours": pickle.dumps([1, 2, 3]),
    "empty file": b"",
    "not a pickle": b"\x80\x05 nonsense",
    "few bytes that stand for many": pickle.dumps(many_references(1_000_000, 100_000)),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_pickle_is_rejected_with_a_reason_and_the_event_file_beside_it_is_taken(
    importing, random, item_of, hostile
):
    (stored,) = write_older_store(importing.received, [simulate_histogram(random)], random=random)
    importing.put(f"{stored.event.serial}/{stored.filename}.a5.pkl", HOSTILE[hostile])
    report = importing()
    refused = item_of(report, ".a5.pkl")
    assert refused.outcome == "rejected" and len(refused.message) > 20
    assert report.anything_rejected and [item.path for item in report.rejected] == [refused.path]
    assert item_of(report, stored.filename).outcome == "new"
    assert not Path("/tmp/imp-boom").exists()


@pytest.mark.parametrize("data", [b"", b"\x10\x02" * 10, bytes(11), b"\x10" * 40])
def test_frames_too_short_to_read_are_kept_all_the_same(importing, random, data, item_of):
    event = simulate_histogram(random)
    frames = [frame._replace(data=data) if number == 2 else frame for number, frame in enumerate(read_out(event))]
    write_older_store(importing.received, [event], random=random, frames_of=lambda _: frames)
    report = importing()
    assert not report.rejected
    (row,) = importing.archive.events()
    assert list(importing.archive.frames(row.event_id)) == frames
    assert "not-encodable" in codes(importing.archive, row.event_id)


def test_a_sidecar_of_nothing_but_unreadable_frames_is_kept_under_name_and_folder(importing, random):
    frames = [frame._replace(data=b"\x10\x03" * 9) for frame in read_out(simulate_histogram(random))]
    importing.put("BE11529/M529LKIQ.7M0W.a5.pkl", sidecar(frames))
    assert not importing().rejected
    (row,) = importing.archive.events()
    assert (row.serial, row.recorded_at_local, row.name) == ("BE11529", "2026-05-01T13:16:34", "M529LKIQ.7M0W")
    assert list(importing.archive.frames(row.event_id)) == frames


def test_settings_come_from_the_event_file_where_the_frames_were_torn_before_them(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)
    importing.put(f"BE11529/{name}", blastware_file(event))
    importing.put(f"BE11529/{name}.a5.pkl", sidecar(read_out(event)[:4]))
    importing()
    (row,) = importing.archive.events()
    said = {value.quantity: value.text for value in importing.archive.values(row.event_id)}
    assert said["project"] == event.project and said["client"] == event.client
    assert row.record_type == RecordType.HISTOGRAM.value


def test_a_later_whole_sidecar_becomes_current_and_a_later_torn_one_does_not_hide_it(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)
    for number, stream in enumerate((read_out(event)[:-1], read_out(event), read_out(event)[:-2]), start=1):
        importing.put(f"BE11529/{name}.a5.pkl", sidecar(stream))
        report = importing()
        assert (report.events_created, report.revisions_added) == ((1, 0) if number == 1 else (0, 1))
        (row,) = importing.archive.events()
        assert [frames.whole for frames in importing.archive.revisions(row.event_id)] == [False, True, False][:number]
        assert row.revision == min(number, 2)


def test_a_message_names_the_difference_in_words(importing, random, item_of):
    stored = store_with_fault(importing, random, "repeated frame")
    message = item_of(importing(), stored.filename).message
    assert re.search(r"has \d+ bytes, blastware@2 makes \d+; they first differ at offset 0x[0-9A-F]+\.", message)


def test_a_sidecar_with_more_frames_than_this_program_keeps_is_rejected_alone(importing, random, monkeypatch):
    one, other = (simulate_histogram(random, serial="BE11529", count=count) for count in (50, 300))
    for event in (one, other):
        importing.put(f"BE11529/{call_home_name(event)}.a5.pkl", sidecar(read_out(event)))
    monkeypatch.setattr(frame_blob, "MAX_FRAMES", len(read_out(one)))
    report = importing()
    (refused,) = report.rejected
    assert report.events_created == 1 and "this program keeps up to" in refused.message
    assert refused.path.endswith(f"{call_home_name(other)}.a5.pkl")


def test_a_frame_whose_sum_does_not_fit_is_said_once_and_hides_no_whole_download(importing, random, item_of):
    event = simulate_waveform(random, seconds=0.5, sample_rate=1024, serial="BE11529")
    frames = list(read_out(event))
    path = importing.put(f"BE11529/{call_home_name(event)}.a5.pkl", sidecar(frames))
    assert not item_of(importing(), ".pkl").findings
    data = bytearray(frames[2].data)
    data[40] ^= 1
    frames[2] = frames[2]._replace(data=bytes(data))
    path.write_bytes(sidecar(frames))
    found = item_of(importing(), ".pkl")
    assert found.outcome == "revised" and [one.code for one in found.findings] == ["checksum"]
    assert "checksum" in {one.code for one in importing.archive.findings(1)}
    assert importing.archive.event(1).revision == 1, "the whole one counts"
    assert item_of(importing(), ".pkl").outcome == "duplicate"
