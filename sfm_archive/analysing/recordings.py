"""One event, whole: identity, traces or intervals, numbers beside reported ones, and where all of it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfm_archive.analysing.decoding import Decoded, decode_source
from sfm_archive.analysing.report import ValueDifference
from sfm_archive.analysing.run import reported_differences
from sfm_archive.analysing.settings import DecodeSettings, settings_from
from sfm_archive.analysing.sources import readings_of, reported, tasks, told
from sfm_archive.errors import SfmError
from sfm_archive.formats.event_file import describe_memory
from sfm_archive.formats.events import Event
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.readings import Reading
from sfm_archive.formats.zones import DerivedUtc, derived_utc
from sfm_archive.holdings import Holdings
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.readings import StoredReading
from sfm_archive.version import TOOL
from sfm_archive.waveforms import DECODER, Histogram, Traces

TITLES = ("project", "client", "location", "user_name", "operator", "setup", "general")
"""The notes that operators type, in the order of a report."""

_OF_SETTINGS = {
    "Project": "project",
    "Client": "client",
    "User Name": "user_name",
    "Seis Loc": "location",
    "Extended Notes": "general",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a recording comes from.

    `source`: what was decoded, or could not be, '' where there are no bytes. `decoder`: '' where nothing was decoded.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One event of an archive.

    `name`: of its event file, '' where there is none. `zone`, `utc`: as far as anybody stated one. `settings`: how it
    was decoded. `traces` of a waveform, `histogram` of a histogram, both None where nothing was understood; `why_not`
    then says why. `interval`: length of one stored interval, None where start and stop do not tell. `computed`: decoded
    quantities. `reported`: (source, values) in the order in which they count.
    """

    event_id: int
    event: Event
    name: str
    zone: str
    utc: DerivedUtc
    settings: DecodeSettings
    traces: Traces | None
    histogram: Histogram | None
    interval: timedelta | None
    stopped_at: datetime | None
    computed: tuple[Reading, ...]
    reported: tuple[tuple[str, tuple[Reading, ...]], ...]
    notes: tuple[tuple[str, str], ...]
    differences: tuple[ValueDifference, ...]
    findings: tuple[Finding, ...]
    provenance: Provenance
    why_not: str

    @property
    def title(self) -> str:
        """Unit and time, for headings."""
        return f"{self.event.serial}  {self.event.recorded_at:%Y-%m-%d %H:%M:%S}"

    def said(self, quantity: str, channel: str = "") -> tuple[Reading, str] | None:
        """The reported value that counts, and its source; None where no document has one."""
        for source, readings in self.reported:
            for reading in readings:
                if (reading.quantity, reading.channel) == (quantity, channel):
                    return reading, source
        return None

    def found(self, quantity: str, channel: str = "") -> Reading | None:
        """The computed value; None where it is not computed."""
        same = (reading for reading in self.computed if (reading.quantity, reading.channel) == (quantity, channel))
        return next(same, None)

    def best(self, quantity: str, channel: str = "") -> tuple[Reading, str] | None:
        """The value that counts, reported before computed, and its source."""
        known = self.said(quantity, channel)
        if known is not None and known[0].state.value != "absent":
            return known
        computed = self.found(quantity, channel)
        return known if computed is None else (computed, DECODER)


def recording_of(holdings: Holdings, row: EventRow | int) -> Recording:
    """Decode one event. Never raises for what its bytes are: `why_not` says so. Raises EventNotFound."""
    row = holdings.event(row) if isinstance(row, int) else row
    stored = readings_of(holdings, [row.event_id]).get(row.event_id, [])
    decoded, why_not, label, sha256 = _decoded(holdings, row, stored)
    zone = holdings.zone_of(row)
    event = row.event()
    memory_says = None if decoded is None else describe_memory(decoded.memory)
    histogram = None if decoded is None else decoded.event.histogram
    stopped_at = None if memory_says is None else memory_says.stopped_at
    interval: timedelta | None = None
    if histogram is not None and stopped_at is not None and stopped_at > event.recorded_at:
        interval = (stopped_at - event.recorded_at) / histogram.size
    computed = () if decoded is None else decoded.quantities
    return Recording(
        event_id=row.event_id,
        event=event,
        name=holdings.name_of(row),
        zone=zone,
        utc=derived_utc(event.recorded_at, zone),
        settings=settings_from(told(stored)) if decoded is None else decoded.settings,
        traces=None if decoded is None else decoded.traces,
        histogram=histogram,
        interval=interval,
        stopped_at=stopped_at,
        computed=computed,
        reported=tuple(reported(stored)),
        notes=_notes(told(stored), {} if memory_says is None else memory_says.settings),
        differences=reported_differences(computed, stored),
        findings=() if decoded is None else decoded.event.findings,
        provenance=_provenance(holdings, row, label, sha256, "" if decoded is None else DECODER),
        why_not=why_not,
    )


def _decoded(holdings: Holdings, row: EventRow, stored: list[StoredReading]) -> tuple[Decoded | None, str, str, str]:
    (task,) = tasks(holdings, [row], {row.event_id: stored}, with_reports=False)
    why_not = "the archive holds no frames and no event file of it, only documents"
    label = sha256 = ""
    for source in task.sources:
        try:
            decoded = decode_source(source, task.settings)
        except SfmError as error:
            why_not = str(error)
            label, sha256 = label or source.label, sha256 or source.sha256
            continue
        if decoded.event.waveform is not None or decoded.event.histogram is not None:
            return decoded, "", source.label, source.sha256
        why_not = next((f.message for f in decoded.event.findings if f.code == "no-samples"), "nothing was understood")
        label, sha256 = label or source.label, sha256 or source.sha256
    return None, why_not, label, sha256


def _notes(readings: list[Reading], settings: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for reading in readings:
        if reading.quantity in TITLES and reading.text.strip():
            found.setdefault(reading.quantity, reading.text.strip())
    for label, quantity in _OF_SETTINGS.items():
        if settings.get(label, "").strip():
            found.setdefault(quantity, settings[label].strip())
    return tuple((quantity, found[quantity]) for quantity in TITLES if quantity in found)


def _provenance(holdings: Holdings, row: EventRow, label: str, sha256: str, decoder: str) -> Provenance:
    base = Provenance(
        archive=holdings.path.name,
        source=label,
        source_sha256=sha256,
        decoder=decoder,
        encoder="",
        encoder_from="",
        event_file_sha256="",
        tool=TOOL,
    )
    pinned = holdings.pinned_encoder
    record = holdings.current_encodings([row.event_id], pinned).get(row.event_id)
    if record is None or not record.encoded:
        return base
    return replace(
        base,
        encoder=str(record.encoder),
        encoder_from=f"{record.distribution} {record.distribution_version}",
        event_file_sha256=record.sha256,
    )
