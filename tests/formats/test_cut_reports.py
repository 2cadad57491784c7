"""Reports that were still being written or copied: what is missing, in both dialects, and which ones are whole."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from sfm_archive.formats.reports.dialects import read_header
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.wholeness import cut_off
from sfm_archive.testing import ascii_report, simulate_histogram, simulate_waveform, thor_csv

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii" / "15m.TXT"
CUT = Path(__file__).parents[1] / "data" / "cut_report" / "M529LKIH_400W_ASCII.TXT"
EVENT = simulate_waveform(Random(5), seconds=0.2, sample_rate=1024, loudness="ordinary", serial="UM12345")
TEXT = ascii_report(EVENT, file_name="M529LKIQ.7M0W")
CSV = thor_csv(EVENT, one_word=True)
HISTOGRAM = ascii_report(simulate_histogram(Random(4), count=20), file_name="M529LKIQ.7M0H")


def why(data):
    return "; ".join(finding.message for finding in cut_off(ReceivedText.of(data), read_header(data)))


def lines_until(data, mark):
    """Everything up to the line with a text, that line included."""
    return data[: data.index(b"\n", data.index(mark)) + 1]


@pytest.mark.parametrize("data", [TEXT, CSV, HISTOGRAM, REAL.read_bytes()], ids=["text", "csv", "histogram", "real"])
def test_a_report_with_its_table_is_whole_in_any_code_page(data):
    text = data.decode("utf-8")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert why(text.encode(encoding)) == ""
        assert why(text.rstrip().encode(encoding)) == "", "editors take blanks at the end away"


@pytest.mark.parametrize("data", [TEXT, HISTOGRAM, REAL.read_bytes()], ids=["text", "histogram", "real"])
def test_a_text_that_ends_behind_a_whole_header_has_numbers_only_and_is_whole(data):
    header = lines_until(data, b"PC SW Version")
    assert why(header) == why(header.rstrip()) == why(header + b"\r\n\r\n") == ""


def test_a_text_without_its_last_line_is_cut_off():
    assert "its line PC SW Version, the last of a header, is missing" in why(CUT.read_bytes())
    header = lines_until(TEXT, b"PC SW Version")
    for at in range(header.index(b"\n") + 1, len(header.rstrip())):
        assert "is cut off" in why(header[:at]), header[:at][-40:]


def test_a_text_is_cut_off_wherever_its_table_ends_before_its_last_rows():
    start = len(lines_until(TEXT, b"PC SW Version"))
    row = len(TEXT[TEXT.rstrip().rindex(b"\n") :])
    for at in range(start + 6, len(TEXT.rstrip()) - row, 97):
        assert "is cut off" in why(TEXT[:at]), TEXT[:at][-40:]


def test_one_missing_row_of_1024_a_second_is_cut_off():
    assert "rows of" in why(TEXT[: TEXT.rstrip().rindex(b"\n") + 1])
    assert "rows of" in why(CSV[: CSV.rstrip().rindex(b"\n") + 1])


@pytest.mark.parametrize("rate", [2048, 4096, 16384])
@pytest.mark.parametrize("missing", [1, 2])
def test_no_row_of_a_record_of_whole_seconds_may_be_missing_at_any_rate(rate, missing):
    event = simulate_waveform(Random(5), seconds=1.0, sample_rate=rate, loudness="quiet", serial="UM12345")
    text, table = ascii_report(event, file_name="M529LKIQ.7M0W"), thor_csv(event, one_word=True)
    for whole in (text, table):
        assert why(whole) == ""
        cut = b"\n".join(whole.rstrip().split(b"\n")[:-missing]) + b"\n"
        assert f"rows of {rate + rate // 4:,}" in why(cut)


def test_a_record_that_its_unit_ended_has_the_rows_that_its_printed_milliseconds_stand_for():
    """The real one has 23,176 rows, and 5.158 s at 4096 sps are 23,174 to 23,177."""
    lines = REAL.read_bytes().rstrip().split(b"\n")
    assert [why(b"\n".join(lines[:-missing])) == "" for missing in (1, 2, 3)] == [True, True, False]


def test_a_csv_with_fewer_rows_than_its_times_give_is_cut_off():
    start = CSV.index(b'"Tran","Vert"')
    assert "is cut off: its table has 0 rows of 461" in why(lines_until(CSV, b'"Tran","Vert"'))
    for at in range(start + 40, len(CSV) - 200, 201):
        assert "is cut off" in why(CSV[:at]), CSV[:at][-40:]


def test_a_csv_that_ends_within_a_line_of_its_header_is_cut_off_and_that_line_counts_for_nothing():
    at = CSV.index(b'"VertPPV","') + len(b'"VertPPV","1')
    assert "it ends within a line" in why(CSV[:at])
    assert ("ppv", "Vert") not in {(one.quantity, one.channel) for one in read_header(CSV[:at]).readings}
    assert why(lines_until(CSV, b'"VertPPV"')) == "", "nothing there tells where a header of THOR ends"


def test_a_histogram_with_fewer_rows_than_intervals_is_cut_off():
    cut = HISTOGRAM[: HISTOGRAM.rstrip().rindex(b"\n") + 1]
    assert "it has 19 rows of 20 intervals" in why(cut)


def test_a_record_whose_times_are_not_told_is_taken_as_whole_unless_a_row_is_not():
    silent = b"\r\n".join(line for line in TEXT.split(b"\r\n") if not line.startswith(b'"Record Time'))
    assert why(silent) == ""
    assert "its last row has 2 of 4 values" in why(silent.rstrip()[: silent.rstrip().rindex(b"\n")] + b"\n0.005\t0.005")
