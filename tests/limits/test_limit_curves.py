"""Limit curves: each breakpoint, between them, beyond them; verdicts on numbers and on words; users' own curves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sfm_archive.analysing.compliance import limits_at
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits.airblast import AIRBLAST_LIMITS, airblast_limit, judge_airblast
from sfm_archive.limits.curve_files import user_curve
from sfm_archive.limits.curves import (
    CURVES,
    Curve,
    Edge,
    Interpolation,
    curve,
)
from sfm_archive.limits.named_curves import airblast_from, curves_from
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import Reading, ValueState
from sfm_archive.model.summaries import summary_of


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


def test_airblast_limits():
    assert [(limit.name, limit.response, limit.limit_db) for limit in AIRBLAST_LIMITS] == [
        ("osmre-0.1hz", "dB(L)", 134), ("osmre-2hz", "dB(L)", 133), ("osmre-6hz", "dB(L)", 129),
        ("osmre-c", "dBC", 105),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "limit_db"),
    [
        ("osmre-0.1hz", 134), ("OSMRE-2Hz", 133), ("120dB", 120), ("120 dB(L)", 120), ("133,5dB", 133.5),
        ("100Pa", 133.98), ("100 pa.(L)", 133.98), ("0.01psi", 130.75), ("0,01 psi", 130.75), ("none", None),
    ],
)  # fmt: skip
def test_an_airblast_limit_in_words(word, limit_db):
    limit = airblast_limit(word)
    assert (None if limit is None else limit.limit_db) == limit_db


@pytest.mark.parametrize(
    "word", ["", "133", "loud", "dB", "0dB", "-3dB", "20dBA", "105dBC", "1000dB", "5mm/s", "1,234Pa"]
)
def test_what_is_no_airblast_limit_is_refused(word):
    with pytest.raises(UsageError):
        airblast_limit(word)


def airblast(reading, word, kind=RecordType.WAVEFORM):
    summary = summary_of(
        [reading], name="", start_local="2026-05-01 10:00:00", record_type=kind, revision=1, encoding="ok"
    )
    return judge_airblast(summary, kind, airblast_limit(word)).outcome


def level(number, unit="dB(L)", state=ValueState.OK):
    return Reading(quantity="pspl", channel="MicL", number=number, unit=unit, state=state)


@pytest.mark.parametrize(
    ("reading", "word", "outcome"),
    [
        (level(133.5), "osmre-2hz", "exceeded"),
        (level(133.5), "osmre-0.1hz", "within"),
        (level(134.0), "134dB", "within"),
        (level(134.1), "134dB", "exceeded"),
        (level(100.0, "Pa"), "100Pa", "within"),
        (level(0.01, "psi(L)"), "0.01psi", "within"),
        (level(0.0101, "psi(L)"), "0.01psi", "exceeded"),
        (level(None, "", ValueState.OVER_RANGE), "osmre-2hz", "exceeded"),
        (level(None, "", ValueState.OVER_RANGE), "150dB", "undecided"),
        (level(134.0, state=ValueState.ABOVE_LIMIT), "133dB", "exceeded"),
        (level(134.0, state=ValueState.ABOVE_LIMIT), "140dB", "undecided"),
        (level(100.0, state=ValueState.BELOW_THRESHOLD), "133dB", "within"),
        (level(100.0, state=ValueState.BELOW_THRESHOLD), "90dB", "undecided"),
        (level(100.0), "osmre-c", "not compared"),
        (level(None, state=ValueState.ABSENT), "133dB", "not compared"),
        (level(1.2, "furlong"), "133dB", "not compared"),
    ],
)
def test_a_level_is_held_against_an_airblast_limit(reading, word, outcome):
    assert airblast(reading, word) == outcome
    assert airblast(reading, word, RecordType.MONITOR_LOG) == "not compared"


def test_which_airblast_limit_goes_with_curves(tmp_path):
    (tmp_path / "a.toml").write_text(TOML + 'airblast = "134dB"', encoding="utf-8")
    (tmp_path / "b.csv").write_text(CSV.replace("permit", "other") + "# airblast: none\n", encoding="utf-8")
    a, b = str(tmp_path / "a.toml"), str(tmp_path / "b.csv")

    def chosen(word, *limits):
        found = airblast_from(word, curves_from(limits))
        return None if found is None else found.limit_db

    assert [chosen(None, one) for one in ("usbm", "osmre", "usbm-ri8507-plaster", "din", "0.5in/s", a, b)] == [
        133, 133, 133, None, None, 134, None,
    ]  # fmt: skip
    assert (chosen("osmre-6hz", a), chosen("none", "usbm"), chosen("120dB", "din"), chosen(None, a, "usbm")) == (
        129, None, 120, 134,
    )  # fmt: skip
    with pytest.raises(UsageError, match=r"different airblast limits, 134dB \(permit\) and none \(other\); choose one"):
        chosen(None, a, b)


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
        (CSV.replace("10, 3", "10,\uff13"), "line 8 is '10,\uff13'; give a frequency"),
        (CSV.replace("10, 3", "1_0,3"), "line 8 is '1_0,3'; give a frequency"),
        (CSV.replace("10, 3", "nan,3"), "line 8 is 'nan,3'; give a frequency"),
        (CSV.replace("10, 3", "10,3,5"), "line 8 is '10,3,5'; give a frequency"),
        (CSV.replace(",", ";").replace("10; 3", "10;1,500"), "line 8 is '10;1,500'; give a frequency"),
        (CSV + "# airblast: loud", "airblast: 'loud' is not an airblast limit; give osmre-0.1hz"),
        (TOML + "airblast = 134", "airblast is 134; give a text in quotes"),
        (CSV.replace("10, 3", "10"), "line 8 is '10'; give a frequency"),
        (CSV.replace("limit_mm_s", "limit"), "line 6 is 'frequency_hz,limit'; head the columns frequency_hz"),
        (CSV.replace("frequency_hz,limit_mm_s", "Hz,mm/s"), "line 6 is 'Hz,mm/s'; head the columns frequency_hz"),
        (CSV.replace("frequency_hz,limit_mm_s", "Hz;mm/s"), "line 6 is 'Hz;mm/s'; head the columns frequency_hz"),
        (CSV[: CSV.index("1,3")], "needs points"),
        ("# unit: in/s\n" + CSV, "'# unit: in/s', and the columns are headed for limits in mm/s"),
        (CSV + "# Unit: furlongs\n", "'# unit: furlongs', and the columns are headed for limits in mm/s"),
    ],
)
def test_a_users_curve_that_cannot_be_used_says_why_and_what_it_may_be(text, said):
    with pytest.raises(BadInput, match=said) as raised:
        user_curve(text, "permit")
    for leak in ("unpack", "convert", "is not a valid", "Interpolation", "float", "curve permit: curve"):
        assert leak not in str(raised.value)


def test_a_curve_file_may_name_its_unit_again_and_its_choices_in_capitals():
    capitals = CSV.replace("interpolation: log-log", "Interpolation: Log-Log").replace("above: flat", "Above: FLAT")
    assert "Log-Log" in capitals
    assert user_curve(f"# Unit: mm/s;\n{capitals}") == user_curve(CSV)
    assert user_curve(TOML.replace('"log-log"', '"Log-Log"')) == user_curve(TOML)


DATA = Path(__file__).parents[1] / "data" / "limits_csv"
PERMIT = ((1, 3), (10, 3), (50, 8))


@pytest.mark.parametrize("name", ["plain", "excel", "libre", "quoted", "semi", "padded-title"])
def test_a_curve_that_went_through_a_spreadsheet_is_the_same_curve(name):
    (own,) = curves_from((str(DATA / f"{name}.csv"),))
    assert (own.name, own.title, own.unit) == ("quarry-permit", "Permit 2026-17", "mm/s")
    assert own.source == ("" if name == "padded-title" else "Permit of 3 March 2026, annex 2")
    assert own.points == (PERMIT if name != "semi" else ((1, 3), (10, 3), (50, 8.5)))
    assert (own.interpolation, own.above) == (Interpolation.LOG_LOG, Edge.FLAT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("10,3.5", "10,3.5,,").replace("50,8", "50,8,,") + ",,\n",
        lambda text: text.replace(",", ";").replace("3.5", "3,5"),
        lambda text: "sep=;\n" + text.replace(",", ";").replace("3.5", "3,5") + ";\n",
        lambda text: text.replace(",", "\t").replace("3.5", "3,5"),
        lambda text: text.replace("10,3.5", '"10","3,5"'),
        lambda text: text.replace("10,3.5", "10;3,5").replace("1,3\n", "1;3\n").replace("50,8", "50;8"),
        lambda text: text.replace("frequency_hz", '"Frequency_Hz"').replace("limit_mm_s", '"LIMIT_MM_S"'),
        lambda text: text.replace("10,3.5", " 10 , 3.5 ").replace("# title", "#title"),
    ],
)
def test_any_separator_decimal_sign_mark_and_code_page_say_the_same_curve(tmp_path, change, ends, encoding):
    plain = "# title: Genehmigung für März\n# interpolation: linear\nfrequency_hz,limit_mm_s\n1,3\n10,3.5\n50,8\n"
    text = change(plain).replace("\n", ends)
    (tmp_path / "own.csv").write_bytes(text.encode(encoding))
    (own,) = curves_from((str(tmp_path / "own.csv"),))
    assert (own.title, own.points) == ("Genehmigung für März", ((1, 3), (10, 3.5), (50, 8)))


@pytest.mark.parametrize("word", ["0.5in/s", "0.5 in/s", "0,5in/s", "0.50 IN/S", ".5in/s"])
def test_a_velocity_is_a_limit_at_every_frequency(word):
    (own,) = curves_from((word,))
    assert (own.name, own.unit, own.falls) == ("0.5in/s", "in/s", False)
    assert [own.limit(hertz) for hertz in (0.01, 1, 5000)] == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("12", "a velocity such as 0.5in/s"),
        ("12cm/s", "no limit curve and no file '12cm/s'"),
        ("1,000mm/s", "the comma may part thousands or decimals; write a point before decimals"),
        ("0in/s", "positive"),
        ("-1mm/s", "is not a velocity"),
    ],
)
def test_what_is_no_velocity_is_refused_with_what_may_be_written(word, said):
    with pytest.raises(UsageError, match=said):
        curves_from((word,))


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
