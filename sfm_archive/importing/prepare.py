"""The second age of an event: prepared. It is known which one it is, and its frames are packed, encoded and compared.

Nothing here writes to the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from sfm_archive.archive.finding import computed_name
from sfm_archive.archive.leaving_out import LeftOutFile
from sfm_archive.archive.results import PreparedEncoding
from sfm_archive.archive.saving import ToSave, completed_event, prepare_frames, run_encoder
from sfm_archive.base.counting import counted
from sfm_archive.base.regular_files import open_file
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadFrames, BadInput, NotTold, UsageError
from sfm_archive.formats.blastware.event_file import inspect_event_file
from sfm_archive.formats.blastware.layout import common_prefix
from sfm_archive.formats.blastware.names import is_event_file_name
from sfm_archive.formats.blastware.streams import not_whole, survey_stream
from sfm_archive.formats.older_store.sidecars import read_a5_sidecar
from sfm_archive.importing.bundles import described_name
from sfm_archive.importing.documents import Document, read_document
from sfm_archive.importing.found import FoundEvent, imported_event, stored_events
from sfm_archive.importing.identify import identify, serial_of_folder
from sfm_archive.importing.parts import MONITOR_LOG_KEPT, content_of, holds_no_event, lacking
from sfm_archive.importing.recognise import LEFT_OUT, PLACED, FoundFile, SourceKind, read_file
from sfm_archive.importing.report import EVENT_NOT_TAKEN, EVENT_WAITS, ImportItem, ImportOptions, ItemOutcome, item_of
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.running import MONITORING_REPLY, Running
from sfm_archive.model.serials import is_serial
from sfm_archive.plugins.importers import ImportedFile
from sfm_archive.plugins.registry import RegisteredEncoder, RegisteredImporter
from sfm_archive.storage.waiting_parts import WaitingPart

_TIME_CONTRADICTION = "time-contradiction"
_BAD_FRAME = frozenset({"checksum", "length"})
"""Codes of what encoders find of single frames: said on receipt, also where they make a file of them all the same."""

_PC_ALONE = (
    "this is the PC's side of a download; no capture of the unit with an event (raw_s3_…, raw_rx_…) lies beside it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEvent:
    """One event, ready to be saved with the documents that belong to it. `findings`: about the event itself."""

    found: FoundEvent
    documents: tuple[Document, ...]
    to_save: ToSave
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsToKeep:
    """A file of an importer that holds parts of events. `at_bytes`: where those begin that wait; `why`: what they lack.
    `alone`: it has no event; `findings`: what else was noticed then. `serial`: of its unit as the user gave it."""

    file: FoundFile
    at_bytes: tuple[int, ...]
    why: str
    alone: bool
    findings: tuple[Finding, ...] = ()
    serial: str | None = None


class LooseFile(NamedTuple):
    """A document that lies beside no event, and its kind."""

    path: Path
    kind: SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBundle:
    """What became of files that were read together.

    `files`: how many they are; `size`: bytes read. `items`: settled, whatever happens to events; some are merged with
    those of an event from the same file. `without_event`: files to keep although no event can be made of them, each
    with the reason and what was noticed of it. `parts`: of importers' files what waits for its events. `ran`: spans in
    which units were running.
    `loose`: documents to be placed when all events are in.
    """

    files: int
    size: int
    events: tuple[PreparedEvent, ...]
    items: tuple[ImportItem, ...]
    without_event: tuple[tuple[FoundFile, str, tuple[Finding, ...]], ...]
    parts: tuple[PartsToKeep, ...]
    ran: tuple[tuple[str, Running], ...]
    loose: tuple[LooseFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """Prepares bundles. `encoder`: the pinned one; `others`: in the order in which their files are compared.
    `left_out`: files that people decided to leave out, by their hash."""

    importers: Sequence[RegisteredImporter]
    encoder: RegisteredEncoder
    others: Sequence[RegisteredEncoder]
    options: ImportOptions
    left_out: Mapping[str, LeftOutFile]

    def bundle(self, paths: tuple[Path, ...]) -> PreparedBundle:
        """Read a bundle's files and prepare its events. Never raises for what the files hold."""
        read = [read_file(path, self.importers) for path in paths]
        files, items = self._without_those_left_out(read)
        by_kind = {kind: [file for file in files if file.kind is kind] for kind in SourceKind}
        items += [item_of(file, ItemOutcome.REJECTED, file.problem) for file in by_kind[SourceKind.UNUSABLE]]
        items += [item_of(file, ItemOutcome.LEFT_OUT, LEFT_OUT[file.kind]) for file in files if file.kind in LEFT_OUT]
        events: list[PreparedEvent] = []
        without_event: list[tuple[FoundFile, str, tuple[Finding, ...]]]
        without_event = [(file, MONITOR_LOG_KEPT, ()) for file in by_kind[SourceKind.MONITOR_LOG]]
        parts: list[PartsToKeep] = []
        ran: list[tuple[str, Running]] = []
        for file in by_kind[SourceKind.IMPORTED]:
            # With two captures of one time the PC's side goes with the first that has an event.
            beside = () if events else tuple(by_kind[SourceKind.PC_CAPTURE])
            try:
                read_of = content_of(file)
            except BadInput as error:
                items.append(item_of(file, ItemOutcome.REJECTED, str(error), findings=file.findings))
                continue
            taken, of_file, waits = self._imported(file, read_of, beside)
            events += taken
            items += of_file
            parts += waits
            spans, unknown = self._spans(file, read_of, taken)
            ran += spans
            if not taken and not of_file and not waits:
                said = [unknown or _spans_taken(spans)] if read_of.ran else []
                noticed = file.findings + read_of.findings
                without_event.append((file, sentences([*said, holds_no_event(read_of)]), noticed))
            elif unknown:
                items.append(item_of(file, ItemOutcome.DUPLICATE, unknown))
        if not events:
            items += [item_of(file, ItemOutcome.REJECTED, _PC_ALONE) for file in by_kind[SourceKind.PC_CAPTURE]]
        documents = [read_document(file) for file in files if file.kind in PLACED]
        ran += [(one.identity.serial, span) for one in documents if one.identity.serial for span in one.ran]
        readable, unreadable = _read_sidecars(by_kind[SourceKind.FRAMES_SIDECAR])
        items += unreadable
        for found in _stored(readable, by_kind[SourceKind.EVENT_FILE]):
            try:
                prepared = self.event(found, documents)
            except (BadInput, UsageError) as error:
                for file in found.files:
                    if file.is_monitor_log:
                        reason = f"this monitor log is kept as received, without an event: {error}"
                        without_event.append((file, reason, ()))
                    else:
                        items.append(item_of(file, ItemOutcome.REJECTED, str(error), findings=found.noticed()))
                continue
            events.append(prepared)
            documents = [document for document in documents if document not in prepared.documents]
        return PreparedBundle(
            files=len(read),
            size=sum(len(file.data) for file in files),
            events=tuple(events),
            items=tuple(items),
            without_event=tuple(without_event),
            parts=tuple(parts),
            ran=tuple(ran),
            loose=tuple(LooseFile(document.file.path, document.file.kind) for document in documents),
        )

    def _without_those_left_out(self, read: list[FoundFile]) -> tuple[list[FoundFile], list[ImportItem]]:
        """The files without those that a person decided to leave out, and the items of those."""
        if not self.left_out:
            return read, []  # only where there are such is every file hashed
        files, items = [], []
        for file in read:
            decision = self.left_out.get(_own_hash(file))
            if decision is None:
                files.append(file)
                continue
            message = f"left out, as {decision.decided_by} decided: {decision.reason}"
            items.append(replace(item_of(file, ItemOutcome.LEFT_OUT, message), findings=(), by_decision=True))
        return files, items

    def _spans(
        self, file: FoundFile, content: ImportedFile, taken: Sequence[PreparedEvent]
    ) -> tuple[list[tuple[str, Running]], str]:
        """The spans in which units were running, each with its serial, and a sentence where nothing gives it: neither
        the span's own text, the unit of the file's events, `--serial` nor the folder."""
        of_events = {event.to_save.event.serial for event in taken}
        serial = of_events.pop() if len(of_events) == 1 else self.options.serial
        serial = serial or serial_of_folder(file.path.parent.name)
        spans = []
        unknown = 0
        for one in content.ran:
            unit = one.serial if is_serial(one.serial) else serial
            if unit is None:
                unknown += 1
            else:
                spans.append((unit, Running(one.since, one.until, MONITORING_REPLY, file.sha256, one.text)))
        told = f"{counted(unknown, 'span')} in which a unit was running without its serial: import this with --serial"
        return spans, told if unknown else ""

    def _imported(
        self, file: FoundFile, content: ImportedFile, beside: tuple[FoundFile, ...]
    ) -> tuple[list[PreparedEvent], list[ImportItem], list[PartsToKeep]]:
        """The events of an importer's file, its item, which of a file with events says what else was noticed, and what
        of it waits. A file of which all waits has no item yet: what becomes of it, keeping it tells."""
        events: list[PreparedEvent] = []
        refused: list[str] = []
        waits = {part.at_byte: lacking(part) for part in content.parts}
        for number, one in enumerate(content.events, start=1):
            place = one.place or f"number {number}"
            try:
                events.append(self.event(imported_event(one, file, beside)))
            except NotTold as error:
                waits[one.at_byte] = f"the event {place} waits: {error}"
            except (BadInput, UsageError) as error:
                refused.append(f"the event {place} was not taken: {error}")
        findings = file.findings + content.findings
        if not events and not waits and (content.ran or ((content.unit_settings or content.evidence) and not refused)):
            return [], [], []
        if not events and not waits:
            reason = sentences(refused) or content.without_events
            return [], [item_of(file, ItemOutcome.REJECTED, reason, findings=findings)], []
        findings += tuple(Finding(code=EVENT_NOT_TAKEN, message=reason) for reason in refused)
        alone, at_bytes, why = not events, tuple(sorted(waits)), sentences(waits.values())
        kept = PartsToKeep(
            file=file, at_bytes=at_bytes, why=why, alone=alone, findings=findings, serial=self.options.serial
        )
        parts = [kept] if waits else []
        findings += tuple(Finding(code=EVENT_WAITS, message=reason) for reason in waits.values())
        return events, [] if alone else [item_of(file, ItemOutcome.DUPLICATE, findings=findings)], parts

    def event(self, found: FoundEvent, documents: Sequence[Document] = ()) -> PreparedEvent:
        """The event that was found, with those of the documents beside it that are its own.

        Raises BadInput, UsageError where nothing gives its serial or time, or its frames are too many.
        """
        event, contradictions = identify(
            found.identity_sources(),
            found.name,
            found.files[0].path.parent.name,
            [document.identity for document in documents],
            self.options.serial,
        )
        content = found.content
        if any(finding.code == _TIME_CONTRADICTION for finding in content.findings):
            contradictions = tuple(one for one in contradictions if one.code != _TIME_CONTRADICTION)
        findings = contradictions + found.noticed()
        if found.event_file is not None and not content.frames:
            findings += inspect_event_file(found.event_file.data)
        findings += content.findings + _extent(content.frames)
        prepared = None
        if content.frames:
            event = completed_event(event, content.frames)
            prepared = prepare_frames(event, found.content.frames, self.encoder)
            findings += _compared(event, found, prepared.encoding, self.others)
            if prepared.encoding.file is not None:
                findings += tuple(one for one in prepared.encoding.findings if one.code in _BAD_FRAME)
        own = tuple(document for document in documents if document.identity.fits(event))
        event_file = () if found.event_file is None else (found.event_file,)
        to_save = ToSave(
            event=event,
            prepared=prepared,
            names=tuple(name for name in content.names if _is_kept_name(name, event)),
            files=tuple(file.received for file in (*event_file, *found.captures, *(one.file for one in own))),
            readings=found.readings() + tuple(one.readings for one in own if one.readings is not None),
            findings=findings + tuple(finding for document in own for finding in document.kept_findings()),
            time_zone=self.options.time_zone,
            parts=tuple(WaitingPart(file.sha256, content.at_byte) for file in found.captures[:1]),
        )
        return PreparedEvent(found=found, documents=own, to_save=to_save, findings=findings)


