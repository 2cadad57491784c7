"""The quantities: every number that Blastware printed in the real exports, and the rules on small traces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.model.readings import ValueState
from sfm_archive.waveforms import Traces, compare_quantities, quantities_of, read_report
from sfm_archive.waveforms.quantities import half_period, largest_half_wave
from sfm_archive.waveforms.report_text import vendor_text

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii"


@pytest.fixture(scope="module", params=["5m.TXT", "15m.TXT"])
def real(request):
    return read_report((REAL / request.param).read_bytes())


def test_every_printed_number_comes_out_of_the_samples_within_half_a_printed_unit(real):
    found = compare_quantities(quantities_of(real.samples.traces()), real.header.readings)
    assert len(found) == 17
    assert [item for item in found if not item.agrees] == []


def test_computed_quantities_print_as_the_vendor_printed_them(real):
    printed = {(reading.quantity, reading.channel): reading.text for reading in real.header.readings}
    for reading in quantities_of(real.samples.traces()):
        assert vendor_text(reading) == printed[reading.quantity, reading.channel]


def test_imperial_units_give_the_same_motion(real):
    metric = real.samples.traces()
    imperial = Traces(
        channels=metric.channels, samples=metric.samples, quantum=tuple(q / 25.4 for q in metric.quantum),
        units=("in/s",) * 3, sample_rate=metric.sample_rate, pretrigger=metric.pretrigger,
    )  # fmt: skip
    for a, b in zip(quantities_of(metric), quantities_of(imperial), strict=True):
        factor = 25.4 if a.unit in ("mm/s", "mm") else 1
        assert b.number * factor == pytest.approx(a.number)
        assert (a.unit, b.unit) in {("mm/s", "in/s"), ("mm", "in"), ("Hz", "Hz"), ("g", "g"), ("sec", "sec")}


# --- the rules, one at a time ---


def traces(*rows, channels=None, rate=1000.0, pretrigger=0, **masks):
    names = channels or ("Tran", "Vert", "Long", "MicL")[: len(rows)]
    return Traces(
        channels=names, samples=np.array(rows, dtype=np.int32), quantum=(1.0,) * len(rows),
        units=tuple("Pa" if name == "MicL" else "mm/s" for name in names), sample_rate=rate, pretrigger=pretrigger,
        **{name: np.array(mask, dtype=bool) for name, mask in masks.items()},
    )  # fmt: skip


def computed(*rows, **given):
    return {(r.quantity, r.channel): r for r in quantities_of(traces(*rows, **given))}


def test_the_peak_is_the_first_sample_of_a_tie_of_either_sign():
    readings = computed([0, -5, 5, -5], pretrigger=2)
    assert readings["ppv", "Tran"].number == 5
    assert readings["time_of_peak", "Tran"].number == pytest.approx(-0.001)


@pytest.mark.parametrize(
    ("samples", "half"),
    [
        ([-1, 2, 9, 3, -1], 3),
        ([0, 2, 9, 3, 0], 3),
        ([-1, 2, 9, 0, 3, -1], 2),
        ([-1, 9, -1], 1),
        ([2, 9, 3, -1], 0),
        ([-1, 2, 9], 0),
        ([9], 0),
        ([0, 0], 0),
    ],
)
def test_a_half_period_is_a_run_of_one_sign_that_the_record_does_not_cut(samples, half):
    array = np.array(samples)
    assert half_period(array, int(np.abs(array).argmax())) == half


def test_a_frequency_of_a_cut_half_wave_is_absent_and_of_a_short_one_above_the_limit():
    cut = computed([1, 9, 3])["zc_frequency", "Tran"]
    assert (cut.state, cut.number) == (ValueState.ABSENT, None)
    short = computed([-1, *[9] * 5, -1], rate=1024)["zc_frequency", "Tran"]
    assert (short.state, short.number) == (ValueState.ABOVE_LIMIT, 100)
    six = computed([-1, *[9] * 6, -1], rate=1024)["zc_frequency", "Tran"]
    assert (six.state, six.number) == (ValueState.OK, pytest.approx(1024 / 12))
    slow = computed([-1, *[9] * 600, -1], rate=1024)["zc_frequency", "Tran"]
    assert (slow.state, slow.number) == (ValueState.BELOW_THRESHOLD, 1)


def test_acceleration_is_the_largest_step_of_the_whole_record():
    assert computed([0, 0, 0, 7, 20, 21, -1])["peak_acceleration", "Tran"].number == pytest.approx(22 * 1000 / 9810)


def test_displacement_is_half_of_the_largest_finished_half_wave():
    # +3, −6, then +100 that the record's end leaves unfinished.
    assert computed([1, 2, -6, 50, 50])["peak_displacement", "Tran"].number == pytest.approx(6 / 1000 / 2)


def test_a_zero_inside_a_half_wave_is_no_change_of_sign_for_the_displacement():
    assert largest_half_wave(np.array([-1, 4, 0, 4, -1, 1])) == 8
    assert largest_half_wave(np.zeros(3)) == 0
    assert largest_half_wave(np.array([3, 4])) is None


@given(st.lists(st.integers(-2048, 2048), min_size=1, max_size=60))
def test_displacement_agrees_with_a_plain_walk_over_the_samples(samples):
    total, best, sign = 0, None, 0
    for value in samples:
        if value and sign and (value > 0) != (sign > 0):
            best = max(best or 0, abs(total))
            total = 0
        sign = value or sign
        total += value
    assert largest_half_wave(np.array(samples)) == (best if any(samples) else 0)


def test_the_vector_sum_is_taken_sample_by_sample():
    readings = computed([3, 0, 5], [0, 4, 0], [4, 3, 0], pretrigger=1)
    assert readings["pvs", ""].number == 5
    assert readings["pvs_time", ""].number == pytest.approx(-0.001)  # a tie: the first


def test_no_vector_sum_without_three_geophones():
    assert ("pvs", "") not in computed([1, 2], [1, 2])
    assert set(quantities_of(traces([], [], []))) == set()


def test_sound_pressure_level_is_over_twenty_micropascal():
    readings = computed([1, -2, 1], channels=("MicL",))
    assert readings["pspl", "MicL"].number == pytest.approx(100.0)
    assert readings["pspl", "MicL"].unit == "dB(L)"
    assert computed([0, 0], channels=("MicL",))["pspl", "MicL"].state is ValueState.ABSENT


def test_an_offset_is_not_removed():
    assert computed([10, 11, 10])["ppv", "Tran"].number == 11


def test_an_over_range_channel_keeps_time_and_frequency_of_its_first_sample_at_the_rail():
    row = [-1, 5, 2048, 2048, 4, -1, 3]
    over = [[abs(value) == 2048 for value in row]]
    readings = computed(row, over_range=over)
    for quantity in ("ppv", "peak_acceleration", "peak_displacement"):
        assert (readings[quantity, "Tran"].state, readings[quantity, "Tran"].number) == (ValueState.OVER_RANGE, None)
    assert readings["time_of_peak", "Tran"].number == pytest.approx(0.002)
    assert readings["zc_frequency", "Tran"].state is ValueState.ABOVE_LIMIT


def test_one_over_range_geophone_makes_the_vector_sum_over_range():
    readings = computed([0, 2048], [0, 1], [0, 1], over_range=[[0, 1], [0, 0], [0, 0]])
    assert readings["pvs", ""].state is ValueState.OVER_RANGE
    assert readings["ppv", "Vert"].state is ValueState.OK


def test_an_impossible_sample_leaves_no_number_of_its_channel_nor_a_vector_sum():
    readings = computed([0, 9999, -1], [0, 1, -1], [0, 1, -1], unusable=[[0, 1, 0], [0] * 3, [0] * 3])
    assert {r.state for (q, c), r in readings.items() if c == "Tran"} == {ValueState.ABSENT}
    assert readings["pvs", ""].state is readings["pvs_time", ""].state is ValueState.ABSENT
    assert readings["ppv", "Vert"].number == 1
