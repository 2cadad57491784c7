"""The analysis of an archive: events out of it in batches, decoded values into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from sfm_archive.analysing.processes import run_tasks, run_tasks_there, start
from sfm_archive.analysing.report import AnalysisItem, AnalysisReport, AnalysisStatus
from sfm_archive.archive import Archive
from sfm_archive.archive.decode_sources import decoder_of, reported, tasks
from sfm_archive.archive.decoding import Task, TaskResult
from sfm_archive.archive.deriving import FromSamples, out_of_date, recompute, refresh, stored_from_samples
from sfm_archive.archive.reading import readings_of
from sfm_archive.base.batches import batches
from sfm_archive.base.processes import done_here, done_in_processes
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import ReadOnlyArchive, UsageError
from sfm_archive.model.decode_settings import SETTING_QUANTITIES
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import RecordType
from sfm_archive.model.number_changes import number_changes
from sfm_archive.model.readings import MEASURED_QUANTITIES, Reading
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.model.setting_evidence import as_it_was_decoded
from sfm_archive.storage.computed import as_stored
from sfm_archive.waveforms import differences
from sfm_archive.waveforms.compare import NOTHING_OPEN, QuantityComparison

_CHUNK = 100
"""Events for one process at a time, and stored in one transaction."""

_DIED = (
    "a decoding process ended unexpectedly; what was stored before is kept. Run it again with --processes 1 to "
    "see where"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyseOptions:
    """`store`: keep the values; without it nothing is changed. `decoder`: decode with this one in place of the pinned
    one, and say which numbers it gives otherwise; nothing of it is kept. `processes`: how many. One is the
    quickest on two cores: an event is decoded in the time that it takes to hand it over."""

    store: bool = True
    decoder: str = ""
    processes: int = 1

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise UsageError(f"{self.processes} processes cannot work; give 1 or more")
        if self.store and self.decoder:
            raise UsageError(f"numbers of {self.decoder} are not kept beside those of the pinned decoder; store none")


DEFAULTS = AnalyseOptions()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the archive said of a chunk before it was decoded: its values, its computed numbers, and the events that
    need no work."""

    stored: dict[int, list[ReadingSet]]
    computed: dict[int, FromSamples]
    unchanged: list[AnalysisItem]


def analyse(
    archive: Archive,
    selection: Selection = EVERYTHING,
    progress: Progress = silent,
    options: AnalyseOptions = DEFAULTS,
) -> AnalysisReport:
    """Hold the documents of the selected events against their samples.

    The numbers were computed when the samples came (`event_computed`), and are computed again only where they are not
    there; a waveform whose report has a table is decoded, to compare its samples with that. Raises ReadOnlyArchive
    unless `store` is off, Busy, and NotFound where the decoder is not installed.
    """
    if archive.read_only and options.store:
        raise ReadOnlyArchive(f"{archive.path} was opened read-only; analyse without storing, or open it for writing")
    total = archive.count(selection)
    processes = options.processes
    decoder = archive.plugins.decoder(options.decoder) if options.decoder else decoder_of(archive)
    name, pinned = str(decoder.name), str(archive.pinned_decoder)
    here = partial(run_tasks, decoder=decoder)
    chunks = _chunks(archive, selection, name, held=processes > 1)
    found = (
        done_here(chunks, here)
        if processes == 1
        else done_in_processes(
            chunks,
            min(processes, -(-total // _CHUNK) or 1),
            run_tasks_there,
            here=here,
            died=lambda known: _DIED,
            start=start,
            start_with=(name,),
        )
    )
    items: list[AnalysisItem] = []
    renewed: set[int] = set()
    with closing(found) as outcomes:
        progress(0, total)
        for known, done in outcomes:
            ids = [outcome.event_id for outcome in done]
            if options.store:
                renewed |= _keep(archive, ids)
            elif name == pinned:
                renewed |= out_of_date(archive, ids)
            fresh = [_item(outcome, known, changes=name != pinned) for outcome in done]
            items += [*known.unchanged, *fresh]
            progress(min(len(items), total), total)
    progress(total, total)
    # Events come by time, and chunks as processes finish them.
    items.sort(key=lambda item: item.event_id)
    return AnalysisReport(
        path=str(archive.path),
        decoder=name,
        pinned_decoder=pinned,
        stored=len(renewed) if options.store else 0,
        renewed=tuple(sorted(renewed)),
        items=tuple(items),
    )


def _chunks(archive: Archive, selection: Selection, decoder: str, *, held: bool) -> Iterator[tuple[_Known, list[Task]]]:
    """`held`: with reports in memory, for other processes."""
    for rows in batches(archive.events(selection), _CHUNK):
        ids = [row.event_id for row in rows]
        stored = readings_of(archive.store, ids)
        with archive.store.reading() as connection:
            computed = stored_from_samples(connection, ids)
        unchanged: list[AnalysisItem] = []
        left: list[Task] = []
        for row, task in zip(rows, tasks(archive, rows), strict=True):
            own = stored.get(task.event_id, [])
            source = task.sources[0] if task.sources else None
            settings = as_it_was_decoded(task.settings, computed[task.event_id].readings(task.event_id))
            origin = "" if source is None else settings.origin(source.sha256, decoder)
            numbers = computed[task.event_id].numbers
            is_there = numbers is not None and (numbers.decoder, numbers.origin_sha256) == (decoder, origin)
            has_table = row.record_type != RecordType.HISTOGRAM.value and bool(task.reports)
            if source is None or numbers is None or not is_there or has_table:
                left.append(replace(task, reports=tuple(one.held() for one in task.reports)) if held else task)
                continue
            unchanged.append(
                AnalysisItem(
                    event_id=task.event_id,
                    status=AnalysisStatus.UNCHANGED,
                    source=source.label,
                    differences=reported_differences(numbers.readings(task.event_id), reported(own)),
                )
            )
        yield _Known(stored, computed, unchanged), left


def reported_differences(
    computed: Sequence[Reading],
    documents: Sequence[Reading],
    left_open: Mapping[tuple[str, str], float] = NOTHING_OPEN,
) -> tuple[QuantityComparison, ...]:
    """Where a source says something else than was computed, by more than rounding and what printed samples leave open.
    `documents`: as `reported` gives."""
    own = [reading for reading in computed if reading.quantity in MEASURED_QUANTITIES - SETTING_QUANTITIES]
    of_each = groupby(documents, key=lambda one: one.source)
    return tuple(found for _, said in of_each for found in differences(own, said, left_open))


def _item(outcome: TaskResult, known: _Known, *, changes: bool) -> AnalysisItem:
    before = known.computed[outcome.event_id].readings(outcome.event_id)
    documents = reported(known.stored.get(outcome.event_id, []))
    status = AnalysisStatus.ANALYSED
    if outcome.damaged:
        status = AnalysisStatus.DAMAGED
    elif not outcome.readings:
        status = AnalysisStatus.NOTHING if outcome.label else AnalysisStatus.NO_BYTES
    return AnalysisItem(
        event_id=outcome.event_id,
        status=status,
        source=outcome.label,
        message=outcome.message,
        findings=outcome.findings,
        differences=reported_differences(outcome.readings, documents, outcome.left_open),
        changes=number_changes(before, as_stored(outcome.readings)) if changes else (),
        samples=outcome.samples,
    )


def _keep(archive: Archive, ids: Sequence[int]) -> set[int]:
    """See to it that the rows of a chunk are right, in one transaction; the events whose numbers were others."""
    with archive.store.transaction() as connection:
        changed = recompute(archive, ids)
        refresh(connection, changed)
    return changed
