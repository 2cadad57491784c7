"""Charges, distances, scaled distances, and OSMRE's table by distance."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.limits.osmre_distance import by_distance, by_distance_of_channels, needs_no_seismograph, row_at
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.limits.verdicts import Measured
from sfm_archive.model.blasting import (
    FOOT_M,
    Charge,
    scaled_distance,
    written_charge,
    written_distance,
)
from sfm_archive.model.readings import Reading
from sfm_archive.model.summaries import summary_of


def test_scaled_distances_of_the_two_systems_are_related_as_published() -> None:
    found = scaled_distance(450, Charge(120, "kg"))
    assert found.m_kg_square == pytest.approx(450 / math.sqrt(120))
    assert found.m_kg_square / found.ft_lb_square == pytest.approx(0.45257, abs=0.00001)
    assert found.m_kg_cube == pytest.approx(450 / 120 ** (1 / 3))
    assert found.m_kg_cube / found.ft_lb_cube == pytest.approx(0.39670, abs=0.00001)


@given(metres=st.floats(1, 1e4), kg=st.floats(0.1, 1e5))
def test_a_charge_in_pounds_gives_the_scaled_distances_of_the_same_in_kilograms(metres: float, kg: float) -> None:
    in_kg = scaled_distance(metres, Charge(kg, "kg"))
    in_lb = scaled_distance(metres, Charge(kg / 0.45359237, "lb"))
    assert in_kg == pytest.approx(in_lb, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "charge"),
    [("120 kg", (120, "kg")), ("265lb", (265, "lb")), ("0,5 kg", (0.5, "kg")), ("12.5 LBS", (12.5, "lb"))],
)
def test_a_charge_is_read_with_its_unit(text: str, charge: tuple[float, str]) -> None:
    assert written_charge(text) == charge


@pytest.mark.parametrize("text", ["120", "120 t", "kg", "1.2.3 kg", "0 kg", "-5 kg", "1e3 kg", "1,234 kg", ""])
def test_a_charge_that_is_none_or_has_no_unit_is_refused(text: str) -> None:
    with pytest.raises(sfm.UsageError):
        written_charge(text)


@pytest.mark.parametrize(("text", "metres"), [("450m", 450), ("0.45 km", 450), ("300 ft", 91.44), ("300 feet", 91.44)])
def test_a_distance_is_read_in_metres(text: str, metres: float) -> None:
    assert written_distance(text) == metres


@pytest.mark.parametrize("text", ["450", "450 yd", "101 km", "-1 m", "m"])
def test_a_distance_that_is_none_or_has_no_unit_is_refused(text: str) -> None:
    with pytest.raises(sfm.UsageError):
        written_distance(text)


@pytest.mark.parametrize(
    ("feet", "limit", "factor"),
    [
        *((0, 1.25, 50), (300, 1.25, 50), (300.001, 1.0, 55), (301, 1.0, 55)),
        *((5000, 1.0, 55), (5000.001, 0.75, 65), (5001, 0.75, 65), (50_000, 0.75, 65)),
    ],
)
def test_above_300_feet_the_second_row_holds_and_above_5000_the_third(feet: float, limit: float, factor: float) -> None:
    row = row_at(feet * FOOT_M)
    assert (row.limit_in_s, row.factor) == (limit, factor)


def of_peaks(tran: float, vert: float, long: float, unit: str = "in/s") -> Measured:
    peaks = zip(("Tran", "Vert", "Long"), (tran, vert, long), strict=True)
    values = [Reading(quantity="ppv", channel=channel, number=peak, unit=unit) for channel, peak in peaks]
    summary = summary_of(
        values,
        name="K",
        start_local="2026-05-04T11:30:00",
        record_type=sfm.RecordType.WAVEFORM,
        revision=0,
        encoding="",
    )
    return Measured(sfm.RecordType.WAVEFORM, summary)


@pytest.mark.parametrize(
    ("feet", "peak", "outcome"),
    [
        *((300, 1.25, Outcome.WITHIN), (300, 1.2501, Outcome.EXCEEDED), (301, 1.0, Outcome.WITHIN)),
        *((301, 1.001, Outcome.EXCEEDED), (5001, 0.75, Outcome.WITHIN), (5001, 0.751, Outcome.EXCEEDED)),
    ],
)
def test_each_component_is_held_against_the_limit_of_its_distance_and_a_tie_is_within(
    feet: float, peak: float, outcome: Outcome
) -> None:
    channel = Random(int(feet)).choice(("Tran", "Vert", "Long"))
    peaks = dict.fromkeys(("Tran", "Vert", "Long"), 0.1) | {channel: peak}
    measured = of_peaks(*peaks.values())
    assert by_distance(measured, feet * FOOT_M).outcome is outcome
    found = by_distance_of_channels(measured, feet * FOOT_M)
    assert found.pop(channel).outcome is outcome
    assert {(one.outcome, one.why("in/s")) for one in found.values()} == {(Outcome.WITHIN, "")}


def test_a_peak_in_mm_s_ties_with_the_limit_in_inches() -> None:
    assert by_distance(of_peaks(31.75, 1, 1, "mm/s"), 90).outcome is Outcome.WITHIN
    assert by_distance(of_peaks(31.76, 1, 1, "mm/s"), 90).outcome is Outcome.EXCEEDED


def test_a_component_that_is_not_known_leaves_the_verdict_undecided() -> None:
    summary = summary_of(
        [Reading(quantity="ppv", channel="Vert", number=0.1, unit="in/s")],
        name="K",
        start_local="2026-05-04T11:30:00",
        record_type=sfm.RecordType.WAVEFORM,
        revision=0,
        encoding="",
    )
    assert by_distance(Measured(sfm.RecordType.WAVEFORM, summary), 90).outcome is Outcome.UNDECIDED


def test_the_factor_of_its_band_decides_whether_a_blast_needs_a_seismograph() -> None:
    def reaches(feet: float, pounds: float) -> bool:
        return needs_no_seismograph(scaled_distance(feet * FOOT_M, Charge(pounds, "lb")), feet * FOOT_M)

    assert reaches(300, 36)  # 300 / 6 is 50
    assert not reaches(300, 36.1)
    assert not reaches(330, 36.1)  # 54.9, of 55
    assert reaches(5001, 5919)
    assert not reaches(5001, 5920)


def test_a_distance_of_nothing_is_refused() -> None:
    with pytest.raises(sfm.UsageError, match="above 0"):
        written_distance("0m")
