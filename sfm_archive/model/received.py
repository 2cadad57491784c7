"""A received file: its bytes, and what it was called."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class FileKind(StrEnum):
    """What a received file is."""

    EVENT_FILE = "event file"
    REPORT = "report"
    CAPTURE = "capture"
    PC_CAPTURE = "pc capture"
    SIDECAR = "sidecar"


@dataclass(frozen=True, kw_only=True)
class ReceivedFile:
    """A file to keep byte for byte.

    `name` without folders, `folder` the name of the folder it lay in. `pairs_with`: the event file's name that a
    report's own name points to, upper case, or ''.
    """

    kind: FileKind
    name: str
    data: bytes
    folder: str = ""
    pairs_with: str = ""

    @cached_property
    def sha256(self) -> str:
        """Identity of the content."""
        return hashlib.sha256(self.data).hexdigest()
