"""One event file held against the report that the vendor's software printed of it; no archive is needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sfm_archive.analysing.report import reading_dict, sample_dict
from sfm_archive.analysing.settings import settings_from
from sfm_archive.formats.event_file import describe_memory, memory_of_file
from sfm_archive.formats.findings import Finding
from sfm_archive.waveforms import (
    DECODER,
    compare_intervals,
    compare_quantities,
    compare_samples,
    decode_event,
    histogram_quantities,
    quantities_of,
    read_any_report,
)
from sfm_archive.waveforms.compare import QuantityComparison, SampleComparison
from sfm_archive.waveforms.compare_intervals import IntervalComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """An event file beside its report.

    `record_type`: what the body is. `assumed`: what the report does not tell and was assumed. `quantities`: every
    number that both have. `samples`, `intervals`: the tables, None where the report has none or nothing was decoded.
    `identity`: sentences where serial or time of the two differ. `findings`: of the decoder and of the report's reader.
    """

    event_sha256: str
    report_sha256: str
    record_type: str
    assumed: tuple[str, ...]
    quantities: tuple[QuantityComparison, ...]
    samples: SampleComparison | None
    intervals: IntervalComparison | None
    identity: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def compared(self) -> int:
        """How many samples, intervals' cells and numbers were compared."""
        cells = sum(channel.compared for channel in self.samples.channels) if self.samples else 0
        cells += self.intervals.compared if self.intervals else 0
        return cells + len(self.quantities)

    @property
    def agree(self) -> bool:
        """Whether something was compared, all of it agrees, and the two are of one event."""
        return (
            self.compared > 0
            and not self.identity
            and all(quantity.agrees for quantity in self.quantities)
            and (self.samples is None or self.samples.agree)
            and (self.intervals is None or self.intervals.agree)
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "agree": self.agree,
            "decoder": DECODER,
            "record_type": self.record_type,
            "event_sha256": self.event_sha256,
            "report_sha256": self.report_sha256,
            "assumed": list(self.assumed),
            "compared": self.compared,
            "identity": list(self.identity),
            "samples": None if self.samples is None else sample_dict(self.samples),
            "intervals": None if self.intervals is None else _interval_dict(self.intervals),
            "quantities": [
                {
                    "computed": reading_dict(quantity.computed),
                    "reported": reading_dict(quantity.reported),
                    "difference": quantity.difference,
                    "rounding": quantity.rounding,
                    "agrees": quantity.agrees,
                }
                for quantity in self.quantities
            ],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check_file(event_file: bytes, report: bytes) -> FileCheck:
    """Decode an event file and compare it with a report, sample by sample and number by number.

    The report is Blastware's ASCII text or THOR's CSV. Rate, pre-trigger and range are the report's. Raises BadInput
    where one of the two is not what it should be.
    """
    memory = memory_of_file(event_file)
    printed = read_any_report(report)
    readings = printed.header.readings
    settings = settings_from(readings)
    table = printed.samples
    decoded = decode_event(
        memory,
        sample_rate=settings.sample_rate,
        pretrigger=None if settings.pretrigger_s is None else settings.pretrigger,
        samples=table.rows if table is not None and table.rows else None,
    )
    samples: SampleComparison | None = None
    intervals: IntervalComparison | None = None
    quantities: tuple[QuantityComparison, ...] = ()
    if decoded.waveform is not None:
        traces = decoded.waveform.traces(settings.range, settings.unit)
        samples = None if table is None else compare_samples(traces, table)
        quantities = compare_quantities(quantities_of(traces), readings)
    elif decoded.histogram is not None:
        rows = printed.intervals
        intervals = None if rows is None else compare_intervals(decoded.histogram, rows, settings.range)
        computed = histogram_quantities(decoded.histogram, settings.range, settings.unit)
        quantities = compare_quantities(computed, readings)
        settings = replace(settings, has_pretrigger=False)
    return FileCheck(
        event_sha256=hashlib.sha256(event_file).hexdigest(),
        report_sha256=hashlib.sha256(report).hexdigest(),
        record_type=decoded.record_type.value,
        assumed=settings.assumed,
        quantities=quantities,
        samples=samples,
        intervals=intervals,
        identity=_identity(memory, printed.header.serial, str(printed.header.recorded_at or "")),
        findings=(*decoded.findings, *printed.findings),
    )


def _identity(memory: bytes, serial: str | None, recorded_at: str) -> tuple[str, ...]:
    own = describe_memory(memory)
    found = []
    if own.serial and serial and own.serial != serial:
        found.append(f"the event file is of {own.serial}, the report of {serial}")
    if own.recorded_at is not None and recorded_at and str(own.recorded_at) != recorded_at:
        found.append(f"the event file is of {own.recorded_at}, the report of {recorded_at}")
    return tuple(found)


def _interval_dict(comparison: IntervalComparison) -> dict[str, Any]:
    return {
        "agree": comparison.agree,
        "rows_decoded": comparison.rows_decoded,
        "rows_reported": comparison.rows_reported,
        "blocks_per_row": comparison.blocks_per_row,
        "compared": comparison.compared,
        "differences": [
            {
                "row": found.row,
                "channel": found.channel,
                "quantity": found.quantity,
                "computed": found.computed,
                "printed": found.printed,
            }
            for found in comparison.differences
        ],
    }
