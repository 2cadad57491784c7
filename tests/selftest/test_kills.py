"""Processes killed at random moments, writers and readers at work beside them: nothing saved is lost.

Hundreds of kills: `python -m sfm_archive.selftest kills`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sfm_archive.selftest.kills import kill_and_check
from sfm_archive.selftest.processes_at_work import ProcessesAtWork, missing_and_doubled, save_events


def test_nothing_that_was_saved_is_lost(folder: Path, tried: Callable[[str, int], None]) -> None:
    found = kill_and_check(folder, kills=40)
    tried("kills", found.kills)
    assert found.wrong == []
    assert found.kills >= 40
    assert found.saves > found.rounds


def test_a_save_that_was_only_claimed_is_found_out(tmp_path: Path) -> None:
    import sfm_archive as sfm

    path = tmp_path / "quarry.sfm"
    sfm.create(path).close()
    processes = ProcessesAtWork(path)
    processes.start(save_events, "S", 2)
    processes.wait(60)
    assert processes.reported.errors == []
    assert missing_and_doubled(path, processes.reported.saved) == []
    assert missing_and_doubled(path, {"S": [1, 2]}) == ["S.2 was saved and is there 0 times"]
