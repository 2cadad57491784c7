"""`SHA256SUMS`: the sums of an export, as `sha256sum -c` reads them on any system."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sfm_archive.errors import StorageFailed
from sfm_archive.exporting.report import PROBLEMS, ExportItem
from sfm_archive.files.failures import writing_to
from sfm_archive.files.folder import TargetFolder
from sfm_archive.files.standing import Standing
from sfm_archive.files.writing import write_file

MANIFEST_NAME = "SHA256SUMS"


def manifest_text(items: Iterable[ExportItem]) -> str:
    """One line for each event whose file is in the target, in the order of paths.

    `<hash> *<path>`: the star says binary, or some systems would translate line ends. No path needs escaping, since
    names with backslashes or line ends are never exported.
    """
    lines = sorted((item.path, item.sha256) for item in items if item.status not in PROBLEMS)
    return "".join(f"{sha256} *{path}\n" for path, sha256 in lines)


def check_manifest_place(target: Path) -> None:
    """Refuse, before anything is written, what could not be replaced by a manifest. Raises StorageFailed."""
    path = target / MANIFEST_NAME
    with writing_to(path), TargetFolder.root(target) as folder:
        if folder.standing(MANIFEST_NAME, 0, "") is Standing.OBSTRUCTED:
            raise StorageFailed(
                f"{path} is not a regular file and cannot be replaced; move it, or leave out --manifest"
            )


def write_manifest(target: Path, items: Iterable[ExportItem]) -> Path:
    """Write the sums of this export and return their path. Raises AlreadyExists, StorageFailed.

    A manifest that stands there is replaced in one step: it belongs to the export, and mixing in lines of earlier
    ones would be about files that were not checked. An equal one is left alone.
    """
    write_file(target / MANIFEST_NAME, manifest_text(items).encode("utf-8"), overwrite=True)
    return target / MANIFEST_NAME
