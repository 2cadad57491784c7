"""The history in words, also that of a salvaged archive."""

from __future__ import annotations

import sfm_archive as sfm
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.storage.change import Change
from sfm_archive.storage.changes import _KINDS
from sfm_archive.storage.statements import TABLES
from sfm_archive.testing.statements import statements_of_every_kind


def test_every_kind_of_change_says_what_was_done_or_needs_no_words():
    silent = {kind.action for kind in _KINDS.values() if kind.told is Change.told}
    assert silent == {
        "reread",
        "review",
        "leave out",
        "take again",
        "join event",
        "join file",
    }  # decisions are told from their rows


def test_a_salvaged_archive_still_says_who_decided(tmp_path):
    archive_of_everything(tmp_path / "old.sfm")
    with sfm.open(tmp_path / "old.sfm") as archive:
        archive.review(1, false_trigger=True, notes="a truck", reviewer="A. Miller")
    sfm.salvage(tmp_path / "old.sfm", tmp_path / "new.sfm")
    with sfm.open(tmp_path / "new.sfm", read_only=True) as archive:
        decided = [(one.what, one.decided_by, one.reason) for one in sfm.told_history(archive) if one.decided_by]
    said = statements_of_every_kind("BE11521")
    assert decided == [
        ("ab" * 32, "A. Miller", "bench test"),
        ("ab" * 32, "A. Miller", "it was a blast"),
        ("R1.TXT is of event 1", "A. Miller", "printed from it"),
        ("BE11521: statement 1, range sensitive; withdrawn later", "A. Miller", "log book"),
        ("BE11521: statement 1 (range sensitive)", "A. Miller", "another unit"),
        *(
            (
                f"change {number}, state: {TABLES[type(one)].replace('_', ' ')} 1 stated: {one.told}",
                "A. Miller",
                "log book",
            )
            for number, one in enumerate(said, 22)
        ),
        (f"change {22 + len(said)}, state: unit window 1 withdrawn: {said[3].told}", "A. Miller", "another unit"),
        ("a false trigger", "A. Miller", "a truck"),
    ]


def test_another_decoder_concerns_an_event_that_was_there_and_no_later_one(tmp_path):
    from sfm_archive.storage.changes import PinDecoder
    from sfm_archive.storage.writing import Writing

    archive_of_everything(tmp_path / "a.sfm")
    with sfm.open(tmp_path / "a.sfm") as archive:
        with archive.store.transaction() as connection:
            Writing(connection).note(PinDecoder(before="waveform@1", after="other@1"), "tester")
        late = archive.save(sfm.Event(serial="UM7", recorded_at=archive.event(1).event().recorded_at))
        told = [change.what for change in sfm.told_history(archive, 1) if change.action == "pin decoder"]
        assert told == ["waveform@1 → other@1"]
        assert [one.action for one in sfm.told_history(archive, late.event_id)] == ["save"]
