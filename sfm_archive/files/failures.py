"""What the system refuses, as sentences that name the path and the next step."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sfm_archive.base.texts import quoted
from sfm_archive.errors import StorageFailed
from sfm_archive.files.paths import check_name

_MOST_FOLDERS = 200
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def is_full(error: OSError) -> bool:
    """Whether the disk, or somebody's share of it, is full."""
    return error.errno in _FULL


def storage_failed(error: OSError, path: Path, what: str = "cannot be written") -> StorageFailed:
    """The error for a place that does not let itself be written, or read where `what` says so."""
    if is_full(error):
        step = "the disk is full; free some space and try again"
    elif error.errno in _NOT_ALLOWED:
        step = f"{error.strerror}; choose a folder you may write to"
        if sys.platform == "win32":
            # Windows says the same of a file that another program has open.
            step = f"{error.strerror}; close it where another program has it open, or choose a folder you may write to"
    else:
        step = f"{error.strerror or type(error).__name__}; check the folder and the disk, then try again"
    return StorageFailed(f"{path} {what}: {step}. Nothing is half-written")


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Raise StorageFailed naming the path for what the system refuses."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, path) from error


def make_folder(path: Path, *, dry_run: bool = False) -> None:
    """Have a folder there, with those above it; with `dry_run` only see that none but a folder stands there.

    Raises StorageFailed, BadName.
    """
    if len(path.parts) > _MOST_FOLDERS:
        raise StorageFailed(
            f"{quoted(str(path))} lies {len(path.parts):,} folders deep, and this program makes up to {_MOST_FOLDERS} "
            "in each other; choose another place"
        )
    try:
        for missing in (path, *path.parents):
            if missing.is_dir():
                break
            check_name(missing, "folder")
        if not dry_run:
            path.mkdir(parents=True, exist_ok=True)
        elif path.exists() and not path.is_dir():
            raise FileExistsError(path)
    except (FileExistsError, NotADirectoryError) as error:
        raise StorageFailed(f"{path} is not a folder and cannot become one; choose another place") from error
    except OSError as error:
        raise storage_failed(error, path) from error
