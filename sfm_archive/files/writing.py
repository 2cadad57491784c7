"""One new file at a place that a person named: whole or not at all, and never instead of a different one unasked."""

from __future__ import annotations

from pathlib import Path

from sfm_archive.errors import AlreadyExists, StorageFailed
from sfm_archive.files.folder import TargetFolder


def write_file(path: Path, data: bytes, *, overwrite: bool = False) -> bool:
    """Write a file; False where exactly these bytes stand there already.

    It appears under its name when all of it is on the disk. Raises AlreadyExists where something else stands there and
    `overwrite` is off, StorageFailed where the system refuses.
    """
    try:
        if path.is_file() and not path.is_symlink() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        if (path.exists() or path.is_symlink()) and (not overwrite or path.is_dir()):
            raise AlreadyExists(f"{path} is there already; name another file, or say --overwrite")
        _written(path, data, overwrite=overwrite)
    except FileExistsError as error:
        raise AlreadyExists(f"{path} has appeared meanwhile; name another file, or say --overwrite") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageFailed(f"{path} cannot be written ({reason}); check the folder, disk and permissions") from error
    return True


def _written(path: Path, data: bytes, *, overwrite: bool) -> None:
    with TargetFolder.root(path.parent) as folder:
        folder.remove_abandoned()
        if not folder.put(path.name, data, replace=overwrite):
            raise FileExistsError(path)
        folder.flush_names()
