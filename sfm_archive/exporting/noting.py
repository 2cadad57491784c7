"""Leaving hand-over records of what was written already: that none can be left takes no output away, and is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sfm_archive.archive import Archive
from sfm_archive.archive.provenance import Provenance, provenance_of
from sfm_archive.base.json_records import as_json
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.base.version import PRODUCT, __version__
from sfm_archive.errors import Damaged, SfmError
from sfm_archive.exporting.handover import HandedFile, HandoverKind, encoding_key, sums_sha256
from sfm_archive.exporting.report import NOT_NOTED, PROBLEMS, ExportItem, ExportStatus, Noted
from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE
from sfm_archive.storage import handovers
from sfm_archive.storage.changes import HandOver
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.handovers import HandoverRow, Origin
from sfm_archive.storage.writing import Writing

DOCUMENT_FORMAT: Final = "sfm-archive hand-over"
DOCUMENT_VERSION: Final = 1

LARGEST_KEPT: Final = 1 << 30
"""Bytes of a file that is kept, as of every content."""

_MADE = frozenset({ExportStatus.WRITTEN, ExportStatus.REPLACED})


def note_folder(archive: Archive, target: Path, options: dict[str, Any], items: Sequence[ExportItem]) -> Noted:
    """Leave a record of the event files that stand in the target now, as `note_output` does."""
    there = sorted((item for item in items if item.status not in PROBLEMS), key=lambda item: item.path)
    if not there:
        return NOT_NOTED
    without = [{"event_id": item.event_id, "status": item.status.value} for item in items if item.status in PROBLEMS]
    return _note(archive, HandoverKind.FOLDER, target, options, lambda: _listed(archive, there), without)


def provenance_to_note(archive: Archive, event_ids: Iterable[int]) -> Provenance | SfmError:
    """What an output with these events is made of, or why that cannot be told, which is no reason to have no output."""
    try:
        return provenance_of(archive, event_ids)
    except SfmError as error:
        return error


def note_output(
    archive: Archive,
    kind: HandoverKind,
    target: Path,
    options: dict[str, Any],
    listed: Sequence[HandedFile],
    made_of: Provenance | SfmError,
    *,
    kept: bytes = b"",
    without_file: Sequence[dict[str, Any]] = (),
) -> Noted:
    """Leave a record of what was written to the target, unless the newest one of this kind and target says the same.
    `kept`: the bytes of its one file, where no second making gives the same.

    An archive that is read-only, busy or full keeps none; the message says so. Raises Damaged where it is damaged:
    the output is written then.
    """
    in_order = sorted(listed, key=lambda file: file.path)
    if not in_order:
        return NOT_NOTED
    return _note(archive, kind, target, options, lambda: list(map(asdict, in_order)), without_file, made_of, kept)


def note_file(
    archive: Archive,
    kind: HandoverKind,
    target: Path,
    options: dict[str, Any],
    data: bytes,
    made_of: Provenance | SfmError,
    *,
    made: bool,
) -> Noted:
    """The same for one file with `data`, which is kept. `made`: it did not stand there before."""
    file = HandedFile(
        path=without_lone_surrogates(target.name), sha256=hashlib.sha256(data).hexdigest(), size=len(data), event_id=0,
        source=kind, revision=0, frames_sha256="", distribution=PRODUCT, distribution_version=__version__, made=made,
    )  # fmt: skip
    return note_output(archive, kind, target, options, (file,), made_of, kept=data)


def _note(
    archive: Archive,
    kind: HandoverKind,
    target: Path,
    options: dict[str, Any],
    listing: Callable[[], list[dict[str, Any]]],
    without_file: Sequence[dict[str, Any]],
    made_of: Provenance | SfmError | None = None,
    kept: bytes = b"",
) -> Noted:
    if archive.read_only:
        return Noted(message=f"no hand-over record was left: {archive.store.why_read_only}")
    try:
        if isinstance(made_of, SfmError):
            raise made_of
        listed, name = listing(), without_lone_surrogates(str(target))
        manifest = sums_sha256((one["path"], one["sha256"]) for one in listed)
        with archive.store.reading() as connection:
            newest = handovers.newest_to(connection, kind, name)
        if newest is not None and newest.manifest_sha256 == manifest:
            return Noted(number=newest.handover_id)
        whole = {
            "format": DOCUMENT_FORMAT,
            "version": DOCUMENT_VERSION,
            "files": listed,
            "without_file": list(without_file),
            "made_of": as_json(made_of or provenance_of(archive, ())),
        }
        document = _json(whole).encode("utf-8")
        if len(document) > MAX_LOGICAL_SIZE:
            return Noted(
                message=f"no hand-over record was left: {len(listed):,} files are more than this program notes in "
                "one; export by unit or time"
            )
        keeps = 0 < len(kept) <= LARGEST_KEPT
        row = HandoverRow(
            handover_id=0,
            at_utc=utc_now(),
            actor=archive.actor,
            kind=kind,
            target=name,
            options=_json(options),
            files=len(listed),
            manifest_sha256=manifest,
            record_sha256=hashlib.sha256(document).hexdigest(),
            kept_sha256=hashlib.sha256(kept).hexdigest() if keeps else "",
        )
        number = _keep(archive, row, document, kept if keeps else b"")
    except Damaged as error:
        raise Damaged(f"the files are written, but no hand-over record was left: {error}") from error
    except SfmError as error:
        # The files are there, and a report that says so is worth more than an error that does not.
        return Noted(message=f"the files are written, but no hand-over record was left: {error}. Make them again")
    beyond = len(kept) > LARGEST_KEPT
    why = f"{target} has {len(kept):,} bytes, more than are kept in an archive: its record has the hash alone"
    return Noted(number=number, new=True, kept=len(kept) if keeps else 0, message=why if beyond else "")


def _keep(archive: Archive, row: HandoverRow, document: bytes, kept: bytes) -> int:
    with archive.store.transaction() as connection:
        writing = Writing(connection, row.at_utc)
        number = handovers.insert(writing, row, document, kept)
        change = HandOver(handover=number, kind=row.kind, target=row.target, file_count=row.files)
        writing.note(change, row.actor)
    return number


def _listed(archive: Archive, there: Sequence[ExportItem]) -> list[dict[str, Any]]:
    nothing = Origin("", "", "", "")
    with archive.store.reading() as connection:
        origins = _origins(connection, there)
    listed = []
    for item in there:
        origin = origins.get(encoding_key(item.event_id, item.revision, item.source), nothing)
        # The fields of HandedFile: making one and taking it apart again would be a tenth of an export.
        listed.append(
            {
                "path": item.path,
                "sha256": item.sha256,
                "size": item.size,
                "event_id": item.event_id,
                "source": item.source,
                "revision": item.revision,
                "frames_sha256": origin.frames_sha256,
                "distribution": origin.distribution,
                "distribution_version": origin.distribution_version,
                "made": item.status in _MADE,
            }
        )
    return listed


def _origins(connection: Any, there: Iterable[ExportItem]) -> dict[Any, Origin]:
    keys = (encoding_key(item.event_id, item.revision, item.source) for item in there)
    return dict(handovers.origins(connection, (key for key in keys if key is not None)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
