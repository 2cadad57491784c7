"""Standard output of the process belongs to what a command prints, and to nothing else in it.

Code of plug-ins can write past `sys.stdout`: to `sys.__stdout__`, to file descriptor 1, through a C library or a child
process. One such line in the middle of a JSON document makes it none. So a command prints to a copy of the descriptor,
and the number 1 means standard error as long as it runs, for child processes too.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_OUTPUT, _ERRORS = 1, 2


@contextmanager
def own_standard_output() -> Iterator[None]:
    """Keep standard output for this command. Where somebody else has put something in its place, as tests do, nothing
    is changed."""
    plain = sys.stdout
    if not isinstance(plain, io.TextIOWrapper) or plain is not sys.__stdout__ or _number_of(plain) != _OUTPUT:
        yield
        return
    plain.flush()
    own = os.dup(_OUTPUT)
    os.dup2(_ERRORS, _OUTPUT)
    sys.stdout = open(own, "w", encoding=plain.encoding, errors=plain.errors, closefd=False)  # noqa: SIM115
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout = plain
        # What others left in its buffer is theirs, and goes where the rest of it went.
        with suppress(OSError, ValueError):
            plain.flush()
        os.dup2(own, _OUTPUT)
        os.close(own)


def _number_of(stream: io.TextIOWrapper) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
