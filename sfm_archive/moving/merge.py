"""The whole merge: other archives' changes, one after the other, some in one transaction, as an import goes.

A change here is one change there: it lists the rows that were new, and the change there as it stands in that history.
So a merge that was interrupted goes on behind the last change that came whole, and merging again finds nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import TakenBack, derive
from sfm_archive.archive.doubts import share_reports
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.errors import NotAnArchive, UsageError
from sfm_archive.importing import join_what_came
from sfm_archive.moving.report import MergedSource, MergeReport
from sfm_archive.moving.source import Source, SourceChange
from sfm_archive.moving.taking import Taker
from sfm_archive.storage import merged_changes, moving_rows
from sfm_archive.storage.changes_taken_over import EndMerge, Merge
from sfm_archive.storage.failures import translated
from sfm_archive.storage.merged_changes import MergedChange
from sfm_archive.storage.place import identity
from sfm_archive.storage.writing import Writing


def merge(
    archive: Archive, *sources: str | PathLike[str], dry_run: bool = False, progress: Progress = silent
) -> MergeReport:
    """Take everything of other archives that this one lacks; each is only read. Started again it goes on where it was.

    Raises ArchiveNotFound, NotAnArchive, UsageError for an archive that is to be merged into itself, Busy,
    StorageFailed, ReadOnlyArchive; what was taken before then is kept.
    """
    paths = _checked(archive, sources)
    if not dry_run:
        return _merged(archive, paths, progress, dry_run=False)
    try:
        with archive.batch():
            report = _merged(archive, paths, progress, dry_run=True)
            raise TakenBack
    except TakenBack:
        return report


class _SomethingNewError(Exception):
    """A look has found what a merge would write."""


def merge_of_nothing(
    archive: Archive, sources: Sequence[str | PathLike[str]], progress: Progress = silent
) -> MergeReport | None:
    """The report of a merge that would write nothing; None as soon as there is something to write.

    `archive` is one that takes back everything: opening a file for changes already alters its header, and where
    nothing is new not a byte of it is to change. Raises as `merge`.
    """
    try:
        return _merged(archive, _checked(archive, sources), progress, dry_run=False, looks=True)
    except _SomethingNewError:
        return None


def _checked(archive: Archive, sources: Iterable[str | PathLike[str]]) -> list[Path]:
    paths = [Path(source) for source in sources]
    for path in paths:
        if path.exists() and identity(path) == identity(archive.path):
            raise UsageError(f"{path} is the archive itself; name the other archives")
    return paths


def _merged(
    archive: Archive, sources: Sequence[Path], progress: Progress, *, dry_run: bool, looks: bool = False
) -> MergeReport:
    done: list[MergedSource] = []
    same_names: set[str] = set()
    joined = events_joined = 0
    interrupted = False
    try:
        for number, path in enumerate(sources):
            with _opened(path) as other, translated(path):

                def step(at: int, of: int, before: int = number) -> None:
                    progress(before * 1000 + at * 1000 // max(1, of), len(sources) * 1000)

                run = _OneSource(archive, other, step, looks=looks)
                run.everything()
                done.append(run.report())
                same_names.update(run.same_names)
                joined += run.joined
                events_joined += run.events_joined
    except KeyboardInterrupt:
        interrupted = True
    return MergeReport(
        path=str(archive.path),
        dry_run=dry_run,
        sources=tuple(done),
        joined=joined,
        events_joined=events_joined,
        same_names=tuple(sorted(same_names)),
        interrupted=interrupted,
        history_head=archive.history_head()[1],
    )


def _opened(path: Path) -> Archive:
    """An archive that is merged from. Raises NotAnArchive also for one whose first page is lost."""
    try:
        return Archive.open(path, read_only=True)
    except NotAnArchive as error:
        salvaging = command_line("sfm", "salvage", path, "NEW")
        raise NotAnArchive(f"{error} If it was one, {salvaging} saves what is left of it") from error


class _OneSource:
    """The merge of one archive. `looks`: it ends where something would be written."""

    def __init__(self, archive: Archive, other: Archive, progress: Progress, *, looks: bool) -> None:
        self._archive, self._progress, self._looks = archive, progress, looks
        self._source = Source.of(other)
        self._own_id = archive.info().archive_id
        with archive.store.reading() as connection:
            self._partial = {one.archive_id for one in merged_changes.sources(connection) if one.withheld}
            self._known, self._forked_at = self._where_to_begin(connection)
            ended = self._known == 0 or merged_changes.was_ended(connection, self._source.archive_id, self._known)
        self._begun = not ended and self._source.archive_id != self._own_id
        self._taker = Taker(archive.store.connection, other.store.connection, self._own_id, self._source.archive_id)
        self._pending: list[tuple[SourceChange, int]] = []
        self.same_names: list[str] = []
        self.joined = self.events_joined = 0

    def _where_to_begin(self, connection: Any) -> tuple[int, int]:
        """The newest change of the source that is known here, and where it has another history than is known of it."""
        source = self._source
        if source.archive_id in self._partial:
            return 0, 0
        own, merged = merged_changes.known_numbers(connection, self._own_id, source.archive_id)
        known = self._shared(connection, min(own, source.length))
        for number in merged:
            if number <= known:
                break
            if number <= source.length and merged_changes.is_known(connection, self._own_id, source.origin(number)):
                known = number
                break
        newest = max([own, *merged[:1]])
        return known, known + 1 if known < newest and known < source.length else 0

    def _shared(self, connection: Any, most: int) -> int:
        """How many of the first changes are those of this archive itself, where it has the same id."""
        least = 0
        while least < most:
            middle = (least + most + 1) // 2
            if merged_changes.is_known(connection, self._own_id, self._source.origin(middle)):
                least = middle
            else:
                most = middle - 1
        return least

    def everything(self) -> None:
        """All changes behind the last one that is known, then the one that says that this was all."""
        source = self._source
        ended = source.length <= self._known
        for part in source.changes(self._known):
            ended = part[-1].row.sequence >= source.length
            with self._archive.store.transaction():
                for change in part:
                    self._change(change)
                self._renew()
                if ended:
                    self._end()
            self._progress(part[-1].row.sequence - self._known, source.length - self._known)
        if not ended or (source.length <= self._known and self._begun):
            with self._archive.store.transaction():
                self._end()
        with self._archive.store.settled():
            self.same_names = self._taker.conflicts.finish()

    def _change(self, change: SourceChange) -> None:
        connection = self._archive.store.connection
        origin = change.origin.origin
        known = origin.archive_id not in self._partial and merged_changes.is_known(connection, self._own_id, origin)
        writing = Writing(connection)
        before = set(self._taker.changed)
        if known or not self._taker.take(writing, change):
            # Without the rows, of which there may be many: where all is known nothing of them is kept.
            self._pending.append((change._replace(rows=()), self._event_of(change)))
            return
        self._ends_a_look()
        for event_id in sorted(self._taker.changed - before):
            share_reports(writing, event_id)
        self._with_histories(writing, [*self._pending, (change, self._event_of(change))], wrote=change)
        self._pending.clear()
        writing.note(
            Merge(archive_id=origin.archive_id, number=origin.number), self._archive.actor, self._event_of(change)
        )

    def _ends_a_look(self) -> None:
        if self._looks:
            raise _SomethingNewError

    def _event_of(self, change: SourceChange) -> int:
        return self._taker.numbers.event_or_0(change.row.event_id)

    def _with_histories(
        self, writing: Writing, changes: Iterable[tuple[SourceChange, int]], wrote: SourceChange | None = None
    ) -> None:
        """Keep changes of the source, and those of others that they took over."""
        told = list(changes)
        sequences = [change.row.sequence for change, _ in told]
        with self._source.archive.store.reading() as there:
            nested = merged_changes.taken_by(there, sequences)
            withheld = merged_changes.all_withheld(there, sequences)
        for change, event_id in told:
            # By its hash: the source may have taken it from a fork of itself, which has the same id.
            first = wrote is change and change.origin.row.sha256 == change.row.sha256
            own = MergedChange(self._source.archive_id, change.is_whole, change.row, event_id, first, 0)
            self._keep(writing, own if change.is_whole else merged_changes.shortened(own))
            for one in nested.get(change.row.sequence, ()):
                event_here = self._taker.numbers.event_or_0(one.event_here)
                taken = one._replace(event_here=event_here, wrote=wrote is change and one.wrote)
                self._keep(writing, taken if change.is_whole or not one.wrote else merged_changes.shortened(taken))
        for run in withheld:
            if run.archive_id != self._own_id:
                merged_changes.withhold(writing, run)

    def _keep(self, writing: Writing, change: MergedChange) -> None:
        if not merged_changes.is_known(writing.connection, self._own_id, change.origin):
            merged_changes.add(writing, change)

    def _renew(self) -> None:
        """Have the rows of every event made again that something came of, or that a statement may be about."""
        taker, connection = self._taker, self._archive.store.connection
        ids = set(taker.changed)
        told = taker.told
        if any(told.values()):
            units = {*told["serial"], *moving_rows.units_at(connection, sorted(told["point"]), sorted(told["job"]))}
            ids.update(moving_rows.events_of_units(connection, sorted(units)))
        for event_id in sorted(ids):
            derive(self._archive, event_id, documents=True)
        taker.changed.clear()
        for values in told.values():
            values.clear()

    def _end(self) -> None:
        """The last row of a merge; none where nothing was new."""
        if not self._taker.rows and not self._begun:
            self._pending.clear()
            return
        self._ends_a_look()
        source, connection = self._source, self._archive.store.connection
        came = merged_changes.events_since_the_last_end(connection)
        self.joined, self.events_joined = join_what_came(self._archive, came)
        writing = Writing(connection)
        self._with_histories(writing, self._pending)
        self._pending.clear()
        end = EndMerge(
            file=without_lone_surrogates(source.archive.path.name),
            archive_id=source.archive_id,
            length=source.length,
            head=source.head,
            forked_at=self._forked_at,
            not_taken=len(source.not_taken),
        )
        writing.note(end, self._archive.actor)

    def report(self) -> MergedSource:
        """What became of it."""
        taker, source = self._taker, self._source
        return MergedSource(
            path=str(source.archive.path),
            archive_id=source.archive_id,
            length=source.length,
            head=source.head,
            known=self._known,
            forked_at=self._forked_at,
            events_new=len(taker.new),
            events_both=len(taker.both),
            rows=dict(sorted(taker.rows.items())),
            conflicts=tuple(taker.conflicts.found),
            not_taken=tuple(dict.fromkeys(source.not_taken)),
        )
