"""What a re-encoding found for every event it was asked for, and the distribution of what changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Annotated, TypedDict

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import in_json


class ReencodeStatus(StrEnum):
    """One event, by what the encoder makes of it and what the pinned one made."""

    SAME = "same"
    """The same bytes."""
    DIFFERENT = "different"
    """Other bytes, and nothing says that they are worse."""
    NEWLY_POSSIBLE = "newly possible"
    """A file where the pinned encoder refuses."""
    NOW_FAILING = "now failing"
    """No file where the pinned encoder makes one, or the encoder broke."""
    WORSE = "refused as worse"
    """A file that is shorter than the event or broken in a way that the pinned encoder's is not; never recorded."""
    REFUSED = "refused"
    """No file from either of them, or none and nothing to compare with."""
    NOT_COMPARED = "not compared"
    """A file, and nothing to compare it with: another family is pinned, or the pinned encoder is not installed."""
    NO_FRAMES = "no frames"
    """The event is known only by its received files; there is nothing to encode."""
    NOT_REPRODUCED = "not reproduced"
    """One of the two encoders makes other bytes now than it is recorded to have made."""
    DAMAGED = "damaged"
    """The frames do not read or hash as recorded."""


GOT_WORSE = frozenset({ReencodeStatus.NOW_FAILING, ReencodeStatus.WORSE, ReencodeStatus.NOT_REPRODUCED})

_NUMBERED = re.compile(r" [0-9]+(?: \([A-Za-z]+\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReencodeItem:
    """One event.

    `sha256_before` and `size_before` are the pinned encoder's, '' and 0 where it makes no file; `sha256` and `size`
    those of the encoder. `first_difference`: file offset of the first differing byte and `part` what lies there, None
    and '' where no two files were compared. `reused`: an existing record was enough, so the encoder was not run.
    `codes`: of the encoder's findings, or of what makes its file worse. `message`: a sentence, or ''.
    """

    event_id: int
    serial: str
    record_type: str
    revision: int
    status: ReencodeStatus
    sha256_before: str = ""
    size_before: int = 0
    sha256: str = ""
    size: int = 0
    first_difference: int | None = None
    part: str = ""
    reused: bool = False
    codes: tuple[str, ...] = ()
    message: str = ""


class SizeChange(TypedDict):
    """By how many bytes different files changed.

    `smaller`, `equal`, `larger`: number of such files. `least`, `median`, `most`: the change, negative where smaller.
    """

    smaller: int
    equal: int
    larger: int
    least: int
    median: int
    most: int


class Distribution(TypedDict):
    """Where and by how much files differ, and why they are missing or worse.

    `first_difference_in`: parts of the file, and how many events differ there first. `reasons`: codes of findings, and
    the number of events that got worse because of them. `record_types`: for each record type, the number of events with
    each outcome.
    """

    first_difference_in: dict[str, int]
    size_change: SizeChange
    reasons: dict[str, int]
    record_types: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReencodeReport:
    """The whole re-encoding. Every selected event has exactly one item.

    `compared_with`: the pinned encoder. `recorded`: records added to the archive, 0 after a dry run.
    """

    path: str
    encoder: str
    compared_with: str
    dry_run: bool
    recorded: int
    items: tuple[ReencodeItem, ...]

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], ReencodeStatus]:
        """Number of events for each status, in the order of ReencodeStatus; the sum is the number of items."""
        return counts(ReencodeStatus, (item.status for item in self.items))

    @property
    def worse(self) -> tuple[ReencodeItem, ...]:
        """Events for which the encoder does worse than the pinned one."""
        return tuple(item for item in self.items if item.status in GOT_WORSE)

    @property
    def damaged(self) -> tuple[ReencodeItem, ...]:
        """Events whose frames the archive does not hold as recorded."""
        return tuple(item for item in self.items if item.status is ReencodeStatus.DAMAGED)

    @property
    @in_json("distribution")
    def distribution(self) -> Distribution:
        """Where and by how much files differ, why they are missing or worse, and statuses by record type.

        A fault of an encoder shows as a heap: one part, one size change or one reason over many events.
        """
        different = [item for item in self.items if item.status is ReencodeStatus.DIFFERENT]
        changes = sorted(item.size - item.size_before for item in different)
        types: dict[str, Counter[str]] = {}
        for item in self.items:
            types.setdefault(item.record_type, Counter())[item.status.value] += 1
        return {
            "first_difference_in": _counted(_NUMBERED.sub("", item.part) for item in different if item.part),
            "size_change": {
                "smaller": sum(change < 0 for change in changes),
                "equal": changes.count(0),
                "larger": sum(change > 0 for change in changes),
                "least": changes[0] if changes else 0,
                "median": median_low(changes) if changes else 0,
                "most": changes[-1] if changes else 0,
            },
            "reasons": _counted(code for item in self.worse for code in item.codes),
            "record_types": {kind: dict(types[kind].most_common()) for kind in sorted(types)},
        }


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
