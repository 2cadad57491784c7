"""Reports with decimal commas, as a localised export may have them: read as points where nothing else can be meant."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.formats.reports.blastware_text import read_report_header
from sfm_archive.model.decimals import decimals_of, has_decimal_commas
from sfm_archive.model.readings import ValueState, is_understood, measured_reading
from sfm_archive.testing import ascii_report, simulate_histogram, simulate_waveform, thor_csv
from sfm_archive.waveforms import read_any_report, read_report

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii" / "5m.TXT"


def localised(report: bytes) -> bytes:
    return re.sub(rb"(?<=[0-9])\.(?=[0-9])", b",", report)


def numbers(report):
    return [(one.quantity, one.channel, one.number, one.unit, one.state) for one in report.header.readings]


def codes(findings):
    return [finding.code for finding in findings]


def waveform(make):
    return make(simulate_waveform(Random(3), seconds=0.5, sample_rate=1024, loudness="clipped"))


@pytest.mark.parametrize(
    "data",
    [
        REAL.read_bytes(),
        waveform(lambda event: ascii_report(event, file_name="M529LK44.AB0")),
        waveform(thor_csv),
    ],
    ids=["real export", "Blastware", "THOR"],
)
def test_a_localised_report_says_what_the_same_with_points_says(data):
    with_points, with_commas = read_any_report(data), read_any_report(localised(data))
    assert numbers(with_commas) == numbers(with_points)
    assert (with_commas.samples.values == with_points.samples.values)[with_points.samples.states == 0].all()
    assert (with_commas.samples.decimals == with_points.samples.decimals).all()
    assert codes(with_points.findings) == [] and codes(with_commas.findings) == ["decimal-comma"]
    printed = {(one.quantity, one.channel): one.text for one in with_commas.header.readings}
    assert "," in printed["pvs", ""] or printed["pvs", ""] == "OORANGE"


def test_so_do_the_intervals_of_a_localised_histogram():
    data = ascii_report(simulate_histogram(Random(4), count=12), file_name="h")
    with_points, with_commas = read_report(data), read_report(localised(data))
    assert with_commas.intervals.peaks().tolist() == with_points.intervals.peaks().tolist()
    assert codes(with_commas.findings) == ["decimal-comma"]


def test_a_comma_that_may_part_thousands_is_no_number_and_never_ok():
    header = read_report_header(b'"Event Type : Full Waveform"\n"Tran PPV : 1,075 mm/s"\n"Sample Rate : 1,024 sps"\n')
    assert [(one.number, one.state) for one in header.readings] == [(None, ValueState.ABSENT)] * 2
    assert [one.text for one in header.readings] == ["1,075 mm/s", "1,024 sps"]
    (finding,) = header.findings
    assert finding.code == "value-not-understood" and "Tran ppv '1,075 mm/s'" in finding.message


def test_a_comma_beside_points_is_no_decimal_comma():
    header = read_report_header(b'"Event Type : x"\n"Tran PPV : 0,5 mm/s"\n"Vert PPV : 0.5 mm/s"\n')
    assert [one.number for one in header.readings] == [None, 0.5]
    assert codes(header.findings) == ["value-not-understood"]


def test_a_number_that_is_none_is_absent_where_a_number_belongs_and_an_answer_elsewhere():
    for quantity, state in (("ppv", ValueState.ABSENT), ("pvs_time", ValueState.OK), ("geo_range", ValueState.OK)):
        reading = measured_reading(quantity, "Sensitive")
        assert (reading.state, is_understood(reading)) == (state, state is ValueState.OK)
    assert is_understood(measured_reading("ppv", "N/A")) and is_understood(measured_reading("ppv", "OORANGE"))


def test_cells_that_are_not_understood_are_a_finding():
    data = b'"Event Type : Full Waveform"\n"Sample Rate : 1024 sps"\n"PC SW Version : V"\n\n Tran \t Vert \n'
    report = read_report(data + b"0,075\t0,080\n0,075\t1,000\n")
    assert codes(report.findings) == ["cell-not-understood"]
    assert "4 cells" in report.findings[0].message and "'0,075'" in report.findings[0].message


@given(st.decimals(0, 10_000, places=3), st.sampled_from(["mm/s", "%", "sec", ""]))
def test_a_number_with_a_comma_has_as_many_decimals_as_with_a_point(number, unit):
    text = f"{number} {unit}".strip()
    localised_text = text.replace(".", ",")
    assert decimals_of(localised_text) == decimals_of(text) == 3
    assert not has_decimal_commas([text, localised_text])
    assert measured_reading("ppv", localised_text, decimal_commas=True).number == float(number)
    assert measured_reading("ppv", localised_text).state is ValueState.ABSENT
