"""Files that a person decided to leave out of imports: known by their bytes, whatever they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from sfm_archive.base.regular_files import open_file
from sfm_archive.base.texts import checked_length, without_lone_surrogates
from sfm_archive.errors import NotFound, StorageFailed, UsageError
from sfm_archive.model.readings import LONGEST_TEXT
from sfm_archive.storage import left_out
from sfm_archive.storage.changes import LeaveOut, TakeAgain
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutFile:
    """A file that imports leave out. `sha256`: of its bytes. `name`: as it was called when that was decided, '' where
    it was named by its hash. `decided_by`, `reason`: whose decision that is, and why."""

    sha256: str
    name: str
    decided_by: str
    reason: str


def leave_out(archive: Archive, file: str | Path, *, by: str = "", reason: str) -> bool:
    """Have every later import leave a file out, under any name; False where that is decided already.

    `file`: its path, or the SHA-256 of its bytes in hexadecimal. `by`: who decides, the actor where nobody is named;
    `reason`: why. What the archive holds of it stays. Raises NotFound, StorageFailed for a file that may not be read or
    is a pipe or device, UsageError for no reason, ReadOnlyArchive, Busy.
    """
    return _decide(archive, file, by, reason, leave=True)


def take_again(archive: Archive, file: str | Path, *, by: str = "", reason: str) -> bool:
    """Take a file again that imports leave out; False where they do not. As `leave_out`."""
    return _decide(archive, file, by, reason, leave=False)


def left_out_files(archive: Archive) -> dict[str, LeftOutFile]:
    """The files that imports leave out, by the SHA-256 of their bytes, in the order of the decisions."""
    with archive.store.reading() as connection:
        rows = left_out.that_count(connection)
    return {
        sha256: LeftOutFile(sha256=sha256, name=row.name, decided_by=row.decided_by, reason=row.reason)
        for sha256, row in rows.items()
        if row.left_out
    }


def _decide(archive: Archive, file: str | Path, by: str, reason: str, *, leave: bool) -> bool:
    why, who = decision_texts(file, by, reason, f"say why it is {'left out' if leave else 'taken again'}")
    sha256, name = file_identity(file)
    row = left_out.LeftOutRow(sha256, leave, name, who or archive.actor, why)
    with archive.store.transaction() as connection:
        before = left_out.that_count(connection).get(sha256)
        if leave == (before is not None and before.left_out):
            return False
        writing = Writing(connection)
        left_out.decide(writing, row)
        writing.note(LeaveOut() if leave else TakeAgain(), archive.actor)
    return True


def file_identity(file: str | Path) -> tuple[str, str]:
    """SHA-256 and name of a file that is named by its path, or by the SHA-256 of its bytes: then without a name. A file
    that is called like a hash is a file. Raises NotFound."""
    path = Path(file)
    try:
        with open_file(path) as opened:
            return file_digest(opened, "sha256").hexdigest(), without_lone_surrogates(path.name)
    except OSError as error:
        if _SHA256.fullmatch(str(file)):
            return str(file).lower(), ""
        kind = NotFound if isinstance(error, FileNotFoundError) else StorageFailed
        raise kind(
            f"{file} cannot be read: {error.strerror or error}; name the file, or the SHA-256 of its bytes"
        ) from error


def decision_texts(file: str | Path, by: str, reason: str, say: str) -> tuple[str, str]:
    """Why somebody decided something about a file, and who, '' where nobody is named, each as one line. Raises
    UsageError for no reason (`say`: what to do then), and for texts that are too long."""
    why = _one_line(reason)
    if not why:
        raise UsageError(f"{file}: a decision needs a reason; {say}")
    for text, what in ((why, "the reason"), (by, "the name of who decides")):
        checked_length(text, LONGEST_TEXT, what)
    return why, _one_line(by)


def _one_line(text: str) -> str:
    return without_lone_surrogates(" ".join(text.split()))
