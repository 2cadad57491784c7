"""THOR's CSV, in the form that its description gives: its samples, and what was decoded against them."""

from __future__ import annotations

from datetime import datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.dialects import dialect_of
from sfm_archive.model.readings import ValueState
from sfm_archive.selftest.fuzz import mutated
from sfm_archive.testing import ascii_report, blastware_file, simulate_waveform, thor_csv
from sfm_archive.waveforms import (
    compare_quantities,
    compare_samples,
    decode_event_file,
    quantities_of,
    read_any_report,
    read_report,
    read_thor,
)
from sfm_archive.waveforms.segments import MAX_SAMPLES

TEXT = """"Serial Number","UM16127"
"Event Date","2026-06-26 15:41:05"
"Sample Rate","4096 sps"
"Pre-Trigger","-0.500 sec"
"Trigger","Vert"
"Peak Vector Sum","31.68 mm/s"
"Peak Vector Sum Time","0.030 sec"
"Channel","Tran"
"PPV","<0.127 mm/s"
"ZC Frequency","N/A"
"Channel","Vert"
"PPV","22.52 mm/s"
"ZC Frequency",">100 Hz"
"Time of Peak","0.030 sec"
"Channel","MicL"
"PSPL","140.1 dB(L)"
"Tran","Vert","MicL"
"0.008","-0.016","0.25"
"0.000","0.024","-1.50"
"""


def simulated(loudness: str, seed: int = 3):
    return simulate_waveform(Random(seed), seconds=0.5, sample_rate=1024, loudness=loudness)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_channels_and_samples(ending):
    found = read_thor(TEXT.replace("\n", ending).encode())
    assert (found.header.serial, found.header.recorded_at) == ("UM16127", datetime(2026, 6, 26, 15, 41, 5))
    readings = {(r.quantity, r.channel): r for r in found.header.readings}
    assert readings["ppv", "Tran"].state is ValueState.BELOW_THRESHOLD and readings["ppv", "Tran"].number == 0.127
    assert readings["ppv", "Vert"].number == 22.52 and readings["pspl", "MicL"].unit == "dB(L)"
    assert readings["zc_frequency", "Vert"].state is ValueState.ABOVE_LIMIT
    assert (readings["pvs", ""].number, readings["pvs_time", ""].number) == (31.68, 0.03)
    table = found.samples
    assert table.channels == ("Tran", "Vert", "MicL") and table.units == ("mm/s", "mm/s", "Pa")
    assert table.values.tolist() == [[0.008, 0.0], [-0.016, 0.024], [0.25, -1.5]]
    assert (table.sample_rate, table.pretrigger, found.findings) == (4096, 2048, ())
    assert len(found.header.fields) == 16
    assert quantities_of(table.traces())


def test_words_among_the_samples_are_states():
    table = read_thor(TEXT.replace('"-0.016"', '"OORANGE"').encode()).samples
    assert table.values[0].tolist() == [0.008, 0.0]
    assert table.traces().over_range.tolist() == [[False, False], [True, False], [False, False]]


def test_a_csv_without_samples_and_texts_of_another_dialect():
    assert read_thor(TEXT.split('"Tran","Vert"')[0].encode()).samples is None
    with pytest.raises(BadInput):
        read_report(TEXT.encode())
    with pytest.raises(BadInput):
        read_thor(b'"Event Type : Full Waveform"\n')
    with pytest.raises(BadInput, match="nor a CSV of THOR"):
        read_any_report(b"a,b\n1,2\n")


def test_a_unit_that_no_line_tells_is_assumed_and_said_so():
    untold = read_thor(b'"Serial Number","UM1"\n"Channel","Vert"\n"Vert"\n"0.1"\n')
    assert untold.samples.units == ("mm/s",)
    assert [finding.code for finding in untold.findings] == ["unit-assumed"]
    assert quantities_of(untold.samples.traces(sample_rate=1024))[0].state is ValueState.ABSENT
    told = read_thor(b'"Units","in/s and Pa"\n"Channel","Vert"\n"Vert"\n"0.1"\n')
    assert (told.samples.units, told.findings) == (("in/s",), ())


