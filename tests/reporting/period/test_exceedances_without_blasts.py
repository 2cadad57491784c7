"""What is above a limit and of no blast stands in a list of its own, and nothing of it is missing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.testing.histograms import HistogramInterval
from tests.reporting.period.conftest import (
    OTHER,
    SINCE,
    UNIT,
    UNTIL,
    add_blast,
    quiet,
    report_of,
    save_histogram,
    save_report,
)

AT = datetime(2026, 5, 12, 11, 30)
LOUD = HistogramInterval(2, 10, 50, 50, 2, 10, 10, 10)
"""Vert 50 counts, 6.35 mm/s, at 10.24 Hz: DIN line 2 is 5.06 mm/s there."""


def found(report: sfm.JobReport) -> list[tuple[int, str, str, str]]:
    return [(one.event_id, one.what, one.at_local, one.verdict.channel) for one in report.exceedances]


def test_an_event_above_the_limit_without_a_blast_is_listed(archive: sfm.Archive) -> None:
    truck = save_report(archive, AT, (1.0, 9.0, 2.0), 20.0)
    save_report(archive, AT + timedelta(hours=1), (1.0, 2.0, 2.0), 20.0)
    report = report_of(archive)
    assert found(report) == [(truck, "vibration", "2026-05-12T11:30:00", "Vert")]
    (one,) = report.exceedances
    assert (one.name, one.serial, one.record_type, one.number, one.intervals) == ("Church", UNIT, "waveform", 9.0, None)
    assert one.verdict.ratio == pytest.approx(9.0 / 7.5, rel=0.01) and one.blasts == ()
    assert one.low_hz is not None and one.high_hz is not None and one.low_hz <= 20.0 <= one.high_hz


def test_an_event_of_a_blast_of_the_period_stands_with_its_blast(archive: sfm.Archive) -> None:
    add_blast(archive, AT, save_report(archive, AT, (1.0, 9.0, 2.0), 20.0))
    assert report_of(archive).exceedances == ()


def test_an_event_of_a_blast_outside_the_period_names_it(archive: sfm.Archive) -> None:
    late = datetime(2026, 5, 31, 23, 59, 58)
    event = save_report(archive, late, (1.0, 9.0, 2.0), 20.0)
    number = add_blast(archive, datetime(2026, 6, 1, 0, 0, 1), event)
    (one,) = report_of(archive).exceedances
    (blast,) = one.blasts
    assert (one.event_id, blast.blast, blast.decision) == (event, number, "confirmed")
    assert report_of(archive, UNTIL, datetime(2026, 7, 1)).exceedances == ()


def test_proposed_and_refused_events_say_so(archive: sfm.Archive) -> None:
    events = [save_report(archive, AT + timedelta(days=day), (1.0, 9.0, 1.0), 20.0) for day in (0, 1)]
    numbers = [add_blast(archive, AT + timedelta(days=day)) for day in (0, 1)]
    sfm.refuse_blast(archive, numbers[1], [events[1]], reason="a truck")
    said = [
        (one.event_id, *((b.blast, b.decision, b.reason) for b in one.blasts)) for one in report_of(archive).exceedances
    ]
    assert said == [(events[0], (numbers[0], "proposed", "")), (events[1], (numbers[1], "refused", "a truck"))]


def test_a_false_trigger_is_not_among_them(archive: sfm.Archive) -> None:
    archive.review(save_report(archive, AT, (9.0, 9.0, 9.0)), false_trigger=True, reviewer="A", notes="door")
    assert report_of(archive).exceedances == ()


def test_a_level_above_the_airblast_limit_is_listed(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 1.0, 1.0), level_db=121.0)
    (one,) = report_of(archive).exceedances
    assert (one.event_id, one.what, one.number, one.verdict.limit_low) == (event, "airblast", 121.0, 120.0)


def test_a_histogram_names_the_interval_and_how_many_are_above(archive: sfm.Archive) -> None:
    louder = HistogramInterval(2, 10, 60, 50, 2, 10, 10, 10)
    event = save_histogram(archive, AT, [*quiet(3), LOUD, *quiet(2), louder, *quiet(9)])
    (one,) = report_of(archive).exceedances
    assert (one.event_id, one.at_local, one.intervals) == (event, "2026-05-12T12:00:00", 2)
    assert one.number == pytest.approx(60 * 0.127) and one.low_hz == one.high_hz == pytest.approx(10.24)
    # Of a period that ends before the louder one, the other.
    (one,) = report_of(archive, until=datetime(2026, 5, 13)).exceedances
    assert one.intervals == 2


def test_only_intervals_of_the_period_are_of_it(archive: sfm.Archive) -> None:
    save_histogram(archive, datetime(2026, 4, 30, 23), [LOUD, *quiet(17)])
    assert report_of(archive).exceedances == ()
    event = save_histogram(archive, datetime(2026, 5, 31, 23), [*quiet(11), LOUD, *quiet(3), LOUD])
    assert [(one.event_id, one.at_local, one.intervals) for one in report_of(archive).exceedances] == [
        (event, "2026-05-31T23:55:00", 1)
    ]


def test_an_interval_that_a_waveform_explains_stands_with_the_waveform(archive: sfm.Archive) -> None:
    """The waveform is of a blast: neither it nor the interval that shows the same is listed; a second loud interval,
    hours away, is."""
    shot = save_report(archive, AT, (1.0, 9.0, 9.0), 10.0)
    add_blast(archive, AT, shot)
    both = save_histogram(archive, AT - timedelta(hours=1), [*quiet(12), LOUD, *quiet(30)])
    assert report_of(archive).exceedances == ()
    more = save_histogram(archive, AT - timedelta(hours=25), [*quiet(12), LOUD, *quiet(30)])
    assert [one.event_id for one in report_of(archive).exceedances] == [more]
    later = save_histogram(archive, AT + timedelta(hours=5), [LOUD, *quiet(30)])
    save_report(archive, AT + timedelta(hours=5), (1.0, 9.0, 9.0), 10.0)
    listed = [one.event_id for one in report_of(archive).exceedances]
    assert later not in listed and both not in listed and len(listed) == 2


def test_a_histogram_that_is_partly_explained_is_listed_by_its_other_intervals(archive: sfm.Archive) -> None:
    add_blast(archive, AT, save_report(archive, AT, (1.0, 9.0, 9.0), 10.0))
    louder = HistogramInterval(2, 10, 60, 50, 2, 10, 10, 10)
    event = save_histogram(archive, AT - timedelta(hours=1), [*quiet(12), louder, *quiet(12), LOUD, *quiet(10)])
    (one,) = report_of(archive).exceedances
    assert (one.event_id, one.at_local, one.intervals) == (event, "2026-05-12T12:35:00", 1)
    assert one.number == pytest.approx(50 * 0.127)


def test_text_json_and_pages_have_the_list(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_report(archive, AT, (1.0, 9.0, 2.0), 20.0)
    other = save_histogram(archive, AT, [LOUD, *quiet(12)], serial=OTHER)
    sfm.place(archive, OTHER, at="North/School", since=SINCE)
    sfm.limit_point(archive, "North/School", limits=["3mm/s"])
    asked = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05"]
    archive.close()
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 0, told.output
    section = told.output.split("above a limit, and of no blast of the period:")[1].split("\n\n")[0]
    assert [line.split()[:2] for line in section.splitlines()[2:]] == [["Church", str(event)], ["School", str(other)]]
    listed = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)["report"]["exceedances"]
    assert [(one["event_id"], one["name"], one["intervals"]) for one in listed] == [
        (event, "Church", None),
        (other, "School", 1),
    ]
    for code, head in (("en", "Above a limit, and of no blast of the period"), ("de", "zu keiner Sprengung")):
        path = tmp_path / f"{code}.pdf"
        done = CliRunner().invoke(main, [*asked, "-o", str(path), "--language", code])
        assert done.exit_code == 0, done.output
        text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)
        assert head in text and ("9.00 mm/s" if code == "en" else "9,00 mm/s") in text


def test_a_report_without_any_says_so(archive: sfm.Archive) -> None:
    archive.close()
    asked = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05"]
    assert "above a limit, and of no blast of the period: nothing" in CliRunner().invoke(main, asked).output
