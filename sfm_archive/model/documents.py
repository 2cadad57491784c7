"""What one document says of an event: its readings, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import LONGEST_TEXT, Reading, ValueSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSet:
    """All values of one document: its source, and the hash of the bytes they were read from. `reader`: what read
    them, `family@version`, part of what identifies the set: a corrected reader may read the same bytes again. Empty
    where nothing names it. `whole`: the document is not cut off; of one that is a value counts only where no whole one
    of its source has it."""

    source: ValueSource
    origin_sha256: str
    readings: tuple[Reading, ...]
    reader: str = ""
    whole: bool = True


def values_to_keep(readings: tuple[Reading, ...], document: str) -> tuple[tuple[Reading, ...], tuple[Finding, ...]]:
    """The values whose texts are not longer than LONGEST_TEXT, and a finding for those that are: of such a text nothing
    is kept as a value, since half of it would say something else."""
    kept = tuple(one for one in readings if len(one.text) <= LONGEST_TEXT)
    if len(kept) == len(readings):
        return readings, ()
    left_out = [one for one in readings if len(one.text) > LONGEST_TEXT]
    named = ", ".join(f"{one.channel} {one.quantity} ({len(one.text):,} characters)".strip() for one in left_out)
    message = (
        f"{document}: this program keeps values of up to {LONGEST_TEXT:,} characters, so {named} counts as not given; "
        "the document itself is kept whole"
    )
    return kept, (Finding(code="text-too-long", message=message),)
