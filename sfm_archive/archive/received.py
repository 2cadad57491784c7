"""Since when something was received: a moment or a change, as the change behind which it counts."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from sfm_archive.errors import UsageError
from sfm_archive.model.selection import parse_since
from sfm_archive.model.timestamps import local_text
from sfm_archive.storage import history
from sfm_archive.storage.looking_back import moment_of

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

_DIGITS = re.compile(r"\d+", re.ASCII)
_IN_UTC = re.compile(r"\s*(z|utc)$", re.IGNORECASE)


def change_before(archive: Archive, text: str) -> int:
    """The number of the change behind which what came counts, for `Selection.received_behind`.

    `text`: a date or time in UTC, from whose first second on it counts (`2026-05`, `2026-05-01`, `2026-05-01 13:16`),
    or a change, by its number, hash or mark: then what came behind it. Where the computer's clock was put back, all
    counts from the first change of that moment or a later one on. Raises UsageError, NotFound for a change that is not
    there.
    """
    said = text.strip()
    with archive.store.reading() as connection:
        if not _DIGITS.fullmatch(said):
            with suppress(UsageError):
                return history.last_before(connection, local_text(parse_since(_IN_UTC.sub("", said))))
        return moment_of(connection, archive.path, said).sequence
