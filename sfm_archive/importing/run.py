"""The whole import: bundles are read and prepared outside of the archive, then saved a batch at a time.

A batch is one durable transaction, and each event in it is all or nothing by itself. An import that is interrupted
or runs out of disk keeps every batch that was finished; started again, it finds those files to be duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.importing.bundles import Bundle, bundle_files
from sfm_archive.importing.discover import find_files
from sfm_archive.importing.late import Joined, join_waiting, keep_unattached, place_file
from sfm_archive.importing.prepare import Prepared, Preparer
from sfm_archive.importing.report import ImportItem, ImportReport
from sfm_archive.importing.save import save_ready
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.zones import checked_zone

_BATCH_BUNDLES = 200
_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to import.

    `serial`: of the unit, used where neither content nor folder tells it. `time_zone`: IANA name of the zone that the
    units' clocks showed, or 'unknown'. `dry_run`: everything is tried and taken back, the report says what would be.
    """

    serial: str | None = None
    time_zone: str = "unknown"
    dry_run: bool = False


class _TakenBackError(Exception):
    """Ends a dry run's transaction."""


def import_sources(
    archive: Archive,
    sources: Sequence[Path],
    options: ImportOptions | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Import files and folders.

    Every file found has one item in the report. Raises NotFound for a source that does not exist, UsageError for a
    serial or zone that cannot be, Busy, StorageFailed, ReadOnlyArchive; what was saved before then is kept.
    """
    chosen = _checked(ImportOptions() if options is None else options)
    found = find_files(sources, archive.path)
    run = _Run(archive, chosen, progress, len(found.paths))
    run.items += found.items
    bundles = bundle_files(found.paths)
    if chosen.dry_run:
        try:
            with archive.batch():
                run.everything(bundles)
                raise _TakenBackError
        except _TakenBackError:
            pass
    else:
        run.everything(bundles)
    return ImportReport(
        items=tuple(sorted(run.items, key=lambda item: item.path)),
        files_found=len(found.paths) + len(found.items),
        events_created=run.created,
        revisions_added=run.revised,
        waiting_joined=run.waiting.files,
        waiting_damaged=run.waiting.damaged,
        history_head=archive.history_head()[1],
        interrupted=run.interrupted,
        dry_run=chosen.dry_run,
    )


def _checked(options: ImportOptions) -> ImportOptions:
    if options.serial is not None:
        checked_serial(options.serial)
    checked_zone(options.time_zone)
    return options


class _Run:
    """The state of one import."""

    def __init__(self, archive: Archive, options: ImportOptions, progress: Progress, total: int) -> None:
        self.archive = archive
        self.items: list[ImportItem] = []
        self.created = 0
        self.revised = 0
        self.waiting = Joined(0, ())
        self.interrupted = False
        self._preparer = Preparer(archive, options.serial)
        self._time_zone = options.time_zone
        self._progress = progress
        self._total = total
        self._done = 0
        self._loose: list[Path] = []

    def everything(self, bundles: list[Bundle]) -> None:
        """All bundles, then the documents that lay beside no event. Ctrl-C ends it after what is in hand."""
        try:
            self._bundles(bundles)
            self._documents()
            with self.archive.batch():
                self.waiting = join_waiting(self.archive)
        except KeyboardInterrupt:
            self.interrupted = True

    def _bundles(self, bundles: list[Bundle]) -> None:
        batch: list[Prepared] = []
        size = 0
        try:
            for bundle in bundles:
                prepared = self._preparer.prepare(bundle)
                batch.append(prepared)
                size += prepared.size
                if len(batch) >= _BATCH_BUNDLES or size >= _BATCH_BYTES:
                    ready, batch, size = batch, [], 0
                    self._save(ready)
                    del ready  # two batches at once would be twice the memory
        finally:
            # Interrupted or not: what is prepared is saved. A batch that failed was taken out before.
            if batch:
                self._save(batch)

    def _save(self, batch: list[Prepared]) -> None:
        items: list[ImportItem] = []
        loose: list[Path] = []
        created = revised = 0
        with self.archive.batch():
            for prepared in batch:
                items += prepared.items
                loose += prepared.loose
                items += [keep_unattached(self.archive, source, reason) for source, reason in prepared.unattached]
                for ready in prepared.pending:
                    saved = save_ready(self.archive, ready, self._time_zone)
                    if saved is not None:
                        created += saved.created
                        revised += saved.new_revision and not saved.created
                items += prepared.outcomes()
        # Only now, with the transaction finished, is it true.
        self.items += items
        self._loose += loose
        self.created += created
        self.revised += revised
        self._tell(sum(prepared.files for prepared in batch) - len(loose))

    def _documents(self) -> None:
        for start in range(0, len(self._loose), _BATCH_BUNDLES):
            part = self._loose[start : start + _BATCH_BUNDLES]
            with self.archive.batch():
                items = [place_file(self.archive, path) for path in part]
            self.items += items
            self._tell(len(part))

    def _tell(self, files: int) -> None:
        self._done += files
        self._progress(min(self._done, self._total), self._total)
