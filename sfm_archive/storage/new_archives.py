"""New archive files: whole under their name, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sfm_archive.errors import SfmError, StorageFailed
from sfm_archive.files.writing import new_file
from sfm_archive.storage import schema
from sfm_archive.storage.connection import connect, enforce_references, first_bytes, sqlite_path
from sfm_archive.storage.failures import translated
from sfm_archive.storage.left_over_logs import named_alone, refuse_left_over
from sfm_archive.storage.place import beside

_AT_REST = (b"", b"\x01\x01")
"""What stands in the header of a file in rollback mode; of an empty one nothing."""


@contextmanager
def new_archive_file(target: Path) -> Iterator[Path]:
    """`new_file` for an archive, that is only made where SQLite can open it, and named when it is whole in one file.
    Raises as that does, and StorageFailed."""
    sqlite_path(target)
    if not os.path.lexists(target):
        refuse_left_over(target)
    with translated(target), new_file(target, named_alone) as unfinished:
        try:
            yield unfinished
        except SfmError as error:
            if str(unfinished) not in str(error):
                raise
            # A name that nobody has given helps nobody.
            raise type(error)(str(error).replace(str(unfinished), str(target))) from error
        _check_at_rest(unfinished, target)


def _check_at_rest(unfinished: Path, target: Path) -> None:
    """SQLite closes a file also where it could not fold its log in, and what is in the log would stay behind."""
    logs = (beside(unfinished, ending) for ending in ("-wal", "-journal"))
    if any(log.exists() and log.stat().st_size for log in logs) or first_bytes(unfinished, 20)[18:] not in _AT_REST:
        raise StorageFailed(
            f"{target}: its last part could not be written, so it was not made. Check the disk and the connection to "
            "it, and try again"
        )


def create_file(path: Path, fill: Callable[[apsw.Connection], None]) -> None:
    """A new archive file: the schema and, in the same transaction, what `fill` writes, or no file at all.

    It is made beside its place and gets its name when it is whole, so that a program or a power supply that fails
    meanwhile leaves no half archive under the name. Raises AlreadyExists when something stands at the path,
    StorageFailed when the folder does not allow it.
    """
    with new_archive_file(path) as unfinished, translated(path):
        fill_file(unfinished, fill)


def fill_file(unfinished: Path, fill: Callable[[apsw.Connection], None]) -> None:
    """The same in a file of `new_archive_file`, for what has more to do before it gets its name. Raises apsw errors."""

    def made(connection: apsw.Connection) -> None:
        schema.create_schema(connection)
        fill(connection)

    change_file(unfinished, made)


def change_file(unfinished: Path, change: Callable[[apsw.Connection], None]) -> None:
    """What `change` writes into a file of `new_archive_file`, in one transaction. Raises apsw errors."""
    connection = connect(unfinished, read_only=False)
    try:
        enforce_references(connection)
        connection.execute("BEGIN IMMEDIATE")
        change(connection)
        connection.execute("COMMIT")
    finally:
        connection.close(True)
