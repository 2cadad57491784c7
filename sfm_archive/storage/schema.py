"""The file format in force: creating it, recognising it, and bringing an older file up to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import apsw

from sfm_archive.errors import Damaged, NewerArchive, NotAnArchive, ReadOnlyArchive, SealedArchive, StorageFailed
from sfm_archive.files.durable import flush, flush_folder
from sfm_archive.files.failures import writing_to
from sfm_archive.files.writing import unfinished_beside
from sfm_archive.storage import history, seals
from sfm_archive.storage.connection import sqlite_path
from sfm_archive.storage.left_over_logs import refuse_left_over
from sfm_archive.storage.structure import check_structure
from sfm_archive.storage.tables import schema_text

APPLICATION_ID = 0x53464D41
"""The letters SFMA; in every archive's header."""

FORMAT_VERSION = 1

Migration = Callable[[apsw.Connection], None]

MIGRATIONS: Mapping[int, Migration] = {}
"""Step from each older format version to the next. Version 1 is the first, so there is none yet."""


def create_schema(connection: apsw.Connection) -> None:
    """Make the tables and mark the file as ours. Runs in the caller's transaction: all or nothing."""
    connection.execute(schema_text())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def check_identity(connection: apsw.Connection, path: Path, current: int = FORMAT_VERSION) -> int:
    """The file's format version.

    Raises NotAnArchive for another program's file, NewerArchive with both numbers for a later format.
    """
    application_id, version = _header(connection)
    if application_id != APPLICATION_ID:
        raise NotAnArchive(
            f"{path} is a SQLite file of another program, not an sfm archive; it was not touched. Is it the right path?"
        )
    if version > current:
        raise NewerArchive(
            f"{path} has format version {version}; this sfm-archive reads up to {current}. Update sfm-archive"
        )
    if version < 1:
        raise Damaged(f"{path} says format version {version}, which no sfm-archive wrote; work on with a backup")
    return version


def bring_up_to_date(
    connection: apsw.Connection,
    path: Path,
    version: int,
    *,
    read_only: bool,
    current: int = FORMAT_VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    schema: str | None = None,
) -> Path | None:
    """Migrate an older file to the current format, all steps in one transaction, after a copy was made.

    Returns the copy's path, None when nothing was to do. A step that fails leaves the file as it was. Afterwards the
    file's schema is exactly that of a fresh one. Raises ReadOnlyArchive for an older file opened read-only, and
    SealedArchive for a sealed one, into which nothing is written whatever it is opened for.
    """
    if version == current:
        return None
    if _has_seals(connection) and seals.is_sealed(connection):
        raise SealedArchive(
            f"{path} is sealed and has format version {version}; an update to {current} would write into it. Make a "
            f"copy to work on with the sfm-archive that sealed it (sfm backup --unsealed), and open that copy here"
        )
    if read_only:
        raise ReadOnlyArchive(
            f"{path} has format version {version}, which is read after an update to {current}; it was opened read-only "
            "and not touched. Copy it to a place you may write to and open it there"
        )
    copy = path.with_name(f"{path.stem}.before-format-{current}{path.suffix}")
    if copy.exists():
        if _header(connection)[1] != version:
            return None  # another process has just brought the file up to date
        if not _is_earlier_copy(copy, connection):
            raise StorageFailed(
                f"{copy} is in the way of a copy of {path.name} from before its update. Move it elsewhere"
            )
    refuse_left_over(copy)
    with writing_to(copy):
        unfinished = unfinished_beside(copy)
    try:
        connection.execute("VACUUM INTO ?", (sqlite_path(unfinished),))
        flush(unfinished)
        return copy if _migrate(connection, path, version, current, migrations, schema, (unfinished, copy)) else None
    finally:
        unfinished.unlink(missing_ok=True)


def _has_seals(connection: apsw.Connection) -> bool:
    """Whether there is a table that can say that the file is sealed; from format 1 on there is."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'seal' AND type = 'table'").get is not None


def _is_earlier_copy(copy: Path, connection: apsw.Connection) -> bool:
    """Whether a file is a copy of this archive, with nothing that the archive does not have as well. An update that
    was cut off leaves one."""
    try:
        other = apsw.Connection(sqlite_path(copy), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            newest = history.head(other)
        finally:
            other.close()
    except apsw.Error:
        return False
    here = history.rows(connection, behind=newest[0] - 1, limit=1)
    return [(row.sequence, row.sha256) for row in here] == [newest]


def _migrate(
    connection: apsw.Connection,
    path: Path,
    version: int,
    current: int,
    migrations: Mapping[int, Migration],
    schema: str | None,
    copies: tuple[Path, Path],
) -> bool:
    """All steps in one transaction; False when another process has made them meanwhile."""
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _header(connection)[1] != version:
                connection.execute("ROLLBACK")
                return False
            # Only now is it sure that the copy holds the older format, and that nobody else makes one.
            unfinished, copy = copies
            unfinished.replace(copy)
            flush_folder(copy.parent)
            for step in range(version, current):
                migrations[step](connection)
                connection.execute(f"PRAGMA user_version = {step + 1}")
            check_structure(connection, path, schema_text() if schema is None else schema)
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if broken is not None:
                raise Damaged(
                    f"{path}: after the update a row of {broken[0]} would refer to a missing row; nothing was changed"
                )
            connection.execute("COMMIT")
        except BaseException:
            # A full disk has taken the transaction back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    return True


def _header(connection: apsw.Connection) -> tuple[int, int]:
    application_id: int = connection.pragma("application_id")
    version: int = connection.pragma("user_version")
    return application_id, version
