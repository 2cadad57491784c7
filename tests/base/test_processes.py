"""Work for other processes: in order, as many as a system can wait for, and what becomes of it where they end."""

from __future__ import annotations

import builtins
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from sfm_archive.base.processes import done_in_processes
from sfm_archive.errors import SfmError

MOST_ON_WINDOWS = 61


class AsOnWindows(ProcessPoolExecutor):
    """Refuses what Windows refuses."""

    def __init__(self, processes: int, *more: Any, **given: Any) -> None:
        if processes > MOST_ON_WINDOWS:
            raise ValueError(f"max_workers must be <= {MOST_ON_WINDOWS}")
        super().__init__(processes, *more, **given)


def never(work: object) -> Any:
    raise AssertionError("done here")


def died(label: int) -> str:
    return f"ended at {label}"


def test_more_processes_than_windows_waits_for_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfm_archive.base.processes.ProcessPoolExecutor", AsOnWindows)
    chunks = [(number, b"x" * number) for number in range(3)]
    assert list(done_in_processes(chunks, 256, len, here=never, died=died)) == [(0, 0), (1, 1), (2, 2)]


def test_one_that_ends_without_a_word_is_said_with_the_chunk_it_was_at() -> None:
    chunks = [(7, "1 + 1"), (8, "__import__('os')._exit(3)"), (9, "1 + 2")]
    found = done_in_processes(chunks, 1, builtins.eval, here=never, died=died)
    assert next(found) == (7, 2)
    with pytest.raises(SfmError, match="ended at 8"):
        list(found)


def test_nothing_is_lost_where_no_process_can_start() -> None:
    chunks = [(number, f"{number}") for number in range(9)]
    found = done_in_processes(chunks, 1, len, here=int, died=died, start=os._exit, start_with=(3,))
    assert list(found) == [(number, number) for number in range(9)]
