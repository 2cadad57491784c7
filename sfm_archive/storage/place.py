"""Where a file is, what lies beside it, and where an open one went.

A file stays open when its name is moved, deleted or given to another one. Only Windows refuses that.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_HANDLES = "/dev/fd"


class Identity(NamedTuple):
    """Which file it is, whatever it is called: the drive and the file's number there (Windows: the file id)."""

    drive: int
    number: int


def identity(path: Path) -> Identity | None:
    """Of the file that a path leads to, through links; None where there is none, or none that has a number."""
    try:
        return identity_of(path.stat())
    except OSError:
        return None


def identity_of(status: os.stat_result) -> Identity | None:
    """None where the system does not number the file: Windows says 0 of every device, and of what it may not open, so
    that 0 would make all of those one file."""
    return Identity(status.st_dev, status.st_ino) if status.st_ino else None


def beside(path: Path, ending: str) -> Path:
    """The file that SQLite keeps beside a database while it is in use. It follows links before it names it."""
    real = path.resolve()
    return real.with_name(f"{real.name}{ending}")


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def path_of(file: Identity) -> str:
    """The path that a file has now that this process has open; '' where the system does not tell it, or where it has
    none any more."""
    try:
        handles = [int(entry.name) for entry in Path(_HANDLES).iterdir()]
    except (OSError, ValueError):
        return ""
    for handle in handles:
        with suppress(OSError):
            if identity_of(os.fstat(handle)) == file:
                path = _path_of_handle(handle)
                # What the system tells may be old: of a file with two names, one of which was deleted.
                return path if path and identity(Path(path)) == file else ""
    return ""


def _path_of_handle(handle: int) -> str:
    if sys.platform == "linux":
        return str(Path(f"/proc/self/fd/{handle}").readlink())
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(handle, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return ""
