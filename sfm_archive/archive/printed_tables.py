"""Decoded samples against the tables of samples that reports print."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.archive.sample_sources import Report
from sfm_archive.errors import SfmError
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.wholeness import CUT_OFF
from sfm_archive.model.findings import Finding
from sfm_archive.waveforms import Traces, compare_samples, read_any_report
from sfm_archive.waveforms.compare import SampleComparison, difference_of


def against_tables(
    traces: Traces | None, sha256: str, reports: Sequence[Report]
) -> tuple[tuple[SampleComparison, ...], tuple[Finding, ...]]:
    """The samples against the table of each report, and a finding for each that is another one. `sha256`: of the bytes
    that the samples are of, which are not held against themselves. What a report lacks that is cut off is no
    difference."""
    found: list[SampleComparison] = []
    findings: list[Finding] = []
    for report in reversed(reports):
        if traces is None or sha256 == report.sha256:
            continue
        try:
            printed = read_any_report(ReceivedText(report.pieces))
            if printed.samples is None:
                continue
            compared = compare_samples(traces, printed.samples)
        except SfmError:
            continue  # no report, or a damaged one, of which sfm verify says so
        is_cut = any(one.code == CUT_OFF for one in printed.findings)
        if is_cut and not any(channel.differing for channel in compared.channels):
            continue
        found.append(compared)
        if not compared.agree:
            findings.append(Finding(code="samples-differ", message=f"{report.name}: {difference_of(compared)}"))
    return tuple(found), tuple(findings)
