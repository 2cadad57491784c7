"""Logs that killed writers left where their archive was: no other archive gets them, and nothing in them is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sfm_archive.selftest.left_logs import leave_logs_and_check


def test_they_get_into_no_other_archive(folder: Path, tried: Callable[[str, int], None]) -> None:
    found = leave_logs_and_check(folder, logs=2)
    tried("left-over logs", found.logs)
    assert found.wrong == []
    assert found.refusals == 6 * found.logs
