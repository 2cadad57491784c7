"""Which other processes hold an archive, as far as the system shows it: Linux lists all locks in /proc/locks.

Only read: opening the file to ask for its locks would drop those that this process has on it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sfm_archive.base.waiting import Holder

_TABLE = Path("/proc/locks")

_WRITING = range(120, 123)
"""Bytes of the shared memory that a writer, a checkpoint and a recovery lock (https://sqlite.org/walformat.html)."""

_READING = range(123, 128)
"""Bytes of the shared memory that stand for a reader's moment."""


def holders_of(path: Path) -> tuple[Holder, ...]:
    """Other processes that write to the archive; those that read where none writes; () where that is not known."""
    if sys.platform != "linux":
        return ()  # Windows under Wine shows Linux's table of locks, with numbers that say nothing there
    try:
        table = _TABLE.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ()
    real = path.resolve()  # SQLite follows links before it names the files beside it
    file, memory = _identity(real), _identity(real.with_name(f"{real.name}-shm"))
    writing: set[int] = set()
    reading: set[int] = set()
    for line in table.splitlines():
        fields = line.split()
        if len(fields) != 8 or fields[1] != "POSIX" or fields[5] not in (file, memory):
            continue  # of another file, or of one that waits itself (`->`)
        exclusive, process, first = fields[3] == "WRITE", int(fields[4]), int(fields[6])
        if fields[5] == file:
            # With a write-ahead log whoever has the archive open keeps a shared lock on the file.
            if exclusive or memory is None:
                (writing if exclusive else reading).add(process)
        elif exclusive and first in _WRITING:
            writing.add(process)
        elif not exclusive and first in _READING:
            reading.add(process)
    others = writing - {os.getpid()}
    return tuple(
        Holder(process, _program(process), process in others)
        for process in sorted(others or reading - {os.getpid()})
        if process > 0  # 0 stands for one outside of this container
    )


def _identity(path: Path) -> str | None:
    """How the table of locks names a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"


def _program(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
