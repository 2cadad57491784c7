"""A received file: its bytes, and what it was called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from sfm_archive.base.regular_files import open_file


class FileKind(StrEnum):
    """What a received file is."""

    EVENT_FILE = "event file"
    REPORT = "report"
    CAPTURE = "capture"
    PC_CAPTURE = "pc capture"
    SIDECAR = "sidecar"
    COPY = "copy of a report"


@dataclass(frozen=True, kw_only=True)
class ReceivedFile:
    """A file to keep byte for byte.

    `name` without folders, `folder` the name of the folder it lay in. `pairs_with`: the event file's name that a
    report's own name points to, upper case, or ''. A large file is given by its `path` instead of its `data`: it is
    then read a piece at a time.
    """

    kind: FileKind
    name: str
    data: bytes = b""
    folder: str = ""
    pairs_with: str = ""
    path: Path | None = None

    @cached_property
    def size(self) -> int:
        """Bytes of the content. Raises OSError."""
        return len(self.data) if self.path is None else self.path.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """Identity of the content. Raises OSError."""
        if self.path is None:
            return hashlib.sha256(self.data).hexdigest()
        with open_file(self.path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def pieces(self, size: int) -> Iterator[bytes]:
        """The content in pieces of at most `size` bytes, none of them empty. Raises OSError."""
        if self.path is None:
            yield from (self.data[start : start + size] for start in range(0, len(self.data), size))
            return
        with open_file(self.path) as file:
            while piece := file.read(size):
                yield piece
