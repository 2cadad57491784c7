"""What a file is, by its content: the formats of the core in a fixed order, then what importers (plug-ins) recognise.

Only this module says which kinds of file an import knows without a plug-in: event files, the older store's sidecars,
reports in both dialects, the PC's side of a download, and what is left out. Raw captures of a unit and everything else
come through the hook `sfm_importers`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sfm_archive.archive.saving import LARGEST_KEPT_FILE, checked_file_name
from sfm_archive.base.regular_files import open_file
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.blastware.event_file import FILE_PREFIX, MONITOR_LOG_TAG
from sfm_archive.formats.blastware.link import holds_pc_frames, may_hold_replies
from sfm_archive.formats.blastware.names import is_event_file_name
from sfm_archive.formats.data_tables import is_data_table
from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE
from sfm_archive.formats.micromate.event_file import is_micromate_file
from sfm_archive.formats.micromate.names import event_named
from sfm_archive.formats.reports.blastware_text import is_own_text
from sfm_archive.formats.reports.dialects import dialect_of
from sfm_archive.formats.reports.lines import CR_ALONE, ends_lines_with_cr
from sfm_archive.formats.reports.received_text import HEAD_SIZE, ReceivedText
from sfm_archive.importing.bundles import base_name
from sfm_archive.model.findings import Finding
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.plugins.registry import RegisteredImporter

LARGEST_FILE = MAX_LOGICAL_SIZE
"""Bytes of a file that is read whole. No file of a unit comes near; a larger one is refused before it is read."""

LARGE_TEXT = 4 * 1024 * 1024
"""From here on a report is read a block at a time; so large is that of a minute and a half at 1024 sps."""

_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
_SQLITE = b"SQLite format 3\x00"


_MARKED_WITHIN = 64 * 1024


class SourceKind(StrEnum):
    """What a file holds; the words stand in reports."""

    EVENT_FILE = "event file"
    MICROMATE_FILE = "Micromate event file"
    MONITOR_LOG = "monitor log"
    FRAMES_SIDECAR = "frames sidecar"
    JSON_SIDECAR = "JSON sidecar"
    REPORT = "report"
    COPY = "copy of a report"
    ARRAYS = "HDF5 arrays"
    OWN_TEXT = "text made by sfm-archive"
    OWN_TABLE = "table made by sfm-archive"
    IMPORTED = "file of an importer"
    PC_CAPTURE = "capture of the PC's side"
    MANIFEST = "manifest"
    UNUSABLE = "unusable"


DOCUMENT_KINDS = {
    FileKind.REPORT: SourceKind.REPORT,
    FileKind.SIDECAR: SourceKind.JSON_SIDECAR,
    FileKind.COPY: SourceKind.COPY,
}
"""Files that describe an event and are kept beside it: as the archive keeps them, and as they are recognised."""

PLACED = frozenset({*DOCUMENT_KINDS.values(), SourceKind.MICROMATE_FILE})
"""Kinds that go to the event that they, or their names, tell of, when all other events are in."""

LEFT_OUT = {
    SourceKind.ARRAYS: "arrays are computed again from the frames; the file is not kept",
    SourceKind.OWN_TEXT: "sfm-archive wrote this text from decoded samples, so it is no independent record of its "
    "event; the file is not kept. Import the event, or the text that Blastware exports",
    SourceKind.OWN_TABLE: "sfm-archive wrote this table beside exported data; an archive holds everything in it",
    SourceKind.MANIFEST: "a list of hashes without data of an event",
}
"""Kinds that are recognised and not kept on purpose, each with the reason."""

_KEPT_AS = {
    **{source: kept for kept, source in DOCUMENT_KINDS.items()},
    SourceKind.EVENT_FILE: FileKind.EVENT_FILE,
    SourceKind.MICROMATE_FILE: FileKind.EVENT_FILE,
    SourceKind.MONITOR_LOG: FileKind.EVENT_FILE,
    SourceKind.IMPORTED: FileKind.CAPTURE,
    SourceKind.PC_CAPTURE: FileKind.PC_CAPTURE,
}

_OPEN_TO_IMPORTERS = frozenset({SourceKind.MANIFEST, SourceKind.PC_CAPTURE, SourceKind.UNUSABLE})
"""What has no mark of its own in its bytes: importers are asked first."""


@dataclass(frozen=True)
class FoundFile:
    """A file that was read, and what it is.

    `problem` says why an unusable one is. `pieces`: gives the bytes of a report that is not held, `data` is its
    beginning then. `importer` reads a file that is of no kind of the core; `findings`: importers that failed when they
    were asked.
    """

    path: Path
    data: bytes
    kind: SourceKind
    problem: str = ""
    importer: RegisteredImporter | None = None
    findings: tuple[Finding, ...] = ()
    pieces: Callable[[], Iterable[bytes]] | None = None

    @property
    def words(self) -> str:
        """What it is, as reports say it."""
        return self.kind.value if self.importer is None else self.importer.name.family

    @cached_property
    def sha256(self) -> str:
        """Identity of the bytes. Raises OSError where a report is not held."""
        return sha256(self.data).hexdigest() if self.pieces is None else self.text.sha256()

    @cached_property
    def text(self) -> ReceivedText:
        """The bytes as a report's readers take them. Raises OSError where they are not held."""
        return ReceivedText.of(self.data) if self.pieces is None else ReceivedText(self.pieces)

    @property
    def is_monitor_log(self) -> bool:
        """Whether it is a monitor log (`.MLG`) of a MiniMate, by its type tag."""
        return self.kind is SourceKind.EVENT_FILE and self.data.startswith(MONITOR_LOG_TAG, len(FILE_PREFIX))

    @cached_property
    def received(self) -> ReceivedFile:
        """The file as an archive keeps it, where its kind is one that is kept; one object, which hashes it once for
        all of its events."""
        kind, name = _KEPT_AS[self.kind], self.path.name
        pairs_with = base_name(name) if self.kind in PLACED else ""
        return ReceivedFile(
            kind=kind,
            name=name,
            data=self.data if self.pieces is None else b"",
            path=None if self.pieces is None else self.path,
            folder=self.path.parent.name,
            pairs_with=pairs_with,
        )


