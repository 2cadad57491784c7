"""Waiting for other programs: every wait on an archive goes through here, so that each is bounded, can be interrupted
and is reported."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sfm_archive.base.waiting import DEFAULT_WAIT_S, OnWait, Wait, silent
from sfm_archive.storage.lock_holders import holders_of

REPORTED_AFTER_S = 0.5
"""Two programs that save now and then wait for less; that needs no message."""

_FIRST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.02


class LockWait:
    """How long a connection waits and what it calls meanwhile. Given to SQLite as the handler that it asks while a lock
    is taken.

    SQLite's own timeout would do the same, but Ctrl-C reaches Python only when it is over.
    """

    def __init__(self, path: Path, wait_s: float = DEFAULT_WAIT_S, on_wait: OnWait = silent) -> None:
        self.path = path
        self._wait_s = wait_s
        self._on_wait = on_wait
        self._begun = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._reported = False
        self._going_on = False

    def __call__(self, asked_before: int) -> bool:
        """SQLite's question whether to try again; `asked_before` is 0 when a wait begins."""
        if asked_before == 0 and not self._going_on:
            self._begin()
        return self.may_try_again()

    @contextmanager
    def one_wait(self) -> Iterator[None]:
        """Everything that is tried inside is one wait and ends by the same time."""
        self._begin()
        self._going_on = True
        try:
            yield
        finally:
            self._going_on = False

    def may_try_again(self) -> bool:
        """Pause, then True; False when the time is up."""
        waited_s = time.monotonic() - self._begun
        if waited_s >= self._wait_s:
            return False
        if not self._reported and waited_s >= REPORTED_AFTER_S:
            self._reported = True
            self._on_wait(Wait(path=self.path, up_to_s=self._wait_s, holders=holders_of(self.path)))
        time.sleep(min(self._pause_s, self._wait_s - waited_s))
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return True

    def _begin(self) -> None:
        self._begun, self._pause_s, self._reported = time.monotonic(), _FIRST_PAUSE_S, False
