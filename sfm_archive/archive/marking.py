"""Names for heads of the history, such as "handed to client X": a change without rows, by which `--as-of` finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.base.texts import checked_length, without_lone_surrogates
from sfm_archive.errors import UsageError
from sfm_archive.storage import history
from sfm_archive.storage.changes import MarkHead
from sfm_archive.storage.looking_back import is_a_form_of_change, moments_marked
from sfm_archive.storage.writing import Writing

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

LONGEST_MARK = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A head of the history that has a name. `change`: its number, `history_head`: its hash. `new`: False where the
    last change was that mark already."""

    name: str
    change: int
    history_head: str
    new: bool


def mark(archive: Archive, name: str) -> Marked:
    """Give what is there now a name, by which `as_of` finds it later. Raises UsageError for no name, one of more than
    255 characters, one that reads as a change's number, hash or date, and one that an earlier change has,
    ReadOnlyArchive, Busy."""
    text = without_lone_surrogates(" ".join(checked_length(name, LONGEST_MARK, "the name of a mark").split()))
    if not text:
        raise UsageError("a mark needs a name, such as 'handed to client X'")
    if is_a_form_of_change(text):
        raise UsageError(f"{text!r} reads as a change's number, hash or date; add a word to it")
    with archive.store.transaction() as connection:
        last, head = history.head(connection)
        for moment in moments_marked(connection, text):
            if moment.sequence == last:
                return Marked(name=text, change=last, history_head=head, new=False)
            raise UsageError(f"{archive.path}: change {moment.sequence} is marked {text!r} already; take another name")
        head = Writing(connection).note(MarkHead(name=text), archive.actor)
        return Marked(name=text, change=last + 1, history_head=head, new=True)
