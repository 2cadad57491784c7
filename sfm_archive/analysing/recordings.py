"""One event, whole: identity, traces or intervals, numbers beside reported ones, and where all of it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfm_archive.analysing.run import reported_differences
from sfm_archive.archive import Archive
from sfm_archive.archive.calibrations import register_of
from sfm_archive.archive.correcting import corrections_in_words, corrections_of, differing_texts
from sfm_archive.archive.decode_sources import decoder_of, reported, tasks, told
from sfm_archive.archive.decoding import Decoded, Task, best_source, interval_of
from sfm_archive.archive.finding import name_of
from sfm_archive.archive.listing import read_reviews
from sfm_archive.archive.measuring import measured_of
from sfm_archive.archive.reading import current_encodings, readings_of, zone_of
from sfm_archive.archive.reviewing import Review
from sfm_archive.archive.where_recorded import places_of
from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadInput, Damaged, SfmError
from sfm_archive.formats.blastware.event_file import describe_memory, stated_in_settings
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.calibrations import CalibrationAnswer, calibration_on
from sfm_archive.model.correcting import AS_RECORDED, Corrected
from sfm_archive.model.decimals import of_a_decoder
from sfm_archive.model.decode_settings import DecodeSettings
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.one_unit import in_unit
from sfm_archive.model.precedence import values_that_count
from sfm_archive.model.readings import Reading
from sfm_archive.model.statements import Calibration, Job
from sfm_archive.model.units import GeoUnit
from sfm_archive.model.where_recorded import WhereRecorded
from sfm_archive.model.zones import DerivedUtc, derived_utc
from sfm_archive.plugins.registry import RegisteredDecoder
from sfm_archive.storage import statements
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.storage.events import EventRow
from sfm_archive.waveforms import Traces
from sfm_archive.waveforms.compare import NOTHING_OPEN, QuantityComparison
from sfm_archive.waveforms.day_pairs import Intervals
from sfm_archive.waveforms.printed_steps import left_open

TITLES = ("project", "client", "location", "user_name", "operator", "setup", "general")
"""The notes that operators type, in the order of a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a recording comes from.

    `source`: what was decoded, or could not be, '' where there are no bytes. `of_a_report`: it is a report with a table
    of samples. `decoder`: what read it, '' where nothing was decoded.
    `encoder`, `event_file_sha256`: what the archive's pinned encoder is recorded to have made of the same frames, ''
    where it made nothing.
    """

    archive: str
    source: str
    source_sha256: str
    decoder: str
    encoder: str
    encoder_from: str
    event_file_sha256: str
    tool: str
    of_a_report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One event of an archive.

    `name`: of its event file, '' where there is none. `event`: its identity, as recorded; `corrected`: what holds
    instead. `zone`, `utc`: as far as anybody stated one. `settings`: how it was decoded. `review`: what a person
    decided about it. `traces` of a waveform, `histogram` of a histogram, both None where nothing was understood;
    `why_not` then says why, and `damaged` that stored bytes could not be read. `interval`: length of one stored
    interval, None where neither a document nor start and stop tell it. `stopped_at`: as the unit's clock showed it.
    `notes`: the texts that hold, corrected ones among them; `recorded_notes`: as they were typed. `computed`: decoded
    quantities. `reported`: what documents say, by source in the order in which they count. `values`: of both what
    counts, by quantity and channel. `measured`: what the derived rows have. `place`: at which point it was recorded.
    `site_zone`: that is stated of the job there, '' without one. `calibration`: of its unit at its start.
    """

    event_id: int
    event: Event
    corrected: Corrected
    name: str
    zone: str
    utc: DerivedUtc
    settings: DecodeSettings
    review: Review | None
    traces: Traces | None
    histogram: Intervals | None
    interval: timedelta | None
    stopped_at: datetime | None
    computed: tuple[Reading, ...]
    reported: tuple[Reading, ...]
    values: Mapping[tuple[str, str], Reading]
    notes: tuple[tuple[str, str], ...]
    recorded_notes: tuple[tuple[str, str], ...]
    differences: tuple[QuantityComparison, ...]
    findings: tuple[Finding, ...]
    provenance: Provenance
    measured: Measured
    place: WhereRecorded
    calibration: CalibrationAnswer
    why_not: str
    damaged: bool
    site_zone: str = ""

    def sampled(self) -> Traces:
        """The traces. Raises BadInput, with the reason, where there are none, Damaged where stored bytes are."""
        if self.traces is None:
            raise self.undecoded(
                self.why_not or "a histogram has no samples; its peaks are in the values, its intervals in csv"
            )
        return self.traces

    def undecoded(self, message: str, refused: type[SfmError] = BadInput) -> SfmError:
        """The error of who needs what is not there: Damaged where stored bytes could not be read, else `refused`."""
        return Damaged(message) if self.damaged else refused(message)

    @property
    def start(self) -> datetime:
        """When it began, device-local, with stated corrections of the clock."""
        return self.corrected.moved(self.event.recorded_at)

    @property
    def stop(self) -> datetime | None:
        """When the unit stopped it, as `start`; None where nothing tells it, or beyond the calendar."""
        try:
            return None if self.stopped_at is None else self.corrected.moved(self.stopped_at)
        except OverflowError:
            return None

    @property
    def corrections(self) -> dict[str, str]:
        """What people corrected of it, by subject: the right text, the shift of its clock, the zone of its clock."""
        return corrections_in_words(self.corrected, dict(self.recorded_notes))

    @property
    def recorded_as(self) -> dict[str, str]:
        """What was recorded of each corrected text, '' where nothing was."""
        typed = dict(self.recorded_notes)
        return {name: typed.get(name, "") for name in differing_texts(self.corrected.texts, typed)}

    @property
    def title(self) -> str:
        """Unit and time, for headings."""
        return f"{self.event.serial}  {self.start:%Y-%m-%d %H:%M:%S}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its decoder noticed, in sentences: such as a histogram that seems cut short."""
        return tuple(found.message for found in self.findings if found.severity is not Severity.NOTE)

    @property
    def assumed(self) -> tuple[str, ...]:
        """What was assumed in decoding it, in words; nothing where nothing was decoded."""
        return self.settings.assumed if self.provenance.decoder else ()

    def said(self, quantity: str, channel: str = "") -> Reading | None:
        """The reported value that counts; None where no document has one."""
        return values_that_count(self.reported).get((quantity, channel))

    def found(self, quantity: str, channel: str = "") -> Reading | None:
        """The computed value; None where it is not computed."""
        same = (reading for reading in self.computed if (reading.quantity, reading.channel) == (quantity, channel))
        return next(same, None)

    def best(self, quantity: str, channel: str = "") -> Reading | None:
        """The value that counts, reported or computed."""
        return self.values.get((quantity, channel))


