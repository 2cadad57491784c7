"""Reports and JSON sidecars: documents that describe an event and are kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.counting import counted
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import BadInput
from sfm_archive.formats.micromate.names import event_named, project_of_folder
from sfm_archive.formats.older_store.sidecars import SIDECAR_READER, JsonSidecar, read_json_sidecar
from sfm_archive.formats.reports.dialects import READERS, checked_dialect, read_header
from sfm_archive.formats.reports.identity import time_told
from sfm_archive.formats.reports.monitor_log import monitor_log
from sfm_archive.formats.reports.table_place import table_place
from sfm_archive.formats.reports.thor_csv import ThorHeader
from sfm_archive.formats.reports.wholeness import cut_off
from sfm_archive.importing.bundles import base_name
from sfm_archive.importing.identify import IdentitySource
from sfm_archive.importing.recognise import FoundFile, SourceKind
from sfm_archive.model.documents import ReadingSet, values_to_keep
from sfm_archive.model.eight_channels import eight_channels, is_of_a_channel, names_eight_channels
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.running import MONITOR_LOG, Running

THOR_PROJECT: Final = "thor-project"
"""Code of the finding for the project in whose folder THOR keeps an event: never the project that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report in either dialect, or a JSON sidecar, read.

    `identity`: what it says of its event; a sidecar says nothing. `event_file`: the name of the event file that a
    report states, or ''. `readings`: its values, None where it has none. `ran`: spans of its monitor log. One that
    cannot be read is kept all the same; `findings` say what is wrong, or not understood.
    """

    file: FoundFile
    identity: IdentitySource
    event_file: str = ""
    readings: ReadingSet | None = None
    ran: tuple[Running, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def event(self) -> Event | None:
        """The event that a report or an event file tells of; None where it does not say unit, time and type, and of
        what is only a copy or a review of something else."""
        says = self.identity
        if self.file.kind not in (SourceKind.REPORT, SourceKind.MICROMATE_FILE):
            return None
        if says.serial is None or says.recorded_at is None or says.record_type is RecordType.UNKNOWN:
            return None
        return Event(serial=says.serial, recorded_at=says.recorded_at, record_type=says.record_type)

    @property
    def reading_sets(self) -> tuple[ReadingSet, ...]:
        """Its values as an event keeps them."""
        return () if self.readings is None else (self.readings,)

    def kept_findings(self) -> tuple[Finding, ...]:
        """The findings as they stand at the event, which can have several documents: each names this one."""
        name = self.file.path.name
        return tuple(
            found
            if name in found.message or found.code == THOR_PROJECT
            else replace(found, message=f"{name}: {found.message}")
            for found in self.findings
        )


def read_document(file: FoundFile) -> Document:
    """Read a document; of one that is an event by itself with the project under which THOR keeps it. Never raises."""
    document = _read(file)
    project = project_of_folder(file.path.absolute().parts[:-1]) if document.event is not None else ""
    if not project:
        return document
    # Forms of one event tell it in the same words, so that it is kept once.
    message = f"THOR's folder has it under the project {project!r}: a hint, for the event itself does not say so"
    hint = Finding(code=THOR_PROJECT, message=message, severity=Severity.NOTE)
    return replace(document, findings=(*document.findings, hint))


def _read(file: FoundFile) -> Document:
    """Read a report or a JSON sidecar; of a file that is kept undecoded its name tells the event. Never raises: bytes
    are kept before they are understood."""
    name = file.path.name
    try:
        if file.kind is SourceKind.REPORT:
            return _read_report(file)
        if file.kind in (SourceKind.MICROMATE_FILE, SourceKind.COPY):
            return Document(file=file, identity=named_identity(name))
        readings = _sidecar_readings(read_json_sidecar(file.data))
    except (BadInput, OSError) as error:
        finding = Finding(code="unreadable-document", message=f"{name} is kept but cannot be read: {error}")
        return Document(file=file, identity=IdentitySource(name), findings=(finding,))
    readings, too_long = values_to_keep(readings, name)
    return Document(
        file=file,
        identity=IdentitySource(name),
        readings=_set(file, ValueSource.SIDECAR, readings, SIDECAR_READER),
        findings=too_long,
    )


def names_of_event(file: FoundFile) -> tuple[str, ...]:
    """Names that an event gets by a file that is placed: that of an event file."""
    return (without_copy_mark(file.path.name),) if file.kind is SourceKind.MICROMATE_FILE else ()


def named_identity(name: str) -> IdentitySource:
    """What the name of a Micromate's file says of its event."""
    found = event_named(without_copy_mark(name))
    return IdentitySource(f"the name {name}", *((None, None) if found is None else found))


def _read_report(file: FoundFile) -> Document:
    header = read_header(file.text.head)
    identity = IdentitySource(
        f"the report {file.path.name}",
        header.serial,
        time_told((header.value("File Name"), base_name(file.path.name)), header.serial, header.recorded_at),
        header.record_type,
    )
    place = table_place(file.text.head, header.end)
    of_eight = _of_eight_channels((header.columns if isinstance(header, ThorHeader) else place.names) or ())
    said = [r for r in header.readings if not (of_eight and is_of_a_channel(r.quantity, r.channel))]
    readings, too_long = values_to_keep(tuple(said), file.path.name)
    cut = cut_off(file.text, header)
    log = monitor_log([*header.other_lines, *map(text_of, place.lines)])
    spans = [(*row.span, row.text) for row in log if row.span is not None]
    unread = (_unread_rows(len(log) - len(spans)),) if len(spans) < len(log) else ()
    return Document(
        file=file,
        identity=identity,
        event_file=(header.value("File Name") or "").strip(),
        readings=_set(file, ValueSource.REPORT, readings, READERS[checked_dialect(file.text.head)], whole=not cut),
        ran=tuple(Running(since, until, MONITOR_LOG, file.sha256, text) for since, until, text in spans),
        findings=(*header.contradictions, *header.findings, *of_eight, *cut, *too_long, *unread),
    )


def _of_eight_channels(names: Sequence[str]) -> tuple[Finding, ...]:
    return (eight_channels("its table has every geophone twice"),) if names_eight_channels(names) else ()


def _unread_rows(count: int) -> Finding:
    message = f"{counted(count, 'row')} of its monitor log without times in a form that is known tell no span"
    return Finding(code="monitor-log", message=message, severity=Severity.NOTE)


def _set(
    file: FoundFile, source: ValueSource, readings: tuple[Reading, ...], reader: str, *, whole: bool = True
) -> ReadingSet | None:
    if not readings:
        return None
    return ReadingSet(source=source, origin_sha256=file.sha256, readings=readings, reader=reader, whole=whole)


def _sidecar_readings(sidecar: JsonSidecar) -> tuple[Reading, ...]:
    texts = {"project": sidecar.project}
    review = sidecar.review
    if review is not None:
        if review.false_trigger is not None:
            texts["false_trigger"] = "yes" if review.false_trigger else "no"
        texts |= {"reviewer": review.reviewer, "review_notes": review.notes}
    return tuple(Reading(quantity=quantity, text=text) for quantity, text in texts.items() if text)
