"""An extract: an archive of its own with some events and what speaks of them alone, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import derive
from sfm_archive.archive.settings import begin, current_actor
from sfm_archive.base.counting import counted
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.errors import NotFound
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.moving.along import Along
from sfm_archive.moving.report import NotTaken
from sfm_archive.moving.source import OF_OTHERS, Source, SourceChange
from sfm_archive.moving.taking import Taker
from sfm_archive.storage import archive_row, extracting, merged_changes, statements
from sfm_archive.storage.changes import Create, PinDecoder, PinEncoder
from sfm_archive.storage.changes_taken_over import Extract, Merge
from sfm_archive.storage.failures import translated
from sfm_archive.storage.merged_changes import MergedChange, Withheld
from sfm_archive.storage.new_archives import fill_file, new_archive_file
from sfm_archive.storage.row_hashes import WholeRow
from sfm_archive.storage.store import open_file
from sfm_archive.storage.writing import Writing

_OF_NOBODY = frozenset({Create.action, PinEncoder.action, PinDecoder.action})
"""Actions without rows that speak of no event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractReport:
    """A finished extract. `archive_id`: its own; `of_archive_id`, `of_length`, `of_head`: the archive that it is of, as
    it was. `rows`: how many went along by table. `whole_changes`, `shortened_changes`, `withheld_changes`: how much of
    the history there went along. `several_points`: ids there of events that are of other points too, and went along
    whole. `withheld`: how many contents stayed behind because they hold other events. `not_taken`: what is damaged."""

    path: str
    target: str
    archive_id: str
    of_archive_id: str
    of_length: int
    of_head: str
    events: int
    rows: dict[str, int]
    whole_changes: int
    shortened_changes: int
    withheld_changes: int
    several_points: tuple[int, ...]
    withheld: int
    not_taken: tuple[NotTaken, ...]
    history_head: str


def extract(
    archive: Archive,
    target: str | PathLike[str],
    selection: Selection = EVERYTHING,
    *,
    actor: str | None = None,
    progress: Progress = silent,
) -> ExtractReport:
    """Make an archive at `target` of the selected events, with an id and a history of its own. It gets its name when it
    is whole; nothing is replaced, and the archive stays as it is.

    Nothing of other events is in it. Of the history, changes that speak only of what goes along are there whole, of all
    others the hash, so that the chain still holds. Raises NotFound where no event is selected, AlreadyExists,
    StorageFailed, Busy, Damaged.
    """
    archive.store.refuse_looking_back("extract from it")
    path, event_ids = Path(target), [row.event_id for row in archive.events(selection)]
    if not event_ids:
        raise NotFound(f"{archive.path} has no event that is meant; nothing was made. sfm list says what is there")
    source = Source.of(archive)
    with archive.store.settled() as connection:
        along = Along(connection, event_ids, selection.points)
        several = extracting.between_points(connection, event_ids) if selection.points else []
        pins, names = archive_row.read(connection), statements.names_of_points(connection)
    assert pins is not None
    encoder, decoder, who = pins.pinned_encoder, pins.pinned_decoder, current_actor(actor)
    with new_archive_file(path) as unfinished, translated(path):
        fill_file(unfinished, lambda connection: begin(connection, encoder, decoder, who))
        with Archive(open_file(unfinished, read_only=False), actor=who) as made:
            own_id = made.info().archive_id
            run = _Extract(made, own_id, source, along, progress)
            run.everything(_in_words(selection, names))
            head = made.history_head()[1]
    return ExtractReport(
        path=str(archive.path),
        target=str(path),
        archive_id=own_id,
        of_archive_id=source.archive_id,
        of_length=source.length,
        of_head=source.head,
        events=len(event_ids),
        rows=dict(sorted(run.taker.rows.items())),
        whole_changes=run.whole,
        shortened_changes=run.shortened,
        withheld_changes=source.length - run.whole - run.shortened,
        several_points=tuple(several),
        withheld=run.taker.rows["withheld_content"],
        not_taken=tuple(dict.fromkeys(source.not_taken)),
        history_head=head,
    )


def _in_words(selection: Selection, names: Mapping[int, tuple[str, str]]) -> str:
    """What was asked for, points by their names; the events by their number, since their ids are others in it."""
    asked = {name: value for name, value in selection.as_dict().items() if name not in ("points", "event_ids")}
    said = [f"{name.replace('_', ' ')} {_listed(value)}" for name, value in asked.items()]
    said += [f"at {', '.join('/'.join(names.get(one, ('', ''))) for one in selection.points)}"] * bool(selection.points)
    said += [f"{counted(len(selection.event_ids), 'event')} named"] * bool(selection.event_ids)
    return "; ".join(said) or "all events"


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_listed, value))
    return str(value)


