"""Files and names that survive a power cut: SQLite sees to its own, these are for what Python does beside it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_control: Any
try:
    import fcntl as _control
except ImportError:  # Windows
    _control = None


def flush_handle(handle: int, control: Any = _control) -> None:
    """Have an open file, or the names of an open folder, on the disk.

    On macOS fsync ends at the drive, which keeps the bytes in its own cache; F_FULLFSYNC empties that too. `control`:
    the module fcntl, which has it there.
    """
    command = getattr(control, "F_FULLFSYNC", None)
    if command is not None:
        # Network drives do not know it.
        with suppress(OSError):
            control.fcntl(handle, command)
            return
    os.fsync(handle)


def flush(path: Path) -> None:
    """Have a finished file on the disk before anything relies on it."""
    with path.open("rb+") as file:
        flush_handle(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: new ones, renamed ones, and that removed ones are gone."""
    if os.name == "nt":
        return  # Windows keeps names in order by itself and has no call for this
    # Some network drives refuse to flush a folder; they have no better way.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            flush_handle(handle)
        finally:
            os.close(handle)


def give_name(unfinished: str | Path, name: str | Path, *, folder: int | None = None) -> None:
    """Give a whole file its name in one step, never in place of anything. `folder`: descriptor of the open folder that
    both names are relative to. Raises FileExistsError where something stands there; `unfinished` is left then.
    """
    if sys.platform == "win32":
        os.rename(unfinished, name)  # noqa: PTH104 - refuses a name that is taken
        return
    try:
        # POSIX has no rename that refuses; a second name for the file does.
        os.link(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (FAT, some network drives): claim the name, then rename over it.
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=folder))
        try:
            os.replace(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(name, dir_fd=folder)
            raise
        return
    with suppress(OSError):
        os.unlink(unfinished, dir_fd=folder)
