"""Raw captures: whole and torn downloads, the PC's side, events that came another way before."""

from __future__ import annotations

import hashlib

import pytest

from sfm_archive.base.plain import to_plain
from sfm_archive.model import received
from sfm_archive.testing import (
    blastware_file,
    call_home_name,
    capture,
    missing_frame,
    pc_capture,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_memory,
    wire_read_out,
    write_older_store,
)
from sfm_archive.testing.replies import event_count_reply, first_key_reply

RX = "raw_rx_20260502_080000.bin"


@pytest.fixture
def memory(random):
    return simulate_memory(random, 4, serial="BE11529", histograms=1.0)


def test_all_events_of_a_capture_are_taken_with_the_units_own_values(importing, random, memory):
    data = capture(random, memory)
    importing.put("raw_s3_20260502_080000.bin", data)
    report = importing()
    assert report.events_created == 4 and report.totals["new"] == 1 and not report.anything_rejected
    rows = {row.recorded_at_local: row for row in importing.archive.events()}
    for event in memory:
        row = rows[event.recorded_at.isoformat()]
        assert row.event().start_key == event.start_key and row.record_type == "histogram" and row.name == ""
        assert importing.archive.frames(row.event_id) == tuple(read_out(event))
        assert importing.archive.encode(row.event_id).data == blastware_file(event)
        values = {(value.quantity, value.channel): value for value in importing.archive.values(row.event_id)}
        assert values["ppv", "Tran"].number == pytest.approx(event.peaks.tran)
        assert values["ppv", "Tran"].source == values["project", ""].source == "device record"
        (file,) = importing.archive.files(row.event_id)
        assert importing.archive.file_bytes(file) == data
    importing.again_changes_nothing()


@pytest.mark.parametrize("store_first", [True, False])
def test_the_same_event_by_capture_and_by_older_store_is_one_event_with_one_revision(
    importing, random, memory, store_first
):
    write_older_store(importing.received / "store", memory, random=random)
    importing.put(f"downloads/{RX}", capture(random, memory, damaged=0.0))
    order = ["store", "downloads"] if store_first else ["downloads", "store"]
    assert importing(importing.received / order[0]).events_created == 4
    second = importing(importing.received / order[1])
    assert (second.events_created, second.revisions_added) == (0, 0)
    assert not second.anything_rejected and not list(second.with_findings())
    for row in importing.archive.events():
        assert row.revision == 1 and row.name
        kinds = sorted(file.kind for file in importing.archive.files(row.event_id))
        assert kinds == ["capture", "event file", "report", "sidecar"]
    importing.again_changes_nothing()


@pytest.mark.parametrize("records", [True, False])
def test_a_torn_download_is_kept_marked_and_gives_way_to_a_whole_one_but_not_to_a_later_torn_one(
    importing, random, records
):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)

    def downloaded(frames, name):
        return importing.put(
            f"BE11529/{name}", capture(random, [event], records=True, wire_of=lambda e: wire_read_out(e)[:frames])
        )

    torn = importing(downloaded(5, "raw_s3_1.bin"))
    assert torn.events_created == 1 and not torn.anything_rejected
    assert "not-encodable" in {finding.code for item in torn.items for finding in item.findings}
    if records:
        whole = importing(downloaded(None, "raw_s3_2.bin"))
    else:
        whole = importing(importing.put(f"BE11529/{name}.a5.pkl", sidecar(read_out(event))))
    assert (whole.events_created, whole.revisions_added) == (0, 1)
    (row,) = importing.archive.events()
    assert row.revision == 2
    assert importing(downloaded(7, "raw_s3_3.bin")).revisions_added == 1
    (row,) = importing.archive.events()
    assert row.revision == 2 and len(importing.archive.revisions(row.event_id)) == 3
    assert importing.archive.encode(row.event_id).data == blastware_file(event)


def test_the_pcs_side_is_kept_beside_the_units_and_refused_alone(importing, random, memory, item_of):
    importing.put("raw_s3_20260502_080000.bin", capture(random, memory))
    importing.put("raw_bw_20260502_080000.bin", pc_capture(random, memory))
    importing.put("alone/raw_tx_20260502_090000.bin", pc_capture(random, memory))
    report = importing()
    assert item_of(report, "raw_bw_20260502_080000.bin").outcome == "joined"
    assert len(item_of(report, "raw_bw_20260502_080000.bin").event_ids) == 4
    alone = item_of(report, "raw_tx_20260502_090000.bin")
    assert alone.outcome == "rejected" and "beside" in alone.message
    for row in importing.archive.events():
        assert sorted(file.kind for file in importing.archive.files(row.event_id)) == ["capture", "pc capture"]