def _spans_taken(spans: Sequence[tuple[str, Running]]) -> str:
    units = ", ".join(sorted({serial for serial, _ in spans}))
    return f"{counted(len(spans), 'span')} in which {units} was running are taken of it"


def _extent(frames: tuple[A5Frame, ...]) -> tuple[Finding, ...]:
    """What the header says of the event's extent beside what frames brought, where they are not the whole event."""
    try:
        return not_whole(survey_stream(frames)) if frames else ()
    except BadFrames:
        return ()  # one is too short to hold a header; the encoder's refusal says so


def _own_hash(file: FoundFile) -> str:
    """The SHA-256 of its bytes, also where they were not read, being too many; '' where they cannot be."""
    try:
        if file.data:
            return file.sha256
        with open_file(file.path) as opened:
            return file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _is_kept_name(name: str, event: Event) -> bool:
    """Whether a received name is used for exports: one that Blastware knows, or any where none can be computed."""
    return is_event_file_name(name) or name.lower().endswith(".mlg") or not computed_name(event)


def _read_sidecars(
    files: list[FoundFile],
) -> tuple[list[tuple[FoundFile, tuple[A5Frame, ...]]], list[ImportItem]]:
    """The sidecars that can be read, each with its frames; an item for each of the others."""
    readable, items = [], []
    for file in files:
        try:
            readable.append((file, read_a5_sidecar(file.data)))
        except BadInput as error:
            items.append(item_of(file, ItemOutcome.REJECTED, str(error)))
    return readable, items