class _Extract:
    """Fills an extract. `whole`, `shortened`: how many changes of the source went along so."""

    def __init__(self, made: Archive, own_id: str, source: Source, along: Along, progress: Progress) -> None:
        self._made, self._source, self._along, self._progress = made, source, along, progress
        self.taker = Taker(made.store.connection, source.connection, own_id, source.archive_id)
        self.whole = self.shortened = 0
        self._neutral: list[SourceChange] = []
        self._withheld: dict[str, list[tuple[int, str]]] = {}

    def everything(self, asked: str) -> None:
        """All changes of the source, then the one that says what this is."""
        for part in self._source.changes(0):
            with self._made.store.transaction():
                for change in part:
                    self._change(change)
                for event_id in sorted(self.taker.changed):
                    derive(self._made, event_id, documents=True)
                self.taker.changed.clear()
            self._progress(part[-1].row.sequence, self._source.length)
        with self._made.store.transaction() as connection:
            self._end(Writing(connection), asked)

    def _change(self, change: SourceChange) -> None:
        # A hand-over says which contents are its own.
        rows = sorted(change.rows, key=lambda one: one.table != "handover")
        goes = {(one.table, one.sha256) for one in rows if one.table not in OF_OTHERS and self._along.goes(one)}
        going = [one for one in change.rows if (one.table, one.sha256) in goes]
        if not going:
            if not change.rows and change.is_whole and change.row.action in _OF_NOBODY:
                self._neutral.append(change)
            else:
                self._withhold(change.origin.archive_id, change)
            return
        writing = Writing(self._made.store.connection)
        self.taker.take(writing, change._replace(rows=going))
        for one in going:
            if one.table == "received_file" and one.found.columns["sha256"] in self._along.own.shared:
                self.taker.withhold(writing, one.found.columns)
        event_id = self.taker.numbers.event_or_0(change.row.event_id)
        self._keep_history(writing, change, event_id, whole=self._is_whole(change, goes))
        origin = change.origin.origin
        writing.note(Merge(archive_id=origin.archive_id, number=origin.number), self._made.actor, event_id)

    def _is_whole(self, change: SourceChange, goes: set[tuple[str, bytes]]) -> bool:
        """Whether a change speaks only of what goes along; a content that is withheld is of a file that does."""
        return change.is_whole and all(self._stays_along(one, goes) for one in change.rows)

    def _stays_along(self, one: WholeRow, goes: set[tuple[str, bytes]]) -> bool:
        return (one.table, one.sha256) in goes or one.table in OF_OTHERS or self._along.is_withheld(one)

    def _keep_history(self, writing: Writing, change: SourceChange, event_id: int, *, whole: bool) -> None:
        """The change of the source, and that of a third archive whose rows it took."""
        is_first = change.origin.row.sha256 == change.row.sha256
        told = [MergedChange(self._source.archive_id, True, change.row, event_id, is_first, 0)]
        if not is_first:
            told.append(change.origin._replace(event_here=event_id, wrote=True))
        for one in told:
            merged_changes.add(writing, one if whole and one.whole else merged_changes.shortened(one))
        self.whole += whole
        self.shortened += not whole

    def _withhold(self, of_first: str, change: SourceChange) -> None:
        self._withheld.setdefault(self._source.archive_id, []).append((change.row.sequence, change.row.sha256))
        if of_first != self._source.archive_id:
            self._withheld.setdefault(of_first, []).append((change.origin.row.sequence, change.origin.row.sha256))

    def _end(self, writing: Writing, asked: str) -> None:
        source = self._source
        for change in self._neutral:
            merged_changes.add(writing, MergedChange(source.archive_id, True, change.row, 0, False, 0))
            self.whole += 1
        for archive_id, known in self._withheld.items():
            for first, hashes in _runs(sorted(known)):
                merged_changes.withhold(writing, Withheld(archive_id, first, hashes))
        said = Extract(
            file=without_lone_surrogates(source.archive.path.name),
            archive_id=source.archive_id,
            length=source.length,
            head=source.head,
            selection=without_lone_surrogates(asked),
        )
        writing.note(said, self._made.actor)


def _runs(numbered: Sequence[tuple[int, str]]) -> list[tuple[int, tuple[str, ...]]]:
    """Hashes of changes that follow each other, with the number of the first."""
    found: list[tuple[int, list[str]]] = []
    for number, sha256 in numbered:
        if found and found[-1][0] + len(found[-1][1]) == number:
            found[-1][1].append(sha256)
        else:
            found.append((number, [sha256]))
    return [(first, tuple(hashes)) for first, hashes in found]
