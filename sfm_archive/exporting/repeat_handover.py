"""The folder of a hand-over made again: the same paths and bytes, each proved against the hash that was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.base.batches import batches
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import quoted, sentences
from sfm_archive.errors import BadName, Damaged, EncodeRefused, EncoderNotFound, NotFound, NotReproduced, UsageError
from sfm_archive.exporting.content import RECEIVED, made_of_torn
from sfm_archive.exporting.handover import HandedFile, Handover, HandoverKind, find_handover, handed_files
from sfm_archive.exporting.manifest import manifest_text
from sfm_archive.exporting.report import (
    STATUS_OF_ACTION,
    ExportItem,
    ExportReport,
    ExportStatus,
    settled,
)
from sfm_archive.exporting.run import DEFAULTS, ExportOptions, accounted, ready_target
from sfm_archive.files.paths import checked_path
from sfm_archive.files.tree import OutputTree
from sfm_archive.model.findings import Severity
from sfm_archive.model.received import FileKind
from sfm_archive.storage import frames

_STEP = 64

_EVENTS_AT_ONCE = 1_000


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

    Raises NotFound where there is no such record, UsageError for one that is no folder, Damaged where it cannot be
    read, EncoderNotFound (with the recorded package) before anything is written where an encoder is missing,
    StorageFailed.
    """
    handover = find_handover(archive, number)
    if handover.kind is not HandoverKind.FOLDER:
        given = command_line("sfm", "handovers", archive.path, str(number), "-o", "FILE")
        way = f"{given} gives its file back" if handover.kept_sha256 else "its record has hashes to compare with"
        raise UsageError(f"hand-over {number} is no folder of event files ({handover.kind}); {way}")
    listed = handed_files(archive, handover)
    for file in listed:
        _check_path(archive, handover, file)
    for encoder in sorted({file.source for file in listed} - {RECEIVED}):
        _check_installed(archive, handover, encoder)
    ready_target(target, options)
    whole = _whole(archive, listed)
    made: list[ExportItem] = []
    with OutputTree(target, overwrite=options.overwrite, dry_run=options.dry_run) as tree:
        for file in listed:
            if len(made) % _STEP == 0:
                progress(len(made), len(listed))
            item = _item(archive, handover, file, tree, len(made), dry_run=options.dry_run)
            made.append(item if (file.event_id, file.revision) in whole else _of_torn(item))
    report = accounted(archive, target, options, settled(made, tree.too_late), {"like": number})
    progress(len(listed), len(listed))
    made_again = hashlib.sha256(manifest_text(report.items).encode("utf-8")).hexdigest()
    proved = not options.dry_run and made_again == handover.manifest_sha256
    return replace(report, like=number, proved=proved)


def _check_path(archive: Archive, handover: Handover, file: HandedFile) -> None:
    """A path from the archive is checked like any other: anybody may have written it."""
    try:
        parts = len(checked_path(file.path))
        problem = "" if parts in (2, 3) else f"it has {parts:,} parts"
    except BadName as error:
        problem = str(error)
    if problem:
        raise Damaged(
            f"{archive.path}: hand-over {handover.number}: the path {quoted(file.path)}: {problem}; no export "
            "writes that, so nothing was written. Compare the record with a backup"
        )


def _check_installed(archive: Archive, handover: Handover, encoder: str) -> None:
    try:
        installed_encoder(archive, encoder)
    except EncoderNotFound as error:
        raise EncoderNotFound(f"hand-over {handover.number} cannot be made again, nothing was written: {error}") from (
            error
        )


def _item(
    archive: Archive, handover: Handover, file: HandedFile, tree: OutputTree, position: int, *, dry_run: bool
) -> ExportItem:
    action, message = tree.action(file.path, file.size, file.sha256)
    status = STATUS_OF_ACTION[action]
    if action.writes and not dry_run:
        try:
            data = _bytes(archive, handover, file)
        except (Damaged, EncodeRefused, NotFound) as error:
            status, message = ExportStatus.DAMAGED, str(error)
        else:
            tree.write(position, file.path, data, action)
    return ExportItem(
        event_id=file.event_id,
        serial=file.path.partition("/")[0],
        path=file.path,
        status=status,
        sha256=file.sha256,
        size=file.size,
        source=file.source,
        revision=file.revision,
        message=message,
    )


def _whole(archive: Archive, listed: Sequence[HandedFile]) -> set[tuple[int, int]]:
    """Event and revision of each whole revision of the events of these files."""
    found: set[tuple[int, int]] = set()
    for page in batches(listed, _EVENTS_AT_ONCE):
        with archive.store.reading() as connection:
            found |= frames.whole_revisions(connection, (file.event_id for file in page))
    return found


def _of_torn(item: ExportItem) -> ExportItem:
    """It is made as it was handed over, and what was said then is said again, as a note."""
    if item.source == RECEIVED or item.status is ExportStatus.DAMAGED:
        return item
    finding = made_of_torn(item.event_id, Severity.NOTE)
    return replace(item, message=sentences((item.message, finding.message)), findings=(*item.findings, finding))


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
