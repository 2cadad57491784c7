"""The whole import: bundles are read and prepared outside of the archive, then saved a batch at a time.

A batch is one durable transaction, and each event in it is all or nothing by itself. An import that is interrupted
or runs out of disk keeps every batch that was finished; started again, it finds those files to be duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import TakenBack
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.archive.leaving_out import left_out_files
from sfm_archive.archive.reading import waiting_parts_of
from sfm_archive.archive.renewed import Renewed, watched
from sfm_archive.archive.running import note_running
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.texts import sentences
from sfm_archive.errors import SfmError
from sfm_archive.importing.bundles import bundle_files
from sfm_archive.importing.coming_together import bring_together
from sfm_archive.importing.halves import Joined, contradicting_halves, join_halves
from sfm_archive.importing.limits_met import LimitsMet, limits_met
from sfm_archive.importing.parts import why_these_wait
from sfm_archive.importing.prepare import LooseFile, PreparedBundle, Preparer
from sfm_archive.importing.recognise import SourceKind
from sfm_archive.importing.report import (
    EVENT_WAITS,
    ImportItem,
    ImportOptions,
    ImportReport,
    ItemOutcome,
    NoticedOfOthers,
    merged_items,
    noticed_of_others,
)
from sfm_archive.importing.sample_findings import SampleFindings
from sfm_archive.importing.save import save_event
from sfm_archive.importing.search import find_files
from sfm_archive.importing.waiting import join_waiting, keep_part_of, keep_without_event, place_file
from sfm_archive.model.findings import Finding
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.zones import checked_zone

_BATCH_BUNDLES = 200
_BATCH_BYTES = 16 * 1024 * 1024


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
    chosen = ImportOptions() if options is None else options
    serial = None if chosen.serial is None else checked_serial(chosen.serial)
    chosen = replace(chosen, serial=serial, time_zone=checked_zone(chosen.time_zone))
    paths, not_read = find_files(sources, archive.path)
    run = _Run(archive, chosen, progress, len(paths))
    behind, _ = archive.history_head()
    bundles = bundle_files(paths)
    if chosen.dry_run:
        try:
            with archive.batch():
                run.everything(bundles)
                run.ask_limits(behind)
                raise TakenBack
        except TakenBack:
            pass
    else:
        run.everything(bundles)
        run.ask_limits(behind)
    return ImportReport(
        items=tuple(sorted((*not_read, *run.items), key=lambda item: item.path)),
        files_found=len(paths) + len(not_read),
        events_created=run.created,
        revisions_added=run.revised,
        waiting_joined=run.waiting_joined,
        waiting_damaged=run.waiting_damaged,
        noticed_of_others=run.of_others,
        history_head=archive.history_head()[1],
        limits_met=run.limits_met,
        limits_not_asked=run.limits_not_asked,
        interrupted=run.interrupted,
        dry_run=chosen.dry_run,
    )


def join_what_came(archive: Archive, event_ids: Iterable[int]) -> tuple[int, int]:
    """Join files and parts of captures that waited for these events, which came otherwise than by an import, and events
    that are one by what their files say; how many files and parts, and how many events are another one now."""
    samples = SampleFindings(archive)
    with archive.batch():
        halves = join_halves(archive, _preparer(archive, ImportOptions()), frozenset(), samples)
        others = bring_together(archive, event_ids)
        _, joined, _ = join_waiting(archive)
    return joined + len(halves), others


def _preparer(archive: Archive, options: ImportOptions) -> Preparer:
    pinned = installed_encoder(archive, archive.pinned_encoder)
    others = (encoder for encoder in archive.plugins.encoders if encoder.name != pinned.name)
    return Preparer(
        importers=archive.plugins.importers,
        encoder=pinned,
        others=sorted(others, key=lambda encoder: encoder.name, reverse=True),
        options=options,
        left_out=left_out_files(archive),
    )


class _Run:
    """The state of one import."""

    def __init__(self, archive: Archive, options: ImportOptions, progress: Progress, total: int) -> None:
        self.items: list[ImportItem] = []
        self.created = 0
        self.revised = 0
        self.waiting_joined = 0
        self.waiting_damaged: tuple[str, ...] = ()
        self.interrupted = False
        self.of_others: tuple[NoticedOfOthers, ...] = ()
        self.limits_met: LimitsMet | None = None
        self.limits_not_asked = ""
        self._archive = archive
        self._options = options
        self._preparer = _preparer(archive, options)
        self._progress = progress
        self._total = total
        self._done = 0
        self._loose: list[LooseFile] = []
        self._parts: dict[str, str] = {}
        """Files of which parts wait, with their hashes."""

    def everything(self, bundles: list[tuple[Path, ...]]) -> None:
        """All bundles, then the documents that lay beside no event. Ctrl-C ends it after what is in hand."""
        told: dict[int, list[Finding]] = {}
        with watched() as renewed:
            try:
                self._bundles(bundles)
                self._documents()
                with self._archive.batch():
                    self._halves()
                    told, joined, self.waiting_damaged = join_waiting(self._archive)
                    self.waiting_joined += joined
                    self._archive.store.do_due()
            except KeyboardInterrupt:
                self.interrupted = True
        self.of_others = self._of_others(renewed, told)

    def ask_limits(self, behind: int) -> None:
        """Hold what came behind a change against the limits of points. What came is saved, whatever comes of this."""
        try:
            self.limits_met = limits_met(self._archive, behind)
        except SfmError as error:
            self.limits_not_asked = str(error)

    def _of_others(
        self, renewed: Mapping[int, Renewed], of_waiting: Mapping[int, Sequence[Finding]]
    ) -> tuple[NoticedOfOthers, ...]:
        """What is new of events that was not told with a file of theirs; `of_waiting`: what files that waited told."""
        told: dict[int, set[Finding]] = {}
        for item in self.items:
            for event_id in item.event_ids:
                told.setdefault(event_id, set()).update(item.findings)
        new = {event_id: [*one.new_findings(event_id)] for event_id, one in renewed.items()}
        for event_id, findings in of_waiting.items():
            new.setdefault(event_id, []).extend(findings)
        return noticed_of_others(
            {
                event_id: [one for one in findings if one not in told.get(event_id, ())]
                for event_id, findings in new.items()
            }
        )

    def _halves(self) -> None:
        """Join parts of captures; a file of this import that waits for nothing any more is told with its event."""
        if not (self.created or self.revised or self._parts):
            return  # what waited before still waits
        samples = SampleFindings(self._archive)
        joined = join_halves(self._archive, self._preparer, frozenset(self._parts.values()), samples)
        self.created += sum(one.created for one in joined)
        self.revised += sum(one.revised for one in joined)
        self.waiting_joined += sum(one.sha256 not in self._parts.values() for one in joined)
        created = {one.event_id for one in joined if one.created}
        waiting = waiting_parts_of(self._archive.store)
        still = {part.sha256 for part in waiting}
        contradicting = contradicting_halves(self._archive) if still else {}
        changed: list[int] = []
        told: set[int] = set()
        for at, item in enumerate(self.items):
            sha256 = self._parts.get(item.path)
            own = [one for one in joined if one.sha256 == sha256]
            if own and sha256 is not None:
                at_bytes = [part.at_byte for part in waiting if part.sha256 == sha256]
                self.items[at] = _joined(item, own, created, told, why_these_wait(self._archive, sha256, at_bytes))
                changed.append(at)
            elif item.outcome is ItemOutcome.DUPLICATE and sha256 is not None and sha256 not in still:
                # What it lacked came before: nothing of it waits, whatever was read of it alone.
                settled = tuple(one for one in item.findings if one.code != EVENT_WAITS)
                self.items[at] = replace(item, message="", findings=settled)
            elif sha256 is not None and sha256 in contradicting:
                finding = Finding(code="frames-contradict", message=contradicting[sha256])
                message = sentences([item.message, finding.message])
                self.items[at] = replace(item, message=message, findings=(*item.findings, finding))
        for at, item in zip(changed, samples.added_to([self.items[at] for at in changed]), strict=True):
            self.items[at] = item

    def _bundles(self, bundles: list[tuple[Path, ...]]) -> None:
        batch: list[PreparedBundle] = []
        size = 0
        try:
            for bundle in bundles:
                prepared = self._preparer.bundle(bundle)
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

    def _save(self, batch: list[PreparedBundle]) -> None:
        items: list[ImportItem] = []
        created = revised = 0
        samples = SampleFindings(self._archive)
        with self._archive.batch():
            for bundle in batch:
                items += [keep_without_event(self._archive, *one) for one in bundle.without_event]
                of_bundle: list[ImportItem] = []
                for event in bundle.events:
                    samples.before(event.to_save.event)
                    saved, of_event = save_event(self._archive, event)
                    of_bundle += of_event
                    if saved is not None:
                        created += saved.created
                        revised += saved.new_revision and not saved.created
                of_bundle += [keep_part_of(self._archive, parts) for parts in bundle.parts if parts.alone]
                for serial in dict.fromkeys(serial for serial, _ in bundle.ran):
                    note_running(self._archive, serial, (span for unit, span in bundle.ran if unit == serial))
                for parts in bundle.parts:
                    self._parts[str(parts.file.path)] = parts.file.sha256
                    if not parts.alone:
                        keep_part_of(self._archive, parts)
                items += merged_items([*of_bundle, *bundle.items])
            items = samples.added_to(items)
        # Only now, with the transaction finished, is it true.
        loose = [one for bundle in batch for one in bundle.loose]
        self.items += items
        self._loose += loose
        self.created += created
        self.revised += revised
        self._advance(sum(bundle.files for bundle in batch) - len(loose))

    def _documents(self) -> None:
        # Reports first: where a file's name says otherwise than its report, the report tells whose it is.
        in_order = sorted(self._loose, key=lambda one: one.kind is not SourceKind.REPORT)
        for start in range(0, len(in_order), _BATCH_BUNDLES):
            part = in_order[start : start + _BATCH_BUNDLES]
            samples = SampleFindings(self._archive)
            with self._archive.batch():
                placed = [place_file(self._archive, one.path, samples, self._options.time_zone) for one in part]
                items = samples.added_to(placed)
            self.items += items
            self.created += sum(item.outcome is ItemOutcome.NEW for item in items)
            self._advance(len(part))

    def _advance(self, files: int) -> None:
        self._done += files
        self._progress(min(self._done, self._total), self._total)


def _joined(item: ImportItem, own: Sequence[Joined], created: set[int], told: set[int], why: str) -> ImportItem:
    """The item of a capture of which parts were joined. `told`: events whose findings stand at an item before it.
    `why`: what other parts of it wait for, '' where none does."""
    new_ids = [event_id for event_id in dict.fromkeys(one.event_id for one in own) if event_id not in told]
    told.update(new_ids)
    findings = [found for one in own if one.event_id in new_ids for found in one.findings]
    if item.outcome in (ItemOutcome.WAITING, ItemOutcome.DUPLICATE):
        outcome = ItemOutcome.NEW if any(one.event_id in created for one in own) else ItemOutcome.JOINED
    else:
        outcome = item.outcome
        findings = [*(found for found in item.findings if found.code != EVENT_WAITS), *findings]
    findings += [Finding(code=EVENT_WAITS, message=why)] if why else []
    return replace(
        item,
        outcome=outcome,
        event_ids=tuple(dict.fromkeys([*item.event_ids, *(one.event_id for one in own)])),
        message=sentences(found.message for found in findings),
        findings=tuple(dict.fromkeys(findings)),
    )
