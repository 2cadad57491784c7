"""What one document says of an event: its readings, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sfm_archive.model.readings import Reading


class ValueSource(StrEnum):
    """Where values come from."""

    DEVICE_RECORD = "device record"
    REPORT = "report"
    SIDECAR = "sidecar"
    SETTINGS = "settings"
    PROGRAM = "program"
    DECODER = "decoder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSet:
    """All values of one document: its source, and the hash of the bytes they were read from."""

    source: ValueSource
    origin_sha256: str
    readings: tuple[Reading, ...]
