"""One event in the format of an exporter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sfm_archive.archive import Archive
from sfm_archive.archive.finding import name_of
from sfm_archive.errors import BadInput, BadName, Damaged, EncodeRefused, EncoderNotFound, ExporterFailed
from sfm_archive.exporting.content import ContentSource
from sfm_archive.files.failures import make_folder
from sfm_archive.files.paths import part_problem
from sfm_archive.files.writing import new_file
from sfm_archive.formats.csv_text import PLAIN, CsvForm
from sfm_archive.model.received import FileKind
from sfm_archive.plugins.contracts import ExportedEvent
from sfm_archive.plugins.registry import RegisteredExporter
from sfm_archive.storage.events import EventRow

if TYPE_CHECKING:
    # Decoding needs numpy, and most exports decode nothing.
    from sfm_archive.analysing import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvent:
    """An event in another format: the event file's name with the format's extension, and the bytes."""

    filename: str
    data: bytes


def write_as(archive: Archive, event_id: int, exporter: str, folder: Path | None = None) -> WrittenEvent:
    """The event as an exporter writes it; a received document that is in the format already is given as it came.

    Exporters have its file, as an export without `--encoder` gives it, its values, and the decoded event. With
    `folder` it is written there too, in one step; nothing is replaced. Raises NotFound for an exporter that is not
    installed, BadInput where the format cannot hold the event, NotInstalled where a package of it is missing, BadName,
    AlreadyExists, StorageFailed, Damaged.
    """
    registered = archive.plugins.exporter(exporter)
    row = archive.event(event_id)
    try:
        data = bytes_as(archive, row, registered)
    except BadInput as error:
        kind = ExporterFailed if isinstance(error, ExporterFailed) else BadInput
        raise kind(f"event {event_id}: {error}") from error
    filename = registered.file_name(name_of(row) or f"event-{event_id}")
    if folder is not None:
        _put(folder, filename, data)
    return WrittenEvent(filename=filename, data=data)


def bytes_as(
    archive: Archive,
    row: EventRow,
    registered: RegisteredExporter,
    recording: Recording | None = None,
    csv_form: CsvForm = PLAIN,
) -> bytes:
    """One event in the format of an exporter: as received, else as it makes it.

    `recording`: where it was made already. `csv_form`: for an exporter that heeds it. Raises
    BadInput where the format cannot hold the event, ExporterFailed, NotInstalled, Damaged.
    """
    received = _received(archive, row, registered)
    if received is not None:
        return received

    def decoded() -> Recording:
        if recording is not None:
            return recording
        from sfm_archive.analysing import recording_of

        return recording_of(archive, row)

    return registered.export(
        ExportedEvent(
            event=row.event(),
            give_file=lambda: _file(archive, row),
            give_values=lambda: archive.values(row.event_id),
            give_recording=decoded,
            csv_form=csv_form,
        )
    )


def _received(archive: Archive, row: EventRow, registered: RegisteredExporter) -> bytes | None:
    """The newest document received with the event that is in this format already, byte for byte."""
    if not registered.recognises:
        return None
    documents = [file for file in archive.files(row.event_id) if file.kind == FileKind.REPORT.value]
    for file in sorted(documents, key=lambda file: file.file_id, reverse=True):
        data = archive.file_bytes(file, row.event_id)
        if registered.recognise(data):
            return data
    return None


def _file(archive: Archive, row: EventRow) -> bytes | None:
    contents = ContentSource(archive, None, record=False)
    try:
        (content,) = contents.of_events([row])
        if content.damaged:
            raise Damaged(content.message)
        return contents.bytes_of(content) if content.source else None
    except (EncoderNotFound, EncodeRefused):
        return None


def _put(folder: Path, filename: str, data: bytes) -> None:
    problem = part_problem(filename)
    if problem:
        raise BadName(f"the name {filename!r} {problem}; write the event to standard output and name the file yourself")
    make_folder(folder)
    with new_file(folder / filename) as unfinished:
        unfinished.write_bytes(data)
