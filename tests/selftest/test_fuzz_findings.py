"""What fuzzing has found, each as a test of its own; and a short run of the fuzzer."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive.errors import Damaged, NotAnArchive
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.selftest.flips import archive_of_everything
from sfm_archive.selftest.fuzz import fuzz, mutated, targets
from sfm_archive.storage import archive_row


def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    tried, found = fuzz(tmp_path, inputs=300, seed=99)
    assert found == []
    assert set(tried) == set(targets(tmp_path / "again" if (tmp_path / "again").mkdir() is None else tmp_path))
    assert sum(tried.values()) > 2500


def test_mutations_differ_and_repeat_with_their_seed() -> None:
    seeds = [bytes(range(256)), b"short"]
    one, other = ([mutated(Random(seed), seeds) for seed in range(50)] for _ in range(2))
    assert one == other and len(set(one)) > 40


def test_an_archive_row_without_texts_is_damage_and_not_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random bytes on the page of `archive` made its columns NULL although STRICT and NOT NULL exclude that."""
    path = tmp_path / "q.sfm"
    archive_of_everything(path)
    nothing: Any = archive_row.ArchiveRow._make([None] * len(archive_row.ArchiveRow._fields))
    monkeypatch.setattr(archive_row, "read", lambda connection: nothing)
    with sfm.open(path, read_only=True) as archive:
        assert "archive" in {finding.code for finding in archive.verify().damage}
        with pytest.raises(Damaged, match="salvage"):
            archive.info()


def test_a_page_that_claims_more_rows_than_it_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "wreck"
    path.write_bytes(bytes(4096) + (b"\x0d" + b"\xff" * 4095) * 3)
    with pytest.raises(NotAnArchive, match="nothing was made"):
        salvage(path, tmp_path / "new.sfm", actor="tester")
