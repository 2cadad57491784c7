"""A whole ASCII report of Blastware: header, monitor log, and the samples or intervals behind them.

Builds on `formats.reports`, which reads the header alone and needs no numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.base.code_pages import text_of
from sfm_archive.formats.reports.blastware_text import ReportHeader, read_report_header
from sfm_archive.formats.reports.monitor_log import MonitorLogRow, monitor_log
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.table_place import table_place
from sfm_archive.formats.reports.wholeness import cut_off
from sfm_archive.model.findings import Finding
from sfm_archive.waveforms.interval_tables import IntervalTable, read_intervals
from sfm_archive.waveforms.sample_tables import SampleTable, rate_and_pretrigger, read_table, row_count_finding
from sfm_archive.waveforms.table_rows import LONG_TABLE
from sfm_archive.waveforms.table_units import velocity_unit

_MOST_INTERVALS = 16 * 1024 * 1024
"""Bytes of the rows of a histogram: more than 200,000 intervals, half a year of minutes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """A report.

    `header`: as `formats.reports` reads it; `header_bytes`: its bytes, of UTF-16 in UTF-8. `samples`: the table of a
    waveform, `intervals` the rows of a histogram, None where there is no such. `monitor_log`: its rows. `newline`:
    `\\n` or `\\r\\n`, what the first line ends with. `findings`: what did not fit.
    """

    header: ReportHeader
    header_bytes: bytes
    samples: SampleTable | None
    intervals: IntervalTable | None
    monitor_log: tuple[MonitorLogRow, ...]
    newline: bytes
    findings: tuple[Finding, ...]


def read_report(data: bytes | ReceivedText) -> Report:
    """Read a whole report, waveform or histogram, Micromate's or MiniMate's form, LF or CRLF; one that is not in memory
    is read a block at a time.

    Raises BadInput where it has no header; nothing behind the header raises.
    """
    text = ReceivedText.of(data) if isinstance(data, bytes) else data
    header = read_report_header(text.head)
    lines, at, names, _ = table_place(text.head, header.end)
    units_text = header.value("Units") or ""
    samples: SampleTable | None = None
    intervals: IntervalTable | None = None
    findings: list[Finding] = [*header.findings, *cut_off(text, header)]
    if names is not None:
        rate, before = rate_and_pretrigger(header.readings)
        samples, odd = read_table(
            text.blocks(at),
            names,
            units_text=units_text,
            velocity=velocity_unit(header),
            sample_rate=rate,
            pretrigger=before,
            decimal_commas=header.decimal_commas,
        )
        findings += odd
        wrong_length = row_count_finding(samples, header)
        findings += [] if wrong_length is None else [wrong_length]
    else:
        rest, is_cut = _rest(text, header.end)
        started = None if header.recorded_at is None else header.recorded_at.date()
        table, odd = read_intervals(rest, units_text=units_text, started=started, decimal_commas=header.decimal_commas)
        intervals = table if table.rows else None
        odd = (*odd, *is_cut)
        findings += odd if table.rows else ()
    decoded = [text_of(line) for line in lines]
    return Report(
        header=header,
        header_bytes=text.head[: header.end],
        samples=samples,
        intervals=intervals,
        monitor_log=monitor_log([*header.other_lines, *decoded]),
        newline=b"\r\n" if text.head[: text.head.find(b"\n") + 1].endswith(b"\r\n") else b"\n",
        findings=tuple(findings),
    )


def _rest(text: ReceivedText, start: int) -> tuple[str, tuple[Finding, ...]]:
    """What stands behind the header of a histogram's report; where it is more than is read, with the finding."""
    blocks: list[bytes] = []
    size = 0
    for block in text.blocks(start):
        size += len(block)
        if size > _MOST_INTERVALS:
            message = f"this program reads up to {_MOST_INTERVALS:,} bytes of intervals; the rest is left out"
            return text_of(b"".join(blocks)), (Finding(code=LONG_TABLE, message=message),)
        blocks.append(block)
    return text_of(b"".join(blocks)), ()
