"""A report checked by itself: the numbers in its header against the samples in its table. No event file is needed.

The vendor's software computed both from the same samples, so an export of any unit tries the rules of the quantities
(docs/waveforms.md, "The numbers"); `checking` tries the decoder as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sfm_archive.analysing.checking import (
    LARGEST_REPORT,
    Agreement,
    agreement_of,
    cut_report,
    is_understood,
    naming,
    readable,
    refuse_doubled_columns,
)
from sfm_archive.base.plain import in_json
from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.blastware_text import is_own_text
from sfm_archive.formats.reports.lines import NUMBER_CONTRADICTION
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.table_place import table_place
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.waveforms import Traces, compare_quantities, quantities_of, read_any_report
from sfm_archive.waveforms.compare import QuantityComparison
from sfm_archive.waveforms.printed_steps import left_open
from sfm_archive.waveforms.printed_traces import printed_traces, unit_family
from sfm_archive.waveforms.report_samples import Report
from sfm_archive.waveforms.report_text import names_row, sample_rows
from sfm_archive.waveforms.sample_tables import SampleTable
from sfm_archive.waveforms.thor import ThorReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCheck:
    """What a report says of itself.

    `serial`, `recorded_at`: as it says, '' where it does not. `channels`, `rows`: of its table. `not_known`: columns
    that name no channel. `quantities`: every number of the header that its samples give too; where samples stand as
    words, such as `OORANGE`, not all can be computed, and none where the table is cut off. `rewritten`: whether the
    samples, read as counts and written again, are the table byte for byte; None for a dialect that is not written and a
    table that is cut off. `cut_off`: sentences where it seems not to be whole. `own_text`: whether this program made
    it.
    """

    sha256: str
    serial: str
    recorded_at: str
    channels: tuple[str, ...]
    not_known: tuple[str, ...]
    rows: int
    sample_rate: float
    quantities: tuple[QuantityComparison, ...]
    rewritten: bool | None
    cut_off: tuple[str, ...]
    own_text: bool
    findings: tuple[Finding, ...]

    @property
    @in_json("agree")
    def agree(self) -> bool:
        """Whether numbers were compared, all agree with the samples to half a printed unit, and the report is whole and
        understood."""
        same = bool(self.quantities) and all(quantity.agrees for quantity in self.quantities)
        return same and not self.cut_off and is_understood(self.findings)

    @property
    @in_json("verdict")
    def agreement(self) -> Agreement:
        """What follows; only DIFFER speaks against the rules, and only AGREE for them."""
        return agreement_of(self, compared=len(self.quantities))


def check_report_path(path: Path) -> ReportCheck:
    """`check_report` of a file, which its errors name. Raises also NotFound, StorageFailed, and UsageError for a file
    that is larger than this program reads."""
    with naming(f"{path}: "), readable(path, LARGEST_REPORT):
        return check_report(ReceivedText.in_file(path))


def check_report(data: bytes | ReceivedText) -> ReportCheck:
    """Compute every quantity from a report's own table and compare it with the report's own header.

    Blastware's ASCII text or THOR's CSV. Raises BadInput for other bytes, and for a report without samples or without
    their rate, of which nothing can be computed.
    """
    text = ReceivedText.of(data) if isinstance(data, bytes) else data
    printed = read_any_report(text)
    refuse_doubled_columns(printed)
    table = printed.samples
    cut_off = cut_report(printed)
    if table is None or not table.rows:
        if cut_off:
            raise BadInput(f"{cut_off[0]}. Its numbers cannot be judged; copy or export it again")
        raise BadInput(
            "the report has no table of samples, so nothing can be computed of it; export the event again with its "
            "samples. A histogram's intervals are compared with its event file by sfm check-file"
        )
    if table.sample_rate is None:
        twice = [one.message for one in printed.findings if one.code == NUMBER_CONTRADICTION]
        raise BadInput(
            twice[0]
            if twice
            else "the report does not say the sample rate, without which nothing can be computed of its samples"
        )
    traces = printed_traces(printed, table)
    return ReportCheck(
        sha256=text.sha256(),
        serial=printed.header.serial or "",
        recorded_at=str(printed.header.recorded_at or ""),
        channels=table.channels,
        not_known=table.not_known,
        rows=table.rows,
        sample_rate=table.sample_rate,
        # Of a table that is cut off nothing is known of the rest, in which a peak may be.
        quantities=() if cut_off else _compared(traces, table, printed.header.readings),
        rewritten=None if cut_off else _rewritten(printed, table.traces(first=unit_family(printed)), text),
        cut_off=cut_off,
        own_text=is_own_text(text.head),
        findings=printed.findings,
    )


def _compared(traces: Traces, table: SampleTable, printed: Sequence[Reading]) -> tuple[QuantityComparison, ...]:
    """What the samples say beside what is printed, but for what samples that stand as words leave open, and for the
    frequency of levels, which have no sign and so none to compare with."""
    levels = {name for name, unit in zip(traces.channels, traces.units, strict=True) if unit == "dB(L)"}
    words = [name for name, bad in zip(traces.channels, _with_words(traces), strict=True) if bad]
    return tuple(
        found
        for found in compare_quantities(quantities_of(traces), printed, left_open(traces))
        if (found.computed.channel or not table.not_known)
        and not (found.computed.quantity == "zc_frequency" and found.computed.channel in levels)
        and (
            found.computed.state is not ValueState.ABSENT
            or found.reported.state is ValueState.ABSENT
            or (found.computed.channel not in words and (found.computed.channel or not words))
        )
    )


def _with_words(traces: Traces) -> list[bool]:
    masks = [mask for mask in (traces.over_range, traces.unusable) if mask is not None]
    return [any(bool(mask[row].any()) for mask in masks) for row in range(len(traces.channels))]


def _rewritten(printed: Report | ThorReport, traces: Traces, text: ReceivedText) -> bool | None:
    if isinstance(printed, ThorReport):
        return None
    at = table_place(text.head, printed.header.end).at
    if not text.head[:at].endswith(printed.newline + names_row(traces, printed.newline)):
        return False
    received, written = hashlib.sha256(), hashlib.sha256()
    for block in text.blocks(at):
        received.update(block)
    for block in sample_rows(traces, printed.newline):
        written.update(block)
    return received.digest() == written.digest()
