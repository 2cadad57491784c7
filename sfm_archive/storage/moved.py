"""An archive whose path leads to another file, or to none, while it is open: where its events are, and what is left."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from sfm_archive.errors import ArchiveMoved
from sfm_archive.storage import history
from sfm_archive.storage.connection import first_bytes, open_immutable
from sfm_archive.storage.left_over_logs import HEADER_READ, is_overwritten
from sfm_archive.storage.place import Identity, beside, identity, path_of

Head = tuple[int, str]
"""Number and hash of a change."""


class Held(NamedTuple):
    """An open archive file: what it is, what its log is (None without one), and the newest change that this program
    has saved in it (None where it has saved none)."""

    file: Identity
    log: Identity | None
    saved: Head | None


def is_in_place(path: Path, held: Held) -> bool:
    """Whether the path still leads to the open file, and nobody has copied another one over it."""
    return identity(path) == held.file and not _is_overwritten(path, held)


def reads_its_own(path: Path, held: Held) -> bool:
    """Whether nothing lies at the path that SQLite would read as the file's log. It looks for one by its name before
    each look into a file that has none open, also where the name is another file's by now."""
    if held.log is not None or identity(path) == held.file:
        return True
    return not any(os.path.lexists(beside(path, ending)) for ending in ("-wal", "-journal"))


def fold_in(connection: apsw.Connection, path: Path, held: Held) -> bool:
    """Have what was saved in the file itself, not in a log that may lie at another place than the file. False where
    that would mix the log with what others have written, or did not succeed."""
    if held.log is None:
        return True
    if _is_overwritten(path, held):
        return False
    place = path_of(held.file)
    others = identity(beside(Path(place), "-wal")) if place else None
    if others not in (None, held.log) or not _sees(connection, held.saved):
        return False
    with suppress(apsw.Error):
        frames, folded = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return frames == folded and (not place or _holds(Path(place), held.saved))
    return False


def is_log_at(path: Path, held: Held) -> bool:
    """Whether what is called the log at a path is the open file's own. SQLite removes a log by its name."""
    return held.log is not None and identity(beside(path, "-wal")) == held.log


def told(path: Path, location: Path, held: Held, this_change: str, *, folded: bool) -> ArchiveMoved:
    """The sentence: where the file is, what became of this change, where the earlier ones are, and the next step."""
    log = _log_of(location, path_of(held.file), held)
    if identity(location) == held.file:
        rest = f"is at most in {log}, the log of the file that was overwritten" if log else "may be nowhere else"
        return ArchiveMoved(
            f"{path}: another file was copied over the archive while it was open. {this_change}; what was saved since "
            f"it was opened {rest}. Bring the archive back from a backup, then import again"
        )
    place = path_of(held.file)
    other = ", and another file stands there now" if os.path.lexists(location) else ""
    if not place:
        return ArchiveMoved(
            f"{path}: the archive was deleted, replaced or moved to another disk while it was open{other}. "
            f"{this_change}; what was saved since it was opened may be nowhere else. Bring the file back from where it "
            "went or from a backup, then import again"
        )
    before = f"{path}: the archive was moved to {place} while it was open{other}. {this_change}"
    if folded:
        return ArchiveMoved(f"{before}; what was saved before is in {place}. Move it back, or go on with it there")
    rest = f"of the rest is known only that it was in its log, {log}" if log else "where the rest is, is not known"
    return ArchiveMoved(
        f"{before}; what was saved before is not all in {place}: {rest}. Keep both files and have every program "
        "end that uses them; sfm list says which events are there, and what is missing can be imported again"
    )


def _log_of(location: Path, place: str, held: Held) -> Path | None:
    for path in (location, *((Path(place),) if place else ())):
        if is_log_at(path, held):
            return beside(path, "-wal")
    return None


def _is_overwritten(path: Path, held: Held) -> bool:
    if held.log is None or identity(path) != held.file:
        return False
    with suppress(apsw.Error):
        return is_overwritten(path, first_bytes(path, HEADER_READ))
    return False


def _sees(connection: apsw.Connection, saved: Head | None) -> bool:
    if saved is None:
        return True
    with suppress(apsw.Error):
        found = history.rows(connection, behind=saved[0] - 1, limit=1)
        return [(row.sequence, row.sha256) for row in found] == [saved]
    return False


def _holds(place: Path, saved: Head | None) -> bool:
    """Whether the file alone has a change; what it takes to read it without a log beside it changes nothing."""
    if saved is None:
        return True
    with suppress(apsw.Error):
        connection = open_immutable(place)
        try:
            return _sees(connection, saved)
        finally:
            connection.close()
    return False
