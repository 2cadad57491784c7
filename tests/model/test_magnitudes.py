"""Which reading is the greater one, and pressures as levels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sfm_archive.model.magnitudes import NO_MAGNITUDE, as_level, greatest, greatest_peak, magnitude
from sfm_archive.model.readings import Reading, measured_reading


@pytest.mark.parametrize("text", ["0.0293 psi", "0.0293 psi(L)", "202.0 Pa", "202.0 pa.(L)", "202.0 PA"])
def test_a_pressure_in_any_printed_unit_is_its_level(text: str) -> None:
    level = as_level(measured_reading("pspl", text, "MicL"))
    assert level.unit == "dB(L)" and level.number == pytest.approx(140.1, abs=0.05)


@pytest.mark.parametrize("text", ["140.1 dB(L)", "0.3 in/s", "OORANGE", "0.0 psi"])
def test_what_is_no_pressure_stays_as_it_is(text: str) -> None:
    reading = measured_reading("pspl", text, "MicL")
    assert as_level(reading) == reading


def test_readings_are_ordered_by_what_they_say_and_not_by_their_digits() -> None:
    texts = ["N/A", "<1.0 in/s", "2 mm/s", "0.5 in/s", "-14 mm/s", "1 in/s", ">0.1 in/s", "OORANGE"]
    readings = [measured_reading("ppv", text, "Vert") for text in texts]
    shuffled = [readings[place] for place in (5, 2, 7, 0, 4, 1, 6, 3)]
    assert sorted(shuffled, key=magnitude) == readings
    assert magnitude(None) == magnitude(readings[0]) == magnitude(Reading(quantity="ppv")) == NO_MAGNITUDE


def test_the_greatest_is_the_first_of_equals_and_none_where_nothing_is_said() -> None:
    loud, same = measured_reading("ppv", "25.4 mm/s", "Tran"), measured_reading("ppv", "1 in/s", "Vert")
    assert greatest([None, measured_reading("ppv", "N/A", "Long"), loud, same]) is loud
    assert greatest([None, measured_reading("ppv", "N/A", "Long")]) is None
    assert greatest([]) is None


def test_a_peak_over_range_has_the_unit_of_the_events_other_velocities() -> None:
    over, other = measured_reading("ppv", "OORANGE", "Tran"), measured_reading("pvs", "12 mm/s")
    assert greatest_peak([other, over]) == replace(over, unit="mm/s")
    assert greatest_peak([over]) == over
    assert greatest_peak([other]) is None
