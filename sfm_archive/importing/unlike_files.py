"""Event files of one event with other bytes, where no decoder can tell which of them counts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import combinations

from sfm_archive.archive import Archive
from sfm_archive.base.texts import without_copy_mark
from sfm_archive.errors import Damaged
from sfm_archive.formats.micromate.names import micromate_name
from sfm_archive.model.findings import Finding
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.storage.files import FileRow


def unlike_files(archive: Archive, files: Iterable[FileRow | ReceivedFile]) -> tuple[Finding, ...]:
    """A finding for each two Micromates' event files among the files of an event with other bytes, the same whichever
    came first; of damaged ones none."""
    found: dict[str, tuple[str, bytes]] = {}
    for file in files:
        name = without_copy_mark(file.name)
        if file.kind == FileKind.EVENT_FILE and micromate_name(name) is not None:
            with suppress(Damaged):
                data = archive.file_bytes(file) if isinstance(file, FileRow) else b"".join(file.pieces(1 << 20))
                found.setdefault(file.sha256, (name, data))
    ordered = [found[sha256] for sha256 in sorted(found, key=lambda one: (-len(found[one][1]), one))]
    return tuple(_unlike(*longer, *other) for longer, other in combinations(ordered, 2))


def _unlike(longer: str, data: bytes, name: str, other: bytes) -> Finding:
    begins = data.startswith(other)
    told = "the second is only the beginning of the first" if begins else "they are unlike"
    message = (
        f"{longer} ({len(data):,} bytes) and {name} ({len(other):,} bytes) were received as the event file of this "
        f"event: {told}. Both are kept, and the longest is exported; copy it from the unit again to see which is whole"
    )
    return Finding(code="differs-from-kept", message=message)
