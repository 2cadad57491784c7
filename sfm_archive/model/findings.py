"""A finding: one observation about bytes that somebody should know of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sfm_archive.base.plain import LEFT_OUT_IF_NONE


class Severity(StrEnum):
    """How much a finding matters to someone who wants the file."""

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observation.

    `code` is a stable word for programs (`gap`, `over-read`, …), `message` a sentence for people.
    `start` and `end` bound what it is about, half open, in the unit that the message names
    (device addresses for streams, byte offsets for files); both None where it is about the whole.
    """

    code: str
    severity: Severity = Severity.WARNING
    message: str
    start: int | None = field(default=None, metadata=LEFT_OUT_IF_NONE)
    end: int | None = field(default=None, metadata=LEFT_OUT_IF_NONE)