def _stored(
    sidecars: list[tuple[FoundFile, tuple[A5Frame, ...]]], event_files: list[FoundFile]
) -> Iterator[FoundEvent]:
    """The events of sidecars and event files that belong together: usually one of each.

    There are more where a folder holds copies, or names that differ only by case: equal names first, the rest in order.
    """
    by_name = {file.path.name: file for file in event_files}
    left = []
    for sidecar, frames in sidecars:
        event_file = by_name.pop(described_name(sidecar.path.name), None)
        if event_file is None:
            left.append((sidecar, frames))
        else:
            yield from stored_events(sidecar, frames, event_file)
    for pair, event_file in zip_longest(left, by_name.values()):
        yield from stored_events(pair[0], pair[1], event_file) if pair else stored_events(None, (), event_file)


def _compared(
    event: Event, found: FoundEvent, made: PreparedEncoding, others: Sequence[RegisteredEncoder]
) -> tuple[Finding, ...]:
    """What the pinned encoder made, compared with the event file that was received beside the frames: nothing where it
    is the same, or there is none; else what is odd, and which encoder of `others` makes the received file."""
    file = found.event_file
    if made.file is None:
        kept = "" if file is None else f"; {file.path.name} is kept and exported as received"
        reasons = sentences(finding.message for finding in made.findings if finding.severity != Severity.NOTE)
        first = Finding(code="not-encodable", message=f"{made.encoder} refuses these frames: {reasons}{kept}")
    elif file is None or made.file.data == file.data:
        return ()
    else:
        offset = common_prefix(made.file.data, file.data)
        message = (
            f"{file.path.name} has {len(file.data)} bytes, {made.encoder} makes {len(made.file.data)}; they first "
            f"differ at offset 0x{offset:X}. It is kept and exported as received"
        )
        first = Finding(code="differs-from-encoder", message=message, start=offset, end=offset + 1)
    for other in others if file is not None else ():
        remade = run_encoder(event, found.content.frames, other).file
        if file is not None and remade is not None and remade.data == file.data:
            message = f"{file.path.name} is what {other.name} makes of these frames"
            return first, Finding(code="made-by", message=message, severity=Severity.NOTE)
    return (first,)
