"""From stored bytes to traces and numbers: pure, so that any process can do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput, Damaged, SfmError, UsageError
from sfm_archive.formats.blastware.event_file import footer_times, memory_of_file, not_whole
from sfm_archive.formats.blastware.streams import survey_stream
from sfm_archive.formats.frame_blob import FrameBlob, unpack_frames
from sfm_archive.formats.reports.wholeness import fits_record_time
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.decode_settings import DecodeSettings
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.summaries import stop_of
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.contracts import StatedSettings
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import PluginRegistry, RegisteredDecoder
from sfm_archive.waveforms import (
    DECODER,
    DecodedEvent,
    Traces,
    compare_samples,
    histogram_quantities,
    quantities_of,
    read_any_report,
)
from sfm_archive.waveforms.compare import SampleComparison
from sfm_archive.waveforms.day_pairs import days_of_histogram, days_of_waveform
from sfm_archive.waveforms.interval_counts import StatedIntervals

_NUMBERS = frozenset({"ppv", "pspl", "pvs"})
_SAID = frozenset({ValueState.OK, ValueState.OVER_RANGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Stored bytes of one event: a revision's frames, or a received event file. `label`: for people.

    `sha256`: the identity that the archive has of them. `memory`: the event's bytes in them, where they are at hand.
    """

    label: str
    sha256: str
    blob: FrameBlob | None = None
    file: bytes | None = None
    memory: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One event to decode. `start`: device-local, as the event has it. `sources` in order of preference; `reports`: its
    reports, byte for byte."""

    event_id: int
    start: datetime
    sources: tuple[Source, ...]
    settings: DecodeSettings
    reports: tuple[bytes, ...] = ()

    def with_memory(self, at_hand: Mapping[str, bytes]) -> Task:
        """The same, with the event memory that is at hand for the hash of a source."""
        if not at_hand:
            return self
        return replace(
            self, sources=tuple(replace(source, memory=at_hand.get(source.sha256)) for source in self.sources)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """What was decoded of one event. `memory`: the event's bytes. `traces`: of a waveform, None otherwise.

    `quantities`: empty where nothing was understood.
    """

    source: Source
    settings: DecodeSettings
    memory: bytes
    event: DecodedEvent
    traces: Traces | None
    quantities: tuple[Reading, ...]

    @property
    def says_something(self) -> bool:
        """Whether any number of it is one: an empty or failed result never counts as a result."""
        return any(reading.quantity in _NUMBERS and reading.state in _SAID for reading in self.quantities)

    @property
    def to_keep(self) -> tuple[Reading, ...]:
        """The values to store: the quantities, and the settings they were computed with."""
        return (*self.quantities, *self.settings.readings())


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What became of a task. `label`, `origin_sha256`: of what was decoded, empty where nothing was. `days`: its peaks;
    `stop_local`: where it ends, '' where nothing tells it. `damaged`: stored bytes could not be read. `message`: why
    there are no values, empty where there are."""

    event_id: int
    label: str = ""
    origin_sha256: str = ""
    readings: tuple[Reading, ...] = ()
    days: tuple[DayPeaks, ...] = ()
    stop_local: str = ""
    findings: tuple[Finding, ...] = ()
    samples: tuple[SampleComparison, ...] = ()
    damaged: bool = False
    message: str = ""


def decoder_of(plugins: PluginRegistry) -> RegisteredDecoder:
    """The decoder by which archives decode. Raises NotFound where its plug-in is not installed."""
    return plugins.decoder(DECODER)


def memory_from(source: Source) -> bytes:
    """Event memory of a source. Raises BadInput where its bytes are not a whole event, Damaged where they are not
    as recorded."""
    if source.memory is not None:
        return source.memory
    if source.file is not None:
        broken = not_whole(source.file)
        if broken:
            said = sentences(finding.message for finding in broken)
            raise BadInput(f"{source.label}: {said}; numbers are computed of whole events only")
        return memory_of_file(source.file)
    if source.blob is None:
        raise BadInput(f"{source.label}: no bytes are there")
    try:
        frames = unpack_frames(source.blob)
    except BadInput as error:
        raise Damaged(f"{source.label}: {error}. Take them from a backup") from error
    survey = survey_stream(frames)
    if survey.memory is None or not survey.whole:
        codes = sorted({f.code for f in survey.findings if f.severity is not Severity.NOTE})
        raise BadInput(
            f"{source.label}: the frames are not the whole event ({', '.join(codes) or 'incomplete'}); numbers are "
            "computed of whole events only"
        )
    return survey.memory


def stated(settings: DecodeSettings, samples: int | None) -> StatedSettings:
    """What a decoder is given: what documents state, and `samples` of each channel where they are known."""
    pretrigger = None if settings.pretrigger_s is None else settings.pretrigger
    return StatedSettings(
        sample_rate=settings.sample_rate,
        pretrigger=pretrigger,
        samples=samples,
        intervals=settings.intervals,
        interval_s=settings.interval_s,
    )


