"""Values of a job's report: which stands first of equals, from which interval, how shares are rounded, and clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.reporting.language import language
from sfm_archive.reporting.period.report import BlastAtPoint, BlastShare
from sfm_archive.reporting.period.values import LargestValue
from sfm_archive.reporting.period.wording import percent_text, ratio_text, share_text
from sfm_archive.testing.histograms import HistogramInterval
from tests.reporting.period.conftest import OTHER, TOLD, UNIT, add_blast, quiet, report_of, save_histogram, save_report

AT = datetime(2026, 5, 9, 12)
LOUD_AIR = HistogramInterval(53, 10, 1, 10, 1, 10, 200, 30)
"""Tran 53 counts, 6.731 mm/s, at 51 Hz; 200 counts of air, 128.0 dB(L), at 17 Hz."""


def largest(report: sfm.JobReport, channel: str, point: str = "Church") -> LargestValue:
    (found,) = [one for one in report.largest if (one.name, one.value.channel) == (point, channel)]
    return found


def move_other(archive: sfm.Archive) -> None:
    """From Church to School."""
    sfm.place(archive, OTHER, at="North/Church", since=datetime(2026, 5, 1), until=AT)
    sfm.place(archive, OTHER, at="North/School", since=AT)


def told(archive: sfm.Archive, *more: str) -> str:
    """The report as plain text; the archive is closed."""
    archive.close()
    asked = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05", *more]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    return done.output


def test_of_one_peak_the_waveform_stands_before_the_histogram(archive: sfm.Archive) -> None:
    """The report prints 53 counts, 6.731 mm/s, as 6.73 mm/s. A histogram that is louder by a count stands first."""
    histogram = save_histogram(archive, AT, [*quiet(3), LOUD_AIR, *quiet(4)])
    waveform = save_report(archive, AT + timedelta(minutes=17), (6.73, 1.0, 1.0), 50.0, level_db=128.0)
    report = report_of(archive)
    for channel in ("Tran", "MicL"):
        one = largest(report, channel)
        assert (one.value.event_id, one.record_type) == (waveform, "waveform")
    assert largest(report, "Tran").at_local == "2026-05-09T12:17:00"
    louder = save_histogram(archive, AT + timedelta(days=1), [HistogramInterval(54, 10, 1, 10, 1, 10, 200, 30)])
    assert largest(report_of(archive), "Tran").value.event_id == louder
    assert largest(report_of(archive), "MicL").value.event_id == waveform != histogram


def test_a_level_of_a_part_of_a_histogram_has_its_interval_and_frequency(archive: sfm.Archive) -> None:
    """One that began before the period, and one whose unit was moved while it ran."""
    start = datetime(2026, 4, 30, 23)
    save_histogram(archive, start, [*quiet(20), LOUD_AIR, *quiet(3)])
    one = largest(report_of(archive), "MicL")
    assert one.at_local == "2026-05-01T00:40:00"
    assert one.frequency is not None and one.frequency.number == pytest.approx(1024 / 60)
    louder = HistogramInterval(2, 10, 1, 10, 1, 10, 240, 40)
    save_histogram(archive, AT - timedelta(minutes=15), [louder, *quiet(3), LOUD_AIR, *quiet(3)], serial=OTHER)
    move_other(archive)
    for point, moment, half in (("Church", "2026-05-09T11:45:00", 40), ("School", "2026-05-09T12:05:00", 30)):
        one = largest(report_of(archive), "MicL", point)
        assert one.at_local == moment, point
        assert one.frequency is not None and one.frequency.number == pytest.approx(1024 / (2 * half)), point
    assert largest(report_of(archive), "Tran", "School").at_local == "2026-05-09T12:05:00"


def test_a_level_above_the_limit_names_its_interval_of_the_period(archive: sfm.Archive) -> None:
    louder = HistogramInterval(2, 10, 1, 10, 1, 10, 240, 40)
    save_histogram(archive, datetime(2026, 4, 30, 23), [*quiet(2), louder, *quiet(15), LOUD_AIR, *quiet(3)])
    (one,) = [one for one in report_of(archive).exceedances if one.what == "airblast"]
    assert (one.name, one.at_local) == ("Church", "2026-05-01T00:30:00")


@pytest.mark.parametrize(
    ("within", "undecided", "n", "text"),
    [
        (5, 0, 16, "31.2 %"),  # 31.25
        (2, 0, 3, "66.6 %"),
        (2499, 0, 2500, "99.9 %"),  # 99.96
        (2500, 0, 2500, "100 %"),
        (0, 0, 7, "0 %"),
        (1, 0, 5000, "0 %"),  # 0.02
        (5, 1, 16, "31.2–37.5 %"),
        (1, 1, 3, "33.3–66.7 %"),
        (2499, 1, 2500, "99.9–100 %"),
        (0, 1, 5000, "0–0.1 %"),
    ],
)
def test_shares_are_rounded_to_where_they_say_less(within: int, undecided: int, n: int, text: str) -> None:
    share = BlastShare(
        point=1, name="Church", what="vibration", since_local="2026-05-01T00:00:00", until_local="2026-06-01T00:00:00",
        limits=(), blasts=n, within=within, exceeded=n - within - undecided, undecided=undecided, not_compared=0,
        no_unit=0, by_trigger=0,
    )  # fmt: skip
    assert share_text(language("en"), share) == text
    assert share_text(language("de"), share) == text.replace(".", ",")


@pytest.mark.parametrize(
    ("ratio", "whole", "tenths"),
    [(1.0, "100%", "100.0"), (1.0004, "100.04%", "100.04"), (0.9996, "99.96%", "99.96"), (1.004, "100.4%", "100.4"),
     (1.193, "119%", "119.3"), (0.5, "50%", "50.0"), (0.99999, "99.999%", "99.999")],
)  # fmt: skip
def test_what_is_above_its_limit_is_never_rounded_to_it(ratio: float, whole: str, tenths: str) -> None:
    assert ratio_text(ratio) == whole
    assert percent_text(language("en"), 100 * ratio) == f"{tenths} %"


def test_a_unit_has_what_is_stated_of_its_clock(archive: sfm.Archive, tmp_path: Path) -> None:
    """By whom and since when; what was said before of the same time, and what is of another time, is not there."""
    event = save_report(archive, AT, (1.0, 1.0, 1.0))
    for shift, since, until in ((-9, AT, None), (-5, AT, None), (3600, datetime(2026, 5, 1), AT)):
        sfm.correct(
            archive, UNIT, clock_shift=timedelta(seconds=shift), since=since, until=until, reason="beside a radio clock"
        )
    sfm.correct(archive, UNIT, clock_shift=timedelta(days=1), until=datetime(2026, 2, 1), reason="set wrong")
    sfm.correct(archive, UNIT, zone="Europe/London", since=datetime(2026, 5, 20), reason="lent out")
    sfm.correct(archive, event, clock_shift=timedelta(seconds=7), reason="by the blaster's watch")
    (unit,) = report_of(archive).units
    found = [(one.correction, one.event_id, one.shift_s, one.zone, one.from_local) for one in unit.clocks]
    assert found == [
        (2, None, -5, "", "2026-05-09T12:00:00"),
        (3, None, 3600, "", "2026-05-01T00:00:00"),
        (5, None, 0, "Europe/London", "2026-05-20T00:00:00"),
        (6, event, 7, "", ""),
    ]
    assert {one.decided_by for one in unit.clocks} == {"firm"}
    sfm.write_period_report(archive, tmp_path / "r.pdf", "North", datetime(2026, 5, 1), datetime(2026, 6, 1))
    page = " ".join(PdfReader(tmp_path / "r.pdf").pages[0].extract_text().split())
    line = next(one for one in told(archive).splitlines() if one.startswith(f"  {UNIT}: "))
    for text in (
        "clock 5 s ahead, stated by firm, from 2026-05-09 12:00:00",
        "clock 01:00:00 behind, stated by firm, from 2026-05-01 until 2026-05-09 12:00:00",
        "clock shows Europe/London, stated by firm, from 2026-05-20",
        f"clock 7 s behind, event {event}, stated by firm",
    ):
        assert text in page and text in line, text


def church(report: sfm.JobReport) -> BlastAtPoint:
    return report.blasts[0].points[0]


def save_peaks(archive: sfm.Archive, at: datetime, *said: tuple[str, str]) -> int:
    """A waveform whose report prints peak and frequency of Tran, Vert and Long; its id."""
    readings = [*TOLD]
    for channel, (peak, hertz) in zip(("Tran", "Vert", "Long"), said, strict=True):
        readings += [measured_reading("ppv", peak, channel), measured_reading("zc_frequency", hertz, channel)]
    event = sfm.Event(serial=UNIT, recorded_at=at)
    document = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{at:%Y%m%d%H%M%S}".zfill(64), readings=readings)
    return archive.save(event, readings=[document]).event_id


@pytest.mark.parametrize("vert", ["4.00 mm/s", "9.00 mm/s"])
def test_a_blast_has_all_peaks_and_what_was_held_against_the_limit(
    archive: sfm.Archive, vert: str, tmp_path: Path
) -> None:
    """Vert is the greatest, at 80 Hz, where 18 mm/s hold; Long takes more of its limit, at 10 Hz 5 mm/s."""
    long = "3.50 mm/s" if vert == "4.00 mm/s" else "6.00 mm/s"
    event = save_peaks(archive, AT, ("1.00 mm/s", "30 Hz"), (vert, "80 Hz"), (long, "10 Hz"))
    add_blast(archive, AT, event)
    report = report_of(archive)
    cell = church(report)
    assert [(one.value.text, one.frequency and one.frequency.number) for one in cell.components] == [
        ("1.00 mm/s", 30.0), (vert, 80.0), (long, 10.0),
    ]  # fmt: skip
    verdict = cell.vibration
    assert (verdict.event_id, verdict.channel, verdict.least, verdict.most) == (event, "Long", *[float(long[:4])] * 2)
    assert verdict.low_hz is not None and verdict.high_hz is not None and verdict.low_hz <= 10 <= verdict.high_hz
    assert verdict.outcome == ("within" if vert == "4.00 mm/s" else "exceeded")
    assert verdict.limit_low == 5.0 and verdict.ratio == pytest.approx(float(long[:4]) / 5.0)
    sfm.write_period_report(archive, tmp_path / "r.pdf", "North", datetime(2026, 5, 1), datetime(2026, 6, 1))
    pages = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages)
    peaks = f"Tran 1.00 mm/s 30 Hz; Vert {vert} 80 Hz; Long {long} 10 Hz; held against the limit: Long {long} at 9.5"
    assert peaks in pages
    part = told(archive).split("their peaks by channel, and what decides:")[1].split("\n\n")[0]
    assert all(text in part for text in ("1.00 mm/s 30 Hz", f"{vert} 80 Hz", f"Long {long} at 9.5–10.5 Hz"))


def test_a_value_over_range_is_at_least_the_rail(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_peaks(archive, AT, ("OORANGE", "30 Hz"), ("1.00 mm/s", "30 Hz"), ("1.00 mm/s", "30 Hz"))
    add_blast(archive, AT, event)
    report = report_of(archive)
    cell = church(report)
    assert cell.ppv is not None and (cell.ppv.number, cell.ppv.state) == (None, "over-range")
    assert cell.ppv.text == cell.components[0].value.text == largest(report, "Tran").value.text == "≥259.9 mm/s"
    assert (cell.vibration.least, cell.vibration.most) == (259.969, None)
    sfm.write_period_report(archive, tmp_path / "r.pdf", "North", datetime(2026, 5, 1), datetime(2026, 6, 1))
    pages = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "Tran ≥259.9 mm/s 30 Hz" in pages and "Tran ≥2,567.5 %" in pages


def test_airblast_has_its_limit_whatever_is_known(archive: sfm.Archive, tmp_path: Path) -> None:
    add_blast(archive, AT, save_report(archive, AT, (1.0, 1.0, 1.0), level_db=112.0))
    later = AT + timedelta(days=1)
    add_blast(archive, later)
    report = report_of(archive)
    for blast in report.blasts:
        verdict = blast.points[0].airblast
        assert (verdict.limit, verdict.limit_low) == ("120 dB(L)", 120.0)
        assert blast.points[1].airblast.limit == ""  # nobody stood there
    assert (church(report).airblast.least, church(report).airblast.event_id) == (112.0, church(report).events[0])
    sfm.write_period_report(archive, tmp_path / "r.pdf", "North", datetime(2026, 5, 1), datetime(2026, 6, 1))
    pages = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "112.0 dB(L) within (120)" in pages
    assert [one.what for one in report.undecided] == ["vibration", "airblast"]


def pages_of(archive: sfm.Archive, folder: Path) -> str:
    sfm.write_period_report(archive, folder / "r.pdf", "North", datetime(2026, 5, 1), datetime(2026, 6, 1))
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(folder / "r.pdf").pages)


def test_a_false_trigger_is_named_where_its_interval_is_a_value(archive: sfm.Archive, tmp_path: Path) -> None:
    """Of three false triggers one lies in the loudest interval of Tran, Long and air, one in that of Vert, one in a
    quiet one. A day later another one lies in no value either."""
    loud = HistogramInterval(90, 10, 2, 10, 2, 10, 200, 30)
    other = HistogramInterval(2, 10, 80, 60, 2, 10, 10, 10)
    histogram = save_histogram(archive, AT, [*quiet(3), loud, *quiet(4), other, *quiet(20)])
    ids = [
        save_report(archive, AT + timedelta(minutes=minutes), (15.0, 15.0, 1.0), 10.0)
        for minutes in (17, 42, 52, 24 * 60)
    ]
    for event in ids:
        archive.review(event, false_trigger=True, reviewer="B", notes="truck")
    report = report_of(archive)
    found = {one.value.channel: [each.event_id for each in one.false_triggers] for one in report.largest}
    assert found == {"Tran": ids[:1], "Vert": ids[1:2], "Long": ids[:1], "MicL": ids[:1]}
    (day,) = [one for one in report.charts[0].days if one.false_triggers]
    assert day.day == "2026-05-09" and sorted(one.event_id for one in day.false_triggers) == ids[:2]
    assert all(one.in_interval for one in day.false_triggers)
    (above,) = [one for one in report.exceedances if one.what == "vibration"]
    assert (above.event_id, [one.event_id for one in above.false_triggers]) == (histogram, ids[1:2])
    (air,) = [one for one in report.exceedances if one.what == "airblast"]
    assert [one.event_id for one in air.false_triggers] == ids[:1]
    said = f"event {ids[1]}, marked as a false trigger, lies in this interval"
    assert pages_of(archive, tmp_path).count(said) >= 3
    assert told(archive).count(said) == 3


def test_a_false_trigger_in_a_histogram_without_known_intervals_is_named_too(archive: sfm.Archive) -> None:
    save_report(archive, AT, (9.0, 1.0, 1.0), record_type=sfm.RecordType.HISTOGRAM)
    event = save_report(archive, AT + timedelta(minutes=17), (9.0, 1.0, 1.0))
    archive.review(event, false_trigger=True, reviewer="B", notes="truck")
    tran = largest(report_of(archive), "Tran")
    assert [(one.event_id, one.in_interval) for one in tran.false_triggers] == [(event, False)]


def test_a_blast_tells_events_beside_it_that_are_at_no_point(archive: sfm.Archive, tmp_path: Path) -> None:
    add_blast(archive, AT, save_report(archive, AT, (1.0, 1.0, 1.0)))
    nowhere = save_report(archive, AT + timedelta(seconds=2), (15.0, 1.0, 1.0), serial=OTHER)
    report = report_of(archive)
    (beside,) = report.blasts[0].elsewhere
    assert (beside.event_id, beside.serial, beside.decision) == (nowhere, OTHER, "proposed")
    assert beside.ppv is not None and beside.ppv.number == 15.0
    church, school = report.blasts[0].points
    assert (church.vibration.outcome, school.state) == ("within", "no unit")
    assert f"beside the blast, and at no point of the job: event {nowhere}" in school.vibration.why
    said = f"proposed, undecided, and at no point of the job: event {nowhere} ({OTHER}, Tran 15.00 mm/s)"
    assert said in pages_of(archive, tmp_path)
    assert f"blast B 09 (no. 1): {said}" in told(archive)
    with sfm.open(archive.path) as again:
        again.review(nowhere, false_trigger=True, reviewer="B", notes="truck")
        assert report_of(again).blasts[0].elsewhere == ()


def test_the_page_of_an_event_has_the_zone_of_the_site(archive: sfm.Archive, tmp_path: Path) -> None:
    """Nobody states the zone of the unit's clock; the job's is known."""
    save_report(archive, AT, (1.0, 1.0, 1.0))
    period = datetime(2026, 5, 1), datetime(2026, 6, 1)
    sfm.write_period_report(archive, tmp_path / "r.pdf", "North", *period, pages=["all"])
    pages = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "Europe/Berlin (of the site; none is stated of the unit)" in pages
