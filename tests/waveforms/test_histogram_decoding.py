"""Histogram bodies: the published vector, round trips with the simulator, grouping, what words stand for."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import ValueState
from sfm_archive.testing import HistogramInterval, blastware_file, simulate_histogram
from sfm_archive.testing.histograms import histogram_records
from sfm_archive.waveforms import decode_event, decode_event_file, histogram_quantities
from sfm_archive.waveforms.interval_counts import StatedIntervals

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


@pytest.mark.parametrize("peak", [2047, 2048])
def test_a_peak_at_either_rail_is_over_range(peak):
    # A peak has no sign: 2047 is the upper rail, 2048 the lower one.
    ppv = histogram_quantities(decoded(QUIET._replace(tran=peak)).histogram)[0]
    assert (ppv.state, ppv.number) == (ValueState.OVER_RANGE, None)
    below = histogram_quantities(decoded(QUIET._replace(tran=2046)).histogram)[0]
    assert below.state is ValueState.OK and below.number == pytest.approx(10.23)


def test_a_peak_beyond_the_rails_is_no_value_at_all():
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


# --- where a body ends ---

FIRST, STEP = 25, 32
"""Where the published block of the first record begins, and from one to the next."""


def body(count, *, mark, index=0):
    """Event memory whose body is `count` records and nothing else."""
    chain = histogram_records(Random(5), [QUIET] * count, first_counter=0x46, first_index=index, last_mark=mark)
    return bytes.fromhex("00120300") + b"STRT\xff\xfe" + bytes(8) + chain


def findings_of(memory, **stated):
    return [(found.code, found.message) for found in decode_event(memory, **stated).findings]


def codes_of(memory, **stated):
    return [code for code, _ in findings_of(memory, **stated)]


@pytest.mark.parametrize("mark", [True, False])
def test_of_792_records_all_are_read_where_791_blocks_pass_the_published_test(mark):
    memory = body(792, mark=mark)
    passing = sum(memory[at + 28 : at + 32] == b"\x1e\x0a\0\0" for at in range(FIRST, len(memory), STEP))
    assert passing == (792 if mark else 791)
    result = decode_event(memory, intervals=792)
    assert (result.histogram.size, result.findings) == (792, ())


@pytest.mark.parametrize("left", [b"\0", b"\x10" * 9, b"Project:\0"])
def test_bytes_left_over_behind_the_last_record_are_not_read(left):
    memory = body(12, mark=False) + left
    assert decode_event(memory).histogram.size == 12 and codes_of(memory) == []


def test_what_stands_behind_the_microphone_neither_ends_a_body_nor_shows():
    quiet = body(40, mark=False)
    loud = bytearray(quiet)
    for at in range(FIRST, len(loud), STEP):
        loud[at + 21 : at + 25] = b"\x12\x34\x56\x78"
    ours, theirs = decode_event(bytes(loud)), decode_event(quiet)
    assert ours.findings == () and (ours.histogram.peaks == theirs.histogram.peaks).all() and ours.histogram.size == 40


def test_the_index_goes_on_behind_its_largest_value():
    histogram = decode_event(body(9, mark=True, index=0xFFFC)).histogram
    assert histogram.index.tolist() == [0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("at", [2, 24 - 20, 5])
def test_a_first_header_that_does_not_fit_costs_nothing_where_the_next_one_does(at):
    memory = bytearray(body(9, mark=False))
    memory[20 + at] ^= 0xFF
    result = decode_event(bytes(memory))
    assert (result.record_type, result.histogram.size) == (RecordType.HISTOGRAM, 9)


@pytest.mark.parametrize(("field", "ends"), [(-4, 4), (-3, 4), (-2, 4), (-1, 4), (0, 4), (1, 4), (2, 4)])
def test_a_body_damaged_in_the_middle_ends_there_and_says_where_it_would_go_on(field, ends):
    memory = bytearray(body(9, mark=False))
    memory[FIRST + STEP * 4 + field] ^= 0x40
    result = decode_event(bytes(memory))
    assert result.histogram.size == ends
    (found,) = result.findings
    assert found.code == "histogram-cut" and f"0x{FIRST + STEP * 5:X}" in found.message


@pytest.mark.parametrize("change", [-1, 3, -32, 32 + 5])
def test_bytes_lost_or_put_in_are_said(change):
    whole = body(9, mark=True)
    at = FIRST + STEP * 4 + 12
    memory = whole[: at + change] + whole[at:] if change < 0 else whole[:at] + bytes(change) + whole[at:]
    assert codes_of(memory) == ["histogram-cut"]


def test_a_last_record_that_does_not_fit_is_told_by_what_documents_or_start_and_stop_promise():
    events = (simulate_histogram(Random(seed), intervals=[QUIET] * 5, interval_seconds=300) for seed in range(20))
    event = next(event for event in events if b"\x1e\x0a" not in event.memory[FIRST + 4 * STEP :])
    memory = bytearray(event.memory)
    memory[FIRST + 3 * STEP + 28] ^= 0xFF
    memory = bytes(memory)
    assert decode_event(memory).histogram.size == 4
    (untold,) = findings_of(memory)
    assert (
        untold[0] == "histogram-cut" and "start and stop are 0:25:00 apart, room for 5 intervals of 300 s" in untold[1]
    )
    (stated,) = findings_of(memory, intervals=5)
    assert stated == ("histogram-cut", "the histogram was read up to its interval 4: a document states 5")
    (timed,) = findings_of(memory, interval_s=300)
    assert "between start and stop there is room for 5 intervals of 300 s" in timed[1]
    assert codes_of(event.memory, intervals=5, interval_s=300) == codes_of(event.memory) == []


@pytest.mark.parametrize("seconds", [2, 5, 15, 60, 300, 900])
@pytest.mark.parametrize("more", [0, 1, 0.5, 0.99])
def test_an_unfinished_last_interval_that_a_timer_discards_is_no_finding(seconds, more):
    lasted = seconds * 31 + int(seconds * more) % seconds
    start = datetime(2026, 5, 1)
    event = simulate_histogram(
        Random(1), intervals=[QUIET] * 31, recorded_at=start, stopped_at=start + timedelta(seconds=lasted)
    )
    for stated in ({}, {"interval_s": seconds}, {"interval_s": seconds, "intervals": 32}):
        assert codes_of(event.memory, **stated) == []
    assert codes_of(event.memory, intervals=32) == ["histogram-cut"]


def test_several_stored_intervals_to_a_printed_one_are_whole():
    memory = body(40, mark=False)
    assert codes_of(memory, intervals=10) == codes_of(memory, intervals=40) == []
    assert codes_of(memory, intervals=11) == codes_of(memory, intervals=41) == ["histogram-cut"]


@pytest.mark.parametrize(
    ("stated", "size", "seconds"),
    [
        (StatedIntervals(lasted_s=12_000), 40, 300),
        (StatedIntervals(lasted_s=11_993), 40, 300),
        (StatedIntervals(lasted_s=11_993), 39, 300),
        (StatedIntervals(lasted_s=12_000), 33, 300),
        (StatedIntervals(lasted_s=100), 100, 1),
        (StatedIntervals(lasted_s=168 * 3600), 168, 3600),
        (StatedIntervals(lasted_s=6000), 600, 10),
        (StatedIntervals(lasted_s=12_000, seconds=60.0), 40, 60),
        (StatedIntervals(seconds=60.0), 40, 60),
        (StatedIntervals(seconds=60.0, number=10), 40, 15),
        (StatedIntervals(lasted_s=600, seconds=60.0), 40, 15),
        (StatedIntervals(), 40, None),
        (StatedIntervals(lasted_s=-5), 40, None),
        (StatedIntervals(lasted_s=5), 0, None),
    ],
)
def test_how_long_an_interval_is(stated, size, seconds):
    assert stated.interval(size) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("wrong", [{"intervals": 0}, {"interval_s": -1}, {"intervals": float("nan")}])
def test_a_count_that_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError):
        decode_event(body(3, mark=True), **wrong)
