"""Hand-over records: what an export left in a folder, kept so that the folder can be made again and proved equal.

A record is a row (when, who, where to, what was asked for) and a JSON document with every file. The document is content
like a received file: compressed, and known by its hash. docs/format.md, "Hand-overs", describes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.base.json_records import json_value
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.errors import BadInput, Busy, Damaged, NotFound
from sfm_archive.exporting.content import RECEIVED
from sfm_archive.exporting.manifest import manifest_text
from sfm_archive.exporting.report import NOT_NOTED, PROBLEMS, ExportItem, ExportStatus, Noted
from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.storage import files, handovers
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.changes import HandOverFolder
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.handovers import HandoverRow, Origin
from sfm_archive.storage.writing import Writing

DOCUMENT_FORMAT = "sfm-archive hand-over"
DOCUMENT_VERSION = 1

_MOST_UNPACKED = 256 * 1024 * 1024
"""Bytes of documents that one event is looked for in: a quarter of a second, or a thousand exports of a thousand files.
"""

_MADE = frozenset({ExportStatus.WRITTEN, ExportStatus.REPLACED})


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedFile:
    """One file of a hand-over.

    `path` is relative to the folder, with forward slashes. `source`: `received`, or the encoder that made it of the
    frames `revision` with the hash `frames_sha256`; `distribution` and its version are the package that the encoder was
    first recorded with. For received files these are 0 and ''. `made`: the bytes were made (or taken from the archive)
    and written then; otherwise an equal file stood there.
    """

    path: str
    sha256: str
    size: int
    event_id: int
    source: str
    revision: int
    frames_sha256: str
    distribution: str
    distribution_version: str
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One record. `options` is what was asked for; `files` how many files; `manifest_sha256` the hash of the text that
    `SHA256SUMS` has over all of them, whether it was written or not.
    """

    number: int
    at_utc: str
    actor: str
    target: str
    options: dict[str, Any]
    files: int
    manifest_sha256: str
    record_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile(HandedFile):
    """One file of a hand-over, and when its encoder first made it (UTC); None for a received one."""

    first_made_at_utc: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeHandover(Handover):
    """A record with its files, in the order of paths."""

    list: tuple[ListedFile, ...]


def note_handover(archive: Archive, target: Path, options: dict[str, Any], items: Sequence[ExportItem]) -> Noted:
    """Leave a record of the files that stand in the target now, unless the newest one of this target says the same.

    An archive that is read-only or busy keeps none; the message says so. Raises StorageFailed.
    """
    there = sorted((item for item in items if item.status not in PROBLEMS), key=lambda item: item.path)
    if not there:
        return NOT_NOTED
    if archive.read_only:
        return Noted(message=f"no hand-over record was left: {archive.store.why_read_only}")
    name = without_lone_surrogates(str(target))
    manifest = hashlib.sha256(manifest_text(there).encode("utf-8")).hexdigest()
    with archive.store.reading() as connection:
        newest = handovers.newest_to(connection, name)
        if newest is not None and newest.manifest_sha256 == manifest:
            return Noted(number=newest.handover_id)
        document = _document(there, _origins(connection, there), items)
    if len(document) > MAX_LOGICAL_SIZE:
        return Noted(
            message=f"no hand-over record was left: {len(there):,} files are more than this program notes in "
            "one; export by unit or time"
        )
    row = HandoverRow(
        handover_id=0,
        at_utc=utc_now(),
        actor=archive.actor,
        target=name,
        options=_json(options),
        files=len(there),
        manifest_sha256=manifest,
        record_sha256=hashlib.sha256(document).hexdigest(),
    )
    try:
        return Noted(number=_keep(archive, row, document), new=True)
    except Busy as error:
        # The files are there, and a report that says so is worth more than an error that does not.
        return Noted(message=f"the files are written, but no hand-over record was left: {error}. Export again")


def _keep(archive: Archive, row: HandoverRow, document: bytes) -> int:
    with archive.store.transaction() as connection:
        writing = Writing(connection, row.at_utc)
        number = handovers.insert(writing, row, document)
        writing.note(HandOverFolder(handover=number, target=row.target, file_count=row.files), row.actor)
    return number


def list_handovers(archive: Archive) -> list[Handover]:
    with archive.store.reading() as connection:
        return [_handover(archive, row) for row in handovers.all_rows(connection)]


def find_handover(archive: Archive, number: int) -> Handover:
    """One record. Raises NotFound."""
    with archive.store.reading() as connection:
        row = handovers.read(connection, number) if 0 < number < 1 << 63 else None
    if row is None:
        listing = command_line("sfm", "handovers", archive.path)
        raise NotFound(f"{archive.path} has no hand-over {number}; {listing} lists them")
    return _handover(archive, row)


def handed_files(archive: Archive, handover: Handover) -> tuple[HandedFile, ...]:
    """The files of a record, in the order of paths. Raises Damaged where it does not read or hash as it was written."""
    try:
        listed = json_value(_document_of(archive, handover))["files"]
        found = tuple(_handed_file(one) for one in listed)
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(archive, handover, str(error)) from error
    sums = "".join(f"{file.sha256} *{file.path}\n" for file in found)
    if hashlib.sha256(sums.encode("utf-8", "replace")).hexdigest() != handover.manifest_sha256:
        raise _unreadable(archive, handover, "its files do not give the manifest that it was recorded with")
    return found


def first_made(archive: Archive, listed: Sequence[HandedFile]) -> list[str]:
    """For each file, when its encoder first made it (UTC); '' for received files and where it is not known."""
    keys = [_key(file.event_id, file.revision, file.source) for file in listed]
    with archive.store.reading() as connection:
        found = handovers.origins(connection, (key for key in keys if key is not None))
    return [found[key].encoded_at_utc if key in found else "" for key in keys]


