"""The demo: a small archive built, exported and verified from captures that come with the package.

The captures are simulated downloads (sfm_archive.testing) of recorded blasting vibration; `make_captures` makes them.
One event of them has the 0x1000 fault of old downloads, so that it shows what becomes of an event that no encoder
should make a file of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sfm_archive.archive import Archive
from sfm_archive.base.progress import Progress, silent
from sfm_archive.errors import AlreadyExists, ArchiveNotFound
from sfm_archive.exporting import ExportItem, ExportReport, ExportStatus, export_events
from sfm_archive.importing import ImportReport, import_sources
from sfm_archive.verifying import VerifyReport, verify

DEFAULT_FOLDER = Path("sfm-demo")
ARCHIVE_NAME = "demo.sfm"
EXPORT_NAME = "blastware"

ACTOR = "sfm demo"
"""In the first row of a demo archive's history; that is how a demo knows its own archive again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What the demo did. `first_run`: the archive was not there before."""

    archive: Path
    target: Path
    first_run: bool
    imported: ImportReport
    exported: ExportReport
    verified: VerifyReport

    @property
    def not_encodable(self) -> tuple[ExportItem, ...]:
        """Events kept but not exported, as the demo means to show."""
        return tuple(item for item in self.exported.items if item.status is ExportStatus.REFUSED)

    @property
    def unexpected(self) -> tuple[str, ...]:
        """Sentences about what went wrong, such as an exported file that somebody changed since."""
        messages = [
            f"{item.path}: {item.message}"
            for item in self.imported.items
            if item.partly_rejected or item in self.imported.rejected
        ]
        messages += [item.message for item in self.exported.problems if item not in self.not_encodable]
        return (*messages, *(f"{finding.subject}: {finding.message}" for finding in self.verified.damage))


def captures() -> list[Path]:
    """The captures that come with the package."""
    return sorted(Path(__file__).parent.glob("raw_s3_*.bin"))


def run_demo(folder: Path = DEFAULT_FOLDER, progress: Progress = silent) -> DemoReport:
    """Build `folder`/demo.sfm from the captures, export it to `folder`/blastware, and verify it.

    Run again, it imports into the same archive, where nothing is new any more. Raises AlreadyExists, and touches
    nothing, when the folder holds something that is not this demo's.
    """
    path = folder / ARCHIVE_NAME
    first_run = not path.exists()
    with _created(folder, path) if first_run else _opened_again(path) as archive:
        imported = import_sources(archive, captures(), progress=progress)
        exported = export_events(archive, folder / EXPORT_NAME, progress=progress)
        verified = verify(archive, progress)
    return DemoReport(
        archive=path,
        target=folder / EXPORT_NAME,
        first_run=first_run,
        imported=imported,
        exported=exported,
        verified=verified,
    )


def _created(folder: Path, path: Path) -> Archive:
    if not captures():
        raise ArchiveNotFound(f"{Path(__file__).parent} holds no captures; install sfm-archive again")
    if folder.exists() and not folder.is_dir():
        raise AlreadyExists(f"{folder} is a file; name a folder for the demo: sfm demo FOLDER")
    if folder.is_dir() and any(folder.iterdir()):
        raise AlreadyExists(
            f"{folder} holds other files and no demo; it was not touched. Name a new folder: sfm demo FOLDER"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return Archive.create(path, actor=ACTOR)


def _opened_again(path: Path) -> Archive:
    # Looked at read-only: opening for writing already changes bytes of the file.
    with Archive.open(path, read_only=True) as archive:
        made_by_demo = [change.actor for change in archive.history(0) if change.action == "create"] == [ACTOR]
    if not made_by_demo:
        raise AlreadyExists(
            f"{path} is not an archive that the demo made; it was not touched. Name a new folder: sfm demo FOLDER"
        )
    return Archive.open(path, actor=ACTOR)
