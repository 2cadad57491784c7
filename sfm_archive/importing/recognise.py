"""What a file is, by its content: the built-in kinds in a fixed order, then what importers recognise."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from sfm_archive.archive.saving import checked_file_name
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.blastware.event_file import FILE_PREFIX
from sfm_archive.formats.blastware.link import holds_pc_frames, may_hold_replies
from sfm_archive.formats.blastware.names import is_event_file_name
from sfm_archive.formats.data_tables import is_data_table
from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE
from sfm_archive.formats.reports.blastware_text import is_own_text
from sfm_archive.formats.reports.dialects import dialect_of
from sfm_archive.model.findings import Finding
from sfm_archive.plugins.registry import RegisteredImporter

LARGEST_FILE = MAX_LOGICAL_SIZE
"""An archive keeps nothing larger, and no file of a unit comes near; a larger one is refused before it is read."""

_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
_SQLITE = b"SQLite format 3\x00"


class Kind(StrEnum):
    """What a file holds; the words stand in reports."""

    EVENT_FILE = "event file"
    FRAMES_SIDECAR = "frames sidecar"
    JSON_SIDECAR = "JSON sidecar"
    REPORT = "report"
    ARRAYS = "HDF5 arrays"
    OWN_TEXT = "text made by sfm-archive"
    OWN_TABLE = "table made by sfm-archive"
    IMPORTED = "file of an importer"
    PC_CAPTURE = "capture of the PC's side"
    MANIFEST = "manifest"
    UNUSABLE = "unusable"


_OPEN_TO_IMPORTERS = frozenset({Kind.MANIFEST, Kind.PC_CAPTURE, Kind.UNUSABLE})
"""What has no mark of its own in its bytes: importers are asked first."""


@dataclass(frozen=True)
class SourceFile:
    """A file that was read, and what it is.

    `problem` says why an unusable one is. `importer` reads a file that is of no built-in kind; `findings`: importers
    that failed when they were asked.
    """

    path: Path
    data: bytes
    kind: Kind
    problem: str = ""
    importer: RegisteredImporter | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def words(self) -> str:
        """What it is, as reports say it."""
        return self.kind.value if self.importer is None else self.importer.name.family

    @cached_property
    def sha256(self) -> str:
        """Identity of the bytes."""
        return sha256(self.data).hexdigest()


def read_source(path: Path) -> SourceFile:
    """Read and recognise one file. Never raises: a file that cannot be read is unusable, and says why."""
    try:
        checked_file_name(path.name)
        data = _read(path)
    except UsageError as error:
        return SourceFile(path, b"", Kind.UNUSABLE, str(error))
    except OSError as error:
        problem = f"the file cannot be read: {error.strerror or error}. Check its permissions and the medium"
        return SourceFile(path, b"", Kind.UNUSABLE, problem)
    kind, problem = recognise(data, path.name)
    return SourceFile(path, data, kind, problem)


def shown_to(importers: Sequence[RegisteredImporter], source: SourceFile) -> SourceFile:
    """The file with the first importer that recognises it, where it is of no built-in kind; else as it was.

    Never raises: an importer that fails is named, and the next one is asked.
    """
    if source.kind not in _OPEN_TO_IMPORTERS or not source.data or source.data.startswith(_SQLITE):
        return source
    failures: list[Finding] = []
    for importer in importers:
        try:
            if importer.recognise(source.data, source.path.name):
                return SourceFile(source.path, source.data, Kind.IMPORTED, "", importer, tuple(failures))
        except BadInput as error:
            failures.append(Finding(code="importer-failed", message=str(error)))
    if source.kind is not Kind.UNUSABLE or not failures:
        return source
    return replace(source, problem="; ".join([*(finding.message for finding in failures), source.problem]))


def _read(path: Path) -> bytes:
    """All bytes of a regular file that is not too large. Raises UsageError, OSError."""
    # What is opened is what is checked: a pipe that has taken the file's place since it was found must not hold us.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NEVER_WAIT)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UsageError("this is not a regular file; nothing was read from it")
        if status.st_size > LARGEST_FILE:
            raise UsageError(
                f"{status.st_size:,} bytes are more than any file of a seismograph has, and more than the "
                f"{LARGEST_FILE:,} that an archive keeps as one file; leave it out"
            )
        return file.read()


def recognise(data: bytes, name: str) -> tuple[Kind, str]:
    """Built-in kind of a file, and for an unusable one the reason. The name only chooses the words of a refusal,
    except for sidecars and manifests, whose content has no mark of its own."""
    lowered = name.lower()
    if not data:
        return Kind.UNUSABLE, "the file is empty; look for another copy of it"
    if data.startswith(FILE_PREFIX):
        # Whatever follows: old writers put frames into the file in the order in which they came.
        return Kind.EVENT_FILE, ""
    if data.startswith(_HDF5):
        return Kind.ARRAYS, ""
    if data.startswith(_SQLITE):
        return (
            Kind.UNUSABLE,
            "this is a SQLite database, which is not imported; sfm list and sfm export read an archive",
        )
    if lowered.endswith(".a5.pkl") or data.startswith(_PICKLES):
        return Kind.FRAMES_SIDECAR, ""
    if lowered.endswith(".sfm.json"):
        return Kind.JSON_SIDECAR, ""
    if dialect_of(data) is not None:
        # Taken as a report, what was assumed when it was made would come back as what a document tells.
        return (Kind.OWN_TEXT if is_own_text(data) else Kind.REPORT), ""
    if is_data_table(data):
        return Kind.OWN_TABLE, ""
    if name == "SHA256SUMS":
        return Kind.MANIFEST, ""
    if lowered.startswith(("raw_bw_", "raw_tx_")) and holds_pc_frames(data):
        return Kind.PC_CAPTURE, ""
    return Kind.UNUSABLE, _reason(data, name)


def _reason(data: bytes, name: str) -> str:
    lowered = name.lower()
    if may_hold_replies(data):
        return (
            "this looks like a raw capture of a unit, and no plug-in that is loaded reads it; sfm plugins shows what "
            "was loaded (sfm-archive comes with the importer capture@1)"
        )
    if is_event_file_name(name):
        return "it is named like a Blastware event file but does not begin like one; look for another copy of it"
    if lowered.endswith((".idfw", ".idfh")):
        return "this is a Micromate (Series IV) event file, which this version does not read; keep it where it is"
    if lowered.startswith("raw_"):
        return "no whole reply of a unit is in this capture; download again"
    if lowered.endswith(".txt"):
        return "this is not a Blastware report: its header lines are missing"
    if lowered.endswith(".csv"):
        return (
            'this is no CSV of THOR: the lines "Key","Value" with the key "Channel" are missing; tables of other '
            "programs are not imported, leave it out"
        )
    return f"not recognised: {len(data)} bytes that are no event file, sidecar, report or capture; leave it out"
