"""What code of others prints, kept out of standard output: that belongs to data, which may be one JSON document."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_inside = threading.local()
_lock = threading.Lock()


class _Output:
    """Standard output as long as code of others runs: of the threads in which it does, standard error."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain
        self.users = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if getattr(_inside, "depth", 0) else self.plain, name)

    def close(self) -> None:
        """Neither of the two is anybody's to close."""


@contextmanager
def printing_to_standard_error() -> Iterator[None]:
    """What this thread writes to `sys.stdout` meanwhile goes to `sys.stderr`; other threads write where they did."""
    if sys.stdout is None or sys.stderr is None:
        yield
        return
    with _lock:
        if not isinstance(sys.stdout, _Output):
            sys.stdout = _Output(sys.stdout)
        output: Any = sys.stdout
        output.users += 1
    _inside.depth = getattr(_inside, "depth", 0) + 1
    try:
        yield
    finally:
        _inside.depth -= 1
        with _lock:
            output.users -= 1
            if not output.users and sys.stdout is output:
                sys.stdout = output.plain
