"""Pages of events that a report alone tells of: what is cut, what lies over what, and what a note says."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.analysing import recording_of
from sfm_archive.cli import main
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.reporting.event_figure import draw_event
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.judged import judged_event
from sfm_archive.reporting.language import language
from sfm_archive.reporting.lettering import text_width
from sfm_archive.reporting.terminal import sketch
from tests.reporting.test_job_report_pages import assert_all_within_and_apart


def text_of(names, units):
    lines = [
        '"Event Type : Full Waveform"', '"Serial Number : BE11529"', '"Event Time : 10:00:00"',
        '"Event Date : May 3, 2026"', '"Pre-trigger Length : -0.250 sec"', '"Record Time : 0.750 sec"',
        '"Sample Rate : 1024 sps"', f'"Units : {units}"', '"PC SW Version : V 10.74"', "",
        "\t".join(f"   {name}   " for name in names),
    ]  # fmt: skip
    for at in range(1025):
        motion = f"{15 * math.exp(-(((at - 400) / 90) ** 2)) * math.sin(at / 8):.3f}"
        lines.append("\t".join(f"{90 + at / 64:.1f}" if name == "MicL" else motion for name in names))
    return "\r\n".join([*lines, ""]).encode()


def two_channels():
    """Of a unit that says a vector sum, so that the third channel may be what it is of."""
    return text_of(("Vert", "Long"), "mm/s and").replace(b'"PC SW', b'"Peak Vector Sum : 19.70 mm/s"\r\n"PC SW')


def page_of(folder, data, *limits):
    path = folder / "report.TXT"
    path.write_bytes(data)
    with sfm.create(folder / "a.sfm") as archive:
        archive.import_from(path)
        event = judged_event(archive, recording_of(archive, 1), LimitWords(limits))
        return EventPages(event, "a4").draw(1, 1, "now")[0]


def test_a_limit_that_is_a_range_does_not_run_into_its_label(tmp_path):
    page = page_of(tmp_path, two_channels(), "usbm")
    labels = [text for text in page.texts if text.text.startswith("limit, ")]
    limits = [text for text in page.texts if text.align == "right" and "–" in text.text and text.text[0].isdigit()]
    assert labels and limits
    for label in labels:
        end = label.x + text_width(label.text, label.size)
        beside = [one for one in limits if one.y == label.y]
        assert all(one.x - text_width(one.text, one.size) > end + 0.3 for one in beside)


def test_the_sentence_on_airblast_is_not_cut_off_without_a_microphone(tmp_path):
    page = page_of(tmp_path, two_channels(), "usbm")
    texts = " ".join(text.text for text in page.texts)
    said = texts[texts.index("Airblast: not compared") :]
    assert "…" not in said.partition("Limits:")[0]


def test_levels_are_not_said_to_be_cut_by_the_record(tmp_path):
    page = page_of(tmp_path, text_of(("Tran", "Vert", "Long", "MicL"), "mm/s and dB(L)"))
    texts = " ".join(text.text for text in page.texts)
    assert "N/A of the microphone: its samples are levels in dB(L), which have no sign." in texts
    assert "cuts the half wave" not in texts


def test_plots_say_that_levels_are_no_trace(tmp_path):
    (tmp_path / "report.TXT").write_bytes(LEVELS)
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "report.TXT")
        event = judged_event(archive, recording_of(archive, 1), LimitWords(()))
        sketched = " ".join(sketch(event, 80, fft=False).split())
        drawn = " ".join(text.text for text in draw_event(event, fft=False).texts)
    said = "its samples are levels in dB(L), which have no sign"
    assert said in sketched and said in drawn and "MicL 106.0 dB(L)" in drawn


def test_the_plot_of_an_event_is_in_the_language_that_is_asked_for(tmp_path):
    (tmp_path / "report.TXT").write_bytes(two_channels())
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "report.TXT")
        asked = ["plot", str(archive.path), "1", "-o", str(tmp_path / "a.svg"), "--language"]
    done = CliRunner().invoke(main, [*asked, "de"])
    assert done.exit_code == 0, done.output
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "aufgezeichnet 03.05.2026 10:00:00 (Gerätezeit)" in drawn and "Zeitverlauf" in drawn
    assert not [word for word in ("recorded", "waveform", "peaks by") if word in drawn]
    assert CliRunner().invoke(main, [*asked, "xx"]).exit_code == 2
    of_a_sketch = CliRunner().invoke(main, ["plot", asked[1], "1", "--language", "de"])
    assert of_a_sketch.exit_code == 2 and "--language is of a picture" in of_a_sketch.output


def with_level(data, wanted, replaced=b"90.0"):
    """The cells of the microphone that print a level, printed otherwise."""
    assert b"\t" + replaced + b"\r\n" in data
    return data.replace(b"\t" + replaced + b"\r\n", b"\t" + wanted + b"\r\n")


NAMES = ("Tran", "Vert", "Long", "MicL")
LEVELS = text_of(NAMES, "mm/s and dB(L)")
HEAD, ROWS = LEVELS[: LEVELS.index(b"   Tran   ")], LEVELS[LEVELS.index(b"   Tran   ") :].splitlines(keepends=True)
ALL_BELOW = HEAD + ROWS[0] + b"".join(row.rpartition(b"\t")[0] + b"\t<88.0\r\n" for row in ROWS[1:])


@pytest.mark.parametrize(
    ("data", "level"),
    [
        (LEVELS, "106.0 dB(L)"),
        (with_level(LEVELS, b"<88.0"), "106.0 dB(L)"),
        (with_level(LEVELS, b"***"), "≥106.0 dB(L)"),
        (with_level(with_level(LEVELS, b"<88.0"), b"***", b"92.0"), "≥106.0 dB(L)"),
        (with_level(LEVELS, b"<110.0"), "<110.0 dB(L)"),
        (with_level(text_of(NAMES, "mm/s and "), b"<88.0"), "106.0 dB(L)"),
        (text_of(NAMES, "mm/s and "), "N/A"),
        (ALL_BELOW, "<88.0 dB(L)"),
        (with_level(text_of(NAMES, "mm/s and pa"), b"<88.0"), "134.5 dB(L)"),
        (with_level(with_level(LEVELS, b"<88.0"), b"OORANGE", b"106.0"), "over range"),
    ],
)
def test_a_level_below_a_bound_hides_no_greater_one(tmp_path, data, level):
    """`***` has no number and may be any; `<88.0` is below 88.0."""
    texts = [text.text for text in page_of(tmp_path, data).texts]
    assert any(text.removesuffix(" *") == level for text in texts), texts
    with sfm.open(tmp_path / "a.sfm") as archive:
        assert archive.verify().ok


@pytest.mark.parametrize("units", ["", "mm/s and "])
def test_a_unit_that_nothing_states_is_said_and_decides_nothing(tmp_path, units):
    path = tmp_path / "report.TXT"
    path.write_bytes(text_of(NAMES, units))
    with sfm.create(tmp_path / "a.sfm") as archive:
        said = archive.import_from(path).items[0].message
        assert archive.verify().ok
        description = archive.describe(1)
        event = judged_event(archive, recording_of(archive, 1), LimitWords(("usbm",), "120dB"))
    assert ("its velocities (Tran, Vert, Long) and its microphone" in said) == (units == "")
    assert "its microphone (MicL)" in said and "of these samples count as unknown" in said
    assert {found.code for found in description.sample_findings} - {"row-count"} == {"unit-assumed"}
    counting = {(one.quantity, one.channel): one.number for one in description.values}
    assert counting["pspl", "MicL"] is None and (counting["ppv", "Vert"] is None) == (units == "")
    assert event.verdict.airblast is not None and event.verdict.airblast.outcome is Outcome.NOT_COMPARED
    if units == "":
        assert {one.outcome for one in event.channels.values()} == {Outcome.UNDECIDED}


REAL = Path(__file__).parents[1] / "data" / "blastware-ascii" / "15m.TXT"
"""Of a Micromate, with sensor checks, titles and a calibration line."""


def sheets_of(folder, paper, code, *limits, units=None):
    with sfm.create(folder / "real.sfm") as archive:
        archive.import_from(REAL)
        event = judged_event(archive, recording_of(archive, 1, units), LimitWords(limits))
        pages = EventPages(event, paper, language(code), report="Erschütterungsbericht", blast="Sprengung 1, 15,0 m")
        return pages.draw(1, pages.count, "now")


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("limits", [("din-4150-3-line-1",), ("usbm", "osmre")])
def test_the_limits_of_a_whole_event_stand_on_its_one_sheet(tmp_path, paper, limits):
    sheets = sheets_of(tmp_path, paper, "de", *limits)
    assert len(sheets) == 1
    assert any(text.text == "Spitzenwerte über der Frequenz und Grenz- oder Anhaltswerte" for text in sheets[0].texts)
    (beside,) = [text for text in sheets[0].texts if text.text.startswith("Schwinggeschwindigkeit, ")]
    half, chart = text_width(beside.text, beside.size) / 2, sheets[0].graphs[-1]
    assert chart.top <= beside.y - half and beside.y + half <= chart.bottom


@pytest.mark.parametrize("units", ["mm/s", "in/s"])
def test_rows_of_verdicts_are_of_one_size_and_apart(tmp_path, units):
    (page,) = sheets_of(tmp_path, "a4", "de", "din", units=units)
    begin = next(text.y for text in page.texts if text.text.startswith("Spitzenwerte über"))
    rows: dict[float, list] = {}
    for text in page.texts:
        if text.y > begin and text.x > page.width / 2 and not text.turned:
            rows.setdefault(round(text.y, 2), []).append(text)
    table = [row for row in rows.values() if sum(one.align == "right" for one in row) == 3]
    assert len(table) == 3 + 2 * 3
    for row in table:
        assert len({one.size for one in row}) == 1, row
        ends = [(one.x - text_width(one.text, one.size, bold=one.bold) * (one.align == "right"), one) for one in row]
        ends.sort(key=lambda one: one[0])
        for (left, one), (right, _) in pairwise(ends):
            assert right - left - text_width(one.text, one.size, bold=one.bold) > 1.0, row


def test_limits_of_velocity_are_written_as_the_language_does(tmp_path):
    (page,) = sheets_of(tmp_path, "a4", "de", "12.5mm/s", "din-4150-3-line-1")
    texts = [text.text for text in page.texts]
    assert "12,5 mm/s bei jeder Frequenz" in texts and "27,0" in texts
    assert not [text for text in texts if "12.5" in text or text == "27"]


@pytest.mark.parametrize("units", ["mm/s", "in/s"])
@pytest.mark.parametrize("code", ["en", "de"])
def test_the_table_of_events_has_room_for_long_names_and_two_units(tmp_path, code, units):
    words = language(code)
    with sfm.create(tmp_path / "two.sfm") as archive:
        archive.import_from(REAL)
        archive.import_from(REAL.with_name("5m.TXT"))
        read = [judged_event(archive, recording_of(archive, at, units), LimitWords(("usbm",))) for at in (1, 2)]
    lines = [line_of(event, words) for event in read]
    (page,) = EventsTable(lines, "letter", sfm.Selection(), words=words).draw(1, "now")
    assert_all_within_and_apart([page])
    assert any("26.06.2026, " in text.text or "2026-06-26, " in text.text for text in page.texts)


@pytest.mark.parametrize(("code", "said"), [("en", "automatic, window 5 sec"), ("de", "automatisch, Fenster 5 sec")])
def test_a_page_says_how_the_record_was_to_end(tmp_path, code, said):
    (page,) = sheets_of(tmp_path, "letter", code, "din-4150-3-line-1")
    assert said in [text.text for text in page.texts]
