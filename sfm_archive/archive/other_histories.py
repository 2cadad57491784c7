"""What other archives' histories say, as far as their changes were merged or went along into an extract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import Damaged, NotFound, UsageError
from sfm_archive.storage import merged_changes

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.storage.merged_changes import MergedChange

_FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherArchive:
    """An archive of which changes are here. `changes`: how many are whole; `withheld`: of how many only the hash is;
    `newest`: the greatest number among all."""

    archive_id: str
    changes: int
    withheld: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOfOther:
    """A change of another archive as it stands there. `sequence`: its number; `event_there`, `event_here`: its event by
    the number there and here, 0 where it is of none; `what`: in words. `whole`: False where only hash, time and person
    are here. `taken_by`: the change here that took it; `wrote`: whether that lists rows of it."""

    sequence: int
    at_utc: str
    actor: str
    tool: str
    action: str
    event_there: int
    event_here: int
    what: str
    whole: bool
    taken_by: int
    wrote: bool
    sha256: str


def other_archives(archive: Archive) -> list[OtherArchive]:
    """Every archive of which changes are here."""
    with archive.store.reading() as connection:
        return [
            OtherArchive(archive_id=one.archive_id, changes=one.changes, withheld=one.withheld, newest=one.newest)
            for one in merged_changes.sources(connection)
        ]


def history_of_other(archive: Archive, archive_id: str) -> list[ChangeOfOther]:
    """The changes of another archive that are here, by number, those of every fork. `archive_id`: its id, or the first
    eight or more digits. Raises NotFound, UsageError for what begins several."""
    text = archive_id.strip().lower()
    known = other_archives(archive)
    found = [one for one in known if len(text) >= _FEWEST_DIGITS and one.archive_id.startswith(text)]
    if len(found) > 1:
        raise UsageError(f"{archive.path}: {len(found)} archives have an id that begins with {text}; give more digits")
    if not found:
        listed = ", ".join(one.archive_id for one in known) or "none"
        raise NotFound(
            f"{archive.path} has no change of an archive {archive_id!r:.80}; there are changes of: {listed}. "
            f"{command_line('sfm', 'history', archive.path)} lists its own"
        )
    with archive.store.reading() as connection:
        return [_told(one) for one in merged_changes.of_archive(connection, found[0].archive_id)]


def _told(one: MergedChange) -> ChangeOfOther:
    what = ""
    if one.whole:
        try:
            what = one.row.change().told({entry.table for entry in one.row.listed})
        except (Damaged, ValueError):
            what = ""
    return ChangeOfOther(
        sequence=one.row.sequence,
        at_utc=one.row.at_utc,
        actor=one.row.actor,
        tool=one.row.tool,
        action=one.row.action,
        event_there=one.row.event_id,
        event_here=one.event_here,
        what=what,
        whole=one.whole,
        taken_by=one.sequence,
        wrote=one.wrote,
        sha256=one.row.sha256,
    )
