"""From stored bytes to traces and numbers: pure, so that any process can do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sfm_archive.archive.printed_tables import against_tables
from sfm_archive.archive.sample_sources import Report, Source, memory_from
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput, Damaged, SfmError
from sfm_archive.formats.blastware.event_file import footer_times
from sfm_archive.formats.reports.dialects import READERS, checked_dialect
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.wholeness import fits_record_time
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.decode_settings import TOLD, DecodeSettings
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import NOT_TO_ITS_END, Finding
from sfm_archive.model.number_evidence import contradicted_numbers
from sfm_archive.model.readings import Reading, ValueSource, ValueState, from_source
from sfm_archive.model.setting_evidence import with_peaks, with_times
from sfm_archive.model.summaries import stop_of
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.contracts import StatedSettings
from sfm_archive.plugins.registry import RegisteredDecoder
from sfm_archive.waveforms import (
    DecodedEvent,
    Traces,
    histogram_quantities,
    quantities_of,
    read_any_report,
)
from sfm_archive.waveforms.compare import NOTHING_OPEN, SampleComparison
from sfm_archive.waveforms.day_pairs import Intervals, days_of_histogram, days_of_traces
from sfm_archive.waveforms.interval_counts import StatedIntervals
from sfm_archive.waveforms.printed_intervals import Printed, PrintedIntervals, printed_intervals
from sfm_archive.waveforms.printed_steps import left_open
from sfm_archive.waveforms.printed_traces import printed_samples

_NO_BYTES = "the archive holds no frames and no event file of it, only documents"
_NOTHING = "none of them has samples"
_IMPOSSIBLE = "every decoded number is impossible"
_NUMBERS = frozenset({"ppv", "pspl", "pvs"})
_SAID = frozenset({ValueState.OK, ValueState.OVER_RANGE, ValueState.BELOW_THRESHOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One event to decode. `start`: device-local, as the event has it; `corrected_start`: with stated corrections of
    the clock, which says of which days its peaks are. `sources` in order of preference: its frames and
    event files. `settings`: as far as no samples tell them. `reported`: what counts of documents. `reports`: newest
    first; where nothing else gives samples to their end, their tables do. `borders`: of its unit's windows behind the
    start of a histogram, rising. `refused`: why nothing of it is decoded at all, '' where it is."""

    event_id: int
    start: datetime
    corrected_start: datetime
    sources: tuple[Source, ...]
    settings: DecodeSettings
    reported: tuple[Reading, ...] = ()
    reports: tuple[Report, ...] = ()
    borders: tuple[datetime, ...] = ()
    refused: str = ""

    @property
    def every_source(self) -> Iterator[Source]:
        """What can give samples, in order of preference: a unit's own bytes before what a program printed of them."""
        yield from self.sources
        for report in self.reports:
            yield Source(label=f"report {report.name}", sha256=report.sha256, report=report)

    def with_memory(self, at_hand: Mapping[str, bytes]) -> Task:
        """The same, with the event memory that is at hand for the hash of a source."""
        if not at_hand:
            return self
        return replace(
            self, sources=tuple(replace(source, memory=at_hand.get(source.sha256)) for source in self.sources)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """What was decoded of one event. `settings`: with what samples tell. `memory`: the event's bytes, none of a report.
    `traces`: of a waveform, `intervals` of a histogram, None otherwise. `contradictions`: of the samples with what
    documents say, and with what told their settings.

    `quantities`: empty where nothing was understood.
    """

    source: Source
    settings: DecodeSettings
    memory: bytes
    event: DecodedEvent
    traces: Traces | None
    quantities: tuple[Reading, ...]
    contradictions: tuple[Finding, ...]
    intervals: Intervals | None = None

    @property
    def says_something(self) -> bool:
        """Whether any number of it is one, or would be in a known unit: an empty or failed result is none."""
        has_no_unit = self.traces is not None and bool(self.traces.assumed)
        return has_no_unit or any(one.quantity in _NUMBERS and one.state in _SAID for one in self.quantities)

    @property
    def has_samples(self) -> bool:
        """Whether samples or intervals were understood, possible or not."""
        return self.traces is not None or self.intervals is not None

    def contradicted_by(self, reported: Sequence[Reading]) -> tuple[Finding, ...]:
        """What documents say otherwise than these samples. Where their peaks are not those of the samples, or nothing
        tells their rate, other numbers say no more."""
        ends_early = any(found.code in NOT_TO_ITS_END for found in self.event.findings)
        if self.contradictions or ends_early or self.traces is None or "sample rate" in self.settings.assumed:
            return self.contradictions
        return contradicted_numbers(reported, self.quantities)

    @property
    def to_keep(self) -> tuple[Reading, ...]:
        """The values to store: the quantities, and the settings they were computed with; printed samples need none."""
        return self.quantities if self.source.report is not None else (*self.quantities, *self.settings.readings())


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What became of a task. `label`, `decoder`, `origin_sha256`: of what was decoded, '' where nothing was. `days`:
    its peaks; `stop_local`: where it ends, '' where nothing tells it. `damaged`: stored bytes could not be read.
    `message`: why there are no values, empty where there are."""

    event_id: int
    label: str = ""
    decoder: str = ""
    origin_sha256: str = ""
    readings: tuple[Reading, ...] = ()
    days: tuple[DayPeaks, ...] = ()
    stop_local: str = ""
    findings: tuple[Finding, ...] = ()
    samples: tuple[SampleComparison, ...] = ()
    left_open: Mapping[tuple[str, str], float] = field(default_factory=dict)
    damaged: bool = False
    message: str = ""


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


def decode_source(
    source: Source, settings: DecodeSettings, decoder: RegisteredDecoder | None, reported: Sequence[Reading] = ()
) -> Decoded:
    """Decode one source. `reported`: what counts of documents. Raises as `memory_from` and the decoder do; bytes that
    say nothing give no quantities."""
    if source.report is not None:
        return _printed(source, source.report, settings, reported)
    if decoder is None:
        raise BadInput(f"{source.label}: no decoder is installed for it")
    memory, unclear = memory_from(source)
    event = decoder.decode(memory, stated(settings, settings.samples))
    contradictions: tuple[Finding, ...] = ()
    if event.waveform is not None:
        started, stopped = footer_times(memory)
        lasted = None if started is None or stopped is None else (stopped - started).total_seconds()
        with_rate, contradictions = with_times(settings, event.waveform.size, lasted)
        if with_rate.rate != settings.rate:
            event = decoder.decode(memory, stated(with_rate, with_rate.samples))
        settings = with_rate
    elif event.histogram is not None:
        settings = replace(settings, has_pretrigger=False)
    traces, quantities = _computed(event, settings)
    if not any(found.code in NOT_TO_ITS_END for found in event.findings):
        with_range, differing = with_peaks(settings, reported, quantities)
        contradictions += differing
        if with_range.range != settings.range:
            traces, quantities = _computed(event, with_range)
        settings = with_range
    if traces is not None:
        event = _to_the_printed_record_time(event, traces.size, settings)
    if unclear:
        event = replace(event, findings=(*event.findings, *unclear))
    return Decoded(
        source=source,
        settings=settings,
        memory=memory,
        event=event,
        traces=traces,
        quantities=quantities,
        contradictions=contradictions,
        intervals=event.histogram,
    )


def _computed(event: DecodedEvent, settings: DecodeSettings) -> tuple[Traces | None, tuple[Reading, ...]]:
    """The traces of a waveform, and the numbers of it or of a histogram."""
    if event.waveform is not None:
        traces = event.waveform.traces(settings.range, settings.unit)
        return traces, _decoders(quantities_of(traces))
    if event.histogram is not None:
        return None, _decoders(histogram_quantities(event.histogram, settings.range, settings.unit))
    return None, ()


def _printed(source: Source, report: Report, settings: DecodeSettings, reported: Sequence[Reading]) -> Decoded:
    """The samples or intervals that a report prints. Raises BadInput, UsageError where it has no whole table of them,
    or does not say the rate of its samples; Damaged."""
    text = ReceivedText(report.pieces)
    read = read_any_report(text)
    if read.header.record_type is RecordType.HISTOGRAM:
        reader = READERS[checked_dialect(text.head)]
        return _printed_histogram(source, printed_intervals(read, settings), reader, settings, reported)
    printed = printed_samples(read)
    traces = printed.traces.in_unit(settings.unit)
    before = traces.pretrigger / traces.sample_rate if printed.pretrigger_told else None
    event = DecodedEvent(
        record_type=RecordType.WAVEFORM,
        waveform=None,
        histogram=None,
        findings=printed.findings,
        decoder=READERS[checked_dialect(text.head)],
    )
    told = settings.with_told("rate", traces.sample_rate, TOLD).with_told("pre-trigger", before, TOLD)
    quantities = _decoders(quantities_of(traces))
    used, contradictions = with_peaks(replace(told, has_range=False), reported, quantities)
    return Decoded(
        source=source,
        settings=used,
        memory=b"",
        event=event,
        traces=traces.signed(),
        quantities=quantities,
        contradictions=contradictions,
    )


def _printed_histogram(
    source: Source, printed: Printed, reader: str, settings: DecodeSettings, reported: Sequence[Reading]
) -> Decoded:
    intervals = printed.intervals
    needs_none = replace(settings, has_range=False, has_pretrigger=False, has_rate=False)
    quantities = _decoders(intervals.quantities(settings.range, settings.unit))
    used, contradictions = with_peaks(needs_none, reported, quantities)
    return Decoded(
        source=source,
        settings=used,
        memory=b"",
        event=DecodedEvent(
            record_type=RecordType.HISTOGRAM, waveform=None, histogram=None, findings=printed.findings, decoder=reader
        ),
        traces=None,
        quantities=quantities,
        contradictions=contradictions,
        intervals=intervals,
    )


def _decoders(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    return tuple([from_source(reading, ValueSource.DECODER) for reading in readings])


def _to_the_printed_record_time(event: DecodedEvent, size: int, settings: DecodeSettings) -> DecodedEvent:
    """Without the finding that the length is another one, where it is that of the record time as it was printed."""
    rate, before, lasted = settings.sample_rate, settings.pretrigger_s, settings.record_time_s
    if rate is None or before is None or lasted is None or not fits_record_time(size, rate, before, lasted):
        return event
    return replace(event, findings=tuple(found for found in event.findings if found.code != "sample-count"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Best:
    """Of the sources of a task the one that counts: the first that decodes to its end, else the first that gives a
    number, else the first that gives samples; `decoded` is None without any.

    `source`: the one that counts, else the first that was tried. `passed_over`: a finding for each before it.
    `damaged`: stored bytes of one could not be read. `why_not`: why none gives a number, '' where one does.
    """

    source: Source | None
    decoded: Decoded | None
    passed_over: tuple[Finding, ...]
    damaged: bool
    why_not: str

    @property
    def label(self) -> str:
        """What was decoded, for people; '' where there is nothing to decode."""
        return "" if self.source is None else self.source.label

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed of all of them."""
        own = () if self.decoded is None else self.decoded.event.findings
        return (*self.passed_over, *(replace(found, message=f"{self.label}: {found.message}") for found in own))


def best_source(task: Task, decoder: RegisteredDecoder | None) -> Best:
    """Decode an event from its best source; never raises for stored bytes. `decoder`: None where only reports are to be
    read."""
    if task.refused:
        first = next(task.every_source, None)
        return Best(source=first, decoded=None, passed_over=(), damaged=False, why_not=task.refused)
    tried: list[tuple[Source, Decoded | None, str]] = []
    damaged = False
    for source in task.every_source:
        if source.report is not None and any(decoded and decoded.says_something for _, decoded, _ in tried):
            break  # the unit's own bytes come first, also where they end early
        try:
            decoded = decode_source(source, task.settings, decoder, task.reported)
        except SfmError as error:
            damaged = damaged or isinstance(error, Damaged)
            tried.append((source, None, str(error)))
            continue
        findings = decoded.event.findings
        why = sentences(found.message for found in findings if found.code in NOT_TO_ITS_END)
        if not decoded.says_something:
            why = next((found.message for found in findings if found.code == "no-samples"), _IMPOSSIBLE)
        tried.append((source, decoded, why))
        if not why:
            break
    if not task.sources and all(decoded is None for _, decoded, _ in tried):
        why = tried[0][2] if tried else _NOTHING
        return Best(source=None, decoded=None, passed_over=(), damaged=damaged, why_not=f"{_NO_BYTES}: {why}")
    place = max(range(len(tried)), key=lambda at: _rank(*tried[at][1:]))
    counting, best, why = tried[place]
    return Best(
        source=counting,
        decoded=best,
        passed_over=tuple(
            _passed_over(one, why_not, counting) for one, _, why_not in tried[:place] if not one.is_undecoded
        ),
        damaged=damaged,
        why_not="" if best is not None and best.says_something else why,
    )


def _rank(decoded: Decoded | None, why: str) -> int:
    """Of several the first of the greatest rank counts."""
    if decoded is None:
        return 0
    return 3 if not why else 2 if decoded.says_something else 1 if decoded.has_samples else 0


def _passed_over(source: Source, why: str, instead: Source) -> Finding:
    told = why if why.startswith(source.label) else f"{source.label}: {why}"
    other = instead.label if source.file is None or instead.file is None else "the file received before it"
    return Finding(code="not-whole", message=f"{told}; {other} counts in its place")


def run_task(task: Task, decoder: RegisteredDecoder | None, *, every_pair: bool = False) -> TaskResult:
    """Decode an event from the best of its sources; never raises for stored bytes. `every_pair`: its days have also the
    half waves and intervals that others outdo."""
    best = best_source(task, decoder)
    decoded = best.decoded
    if decoded is None or best.source is None or best.why_not:
        return TaskResult(
            event_id=task.event_id,
            label=best.label,
            findings=best.findings,
            damaged=best.damaged,
            message=best.why_not,
        )
    name = decoded.event.decoder
    samples, differing = against_tables(decoded.traces, best.source.sha256, task.reports)
    interval = interval_of(decoded, task.start)
    return TaskResult(
        event_id=task.event_id,
        label=best.label,
        decoder=name,
        origin_sha256=decoded.settings.origin(best.source.sha256, name),
        readings=decoded.to_keep,
        days=_days(decoded, task, interval, every_pair=every_pair),
        stop_local=_stop_local(decoded, task.start, interval),
        findings=(*best.findings, *differing, *decoded.contradicted_by(task.reported), *_contradictions(task.settings)),
        samples=samples,
        left_open=NOTHING_OPEN if decoded.traces is None else left_open(decoded.traces),
        damaged=best.damaged,
    )


def _contradictions(settings: DecodeSettings) -> tuple[Finding, ...]:
    """What people stated otherwise than a document of the event."""
    return tuple(Finding(code="setting-contradicted", message=said) for said in settings.contradictions)


def interval_of(decoded: Decoded, start: datetime) -> timedelta | None:
    """The length of one stored interval of a histogram; None where neither a document nor start and stop tell it, and
    of a waveform."""
    if decoded.intervals is None:
        return None
    if isinstance(decoded.intervals, PrintedIntervals):
        return decoded.intervals.interval
    stopped = footer_times(decoded.memory)[1]
    stated = StatedIntervals(
        lasted_s=None if stopped is None else (stopped - start).total_seconds(),
        number=decoded.settings.intervals,
        seconds=decoded.settings.interval_s,
    )
    return stated.interval(decoded.intervals.size)


def _days(decoded: Decoded, task: Task, interval: timedelta | None, *, every_pair: bool) -> tuple[DayPeaks, ...]:
    if decoded.traces is not None:
        return days_of_traces(decoded.traces, task.corrected_start, decoded.quantities, every_pair=every_pair)
    if decoded.intervals is not None:
        return days_of_histogram(
            decoded.intervals,
            task.corrected_start,
            interval,
            decoded.settings.range,
            every_pair=every_pair,
            borders=task.borders,
        )
    return ()


def _stop_local(decoded: Decoded, start: datetime, interval: timedelta | None) -> str:
    """Of a histogram the end of its last interval; of a waveform that of its samples, or of the record as the unit
    notes it where the rate or the trigger's place is assumed."""
    if interval is not None and decoded.intervals is not None:
        return stop_of(start, interval.total_seconds() * decoded.intervals.size)
    traces = decoded.traces
    if traces is not None and not {"sample rate", "pre-trigger"} & set(decoded.settings.assumed):
        return stop_of(start, max(0.0, (traces.size - traces.pretrigger) / traces.sample_rate))
    stopped = footer_times(decoded.memory)[1]
    return "" if stopped is None or stopped < start else local_text(stopped)
