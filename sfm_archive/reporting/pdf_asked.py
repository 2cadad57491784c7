"""What a PDF that is asked for must be: named as one, and of so many events that somebody can turn its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sfm_archive.errors import UsageError

MOST_EVENTS: Final = 2000
"""That get pages in one file."""


def checked_pdf(target: Path) -> None:
    """Raises UsageError for another file name."""
    if target.suffix.lower() != ".pdf":
        raise UsageError(f"{target}: a report is a PDF; name the file so")


def checked_events(number: int, how: str) -> None:
    """Raises UsageError for too many events. `how`: by what fewer are chosen."""
    if number > MOST_EVENTS:
        raise UsageError(f"{number:,} events would make as many pages; choose at most {MOST_EVENTS:,} with {how}")
