"""Whole nanometres a second: equal velocities are equal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import UsageError
from sfm_archive.model.selection import parse_velocity
from sfm_archive.model.units import NORMAL_RANGE_IN_S, SENSITIVE_RANGE_IN_S, geo_quantum
from sfm_archive.model.velocities import velocity_in, whole_nm_s


def test_the_same_velocity_is_the_same_number_whatever_its_unit() -> None:
    assert whole_nm_s(70 * 0.005, "in/s") == whole_nm_s(0.35, "in/s") == whole_nm_s(8.89, "mm/s") == 8_890_000
    assert whole_nm_s(0.75, "in/s") == whole_nm_s(0.75 * 25.4, "mm/s") == whole_nm_s(19.05, "mm/s") == 19_050_000


@pytest.mark.parametrize(("range_in_s", "nm_s"), [(NORMAL_RANGE_IN_S, 127_000), (SENSITIVE_RANGE_IN_S, 15_875)])
def test_every_count_is_a_whole_number_of_nanometres(range_in_s: float, nm_s: int) -> None:
    for count in range(2049):
        assert whole_nm_s(count * geo_quantum(range_in_s, "in/s"), "in/s") == count * nm_s
        assert whole_nm_s(count * geo_quantum(range_in_s, "mm/s"), "mm/s") == count * nm_s


@given(st.decimals(min_value=0, max_value=300, places=4), st.sampled_from(["in/s", "mm/s"]))
def test_a_printed_decimal_is_taken_as_printed(printed: Decimal, unit: str) -> None:
    exact = Fraction(printed) * {"in/s": 25_400_000, "mm/s": 1_000_000}[unit]
    assert whole_nm_s(float(printed), unit) == round(exact)  # of a Fraction: half to even


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(["in/s", "mm/s"]))
def test_there_and_back(nm_s: int, unit: str) -> None:
    assert whole_nm_s(velocity_in(nm_s, unit), unit) == nm_s


@pytest.mark.parametrize(("number", "unit"), [(1.0, "Hz"), (1.0, ""), (float("inf"), "in/s"), (float("nan"), "mm/s"),
                                              (1e12, "mm/s")])  # fmt: skip
def test_what_is_no_velocity_is_refused(number: float, unit: str) -> None:
    with pytest.raises(UsageError):
        whole_nm_s(number, unit)


@given(st.decimals(min_value=0, max_value=100, places=12), st.sampled_from(["in/s", "mm/s"]))
def test_a_bound_is_rounded_up_so_that_nothing_below_it_reaches_it(bound: Decimal, unit: str) -> None:
    limit = whole_nm_s(float(bound), unit, at_least=True)
    exact = Fraction(repr(float(bound))) * {"in/s": 25_400_000, "mm/s": 1_000_000}[unit]
    assert limit - 1 < exact <= limit


@pytest.mark.parametrize("number", [0.35, 0.75, 1.1, 2.2, 0.07, 1.285])
def test_a_limit_in_inches_is_the_same_whole_number_as_a_peak_of_it(number: float) -> None:
    bound = whole_nm_s(parse_velocity(f"{number}in/s"), "mm/s", at_least=True)
    assert bound == whole_nm_s(number, "in/s")
