"""Opening what somebody names as a file: a regular file, and nothing that would be waited for or never ends."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
NOT_A_FILE = "it is a folder, device, pipe or socket, not a regular file"


def open_file(path: str | Path) -> BufferedReader:
    """A regular file's bytes, to be read. Raises OSError, also for everything else that has a name: `strerror` says so.
    A link is followed."""
    _require_regular(path, Path(path).stat())
    # A pipe that has taken the file's place since the look at it must not hold us: what is opened is looked at again.
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NEVER_WAIT))  # noqa: SIM115
    try:
        _require_regular(path, os.fstat(file.fileno()))
        _require_size(path, file)
    except BaseException:
        file.close()
        raise
    return file


def read_file(path: str | Path) -> bytes:
    """All of it. Raises as `open_file`."""
    with open_file(path) as file:
        return file.read()


def _require_size(path: str | Path, file: BufferedReader) -> None:
    """What the kernel shows in /proc looks like a regular file without a size, and still gives bytes, perhaps later and
    without end."""
    if os.fstat(file.fileno()).st_size:
        return
    try:
        begun = os.read(file.fileno(), 1)
    except BlockingIOError:
        begun = b"?"
    if begun and not os.fstat(file.fileno()).st_size:
        raise OSError(errno.EINVAL, NOT_A_FILE, str(path))
    if begun:
        file.seek(0)


def _require_regular(path: str | Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, NOT_A_FILE, str(path))
