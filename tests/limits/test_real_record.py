"""Verdicts on a record of a real unit: the samples that its report prints, against its own numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sfm_archive.limits.curves import curve
from sfm_archive.limits.judging import judge, judge_channels
from sfm_archive.limits.outcomes import Cause, Judging, Outcome
from sfm_archive.model.day_peaks import DayPeaks, Pair
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import GEO_CHANNELS, ValueSource
from sfm_archive.model.summaries import summary_of
from sfm_archive.model.velocities import whole_nm_s
from sfm_archive.waveforms.any_report import read_any_report
from sfm_archive.waveforms.peaks import half_waves, undominated

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii" / "5m.TXT"
START = "2023-01-01T00:00:00"


@pytest.fixture(scope="module")
def record():
    """Its row, and its half waves as an archive keeps them."""
    report = read_any_report(REAL.read_bytes())
    printed = [replace(reading, source=ValueSource.REPORT) for reading in report.header.readings]
    summary = summary_of(printed, name="", start_local=START, record_type=RecordType.WAVEFORM, revision=0, encoding="")
    table = report.samples
    kept = []
    for channel in GEO_CHANNELS:
        samples = np.nan_to_num(table.values[table.channels.index(channel)])
        found = half_waves(samples)
        hertz = np.where(found.cut, np.nan, table.sample_rate / (2 * found.lengths))
        peaks = np.array([whole_nm_s(float(peak), "mm/s") for peak in found.peaks])
        kept.append(tuple(Pair(*pair) for pair in undominated(hertz[None], peaks[None])[0]))
    return summary, [DayPeaks(START[:10], *kept, 0, None)]


def test_another_half_wave_is_above_din_line_2_where_the_peak_is_within(record):
    summary, days = record
    assert (summary.tran_nm_s, summary.tran_hz) == (10_270_000, 55)
    line = curve("din-4150-3-line-2")
    found = judge_channels(summary, days, RecordType.WAVEFORM, line)["Tran"]
    assert (found.outcome, found.cause) == (Outcome.UNDECIDED, Cause.HALF_WAVE_ABOVE)
    assert found.shown.outcome is Outcome.WITHIN and found.why("mm/s") == (
        "the peak is within; another half wave, Tran 7.27 mm/s at 14.0 Hz, is 1.21 times the limit"
    )
    tran = summary._replace(vert_nm_s=0, long_nm_s=0), [days[0]._replace(vert=(), long=())]
    outcomes = {by: judge(*tran, RecordType.WAVEFORM, line, by).outcome for by in Judging}
    assert outcomes == {
        Judging.BOTH: Outcome.UNDECIDED, Judging.PEAK: Outcome.WITHIN, Judging.RECORD: Outcome.EXCEEDED,
    }  # fmt: skip
    without = judge_channels(summary, [], RecordType.WAVEFORM, line)["Tran"]
    assert (without.outcome, without.cause) == (Outcome.WITHIN, Cause.HALF_WAVES_UNKNOWN)
