"""A finding: one observation about bytes that somebody should know of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sfm_archive.base.plain import LEFT_OUT_IF_NONE
from sfm_archive.base.texts import is_text

MOST_SAID = 10_000
"""Characters of a finding that is kept; of a plug-in, since this program's own are sentences."""


NOT_TO_ITS_END: Final = frozenset({"segment-not-understood", "sample-count", "histogram-cut", "zeroed-block"})
"""Codes of the findings by which a body does not decode to its end."""


NOT_WHOLE: Final = "not-whole"
"""Code of the finding that an event's frames are not all that its header names."""


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


NAME_OF_SEVERAL: Final = "name-of-several"
"""Code of the finding for a file that is kept with several events, for reports of its name say different times."""

JOINED_CAPTURES: Final = "joined-captures"
"""Code of the finding that an event was put together of the frames of several captures; a warning where addresses alone
tie them. No number of those frames counts then, until one file is received that has all of them."""

ONE_DOWNLOAD: Final = "one-download"
"""Code of the finding that one file has all frames of an event that was put together by addresses alone."""

CONTESTED: Final = "frames-contested"
"""Code of the finding for an event that was put together by addresses alone, where another capture has other frames for
it."""


def are_findings(value: object) -> bool:
    """Whether something that a plug-in gave is a tuple of findings as they can be kept."""
    return isinstance(value, tuple) and all(map(_is_finding, value))


def _is_finding(value: object) -> bool:
    return (
        isinstance(value, Finding)
        and is_text(value.code, MOST_SAID)
        and is_text(value.message, MOST_SAID)
        and isinstance(value.severity, Severity)
        and all(bound is None or _is_whole_number(bound) for bound in (value.start, value.end))
    )


def _is_whole_number(bound: object) -> bool:
    return isinstance(bound, int) and not isinstance(bound, bool) and abs(bound) < 1 << 63
