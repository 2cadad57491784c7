"""Chunks of work to processes and back, in order, a few at a time; or all in this process."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from multiprocessing import get_context
from typing import Any, TypeVar

from sfm_archive.errors import SfmError

_AHEAD = 3
"""Chunks handed out for each process: none waits for work, and little is held in memory."""

_MOST_PROCESSES = 61
"""Windows waits for no more at once."""

Label = TypeVar("Label")
Work = TypeVar("Work")
Result = TypeVar("Result")


def cores() -> int:
    """How many of this machine's cores this process may use."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def done_here(
    chunks: Iterable[tuple[Label, Work]], run: Callable[[Work], Result]
) -> Generator[tuple[Label, Result], None, None]:
    """The result of each chunk, with its label, without any other process."""
    for label, work in chunks:
        yield label, run(work)


def done_in_processes(
    chunks: Iterable[tuple[Label, Work]],
    processes: int,
    run: Callable[[Work], Result],
    *,
    here: Callable[[Work], Result],
    died: Callable[[Label], str],
    start: Callable[..., None] | None = None,
    start_with: tuple[Any, ...] = (),
) -> Generator[tuple[Label, Result], None, None]:
    """The result of each chunk, with its label, in the order of the chunks, from up to `processes` processes.

    `run` and `start`, which each process calls first with `start_with`, are functions of a module. Processes are
    spawned on every system, so that none inherits an open archive. Where they cannot even start (a program without
    `if __name__ == "__main__"`), `here` does the work. Raises SfmError with the sentence of `died` when one ends later
    without a word, at that chunk or soon after.
    """
    pending: deque[tuple[Label, Work, Future[Result]]] = deque()
    left = iter(chunks)
    any_done = False
    processes = min(processes, _MOST_PROCESSES)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(start, start_with))
    try:
        more = True
        while more or pending:
            while more and len(pending) < _AHEAD * processes:
                following = next(left, None)
                more = following is not None
                if following is not None:
                    label, work = following
                    # It counts as pending before it is handed out: nothing is lost where that fails.
                    pending.append((label, work, Future()))
                    pending[-1] = (label, work, pool.submit(run, work))
            if pending:
                label, _, outcome = pending[0]
                result = outcome.result()
                any_done = True
                pending.popleft()
                yield label, result
    except BrokenProcessPool as error:
        if any_done:
            raise SfmError(died(pending[0][0])) from error
        yield from done_here(chain(((label, work) for label, work, _ in pending), left), here)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(start: Callable[..., None] | None, start_with: tuple[Any, ...]) -> None:
    # Ctrl-C goes to every process of a terminal; the one in front stops the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if start is not None:
        start(*start_with)
