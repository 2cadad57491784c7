"""Chunks of tasks to processes and back, in order, a few at a time; or all in this process."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from sfm_archive.analysing.decoding import Outcome, Task, run_tasks
from sfm_archive.errors import SfmError

_AHEAD = 3
"""Chunks handed out for each process: none waits for work, and little is held in memory."""

Chunk = TypeVar("Chunk")


def outcomes_here(chunks: Iterable[tuple[Chunk, list[Task]]]) -> Generator[tuple[Chunk, list[Outcome]], None, None]:
    """Outcomes chunk by chunk, without any other process."""
    for chunk, work in chunks:
        yield chunk, run_tasks(work)


def outcomes_in_processes(
    chunks: Iterable[tuple[Chunk, list[Task]]], processes: int
) -> Generator[tuple[Chunk, list[Outcome]], None, None]:
    """Outcomes chunk by chunk, in the order of the chunks.

    Processes are spawned on every system, so that none inherits an open archive. Where they cannot even start (a
    program without `if __name__ == "__main__"`), the work is done here. Raises SfmError when one dies later.
    """
    pending: deque[tuple[Chunk, list[Task], Future[list[Outcome]]]] = deque()
    left: Iterator[tuple[Chunk, list[Task]]] = iter(chunks)
    any_done = False
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start)
    try:
        more = True
        while more or pending:
            while more and len(pending) < _AHEAD * processes:
                following = next(left, None)
                more = following is not None
                if following is not None:
                    chunk, work = following
                    # It counts as pending before it is handed out: nothing is lost where that fails.
                    pending.append((chunk, work, Future()))
                    pending[-1] = (chunk, work, pool.submit(run_tasks, work))
            if pending:
                chunk, _, outcome = pending[0]
                found = outcome.result()
                any_done = True
                pending.popleft()
                yield chunk, found
    except BrokenProcessPool as error:
        if any_done:
            raise SfmError(
                "a process that decoded ended without a word; what was stored before is kept. Run it again with "
                "--processes 1 to see where"
            ) from error
        yield from outcomes_here((chunk, work) for chunk, work, _ in pending)
        yield from outcomes_here(left)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start() -> None:
    # Ctrl-C goes to every process of a terminal; the one in front stops the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
