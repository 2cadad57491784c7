"""Reports and JSON sidecars: documents that tell of an event and are kept beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sfm_archive.errors import BadInput
from sfm_archive.formats.blastware.names import report_pairing_name
from sfm_archive.formats.older_store.sidecars import JsonSidecar, read_json_sidecar
from sfm_archive.formats.reports.dialects import AnyHeader, read_header
from sfm_archive.importing.bundles import base_name, without_copy_mark
from sfm_archive.importing.identify import Testimony, add_statement
from sfm_archive.importing.recognise import Kind, SourceFile
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import Event, RecordType, record_type_from_text
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.model.timestamps import is_same_moment, local_text, parse_local_text

_FILE_KINDS = {
    Kind.EVENT_FILE: FileKind.EVENT_FILE,
    Kind.REPORT: FileKind.REPORT,
    Kind.JSON_SIDECAR: FileKind.SIDECAR,
    Kind.IMPORTED: FileKind.CAPTURE,
    Kind.PC_CAPTURE: FileKind.PC_CAPTURE,
}


@dataclass(frozen=True)
class Document:
    """A report in either dialect, or a JSON sidecar, read.

    One that cannot be read is kept all the same; `findings` say what is wrong, or not understood.
    """

    source: SourceFile
    header: AnyHeader | None = None
    sidecar: JsonSidecar | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> Told:
        """What it says of its event."""
        header = self.header
        if header is None:
            return Told(None, None)
        return Told(header.serial, header.recorded_at, record_type_from_text(header.value("Event Type")))

    def testify(self, told: Testimony) -> None:
        """Add what the document says of serial and time; the record type is read from the event's own bytes alone."""
        if self.header is None:
            return
        who = f"the report {self.source.path.name}"
        add_statement(told.reported_serials, who, self.header.serial)
        add_statement(told.reported_times, who, self.header.recorded_at)

    def belongs_to(self, event: Event) -> bool:
        """Whether nothing in the document contradicts that it tells of this event."""
        return self.told.fits(event)

    def kept_findings(self) -> tuple[Finding, ...]:
        """The findings as they stand at the event, which can have several documents: each names this one."""
        name = self.source.path.name
        return tuple(
            found if name in found.message else replace(found, message=f"{name}: {found.message}")
            for found in self.findings
        )

    def reading_set(self) -> ReadingSet | None:
        """The document's values; None where it has none."""
        if self.header is not None and self.header.readings:
            source, readings = ValueSource.REPORT, self.header.readings
        elif self.sidecar is not None and (found := _sidecar_readings(self.sidecar)):
            source, readings = ValueSource.SIDECAR, found
        else:
            return None
        return ReadingSet(source=source, origin_sha256=self.source.sha256, readings=readings)


class Told(NamedTuple):
    """What a document says of its event; None, or an unknown record type, where it does not."""

    serial: str | None
    recorded_at: datetime | None
    record_type: RecordType = RecordType.UNKNOWN

    def fits(self, event: Event) -> bool:
        """Whether nothing of it contradicts the event: a unit can record a waveform and a histogram in one second."""
        types = {self.record_type, event.record_type} - {RecordType.UNKNOWN}
        return (
            self.serial in (None, event.serial)
            and is_same_moment(self.recorded_at, event.recorded_at)
            and len(types) <= 1
        )

    def as_kept(self) -> dict[str, str]:
        """As the history keeps it: texts, '' where it does not say; the record type is read again."""
        recorded_at = "" if self.recorded_at is None else local_text(self.recorded_at)
        return {"serial": self.serial or "", "recorded_at_local": recorded_at}

    @classmethod
    def of_kept(cls, serial: object, recorded_at_local: object) -> Told | None:
        """The inverse; None for what it never wrote."""
        if not isinstance(serial, str) or not isinstance(recorded_at_local, str):
            return None
        try:
            return cls(serial or None, parse_local_text(recorded_at_local) if recorded_at_local else None)
        except BadInput:
            return None


def read_document(source: SourceFile) -> Document:
    """Read a report or a JSON sidecar. Never raises: bytes are kept before they are understood."""
    try:
        if source.kind is Kind.REPORT:
            header = read_header(source.data)
            return Document(source, header=header, findings=header.findings)
        return Document(source, sidecar=read_json_sidecar(source.data))
    except BadInput as error:
        message = f"{source.path.name} is kept but cannot be read: {error}"
        return Document(source, findings=(Finding(code="unreadable-document", message=message),))


def received(source: SourceFile) -> ReceivedFile:
    """A source file as the archive keeps it."""
    name = source.path.name
    return ReceivedFile(
        kind=_FILE_KINDS[source.kind],
        name=name,
        data=source.data,
        folder=source.path.parent.name,
        pairs_with=pairs_with(name) if source.kind in (Kind.REPORT, Kind.JSON_SIDECAR) else "",
    )


def pairs_with(name: str) -> str:
    """The event file's name that a document's name points to, upper case."""
    return report_pairing_name(without_copy_mark(name)) or base_name(name)


def _sidecar_readings(sidecar: JsonSidecar) -> tuple[Reading, ...]:
    readings = []
    if sidecar.project:
        readings.append(Reading(quantity="project", text=sidecar.project))
    review = sidecar.review
    if review is not None:
        if review.false_trigger is not None:
            readings.append(Reading(quantity="false_trigger", text="yes" if review.false_trigger else "no"))
        if review.reviewer:
            readings.append(Reading(quantity="reviewer", text=review.reviewer))
        if review.notes:
            readings.append(Reading(quantity="review_notes", text=review.notes))
    return tuple(readings)
