"""Parts of captures that wait for their events, and what each lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sfm_archive.archive import Archive
from sfm_archive.base.counting import counted
from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadFrames, BadInput, UsageError
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.importing.found import imported_event
from sfm_archive.importing.identify import serial_of_folder
from sfm_archive.importing.recognise import FoundFile, SourceKind, is_monitor_log_name
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.serials import is_serial
from sfm_archive.model.timestamps import local_text
from sfm_archive.plugins.importers import ImportedEvent, ImportedFile
from sfm_archive.plugins.registry import RegisteredImporter
from sfm_archive.storage import files
from sfm_archive.storage.files import FileRow

MONITOR_LOG_KEPT: Final = (
    "a monitor log, kept as received: what its bytes mean is not published, so it gives no event and no span in which "
    "the unit was running"
)


_BEGUN_AGAIN: Final = 0x8000
_IN_ONE_FILE: Final = (
    ". An event whose addresses begin again at 0000 behind FFFF does not say what it lacks: if these are the rest of "
    "one, put the captures one behind the other, in the order received, into one file, and import that"
)
"""Told where the low half of an address leaves that open."""


def lacking(part: ImportedEvent) -> str:
    """What a part lacks that is of an event which its file does not hold, and what joins it."""
    if not part.frames:
        key = "" if part.start_key is None else f" with the key {part.start_key:08X}"
        time = "" if part.recorded_at is None else f" of {local_text(part.recorded_at)}"
        return f"the record {part.place} is of an event{key}{time} that is not here; it is joined when that comes"
    try:
        start, end = reach(part.frames)
    except BadFrames as error:
        return f"{len(part.frames)} A5 frame(s) {part.place}: {error}"
    damaged = sentences(found.message for found in part.findings)
    return (
        f"{len(part.frames)} A5 frame(s) {part.place} bring addresses {start:08X} to {end - 1:08X} of an event: "
        f"{damaged or 'the frame that opens it is missing'}; they are joined when an event comes whose header says "
        f"that it lacks these addresses{_IN_ONE_FILE if start & 0xFFFF < _BEGUN_AGAIN else ''}"
    )


def reach(frames: Sequence[A5Frame]) -> tuple[int, int]:
    """The lowest address and the one behind the highest that frames bring. Raises BadFrames for one without header."""
    pieces = [logical_frame(frame) for frame in frames]
    return min(piece.address for piece in pieces), max(piece.address + len(piece.content) for piece in pieces)


def kept_capture(archive: Archive, row: FileRow) -> FoundFile | None:
    """A file of an importer that the archive keeps, as one that was found; None where no importer that is loaded reads
    it. Raises Damaged."""
    data = archive.file_bytes(row)
    importer = _importer_of(archive.plugins.importers, data, row.name)
    if importer is None:
        return None
    return FoundFile(Path(row.folder) / row.name, data, SourceKind.IMPORTED, importer=importer)


def as_it_is_kept(archive: Archive, row: FileRow) -> FoundFile:
    """A kept file that no importer reads. Raises Damaged."""
    return FoundFile(Path(row.folder) / row.name, archive.file_bytes(row), SourceKind.EVENT_FILE)


def kept_alone(file: FoundFile, *, taken: bool) -> str:
    """What a file is that is kept as received, without an event and without any part of one. `taken`: spans of it are
    noted for their unit."""
    if file.is_monitor_log:
        return (
            "a monitor log, kept as received: nothing in it gives unit and time of an event, and what else its bytes "
            "mean is not published. Where it has a footer with its time, import it with --serial"
        )
    if file.importer is None and is_monitor_log_name(file.path.name):
        return MONITOR_LOG_KEPT
    if file.importer is None:
        return "it is kept as received, without an event"
    try:
        content = content_of(file)
    except BadInput as error:
        return f"it is kept as received, without an event: {error}"
    return sentences([_kept_for(content, taken=taken), *(finding.message for finding in content.findings)])


def _kept_for(content: ImportedFile, *, taken: bool) -> str:
    spans = content.ran
    if not spans:
        return holds_no_event(content)
    unknown = sum(not is_serial(one.serial) for one in spans) if not taken else 0
    told = f"it holds no event, and is kept as received for {counted(len(spans), 'span')} in which a unit was running"
    return f"{told}, {unknown} of them without its serial: import it with --serial" if unknown else told


_NO_EVENT: Final = "it holds no event"


def holds_no_event(content: ImportedFile) -> str:
    """What a file holds that is kept as received although no event is in it."""
    if not content.unit_settings:
        return f"it holds no event; it is kept as received for {content.evidence}" if content.evidence else _NO_EVENT
    said = ", ".join(
        f"{one.quantity.replace('_', ' ')} {reading_text(one)}" for one in content.unit_settings if not one.channel
    )
    return (
        f"it holds no event, and is kept as received for what the unit says of its settings ({said}). Such a record "
        "has no time, so that no event rests on it: sfm settings states for which events it holds"
    )


def content_of(file: FoundFile) -> ImportedFile:
    """What its importer reads of it. Raises BadInput."""
    assert file.importer is not None
    return file.importer.read(file.data, file.path.name)


def everything_in(content: ImportedFile) -> Iterator[ImportedEvent]:
    """Its events and parts of events."""
    yield from content.events
    yield from content.parts


def _importer_of(importers: Sequence[RegisteredImporter], data: bytes, name: str) -> RegisteredImporter | None:
    for importer in importers:
        try:
            if importer.recognise(data, name):
                return importer
        except BadInput:
            continue  # an import names it
    return None


def why_these_wait(archive: Archive, sha256: str, at_bytes: Sequence[int]) -> str:
    """What the parts of a capture lack that wait, '' where none does. Raises Damaged."""
    if not at_bytes:
        return ""
    with archive.store.reading() as connection:
        rows = files.with_bytes(connection, sha256)
    return why_parts_wait(archive, rows[0], at_bytes) if rows else ""


def why_parts_wait(archive: Archive, row: FileRow, at_bytes: Sequence[int]) -> str:
    """What the parts of a kept capture lack that begin at these bytes. Raises Damaged."""
    file = kept_capture(archive, row)
    if file is None:
        return "no plug-in that is loaded reads this file; sfm plugins shows what was loaded"
    try:
        content = content_of(file)
    except BadInput as error:
        return str(error)
    waiting = set(at_bytes)
    told = [lacking(part) for part in content.parts if part.at_byte in waiting]
    told += [_unidentified(event, file) for event in content.events if event.at_byte in waiting]
    return sentences(told)


def _unidentified(event: ImportedEvent, file: FoundFile) -> str:
    """Which of serial and time nothing tells of an event."""
    try:
        sources = imported_event(event, file, ()).identity_sources()
    except (BadInput, UsageError) as error:
        return f"the event {event.place} waits: {error}"
    missing = []
    if all(source.serial is None for source in sources) and serial_of_folder(file.path.parent.name) is None:
        missing.append("its unit's serial: import this file again with --serial, or from the unit's folder")
    if all(source.recorded_at is None for source in sources):
        missing.append("its time: neither its footer nor a 0C record of it came; the rest of it joins it when it comes")
    return f"the event {event.place} lacks {'; and '.join(missing)}" if missing else f"the event {event.place} waits"
