"""Verification and copies beside programs that write: no damage that is not there, and none that escapes.

More rounds: `python -m sfm_archive.selftest "beside writers"`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfm_archive.selftest.beside_writers import look_beside_writers

Tried = Callable[[str, int], None]


def test_a_quick_verification_and_a_compaction_beside_four_writers(folder: Path, tried: Tried) -> None:
    found = look_beside_writers(folder, rounds=1, only=("verify --quick", "compact"))
    tried("looks beside writers", sum(found.done.values()))
    assert found.wrong == []
    assert found.saves > 2 and found.changes > 1


@pytest.mark.trust
def test_everything_that_looks_at_a_whole_archive_beside_four_writers(folder: Path, tried: Tried) -> None:
    found = look_beside_writers(folder, rounds=1)
    tried("looks beside writers", sum(found.done.values()))
    assert found.wrong == []
    assert set(found.done.values()) == {1}
