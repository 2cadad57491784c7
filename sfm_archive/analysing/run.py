"""The analysis of an archive: events out of it in batches, decoded values into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from sfm_archive.analysing.report import AnalysisItem, AnalysisReport, AnalysisStatus
from sfm_archive.archive import Archive
from sfm_archive.archive.decode_sources import decoded_before, reported, tasks
from sfm_archive.archive.decoding import Task, TaskResult, decoder_of, run_tasks, run_tasks_there, start
from sfm_archive.archive.deriving import out_of_date, recompute, refresh
from sfm_archive.archive.reading import readings_of
from sfm_archive.base.batches import batches
from sfm_archive.base.processes import done_here, done_in_processes
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import ReadOnlyArchive, UsageError
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import MEASURED_QUANTITIES, Reading
from sfm_archive.model.selection import EVERYTHING, Selection
from sfm_archive.waveforms import differences
from sfm_archive.waveforms.compare import QuantityComparison

_CHUNK = 100
"""Events for one process at a time, and stored in one transaction."""

_DIED = (
    "a decoding process ended unexpectedly; what was stored before is kept. Run it again with --processes 1 to "
    "see where"
)

_SETTINGS = frozenset({"sample_rate", "pretrigger", "geo_range"})
"""What decoding takes from documents, so that it can never differ from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyseOptions:
    """`store`: keep the values; without it nothing is changed. `processes`: how many. One is the
    quickest on two cores: an event is decoded in the time that it takes to hand it over."""

    store: bool = True
    processes: int = 1

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise UsageError(f"{self.processes} processes cannot work; give 1 or more")


DEFAULTS = AnalyseOptions()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the archive said of a chunk before it was decoded: its values, and the events that need no work."""

    stored: dict[int, list[ReadingSet]]
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
    decoder = decoder_of(archive.plugins)
    name = str(decoder.name)
    here = partial(run_tasks, decoder=decoder)
    chunks = _chunks(archive, selection, name)
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
            renewed |= _keep(archive, ids) if options.store else out_of_date(archive, ids)
            fresh = [_item(outcome, known.stored.get(outcome.event_id, [])) for outcome in done]
            items += [*known.unchanged, *fresh]
            progress(min(len(items), total), total)
    progress(total, total)
    # Events come by time, and chunks as processes finish them.
    items.sort(key=lambda item: item.event_id)
    return AnalysisReport(
        path=str(archive.path),
        decoder=name,
        stored=len(renewed) if options.store else 0,
        renewed=tuple(sorted(renewed)),
        items=tuple(items),
    )


def _chunks(archive: Archive, selection: Selection, decoder: str) -> Iterator[tuple[_Known, list[Task]]]:
    for rows in batches(archive.events(selection), _CHUNK):
        stored = readings_of(archive.store, [row.event_id for row in rows])
        unchanged: list[AnalysisItem] = []
        left: list[Task] = []
        for row, task in zip(rows, tasks(archive, rows, stored), strict=True):
            own = stored.get(task.event_id, [])
            source = task.sources[0] if task.sources else None
            origin = "" if source is None else task.settings.origin(source.sha256, decoder)
            values_before = decoded_before(own, decoder).get(origin)
            has_table = row.record_type != RecordType.HISTOGRAM.value and bool(task.reports)
            if source is None or values_before is None or has_table:
                left.append(task)
                continue
            unchanged.append(
                AnalysisItem(
                    event_id=task.event_id,
                    status=AnalysisStatus.UNCHANGED,
                    source=source.label,
                    differences=reported_differences(values_before, reported(own)),
                )
            )
        yield _Known(stored, unchanged), left


def reported_differences(computed: Sequence[Reading], documents: Sequence[Reading]) -> tuple[QuantityComparison, ...]:
    """Where a source says something else than was computed, by more than rounding. `documents`: as `reported` gives."""
    own = [reading for reading in computed if reading.quantity in MEASURED_QUANTITIES - _SETTINGS]
    return tuple(
        found for _, said in groupby(documents, key=lambda one: one.source) for found in differences(own, said)
    )


def _item(outcome: TaskResult, stored: list[ReadingSet]) -> AnalysisItem:
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
        differences=reported_differences(outcome.readings, reported(stored)),
        samples=outcome.samples,
    )


def _keep(archive: Archive, ids: Sequence[int]) -> set[int]:
    """See to it that the rows of a chunk are right, in one transaction; the events whose numbers were others."""
    with archive.store.transaction() as connection:
        changed = recompute(archive, ids)
        refresh(connection, changed)
    return changed
