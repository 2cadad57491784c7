"""A job's report of a period: what it says where little is known, which events get pages, and the command."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.base.plain import to_plain
from sfm_archive.cli import main
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.storage import frames
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


def test_a_job_without_points_says_so(archive: sfm.Archive) -> None:
    sfm.add_job(archive, "Empty")
    report = sfm.period_report(archive, "Empty", SINCE, UNTIL)
    assert report.notes[0] == "job Empty has no points, so nothing was recorded there"
    assert (report.points, report.units, report.blasts, report.largest, report.charts) == ((), (), (), (), ())
    assert "nobody states the time zone of the site: days are those of the units' clocks" in report.notes
    assert report.unit == "mm/s" and report.provenance.events == ()
    assert sfm.period_report(archive, "Empty", SINCE, UNTIL, pages=["all"]).pages == ()


def test_a_job_without_events_and_blasts_says_so(archive: sfm.Archive) -> None:
    report = report_of(archive)
    assert report.notes == (
        "no event was recorded at a point of the job in the period",
        "no blast of the job is stated in the period",
    )
    assert [one.name for one in report.points] == ["Church", "School"]
    assert [one.counts for one in report.points] == [None, None]
    (day, *_) = report.charts[0].days
    assert (day.day, day.tran, day.intervals, day.running_s, day.not_known_s) == ("2026-05-01", None, 0, 0, 86_400)
    assert len(report.charts[0].days) == 31
    assert report.charts[1].days[0].windows == () and report.charts[1].days[0].not_known_s == 0
    assert all(one.n == 0 and one.least_percent is None for one in report.shares)


def test_a_period_that_ends_before_it_begins_is_refused(archive: sfm.Archive) -> None:
    with pytest.raises(sfm.UsageError, match="ends before it begins"):
        report_of(archive, UNTIL, SINCE)
    with pytest.raises(sfm.NotFound, match="no job"):
        sfm.period_report(archive, "South", SINCE, UNTIL)


def test_what_was_said_stands_in_the_head_and_nothing_else(archive: sfm.Archive) -> None:
    report = report_of(archive, number="26-014", measured_by="A. Miller", units="in/s")
    assert (report.by.number, report.by.measured_by, report.by.analysed_by) == ("26-014", "A. Miller", "")
    assert (report.job.name, report.job.client, report.job.time_zone) == ("North", "Rock Ltd", "Europe/Berlin")
    assert (report.period.first_day, report.period.last_day) == ("2026-05-01", "2026-05-31")
    assert (report.unit, report.firm) == ("in/s", None)


def test_units_have_their_windows_and_calibration_at_both_ends(archive: sfm.Archive) -> None:
    sfm.calibrate(archive, UNIT, "2025-05-15", valid="12months", lab="VMA")
    save_report(archive, datetime(2026, 5, 3, 12), (1.0, 1.0, 1.0))
    save_report(archive, datetime(2026, 5, 20, 12), (1.0, 1.0, 1.0))
    (unit,) = report_of(archive).units
    assert (unit.serial, unit.family) == (UNIT, "MiniMate")
    assert (unit.calibration_first.state, unit.calibration_last.state) == ("valid", "overdue")
    assert (unit.valid, unit.overdue, unit.unknown) == (1, 1, 0)
    assert [(one.point_name, one.from_local, one.until_local) for one in unit.windows] == [
        ("Church", "2025-01-01T00:00:00", "")
    ]


def test_units_have_their_trigger_level_range_and_rate_as_told(archive: sfm.Archive) -> None:
    save_report(archive, datetime(2026, 5, 3, 12), (1.0, 1.0, 1.0), trigger=0.5, mic_trigger_db=115.0)
    save_report(archive, datetime(2026, 5, 4, 12), (1.0, 1.0, 1.0), trigger=1.0)
    save_report(archive, datetime(2026, 6, 4, 12), (1.0, 1.0, 1.0), trigger=9.0)
    (unit,) = report_of(archive).units
    assert (unit.trigger_levels, unit.air_trigger_levels) == (("0.500 mm/s", "1.000 mm/s"), ("115.0 dB(L)",))
    assert (unit.ranges, unit.sample_rates) == (("254.0 mm/s (10.000 in/s printed)",), ("1024 sps",))
    assert unit.stated_settings == ()
    sfm.state_settings(archive, UNIT, sample_rate=2048, since=datetime(2026, 5, 20), reason="log book")
    (unit,) = report_of(archive).units
    assert [(one.sample_rate, one.geo_range) for one in unit.stated_settings] == [("2048 sps", "")]
    (early,) = report_of(archive, until=datetime(2026, 5, 20)).units
    assert early.stated_settings == ()


def test_a_unit_of_which_nothing_tells_its_settings_says_so(archive: sfm.Archive) -> None:
    archive.close()
    asked = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05"]
    line = next(one for one in CliRunner().invoke(main, asked).output.splitlines() if one.startswith(f"  {UNIT}"))
    assert line.count("not stated") == 3


def test_largest_values_are_by_point_and_channel(archive: sfm.Archive) -> None:
    first = save_report(archive, AT, (1.0, 4.0, 2.0), 20.0, level_db=112.0)
    second = save_report(archive, AT + timedelta(days=1), (3.0, 1.0, 2.0), 35.0, level_db=100.0)
    found = [
        (one.name, one.quantity, one.value.channel, one.value.number, one.value.event_id)
        for one in report_of(archive).largest
    ]
    assert found == [
        ("Church", "ppv", "Tran", 3.0, second),
        ("Church", "ppv", "Vert", 4.0, first),
        ("Church", "ppv", "Long", 2.0, first),
        ("Church", "pspl", "MicL", 112.0, first),
    ]
    by_channel = {one.value.channel: one.frequency for one in report_of(archive).largest}
    tran = by_channel["Tran"]
    assert tran is not None and tran.number == 35.0


def test_every_peak_is_in_the_limit_chart_with_its_own_verdict(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 8.0, 2.0), 20.0)
    number = add_blast(archive, AT, event)
    found = {one.channel: one for one in report_of(archive).peaks}
    assert {channel: (one.ppv, one.hz, one.outcome) for channel, one in found.items()} == {
        "Tran": (1.0, 20.0, Outcome.WITHIN),
        "Vert": (8.0, 20.0, Outcome.EXCEEDED),
        "Long": (2.0, 20.0, Outcome.WITHIN),
    }
    assert {(one.point, one.event_id, one.in_blast) for one in found.values()} == {(1, event, number)}


def test_undecided_events_say_why(archive: sfm.Archive) -> None:
    """5 to 7.5 mm/s hold below 20 Hz: 6 mm/s without a frequency may be above."""
    save_report(archive, AT, (1.0, 6.0, 1.0), 15.0)
    assert report_of(archive).undecided == ()
    event = save_report(archive, AT + timedelta(days=1), (1.0, 6.0, 1.0), None)
    found = [one for one in report_of(archive).undecided if one.event_id == event]
    assert [(one.what, one.point) for one in found] == [("vibration", "Church")]
    assert "the frequency is not known" in found[0].why


def test_what_is_not_compared_is_counted_by_why(archive: sfm.Archive) -> None:
    save_report(archive, AT, (1.0, 6.0, 1.0), serial=OTHER)
    sfm.place(archive, OTHER, at="North/School", since=SINCE)
    (vibration,) = [one for one in report_of(archive).not_compared if one.what == "vibration"]
    assert vibration.events == 1 and "had no such limit" in vibration.why


def test_pages_are_those_above_all_none_or_named(archive: sfm.Archive) -> None:
    quiet_one = save_report(archive, AT, (1.0, 1.0, 1.0))
    loud = save_report(archive, AT + timedelta(days=1), (1.0, 9.0, 1.0))
    door = save_report(archive, AT + timedelta(days=2), (1.0, 9.0, 1.0))
    archive.review(door, false_trigger=True, reviewer="A", notes="door")
    early = save_report(archive, datetime(2026, 4, 30), (1.0, 9.0, 1.0))
    assert report_of(archive).pages == ()
    assert report_of(archive, pages=["above"]).pages == (loud,)
    assert report_of(archive, pages=["ALL"]).pages == (quiet_one, loud, door)
    assert report_of(archive, pages=[str(door), str(quiet_one)]).pages == (quiet_one, door)
    with pytest.raises(sfm.UsageError, match=f"event {early} was not recorded at a point of the job in the period"):
        report_of(archive, pages=[str(early)])
    with pytest.raises(sfm.UsageError, match="stand alone"):
        report_of(archive, pages=["all", "1"])
    with pytest.raises(sfm.EventNotFound):
        report_of(archive, pages=["99"])


def test_hashes_are_of_the_documents_and_frames_that_were_used(archive: sfm.Archive) -> None:
    report_id = save_report(archive, AT, (1.0, 1.0, 1.0))
    histogram = save_histogram(archive, AT, quiet(12))
    made = report_of(archive).provenance
    assert (made.history_length, made.history_head) == archive.history_head()
    assert made.archive_id == archive.info().archive_id
    used = {one.event_id: one.used for one in made.events}
    assert set(used) == {report_id, histogram}
    assert [one.what for one in used[report_id]] == ["report"]
    assert [one.what for one in used[histogram]] == ["frames, revision 1", "report"]
    with archive.store.reading() as connection:
        (revision,) = frames.revisions(connection, histogram)
    assert used[histogram][0].sha256 == revision.sha256


def test_days_have_the_greatest_intervals_and_the_share_of_the_limit(archive: sfm.Archive) -> None:
    """A histogram over midnight: the loudest interval of each day is its own. At 51.2 Hz (half a period of 10 samples
    at 1024 a second) DIN line 2 is 15 + 5·1.2/50 mm/s, at 8.5 Hz 5 mm/s: the quieter interval takes more of it."""
    loud, low = HistogramInterval(40, 10, 1, 10, 1, 10, 8, 10), HistogramInterval(20, 60, 1, 10, 1, 10, 1, 10)
    intervals = [*quiet(10), loud, low, *quiet(24)]
    event = save_histogram(archive, datetime(2026, 5, 9, 23), intervals)
    days = {one.day: one for one in report_of(archive).charts[0].days}
    first, second = days["2026-05-09"], days["2026-05-10"]
    assert (first.intervals, second.intervals) == (12, 24)
    assert first.tran is not None and second.tran is not None and first.mic is not None
    assert (first.tran.number, first.tran.event_id, first.tran.hz) == (5.08, event, 51.2)
    assert second.tran.number == pytest.approx(2 * 0.127)
    assert first.mic.number == pytest.approx(81.94 + 20 * 0.90309, abs=0.01)
    assert not (first.tran.at_least or first.tran.assumed or first.tran.may_be_of_another_day or first.partly)
    assert first.share is not None and second.share is not None
    assert first.share.least == first.share.most == pytest.approx(20 * 0.127 / 5.0, rel=1e-6)
    assert second.share.least == pytest.approx(2 * 0.127 / (15 + 5 * 1.2 / 50), rel=1e-6)
    assert (first.running_s, first.not_known_s) == (3600, 82_800)
    assert [(one.since_local, one.until_local) for one in second.running] == [
        ("2026-05-10T00:00:00", "2026-05-10T02:00:00")
    ]


def test_a_limit_that_is_the_same_everywhere_has_no_share(archive: sfm.Archive) -> None:
    sfm.limit_point(archive, "North/Church", limits=["5mm/s"], since=datetime(2026, 5, 2))
    save_histogram(archive, datetime(2026, 5, 9, 12), quiet(12))
    days = {one.day: one for one in report_of(archive).charts[0].days}
    assert days["2026-05-09"].tran is not None and days["2026-05-09"].share is None


def test_a_histogram_that_is_cut_by_the_period_counts_with_its_own_days(archive: sfm.Archive) -> None:
    intervals = [HistogramInterval(40, 10, 1, 10, 1, 10, 1, 10), *quiet(23)]
    save_histogram(archive, datetime(2026, 4, 30, 23), intervals)
    report = report_of(archive)
    tran = next(one for one in report.largest if one.value.channel == "Tran")
    assert tran.value.number == pytest.approx(2 * 0.127)
    assert report.charts[0].days[0].intervals == 12
    april = report_of(archive, datetime(2026, 4, 1), datetime(2026, 5, 1))
    assert next(one for one in april.largest if one.value.channel == "Tran").value.number == 5.08


def test_the_report_counts_what_the_summary_counts(archive: sfm.Archive) -> None:
    save_histogram(archive, datetime(2026, 5, 9, 12), quiet(12))
    save_report(archive, AT, (1.0, 9.0, 1.0))
    counts = report_of(archive).points[0].counts
    assert counts is not None
    assert (counts.events, counts.waveforms, counts.histograms, counts.exceeded, counts.within) == (2, 1, 1, 1, 1)


def test_counts_say_what_began_and_what_ran_into_the_period(archive: sfm.Archive, tmp_path: Path) -> None:
    save_histogram(archive, datetime(2026, 4, 30, 23), quiet(24))
    save_histogram(archive, datetime(2026, 5, 9, 12), quiet(12))
    archive.review(save_report(archive, AT, (1.0, 9.0, 1.0)), false_trigger=True, reviewer="A", notes="door")
    save_report(archive, AT + timedelta(days=1), (1.0, 9.0, 1.0))
    counts = report_of(archive).points[0].counts
    assert counts is not None
    assert (counts.events, counts.waveforms, counts.histograms, counts.continued) == (3, 2, 1, 1)
    judged = counts.exceeded + counts.undecided + counts.within + counts.not_compared + counts.counted_once
    assert judged + counts.false_triggers == counts.events + counts.continued
    archive.close()
    period = ("--since", "2026-05", "--until", "2026-05")
    told = CliRunner().invoke(main, ["job", "report", str(archive.path), "North", *period]).output.splitlines()
    head = next(place for place, line in enumerate(told) if "ran into it" in line and line.lstrip().startswith("point"))
    assert told[head + 1].split()[:5] == ["Church", "3", "2", "1", "1"]
    sfm_pdf = CliRunner().invoke(
        main, ["job", "report", str(archive.path), "North", *period, "-o", str(tmp_path / "r.pdf")]
    )
    assert sfm_pdf.exit_code == 0
    pages = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "Church 3 2 1 1 1 0 2 0 0 1" in pages


def test_the_command_prints_it_all_and_json_has_the_same(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_report(archive, AT, (1.0, 9.0, 1.0), level_db=112.0)
    add_blast(archive, AT, event)
    save_histogram(archive, datetime(2026, 5, 9, 12), quiet(12))
    archive.close()
    line = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05", "--pages", "above"]
    result = CliRunner().invoke(main, [*line, "--number", "26-014"])
    assert result.exit_code == 0, result.output
    for said in ("report: 26-014", "Vert 9.00 mm/s", "exceeded", "largest values:", "days at Church", " 0 %"):
        assert said in result.stdout
    found = json.loads(CliRunner().invoke(main, [*line, "--number", "26-014", "--json"]).stdout)
    with sfm.open(archive.path, read_only=True) as opened:
        made = report_of(opened, pages=["above"], number="26-014")
    assert found["report"] == json.loads(json.dumps(to_plain(made)))
    assert found["report"]["pages"] == [event]


def test_as_of_a_change_it_says_what_it_said_then(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 9.0, 1.0), level_db=112.0)
    add_blast(archive, AT, event)
    save_histogram(archive, datetime(2026, 5, 9, 12), quiet(12))
    last, then = archive.history_head()[0], to_plain(report_of(archive, pages=["above"]))
    save_report(archive, AT + timedelta(days=1), (1.0, 19.0, 1.0))
    archive.review(event, false_trigger=True, notes="a truck")
    sfm.correct(archive, UNIT, clock_shift=timedelta(hours=5), reason="the clock was wrong")
    assert to_plain(report_of(archive, pages=["above"])) != then
    archive.close()
    line = ["job", "report", str(archive.path), "North", "--since", "2026-05", "--until", "2026-05", "--pages", "above"]
    found = json.loads(CliRunner().invoke(main, [*line, "--as-of", str(last), "--json"]).stdout)["report"]
    said = found["provenance"].pop("as_of")
    assert then["provenance"].pop("as_of") is None and found == json.loads(json.dumps(then))
    assert (said["sequence"], said["head"]) == (last, then["provenance"]["history_head"])
    printed = CliRunner().invoke(main, [*line, "--as-of", said["head"][:12]]).stdout
    assert printed.startswith(f"as of change {last} of ") and f", head {said['head']}; " in printed


def test_both_ends_of_the_period_are_needed(archive: sfm.Archive) -> None:
    result = CliRunner().invoke(main, ["job", "report", str(archive.path), "North", "--since", "2026-05"])
    assert result.exit_code == 2 and "--until" in result.output


def test_nothing_is_said_to_be_stated_that_nobody_stated(archive: sfm.Archive) -> None:
    """No airblast limit comes with the curves of USBM, and the way of judging is the program's own."""
    sfm.limit_point(archive, "North/School", limits=["usbm"])
    school = report_of(archive).points[1]
    (held,) = school.limits
    assert (held.airblast, held.airblast_db, held.judge_stated) == ("", None, False)
    assert [one.what for one in report_of(archive).shares if one.name == "School"] == ["vibration"]


