"""Archives that are taken away while a process saves: it says so, and nothing that it had reported is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfm_archive.selftest.moved import move_and_check


@pytest.mark.posix("Windows lets nobody move, delete or replace a file that is open")
def test_nothing_that_was_saved_is_lost(folder: Path, tried: Callable[[str, int], None]) -> None:
    found = move_and_check(folder, moves=7)
    tried("moved archives", found.moves)
    assert found.wrong == []
    assert found.saves > found.moves
