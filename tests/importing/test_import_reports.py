"""Reports and JSON sidecars: beside their event, before it, after it, of another one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from sfm_archive.archive.reading import waiting_files
from sfm_archive.archive.saving import keep_waiting
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.storage import history
from sfm_archive.testing import (
    FIRST_KEY,
    ascii_report,
    blastware_file,
    call_home_name,
    capture,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_waveform,
)

REVIEW = json.dumps({"review": {"false_trigger": True, "reviewer": "mk", "notes": "truck"}}).encode()


@pytest.fixture
def event(random):
    return simulate_histogram(random, serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))


NAMES = {
    "call-home": "M529LKIQ_7M0H_ASCII.TXT",
    "manual": "M529LKIQ.7M0H.TXT",
    "call-home, no suffix": "M529LKIQ_7M0_ASCII.TXT",
    "manual, no suffix": "M529LKIQ.7M0.TXT",
    "lower case": "m529lkiq_7m0h_ascii.txt",
    "second copy": "M529LKIQ_7M0H_ASCII(1).TXT",
    "second copy of a browser": "M529LKIQ.7M0H (2).TXT",
}


def report_of_event(event, line_end="\r\n"):
    return ascii_report(event, file_name="M529LKIQ.7M0H", line_end=line_end)


def joined(archive, kind):
    (row,) = archive.events()
    return [file for file in archive.files(row.event_id) if file.kind == kind]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("event_name", ["M529LKIQ.7M0H", "M529LKIQ.7M0", "m529lkiq.7m0h"])
def test_a_report_finds_its_event_whichever_habit_named_either(importing, event, name, line_end, event_name):
    report = importing.put(f"texts/{name}", report_of_event(event, line_end))
    importing.put(f"BE11529/{event_name}", blastware_file(event))
    first = importing()
    assert first.totals | {"new": 1, "joined": 1} == first.totals
    (kept,) = joined(importing.archive, FileKind.REPORT)
    assert kept.name == name and importing.archive.file_bytes(kept) == report.read_bytes()
    (row,) = importing.archive.events()
    values = {value.quantity: value for value in importing.archive.values(row.event_id)}
    assert values["pvs"].source == "report"
    importing.again_changes_nothing()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_report_that_came_first_is_an_event_and_its_binary_is_the_same_one(importing, event, name):
    report = importing.put(f"texts/{name}", report_of_event(event))
    first = importing(report)
    assert first.totals["new"] == first.events_created == 1 and not waiting_files(importing.archive.store)
    (alone,) = importing.archive.events()
    assert (alone.serial, alone.record_type, alone.start_key) == (event.serial, "histogram", "")
    assert importing(report).totals["duplicate"] == 1
    importing.put("BE11529/M529LKIQ.7M0H.a5.pkl", sidecar(read_out(event)))
    second = importing(importing.received / "BE11529")
    assert second.events_created == 0 and second.waiting_joined == 0
    assert [file.name for file in joined(importing.archive, FileKind.REPORT)] == [name]
    (row,) = importing.archive.events()
    assert (row.event_id, row.start_key, row.revision) == (alone.event_id, f"{event.start_key:08X}", 1)
    importing.again_changes_nothing()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("content", ["serial only", "nothing understood"])
def test_a_report_that_does_not_tell_its_event_waits_and_is_joined_by_its_name(importing, event, name, content):
    data = report_of_event(event).replace(b"Event Date", b"Date of event")
    if content == "nothing understood":
        data = data.replace(b"BE11529", b"?")
    report = importing.put(f"texts/{name}", data)
    first = importing(report)
    assert first.totals["waiting"] == 1 and not first.anything_rejected
    (waiting,) = waiting_files(importing.archive.store)
    assert importing.archive.file_bytes(waiting) == data
    assert importing(report).totals["duplicate"] == 1
    importing.put("BE11529/M529LKIQ.7M0H.a5.pkl", sidecar(read_out(event)))
    second = importing(importing.received / "BE11529")
    assert second.waiting_joined == 1 and not waiting_files(importing.archive.store)
    assert [file.name for file in joined(importing.archive, FileKind.REPORT)] == [name]
    importing.again_changes_nothing()


def test_a_report_finds_an_event_that_came_by_capture_and_has_no_name(importing, event, random):
    importing.put("raw_s3_20260502_080000.bin", capture(random, [event]))
    importing.put("texts/M529LKIQ.7M0.TXT", report_of_event(event).replace(b"Event Date", b"Date of event"))
    assert importing().totals["joined"] == 1


def test_a_report_that_waited_and_now_comes_beside_its_event_is_joined_once_and_says_so(importing, event, item_of):
    silent = report_of_event(event).replace(b"Event Date", b"Date of event")
    report = importing.put("BE11529/M529LKIQ_7M0H_ASCII.TXT", silent)
    assert importing(report).totals["waiting"] == 1
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    second = importing()
    assert item_of(second, ".TXT").outcome == "joined" and second.waiting_joined == 0
    assert not waiting_files(importing.archive.store) and len(joined(importing.archive, FileKind.REPORT)) == 1
    importing.again_changes_nothing()


def test_a_report_of_another_event_under_the_same_name_is_an_event_of_its_own(importing, event, item_of):
    other = replace(event, recorded_at=event.recorded_at + timedelta(hours=1))
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    importing.put("BE11529/M529LKIQ_7M0H_ASCII.TXT", ascii_report(other, file_name="M529LKIQ.7M0H"))
    found = item_of(importing(), ".TXT")
    assert (found.outcome, found.event_ids) == ("new", (2,))
    assert importing.archive.event(2).event().recorded_at == other.recorded_at
    assert not importing.archive.findings(1)
    assert "pvs" not in {value.quantity for value in importing.archive.values(1)}


def test_a_report_of_another_unit_under_the_same_name_is_joined_to_that_units_event(importing, event, random, item_of):
    other = simulate_histogram(random, serial="UM11529", recorded_at=event.recorded_at)
    importing.put("a/M529LKIQ.7M0H", blastware_file(event))
    importing.put("a/M529LKIQ_7M0H_ASCII.TXT", ascii_report(other, file_name="M529LKIQ.7M0H"))
    importing.put("b/M529LKIQ.7M0H", blastware_file(other))
    report = importing()
    (event_id,) = item_of(report, ".TXT").event_ids
    assert importing.archive.event(event_id).serial == "UM11529"


def test_a_report_whose_time_is_rounded_to_the_next_second_belongs_to_its_event(importing, event, item_of):
    later = replace(event, recorded_at=event.recorded_at + timedelta(seconds=1))
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    importing.put("BE11529/M529LKIQ_7M0H_ASCII.TXT", ascii_report(later, file_name="M529LKIQ.7M0H"))
    report = importing()
    assert item_of(report, ".TXT").outcome == "joined" and not list(report.with_findings())


def test_a_report_of_two_events_of_one_second_counts_for_that_of_its_numbers(importing, event, random, item_of):
    second = simulate_histogram(random, serial="BE11529", recorded_at=event.recorded_at, start_key=FIRST_KEY + 0x9000)
    importing.put("first/M529LKIQ.7M0H", blastware_file(event))
    importing.put("second/M529LKIQ.7M0H", blastware_file(second))
    importing.put("texts/M529LKIQ_7M0H_ASCII.TXT", report_of_event(event))
    found = item_of(importing(), ".TXT")
    assert (found.outcome, found.event_ids) == ("joined", (1, 2)) and "has the numbers of event 1" in found.message
    importing.again_changes_nothing()


def test_a_waveforms_report_never_becomes_the_histograms_of_the_same_second(importing, event, random, item_of):
    waveform = simulate_waveform(random, serial=event.serial, recorded_at=event.recorded_at, seconds=1.0)
    importing.put("a/M529LKIQ.7M0H", blastware_file(event))
    importing.put("texts/export.txt", ascii_report(waveform, file_name="x"))
    importing.put("a/M529LKIQ_7M0_ASCII.TXT", ascii_report(waveform, file_name="y"))
    first = importing()
    assert {item_of(first, end).outcome for end in ("export.txt", "ASCII.TXT")} == {"new", "joined"}
    assert [row.record_type for row in importing.archive.events()] == ["histogram", "waveform"]
    importing.put("b/M529LKIQ.7M0W", blastware_file(waveform))
    assert importing(importing.received / "b").events_created == 0
    assert [len(importing.archive.files(event_id)) for event_id in (1, 2)] == [1, 3]
    importing.again_changes_nothing()


def test_a_report_that_could_be_of_two_units_waits_and_names_both(importing, event, random, item_of):
    silent = report_of_event(event).replace(b"Event Date", b"Date of event").replace(b"BE11529", b"?")
    other = simulate_histogram(random, serial="UM11529", recorded_at=event.recorded_at)
    importing.put("first/M529LKIQ.7M0H", blastware_file(event))
    importing.put("second/M529LKIQ.7M0H", blastware_file(other))
    importing.put("texts/M529LKIQ_7M0H_ASCII.TXT", silent)
    found = item_of(importing(), ".TXT")
    assert found.outcome == "waiting" and "events 1, 2" in found.message
    importing.again_changes_nothing()


def test_a_review_is_kept_as_values_and_the_file_byte_for_byte(importing, event):
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    importing.put("BE11529/m529lkiq.7m0h.SFM.JSON", REVIEW)
    importing()
    (kept,) = joined(importing.archive, FileKind.SIDECAR)
    assert importing.archive.file_bytes(kept) == REVIEW
    values = {value.quantity: value.text for value in importing.archive.values(1)}
    assert (values["false_trigger"], values["reviewer"], values["review_notes"]) == ("yes", "mk", "truck")


def test_a_review_without_its_event_waits_and_goes_to_the_unit_whose_folder_it_lay_in(importing, event, random):
    review = importing.put("BE11529/M529LKIQ.7M0H.sfm.json", REVIEW)
    assert importing(review).totals["waiting"] == 1
    other = simulate_histogram(random, serial="UM11529", recorded_at=event.recorded_at)
    assert importing(importing.put("UM11529/M529LKIQ.7M0H", blastware_file(other))).waiting_joined == 0
    assert importing(importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))).waiting_joined == 1
    assert not waiting_files(importing.archive.store)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"review": {"false_trigger": "perhaps"}}', b"\xff\xfe"])
def test_a_json_sidecar_that_cannot_be_read_is_kept_and_says_so(importing, event, item_of, data):
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    importing.put("BE11529/M529LKIQ.7M0H.sfm.json", data)
    found = item_of(importing(), ".json")
    assert found.outcome == "joined" and "kept but cannot be read" in found.message
    (kept,) = joined(importing.archive, FileKind.SIDECAR)
    assert importing.archive.file_bytes(kept) == data


def test_a_corrected_report_is_another_reading_and_both_texts_are_kept(importing, event):
    importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    importing.put("BE11529/M529LKIQ.7M0H.TXT", report_of_event(event))
    importing()
    corrected = report_of_event(replace(event, project="Corrected job"))
    importing.put("BE11529/M529LKIQ.7M0H.TXT", corrected)
    assert importing().totals["joined"] == 1
    assert len(joined(importing.archive, FileKind.REPORT)) == 2
    assert {v.quantity: v.text for v in importing.archive.values(1)}["project"] == "Corrected job"


def test_a_text_that_is_no_report_is_rejected(importing, item_of):
    importing.put("BE11529/M529LKIQ_7M0H_ASCII.TXT", b"to do: call the client\r\n")
    found = item_of(importing(), ".TXT")
    assert found.outcome == "rejected" and "header lines" in found.message


HALF = {
    "project": rb'{"project": "\ud800"}',
    "reviewer": rb'{"review": {"false_trigger": true, "reviewer": "\udcff"}}',
    "notes": rb'{"review": {"notes": "truck \ud83d"}}',
}


@pytest.mark.parametrize("document", HALF.values(), ids=HALF)
def test_a_sidecar_with_half_a_character_is_kept_unread_and_takes_no_other_event_with_it(importing, random, document):
    for minute in range(3):
        event = simulate_histogram(random, serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, minute))
        importing.put(f"BE11529/{call_home_name(event)}", blastware_file(event))
    importing.put(f"BE11529/{call_home_name(event)}.sfm.json", document)
    report = importing()
    assert report.events_created == 3 and report.totals["joined"] == 1 and not report.anything_rejected
    (noticed,) = report.with_findings()
    assert noticed.path.endswith(".sfm.json") and "half a character" in noticed.message
    *_, last = importing.archive.events()
    (kept,) = [file for file in importing.archive.files(last.event_id) if file.kind == FileKind.SIDECAR]
    assert importing.archive.file_bytes(kept) == document
    importing.again_changes_nothing()


AS_KEPT = {
    "nothing, as older versions did": None,
    "what it tells": {"serial": "BE11529", "recorded_at_local": "2026-05-01T13:16:34"},
    "other things than texts": {"serial": 5, "recorded_at_local": ["x"]},
    "no time": {"serial": "BE11529", "recorded_at_local": "yesterday"},
    "nothing understood by another version": {"serial": "", "recorded_at_local": ""},
}


@pytest.mark.parametrize("tells", AS_KEPT.values(), ids=AS_KEPT)
def test_a_waiting_report_is_joined_whatever_the_history_has_of_it(importing, event, tells, monkeypatch):
    file = ReceivedFile(kind=FileKind.REPORT, name="export.txt", data=report_of_event(event), pairs_with="EXPORT")
    with monkeypatch.context() as patch:
        patch.setattr(history, "TOOL", "sfm-archive 0.0.1")
        assert keep_waiting(importing.archive.store, file, importing.archive.actor, tells)
    importing.put("a/M529LKIQ.7M0H", blastware_file(event))
    assert importing().waiting_joined == 1 and not waiting_files(importing.archive.store)


def test_what_a_waiting_report_tells_joins_nothing_that_the_report_itself_contradicts(importing, event):
    file = ReceivedFile(kind=FileKind.REPORT, name="export.txt", data=report_of_event(event), pairs_with="EXPORT")
    keep_waiting(
        importing.archive.store,
        file,
        importing.archive.actor,
        {"serial": "BE11530", "recorded_at_local": "2026-05-01T10:00:00"},
    )
    another = simulate_histogram(Random(1), serial="BE11530", recorded_at=datetime(2026, 5, 1, 10))
    importing.put(f"a/{call_home_name(another)}", blastware_file(another))
    assert importing().waiting_joined == 0 and len(waiting_files(importing.archive.store)) == 1


def with_odd_numbers(event):
    return report_of_event(event).replace(b'"Peak Vector Sum : ', b'"Peak Vector Sum : about ')


@pytest.mark.parametrize("comes", ["beside its event", "after its event", "before its event"])
def test_what_is_noticed_about_a_report_stays_with_its_event(importing, event, comes):
    report = importing.put("BE11529/M529LKIQ.7M0H.TXT", with_odd_numbers(event))
    unread = importing.put("BE11529/M529LKIQ.7M0H.sfm.json", b"{")
    file = importing.put("BE11529/M529LKIQ.7M0H", blastware_file(event))
    orders = {"beside its event": [[importing.received]], "after its event": [[file], [report, unread]]}
    for sources in orders.get(comes, [[report, unread], [file]]):
        importing(*sources)
    kept = {finding.code: finding.message for finding in importing.archive.findings(1)}
    assert kept.keys() == {"value-not-understood", "unreadable-document"}
    assert kept["value-not-understood"].startswith("M529LKIQ.7M0H.TXT: no number is understood in pvs 'about")
    saying = next(row for row in importing.archive.history() if any(entry.table == "finding" for entry in row.listed))
    assert saying.action == ("add files" if comes == "after its event" else "save")
    importing.again_changes_nothing()
    assert importing.archive.verify().ok


def test_a_report_in_utf_16_without_its_mark_is_said_to_be_one(importing, event, item_of):
    importing.put("BE11529/M529LKIQ_7M0H_ASCII.TXT", report_of_event(event).decode().encode("utf-16-le"))
    found = item_of(importing(), ".TXT")
    assert found.outcome == "rejected" and "UTF-16 without a byte-order mark; save it as UTF-8" in found.message
