"""A whole ASCII report of Blastware: header, monitor log, and the samples or intervals behind them.

Builds on `formats.reports`, which reads the header alone and needs no numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfm_archive.base.code_pages import one_byte_signs, text_of
from sfm_archive.formats.reports.blastware_text import ReportHeader, read_report_header
from sfm_archive.formats.reports.table_place import table_place
from sfm_archive.formats.reports.wholeness import cut_off
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import Reading
from sfm_archive.waveforms.interval_tables import IntervalTable, read_intervals
from sfm_archive.waveforms.sample_tables import SampleTable, rate_and_pretrigger, read_table, row_count_finding


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorLogRow:
    """One tab-separated row of a report's monitor log; how it prints times nobody has published, so all is text."""

    started: str
    stopped: str
    text: str


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


def read_report(data: bytes) -> Report:
    """Read a whole report, waveform or histogram, Micromate's or MiniMate's form, LF or CRLF.

    Raises BadInput where it has no header; nothing behind the header raises.
    """
    header = read_report_header(data)
    data = one_byte_signs(data)
    lines, at, names = table_place(data, header.end)
    readings = {(reading.quantity, reading.channel): reading for reading in header.readings}
    units_text = header.value("Units") or ""
    samples: SampleTable | None = None
    intervals: IntervalTable | None = None
    findings: list[Finding] = [*header.findings, *cut_off(data, header)]
    if names is not None:
        rate, before = rate_and_pretrigger(header.readings)
        samples, odd = read_table(
            data[at:],
            names,
            units_text=units_text,
            sample_rate=rate,
            pretrigger=before,
            decimal_commas=header.decimal_commas,
        )
        findings += odd
        wrong_length = row_count_finding(samples, _number(readings, "pretrigger"), _number(readings, "record_time"))
        findings += [] if wrong_length is None else [wrong_length]
    else:
        rest = text_of(data[header.end :])
        started = None if header.recorded_at is None else header.recorded_at.date()
        table, odd = read_intervals(rest, units_text=units_text, started=started, decimal_commas=header.decimal_commas)
        intervals = table if table.rows else None
        findings += odd if table.rows else ()
    decoded = [text_of(line) for line in lines]
    return Report(
        header=header,
        header_bytes=data[: header.end],
        samples=samples,
        intervals=intervals,
        monitor_log=_monitor_log([*header.other_lines, *decoded]),
        newline=b"\r\n" if data[: data.find(b"\n") + 1].endswith(b"\r\n") else b"\n",
        findings=tuple(findings),
    )


def _monitor_log(lines: list[str]) -> tuple[MonitorLogRow, ...]:
    rows = []
    for line in lines:
        cells = [cell.strip().strip('"').strip() for cell in line.split("\t")]
        # An interval row begins with a bare clock time too, but goes on with numbers.
        if len(cells) >= 3 and any(digit in cells[0] for digit in "0123456789") and ":" in cells[1]:
            rows.append(MonitorLogRow(started=cells[0], stopped=cells[1], text="\t".join(cells[2:])))
    return tuple(rows)


def _number(readings: dict[tuple[str, str], Reading], quantity: str) -> float | None:
    reading = readings.get((quantity, ""))
    return None if reading is None else reading.number
