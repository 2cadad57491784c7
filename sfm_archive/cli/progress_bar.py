"""A bar that says how far an operation is: on a terminal only, and only when it takes a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

SILENT_FOR_S = 1.0
"""What is done sooner needs no bar."""

REDRAWN_AFTER_S = 0.1
_WIDTH = 24
_drawing: list[ProgressBar] = []


class ProgressBar:
    """An sfm_archive.base.progress.Progress that draws one line on a terminal again and again."""

    def __init__(self, label: str, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._label = label
        self._stream = stream
        self._clock = clock
        self._next = clock() + SILENT_FOR_S
        self._drawn = 0

    def __call__(self, done: int, total: int, /) -> None:
        """Draw, unless that was done a moment ago."""
        now = self._clock()
        if now < self._next or total <= 0:
            return
        self._next = now + REDRAWN_AFTER_S
        share = min(1.0, done / total)
        filled = int(share * _WIDTH)
        line = f"{self._label} [{'#' * filled}{'-' * (_WIDTH - filled)}] {done:,}/{total:,} {share:.0%}"
        self._write("\r" + line.ljust(self._drawn))
        self._drawn = len(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            # A terminal that went away must not stop the work.
            self._next = float("inf")


@contextmanager
def progress_on_terminal(label: str) -> Iterator[Callable[[int, int], None]]:
    """A Progress for a service; silent where standard error is no terminal."""
    from sfm_archive.base.progress import silent

    stream = sys.stderr
    if not stream.isatty():
        yield silent
        return
    bar = ProgressBar(label, stream)
    _drawing.append(bar)
    try:
        yield bar
    finally:
        _drawing.remove(bar)
        bar.clear()


def clear_bar() -> None:
    """Clear the bar, for a line printed meanwhile; the bar comes again below it."""
    for bar in _drawing:
        bar.clear()