def read_file(path: Path, importers: Sequence[RegisteredImporter] = ()) -> FoundFile:
    """Read and recognise one file. Never raises: a file that cannot be read is unusable, and says why."""
    try:
        checked_file_name(path.name)
        data, pieces = _read(path)
    except UsageError as error:
        return FoundFile(path, b"", SourceKind.UNUSABLE, str(error))
    except OSError as error:
        problem = f"the file cannot be read: {error.strerror or error}. Check its permissions and the medium"
        return FoundFile(path, b"", SourceKind.UNUSABLE, problem)
    kind, problem = recognise(data, path.name)
    found = FoundFile(path, data, kind, problem, pieces=pieces)
    if kind not in _OPEN_TO_IMPORTERS or not data or data.startswith(_SQLITE):
        return found
    return _shown_to(importers, found)


def _shown_to(importers: Sequence[RegisteredImporter], found: FoundFile) -> FoundFile:
    """The file with the first importer that recognises it; one that fails is named, and the next one is asked."""
    failures: list[Finding] = []
    for importer in importers:
        try:
            if importer.recognise(found.data, found.path.name):
                return replace(found, kind=SourceKind.IMPORTED, problem="", importer=importer, findings=tuple(failures))
        except BadInput as error:
            failures.append(Finding(code="importer-failed", message=str(error)))
    reasons = [finding.message for finding in failures]
    return replace(found, problem="; ".join([*reasons, found.problem])) if reasons else found


def _read(path: Path) -> tuple[bytes, Callable[[], Iterable[bytes]] | None]:
    """All bytes of a regular file that is not too large; of a large report the beginning, and what gives its bytes.

    Raises UsageError, OSError.
    """
    with open_file(path) as file:
        status = os.fstat(file.fileno())
        head = _some(file, HEAD_SIZE)
        most = LARGEST_FILE if dialect_of(head) is None else LARGEST_KEPT_FILE
        if status.st_size > most:
            raise UsageError(
                f"{status.st_size:,} bytes, and this program reads up to {most:,} of such a file; leave it out"
            )
        if status.st_size > LARGE_TEXT and most == LARGEST_KEPT_FILE:
            return head, ReceivedText.in_file(path).pieces
        # The system's own files say that they have no bytes, and can have any number.
        data = head + _some(file, most - len(head) + 1)
        if len(data) > most:
            raise UsageError(f"more than {most:,} bytes come from it, the most that this program reads; leave it out")
        return data, None


