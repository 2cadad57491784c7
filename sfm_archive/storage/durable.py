"""Files and names that survive a power cut: SQLite sees to its own, these are for what Python does beside it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def flush(path: Path) -> None:
    """Have a finished file on the disk before anything relies on it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: new ones, renamed ones, and that removed ones are gone."""
    if os.name == "nt":
        return  # Windows keeps names in order by itself and has no call for this
    # Some network drives refuse to flush a folder; they have no better way.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
