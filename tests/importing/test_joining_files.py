"""A person says of which event a binary is that names leave open between two."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_waveform

AT = datetime(2026, 10, 25, 2, 30)
NAME = "UM16127_20261025033000.IDFW"
BINARY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256))
REVIEW = b'{"kind": "sfm.event", "review": {"false_trigger": true, "reviewer": "J", "notes": "a truck"}}'
WHY = {"by": "A. Miller", "reason": "the unit lists it at 02:30"}


def report(minutes: int, seed: int) -> bytes:
    at = AT + timedelta(minutes=minutes)
    event = simulate_waveform(Random(seed), seconds=0.25, sample_rate=1024, serial="UM16127", recorded_at=at)
    return ascii_report(event, file_name="x")


def put(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def archive(tmp_path):
    """A binary, its page and its review, and two reports of its name that say half an hour apart."""
    put(tmp_path, f"in/b/{NAME}", BINARY)
    put(tmp_path, f"in/p/{NAME}.PDF", b"%PDF-1.7")
    put(tmp_path, f"in/j/{NAME}.sfm.json", REVIEW)
    put(tmp_path, f"in/t/{NAME}.TXT", report(0, 4))
    put(tmp_path, f"in/u/{NAME}.TXT", report(30, 5))
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "in")
        yield archive


def event_at(archive: sfm.Archive, minutes: int) -> int:
    at = (AT + timedelta(minutes=minutes)).isoformat()
    return next(row.event_id for row in archive.events() if row.recorded_at_local == at)


def codes(archive: sfm.Archive, event_id: int) -> set[str]:
    told = archive.describe(event_id)
    return {one.code for one in (*told.findings, *told.sample_findings)}


def exported(archive: sfm.Archive, folder: Path) -> dict[int, tuple[str, str]]:
    return {item.event_id: (item.status, item.message) for item in archive.export(folder).items}


def test_the_event_that_it_is_not_of_neither_counts_nor_exports_it_and_says_whose_it_is(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    assert {first: "written", other: "written"} == {one: s for one, (s, _) in exported(archive, tmp_path / "x").items()}
    done = sfm.join_file(archive, NAME, first, **WHY)
    assert (done.event_id, done.others, done.changed, len(done.misfits)) == (first, (other,), True, 1)
    after = exported(archive, tmp_path / "after")
    assert after[first] == ("written", "") and after[other][0] != "written"
    assert (tmp_path / "after" / "UM16127" / NAME).read_bytes() == BINARY
    said = [one for one in archive.describe(other).sample_findings if one.code == "file-of-another"]
    assert [one.message for one in said] == [
        f"{NAME} is of event {first}, as A. Miller decided: the unit lists it at 02:30"
    ]
    assert not any(one.message.startswith(f"{NAME} ") for one in archive.findings(other))
    assert not any(
        one.code == "name-of-several" and one.message.startswith(f"{NAME} ") for one in archive.findings(first)
    )
    assert "name-contradiction" in codes(archive, first)  # its name still says another time than its report
    assert archive.describe(first).event.received_names == (NAME,)
    for event_id in (first, other):
        (told,) = [one for one in sfm.told_history(archive, event_id) if one.action == "join file"]
        assert (told.what, told.decided_by) == (f"{NAME} is of event {first}", "A. Miller")
    assert archive.verify().ok and archive.rebuild().changed == 0


def test_a_decision_holds_when_all_is_imported_again_and_can_be_taken_anew(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    sfm.join_file(archive, NAME, first, **WHY)
    head = archive.history_head()
    again = archive.import_from(tmp_path / "in")
    assert {item.outcome for item in again.items} == {"duplicate"} and archive.history_head() == head
    (binary,) = (item for item in again.items if item.path.endswith(NAME))
    assert "name-of-several" not in {one.code for one in binary.findings}
    assert not sfm.join_file(archive, NAME, first, reason="the same").changed
    assert sfm.join_file(archive, NAME, other, reason="it was the other one after all").others == (first,)
    assert "file-of-another" in codes(archive, first) and "file-of-another" not in codes(archive, other)
    third = archive.import_from(put(tmp_path, f"v/{NAME}.TXT", report(60, 6))).items[0].event_ids
    assert "file-of-another" in codes(archive, third[0]) and archive.verify().ok and archive.rebuild().changed == 0


def test_a_review_that_is_another_events_decides_nothing_here(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    assert {row.event_id for row in archive.reviews()} == {first, other}
    sfm.join_file(archive, f"{NAME}.sfm.json", first, **WHY)
    sfm.join_file(archive, f"{NAME}.PDF", first, **WHY)
    sfm.join_file(archive, NAME, first, **WHY)
    assert {row.event_id for row in archive.reviews()} == {first}
    assert "name-of-several" not in codes(archive, first) | codes(archive, other)
    assert archive.verify().ok and archive.rebuild().changed == 0


def test_a_dry_run_says_it_and_keeps_nothing(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    before = archive.history_head(), codes(archive, other)
    done = sfm.join_file(archive, NAME, first, dry_run=True, **WHY)
    assert (done.changed, done.dry_run, done.others) == (True, True, (other,))
    assert (archive.history_head(), codes(archive, other)) == before


def test_an_old_hand_over_is_made_again_and_looking_back_shows_what_was_known(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    exported(archive, tmp_path / "before")
    head = archive.history_head()[1]
    sfm.join_file(archive, NAME, first, **WHY)
    assert archive.export(tmp_path / "again", like=1).proved
    with sfm.open(archive.path, as_of=head) as then:
        assert "name-of-several" in codes(then, other) and "file-of-another" not in codes(then, other)


def test_copies_keep_the_decision(archive, tmp_path):
    first, other = event_at(archive, 0), event_at(archive, 30)
    sfm.join_file(archive, NAME, first, **WHY)
    archive.compact()
    report = sfm.salvage(archive.path, tmp_path / "new.sfm")
    assert report.lossless
    with sfm.open(tmp_path / "new.sfm") as new:
        assert "file-of-another" in codes(new, other) and new.verify().ok


def test_a_renamed_binary_that_waits_is_joined_by_a_person(archive, tmp_path):
    first = event_at(archive, 0)
    path = put(tmp_path, "x/renamed.bin", BINARY + b"more")
    assert archive.import_from(path).totals["waiting"] == 1
    assert sfm.join_file(archive, path, first, **WHY).others == () and not archive.waiting()
    assert "renamed.bin" in {file.name for file in archive.files(first)} and archive.verify().ok


def test_a_file_whose_own_bytes_say_its_event_is_not_joined_by_a_decision(archive, tmp_path):
    event = simulate_waveform(Random(1), seconds=0.25, sample_rate=1024, serial="BE11529", recorded_at=AT)
    archive.import_from(put(tmp_path, f"x/{call_home_name(event)}", blastware_file(event)))
    with pytest.raises(sfm.UsageError, match="whose own bytes say which event it is of"):
        sfm.join_file(archive, call_home_name(event), event_at(archive, 30), **WHY)
