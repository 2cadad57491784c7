"""Limit curves: each breakpoint, between them, beyond them; verdicts on numbers and on words; users' own curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sfm_archive.analysing.compliance import limits_at
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.curve_files import user_curve
from sfm_archive.limits.curves import (
    AIRBLAST_LIMITS,
    CURVES,
    Curve,
    Edge,
    Interpolation,
    Outcome,
    airblast_verdict,
    curve,
    verdict,
)
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.model.readings import Reading, ValueState


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
    limits = limits_at(curve("din-4150-3-line-2"), np.array([[0.5, 10], [50, 100]]))
    assert np.isnan(limits[0, 0]) and limits.ravel()[1:].tolist() == [5, 15, 20]


# --- verdicts ---


def ppv(number, unit="mm/s", state=ValueState.OK):
    return Reading(quantity="ppv", channel="Vert", number=number, unit=unit, state=state)


def hertz(number, state=ValueState.OK):
    return Reading(quantity="zc_frequency", channel="Vert", number=number, unit="Hz", state=state)


LINE_2 = curve("din-4150-3-line-2")
ABOVE_100 = hertz(100, ValueState.ABOVE_LIMIT)
BELOW_1 = hertz(1, ValueState.BELOW_THRESHOLD)
NOT_KNOWN = hertz(None, ValueState.ABSENT)


@pytest.mark.parametrize(
    ("peak", "frequency", "outcome"),
    [
        (ppv(15.0), hertz(50), Outcome.WITHIN),
        (ppv(15.01), hertz(50), Outcome.EXCEEDED),
        (ppv(0.6, "in/s"), hertz(50), Outcome.EXCEEDED),
        (ppv(5), hertz(0.5), Outcome.WITHIN),
        (ppv(5.1), hertz(0.5), Outcome.EXCEEDED),
        (ppv(19), ABOVE_100, Outcome.WITHIN),
        (ppv(21), ABOVE_100, Outcome.EXCEEDED),
        (ppv(4), NOT_KNOWN, Outcome.WITHIN),
        (ppv(10), NOT_KNOWN, Outcome.UNDECIDED),
        (ppv(21), NOT_KNOWN, Outcome.EXCEEDED),
        (ppv(5), BELOW_1, Outcome.WITHIN),
        (ppv(5.1), BELOW_1, Outcome.EXCEEDED),
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


def test_a_small_peak_of_unknown_frequency_is_within_usbm():
    assert verdict(ppv(0.1, "in/s"), NOT_KNOWN, curve("usbm-ri8507-plaster")).outcome is Outcome.WITHIN


@pytest.mark.parametrize(
    ("name", "limit"),
    [("usbm-ri8507-drywall", 0.1885), ("usbm-ri8507-plaster", 0.1885), ("osmre", 0.19), ("bs-7385-2-line-1", None)],
)
def test_below_1_hz_a_peak_is_compared_at_1_hz_as_intervals_are(name, limit):
    for frequency in (BELOW_1, hertz(0.4), hertz(1)):
        small, large = (verdict(ppv(number, "in/s"), frequency, curve(name)) for number in (0.015, 0.2))
        assert small.limit_low == small.limit_high == (limit if limit is None else pytest.approx(limit, abs=1e-4))
        expected = (Outcome.WITHIN, Outcome.EXCEEDED) if limit else (Outcome.NOT_COVERED, Outcome.NOT_COVERED)
        assert (small.outcome, large.outcome) == expected


def test_an_own_curve_with_points_below_1_hz_is_compared_there():
    own = user_curve('unit = "mm/s"\ninterpolation = "linear"\npoints = [[0.5, 1], [1, 3]]')
    assert verdict(ppv(2), hertz(0.5), own).outcome is Outcome.EXCEEDED
    assert verdict(ppv(2), hertz(0.1), own).outcome is Outcome.EXCEEDED
    assert verdict(ppv(2), BELOW_1, own).outcome is Outcome.UNDECIDED


def test_a_peak_whose_frequency_may_lie_where_a_curve_says_nothing_is_never_within():
    line = curve("bs-7385-2-line-2")
    assert verdict(ppv(1), NOT_KNOWN, line).outcome is Outcome.NOT_COVERED, "never above, but maybe below 4 Hz"
    assert verdict(ppv(20), NOT_KNOWN, line).outcome is Outcome.UNDECIDED
    assert verdict(ppv(60), NOT_KNOWN, line).outcome is Outcome.UNDECIDED, "at 2 Hz there is no limit to exceed"
    ends = user_curve(TOML)  # at 50 Hz
    assert verdict(ppv(1), NOT_KNOWN, ends).outcome is Outcome.NOT_COVERED
    assert verdict(ppv(9), ABOVE_100, ends).outcome is Outcome.NOT_COVERED


def test_airblast_limits():
    assert [(limit.response, limit.limit_db) for limit in AIRBLAST_LIMITS] == [
        ("dB(L)", 134), ("dB(L)", 133), ("dB(L)", 129), ("dBC", 105),
    ]  # fmt: skip
    for level, outcome in ((133.0, Outcome.WITHIN), (133.1, Outcome.EXCEEDED)):
        assert airblast_verdict(ppv(level, "dB(L)"), AIRBLAST_LIMITS[1]).outcome is outcome
    over = ppv(None, "dB(L)", ValueState.OVER_RANGE)
    for limit in AIRBLAST_LIMITS[:3]:
        assert airblast_verdict(over, limit).outcome is Outcome.EXCEEDED, "the rail is 148.2 dB(L)"
    weighted = ppv(None, "dBC", ValueState.OVER_RANGE)
    assert airblast_verdict(weighted, AIRBLAST_LIMITS[3]).outcome is Outcome.UNDECIDED, "the rail is no weighted level"
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
        ("", "unit is missing, and nothing is assumed in its place; give in/s or mm/s"),
        ("unit = ", "neither TOML"),
        (TOML.replace("mm/s", "cm/s"), "permit: unit is 'cm/s'; there are in/s, mm/s"),
        (TOML.replace('"mm/s"', "[1]"), r"unit is \[1\]; there are"),
        (TOML.replace("log-log", "loglog"), "interpolation is 'loglog'; there are linear, log-log"),
        (TOML.replace('"log-log"', "{a = 1}"), "there are linear, log-log"),
        (TOML.replace('"none"', '"up"'), "above is 'up'; there are none, flat, slope"),
        (TOML.replace('"permit"', "5"), "name is 5; give a text in quotes"),
        (TOML.replace("Permit 2026-17", "Permit " * 700), "title has 4,900 characters; a page has room for 400"),
        (TOML.replace("[10, 3]", "[1, 3]"), "limit curve permit: the frequencies of its points must rise; correct"),
        (TOML.replace("[10, 3]", "[10, -3]"), "positive"),
        (TOML.replace("[10, 3]", "[10, nan]"), r"point 2 is \[10, nan\]; give a frequency in Hz and a limit"),
        (TOML.replace("[10, 3]", "[10]"), r"point 2 is \[10\]; give a frequency in Hz and a limit"),
        (TOML.replace("[10, 3]", "[10, 3, 4]"), "point 2 is"),
        (TOML.replace("[10, 3]", "10"), "point 2 is 10; give"),
        (TOML.replace("[10, 3]", '["10", true]'), "point 2 is"),
        (TOML.replace("points = [[1, 3], [10, 3], [50, 8]]", "points = []"), "needs points"),
        (TOML.replace("points = [[1, 3], [10, 3], [50, 8]]", "points = 3"), "points is not a list; give pairs"),
        (TOML + 'colour = "red"', "no key 'colour' is known; there are name, title"),
        (CSV.replace("# interpolation: log-log\n", ""), "add a line '# interpolation: linear' or"),
        (CSV.replace("interpolation: log-log", "interpolation: lin"), "'lin'; there are linear, log-log"),
        (CSV.replace("10, 3", "10; 3"), "line 8 is '10; 3'; give a frequency and a limit with a comma between"),
        (CSV.replace("10, 3", "10,3,5"), "line 8 is '10,3,5'; give a frequency"),
        (CSV.replace("10, 3", "10"), "line 8 is '10'; give a frequency"),
        (CSV.replace("limit_mm_s", "limit"), "line 6 is 'frequency_hz,limit'; head the columns frequency_hz"),
        (CSV.replace("frequency_hz,limit_mm_s", "Hz,mm/s"), "line 6 is 'Hz,mm/s'; head the columns frequency_hz"),
        (CSV.replace("frequency_hz,limit_mm_s", "Hz;mm/s"), "line 6 is 'Hz;mm/s'; head the columns frequency_hz"),
        (CSV[: CSV.index("1,3")], "needs points"),
    ],
)
def test_a_users_curve_that_cannot_be_used_says_why_and_what_it_may_be(text, said):
    with pytest.raises(BadInput, match=said) as raised:
        user_curve(text, "permit")
    for leak in ("unpack", "convert", "is not a valid", "Interpolation", "float", "curve permit: curve"):
        assert leak not in str(raised.value)


def test_a_file_is_never_taken_for_a_built_in_curve_nor_instead_of_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nameless = TOML.replace('name = "permit"\n', "")
    (tmp_path / "osmre").write_text(TOML, encoding="utf-8")
    (tmp_path / "DIN.toml").write_text(nameless, encoding="utf-8")
    (tmp_path / "bad.csv").write_text("Hz,mm/s\n1,3\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"and of a file here; write .*osmre for the file"):
        curves_from(("osmre",))
    assert [own.name for own in curves_from(("./osmre",))] == ["permit"]
    assert [own.name for own in curves_from((), "in/s")][-1] == "osmre", "those nobody named are the built-in ones"
    with pytest.raises(BadInput, match=r"DIN.toml: the limit curve is named 'DIN', as limits that come with"):
        curves_from(("DIN.toml",))
    with pytest.raises(BadInput, match=r"^bad.csv: limit curve bad: line 1 is 'Hz,mm/s'"):
        curves_from(("bad.csv",))


def test_one_point_has_no_slope_to_go_on_with():
    with pytest.raises(UsageError):
        Curve(
            name="x", title="x", source="x", unit="mm/s", points=((4, 5),), interpolation=Interpolation.LINEAR,
            above=Edge.SLOPE,
        )  # fmt: skip
