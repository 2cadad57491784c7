"""Decoded events beside their reports: agreement to rounding, and differences found where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from sfm_archive.errors import UsageError
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.testing import HistogramInterval, ascii_report, recorded_motion, simulate_histogram, simulate_waveform
from sfm_archive.waveforms import (
    compare_intervals,
    compare_quantities,
    compare_samples,
    decode_event,
    differences,
    quantities_of,
    read_report,
)

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii"


@pytest.fixture(scope="module", params=["flat", "quiet", "ordinary", "loud", "clipped", "real"])
def pair(request):
    random = Random(5)
    motion = None
    if request.param == "real":
        motion = recorded_motion((REAL / "5m.TXT").read_text(), random=random, seconds=1.0)
    given = {} if motion else {"loudness": request.param, "seconds": 1.0, "sample_rate": 1024}
    event = simulate_waveform(random, motion=motion, **given)
    report = read_report(ascii_report(event, file_name="M529LK44.AB0"))
    return decode_event(event.memory, pretrigger=report.samples.pretrigger).waveform, report


@pytest.mark.parametrize("unit", ["in/s", "mm/s"])
def test_an_event_agrees_with_its_own_report_in_either_unit(pair, unit):
    waveform, report = pair
    found = compare_samples(waveform.traces(unit=unit), report.samples)
    assert found.agree and len(found.channels) == 4
    assert all(channel.largest <= 0.00501 for channel in found.channels[:3])
    assert differences(quantities_of(waveform.traces(unit=unit)), report.header.readings) == ()
    assert compare_quantities(quantities_of(waveform.traces()), report.header.readings)


def test_the_wrong_range_differs_and_says_from_where(pair):
    waveform, report = pair
    found = compare_samples(waveform.traces(1.25), report.samples)
    for channel, row in zip(found.channels[:3], waveform.counts, strict=False):
        assert channel.first == (int(np.flatnonzero(row)[0]) if row.any() else None)


def test_one_changed_sample_is_found(pair):
    waveform, report = pair
    counts = waveform.counts.copy()
    counts[1, 77] += 3
    found = compare_samples(replace(waveform, counts=counts).traces(), report.samples)
    vert = found.channels[1]
    assert (vert.channel, vert.differing, vert.first) == ("Vert", 1, 77)


def test_records_of_other_lengths_do_not_agree(pair):
    waveform, report = pair
    found = compare_samples(replace(waveform, counts=waveform.counts[:, :-1]).traces(), report.samples)
    assert not found.agree and found.rows_reported == found.rows_decoded + 1
    assert not any(channel.differing for channel in found.channels)


def test_an_over_range_word_agrees_with_a_sample_at_the_rail_only():
    event = simulate_waveform(Random(6), seconds=1.0, sample_rate=1024, loudness="clipped")
    text = ascii_report(event, file_name="x")
    waveform = decode_event(event.memory).waveform
    column, at = (int(found[0]) for found in np.nonzero(np.abs(waveform.counts[:3]) == 2048))
    lines = text.split(b"\r\n")
    head = next(number for number, line in enumerate(lines) if line.startswith(b"   Tran")) + 1

    def with_word_at(row):
        cells = lines[head + row].split(b"\t")
        cells[column] = b"OORANGE   "
        changed = [*lines[: head + row], b"\t".join(cells), *lines[head + row + 1 :]]
        return compare_samples(waveform.traces(), read_report(b"\r\n".join(changed)).samples)

    assert with_word_at(at).agree
    other = int(np.flatnonzero(np.abs(waveform.counts[column]) < 2048)[0])
    assert (with_word_at(other).channels[column].differing, with_word_at(other).channels[column].first) == (1, other)


def test_channels_that_a_report_does_not_print_do_not_count_and_ones_it_alone_has_do():
    event = simulate_waveform(Random(7), seconds=1.0, sample_rate=1024)
    table = read_report(ascii_report(event, file_name="x")).samples
    traces = decode_event(event.memory).waveform.traces()
    geophones = replace(
        table, channels=table.channels[:3], units=table.units[:3], values=table.values[:3],
        decimals=table.decimals[:3], states=table.states[:3],
    )  # fmt: skip
    found = compare_samples(traces, geophones)
    assert found.agree and found.only_decoded == ("MicL",)
    found = compare_samples(geophones.traces(), table)
    assert not found.agree and found.only_reported == ("MicL",)


def test_columns_of_another_kind_of_unit_are_refused():
    event = simulate_waveform(Random(7), seconds=1.0, sample_rate=1024)
    table = read_report(ascii_report(event, file_name="x")).samples
    with pytest.raises(UsageError):
        compare_samples(decode_event(event.memory).waveform.traces(), replace(table, units=("g",) * 4))


# --- quantities ---


def reading(number, text="", unit="mm/s", state=ValueState.OK, quantity="ppv"):
    return Reading(quantity=quantity, channel="Tran", number=number, unit=unit, state=state, text=text)


@pytest.mark.parametrize(
    ("computed", "reported", "agrees"),
    [
        (reading(10.274), reading(10.27, "10.27 mm/s"), True),
        (reading(10.276), reading(10.27, "10.27 mm/s"), False),
        (reading(1.0, unit="in/s"), reading(25.4, "25.40 mm/s"), True),
        (reading(1.0), reading(0.039, "0.039 in/s", "in/s"), True),
        (reading(55.35, unit="Hz"), reading(55, "55 Hz", "Hz"), True),
        (reading(100, unit="Hz", state=ValueState.ABOVE_LIMIT), reading(102.4, "102.4 Hz", "Hz"), False),
        (reading(None, state=ValueState.OVER_RANGE), reading(None, "OORANGE", "", ValueState.OVER_RANGE), True),
        (reading(10.2), reading(None, "OORANGE", "", ValueState.OVER_RANGE), False),
        (reading(140.1, unit="dB(L)"), reading(0.0293, "0.029 psi(L)", "psi(L)"), True),
        (reading(140.1, unit="dB(L)"), reading(202.0, "202 pa.(L)", "pa.(L)"), True),
        (reading(1.0, unit="g"), reading(1.0, "1.0 mm/s", "mm/s"), False),
    ],
)
def test_quantities_agree_to_half_a_printed_unit_and_in_their_state(computed, reported, agrees):
    (found,) = compare_quantities([computed], [reported])
    assert found.agrees is agrees
    assert (differences([computed], [reported]) == ()) is agrees


def test_quantities_that_one_side_lacks_are_not_compared():
    assert compare_quantities([reading(1.0)], [reading(1.0, quantity="pvs")]) == ()


# --- histograms ---


@pytest.mark.parametrize("seed", range(5))
def test_a_histogram_agrees_with_its_own_report(seed):
    event = simulate_histogram(Random(seed), count=60)
    table = read_report(ascii_report(event, file_name="x")).intervals
    found = compare_intervals(decode_event(event.memory).histogram, table)
    assert found.agree and found.compared == 60 * 6


def test_finer_stored_intervals_are_grouped_before_they_are_compared():
    quiet = HistogramInterval(1, 10, 1, 10, 1, 10, 1, 10)
    fine = [quiet._replace(tran=peak) for peak in (3, 9, 4, 4, 5, 1)]
    coarse = [quiet._replace(tran=peak) for peak in (9, 5)]
    table = read_report(ascii_report(simulate_histogram(Random(1), intervals=coarse), file_name="x")).intervals
    histogram = decode_event(simulate_histogram(Random(1), intervals=fine).memory).histogram
    found = compare_intervals(histogram, table)
    assert found.agree and found.blocks_per_row == 3


def test_a_differing_interval_is_named():
    event = simulate_histogram(Random(3), count=10)
    histogram = decode_event(event.memory).histogram
    peaks = histogram.peaks.copy()
    peaks[1, 4] += 5
    table = read_report(ascii_report(event, file_name="x")).intervals
    found = compare_intervals(replace(histogram, peaks=peaks), table)
    assert [(item.row, item.channel, item.quantity) for item in found.differences] == [(4, "Vert", "ppv")]
