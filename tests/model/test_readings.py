"""Readings: each printed form has its number, unit and state, and none reads as missing by accident."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.model.readings import (
    MEASURED_QUANTITIES,
    STATED_QUANTITIES,
    Reading,
    ValueState,
    measured_reading,
    read_value,
    stated_reading,
)

OK, OVER, BELOW, ABOVE, ABSENT = ValueState


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.27 mm/s", (10.27, "mm/s", OK)),
        ("55 Hz", (55.0, "Hz", OK)),
        ("-0.500 sec", (-0.5, "sec", OK)),
        ("4.3", (4.3, "", OK)),
        ("0", (0.0, "", OK)),
        ("140.1 dB(L)", (140.1, "dB(L)", OK)),
        ("3.8 Volts", (3.8, "Volts", OK)),
        ("OORANGE", (None, "", OVER)),
        ("OORANGE mm/s", (None, "mm/s", OVER)),
        (">100 Hz", (100.0, "Hz", ABOVE)),
        ("> 100 Hz", (100.0, "Hz", ABOVE)),
        (">100", (100.0, "", ABOVE)),
        ("<1 Hz", (1.0, "Hz", BELOW)),
        ("<0.005 in/s", (0.005, "in/s", BELOW)),
        ("<1.0", (1.0, "", BELOW)),
        ("N/A", (None, "", ABSENT)),
        ("***", (None, "", ABSENT)),
        ("", (None, "", ABSENT)),
        ("   ", (None, "", ABSENT)),
    ],
)
def test_each_printed_form_has_its_number_unit_and_state(text, expected):
    assert read_value(text) == expected
    assert read_value(f"  {text} ") == expected


@pytest.mark.parametrize("text", ["15:41:05", "Passed", "V 10.74", "3,4 mm", "1/2", "1e5 Hz", "9" * 400, "nan", "inf"])
def test_an_answer_that_is_no_number_is_neither_absent_nor_a_number(text):
    assert read_value(text) == (None, "", OK)


@given(st.text(max_size=40))
def test_any_text_has_a_value_whose_number_is_finite(text):
    number, unit, state = read_value(text)
    assert number is None or math.isfinite(number)
    assert unit == unit.strip()
    assert number is None or state in (OK, BELOW, ABOVE)


@given(
    st.decimals(-10_000, 10_000, places=3),
    st.sampled_from(["mm/s", "in/s", "Hz", "sec", "g", "mm", "psi(L)", ""]),
)
def test_a_number_and_its_unit_come_back_as_printed(number, unit):
    assert read_value(f"{number} {unit}") == (float(number), unit, OK)


def test_over_range_is_a_state_of_a_measured_reading_and_the_text_is_kept():
    reading = measured_reading("ppv", " OORANGE", "Tran")
    assert reading == Reading(quantity="ppv", channel="Tran", state=OVER, text=" OORANGE")
    assert reading.number is None


def test_a_stated_text_is_never_read_as_a_number():
    assert stated_reading("project", "12 mm") == Reading(quantity="project", text="12 mm", state=OK)
    assert stated_reading("project", "N/A").state is OK


def test_a_title_of_blanks_is_absent_and_keeps_its_blanks():
    assert stated_reading("client", "  ") == Reading(quantity="client", text="  ", state=ABSENT)


def test_no_quantity_is_both_measured_and_stated():
    assert not MEASURED_QUANTITIES & STATED_QUANTITIES


def test_states_are_stored_under_these_words():
    assert [state.value for state in ValueState] == [
        "ok",
        "over-range",
        "below-threshold",
        "above-limit",
        "absent",
    ]


@pytest.mark.timeout(20)
def test_a_number_of_absurd_length_is_looked_at_once() -> None:
    """Its digits were tried at every place where they could be cut in two: 300,000 of them took minutes."""
    for text in ("1" * 300_000, f"{'1' * 300_000} sps", f"{'1' * 300_000}e5 in/s"):
        read_value(text)
