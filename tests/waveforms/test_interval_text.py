"""The interval rows of a histogram as text: read back by our own reader, nothing is lost but what words take away."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.model.readings import ValueState
from sfm_archive.model.units import geo_quantum
from sfm_archive.waveforms import Histogram, compare_intervals
from sfm_archive.waveforms.interval_tables import read_intervals
from sfm_archive.waveforms.interval_text import interval_rows

START = datetime(2026, 5, 1, 23, 50, 0)


def histogram(peaks: list[int], halves: list[int], rate: float = 1024.0) -> Histogram:
    """Intervals whose four channels all have these peaks and half-periods."""
    return Histogram(
        index=np.arange(len(peaks), dtype=np.int32),
        peaks=np.array([peaks] * 4, dtype=np.int32),
        half_periods=np.array([halves] * 4, dtype=np.int32),
        sample_rate=rate,
        sample_rate_assumed=False,
    )


@given(
    intervals=st.lists(st.tuples(st.integers(0, 2100), st.integers(0, 700)), min_size=1, max_size=40),
    unit=st.sampled_from(["in/s", "mm/s"]),
    range_in_s=st.sampled_from([10.0, 1.25]),
    rate=st.sampled_from([1024.0, 2048.0, 4096.0]),
    interval=st.sampled_from([2, 5, 15, 60, 300, 900]).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_every_count_half_wave_and_time_reads_back(intervals, unit, range_in_s, rate, interval):
    peaks, halves = [peak for peak, _ in intervals], [half for _, half in intervals]
    written = histogram(peaks, halves, rate)
    text = interval_rows(written, START, interval, range_in_s, unit, b"\r\n")
    table, findings = read_intervals(text.decode("ascii"), units_text=f"{unit} and Pa", started=None)
    assert findings == () and table.other_lines == () and table.unit == unit
    assert [row.at for row in table.rows] == [START + number * interval for number in range(1, len(peaks) + 1)]
    assert compare_intervals(written, table, range_in_s).agree
    for row, peak, half in zip(table.rows, peaks, halves, strict=True):
        assert {cell.state for cell in row.peaks} == {ValueState.OVER_RANGE if peak >= 2047 else ValueState.OK}
        if peak < 2047:
            assert {round(cell.number / geo_quantum(range_in_s, unit)) for cell in row.peaks} == {peak}
            assert float(row.further[0]) == peak * 0.25
        (frequency,) = {cell.text for cell in row.frequencies}
        assert row.further[1] == frequency
        if frequency not in (">100", "<1", "N/A"):
            assert round(rate / (2 * float(frequency))) == half


def test_a_frequency_is_printed_as_blastware_does_where_that_tells_the_half_wave():
    text = interval_rows(histogram([5] * 5, [9, 15, 5, 513, 0]), START, timedelta(seconds=5), 10.0, "in/s")
    assert text.decode("ascii").splitlines()[:2] == [
        "May 1, 2026",
        "23:50:05\t0.025\t57\t0.025\t57\t0.025\t57\t1.250\t57",
    ]
    assert [line.split("\t")[2] for line in text.decode("ascii").splitlines()[1:]] == [
        "57",
        "34.1",
        ">100",
        "<1",
        "N/A",
    ]


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(seconds=4.99), timedelta(days=1), timedelta(seconds=-5)])
def test_intervals_that_no_clock_time_tells_apart_are_refused(interval):
    with pytest.raises(BadInput, match="do not fit"):
        interval_rows(histogram([1], [9]), START, interval, 10.0, "in/s")
