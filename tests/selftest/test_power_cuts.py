"""No power cut loses what had been saved, or leaves half of anything.

The whole is `python -m sfm_archive.selftest`; here every operation of small trials and some of the long ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import sfm_archive as sfm
from sfm_archive.files import writing
from sfm_archive.selftest.disk import SECTOR, Disk, Variant
from sfm_archive.selftest.power_cuts import NAME, Trial, cut_everywhere, on_a_network_drive, record
from sfm_archive.selftest.recording import Unrecorded, recording
from sfm_archive.selftest.trials import trials
from sfm_archive.storage import connection, schema

Tried = Callable[[str, int], None]

TRIALS = {trial.name: trial for trial in trials()}
EVERY = {
    "create": 29,
    "a day's work": 83,
    "two at once": 101,
    "checkpoints all the while": 101,
    "backup": 23,
    "seal": 23,
    "compaction": 23,
    "salvage": 37,
    "merge": 67,
    "extract": 67,
    "backup --unsealed": 11,
    "opening behind a log that a cut left": 11,
    "opening behind a journal that a cut left": 11,
}
"""Of the long trials only some operations; of the others every fifth one."""


IN_EVERY_RUN = {
    "create, local disk",
    "create, network drive",
    "update of the format, network drive",
}


@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(trial, id=name, marks=() if name in IN_EVERY_RUN else pytest.mark.trust)
        for name, trial in TRIALS.items()
    ],
)
def test_after_a_cut_the_archive_is_as_before_or_after(trial: Trial, folder: Path, tried: Tried) -> None:
    cuts = cut_everywhere(trial, folder / "trial", every=EVERY.get(trial.name.partition(",")[0], 5))
    tried("power cuts", cuts.cuts)
    assert cuts.wrong == []
    assert cuts.points >= 5
    assert cuts.folders >= 8


# --- proof that a cut can be found to lose something ---


def _done(_: object) -> None:
    """A trial gives nothing back."""


def weakly(setting: str) -> AbstractContextManager[object]:
    def weak(opened: Any) -> None:
        opened.execute(f"PRAGMA synchronous = {setting}")

    return patch.object(connection, "make_commits_durable", weak)


@pytest.mark.trust
@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("OFF", "local disk"),
        ("NORMAL", "local disk"),
        ("OFF", "network drive"),
        ("FULL", "network drive"),
    ],
)
def test_a_weaker_setting_is_found_out(setting: str, place: str, folder: Path) -> None:
    with weakly(setting):
        cuts = cut_everywhere(TRIALS[f"a day's work, {place}"], folder / "trial", every=5, most_wrong=1)
    assert cuts.wrong


def test_a_close_whose_last_deletion_is_not_durable_is_found_out(folder: Path) -> None:
    """The journal of the change back to rollback mode would lie beside the archive again."""
    with weakly("FULL"):
        cuts = cut_everywhere(TRIALS["a day's work, local disk"], folder / "trial", every=1000, most_wrong=99)
    assert {text.partition("seed 0: ")[2] for text in cuts.wrong} == {
        "everything was closed, and quarry.sfm-journal came back"
    }


@pytest.mark.trust
def test_an_update_whose_copy_is_not_durable_is_found_out(folder: Path) -> None:
    with patch.object(schema, "flush_folder", lambda folder: None):
        cuts = cut_everywhere(TRIALS["update of the format behind a log that a cut left, local disk"], folder / "trial")
    assert any("the copy from before is not there" in text for text in cuts.wrong)


@pytest.mark.parametrize("kind", ["backup", "seal"])
def test_a_copy_that_is_not_durable_is_found_out(kind: str, folder: Path) -> None:
    with patch.object(writing, "flush_folder", lambda folder: None):
        cuts = cut_everywhere(TRIALS[f"{kind}, network drive"], folder / "name", every=1000, most_wrong=99)
    assert any("copy.sfm" in text and "had been made and is not there" in text for text in cuts.wrong)


def test_a_sheet_that_is_not_flushed_is_found_out(folder: Path) -> None:
    with patch.object(writing, "flush", lambda path: None):
        cuts = cut_everywhere(TRIALS["seal, local disk"], folder / "content", every=1000, most_wrong=99)
    assert any("the sheet is not that of the copy" in text or "empty file" in text for text in cuts.wrong)


@pytest.mark.trust
def test_a_name_that_is_claimed_first_is_found_out(folder: Path) -> None:
    """What is done where the drive knows no hard links; the next backup says that the empty file may go."""
    with patch.object(os, "link", side_effect=OSError(95, "Operation not supported")):
        cuts = cut_everywhere(TRIALS["backup, network drive"], folder / "claim", every=3, most_wrong=1)
    assert any("stands an empty file" in text for text in cuts.wrong)


def test_a_write_past_the_recorder_is_noticed(folder: Path) -> None:
    with pytest.raises(Unrecorded, match=r"other\.txt"):
        record(
            Trial(name="past", run=lambda path, watch: _done(path.with_name("other.txt").write_bytes(b"x"))),
            folder / "trial",
        )


def test_files_elsewhere_are_not_recorded(folder: Path) -> None:
    (folder / "here").mkdir()
    with recording(folder / "here") as recorder, sfm.create(folder / NAME):
        pass
    assert recorder.now == 0


# --- the model of the disk ---


def test_unsynced_bytes_are_lost_or_kept_and_synced_ones_stay() -> None:
    disk = Disk({"a": b"old"})
    disk.write(disk.number("a"), "a", 0, b"new")
    assert disk.after_cut(1, Variant.NOTHING) == {"a": b"old"}
    assert disk.after_cut(1, Variant.EVERYTHING) == {"a": b"new"}
    disk.sync(disk.number("a"), "a")
    for variant in Variant:
        assert disk.after_cut(2, variant) == {"a": b"new"}


def test_sectors_reach_the_disk_in_any_order_and_torn() -> None:
    disk = Disk({"a": bytes(3 * SECTOR)})
    disk.write(disk.number("a"), "a", 0, b"\x01" * 3 * SECTOR)
    found = {disk.after_cut(1, Variant.ANY, seed)["a"] for seed in range(200)}
    sectors = {tuple(data[start : start + SECTOR] for start in range(0, 3 * SECTOR, SECTOR)) for data in found}
    old, new = bytes(SECTOR), b"\x01" * SECTOR
    assert {(old, new, old), (new, old, new), (old, old, new)} <= sectors
    assert any(sector not in (old, new) for three in sectors for sector in three)


def test_a_file_may_have_grown_without_its_bytes() -> None:
    disk = Disk({"a": b""})
    disk.write(disk.number("a"), "a", 0, b"\x01" * SECTOR)
    found = {disk.after_cut(1, Variant.ANY, seed)["a"] for seed in range(100)}
    assert {b"", bytes(SECTOR), b"\x01" * SECTOR} <= found
    assert any(set(data) - {0, 1} for data in found), "garbage"


def test_names_are_durable_once_the_folder_is_synced() -> None:
    disk = Disk({"a": b"1", "b": b"2"})
    disk.delete("a")
    disk.rename("b", "c")
    found = [disk.after_cut(2, Variant.ANY, seed) for seed in range(50)]
    assert all(names in found for names in ({"a": b"1", "b": b"2"}, {"c": b"2"}, {"b": b"2"}, {"a": b"1", "c": b"2"}))
    assert len({tuple(names) for names in map(sorted, found)}) == 4, "a rename happens whole or not at all"
    disk.sync_folder()
    assert all(disk.after_cut(3, variant) == {"c": b"2"} for variant in Variant)


def test_a_file_made_anew_under_a_deleted_name_is_another_file() -> None:
    disk = Disk({"a": b"old"})
    disk.delete("a")
    number = disk.create("a")
    disk.write(number, "a", 0, b"new")
    disk.sync(number, "a")
    found = {disk.after_cut(4, Variant.ANY, seed).get("a") for seed in range(50)}
    assert found == {b"old", None, b"new"}


def test_what_reached_the_disk_in_order_is_a_beginning() -> None:
    disk = Disk({"a": b"", "b": b""})
    for position in range(5):
        disk.write(disk.number("a"), "a", position, b"%d" % position)
        disk.write(disk.number("b"), "b", position, b"%d" % position)
    found = {tuple(disk.after_cut(10, Variant.IN_ORDER, seed).values()) for seed in range(100)}
    whole = b"01234"
    assert found == {(whole[:a], whole[:b]) for a in range(6) for b in (a - 1, a) if b >= 0}


def test_a_reader_is_told_what_a_cut_off_change_needs(folder: Path) -> None:
    """SQLite alone would say that the file cannot be written."""
    path = folder / "torn" / NAME
    path.parent.mkdir()
    TRIALS["opening behind a journal that a cut left, network drive"].prepare(path.parent)
    with pytest.raises(sfm.SfmError, match=r"quarry\.sfm-journal beside it .* Open it once for writing"):
        sfm.open(path, read_only=True)
    with on_a_network_drive(), sfm.open(path):
        pass
    with sfm.open(path, read_only=True) as archive:
        assert archive.count() > 0
