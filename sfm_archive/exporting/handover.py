"""Hand-over records: what was sent, to be answered for later. A folder of event files can be made again and proved
equal; of a report the file itself is kept, since no second drawing has the same bytes; of data the hashes are.

A record is a row (when, who, what, where to, what was asked for) and a JSON document with every file, and what it was
made of. The document is content like a received file: compressed, and known by its hash. docs/format.md, "Hand-overs",
describes it. `noting` leaves records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.archive.provenance import Provenance
from sfm_archive.base.json_records import from_json, json_value
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import BadInput, Damaged, NotFound
from sfm_archive.exporting.content import RECEIVED
from sfm_archive.model.encoders import parse_encoder_name
from sfm_archive.storage import files, handovers, same_events
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.handovers import HandoverRow

_EVENT = re.compile(rb'"event_id":([0-9]{1,19}),')
"""What a document says of each event, as `noting` writes it: keys sorted, no blanks."""

_MOST_UNPACKED = 256 * 1024 * 1024
"""Bytes of documents that one event is looked for in: a quarter of a second, or a thousand exports of a thousand files.
"""


class HandoverKind(StrEnum):
    """What was handed over."""

    FOLDER = "folder"
    """Event files, by `sfm export`."""
    REPORT = "report"
    """Pages of events, by `sfm report`."""
    JOB_REPORT = "job report"
    """A job's report of a period, by `sfm job report -o`."""
    ATTENUATION = "attenuation"
    """A picture of how peaks fall with distance, by `sfm attenuation -o`."""
    DATA = "data"
    """Samples and numbers, by `sfm export-data`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedFile:
    """One file of a hand-over.

    `path` is relative to the folder, with forward slashes. `event_id`: 0 for a file of several events, such as a report
    or a table. `source`: `received`, or the encoder that made it of the frames `revision` with the hash
    `frames_sha256`; `distribution` and its version are the package that the encoder was first recorded with. For
    received files these are 0 and ''. Of data `source` is the exporter, of a report the kind of hand-over. `made`: the
    bytes were made (or taken from the archive) and written then; otherwise an equal file stood there.
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
    `SHA256SUMS` has over all of them, whether it was written or not. `kept_sha256`: of its one file, whose bytes are
    kept, '' where none are.
    """

    number: int
    at_utc: str
    actor: str
    kind: HandoverKind
    target: str
    options: dict[str, Any]
    files: int
    manifest_sha256: str
    record_sha256: str
    kept_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile(HandedFile):
    """One file of a hand-over, and when its encoder first made it (UTC); None for a received one."""

    first_made_at_utc: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeHandover(Handover):
    """A record with its files, in the order of paths. `made_of`: the archive as it was read, and, of what is no folder
    of event files, each event with what was used of it. `history_head` is the head before this record."""

    list: tuple[ListedFile, ...]
    made_of: Provenance


class FoundHandovers(NamedTuple):
    """Those that were asked for; and numbers of records that cannot be read, so that nobody knows whether they are."""

    handovers: list[Handover]
    unreadable: list[int]


def list_handovers(archive: Archive) -> list[Handover]:
    """Every record, oldest first."""
    with archive.store.reading() as connection:
        return [_handover(archive, row) for row in handovers.all_rows(connection)]


def find_handovers(
    archive: Archive,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    event: int | str | None = None,
    job: str | None = None,
) -> FoundHandovers:
    """The records from `since` on and before `until`, both UTC; with `event`, by id or file name, those in which that
    event was sent; with `job`, by name or number, those of that job and all others with an event that was, or may have
    been, recorded at its points. Raises EventNotFound, NotFound, UsageError for a name that several events share."""
    first, behind = (None if one is None else one.isoformat() for one in (since, until))
    found = [
        one
        for one in list_handovers(archive)
        if (first is None or one.at_utc >= first) and (behind is None or one.at_utc < behind)
    ]
    unreadable: set[int] = set()
    if job is not None:
        from sfm_archive.sites.jobs import events_of_points, job_named, points_of

        with archive.store.settled() as connection:
            number = job_named(archive, connection, job).number
            at_points = events_of_points(connection, {point.number for point in points_of(connection, number)})
        paths = _paths_in(archive, [one for one in found if one.options.get("job") != number], at_points)
        found = [one for one in found if one.options.get("job") == number or paths.get(one.number)]
        unreadable |= {number for number, of_events in paths.items() if of_events is None}
    if event is not None:
        paths = _paths_in(archive, found, ids_of_event(archive, archive.find(str(event)).event_id))
        found = [one for one in found if paths.get(one.number)]
        unreadable |= {number for number, of_events in paths.items() if of_events is None}
    return FoundHandovers(found, sorted(unreadable))


def ids_of_event(archive: Archive, event_id: int) -> list[int]:
    """Every id under which an event may stand in a record: its own, and those of events that are the same."""
    with archive.store.reading() as connection:
        return [event_id, *(one.was_event for one in same_events.that_are(connection, event_id))]


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
    return _read(archive, handover)[0]


def kept_bytes(archive: Archive, number: int) -> bytes:
    """The file that was handed over, byte for byte. Raises NotFound where none is kept, Damaged where it does not hash
    as it did."""
    handover = find_handover(archive, number)
    if not handover.kept_sha256:
        again = command_line("sfm", "export", archive.path, "FOLDER", "--like", str(number))
        way = f"{again} makes the folder again" if handover.kind is HandoverKind.FOLDER else "its record has the hashes"
        raise NotFound(f"{archive.path}: hand-over {number} ({handover.kind}) has no file that is kept; {way}")
    data = _content(archive, handover, handover.kept_sha256, "its file")
    if hashlib.sha256(data).hexdigest() != handover.kept_sha256:
        raise _unreadable(archive, handover, "its file does not match its SHA-256")
    return data


def _read(archive: Archive, handover: Handover) -> tuple[tuple[HandedFile, ...], Provenance]:
    """Raises Damaged where it does not read or hash as it was written."""
    try:
        plain = json_value(_sound(archive, handover, _unpacked(archive, handover)))
        if lost := handovers.lost_of(plain):
            reason = f"its document (SHA-256 {lost}), which lists the files, was lost before this archive was salvaged"
            raise _unreadable(archive, handover, reason)
        found = tuple(_handed_file(one) for one in plain["files"])
        made_of = from_json(Provenance, plain["made_of"])
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(archive, handover, str(error)) from error
    if sums_sha256((file.path, file.sha256) for file in found) != handover.manifest_sha256:
        raise _unreadable(archive, handover, "its files do not give the manifest that it was recorded with")
    return found, made_of


def first_made(archive: Archive, listed: Sequence[HandedFile]) -> list[str]:
    """For each file, when its encoder first made it (UTC); '' for received files and where it is not known."""
    keys = [encoding_key(file.event_id, file.revision, file.source) for file in listed]
    with archive.store.reading() as connection:
        found = handovers.origins(connection, (key for key in keys if key is not None))
    return [found[key].encoded_at_utc if key in found else "" for key in keys]


def whole_handover(archive: Archive, number: int) -> WholeHandover:
    """One record with its files. Raises NotFound, Damaged."""
    handover = find_handover(archive, number)
    listed, made_of = _read(archive, handover)
    whole = tuple(
        ListedFile(**asdict(file), first_made_at_utc=moment or None)
        for file, moment in zip(listed, first_made(archive, listed), strict=True)
    )
    return WholeHandover(**asdict(handover), list=whole, made_of=made_of)


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
        if handover.kind is not HandoverKind.FOLDER:
            continue
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
    return _paths_in(archive, list_handovers(archive), event_ids)


def _paths_in(archive: Archive, among: Iterable[Handover], event_ids: Collection[int]) -> dict[int, list[str] | None]:
    """Files of one of these events; where it has none of its own, those of several events that it is in."""
    wanted = frozenset(event_ids)
    found: dict[int, list[str] | None] = {}
    for handover in among:
        try:
            document = _unpacked(archive, handover)
            if wanted.isdisjoint(map(int, _EVENT.findall(document))):
                continue
            listed, made_of = _read(archive, handover)
        except Damaged:
            found[handover.number] = None
            continue
        own = [file.path for file in listed if file.event_id in wanted]
        if not own and any(event.event_id in wanted for event in made_of.events):
            own = [file.path for file in listed if not file.event_id]
        if own:
            found[handover.number] = own
    return found


def encoding_key(event_id: int, revision: int, source: str) -> tuple[int, int, str, int] | None:
    """The row of `encoding` that says more of a file; None for one that no encoder made."""
    return None if not revision or source == RECEIVED else (event_id, revision, *parse_encoder_name(source))


def sums_sha256(files: Iterable[tuple[str, str]]) -> str:
    """The SHA-256 of what `SHA256SUMS` says of files, by path and hash, in the order of paths."""
    sums = "".join(f"{sha256} *{path}\n" for path, sha256 in files)
    return hashlib.sha256(sums.encode("utf-8", "replace")).hexdigest()


def _handover(archive: Archive, row: HandoverRow) -> Handover:
    what = f"{archive.path}: hand-over {row.handover_id}"
    options = read_as(json_value, row.options, f"{what}: its options")
    return Handover(
        number=row.handover_id,
        at_utc=row.at_utc,
        actor=row.actor,
        kind=read_as(HandoverKind, row.kind, f"{what}: its kind"),
        target=row.target,
        options=options if isinstance(options, dict) else {},
        files=row.files,
        manifest_sha256=row.manifest_sha256,
        record_sha256=row.record_sha256,
        kept_sha256=row.kept_sha256,
    )


def _unpacked(archive: Archive, handover: Handover) -> bytes:
    return _content(archive, handover, handover.record_sha256, "its document")


def _content(archive: Archive, handover: Handover, sha256: str, what: str) -> bytes:
    try:
        with archive.store.reading() as connection:
            stored = files.content(connection, sha256)
            if stored is None:
                raise _unreadable(archive, handover, f"{what} is missing")
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