def test_a_job_without_a_unit_has_that_of_the_reports(archive: sfm.Archive) -> None:
    sfm.add_job(archive, "South")
    assert sfm.period_report(archive, "South", SINCE, UNTIL).unit == "mm/s"


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (datetime(2026, 5, 1), datetime(2026, 5, 1), "2026-05 to 2026-04"),
        (datetime(2026, 5, 3), datetime(2026, 5, 2), "2026-05-03 to 2026-05-01"),
        (datetime(2026, 5, 3, 8), datetime(2026, 5, 3, 7), "2026-05-03 08:00 to 2026-05-03 07:00"),
    ],
)
def test_a_period_that_ends_before_it_begins_is_named_as_told(
    archive: sfm.Archive, since: datetime, until: datetime, said: str
) -> None:
    with pytest.raises(sfm.UsageError, match=f"{said}$"):
        report_of(archive, since, until)


def test_an_event_of_a_blast_that_began_behind_the_period_is_named(archive: sfm.Archive) -> None:
    event = save_report(archive, datetime(2026, 6, 1, 0, 0, 2), (1.0, 9.0, 1.0))
    add_blast(archive, datetime(2026, 5, 31, 23, 59, 58), event)
    report = report_of(archive, pages=[str(event)])
    assert report.blasts[0].points[0].vibration.outcome is Outcome.EXCEEDED and report.largest == ()
    assert report.pages == (event,)
    assert [one for one in report.notes if one.startswith(f"event {event} began 2026-06-01 00:00:02, outside")]


