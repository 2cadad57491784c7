"""Which event received files tell of: content first, then name and folder; contradictions are reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from sfm_archive.archive.finding import ids_by_name
from sfm_archive.archive.reading import names_of, waiting_files
from sfm_archive.testing import (
    FIRST_KEY,
    ascii_report,
    blastware_file,
    call_home_name,
    missing_closing,
    read_out,
    sequential_file,
    sidecar,
    simulate_histogram,
    write_older_store,
)


def codes(archive, event_id):
    return [finding.code for finding in archive.findings(event_id)]


def test_two_units_in_one_folder_are_told_apart_by_their_content(importing, random):
    one, other = simulate_histogram(random, serial="BE11529"), simulate_histogram(random, serial="UM12345")
    for event in (one, other):
        name = call_home_name(event)
        importing.put(f"all of them/{name}", blastware_file(event))
        importing.put(f"all of them/{name}.a5.pkl", sidecar(read_out(event)))
    assert not list(importing().with_findings())
    assert {row.serial for row in importing.archive.events()} == {"BE11529", "UM12345"}


@pytest.mark.parametrize("folder", ["UNKNOWN", "unknown", "MAY2026", "JOB7", "Q3", "2026"])
def test_no_folder_that_is_not_named_after_a_unit_tells_the_serial(importing, random, folder):
    event = simulate_histogram(random, serial="BE11529")
    torn = missing_closing(read_out(event))
    name = call_home_name(event)
    importing.put(f"{folder}/{name}", sequential_file(torn[:4]))
    importing.put(f"{folder}/{name}.a5.pkl", sidecar(torn[:4]))
    report = importing()
    assert len(report.rejected) == 2 and importing.archive.count() == 0
    assert all("--serial" in item.message for item in report.rejected)
    assert not importing(serial="be11529").rejected
    (row,) = importing.archive.events()
    assert row.serial == "BE11529"
    importing.again_changes_nothing(serial="BE11529")


def test_an_unknown_folder_does_not_matter_where_the_content_tells_the_serial(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    importing.put(f"UNKNOWN/{call_home_name(event)}", blastware_file(event))
    assert not list(importing(serial="BE18003").with_findings())
    assert next(importing.archive.events()).serial == "BE11529"


def test_a_folder_that_contradicts_the_content_is_reported_and_the_content_counts(importing, random, item_of):
    event = simulate_histogram(random, serial="BE11529")
    importing.put(f"BE18003/{call_home_name(event)}", blastware_file(event))
    (found,) = item_of(importing(), call_home_name(event)).findings
    assert found.code == "serial-contradiction" and "BE18003" in found.message and "BE11529" in found.message
    (row,) = importing.archive.events()
    assert row.serial == "BE11529" and codes(importing.archive, row.event_id) == ["serial-contradiction"]


def test_a_folder_that_contradicts_the_name_is_not_believed_alone(importing, random, item_of):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)
    importing.put(f"BE18003/{name}", sequential_file(read_out(event)[:4]))
    message = item_of(importing(), name).message
    assert "BE18003" in message and "11529" in message and "--serial" in message
    assert importing.archive.count() == 0


def test_the_report_beside_tells_the_serial_where_nothing_else_does_but_not_that_of_another_unit(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)
    importing.put(f"a/{name}", sequential_file(read_out(event)[:4]))
    foreign = importing.put(f"a/{name}.TXT", ascii_report(replace(event, serial="BE18003"), file_name=name))
    assert [item.path for item in importing().rejected] == [str(foreign.with_suffix(""))]
    importing.put(f"a/{name}.TXT", ascii_report(event, file_name=name))
    assert not importing().rejected
    units = [row.serial for row in importing.archive.events()]
    assert sorted(units) == ["BE11529", "BE18003"]  # the foreign report is an event of its own


def test_the_year_of_a_clock_that_was_never_set_is_kept_and_marked(importing, random, item_of):
    event = simulate_histogram(random, recorded_at=datetime(1995, 1, 1, 0, 3, 7))
    write_older_store(importing.received, [event], random=random)
    report = importing()
    assert [finding.code for finding in item_of(report, call_home_name(event)).findings] == ["clock-never-set"]
    assert next(importing.archive.events()).recorded_at_local == "1995-01-01T00:03:07"


def test_a_serial_that_no_name_can_be_made_of_keeps_the_name_it_was_received_under(importing, random):
    event = simulate_histogram(random, serial="BE25529")
    write_older_store(importing.received, [event], random=random, name_of=lambda _: "[529LKIQ.7M0H")
    assert not importing().rejected
    (row,) = importing.archive.events()
    assert (row.serial, row.name) == ("BE25529", "[529LKIQ.7M0H")
    assert importing.archive.count() == 1


def test_a_file_under_a_wrong_name_is_reported_and_its_content_counts(importing, random, item_of):
    event = simulate_histogram(random, serial="BE11529")
    importing.put("BE11529/T003LKIQ.7M0W", blastware_file(event))
    importing.put("BE11529/copy of the shot.bin", blastware_file(simulate_histogram(random, serial="BE11529")))
    report = importing()
    found = {finding.code for finding in item_of(report, "T003LKIQ.7M0W").findings}
    assert found == {"serial-contradiction", "time-contradiction"}
    assert item_of(report, "copy of the shot.bin").outcome == "new"
    rows = {row.recorded_at_local: row for row in importing.archive.events()}
    assert rows[event.recorded_at.isoformat()].serial == "BE11529"
    assert sorted(row.name for row in rows.values()) == ["", "T003LKIQ.7M0W"]


@pytest.mark.parametrize("size", [-1, -26, -300, 5])
def test_an_event_file_without_frames_is_kept_byte_for_byte_however_long_it_is(importing, random, item_of, size):
    event = simulate_histogram(random, serial="BE11529")
    data = blastware_file(event)
    data = data[:size] if size < 0 else data + b"extra"
    importing.put(f"BE11529/{call_home_name(event)}", data)
    found = {finding.code for finding in item_of(importing(), call_home_name(event)).findings}
    assert "size" in found
    (row,) = importing.archive.events()
    assert row.recorded_at_local == event.recorded_at.isoformat() and row.record_type == "histogram"
    (file,) = importing.archive.files(row.event_id)
    assert importing.archive.file_bytes(file) == data
    # The whole file, come later, is the same event.
    importing.put(f"BE11529/{call_home_name(event)}", blastware_file(event))
    assert importing().totals["revised"] == 1 and importing.archive.count() == 1


def test_an_event_file_beside_the_frames_of_another_event_is_an_event_of_its_own(importing, random, item_of):
    one = simulate_histogram(random, serial="BE11529", start_key=FIRST_KEY)
    other = simulate_histogram(random, serial="BE11529", start_key=FIRST_KEY)
    name = call_home_name(one)
    importing.put(f"BE11529/{name}", blastware_file(other))
    importing.put(f"BE11529/{name}.a5.pkl", sidecar(read_out(one)))
    importing.put(f"BE11529/{name}.TXT", ascii_report(other, file_name=name))
    report = importing()
    assert not report.rejected and report.events_created == 2
    kinds = {row.recorded_at_local: [f.kind for f in importing.archive.files(row.event_id)]
             for row in importing.archive.events()}  # fmt: skip
    assert kinds == {one.recorded_at.isoformat(): [], other.recorded_at.isoformat(): ["event file", "report"]}
    assert "wrong-pair" in {finding.code for finding in item_of(report, ".a5.pkl").findings}


def test_of_a_wrong_pair_the_one_that_cannot_be_told_does_not_take_the_other_with_it(importing, random, item_of):
    one = simulate_histogram(random, serial="BE11529", start_key=FIRST_KEY)
    other = simulate_histogram(random, serial="BE11529", start_key=FIRST_KEY)
    nameless = blastware_file(other).replace(b"\0BE11529\0", b"\0\0\0\0\0\0\0\0\0")
    importing.put("stray/shot", nameless)
    importing.put("stray/shot.a5.pkl", sidecar(read_out(one)))
    report = importing()
    assert item_of(report, "shot.a5.pkl").outcome == "new"
    assert item_of(report, "shot").outcome == "rejected"


def test_two_events_of_the_hour_that_comes_twice_share_a_name_and_are_both_kept(importing, random):
    when = datetime(2025, 10, 26, 2, 30, 5)
    one = simulate_histogram(random, serial="BE11529", recorded_at=when, start_key=FIRST_KEY)
    other = simulate_histogram(random, serial="BE11529", recorded_at=when, start_key=one.end_key + 0x46)
    write_older_store(importing.received / "first", [one], random=random)
    write_older_store(importing.received / "second", [other], random=random)
    assert importing().events_created == 2
    assert len(ids_by_name(importing.archive.store, call_home_name(one))) == 2
    importing.again_changes_nothing()


def test_names_that_differ_only_by_case_are_two_pairs(importing, random):
    one, other = (simulate_histogram(random, serial="BE11529") for _ in range(2))
    name = call_home_name(one)
    importing.put(f"BE11529/{name}", blastware_file(one))
    importing.put(f"BE11529/{name.lower()}", blastware_file(other))
    if len(list((importing.received / "BE11529").iterdir())) == 1:
        pytest.skip("this file system takes both names for one")
    importing.put(f"BE11529/{name.lower()}.a5.pkl", sidecar(read_out(other)))
    report = importing()
    assert report.events_created == 2 and not report.rejected
    assert not [f for item in report.items for f in item.findings if f.code in ("wrong-pair", "differs-from-encoder")]


def test_second_copies_of_all_files_of_an_event_tell_of_the_same_event(importing, random):
    event = simulate_histogram(random, serial="BE11529")
    name = call_home_name(event)
    stem, _, ending = name.partition(".")
    torn = missing_closing(read_out(event))
    importing.put(f"BE11529/{name}", sequential_file(torn))
    importing.put(f"BE11529/{name}.a5.pkl", sidecar(torn))
    importing.put(f"BE11529/{stem}(1).{ending}", sequential_file(torn))
    importing.put(f"BE11529/{name}.a5 (1).pkl", sidecar(torn))
    importing.put(f"BE11529/{name} (2).sfm.json", b'{"review": {"false_trigger": true, "reviewer": "mk"}}')
    importing.put(f"BE11529/{stem}_{ending}_ASCII(1).TXT", ascii_report(event, file_name=name))
    assert not importing().rejected
    (row,) = importing.archive.events()
    assert names_of(importing.archive.store, row.event_id) == [name] and row.revision == 1
    assert len(importing.archive.files(row.event_id)) == 4 and not waiting_files(importing.archive.store)
    importing.again_changes_nothing()
