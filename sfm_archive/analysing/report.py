"""What an analysis reports: every event with what became of it, and where decoded and reported values part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, NamedTuple

from sfm_archive.base.counting import counts
from sfm_archive.base.plain import NOT_IN_JSON, in_json
from sfm_archive.model.findings import Finding
from sfm_archive.model.number_changes import NumberChange
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import ValueSource, ValueState
from sfm_archive.waveforms.compare import QuantityComparison, SampleComparison


class AnalysisStatus(StrEnum):
    """What became of an event."""

    ANALYSED = "analysed"
    UNCHANGED = "unchanged"
    NOTHING = "nothing decoded"
    NO_BYTES = "no bytes"
    DAMAGED = "damaged"


class PlainNumber(NamedTuple):
    """A decoded value; `number` is None where `state` says why."""

    number: float | None
    unit: str
    state: ValueState


class PrintedNumber(NamedTuple):
    """A reported value, and its text as printed."""

    number: float | None
    unit: str
    state: ValueState
    text: str


class DifferenceFromDocument(NamedTuple):
    """A value of a document that decoding does not give, by more than rounding.

    `source`: whose value it is. `difference`: computed − reported in the reported unit, None where that is no number.
    `rounding`: half a printed unit.
    """

    source: ValueSource | None
    quantity: str
    channel: str
    computed: PlainNumber
    reported: PrintedNumber
    difference: float | None
    rounding: float


def difference_sentence(difference: QuantityComparison) -> str:
    """The same for people."""
    computed, printed = difference.computed, difference.reported
    name = f"{computed.channel} {computed.quantity}".strip()
    return f"{name}: computed {reading_text(computed)}, {printed.source} says {reading_text(printed)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisItem:
    """One event. `source`: what was decoded. `message`: why nothing was, else ''. `samples`: against each of its
    reports that has a table, empty where the event was unchanged. `changes`: numbers that the archive's own decoder
    gives otherwise, where another one was asked for."""

    event_id: int
    status: AnalysisStatus
    source: str = ""
    message: str = ""
    findings: tuple[Finding, ...] = ()
    differences: tuple[QuantityComparison, ...] = field(default=(), metadata=NOT_IN_JSON)
    samples: tuple[SampleComparison, ...] = ()
    changes: tuple[NumberChange, ...] = ()

    @property
    @in_json("differs")
    def differs(self) -> bool:
        """Whether a document says something else than its samples."""
        return bool(self.differences) or any(
            not comparison.agree and not comparison.nothing_compared for comparison in self.samples
        )

    @property
    @in_json("differences")
    def plain_differences(self) -> tuple[DifferenceFromDocument, ...]:
        """Values of documents that decoding does not give."""
        return tuple(
            DifferenceFromDocument(
                source=printed.source,
                quantity=computed.quantity,
                channel=computed.channel,
                computed=PlainNumber(computed.number, computed.unit, computed.state),
                reported=PrintedNumber(printed.number, printed.unit, printed.state, printed.text),
                difference=found.difference,
                rounding=found.rounding,
            )
            for found in self.differences
            for computed, printed in [(found.computed, found.reported)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisReport:
    """An analysis of `path` with `decoder`. `pinned_decoder`: the one that made the numbers in the archive. `renewed`:
    events whose computed numbers were missing or others than that gives; `stored`: how many of them were made again, 0
    in a dry run."""

    path: str
    decoder: str
    pinned_decoder: str
    stored: int
    renewed: tuple[int, ...]
    items: tuple[AnalysisItem, ...]

    @property
    @in_json("totals")
    def totals(self) -> Annotated[dict[str, int], AnalysisStatus]:
        """How many events had which status; they add up to the events selected."""
        return counts(AnalysisStatus, (item.status for item in self.items))

    @property
    def differing(self) -> tuple[AnalysisItem, ...]:
        """Events of which a document says something else than their samples."""
        return tuple(item for item in self.items if item.differs)

    @property
    @in_json("differing")
    def number_differing(self) -> int:
        """How many those are."""
        return len(self.differing)

    @property
    @in_json("changed")
    def number_changed(self) -> int:
        """Events of which `decoder` gives other numbers than `pinned_decoder`."""
        return sum(bool(item.changes) for item in self.items)

    @property
    def damaged(self) -> tuple[AnalysisItem, ...]:
        """Events whose stored bytes are not what was recorded."""
        return tuple(item for item in self.items if item.status is AnalysisStatus.DAMAGED)