def test_a_failed_sensor_check_of_an_event_is_named(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 2.0, 1.0))
    assert not any("sensor check" in one for one in report_of(archive).notes)
    checks = [Reading(quantity="test_results", channel=one, text=said) for one, said in
              (("Tran", "Passed"), ("Vert", "Failed"), ("Long", "Passed"))]  # fmt: skip
    of_report = ReadingSet(source=ValueSource.REPORT, origin_sha256="b" * 64, readings=tuple(checks))
    again = sfm.Event(serial=UNIT, recorded_at=AT, record_type=sfm.RecordType.WAVEFORM)
    assert archive.save(again, readings=[of_report]).event_id == event
    said = f"{UNIT}: a failed sensor check is printed (Vert) by the report of event {event}"
    assert said in report_of(archive).notes


def test_the_largest_value_of_a_histogram_stands_at_its_interval(archive: sfm.Archive) -> None:
    """Of one that began before the period: a louder interval of the evening before is not of it."""
    loud, less = HistogramInterval(2, 10, 40, 20, 2, 10, 10, 10), HistogramInterval(2, 10, 30, 20, 2, 10, 10, 10)
    save_histogram(archive, datetime(2026, 4, 30, 23), [loud, *quiet(23), less, *quiet(5)])
    vert = next(one for one in report_of(archive).largest if one.value.channel == "Vert")
    assert vert.value.number == pytest.approx(30 * 0.127) and vert.at_local == "2026-05-01T01:00:00"
