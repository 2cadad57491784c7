"""Limit curves: each breakpoint, between them, beyond them; verdicts on numbers and on words; users' own curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.readings import Reading, ValueState
from sfm_archive.waveforms import (
    AIRBLAST_LIMITS,
    CURVES,
    Curve,
    Outcome,
    airblast_verdict,
    curve,
    user_curve,
    verdict,
)
from sfm_archive.waveforms.limits import Edge, Interpolation


def usbm(frequency, plateau):
    turn = 2 * math.pi * frequency
    return min(2.0, turn * 0.030, max(plateau, turn * 0.008))


@pytest.mark.parametrize(("name", "plateau"), [("usbm-ri8507-drywall", 0.75), ("usbm-ri8507-plaster", 0.50)])
def test_usbm_follows_its_formula_at_every_frequency(name, plateau):
    breakpoints = [plateau / (2 * math.pi * 0.030), plateau / (2 * math.pi * 0.008), 2 / (2 * math.pi * 0.008)]
    for frequency in (*breakpoints, 0.5, *np.geomspace(1, 200, 150)):
        assert curve(name).limit(frequency) == pytest.approx(usbm(frequency, plateau), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("osmre", {1: 0.19, 4: 0.75, 11: 0.75, 30: 2.0, 100: 2.0, 150: 2.0, 0.99: None}),
        ("din-4150-3-line-1", {1: 20, 10: 20, 30: 30, 50: 40, 75: 45, 100: 50, 200: 50, 0.9: None}),
        ("din-4150-3-line-2", {1: 5, 10: 5, 30: 10, 50: 15, 75: 17.5, 100: 20, 200: 20, 0.9: None}),
        ("din-4150-3-line-3", {1: 3, 10: 3, 30: 5.5, 50: 8, 75: 9, 100: 10, 200: 10, 0.9: None}),
        ("bs-7385-2-line-1", {4: 50, 40: 50, 300: 50, 3.9: None}),
        ("bs-7385-2-line-2", {4: 15, 9.5: 17.5, 15: 20, 27.5: 35, 40: 50, 100: 50, 3.9: None}),
    ],
)
def test_curves_at_and_between_their_breakpoints(name, points):
    for frequency, limit in points.items():
        assert curve(name).limit(frequency) == (limit if limit is None else pytest.approx(limit, rel=1e-12))


def test_osmre_is_straight_in_logarithms():
    assert curve("osmre").limit(2) == pytest.approx(math.sqrt(0.19 * 0.75))
    assert curve("osmre").limit(math.sqrt(11 * 30)) == pytest.approx(math.sqrt(0.75 * 2.0))


def test_the_line_of_bs_7385_that_codes_interpolate_differently_is_the_stricter_linear_one():
    line = curve("bs-7385-2-line-2")
    log_log = 15 * (10 / 4) ** (math.log(20 / 15) / math.log(15 / 4))
    assert line.limit(10) < log_log < 1.04 * line.limit(10)
    assert "linear" in line.note


def test_every_curve_names_its_source_and_has_a_name_of_its_own():
    assert len({known.name for known in CURVES}) == len(CURVES) == 8
    assert all(known.source and known.title for known in CURVES)
    with pytest.raises(UsageError, match="osmre"):
        curve("osmer")


def test_limits_in_the_other_unit_and_for_arrays():
    assert curve("osmre").limit(30, "mm/s") == pytest.approx(50.8)
    limits = curve("din-4150-3-line-2").limits(np.array([[0.5, 10], [50, 100]]))
    assert np.isnan(limits[0, 0]) and limits.ravel()[1:].tolist() == [5, 15, 20]


# --- verdicts ---


def ppv(number, unit="mm/s", state=ValueState.OK):
    return Reading(quantity="ppv", channel="Vert", number=number, unit=unit, state=state)


def hertz(number, state=ValueState.OK):
    return Reading(quantity="zc_frequency", channel="Vert", number=number, unit="Hz", state=state)


LINE_2 = curve("din-4150-3-line-2")
ABOVE_100 = hertz(100, ValueState.ABOVE_LIMIT)
NOT_KNOWN = hertz(None, ValueState.ABSENT)


@pytest.mark.parametrize(
    ("peak", "frequency", "outcome"),
    [
        (ppv(15.0), hertz(50), Outcome.WITHIN),
        (ppv(15.01), hertz(50), Outcome.EXCEEDED),
        (ppv(0.6, "in/s"), hertz(50), Outcome.EXCEEDED),
        (ppv(0.1), hertz(0.5), Outcome.NOT_COVERED),
        (ppv(19), ABOVE_100, Outcome.WITHIN),
        (ppv(21), ABOVE_100, Outcome.EXCEEDED),
        (ppv(4), NOT_KNOWN, Outcome.WITHIN),
        (ppv(10), NOT_KNOWN, Outcome.UNDECIDED),
        (ppv(21), NOT_KNOWN, Outcome.EXCEEDED),
        (ppv(1), hertz(1, ValueState.BELOW_THRESHOLD), Outcome.NOT_COVERED),
        (ppv(0.127, state=ValueState.BELOW_THRESHOLD), hertz(20), Outcome.WITHIN),
        (ppv(None, state=ValueState.OVER_RANGE), hertz(20), Outcome.UNDECIDED),
        (ppv(None, state=ValueState.ABSENT), hertz(20), Outcome.UNDECIDED),
    ],
)
def test_a_verdict_holds_for_all_that_a_word_may_mean(peak, frequency, outcome):
    assert verdict(peak, frequency, LINE_2).outcome is outcome


def test_an_over_range_peak_exceeds_where_full_scale_does():
    over = ppv(None, state=ValueState.OVER_RANGE)
    assert verdict(over, hertz(20), LINE_2, full_scale=260).outcome is Outcome.EXCEEDED


def test_a_verdict_says_limit_and_ratio_in_the_peaks_unit():
    found = verdict(ppv(1.0, "in/s"), hertz(30), curve("osmre"))
    assert (found.limit_low, found.limit_high, found.unit, found.ratio) == (2.0, 2.0, "in/s", 0.5)
    with pytest.raises(UsageError):
        verdict(ppv(1.0, "dB(L)"), hertz(30), LINE_2)


def test_a_small_peak_of_unknown_frequency_is_within_usbm_and_one_below_1_hz_is_undecided():
    plaster = curve("usbm-ri8507-plaster")
    assert verdict(ppv(0.1, "in/s"), NOT_KNOWN, plaster).outcome is Outcome.WITHIN
    assert verdict(ppv(0.1, "in/s"), hertz(1, ValueState.BELOW_THRESHOLD), plaster).outcome is Outcome.UNDECIDED


def test_airblast_limits():
    assert [(limit.response, limit.limit_db) for limit in AIRBLAST_LIMITS] == [
        ("dB(L)", 134), ("dB(L)", 133), ("dB(L)", 129), ("dBC", 105),
    ]  # fmt: skip
    for level, outcome in ((133.0, Outcome.WITHIN), (133.1, Outcome.EXCEEDED)):
        assert airblast_verdict(ppv(level, "dB(L)"), AIRBLAST_LIMITS[1]).outcome is outcome
    over = ppv(None, "dB(L)", ValueState.OVER_RANGE)
    assert airblast_verdict(over, AIRBLAST_LIMITS[1]).outcome is Outcome.UNDECIDED
    with pytest.raises(UsageError):
        airblast_verdict(ppv(100, "dB(L)"), AIRBLAST_LIMITS[3])


# --- users' curves ---

TOML = """
name = "permit"
title = "Permit 2026-17"
unit = "mm/s"
interpolation = "log-log"
points = [[1, 3], [10, 3], [50, 8]]
above = "none"
"""
CSV = """# name: permit
# title: Permit 2026-17
# interpolation: log-log
# above: none
# seen by the neighbour: yes
frequency_hz,limit_mm_s
1,3
10, 3
50,8
"""


@pytest.mark.parametrize("text", [TOML, CSV, CSV.replace("\n", "\r\n")])
def test_a_users_curve_in_either_form(text):
    own = user_curve(text)
    assert (own.name, own.title, own.unit) == ("permit", "Permit 2026-17", "mm/s")
    assert own.points == ((1, 3), (10, 3), (50, 8))
    assert (own.interpolation, own.below, own.above) == (Interpolation.LOG_LOG, Edge.NONE, Edge.NONE)
    assert own.limit(math.sqrt(500)) == pytest.approx(math.sqrt(24)) and own.limit(51) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "unit is missing"),
        ("unit = ", "no TOML"),
        (TOML.replace("mm/s", "cm/s"), "cm/s"),
        (TOML.replace("log-log", "cubic"), "cubic"),
        (TOML.replace("[10, 3]", "[1, 3]"), "must rise"),
        (TOML.replace("[10, 3]", "[10, -3]"), "positive"),
        (TOML.replace("[10, 3]", "[10, nan]"), "positive"),
        (TOML.replace("[10, 3]", "[10]"), "permit"),
        (TOML.replace("points = [[1, 3], [10, 3], [50, 8]]", "points = []"), "needs points"),
        (TOML + 'colour = "red"', "colour"),
        (CSV.replace("# interpolation: log-log\n", ""), "interpolation is missing"),
        (CSV.replace("10, 3", "10; 3"), "line 8"),
        (CSV.replace("limit_mm_s", "limit"), "line 6"),
    ],
)
def test_a_users_curve_that_cannot_be_used_says_why(text, said):
    with pytest.raises(BadInput, match=said):
        user_curve(text)


def test_one_point_has_no_slope_to_go_on_with():
    with pytest.raises(UsageError):
        Curve(
            name="x", title="x", source="x", unit="mm/s", points=((4, 5),), interpolation=Interpolation.LINEAR,
            above=Edge.SLOPE,
        )  # fmt: skip