def test_the_pcs_side_goes_with_the_second_capture_of_its_time_where_the_first_has_no_event(
    importing, random, memory, item_of
):
    importing.put("raw_rx_20260502_080000.bin", capture(random, memory[:1], wire_of=lambda event: []))
    importing.put("raw_s3_20260502_080000.bin", capture(random, memory))
    importing.put("raw_tx_20260502_080000.bin", pc_capture(random, memory))
    report = importing()
    assert item_of(report, "raw_rx_20260502_080000.bin").outcome == "joined"
    assert item_of(report, "raw_tx_20260502_080000.bin").outcome == "joined"


def test_a_capture_of_other_replies_alone_says_how_much_it_holds(importing, random, memory, item_of):
    data = first_key_reply(random, memory[0]) + event_count_reply(random)
    importing.put("raw_s3_20260502_080000.bin", data)
    found = item_of(importing(), ".bin")
    assert found.outcome == "kept" and "(2 sound), none of which is an A5 frame" in found.message


def test_noise_without_a_reply_is_rejected(importing, random, item_of):
    importing.put("raw_s3_20260502_080000.bin", random.randbytes(5000).replace(b"\x10\x02", b""))
    assert "no whole reply" in item_of(importing(), ".bin").message


def test_an_event_that_cannot_be_told_does_not_keep_the_others_out_and_waits(importing, random, memory, item_of):
    torn = memory[1]

    def wire_of(event):
        return wire_read_out(event)[:4] if event is torn else wire_read_out(event)

    importing.put("raw_s3_20260502_080000.bin", capture(random, memory, wire_of=wire_of, noise=False))
    report = importing()
    found = item_of(report, ".bin")
    assert report.events_created == 3 and found.outcome == "new"
    assert not report.anything_rejected and not to_plain(report)["anything_rejected"]
    assert "--serial" in found.message and found in list(report.with_findings())
    (waits,) = importing.archive.waiting()
    assert waits.file.name == "raw_s3_20260502_080000.bin" and "lacks its unit's serial" in waits.message
    assert importing.archive.info().waiting_files == 1
    importing.again_changes_nothing()
    with_serial = importing(serial="BE11529")
    assert with_serial.events_created == 1 and not with_serial.anything_rejected
    assert importing.archive.count() == 4 and importing.archive.waiting() == []


def test_frames_with_a_gap_are_one_event_that_no_encoder_heals(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    wires = wire_read_out(event)
    importing.put("BE11529/raw_s3_1.bin", capture(random, [event], wire_of=lambda _: wires[:3] + wires[4:]))
    importing()
    (row,) = importing.archive.events()
    assert importing.archive.frames(row.event_id) == tuple(missing_frame(read_out(event), 3))
    assert [r.whole for r in importing.archive.revisions(row.event_id)] == [False]


def test_a_capture_may_have_any_name(importing, random, memory, item_of):
    importing.put("friday.dat", capture(random, memory))
    assert item_of(importing(), "friday.dat").kind == "capture"
    assert importing.archive.count() == 4


def test_a_capture_is_hashed_once_for_all_of_its_events(importing, random, monkeypatch):
    hashed = []
    plain = hashlib.sha256
    monkeypatch.setattr(received.hashlib, "sha256", lambda data=b"": hashed.append(len(data)) or plain(data))
    memory = simulate_memory(random, 12, serial="BE11529", histograms=1.0)
    data = capture(random, memory)
    importing.put("raw_s3_20260502_080000.bin", data)
    assert importing().events_created == 12
    assert hashed.count(len(data)) == 1


def test_items_and_refusals_of_very_many_events_are_one_short_line(importing, random):
    from sfm_archive.importing.report import ImportItem, ItemOutcome, merged_items

    items = [
        ImportItem(path="x", kind="capture", outcome=ItemOutcome.NEW, event_ids=(number,), message=f"about {number}")
        for number in range(30_000)
    ]
    (merged,) = merged_items(items)
    assert merged.event_ids == tuple(range(30_000))
    assert merged.message.startswith("about 0; about 1; ") and merged.message.endswith("; and 29,980 more")
