"""Chunks of events to processes and back, in order, a few at a time; or all in this process."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from multiprocessing import get_context
from typing import NamedTuple

from sfm_archive.errors import SfmError
from sfm_archive.plugins import PluginRegistry, load_plugins
from sfm_archive.reencoding.judge import Judge, Task, Verdict

_AHEAD = 3
"""Chunks handed out for each process: none waits for work, and little is held in memory."""


class Contest(NamedTuple):
    """Which encoder is held against which, by name: a process loads its plug-ins itself."""

    encoder: str
    pinned: str
    again: bool

    def judge(self, registry: PluginRegistry) -> Judge:
        """The judge, with the encoders of a registry. Raises EncoderNotFound for the one to run."""
        encoder = registry.encoder(self.encoder)
        comparable = encoder.name.family == self.pinned.partition("@")[0]
        pinned = next((found for found in registry.encoders if str(found.name) == self.pinned), None)
        return Judge(encoder, pinned if comparable else None, comparable, self.again)


def judged_here(chunks: Iterable[list[Task]], judge: Judge) -> Iterator[list[Verdict]]:
    """Verdicts chunk by chunk, without any other process."""
    return map(judge.verdicts, chunks)


def judged_in_processes(
    chunks: Iterable[list[Task]], contest: Contest, here: Judge, processes: int
) -> Iterator[list[Verdict]]:
    """Verdicts chunk by chunk, in the order of the chunks.

    Processes are spawned on every system, so that none inherits an open archive. Where they cannot even start (a
    program without `if __name__ == "__main__"`), the work is done here. Raises SfmError when one dies later.
    """
    pending: deque[tuple[list[Task], Future[list[Verdict]]]] = deque()
    left = iter(chunks)
    any_done = False
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(contest,))
    try:
        for chunk in left:
            pending.append((chunk, pool.submit(_judge, chunk)))
            if len(pending) >= _AHEAD * processes:
                yield pending[0][1].result()
                any_done = True
                pending.popleft()
        while pending:
            yield pending[0][1].result()
            any_done = True
            pending.popleft()
    except BrokenProcessPool as error:
        if any_done:
            first = pending[0][0][0].event_id if pending else 0
            raise SfmError(
                f"{contest.encoder}: a process that ran it ended without a word, at event {first} or soon after; what "
                "was recorded before is kept. Run it again with --processes 1 to see where"
            ) from error
        yield from judged_here(chain((chunk for chunk, _ in pending), left), here)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_judges: list[Judge] = []
"""In a worker process: its one judge."""


def _start(contest: Contest) -> None:
    # Ctrl-C goes to every process of a terminal; the one in front stops the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _judges[:] = [contest.judge(load_plugins())]


def _judge(chunk: list[Task]) -> list[Verdict]:
    return _judges[0].verdicts(chunk)
