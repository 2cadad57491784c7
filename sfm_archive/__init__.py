"""One SQLite file that keeps MiniMate Plus seismograph events and gives back Blastware folders.

    import sfm_archive as sfm

    with sfm.create("quarry.sfm") as archive:
        saved = archive.save(event, frames)
        file = archive.encode(saved.event_id)

The names below are the public API; everything else may move. They are imported when first used, so that a command
pays only for what it does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sfm_archive.base.version import __version__

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.archive.results import EventFile, Saved
    from sfm_archive.errors import SfmError
    from sfm_archive.model.events import Event, RecordType
    from sfm_archive.model.findings import Finding, Severity
    from sfm_archive.model.frames import A5Frame
    from sfm_archive.model.received import FileKind, ReceivedFile
    from sfm_archive.model.selection import Selection

    create = Archive.create
    open = Archive.open  # noqa: A001 - read as sfm.open

_HOMES = {
    "A5Frame": "sfm_archive.model.frames",
    "Archive": "sfm_archive.archive.archive",
    "Event": "sfm_archive.model.events",
    "EventFile": "sfm_archive.archive.results",
    "FileKind": "sfm_archive.model.received",
    "Finding": "sfm_archive.model.findings",
    "ReceivedFile": "sfm_archive.model.received",
    "RecordType": "sfm_archive.model.events",
    "Saved": "sfm_archive.archive.results",
    "Selection": "sfm_archive.model.selection",
    "Severity": "sfm_archive.model.findings",
    "SfmError": "sfm_archive.errors",
}

__all__ = [
    "A5Frame",
    "Archive",
    "Event",
    "EventFile",
    "FileKind",
    "Finding",
    "ReceivedFile",
    "RecordType",
    "Saved",
    "Selection",
    "Severity",
    "SfmError",
    "__version__",
    "create",
    "open",
]


def __getattr__(name: str) -> Any:
    if name in ("create", "open"):
        return getattr(import_module("sfm_archive.archive.archive").Archive, name)
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
