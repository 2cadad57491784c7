"""What one document says of an event: its readings, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.model.readings import Reading, ValueSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSet:
    """All values of one document: its source, and the hash of the bytes they were read from. `reader`: what read
    them, `family@version`, part of what identifies the set: a corrected reader may read the same bytes again. Empty
    where nothing names it."""

    source: ValueSource
    origin_sha256: str
    readings: tuple[Reading, ...]
    reader: str = ""
