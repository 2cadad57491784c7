"""Everything that an archive holds about one event, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfm_archive.archive.calibrations import calibrations_of
from sfm_archive.archive.correcting import starts_of
from sfm_archive.archive.finding import find_event, name_of
from sfm_archive.archive.listing import summary_rows
from sfm_archive.archive.noticed import doubted_reports, noticed_of
from sfm_archive.archive.reading import names_of, readings_of, zone_of
from sfm_archive.archive.telling import ChangeDescription, told
from sfm_archive.archive.where_recorded import places_of
from sfm_archive.base.records import record_from
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import Damaged
from sfm_archive.formats.blastware.names import NameStyle
from sfm_archive.formats.micromate.event_file import NOT_DECODED, is_micromate_file
from sfm_archive.model.calibrations import CalibrationAnswer
from sfm_archive.model.correcting import CLOCK, ZONE, that_count
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.precedence import values_that_count
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.where_recorded import WhereRecorded
from sfm_archive.model.zones import UNKNOWN_ZONE, derived_utc
from sfm_archive.storage import files, handovers, same_events, statements, zones
from sfm_archive.storage.events import EventRow
from sfm_archive.storage.files import FileRow

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.exporting.handover import Handover


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIdentity:
    """Which event it is.

    `recorded_at_local` is the unit's own clock; `start_local`: the same with stated corrections; `derived_utc` follows
    from that and `time_zone`, None where that is not known, and `utc_certainty` says how sure it is. `start_key`: eight
    hexadecimal digits or ''. `name`: as received, else computed; `call_home_name` and `manual_name` are the computed
    ones, '' where there is none. `current_revision`: of the frames, 0 where there are none.
    """

    event_id: int
    serial: str
    recorded_at_local: str
    time_zone: str
    derived_utc: str | None
    utc_certainty: str
    record_type: str
    start_key: str
    received_at_utc: str
    name: str
    received_names: tuple[str, ...]
    call_home_name: str
    manual_name: str
    current_revision: int
    start_local: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionDescription:
    """What people say is wrong in a record. `number`: of the correction. `subject`: `project`, `client`, `location`,
    `clock` or `zone`; `right`: what holds, of a clock its shift; `recorded`: what was recorded, '' where nothing was.
    `of_unit`: it is of the unit's events in a span, not of this one alone. `decided_by`: who says so; `reason`: why."""

    number: int
    subject: str
    right: str
    recorded: str
    of_unit: bool
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesDescription:
    """One revision of the frames. `whole`: they hold every byte of the event. Sizes in bytes, packed and as stored."""

    revision: int
    whole: bool
    frame_count: int
    size: int
    stored_size: int
    sha256: str
    received_at_utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingDescription:
    """What an encoder made of a revision: a file with its size in bytes, or a refusal with 0 and ''.

    `last_handover`, `last_reproduced_at_utc`: the newest hand-over for which it was made again; None without one.
    """

    encoder: str
    revision: int
    frames_sha256: str
    outcome: str
    size: int
    sha256: str
    distribution: str
    distribution_version: str
    encoded_at_utc: str
    last_handover: int | None
    last_reproduced_at_utc: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDescription:
    """A received file. `reproduced_by`: the encoder that makes its bytes again, '' where they are kept."""

    file_id: int
    kind: str
    name: str
    folder: str
    size: int
    sha256: str
    reproduced_by: str
    received_at_utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidValue:
    """A value as one document has it; `counts`: it is the one that counts. The rest as in `Reading`."""

    quantity: str
    channel: str
    number: float | None
    unit: str
    state: ValueState
    text: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsDescription:
    """What was read from one document: the program that read it, the hash of the bytes that it read, and whether the
    document is whole, not cut off."""

    source: ValueSource
    reader: str
    origin_sha256: str
    whole: bool
    values: tuple[SaidValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SameEventDescription:
    """An event that turned out to be this one. `was_event`: its id; `name`: of the file by which alone it was known."""

    was_event: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDescription:
    """An event with all that is known of it. `values`: those that count, by quantity and channel; `readings`: those of
    every document, oldest first; `findings`: what was noticed on receipt; `sample_findings`: what decoding notices of
    the samples, and tables of reports that have others. `place`: at which point it was recorded. `calibration`: of its
    unit at its start. `corrections`: those that count for it. `same_events`: events that turned out to be this one;
    their ids lead here."""

    event: EventIdentity
    place: WhereRecorded
    calibration: CalibrationAnswer
    corrections: tuple[CorrectionDescription, ...]
    frames: tuple[FramesDescription, ...]
    encodings: tuple[EncodingDescription, ...]
    files: tuple[FileDescription, ...]
    values: tuple[Reading, ...]
    readings: tuple[ReadingsDescription, ...]
    findings: tuple[Finding, ...]
    sample_findings: tuple[Finding, ...]
    history: tuple[ChangeDescription, ...]
    same_events: tuple[SameEventDescription, ...]


def describe_event(archive: Archive, event: int | str) -> EventDescription:
    """Everything about one event, by id or file name; see `Archive.describe`."""
    row = find_event(archive.store, str(event))
    documents = readings_of(archive.store, [row.event_id], in_doubt=True).get(row.event_id, [])
    doubted = doubted_reports(archive, row.event_id)
    counting = values_that_count(
        value for document in documents if document.origin_sha256 not in doubted for value in document.readings
    )
    summaries = summary_rows(archive, [row.event_id])
    same = _same_events(archive, row.event_id)
    ids = (row.event_id, *(one.was_event for one in same))
    changes = sorted((change for one in ids for change in archive.history(one)), key=lambda change: change.sequence)
    if same and changes:
        row = row._replace(received_at_utc=min(row.received_at_utc, changes[0].at_utc))
    return EventDescription(
        event=_identity(archive, row),
        place=places_of(archive, [row], summaries)[row.event_id],
        calibration=calibrations_of(
            archive, {row.event_id: (row.serial, summaries[row.event_id].start_local)}, whole=True
        )[row.event_id],
        corrections=_corrections(archive, row, {what: one.text for (what, _), one in counting.items()}),
        frames=tuple(
            record_from(FramesDescription, one, size=one.logical_size) for one in archive.revisions(row.event_id)
        ),
        encodings=_encodings(archive, row.event_id),
        files=tuple(record_from(FileDescription, one) for one in archive.files(row.event_id)),
        values=tuple(counting[what] for what in sorted(counting)),
        readings=tuple(
            record_from(
                ReadingsDescription,
                document,
                values=tuple(
                    record_from(SaidValue, one, counts=counting.get((one.quantity, one.channel)) is one)
                    for one in document.readings
                ),
            )
            for document in documents
        ),
        findings=tuple(archive.findings(row.event_id)),
        sample_findings=noticed_of(archive, row.event_id) + (() if documents else _undecoded(archive, row.event_id)),
        history=tuple(told(archive, changes)),
        same_events=same,
    )


def _identity(archive: Archive, row: EventRow) -> EventIdentity:
    zone = zone_of(archive.store, row)
    start = starts_of(archive, [row])[row.event_id]
    utc = derived_utc(start, zone)
    return record_from(
        EventIdentity,
        row,
        time_zone=zone,
        derived_utc=None if utc.utc is None else f"{utc.utc:%Y-%m-%dT%H:%M:%SZ}",
        utc_certainty=utc.certainty.value,
        name=name_of(row),
        received_names=_received_names(archive, row.event_id),
        call_home_name=name_of(row, NameStyle.CALL_HOME),
        manual_name=name_of(row, NameStyle.MANUAL),
        current_revision=row.revision,
        start_local=local_text(start),
    )


def _same_events(archive: Archive, event_id: int) -> tuple[SameEventDescription, ...]:
    with archive.store.reading() as connection:
        return tuple(record_from(SameEventDescription, one) for one in same_events.that_are(connection, event_id))


def _received_names(archive: Archive, event_id: int) -> tuple[str, ...]:
    """Names under which it came: those that count for exports, then those that its event files had beside."""
    came = names_of(archive.store, event_id)
    came += [without_copy_mark(one.name) for one in _event_files(archive, event_id)]
    return tuple({name.upper(): name for name in reversed(came)}[key] for key in dict.fromkeys(map(str.upper, came)))


def _event_files(archive: Archive, event_id: int) -> list[FileRow]:
    """Its event files that count for it, in the order of receipt."""
    with archive.store.reading() as connection:
        return files.event_files_of(connection, [event_id]).get(event_id, [])[::-1]


def _undecoded(archive: Archive, event_id: int) -> tuple[Finding, ...]:
    """The finding of an event that has nothing but a file that no decoder reads: why it has no values."""
    kept = [one for one in _event_files(archive, event_id) if not one.reproduced_by]
    for file in kept if not archive.revisions(event_id) else ():
        try:
            undecoded = is_micromate_file(archive.file_bytes(file, event_id))
        except Damaged:
            continue  # `sfm verify` says so
        if undecoded:
            return (Finding(code="not-decoded", message=f"{file.name}: {NOT_DECODED}", severity=Severity.NOTE),)
    return ()


def _corrections(archive: Archive, row: EventRow, typed: Mapping[str, str]) -> tuple[CorrectionDescription, ...]:
    with archive.store.reading() as connection:
        said = statements.corrections(connection)
        zone = zones.of_units(connection).get(row.serial, UNKNOWN_ZONE) if said else UNKNOWN_ZONE
    before = {
        CLOCK: row.recorded_at_local.replace("T", " "),
        ZONE: row.time_zone if row.time_zone != UNKNOWN_ZONE else zone,
    }
    return tuple(
        CorrectionDescription(
            number=one.number,
            subject=subject,
            right=one.right,
            recorded=before.get(subject, typed.get(subject, "")),
            of_unit=not one.of_event,
            decided_by=one.decided_by,
            reason=one.reason,
        )
        for subject, one in sorted(that_count(said, row.event_id, row.serial, row.recorded_at_local).items())
    )


def _encodings(archive: Archive, event_id: int) -> tuple[EncodingDescription, ...]:
    hashes = {frames.revision: frames.sha256 for frames in archive.revisions(event_id)}
    handed: Mapping[tuple[int, str], Handover] = {}
    with archive.store.reading() as connection:
        is_any = handovers.is_any(connection)
    if is_any:  # else nobody waits for a sixteenth of all modules
        from sfm_archive.exporting.handover import last_made

        handed = last_made(archive, event_id)
    found = []
    for made in archive.encodings(event_id):
        last = handed.get((made.revision, str(made.encoder)))
        found.append(
            record_from(
                EncodingDescription,
                made,
                encoder=str(made.encoder),
                frames_sha256=hashes.get(made.revision, ""),
                last_handover=None if last is None else last.number,
                last_reproduced_at_utc=None if last is None else last.at_utc,
            )
        )
    return tuple(found)
