"""What an analysis reports: every event with what became of it, and where decoded and reported values part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sfm_archive.model.findings import Finding
from sfm_archive.model.reading_text import reading_text
from sfm_archive.waveforms.compare import QuantityComparison, SampleComparison


class AnalysisStatus(StrEnum):
    """What became of an event."""

    ANALYSED = "analysed"
    UNCHANGED = "unchanged"
    NOTHING = "nothing decoded"
    NO_BYTES = "no bytes"
    DAMAGED = "damaged"


def difference_dict(difference: QuantityComparison) -> dict[str, Any]:
    """A value of a document that decoding does not give, by more than rounding, for JSON."""
    computed, printed = difference.computed, difference.reported
    return {
        "source": printed.source,
        "quantity": computed.quantity,
        "channel": computed.channel,
        "computed": {"number": computed.number, "unit": computed.unit, "state": computed.state.value},
        "reported": {
            "number": printed.number,
            "unit": printed.unit,
            "state": printed.state.value,
            "text": printed.text,
        },
        "difference": difference.difference,
        "rounding": difference.rounding,
    }


def difference_sentence(difference: QuantityComparison) -> str:
    """The same for people."""
    computed, printed = difference.computed, difference.reported
    name = f"{computed.channel} {computed.quantity}".strip()
    return f"{name}: computed {reading_text(computed)}, {printed.source} says {reading_text(printed)}"


def sample_dict(comparison: SampleComparison) -> dict[str, Any]:
    """A comparison of samples with a report's table, for JSON."""
    return {
        "agree": comparison.agree,
        "rows_decoded": comparison.rows_decoded,
        "rows_reported": comparison.rows_reported,
        "only_decoded": list(comparison.only_decoded),
        "only_reported": list(comparison.only_reported),
        "channels": [
            {
                "channel": channel.channel,
                "unit": channel.unit,
                "compared": channel.compared,
                "differing": channel.differing,
                "first": channel.first,
                "largest": channel.largest,
            }
            for channel in comparison.channels
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisItem:
    """One event. `source`: what was decoded. `message`: why nothing was, else ''. `samples`: against each of its
    reports that has a table, empty where the event was unchanged."""

    event_id: int
    status: AnalysisStatus
    source: str = ""
    message: str = ""
    findings: tuple[Finding, ...] = ()
    differences: tuple[QuantityComparison, ...] = ()
    samples: tuple[SampleComparison, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether a document says something else than its samples."""
        return bool(self.differences) or any(not comparison.agree for comparison in self.samples)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "event_id": self.event_id,
            "status": self.status.value,
            "source": self.source,
            "message": self.message,
            "differs": self.differs,
            "differences": [difference_dict(difference) for difference in self.differences],
            "samples": [sample_dict(comparison) for comparison in self.samples],
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisReport:
    """An analysis of `path` with `decoder`. `stored`: new readings."""

    path: str
    decoder: str
    stored: int
    items: tuple[AnalysisItem, ...]

    @property
    def totals(self) -> dict[str, int]:
        """How many events had which status; they add up to the events selected."""
        counts = Counter(item.status for item in self.items)
        return {status.value: counts[status] for status in AnalysisStatus}

    @property
    def differing(self) -> tuple[AnalysisItem, ...]:
        """Events of which a document says something else than their samples."""
        return tuple(item for item in self.items if item.differs)

    @property
    def damaged(self) -> tuple[AnalysisItem, ...]:
        """Events whose stored bytes are not what was recorded."""
        return tuple(item for item in self.items if item.status is AnalysisStatus.DAMAGED)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "path": self.path,
            "decoder": self.decoder,
            "stored": self.stored,
            "totals": self.totals,
            "differing": len(self.differing),
            "items": [item.as_dict() for item in self.items],
        }
