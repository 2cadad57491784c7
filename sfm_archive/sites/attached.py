"""Files that statements rest on, such as certificates and logos: read from a disk, and from the archive again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sfm_archive.base.regular_files import read_file
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.errors import BadInput, Damaged, UsageError
from sfm_archive.sites.stating import Attached
from sfm_archive.storage import files


def attached_file(kind: str, path: Path, most: int) -> Attached:
    """A file as it is kept beside a statement. Raises NotFound, StorageFailed, UsageError for one that is empty or has
    more than `most` bytes."""
    from sfm_archive.analysing.checking import readable

    with readable(path, most):
        data = read_file(path)
    if not data:
        raise UsageError(f"{path} is empty; give the {kind} itself")
    if len(data) > most:
        raise UsageError(f"{path} has grown beyond {most:,} bytes; give the right file")
    return Attached(kind, without_lone_surrogates(path.name), data)


def attached_bytes(connection: Any, sha256: bytes, what: str) -> bytes:
    """The bytes of such a file as they were received. `what`: the archive and the file, for messages. Raises Damaged
    where they are not those that were kept."""
    found = files.content(connection, sha256.hex())
    if found is None:
        raise Damaged(f"{what} is missing; take it from a backup")
    try:
        data = b"".join(files.read_content(connection, found))
    except BadInput as error:
        raise Damaged(f"{what}: {error}. Take it from a backup") from error
    if hashlib.sha256(data).digest() != sha256:
        raise Damaged(f"{what} does not match its SHA-256; take it from a backup")
    return data
