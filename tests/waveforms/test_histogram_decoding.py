"""Histogram bodies: the published vector, round trips with the simulator, grouping, what words stand for."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueState
from sfm_archive.testing import HistogramInterval, blastware_file, simulate_histogram
from sfm_archive.waveforms import decode_event, decode_event_file, histogram_quantities

QUIET = HistogramInterval(1, 10, 1, 10, 1, 10, 1, 10)


def decoded(*intervals, **given):
    result = decode_event(simulate_histogram(Random(1), intervals=intervals, **given).memory)
    assert result.record_type is RecordType.HISTOGRAM
    return result


def test_the_published_bytes_05_79_69_00_are_0_025_in_s():
    event = simulate_histogram(Random(1), intervals=[HistogramInterval(5, 0x7969, 0, 2, 1, 2, 1, 2)])
    assert event.memory[25 + 6 : 25 + 10] == bytes.fromhex("05796900")
    histogram = decode_event(event.memory).histogram
    assert histogram.physical()["Tran"].tolist() == pytest.approx([0.025])
    assert histogram.half_periods[0, 0] == 0x7969


def test_hundreds_of_events_without_one_wrong_interval():
    random = Random(3)
    for _ in range(300):
        event = simulate_histogram(random, count=random.choice((1, 2, 30, 150)))
        result = decode_event(event.memory)
        assert result.findings == ()
        truth = np.array(event.intervals).T
        np.testing.assert_array_equal(result.histogram.peaks, truth[0::2])
        np.testing.assert_array_equal(result.histogram.half_periods, truth[1::2])


def test_an_event_file_decodes_like_its_memory():
    event = simulate_histogram(Random(4), count=9)
    histogram = decode_event_file(blastware_file(event)).histogram
    assert histogram.peaks[0].tolist() == [interval.tran for interval in event.intervals]


def test_frequencies_are_rate_over_two_half_periods_and_five_samples_are_above_100_hz():
    halves = (0, 5, 6, 512)
    histogram = decoded(*(QUIET._replace(tran_half=half) for half in halves)).histogram
    frequencies = histogram.frequencies()[0]
    assert np.isnan(frequencies[0])
    assert frequencies[1:].tolist() == pytest.approx([102.4, 512 / 6, 1.0])
    assert histogram.above_limit()[0].tolist() == [False, True, False, False]


def test_a_peak_above_what_one_byte_holds_is_read_whole():
    assert decoded(QUIET._replace(vert=1234)).histogram.physical()["Vert"][0] == pytest.approx(6.17)


def test_quantities_are_those_of_the_loudest_interval():
    loud = QUIET._replace(tran=400, tran_half=16, micl=813)
    readings = {(r.quantity, r.channel): r for r in histogram_quantities(decoded(QUIET, loud, QUIET).histogram)}
    assert readings["ppv", "Tran"].number == pytest.approx(2.0)
    assert readings["zc_frequency", "Tran"].number == pytest.approx(32.0)
    assert readings["pspl", "MicL"].number == pytest.approx(140.1, abs=0.05)
    assert ("pvs", "") not in readings


def test_a_peak_at_the_rail_is_over_range_and_one_beyond_it_no_value_at_all():
    histogram = decoded(QUIET._replace(tran=2048)).histogram
    ppv = histogram_quantities(histogram)[0]
    assert (ppv.state, ppv.number) == (ValueState.OVER_RANGE, None)
    event = simulate_histogram(Random(1), intervals=[QUIET])
    memory = event.memory[:30] + (5000).to_bytes(2, "big") + event.memory[32:]
    result = decode_event(memory)
    assert [finding.code for finding in result.findings] == ["impossible-value"]
    ppv, frequency = histogram_quantities(result.histogram)[:2]
    assert ppv.state is frequency.state is ValueState.ABSENT
    assert np.isnan(result.histogram.physical()["Tran"][0])


def test_finer_blocks_group_to_the_largest_peak_with_its_own_half_period():
    intervals = [QUIET._replace(tran=peak, tran_half=half) for peak, half in ((3, 7), (9, 8), (9, 9), (2, 4), (5, 6))]
    grouped = decoded(*intervals).histogram.grouped(2)
    assert grouped.peaks[0].tolist() == [9, 9, 5]
    assert grouped.half_periods[0].tolist() == [8, 9, 6]
    assert grouped.size == 3
    with pytest.raises(UsageError):
        grouped.grouped(0)


def test_intervals_whose_numbers_skip_are_said():
    memory = bytearray(simulate_histogram(Random(5), intervals=[QUIET] * 5).memory)
    memory[25 + 64 + 2] ^= 0x40
    (finding,) = decode_event(bytes(memory)).findings
    assert finding.code == "interval-index"


def test_blocks_end_where_the_block_test_fails():
    memory = bytearray(simulate_histogram(Random(5), intervals=[QUIET] * 5).memory)
    memory[25 + 3 * 32 + 28] ^= 0xFF
    assert decode_event(bytes(memory)).histogram.size == 3
