"""A whole CSV of THOR: its header, and the samples behind it.

Builds on `formats.reports.thor_csv`, which reads the header alone, needs no numpy, and says what is known of this
dialect.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.thor_csv import ThorHeader, read_thor_header
from sfm_archive.formats.reports.wholeness import cut_off
from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Finding
from sfm_archive.waveforms.interval_tables import IntervalTable
from sfm_archive.waveforms.sample_tables import SampleTable, rate_and_pretrigger, read_table, row_count_finding
from sfm_archive.waveforms.table_units import velocity_unit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThorReport:
    """A CSV of THOR.

    `header`: as `formats.reports.thor_csv` reads it. `samples`: the table, None where there is none. `intervals`:
    always None, for nobody has published what stands there for a histogram. `findings`: what did not fit.
    """

    header: ThorHeader
    samples: SampleTable | None
    intervals: IntervalTable | None
    findings: tuple[Finding, ...]


def read_thor(data: bytes | ReceivedText) -> ThorReport:
    """Read a CSV of THOR, LF or CRLF, in memory or a block at a time. Raises BadInput where it has no header; nothing
    behind the header raises."""
    text = ReceivedText.of(data) if isinstance(data, bytes) else data
    header = read_thor_header(text.head)
    found = (*header.findings, *cut_off(text, header))
    if header.columns is None or header.record_type is RecordType.HISTOGRAM:
        return ThorReport(header=header, samples=None, intervals=None, findings=found)
    rate, before = rate_and_pretrigger(header.readings)
    samples, findings = read_table(
        text.blocks(header.samples_at),
        header.columns,
        units_text=header.value("Units") or "",
        velocity=velocity_unit(header),
        microphone="Pa",
        sample_rate=rate,
        pretrigger=before,
        quoted=True,
        decimal_commas=header.decimal_commas,
    )
    wrong_length = row_count_finding(samples, header)
    findings = findings if wrong_length is None else (*findings, wrong_length)
    return ThorReport(header=header, samples=samples, intervals=None, findings=(*found, *findings))
