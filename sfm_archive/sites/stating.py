"""How every statement is kept: one row, one change of the history, and the rows of the events that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import AT_ONCE, TakenBack, recompute, summaries_of
from sfm_archive.base.batches import batches
from sfm_archive.base.texts import checked_length, without_lone_surrogates
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.model.readings import LONGEST_TEXT
from sfm_archive.model.statements import Kind, Statement
from sfm_archive.storage import files, statements, summaries
from sfm_archive.storage.changes import MakeStatement
from sfm_archive.storage.writing import Writing


class Attached(NamedTuple):
    """A file that a statement rests on, kept beside it: `kind`, such as 'certificate', its name and its bytes."""

    kind: str
    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of its bytes: under which the archive has them."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMade:
    """A statement as it was kept. `number`: its own, the same for what corrects or withdraws it; `what`: in words;
    `withdrawn`: whether it is taken back. `events`: of which it could change what lists say; `changed`: of how many it
    did. `new`: False where that was said before, so that nothing was kept. `dry_run`: nothing was kept. `notes`: what a
    person should look at because of it."""

    number: int
    what: str
    withdrawn: bool
    events: int
    changed: int
    new: bool
    dry_run: bool
    notes: tuple[str, ...] = ()


def state(
    archive: Archive,
    make: Callable[[Any], Kind],
    *,
    meant: Callable[[Any, Kind], Iterable[int]] | None = None,
    attached: Attached | None = None,
    cut: Callable[[Any, Kind], Iterable[int]] | None = None,
    then: Callable[[Kind], Statement] | None = None,
    notes: Callable[[Any, Kind], Iterable[str]] | None = None,
    dry_run: bool,
) -> StatementMade:
    """Keep a statement, in one transaction with the rows of the events that it is about.

    `make`: the row, from a connection inside the transaction, so that two programs that say something at once are
    compared with each other; it raises where the statement cannot be. `meant`: the events, by the row; `cut`: of
    them those whose samples are cut otherwise by it, so that they are decoded again. `attached`: a file that the
    row names. `then`: a statement that rests on the row, kept with it. `notes`: what to look at, once it is kept. A
    row that says what counts already is not kept again.
    """
    events: list[int] = []
    told: list[str] = []
    noted: list[str] = []
    changed = 0
    new = True
    try:
        with archive.store.transaction() as connection:
            row = make(connection)
            told = [row.told]
            before = statements.newest(connection, type(row)).get(row.number)
            if before is not None and row == before._replace(decided_by=row.decided_by, reason=row.reason):
                row, new = before, False
                raise TakenBack
            # Before and behind: an event can leave a window as well as come into one.
            events = sorted(set(() if meant is None else meant(connection, row)))
            otherwise = [] if cut is None else sorted(set(cut(connection, row)))
            row = _keep(archive, connection, row, attached)
            if then is not None:
                told.append(_keep(archive, connection, then(row)).told)
            decoded: set[int] = set()
            for some in batches(otherwise, AT_ONCE):
                decoded |= recompute(archive, some)
            changed = len(decoded | refreshed(connection, events))
            noted += () if notes is None else notes(connection, row)
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    return StatementMade(
        number=row.number,
        what="; ".join(told),
        withdrawn=bool(row.withdrawn),
        events=len(events),
        changed=changed,
        new=new,
        dry_run=dry_run,
        notes=tuple(noted),
    )


def state_row(archive: Archive, row: Statement) -> None:
    """Keep a row as it is; what it is about is looked at again by `rebuild` alone."""
    with archive.store.transaction() as connection:
        _keep(archive, connection, row)


def _keep(archive: Archive, connection: Any, row: Any, attached: Attached | None = None) -> Any:
    writing = Writing(connection)
    if attached is not None and not files.has_content(connection, attached.sha256):
        files.add_content(writing, attached.sha256, len(attached.data), files.cut(attached.data))
    kept: Any = statements.add(writing, row)
    change = MakeStatement(
        table=statements.TABLES[type(kept)],
        number=kept.number,
        position=kept.position,
        withdrawn=bool(kept.withdrawn),
        files=() if attached is None else ((attached.kind, attached.name),),
    )
    writing.note(change, archive.actor)
    return kept


def refreshed(connection: Any, event_ids: Iterable[int]) -> set[int]:
    """Make the rows of events again; those of which they became others."""
    changed: set[int] = set()
    for some in batches(event_ids, AT_ONCE):
        before, now = summaries.of_events(connection, some), summaries_of(connection, some)
        other = [(event_id, row) for event_id, row in now.items() if before.get(event_id) != row]
        summaries.put(connection, other)
        changed |= {event_id for event_id, _ in other}
    return changed


def who(archive: Archive, by: str) -> str:
    """Who says so: the actor where nobody is named. Raises UsageError for a name that is too long."""
    return one_line(by, "the name of who says so") or archive.actor


def why(reason: str, *, needed: str = "") -> str:
    """The reason as one line. `needed`: what needs one. Raises UsageError."""
    text = one_line(reason, "the reason")
    if needed and not text:
        raise UsageError(f"{needed} needs a reason; give it with --reason")
    return text


def one_line(text: str, what: str) -> str:
    """A text as it is kept. Raises UsageError where it is too long."""
    return without_lone_surrogates(" ".join(checked_length(text, LONGEST_TEXT, what).split()))


def that_counts(connection: Any, kind: type[Kind], number: int, listing: str) -> Kind:
    """A statement by its number. `listing`: the command that lists them. Raises NotFound for one that nobody made, or
    that was withdrawn."""
    row = statements.newest(connection, kind).get(number)
    word = statements.TABLES[kind].replace("_", " ")
    if row is None:
        raise NotFound(f"there is no {word} {number}; {listing} lists them")
    if row.withdrawn:
        raise NotFound(f"{word} {number} was withdrawn by {row.decided_by}; {listing} lists those that count")
    return row


def withdraw(
    archive: Archive,
    kind: type[Kind],
    number: int,
    *,
    listing: str,
    by: str,
    reason: str,
    dry_run: bool,
    refuse: Callable[[Any, Kind], None] | None = None,
    meant: Callable[[Any, Kind], Iterable[int]] | None = None,
    cut: Callable[[Any, Kind], Iterable[int]] | None = None,
) -> StatementMade:
    """Take a statement back; the rows before stay. `refuse`: raises where others rest on it; `cut`: as for `state`.
    Raises NotFound, UsageError."""
    word = statements.TABLES[kind].replace("_", " ")
    reason = why(reason, needed=f"withdrawing {word} {number}")

    def row(connection: Any) -> Kind:
        own = that_counts(connection, kind, number, listing)
        if refuse is not None:
            refuse(connection, own)
        return own._replace(withdrawn=1, decided_by=who(archive, by), reason=reason)

    return state(archive, row, meant=meant, cut=cut, dry_run=dry_run)