def _some(file: BinaryIO, size: int) -> bytes:
    data: bytes | None = file.read(size)
    if data is None:
        raise UsageError("nothing can be read from it now; it is a file of the system itself, leave it out")
    return data


def recognise(data: bytes, name: str) -> tuple[SourceKind, str]:
    """Kind of a file among those of the core, and for an unusable one the reason. The name only chooses the words of a
    refusal, except for sidecars, manifests and monitor logs of a Micromate, whose content has no mark of its own."""
    lowered = name.lower()
    if not data:
        return SourceKind.UNUSABLE, "the file is empty; look for another copy of it"
    if data.startswith(FILE_PREFIX):
        # Whatever follows: old writers put frames into the file in the order in which they came.
        return SourceKind.EVENT_FILE, ""
    if is_monitor_log_name(name) and _has_no_mark(data):
        return SourceKind.MONITOR_LOG, ""
    if is_micromate_file(data):
        return SourceKind.MICROMATE_FILE, ""
    if data.startswith(_HDF5):
        return SourceKind.ARRAYS, ""
    if data.startswith(_SQLITE):
        return (
            SourceKind.UNUSABLE,
            "this is a SQLite database, which is not imported; sfm merge takes all of another archive over",
        )
    if lowered.endswith(".a5.pkl") or data.startswith(_PICKLES):
        return SourceKind.FRAMES_SIDECAR, ""
    if lowered.endswith(".sfm.json"):
        return SourceKind.JSON_SIDECAR, ""
    if dialect_of(data) is not None:
        # Taken as a report, what was assumed when it was made would come back as what a document states.
        return (SourceKind.OWN_TEXT if is_own_text(data) else SourceKind.REPORT), ""
    if _is_marked_up(data) and event_named(without_copy_mark(name)) is not None:
        return SourceKind.COPY, ""
    if is_data_table(data):
        return SourceKind.OWN_TABLE, ""
    if name == "SHA256SUMS":
        return SourceKind.MANIFEST, ""
    if lowered.startswith(("raw_bw_", "raw_tx_")) and holds_pc_frames(data):
        return SourceKind.PC_CAPTURE, ""
    return SourceKind.UNUSABLE, _reason(data, name)


def is_monitor_log_name(name: str) -> bool:
    """Whether a unit or THOR would call a monitor log so."""
    return without_copy_mark(name).lower().endswith(".mlg")


def _has_no_mark(data: bytes) -> bool:
    """Whether nothing in the bytes tells that they are another kind of file under a monitor log's name."""
    marked = data.startswith((_HDF5, _SQLITE, *_PICKLES)) or _is_marked_up(data)
    return not marked and dialect_of(data) is None


def _is_marked_up(data: bytes) -> bool:
    """Whether it begins as a PDF, an HTML page or an XML document."""
    head = data[:_MARKED_WITHIN].removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    return head.startswith((b"%pdf-", b"<!doctype html", b"<html", b"<?xml"))


def _reason(data: bytes, name: str) -> str:
    lowered = name.lower()
    if may_hold_replies(data):
        return (
            "this looks like a raw capture of a unit, and no plug-in that is loaded reads it; sfm plugins shows what "
            "was loaded (sfm-archive comes with the importer capture@1)"
        )
    head = data[:_MARKED_WITHIN]
    if b"\0" in head and dialect_of(head.replace(b"\0", b"")) is not None:
        return "this seems to be a report in UTF-16 without a byte-order mark; save it as UTF-8"
    if ends_lines_with_cr(head) and dialect_of(head.replace(b"\r", b"\n")) is not None:
        return f"a report: {CR_ALONE}"
    if is_event_file_name(name):
        return "it is named like a Blastware event file but does not begin like one; look for another copy of it"
    if lowered.endswith((".idfw", ".idfh")):
        return "it is named like a Micromate's event file but does not begin like one; look for another copy of it"
    if lowered.startswith("raw_"):
        return "no whole reply of a unit is in this capture; download again"
    if lowered.endswith(".txt"):
        return "this is not a Blastware report: its header lines are missing"
    if lowered.endswith(".csv"):
        return (
            'this is not a CSV of THOR: the lines "Key","Value" with the key "Channel" are missing; tables of other '
            "programs are not imported, leave it out"
        )
    return f"not recognised: {len(data)} bytes that are no event file, sidecar, report or capture; leave it out"