@pytest.mark.parametrize(
    ("units", "cells", "unit"),
    [
        ("mm/s and dB(L)", ("<88.0", "110.0", "<88.0"), "dB(L)"),
        ("mm/s and dB(L)", ("92.0", "110.0", "88.4"), "dB(L)"),
        ("mm/s and psi(L)", ("0.001", "-0.002", "0.000"), "psi"),
        ("mm/s", ("<88.0", "110.0", "<88.0"), "dB(L)"),
        ("mm/s", ("0.25", "-1.50", "0.00"), "Pa"),
        ("mm/s and Pa", ("80.25", "101.50", "60.00"), "Pa"),
        ("mm/s", ("92.0", "110.0", "88.4"), None),
    ],
)
def test_the_microphone_is_in_the_unit_that_the_csv_states_or_its_cells_show(units, cells, unit):
    rows = "".join(f'"0.008","-0.016","{cell}"\n' for cell in cells)
    head = TEXT.partition('"0.008"')[0].replace('"Trigger"', f'"Units","{units}"\n"Trigger"')
    found = read_thor((head + rows).encode())
    pspl = quantities_of(found.samples.traces())[-3]
    assert pspl.quantity == "pspl"
    if unit is None:
        assert [one.code for one in found.findings] == ["unit-assumed"] and "microphone (MicL)" in found.findings[
            0
        ].message
        assert (found.samples.assumed, pspl.number, pspl.state) == (("MicL",), None, ValueState.ABSENT)
    else:
        assert (found.samples.units[2], found.samples.assumed, found.findings) == (unit, (), ())
        assert pspl.number is not None and (unit != "dB(L)" or pspl.number == 110.0)


def test_a_heading_of_keys_and_values_is_no_line_that_is_not_read():
    assert read_thor(b'"Key","Value"\n' + TEXT.encode()).findings == ()


def test_a_comma_inside_of_a_cell_is_no_separator_and_no_decimal_point():
    table = read_thor(TEXT.replace('"0.008"', '"0,008"').encode()).samples
    assert np.isnan(table.values[0, 0]) and table.values[1:, 0].tolist() == [-0.016, 0.25]
    assert table.values[:, 1].tolist() == [0.0, 0.024, -1.5]


@pytest.mark.parametrize("row", ['"0.000" , "0.024",  "-1.50"', "0.000,0.024,-1.50", '0.000,"0.024" ,-1.50 '])
def test_blanks_between_cells_and_cells_without_quotes_are_read(row):
    found = read_thor(TEXT.replace('"0.000","0.024","-1.50"', row).encode())
    assert found.samples.values[:, 1].tolist() == [0.0, 0.024, -1.5] and found.findings == ()


def test_broken_rows_are_filled_up_and_counted():
    found = read_thor(TEXT.replace('"0.000","0.024","-1.50"', '"0.000"').encode())
    assert found.samples.rows == 2 and [finding.code for finding in found.findings] == ["cut-off", "broken-row"]


@pytest.mark.parametrize("loudness", ["quiet", "ordinary", "loud", "clipped", "flat"])
@pytest.mark.parametrize("unit", ["mm/s", "in/s"])
@pytest.mark.parametrize("microphone", [True, False])
def test_decoded_samples_and_numbers_agree_with_the_csv_of_the_same_event(loudness, unit, microphone):
    event = simulated(loudness)
    report = read_any_report(thor_csv(event, unit=unit, microphone=microphone))
    assert report.findings == () and report.intervals is None
    traces = decode_event_file(blastware_file(event)).waveform.traces(unit=unit)
    compared = compare_samples(traces, report.samples)
    assert compared.agree and [c.compared for c in compared.channels] == [traces.size] * (4 if microphone else 3)
    numbers = compare_quantities(quantities_of(traces), report.header.readings)
    assert numbers and all(number.agrees for number in numbers)


def test_one_changed_sample_is_found():
    event = simulated("ordinary")
    lines = thor_csv(event).split(b"\r\n")
    at = lines.index(b'"Tran","Vert","Long","MicL"') + 1 + 77
    cells = lines[at].split(b",")
    lines[at] = b",".join([cells[0], b'"99.999"', *cells[2:]])
    traces = decode_event_file(blastware_file(event)).waveform.traces(unit="mm/s")
    compared = compare_samples(traces, read_any_report(b"\r\n".join(lines)).samples)
    assert [(c.differing, c.first) for c in compared.channels] == [(0, None), (1, 77), (0, None), (0, None)]


