"""The folder of a hand-over made again: the same paths and bytes, each proved against the hash that was recorded."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import Damaged, EncodeRefused, EncoderNotFound, NotFound, NotReproduced
from sfm_archive.exporting.content import RECEIVED
from sfm_archive.exporting.handover import HandedFile, Handover, find_handover, handed_files, note_handover
from sfm_archive.exporting.look import Looking
from sfm_archive.exporting.manifest import MANIFEST_NAME, manifest_text, write_manifest
from sfm_archive.exporting.plan import Place
from sfm_archive.exporting.report import NOT_NOTED, ExportItem, ExportReport, ExportStatus
from sfm_archive.exporting.run import DEFAULTS, ExportOptions, ready_target
from sfm_archive.exporting.write import BatchWriter, ToWrite
from sfm_archive.files.folder import Standing
from sfm_archive.files.paths import part_problem
from sfm_archive.model.received import FileKind

_STEP = 64


def export_like(
    archive: Archive,
    target: Path,
    number: int,
    options: ExportOptions = DEFAULTS,
    progress: Progress = silent,
) -> ExportReport:
    """Make the folder of hand-over `number` again in `target`: every file at its recorded path, received ones as
    received, the others by the recorded encoder of the recorded revision, whatever is pinned or current now.

    Of `options` only `overwrite`, `manifest` and `dry_run` count. A file whose bytes cannot be made as recorded is an
    item with the status DAMAGED and is not written. `proved` in the report: every file stands in the target with its
    recorded hash, and their manifest hashes to the recorded one.

    Raises NotFound where there is no such record, Damaged where it cannot be read, EncoderNotFound (with the recorded
    package) before anything is written where an encoder is missing, StorageFailed.
    """
    handover = find_handover(archive, number)
    listed = handed_files(archive, handover)
    places = [_place(archive, handover, file) for file in listed]
    for encoder in sorted({file.source for file in listed} - {RECEIVED}):
        _check_installed(archive, handover, encoder)
    ready_target(target, options)
    items: list[ExportItem] = []
    too_late: list[tuple[int, str]] = []
    with ExitStack() as stack:
        looking = stack.enter_context(Looking(target))
        writer = None
        if not options.dry_run:
            writer = stack.enter_context(BatchWriter(target, lambda *found: too_late.append(found)))
        for file, place in zip(listed, places, strict=True):
            if len(items) % _STEP == 0:
                progress(len(items), len(listed))
            items.append(_item(archive, handover, file, place, looking, writer, options, len(items)))
    for position, message in too_late:
        items[position] = replace(items[position], status=ExportStatus.IN_THE_WAY, message=message)
    settled = tuple(items)
    manifest = ""
    if options.manifest:
        manifest = str(target / MANIFEST_NAME if options.dry_run else write_manifest(target, settled))
    made_again = hashlib.sha256(manifest_text(settled).encode("utf-8")).hexdigest()
    noted = NOT_NOTED if options.dry_run else note_handover(archive, target, {"like": number}, settled)
    progress(len(listed), len(listed))
    return ExportReport(
        target=str(target),
        items=settled,
        dry_run=options.dry_run,
        manifest=manifest,
        handover=noted,
        like=number,
        proved=not options.dry_run and made_again == handover.manifest_sha256,
    )


def _place(archive: Archive, handover: Handover, file: HandedFile) -> Place:
    """A path from the archive, checked like any other: anybody may have written it."""
    *folders, name = file.path.split("/")
    problem = next((problem for part in (*folders, name) if (problem := part_problem(part))), "")
    if problem or not folders:
        raise Damaged(
            f"{archive.path}: hand-over {handover.number}: the path {file.path!r} {problem or 'has no folder'}; no "
            "export writes that, so nothing was written. Compare the record with a backup"
        )
    return Place(tuple(folders), name)


def _check_installed(archive: Archive, handover: Handover, encoder: str) -> None:
    try:
        installed_encoder(archive, encoder)
    except EncoderNotFound as error:
        raise EncoderNotFound(f"hand-over {handover.number} cannot be made again, nothing was written: {error}") from (
            error
        )


def _item(
    archive: Archive,
    handover: Handover,
    file: HandedFile,
    place: Place,
    looking: Looking,
    writer: BatchWriter | None,
    options: ExportOptions,
    position: int,
) -> ExportItem:
    status, message = ExportStatus.WRITTEN, ""
    standing, what = looking.at(place, file.size, file.sha256)
    if standing is Standing.SAME:
        status = ExportStatus.UNCHANGED
    elif standing is Standing.DIFFERENT and options.overwrite:
        status = ExportStatus.REPLACED
    elif standing is not Standing.NOTHING:
        status, message = ExportStatus.IN_THE_WAY, what
    if writer is not None and status in (ExportStatus.WRITTEN, ExportStatus.REPLACED):
        overwriting = status is ExportStatus.REPLACED
        try:
            data = _bytes(archive, handover, file)
        except (Damaged, EncodeRefused, NotFound) as error:
            status, message = ExportStatus.DAMAGED, str(error)
        else:
            to_write = ToWrite(position=position, folders=place.folders, name=place.name, replace=overwriting)
            writer.add(to_write, data)
    return ExportItem(
        event_id=file.event_id,
        serial=place.folders[0],
        path=file.path,
        status=status,
        sha256=file.sha256,
        size=file.size,
        source=file.source,
        revision=file.revision,
        message=message,
    )


def _bytes(archive: Archive, handover: Handover, file: HandedFile) -> bytes:
    """The bytes that were handed over. Raises NotReproduced, and what reading an event raises."""
    if file.source == RECEIVED:
        received = archive.files(file.event_id)
        same = (one for one in received if one.sha256 == file.sha256 and one.kind == FileKind.EVENT_FILE)
        row = next(same, None)
        if row is None:
            raise Damaged(
                f"{archive.path}: hand-over {handover.number}: {file.path}: event {file.event_id} has no received "
                f"file with the hash {file.sha256[:12]}… any more; take it from a backup"
            )
        data = archive.file_bytes(row, file.event_id)
    else:
        data = archive.encode(file.event_id, file.source, file.revision).data
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise NotReproduced(
            f"{archive.path}: hand-over {handover.number}: {file.path}: {file.source} gives a file with the hash "
            f"{found[:12]}…, handed over was {file.sha256[:12]}…; install {file.distribution} "
            f"{file.distribution_version}, and compare the archive with a backup"
        )
    return data
