"""The samples that a report prints, as traces: counts restored, and samples at a rail marked by the unit's family."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sfm_archive.base.texts import sentences
from sfm_archive.errors import BadInput
from sfm_archive.model.decode_settings import settings_from
from sfm_archive.model.families import FAMILIES, Family, family_of
from sfm_archive.model.findings import Finding
from sfm_archive.model.readings import GEO_CHANNELS, Reading, ValueState
from sfm_archive.model.units import MM_PER_INCH, VELOCITIES_MM_S
from sfm_archive.waveforms.report_samples import Report
from sfm_archive.waveforms.sample_tables import SampleTable
from sfm_archive.waveforms.table_rows import NO_WHOLE_TABLE
from sfm_archive.waveforms.thor import ThorReport
from sfm_archive.waveforms.traces import Mask, Traces, at_a_rail

_SHORTEST_PLATEAU = 2
_AT_THE_RANGE = 0.999
"""From this share of the range on a plateau is a rail: the range is printed in four digits."""

_FAR_BELOW = 0.5
"""Below this share of the stated range no sample is over it, wherever the rail is."""


class PrintedSamples(NamedTuple):
    """The samples of a report. `pretrigger_told`: whether it says how many lie before the trigger. `findings`: what was
    noticed of the table alone."""

    traces: Traces
    pretrigger_told: bool
    findings: tuple[Finding, ...]


def printed_samples(report: Report | ThorReport, sample_rate: float | None = None) -> PrintedSamples:
    """The samples of a report that has a whole table. `sample_rate`: as of `printed_traces`. Raises BadInput where it
    has none that is whole, UsageError without a rate."""
    table = report.samples
    broken = sentences(found.message for found in report.findings if found.code in NO_WHOLE_TABLE)
    if table is None or not table.rows or broken:
        raise BadInput(broken or "the report has no table of samples, only numbers")
    traces = printed_traces(report, table, sample_rate)
    findings = [found for found in report.findings if found not in report.header.findings]
    if levels := [name for name, unit in zip(traces.channels, traces.units, strict=True) if unit == "dB(L)"]:
        message = (
            f"{', '.join(levels)} is printed in dB(L), which has no sign: it has a greatest level, and neither a trace "
            "nor a frequency"
        )
        findings.append(Finding(code="levels-only", message=message))
    return PrintedSamples(traces, table.pretrigger is not None, tuple(findings))


def printed_traces(report: Report | ThorReport, table: SampleTable, sample_rate: float | None = None) -> Traces:
    """The table of a report as traces, with the over-range samples that it prints as numbers marked.

    A MiniMate's counts at its rails are over range: 2046 and 2047 counts of 0.005 in/s both print as 10.23, and such a
    sample is at the rail where the header has its channel as over range. A Micromate's rail is open: over range are the
    greatest samples of a channel that the header has as such, unless they lie far below the range that it states, and a
    plateau of them at the range or beyond.
    `sample_rate`: per second, where the report does not say it. Raises UsageError where neither does.
    """
    first = unit_family(report)
    traces = table.traces(first=first, sample_rate=table.sample_rate or sample_rate)
    family = _family_of_counts(traces) or first
    printed = report.header.readings
    said = {r.channel for r in printed if r.quantity in ("ppv", "pspl") and r.state is ValueState.OVER_RANGE}
    if family.highest_count is None:
        at_rail, rails = _by_plateau(traces, said, printed)
    else:
        at_rail, rails = _by_count(traces, table, family.highest_count, said)
    if not at_rail.any():
        return traces
    over = at_rail if traces.over_range is None else traces.over_range | at_rail
    return replace(traces, over_range=over, rails=rails)


def unit_family(report: Report | ThorReport) -> Family:
    """The family of the unit that a report names."""
    return family_of(report.header.serial or "")


def _family_of_counts(traces: Traces) -> Family | None:
    """The family whose counts the geophones' samples are; None where none were restored."""
    for row in traces.geophones:
        quantum = traces.quantum[row] * VELOCITIES_MM_S.get(traces.units[row], 1.0)
        for family in FAMILIES if traces.restored[row] else ():
            if any(math.isclose(quantum, own, rel_tol=1e-9) for own in family.quanta_mm_s):
                return family
    return None


def _by_count(
    traces: Traces, table: SampleTable, highest_count: int, said: Collection[str]
) -> tuple[Mask, tuple[float | None, ...]]:
    """Counts at the rail; where no counts could be restored nothing is at one."""
    at_rail = np.zeros(traces.samples.shape, dtype=np.bool_)
    rails: list[float | None] = [None] * len(traces.channels)
    for row in range(len(traces.channels)):
        if not traces.restored[row]:
            continue
        rails[row] = float(highest_count)
        at_rail[row] = at_a_rail(traces.samples[row])
        if traces.channels[row] in said:
            highest = highest_count * traces.quantum[row]
            at_rail[row] |= np.abs(table.values[row] - highest) <= table.half_units_of(row) * (1 + 1e-6)
    return at_rail, tuple(rails)


def _by_plateau(
    traces: Traces, said: Collection[str], printed: Sequence[Reading]
) -> tuple[Mask, tuple[float | None, ...]]:
    """The greatest samples of a channel where a document has it over range or they make a plateau at the range."""
    at_rail = np.zeros(traces.samples.shape, dtype=np.bool_)
    rails: list[float | None] = [None] * len(traces.channels)
    settings = settings_from(printed)
    for row, channel in enumerate(traces.channels):
        sizes = np.abs(traces.samples[row])
        greatest = float(sizes.max(initial=0))
        if not greatest:
            continue
        at_greatest = sizes == greatest
        scale = traces.quantum[row] * VELOCITIES_MM_S.get(traces.units[row], 0.0)
        is_geophone = channel in GEO_CHANNELS
        at_range = is_geophone and greatest * scale >= _AT_THE_RANGE * settings.range * MM_PER_INCH
        far_below = is_geophone and greatest * scale < _FAR_BELOW * (settings.range_in_s or 0.0) * MM_PER_INCH
        if (channel in said and not far_below) or (
            at_range and _longest_run(traces.samples[row], at_greatest) >= _SHORTEST_PLATEAU
        ):
            at_rail[row], rails[row] = at_greatest, greatest
    return at_rail, tuple(rails)


def _longest_run(samples: NDArray[np.int32] | NDArray[np.float64], wanted: Mask) -> int:
    """How many of the wanted samples follow each other with one sign."""
    longest = 0
    for sign in (1, -1):
        edges = np.diff((wanted & (np.sign(samples) == sign)).astype(np.int8), prepend=0, append=0)
        runs = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
        longest = max(longest, int(runs.max(initial=0)))
    return longest
