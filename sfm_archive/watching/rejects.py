"""What is to be told of files: that one, or an event in one, was not taken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from sfm_archive.importing import ImportItem, ImportReport
from sfm_archive.watching.notice import FileTold, Notice, NoticeKind


def rejected(
    refused: Sequence[ImportItem], report: ImportReport, archive: str, archive_id: str, at_utc: str
) -> Iterator[Notice]:
    """A notice for each file that was `refused`, for each of an import of which not all was taken, and for each that
    waits in the archive and is damaged there."""
    told = [(item.path, item.message) for item in (*refused, *report.rejected_in_part())]
    told += [("", sentence) for sentence in report.waiting_damaged]
    for path, message in told:
        yield Notice(
            kind=NoticeKind.REJECTED,
            sentence=f"{path}: {message}" if path else message,
            archive=archive,
            archive_id=archive_id,
            at_utc=at_utc,
            about=Path(path).name,
            once_for=_hash_of(Path(path)) if path else hashlib.sha256(message.encode("utf-8", "replace")).hexdigest(),
            file=FileTold(path=path, message=message),
        )


def _hash_of(path: Path) -> str:
    """Of its bytes; where they cannot be read of the path."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256(str(path).encode("utf-8", "replace")).hexdigest()