def recording_of(archive: Archive, row: EventRow | int, unit: GeoUnit | None = None) -> Recording:
    """Decode one event. `unit`: of all its velocities, that of its documents where none is given. Never raises for what
    its bytes are: `why_not` says so. Raises EventNotFound, and NotFound where the decoder is not installed."""
    return next(recordings_of(archive, [archive.event(row) if isinstance(row, int) else row], unit))


def recordings_of(archive: Archive, rows: Sequence[EventRow], unit: GeoUnit | None = None) -> Iterator[Recording]:
    """Decode several events, one after the other, with what the archive says of all of them asked for at once."""
    decoder = decoder_of(archive)
    event_ids = [row.event_id for row in rows]
    stored = readings_of(archive.store, event_ids)
    register = register_of(archive)
    reviews = read_reviews(archive.store, event_ids)
    records = current_encodings(archive.store, event_ids, archive.pinned_encoder)
    measured = measured_of(archive, rows)
    at_points = places_of(archive, rows, {event_id: one.summary for event_id, one in measured.items()})
    with archive.store.reading() as connection:
        right = corrections_of(connection, rows)
        jobs = statements.that_count(connection, Job) if any(one.summary.job for one in measured.values()) else {}
    zones: dict[tuple[str, str, str], str] = {}
    for row, task in zip(rows, tasks(archive, rows), strict=True):
        own = stored.get(row.event_id, [])
        attempt = _decoded(task if unit is None else _in_unit(task, unit), decoder)
        known = right.get(row.event_id, AS_RECORDED)
        clock = row.serial, row.time_zone, known.zone
        if clock not in zones:
            zones[clock] = zone_of(archive.store, row)
        yield _recording(
            attempt,
            event_id=row.event_id,
            event=row.event(),
            corrected=known,
            name=name_of(row),
            zone=zones[clock],
            documents=told(own),
            reported=reported(own),
            unit=unit,
            review=reviews.get(row.event_id),
            provenance=_provenance(attempt, archive.path.name, records.get(row.event_id)),
            measured=measured[row.event_id],
            place=at_points[row.event_id],
            site_zone=jobs[job].time_zone if (job := measured[row.event_id].summary.job) in jobs else "",
            stated=register.get(row.serial, []),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """What came of decoding a task. `label`, `sha256`: of what was decoded, or of the first that could not be."""

    settings: DecodeSettings
    decoded: Decoded | None
    findings: tuple[Finding, ...]
    why_not: str
    damaged: bool
    label: str
    sha256: str


def _recording(
    attempt: _Attempt,
    *,
    event_id: int,
    event: Event,
    corrected: Corrected,
    name: str,
    zone: str,
    documents: list[Reading],
    reported: tuple[Reading, ...],
    unit: GeoUnit | None,
    review: Review | None,
    provenance: Provenance,
    measured: Measured,
    place: WhereRecorded,
    site_zone: str,
    stated: Sequence[Calibration],
) -> Recording:
    decoded = attempt.decoded
    memory_says = describe_memory(decoded.memory) if decoded is not None and decoded.memory else None
    stopped_at = None if memory_says is None else memory_says.stopped_at
    settings = attempt.settings if decoded is None else decoded.settings
    shown = reported if unit is None else tuple(in_unit(reading, unit) for reading in reported)
    computed = () if decoded is None else tuple(map(_as_kept, decoded.quantities))
    typed = _notes(documents, {} if memory_says is None else memory_says.settings)
    return Recording(
        event_id=event_id,
        event=event,
        corrected=corrected,
        name=name,
        zone=zone,
        utc=derived_utc(corrected.moved(event.recorded_at), zone),
        settings=settings,
        traces=None if decoded is None else decoded.traces,
        histogram=None if decoded is None else decoded.intervals,
        interval=None if decoded is None else interval_of(decoded, event.recorded_at),
        stopped_at=stopped_at,
        computed=computed,
        reported=shown,
        values=values_that_count((*shown, *computed)),
        review=review,
        notes=_with_right(typed, corrected),
        recorded_notes=typed,
        differences=reported_differences(computed, reported, _left_open(decoded)),
        findings=attempt.findings + (() if decoded is None else (*decoded.event.findings, *decoded.contradictions)),
        provenance=provenance,
        measured=measured,
        place=place,
        site_zone=site_zone,
        calibration=calibration_on(measured.summary.start_local[:10], stated, _printed_calibration(reported)),
        why_not=attempt.why_not,
        damaged=attempt.damaged,
    )


def _left_open(decoded: Decoded | None) -> Mapping[tuple[str, str], float]:
    return NOTHING_OPEN if decoded is None or decoded.traces is None else left_open(decoded.traces)


def _printed_calibration(documents: Sequence[Reading]) -> str:
    found = values_that_count(documents).get(("calibration", ""))
    return "" if found is None else found.text


def _in_unit(task: Task, unit: GeoUnit) -> Task:
    return replace(task, settings=replace(task.settings, unit=unit))


def _as_kept(computed: Reading) -> Reading:
    return computed if computed.number is None else replace(computed, number=of_a_decoder(computed.number))


def _decoded(task: Task, decoder: RegisteredDecoder) -> _Attempt:
    """The source of a task that counts, where it gives samples."""
    best = best_source(task, decoder)
    decoded = best.decoded if best.decoded is not None and best.decoded.has_samples else None
    return _Attempt(
        settings=task.settings,
        decoded=decoded,
        findings=best.passed_over,
        why_not="" if decoded is not None else best.why_not,
        damaged=decoded is None and best.damaged,
        label=best.label,
        sha256="" if best.source is None else best.source.sha256,
    )


def _notes(readings: list[Reading], settings: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for reading in readings:
        if reading.quantity in TITLES and reading.text.strip():
            found.setdefault(reading.quantity, reading.text.strip())
    found = {**stated_in_settings(settings), **found}
    return tuple((quantity, found[quantity]) for quantity in TITLES if quantity in found)


def _with_right(typed: tuple[tuple[str, str], ...], corrected: Corrected) -> tuple[tuple[str, str], ...]:
    found = {**dict(typed), **differing_texts(corrected.texts, dict(typed))}
    return tuple((quantity, found[quantity]) for quantity in TITLES if quantity in found)


def _provenance(attempt: _Attempt, archive: str, record: EncodingRow | None) -> Provenance:
    base = Provenance(
        archive=archive,
        source=attempt.label,
        source_sha256=attempt.sha256,
        decoder="" if attempt.decoded is None else attempt.decoded.event.decoder,
        encoder="",
        encoder_from="",
        event_file_sha256="",
        tool=TOOL,
        of_a_report=attempt.decoded is not None and attempt.decoded.source.report is not None,
    )
    if record is None or not record.encoded:
        return base
    return replace(
        base,
        encoder=str(record.encoder),
        encoder_from=f"{record.distribution} {record.distribution_version}",
        event_file_sha256=record.sha256,
    )
