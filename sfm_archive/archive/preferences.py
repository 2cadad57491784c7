"""How outputs are to look: options before what the archive states of the firm, that before the user's own file.

This is the one place that decides what counts. `sfm report`, `sfm summary`, `sfm list`, `sfm attenuation` and reports
of a job ask `preferred`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfm_archive.model.preferences import NOTHING_PREFERRED, OPTION, Preferences, Preferred, first_stated
from sfm_archive.model.statements import Firm
from sfm_archive.storage import statements

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

ARCHIVE: Final = "archive"
"""Who says what the archive states."""


def preferred(
    archive: Archive | None = None,
    options: Preferences = NOTHING_PREFERRED,
    users: Preferences = NOTHING_PREFERRED,
    *,
    users_file: str = "user's file",
) -> Preferred:
    """What counts, with who says each part of it. `users`: as `read_preferences` reads it from `users_file`. Raises
    Damaged."""
    of_archive = NOTHING_PREFERRED
    if archive is not None:
        with archive.store.reading() as connection:
            of_archive = preferences_of(that_counts_of_firm(connection))
    return first_stated({OPTION: options, ARCHIVE: of_archive, users_file: users})


def that_counts_of_firm(connection: Any) -> Firm | None:
    """The statement that counts; of several, as after a merge, the one that was made last."""
    return next(reversed(statements.that_count(connection, Firm).values()), None)


def preferences_of(row: Firm | None) -> Preferences:
    """What a statement prefers."""
    if row is None:
        return Preferences()
    return Preferences(
        name=row.name,
        address=tuple(filter(None, row.address.split("\n"))),
        signature=row.signature,
        logo=row.logo,
        paper=row.paper,
        language=row.language,
        units=row.units,
        limits=tuple(row.limits.split()),
        airblast=row.airblast,
    )