def whole_handover(archive: Archive, number: int) -> WholeHandover:
    """One record with its files. Raises NotFound, Damaged."""
    handover = find_handover(archive, number)
    listed = handed_files(archive, handover)
    whole = tuple(
        ListedFile(**asdict(file), first_made_at_utc=moment or None)
        for file, moment in zip(listed, first_made(archive, listed), strict=True)
    )
    return WholeHandover(**asdict(handover), list=whole)


def last_made(archive: Archive, event_id: int) -> dict[tuple[int, str], Handover]:
    """For each revision and encoder of an event: the newest hand-over that says the file was made again then.

    Records are looked through from the newest on, as far back as _MOST_UNPACKED reaches: each is a document of all the
    files of its folder. One that cannot be read is passed over: `sfm verify` names it.
    """
    found: dict[tuple[int, str], Handover] = {}
    wanted = {(row.revision, str(row.encoder)) for row in archive.encodings(event_id) if row.encoded}
    # As `_json` writes it: keys sorted, no blanks. A quotation mark inside of a text has a backslash before it.
    made = re.compile(rb'"event_id":%d,"frames_sha256":"[0-9a-f]*","made":true,' % event_id)
    left = _MOST_UNPACKED
    for handover in reversed(list_handovers(archive)):
        if found.keys() >= wanted or left <= 0:
            break
        try:
            document = _unpacked(archive, handover)
            left -= len(document)
            if made.search(document) is None:
                continue
            listed = json_value(_sound(archive, handover, document))["files"]
            files_of_event = [_handed_file(one) for one in listed if one["event_id"] == event_id]
        except (Damaged, ValueError, TypeError, KeyError):
            continue
        for file in files_of_event:
            if file.made and file.source != RECEIVED:
                found.setdefault((file.revision, file.source), handover)
    return found


def paths_handed(archive: Archive, event_ids: Collection[int]) -> dict[int, list[str] | None]:
    """By number of the hand-over, the paths under which an event, by each of its ids, was handed over; None for one
    whose record cannot be read, so that nobody knows."""
    listed = [b'"event_id":%d,' % event_id for event_id in event_ids]
    found: dict[int, list[str] | None] = {}
    for handover in list_handovers(archive):
        try:
            document = _unpacked(archive, handover)
            if any(one in document for one in listed):
                files_of_event = (file for file in handed_files(archive, handover) if file.event_id in event_ids)
                found[handover.number] = [file.path for file in files_of_event]
        except Damaged:
            found[handover.number] = None
    return {number: paths for number, paths in found.items() if paths != []}


def _document(there: Sequence[ExportItem], origins: dict[Any, Origin], items: Iterable[ExportItem]) -> bytes:
    nothing = Origin("", "", "", "")
    listed = []
    for item in there:
        origin = origins.get(_key(item.event_id, item.revision, item.source), nothing)
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
    without = [{"event_id": item.event_id, "status": item.status.value} for item in items if item.status in PROBLEMS]
    whole = {"format": DOCUMENT_FORMAT, "version": DOCUMENT_VERSION, "files": listed, "without_file": without}
    return _json(whole).encode("utf-8")


def _origins(connection: Any, there: Iterable[ExportItem]) -> dict[Any, Origin]:
    keys = (_key(item.event_id, item.revision, item.source) for item in there)
    return dict(handovers.origins(connection, (key for key in keys if key is not None)))


def _key(event_id: int, revision: int, source: str) -> tuple[int, int, str, int] | None:
    return None if source == RECEIVED else (event_id, revision, *parse_encoder_name(source))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _handover(archive: Archive, row: HandoverRow) -> Handover:
    options = read_as(json_value, row.options, f"{archive.path}: hand-over {row.handover_id}: its options")
    return Handover(
        number=row.handover_id,
        at_utc=row.at_utc,
        actor=row.actor,
        target=row.target,
        options=options if isinstance(options, dict) else {},
        files=row.files,
        manifest_sha256=row.manifest_sha256,
        record_sha256=row.record_sha256,
    )


def _document_of(archive: Archive, handover: Handover) -> bytes:
    return _sound(archive, handover, _unpacked(archive, handover))


def _unpacked(archive: Archive, handover: Handover) -> bytes:
    try:
        with archive.store.reading() as connection:
            stored = files.content(connection, handover.record_sha256)
            if stored is None:
                raise _unreadable(archive, handover, "its document is missing")
            return b"".join(files.read_content(connection, stored))
    except BadInput as error:
        raise _unreadable(archive, handover, str(error)) from error


def _sound(archive: Archive, handover: Handover, document: bytes) -> bytes:
    if hashlib.sha256(document).hexdigest() != handover.record_sha256:
        raise _unreadable(archive, handover, "its document does not match its SHA-256")
    return document


_TYPES = HandedFile.__annotations__


def _handed_file(plain: dict[str, Any]) -> HandedFile:
    """Raises KeyError, TypeError for what no record says."""
    values = {name: plain[name] for name in _TYPES}
    for name, value in values.items():
        if type(value).__name__ != _TYPES[name]:
            raise TypeError(f"{name} is {value!r:.40}")
    return HandedFile(**values)


def _unreadable(archive: Archive, handover: Handover, reason: str) -> Damaged:
    return Damaged(
        f"{archive.path}: hand-over {handover.number}: {reason}. Events and frames are not touched by this; take the "
        "record from a backup"
    )
