"""What the commands with --as-of say of the change behind which they look at an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfm_archive.cli.output import emit, tell

if TYPE_CHECKING:
    from sfm_archive.archive import Archive


def emit_as_of(archive: Archive) -> None:
    """Print it above a table; nothing where all of the archive is looked at."""
    if archive.as_of is not None:
        emit(archive.as_of.told)


def tell_as_of(archive: Archive) -> None:
    """Say it beside data that programs read, which has no place for it."""
    if archive.as_of is not None:
        tell(archive.as_of.told)