def decode_source(source: Source, settings: DecodeSettings, decoder: RegisteredDecoder) -> Decoded:
    """Decode one source. Raises as `memory_from` and the decoder do; bytes that say nothing give no quantities."""
    memory = memory_from(source)
    event = decoder.decode(memory, stated(settings, settings.samples))
    traces: Traces | None = None
    quantities: tuple[Reading, ...] = ()
    if event.waveform is not None:
        traces = event.waveform.traces(settings.range, settings.unit)
        event = _to_the_printed_record_time(event, traces.size, settings)
        quantities = _decoders(quantities_of(traces))
    elif event.histogram is not None:
        quantities = _decoders(histogram_quantities(event.histogram, settings.range, settings.unit))
        settings = replace(settings, has_pretrigger=False)
    return Decoded(source=source, settings=settings, memory=memory, event=event, traces=traces, quantities=quantities)


def _decoders(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    return tuple(replace(reading, source=ValueSource.DECODER) for reading in readings)


def _to_the_printed_record_time(event: DecodedEvent, size: int, settings: DecodeSettings) -> DecodedEvent:
    """Without the finding that the length is another one, where it is that of the record time as it was printed."""
    rate, before, lasted = settings.sample_rate, settings.pretrigger_s, settings.record_time_s
    if rate is None or before is None or lasted is None or not fits_record_time(size, rate, before, lasted):
        return event
    return replace(event, findings=tuple(found for found in event.findings if found.code != "sample-count"))


def run_task(task: Task, decoder: RegisteredDecoder) -> TaskResult:
    """Decode an event from the first of its sources that can be; never raises for stored bytes."""
    message = "the archive holds no frames and no event file of it, only documents"
    label, damaged = "", False
    findings: tuple[Finding, ...] = ()
    for source in task.sources:
        try:
            decoded = decode_source(source, task.settings, decoder)
        except SfmError as error:
            damaged = damaged or isinstance(error, Damaged)
            label, message = source.label, str(error)
            continue
        findings = decoded.event.findings
        if decoded.says_something:
            return TaskResult(
                event_id=task.event_id,
                label=source.label,
                origin_sha256=task.settings.origin(source.sha256, str(decoder.name)),
                readings=decoded.to_keep,
                days=_days(decoded, task.start),
                stop_local=_stop_local(decoded, task.start),
                findings=findings,
                samples=_against_tables(decoded, task.reports),
            )
        label = source.label
        message = next((f.message for f in findings if f.code == "no-samples"), "every decoded number is impossible")
    return TaskResult(event_id=task.event_id, label=label, findings=findings, damaged=damaged, message=message)


def interval_of(decoded: Decoded, start: datetime) -> timedelta | None:
    """The length of one stored interval of a histogram; None where neither a document nor start and stop tell it, and
    of a waveform."""
    if decoded.event.histogram is None:
        return None
    stopped = footer_times(decoded.memory)[1]
    stated = StatedIntervals(
        lasted_s=None if stopped is None else (stopped - start).total_seconds(),
        number=decoded.settings.intervals,
        seconds=decoded.settings.interval_s,
    )
    return stated.interval(decoded.event.histogram.size)


def _days(decoded: Decoded, start: datetime) -> tuple[DayPeaks, ...]:
    event, range_in_s = decoded.event, decoded.settings.range
    if event.waveform is not None:
        return days_of_waveform(event.waveform, start, range_in_s)
    if event.histogram is not None:
        return days_of_histogram(event.histogram, start, interval_of(decoded, start), range_in_s)
    return ()


def _stop_local(decoded: Decoded, start: datetime) -> str:
    """Of a histogram the end of its last interval; of a waveform that of its samples, or of the record as the unit
    notes it where the rate or the trigger's place is assumed."""
    interval = interval_of(decoded, start)
    if interval is not None and decoded.event.histogram is not None:
        return stop_of(start, interval.total_seconds() * decoded.event.histogram.size)
    traces = decoded.traces
    if traces is not None and not {"sample rate", "pre-trigger"} & set(decoded.settings.assumed):
        return stop_of(start, max(0.0, (traces.size - traces.pretrigger) / traces.sample_rate))
    stopped = footer_times(decoded.memory)[1]
    return "" if stopped is None or stopped < start else local_text(stopped)


def run_tasks(tasks: list[Task], decoder: RegisteredDecoder) -> list[TaskResult]:
    """Several at once."""
    return [run_task(task, decoder) for task in tasks]


_of_this_process: list[RegisteredDecoder] = []
"""In a worker process: its one decoder."""


def start(decoder: str) -> None:
    """Before the first tasks of a worker process: it loads its plug-ins itself."""
    _of_this_process[:] = [load_plugins().decoder(decoder)]


def run_tasks_there(tasks: list[Task]) -> list[TaskResult]:
    """Several at once, in a process that was started."""
    return run_tasks(tasks, _of_this_process[0])


def _against_tables(decoded: Decoded, reports: tuple[bytes, ...]) -> tuple[SampleComparison, ...]:
    found: list[SampleComparison] = []
    for data in reports:
        try:
            table = read_any_report(data).samples
            if table is not None and decoded.traces is not None:
                found.append(compare_samples(decoded.traces, table))
        except (BadInput, UsageError):
            continue  # a document that is no report says nothing about the samples
    return tuple(found)
