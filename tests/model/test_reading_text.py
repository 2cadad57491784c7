"""One reading, one text."""

from __future__ import annotations

import pytest

from sfm_archive.model.reading_text import digits, number_text, reading_text
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading, printed_reading


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("0.3 in/s", "0.3 in/s"),
        ("10.27 mm/s", "10.27 mm/s"),
        ("0,3000 mm/s", "0,3000 mm/s"),
        ("<0.005 in/s", "<0.005 in/s"),
        ("> 100 Hz", ">100 Hz"),
        ("0.023 sec", "0.023 s"),
        ("0.30000001192092896 in/s", "0.300 in/s"),
        ("OORANGE", "over range"),
        ("OORANGE in/s", "over range"),
        ("N/A", "N/A"),
        ("***", "***"),
        ("", "N/A"),
    ],
)
def test_a_document_is_quoted_but_for_over_range(printed, text):
    reading = measured_reading("ppv", printed, "Tran", decimal_commas="," in printed)
    assert reading_text(reading) == text
    assert number_text(reading) == text.split(" in/s")[0].split(" mm/s")[0].split(" Hz")[0].split(" s")[0]


@pytest.mark.parametrize(
    ("number", "unit", "state", "text"),
    [
        (1.2432799, "in/s", ValueState.OK, "1.243 in/s"),
        (0.000625, "in/s", ValueState.OK, "0.000625 in/s"),
        (0.005, "in/s", ValueState.OK, "0.005 in/s"),
        (100.0, "Hz", ValueState.ABOVE_LIMIT, ">100 Hz"),
        (0.127, "mm/s", ValueState.BELOW_THRESHOLD, "<0.127 mm/s"),
        (None, "in/s", ValueState.OVER_RANGE, "over range"),
        (None, "in/s", ValueState.ABSENT, "N/A"),
        (140.13, "dB(L)", ValueState.OK, "140.1 dB(L)"),
    ],
)
def test_what_nobody_printed_has_the_digits_of_its_unit(number, unit, state, text):
    reading = Reading(quantity="ppv", number=number, unit=unit, state=state, source=ValueSource.DECODER)
    assert reading_text(reading) == text


def test_a_record_of_the_unit_is_not_quoted_since_it_prints_nothing():
    reading = Reading(
        quantity="ppv", unit="in/s", state=ValueState.OVER_RANGE, text="10.24 in/s", source=ValueSource.DEVICE_RECORD
    )
    assert reading_text(reading) == "over range"


def test_an_answer_in_words_is_quoted_and_no_reading_is_not_recorded():
    assert reading_text(printed_reading("project", "  Pit\n 7 ")) == "Pit 7"
    assert reading_text(None) == "not recorded"


def test_a_time_has_three_decimals_far_into_a_long_record():
    assert (digits(683.6019, "sec"), digits(-0.25, "sec"), digits(12.5, "sec")) == ("683.602", "-0.250", "12.500")
