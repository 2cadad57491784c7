"""A report held against itself: the numbers in its header against the samples in its table. No event file is needed.

The vendor's software computed both from the same samples, so an export of any unit tries the rules of the quantities
(docs/waveforms.md, "The numbers"); `checking` tries the decoder as well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfm_archive.analysing.checking import comparison_dict, naming, read_whole
from sfm_archive.errors import BadInput
from sfm_archive.formats.findings import Finding
from sfm_archive.formats.reports import is_own_text
from sfm_archive.waveforms import compare_quantities, quantities_of, read_any_report
from sfm_archive.waveforms.compare import QuantityComparison
from sfm_archive.waveforms.report_samples import Report
from sfm_archive.waveforms.report_text import sample_table
from sfm_archive.waveforms.thor import ThorReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCheck:
    """What a report says of itself.

    `serial`, `recorded_at`: as it says, '' where it does not. `channels`, `rows`: of its table. `quantities`: every
    number of the header that its samples give too. `rewritten`: whether the samples, read as counts and written again,
    are the table byte for byte; None for a dialect that is not written. `own_text`: whether this program made it.
    """

    sha256: str
    serial: str
    recorded_at: str
    channels: tuple[str, ...]
    rows: int
    sample_rate: float
    quantities: tuple[QuantityComparison, ...]
    rewritten: bool | None
    own_text: bool
    findings: tuple[Finding, ...]

    @property
    def agree(self) -> bool:
        """Whether numbers were compared, and all come out of the samples to half a printed unit."""
        return bool(self.quantities) and all(quantity.agrees for quantity in self.quantities)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "agree": self.agree,
            "sha256": self.sha256,
            "serial": self.serial,
            "recorded_at": self.recorded_at,
            "channels": list(self.channels),
            "rows": self.rows,
            "sample_rate": self.sample_rate,
            "rewritten": self.rewritten,
            "own_text": self.own_text,
            "quantities": [comparison_dict(quantity) for quantity in self.quantities],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check_report_path(path: Path) -> ReportCheck:
    """`check_report` of a file, which its errors name. Raises also NotFound, StorageFailed, and UsageError for a file
    that is larger than any of an event."""
    with naming(f"{path}: "):
        return check_report(read_whole(path))


def check_report(data: bytes) -> ReportCheck:
    """Compute every quantity from a report's own table and compare it with the report's own header.

    Blastware's ASCII text or THOR's CSV. Raises BadInput for other bytes, and for a report without samples or without
    their rate, of which nothing can be computed.
    """
    printed = read_any_report(data)
    table = printed.samples
    if table is None or not table.rows:
        raise BadInput(
            "the report has no table of samples, so nothing can be computed of it; export the event again with its "
            "samples. A histogram's intervals are compared with its event file by sfm check-file"
        )
    if table.sample_rate is None:
        raise BadInput("the report does not say the sample rate, without which nothing can be computed of its samples")
    return ReportCheck(
        sha256=hashlib.sha256(data).hexdigest(),
        serial=printed.header.serial or "",
        recorded_at=str(printed.header.recorded_at or ""),
        channels=table.channels,
        rows=table.rows,
        sample_rate=table.sample_rate,
        quantities=compare_quantities(quantities_of(table.traces()), printed.header.readings),
        rewritten=_rewritten(printed, data),
        own_text=is_own_text(data),
        findings=printed.findings,
    )


def _rewritten(printed: Report | ThorReport, data: bytes) -> bool | None:
    if isinstance(printed, ThorReport) or printed.samples is None:
        return None
    return data.endswith(printed.newline + sample_table(printed.samples.traces(), printed.newline))
