"""A whole report in either dialect of the vendor's exports."""

from __future__ import annotations

from sfm_archive.formats.reports.dialects import Dialect, checked_dialect
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.waveforms.report_samples import Report, read_report
from sfm_archive.waveforms.thor import ThorReport, read_thor


def read_any_report(data: bytes | ReceivedText) -> Report | ThorReport:
    """Read Blastware's ASCII text or THOR's CSV: both have `header`, `samples`, `intervals` and `findings`.

    Raises BadInput where the bytes are neither; nothing behind the header raises.
    """
    text = ReceivedText.of(data) if isinstance(data, bytes) else data
    return read_thor(text) if checked_dialect(text.head) is Dialect.THOR else read_report(text)