@pytest.mark.parametrize(("printed", "agrees"), [("<0.127 mm/s", True), ("<0.005 in/s", True), ("<0.001 mm/s", False)])
def test_a_number_below_a_reported_threshold_agrees_with_it(printed, agrees):
    event = simulated("flat")
    readings = [
        reading
        for reading in quantities_of(decode_event_file(blastware_file(event)).waveform.traces(unit="mm/s"))
        if reading.quantity == "ppv" and 0 < reading.number <= 0.127
    ]
    assert readings
    text = "".join(f'"Channel","{reading.channel}"\n"PPV","{printed}"\n' for reading in readings)
    reported = read_thor(('"Serial Number","UM1"\n' + text).encode()).header.readings
    assert {found.agrees for found in compare_quantities(readings, reported)} == {agrees}


@pytest.mark.parametrize(
    "header",
    [
        '"Event Type : x"\n"Pre-trigger Length : %s sec"\n"Sample Rate : %s sps"\n"PC SW Version : V"\n\n Vert \n0.1\n',
        '"Pre-trigger Length","%s sec"\n"Sample Rate","%s sps"\n"Channel","Vert"\n"Vert"\n"0.1"\n',
    ],
)
@pytest.mark.parametrize(("before", "rate"), [("9" * 305, "99999999"), ("1", "9" * 305), ("-4000", "1024")])
def test_times_and_rates_that_no_unit_has_are_not_taken(header, before, rate):
    table = read_any_report((header % (before, rate)).encode()).samples
    assert table.rows == 1 and table.pretrigger is None


@pytest.mark.long
def test_rows_beyond_what_this_program_reads_are_left_out_and_said_so():
    row = b'"0.1"\n'
    head = b'"Units","mm/s"\n"Channel","Vert"\n"Vert"\n'
    found = read_thor(head + row * (MAX_SAMPLES + 5))
    assert found.samples.rows == MAX_SAMPLES and [finding.code for finding in found.findings] == ["long-table"]
    assert "this program reads up to 4,194,304 rows" in found.findings[0].message
    whole = read_thor(head + row * MAX_SAMPLES + b"\n \n")
    assert whole.samples.rows == MAX_SAMPLES and whole.findings == ()


def test_one_line_of_very_many_cells_is_one_broken_row():
    found = read_thor(b'"Units","mm/s"\n"Channel","Vert"\n"Vert"\n' + b'"1",' * 500_000)
    assert found.samples.values.tolist() == [[1.0]] and [finding.code for finding in found.findings] == ["broken-row"]


CSV = thor_csv(simulated("clipped"))


@given(st.randoms(use_true_random=False))
def test_a_changed_csv_is_read_to_its_end(random):
    data = mutated(random, [CSV[: CSV.index(b'"Tran","Vert"') + 2000], CSV[-2000:]])
    if dialect_of(data) is None:
        return
    report = read_any_report(data)
    if report.samples is not None:
        table = report.samples
        assert table.values.shape == table.states.shape == table.decimals.shape
        if table.sample_rate is not None:
            quantities_of(table.traces())


@given(st.text(alphabet='0123456789.-+<>OoRANGE*/N \t\r\n",:', max_size=300), st.binary(max_size=50))
def test_anything_behind_the_row_of_names_is_cells(rest, more):
    head = b'"Sample Rate","1024 sps"\n"Channel","Tran"\n"PPV","1 mm/s"\n"Channel","MicL"\n"Tran","MicL"\n'
    table = read_thor(head + rest.encode() + more).samples
    assert table.values.shape == (2, table.rows)
    assert not np.isinf(table.values).any()


def test_the_same_event_has_the_same_samples_in_both_dialects():
    event = simulated("ordinary")
    thor = read_any_report(thor_csv(event, unit="in/s")).samples
    blastware = read_any_report(ascii_report(event, file_name="M529LK44.AB0")).samples
    assert thor.channels == blastware.channels and thor.units == blastware.units
    assert np.allclose(thor.values, blastware.values, atol=0.006)
    assert (thor.sample_rate, thor.pretrigger) == (blastware.sample_rate, blastware.pretrigger)
