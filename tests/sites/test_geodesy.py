"""Distances on the ellipsoid, against published ones."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.model.geodesy import geodesic_m

BESSEL = (6_377_397.155, 1 / 299.1528128)
INTERNATIONAL = (6_378_388.0, 1 / 297)


def degrees(whole: int, minutes: int, seconds: float) -> float:
    return math.copysign(abs(whole) + minutes / 60 + seconds / 3600, whole)


@pytest.mark.parametrize(
    ("one", "other", "ellipsoid", "metres"),
    [
        # Vincenty 1975, table II, (a) to (e).
        ((55.75, 0), (degrees(-33, 26, 0), degrees(108, 13, 0)), BESSEL, 14_110_526.170),
        (
            (degrees(37, 19, 54.95367), 0),
            (degrees(26, 7, 42.83946), degrees(41, 28, 35.50729)),
            INTERNATIONAL,
            4_085_966.703,
        ),
        (
            (degrees(35, 16, 11.24862), 0),
            (degrees(67, 22, 14.77638), degrees(137, 47, 28.31435)),
            INTERNATIONAL,
            8_084_823.839,
        ),
        ((1, 0), (-degrees(0, 59, 53.83076), degrees(179, 17, 48.02997)), INTERNATIONAL, 19_960_000.000),
        ((1, 0), (degrees(1, 1, 15.18952), degrees(179, 46, 17.84244)), INTERNATIONAL, 19_780_006.558),
    ],
)
def test_published_distances_come_out_to_a_millimetre(
    one: tuple[float, float], other: tuple[float, float], ellipsoid: tuple[float, float], metres: float
) -> None:
    assert geodesic_m(*one, *other, ellipsoid) == pytest.approx(metres, abs=0.001)


def test_on_wgs_84_the_line_from_flinders_peak_to_buninyong_is_as_geoscience_australia_has_it() -> None:
    peak = (-degrees(37, 57, 3.72030), degrees(144, 25, 29.52440))
    buninyong = (-degrees(37, 39, 10.15610), degrees(143, 55, 35.38390))
    assert geodesic_m(*peak, *buninyong) == pytest.approx(54_972.271, abs=0.001)


def test_a_degree_along_the_equator_and_a_meridian() -> None:
    assert geodesic_m(0, 0, 0, 1) == pytest.approx(111_319.491, abs=0.001)
    assert geodesic_m(0, 8, 90, 8) == pytest.approx(10_001_965.729, abs=0.001)
    assert geodesic_m(90, 5, 90, 100) == pytest.approx(0, abs=0.001)


def test_across_the_date_line_the_short_way_counts() -> None:
    assert geodesic_m(10, 179.99, 10, -179.99) == pytest.approx(geodesic_m(10, 0, 10, 0.02), abs=0.001)


def test_opposite_on_the_globe_there_is_no_answer() -> None:
    assert geodesic_m(0, 0, 0.5, 179.7) == math.inf


places = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


@given(one=places, north=st.floats(-0.5, 0.5), east=st.floats(-0.5, 0.5))
def test_both_ways_are_as_long_and_within_half_a_percent_of_a_sphere(
    one: tuple[float, float], north: float, east: float
) -> None:
    other = (one[0] + north, one[1] + east)
    there, back = geodesic_m(*one, *other), geodesic_m(*other, *one)
    assert there == pytest.approx(back, abs=0.001)
    a, b = math.radians(one[0]), math.radians(other[0])
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(east) / 2) ** 2
    sphere = 2 * 6_371_008.8 * math.asin(math.sqrt(half))
    assert there == pytest.approx(sphere, rel=0.007, abs=0.001)


@given(place=places)
def test_places_that_coincide_are_no_distance_apart(place: tuple[float, float]) -> None:
    assert geodesic_m(*place, *place) == 0
