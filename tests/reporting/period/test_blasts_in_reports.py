"""What a job's report says of blasts: measured, proposed, without an event; and the shares that follow."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

import sfm_archive as sfm
from sfm_archive.archive.running import note_running
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.model.running import MONITOR_LOG, MONITORING_REPLY, Running
from sfm_archive.reporting.period.report import BlastAtPoint, BlastShare, CellState
from sfm_archive.reporting.period.shares import months_before
from sfm_archive.testing.histograms import HistogramInterval
from tests.reporting.period.conftest import OTHER, UNIT, add_blast, quiet, report_of, save_histogram, save_report

AT = datetime(2026, 5, 12, 11, 30)


def ran(archive: sfm.Archive, text: str = "", *, at: datetime = AT, source: str = MONITORING_REPLY) -> None:
    hour = timedelta(hours=1)
    note_running(archive, UNIT, [Running(at - hour, at + hour, source, f"{at:%Y%m%d%H%M%S}".ljust(64, "a"), text)])


def church(report: sfm.JobReport, place: int = 0) -> BlastAtPoint:
    return next(one for one in report.blasts[place].points if one.name == "Church")


def share(report: sfm.JobReport, what: str = "vibration", name: str = "Church") -> BlastShare:
    return next(one for one in report.shares if (one.name, one.what) == (name, what))


def counts(one: BlastShare) -> tuple[int, int, int, int, int]:
    return one.within, one.exceeded, one.undecided, one.not_compared, one.no_unit


def test_a_measured_blast_has_its_values_distance_and_verdicts(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 4.2, 2.0), 20.0, level_db=112.0)
    number = add_blast(archive, AT, event)
    report = report_of(archive)
    cell = church(report)
    assert report.blasts[0].blast.blast == number and report.unit == "mm/s"
    assert (cell.state, cell.events, cell.proposed) == (CellState.MEASURED, (event,), ())
    assert cell.ppv is not None and cell.frequency is not None and cell.pspl is not None
    assert (cell.ppv.channel, cell.ppv.number, cell.ppv.unit, cell.ppv.basis) == ("Vert", 4.2, "mm/s", "reported")
    assert cell.ppv.text == "4.20 mm/s" and cell.frequency.number == 20.0 and cell.pspl.number == 112.0
    assert cell.pvs is None  # the report prints none, and there are no samples
    # 0.1 degrees of longitude at 47 degrees north, on a sphere of the mean radius to half a percent
    metres = 6_371_000 * math.radians(0.1) * math.cos(math.radians(47))
    assert cell.distance_m == pytest.approx(metres, rel=5e-3)
    assert cell.m_kg_square == pytest.approx(cell.distance_m / math.sqrt(120))
    assert cell.ft_lb_cube == pytest.approx(cell.distance_m / 0.3048 / math.cbrt(120 / 0.45359237))
    assert cell.vibration.outcome is Outcome.WITHIN and cell.airblast.outcome is Outcome.WITHIN
    # DIN line 2 is 7.5 mm/s at 20 Hz; the frequency is printed to a tenth of a hertz.
    assert cell.vibration.limit_low == pytest.approx(7.5, rel=0.01)
    assert cell.vibration.ratio == pytest.approx(4.2 / 7.5, rel=0.01)
    assert counts(share(report)) == (1, 0, 0, 0, 0)
    assert counts(share(report, "airblast")) == (1, 0, 0, 0, 0)
    assert next(one for one in report.shares if one.name == "School").n == 0


def test_an_exceedance_is_one_and_the_share_has_no_range(archive: sfm.Archive) -> None:
    events = [save_report(archive, AT + timedelta(days=day), (1.0, peak, 1.0)) for day, peak in enumerate((9.0, 2.0))]
    for day, event in enumerate(events):
        add_blast(archive, AT + timedelta(days=day), event)
    one = share(report_of(archive))
    assert counts(one) == (1, 1, 0, 0, 0)
    assert (one.n, one.least_percent, one.most_percent) == (2, 50.0, 50.0)


def test_a_proposed_event_leaves_the_blast_undecided_and_the_share_a_range(archive: sfm.Archive) -> None:
    known = save_report(archive, AT, (1.0, 1.0, 1.0))
    add_blast(archive, AT, known)
    proposed = save_report(archive, AT + timedelta(days=1), (1.0, 1.0, 1.0))
    add_blast(archive, AT + timedelta(days=1))
    report = report_of(archive)
    cell = church(report, 1)
    assert (cell.state, cell.proposed, cell.ppv) == (CellState.PERHAPS, (proposed,), None)
    assert cell.vibration.outcome is Outcome.UNDECIDED and f"event {proposed}" in cell.vibration.why
    one = share(report)
    assert (one.n, one.least_percent, one.most_percent) == (2, 50.0, 100.0)
    assert {(one.blast, one.what) for one in report.undecided} == {(2, "vibration"), (2, "airblast")}


def test_a_second_unit_with_a_proposed_event_leaves_a_measured_blast_undecided(archive: sfm.Archive) -> None:
    first = save_report(archive, AT, (1.0, 1.0, 1.0))
    second = save_report(archive, AT, (1.0, 1.0, 1.0), serial=OTHER)
    sfm.place(archive, OTHER, at="North/Church", since=datetime(2026, 5, 1))
    add_blast(archive, AT, first)
    cell = church(report_of(archive))
    assert (cell.state, cell.vibration.outcome) == (CellState.MEASURED, Outcome.UNDECIDED)
    sfm.confirm_blast(archive, 1, [second])
    assert church(report_of(archive)).vibration.outcome is Outcome.WITHIN
    assert church(report_of(archive)).events == (first, second)


def test_an_event_beside_a_blast_at_no_point_is_named(archive: sfm.Archive) -> None:
    """Whoever forgets to place a unit must not read that no unit stood there, and nothing else."""
    add_blast(archive, AT)
    nowhere = save_report(archive, AT + timedelta(seconds=2), (15.0, 1.0, 1.0), serial=OTHER)
    report = report_of(archive)
    (found,) = [one for one in report.undecided if one.event_id == nowhere]
    assert (found.blast, found.what, found.point) == (1, "point", "")
    assert found.why.startswith("it is proposed for the blast, and was recorded at no point of the job")
    assert any(note.startswith("1 event at no point of the job") for note in report.notes)
    archive.review(nowhere, false_trigger=True, reviewer="B", notes="truck")
    report = report_of(archive)
    assert all(one.event_id != nowhere for one in report.undecided)
    assert not any("at no point of the job" in note for note in report.notes)


def test_without_an_event_and_without_evidence_nothing_is_said(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    report = report_of(archive)
    cell = church(report)
    assert (cell.state, cell.vibration.outcome) == (CellState.NOT_KNOWN, Outcome.UNDECIDED)
    assert counts(share(report)) == (0, 0, 1, 0, 0)
    assert (share(report).least_percent, share(report).most_percent) == (0.0, 100.0)


def test_where_no_unit_stood_nothing_is_compared_and_it_is_in_no_share(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    (school,) = [one for one in report_of(archive).blasts[0].points if one.name == "School"]
    assert (school.state, school.vibration.outcome) == (CellState.NO_UNIT, Outcome.NOT_COMPARED)
    assert school.vibration.why == "no unit stood there"
    assert counts(share(report_of(archive), name="School")) == (0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("text", "outcome", "why"),
    [
        ("Geo: 0.020 in/s", Outcome.WITHIN, "waited for 0.508 mm/s (0.020 in/s as told; monitoring reply)"),
        ("Geo: 5.00 mm/s", Outcome.WITHIN, "waited for 5.00 mm/s"),
        ("Geo: 5.01 mm/s", Outcome.UNDECIDED, "above the limit of 5.00 mm/s"),
        ("Geo: 0.200 in/s", Outcome.UNDECIDED, "above the limit of 5.00 mm/s"),
        ("Geo: off", Outcome.UNDECIDED, "no document tells its trigger level"),
        ("", Outcome.UNDECIDED, "no document tells its trigger level"),
    ],
)
def test_a_quiet_unit_is_within_only_by_a_known_level_that_is_not_above_the_limit(
    archive: sfm.Archive, text: str, outcome: Outcome, why: str
) -> None:
    """The lowest limit of DIN line 2 is 5 mm/s; which frequency the ground would have had nobody knows."""
    add_blast(archive, AT)
    ran(archive, text)
    report = report_of(archive)
    cell = church(report)
    assert (cell.state, cell.vibration.outcome) == (CellState.NOTHING, outcome)
    assert why in cell.vibration.why
    assert share(report).by_trigger == (outcome is Outcome.WITHIN)
    assert cell.airblast.outcome is Outcome.UNDECIDED


def test_a_reply_is_of_its_own_time_alone(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    ran(archive, "", source=MONITOR_LOG)
    ran(archive, "Geo: 0.020 in/s", at=AT - timedelta(days=1))
    cell = church(report_of(archive))
    assert (cell.state, cell.vibration.outcome) == (CellState.NOTHING, Outcome.UNDECIDED)


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (0.5, 0.5, Outcome.WITHIN),
        (0.5, 1.0, Outcome.UNDECIDED),
        (0.5, None, Outcome.UNDECIDED),
        (None, 0.5, Outcome.UNDECIDED),
        (6.0, 6.0, Outcome.UNDECIDED),
    ],
)
def test_events_around_a_blast_tell_the_level_where_both_tell_the_same(
    archive: sfm.Archive, before: float | None, after: float | None, outcome: Outcome
) -> None:
    add_blast(archive, AT)
    ran(archive)
    for days, level in ((-1, before), (1, after)):
        if level is not None:
            save_report(archive, AT + timedelta(days=days), (1.0, 1.0, 1.0), trigger=level)
    assert church(report_of(archive)).vibration.outcome is outcome


def test_the_report_of_a_histogram_that_ran_then_tells_it(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    event = save_histogram(archive, AT - timedelta(hours=2), quiet(48), trigger=0.5)
    cell = church(report_of(archive))
    assert cell.state is CellState.NOTHING and cell.vibration.outcome is Outcome.WITHIN
    assert cell.trigger == f"0.500 mm/s (report of event {event})"


def test_an_interval_that_holds_a_blast_and_is_above_the_limit_leaves_it_open(archive: sfm.Archive) -> None:
    """Counts of 0.127 mm/s: 50 of them are 6.35 mm/s, at 10 samples, 51 Hz, and at 50, 10 Hz, where 5 mm/s hold."""
    add_blast(archive, AT)
    loud = [*quiet(23), HistogramInterval(2, 10, 50, 50, 2, 10, 10, 10), *quiet(24)]
    start = AT - timedelta(hours=2)
    event = save_histogram(archive, start + timedelta(minutes=3), loud, trigger=8.0)
    ran(archive, "Geo: 0.020 in/s")
    cell = church(report_of(archive))
    assert (cell.state, cell.vibration.outcome) == (CellState.NOTHING, Outcome.UNDECIDED)
    assert cell.vibration.why == (
        f"event {event}: its interval of 2026-05-12 11:28:00 to 2026-05-12 11:33:00 with Vert 6.35 mm/s is above the "
        "limit, and nothing tells whether the blast made it"
    )
    assert share(report_of(archive)).by_trigger == 0


def test_another_units_interval_above_the_limit_leaves_a_measured_blast_open(archive: sfm.Archive) -> None:
    first = save_report(archive, AT, (1.0, 1.0, 1.0))
    loud = [*quiet(6), HistogramInterval(2, 10, 50, 50, 2, 10, 10, 10), *quiet(6)]
    other = save_histogram(archive, AT - timedelta(minutes=30), loud, serial=OTHER)
    sfm.place(archive, OTHER, at="North/Church", since=datetime(2026, 5, 1))
    number = add_blast(archive, AT, first)
    cell = church(report_of(archive))
    assert (cell.state, cell.events, cell.vibration.outcome) == (CellState.MEASURED, (first,), Outcome.UNDECIDED)
    assert cell.vibration.why.startswith(f"event {other}: its interval of 2026-05-12 11:30:00 to 2026-05-12 11:35:00")
    assert number == 1 and counts(share(report_of(archive))) == (0, 0, 1, 0, 0)


def test_a_loud_interval_far_from_a_blast_changes_nothing_of_it(archive: sfm.Archive) -> None:
    first = save_report(archive, AT, (1.0, 1.0, 1.0))
    loud = [HistogramInterval(2, 10, 50, 50, 2, 10, 10, 10), *quiet(12)]
    save_histogram(archive, AT - timedelta(minutes=30), loud, serial=OTHER)
    sfm.place(archive, OTHER, at="North/Church", since=datetime(2026, 5, 1))
    add_blast(archive, AT, first)
    assert church(report_of(archive)).vibration.outcome is Outcome.WITHIN


@pytest.mark.parametrize("waveform", [False, True])
def test_a_histogram_louder_than_its_trigger_without_a_waveform_did_not_wait(
    archive: sfm.Archive, waveform: bool
) -> None:
    add_blast(archive, AT)
    loud = [*quiet(2), HistogramInterval(2, 10, 20, 50, 2, 10, 10, 10), *quiet(30)]
    event = save_histogram(archive, AT - timedelta(hours=1), loud, trigger=0.5)
    if waveform:
        for minutes in (-48, 90):
            save_report(archive, AT + timedelta(minutes=minutes), (1.0, 2.5, 1.0), trigger=0.5)
    cell = church(report_of(archive))
    assert cell.state is CellState.NOTHING
    assert cell.vibration.outcome is (Outcome.WITHIN if waveform else Outcome.UNDECIDED)
    assert waveform or f"event {event}, its histogram, shows 2.54 mm/s without a waveform" in cell.vibration.why


def test_a_loud_histogram_without_an_end_that_began_before_leaves_a_blast_open(archive: sfm.Archive) -> None:
    """It may have run until the next histogram of its unit began."""
    first = save_report(archive, AT, (1.0, 1.0, 1.0))
    start = AT - timedelta(hours=5)
    loud = save_report(archive, start, (1.0, 9.0, 1.0), serial=OTHER, record_type=sfm.RecordType.HISTOGRAM)
    sfm.place(archive, OTHER, at="North/Church", since=datetime(2026, 5, 1))
    add_blast(archive, AT, first)
    add_blast(archive, start - timedelta(hours=1), save_report(archive, start - timedelta(hours=1), (1.0, 1.0, 1.0)))
    report = report_of(archive)
    before, after = (church(report, place).vibration for place in (0, 1))
    assert (before.outcome, after.outcome) == (Outcome.WITHIN, Outcome.UNDECIDED)
    assert after.why == (
        f"event {loud}, a histogram of which nothing tells when it ended, may be above the limit then, and nothing "
        "tells whether the blast made it"
    )
    save_histogram(archive, AT - timedelta(hours=2), quiet(12), serial=OTHER)
    assert church(report_of(archive), 1).vibration.outcome is Outcome.WITHIN


def test_a_quiet_histogram_without_an_end_changes_nothing(archive: sfm.Archive) -> None:
    first = save_report(archive, AT, (1.0, 1.0, 1.0))
    histogram = sfm.RecordType.HISTOGRAM
    save_report(archive, AT - timedelta(hours=5), (1.0, 1.0, 1.0), level_db=90.0, record_type=histogram)
    add_blast(archive, AT, first)
    assert church(report_of(archive)).vibration.outcome is Outcome.WITHIN


def test_a_histogram_without_an_end_may_show_that_its_unit_did_not_wait(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    ran(archive, "Geo: 0.500 mm/s")
    assert church(report_of(archive)).vibration.outcome is Outcome.WITHIN
    start = AT - timedelta(hours=5)
    event = save_report(archive, start, (1.0, 2.0, 1.0), record_type=sfm.RecordType.HISTOGRAM)
    cell = church(report_of(archive))
    assert cell.vibration.outcome is Outcome.UNDECIDED
    assert f"event {event}, its histogram of which nothing tells when it ended, shows 2.00 mm/s" in cell.vibration.why


def test_a_unit_that_recorded_something_else_then_waited_for_nothing(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (1.0, 1.0, 1.0), trigger=0.5)
    number = add_blast(archive, AT)
    ran(archive, "Geo: 0.020 in/s")
    sfm.refuse_blast(archive, number, [event], reason="a truck")
    cell = church(report_of(archive))
    assert cell.vibration.outcome is Outcome.UNDECIDED and f"event {event}" in cell.vibration.why


def test_a_false_trigger_is_no_measurement_though_it_is_confirmed(archive: sfm.Archive) -> None:
    event = save_report(archive, AT, (9.0, 9.0, 9.0), trigger=0.5)
    number = add_blast(archive, AT, event)
    archive.review(event, false_trigger=True, reviewer="A. Miller", notes="door")
    report = report_of(archive)
    cell = church(report)
    assert (cell.events, cell.ppv, cell.vibration.outcome) == ((), None, Outcome.UNDECIDED)
    (marked,) = report.false_triggers
    assert (marked.event_id, marked.by, marked.why, marked.in_blast) == (event, "A. Miller", "door", number)
    assert report.peaks == () and report.largest == ()
    assert report.points[0].counts is not None and report.points[0].counts.false_triggers == 1


def test_a_false_trigger_names_the_histogram_that_shows_it_too(archive: sfm.Archive) -> None:
    histogram = save_histogram(archive, AT - timedelta(hours=1), quiet(24, peak=200))
    save_histogram(archive, AT - timedelta(days=2), quiet(24))
    event = save_report(archive, AT, (15.0, 1.0, 1.0))
    archive.review(event, false_trigger=True, reviewer="B", notes="truck")
    (found,) = report_of(archive).false_triggers
    assert (found.event_id, found.histograms) == (event, (histogram,))
    archive.review(histogram, false_trigger=True, reviewer="B", notes="the truck again")
    assert [one.histograms for one in report_of(archive).false_triggers] == [(), ()]  # what is marked counts no more


def test_the_level_of_the_microphone_speaks_for_airblast(archive: sfm.Archive) -> None:
    add_blast(archive, AT)
    ran(archive)
    for days in (-1, 1):
        save_report(archive, AT + timedelta(days=days), (1.0, 1.0, 1.0), trigger=0.5, mic_trigger_db=115.0)
    report = report_of(archive)
    assert church(report).airblast.outcome is Outcome.WITHIN
    assert counts(share(report, "airblast")) == (1, 0, 0, 0, 0)


def test_limits_hold_from_their_moment_on(archive: sfm.Archive) -> None:
    """At 20 Hz 5.2 mm/s are within line 2 (7.5 mm/s) and above line 3 (4.25 mm/s)."""
    sfm.limit_point(archive, "North/Church", limits=["din-4150-3-line-3"], since=datetime(2026, 5, 10))
    for day in (5, 15):
        at = datetime(2026, 5, day, 11)
        add_blast(archive, at, save_report(archive, at, (1.0, 5.2, 1.0)))
    report = report_of(archive)
    outcomes = [church(report, place).vibration.outcome for place in (0, 1)]
    assert outcomes == [Outcome.WITHIN, Outcome.EXCEEDED]
    held = report.points[0].limits
    assert [(one.number, one.from_local, one.until_local) for one in held] == [
        (1, "", "2026-05-10T00:00:00"),
        (2, "2026-05-10T00:00:00", ""),
    ]
    assert [len(one.curves) for one in held] == [1, 1]
    early = report_of(archive, until=datetime(2026, 5, 8))
    assert [one.number for one in early.points[0].limits] == [1]
    assert len(share(report).limits) == 2 and len(share(early).limits) == 1


def test_shares_reach_back_over_the_end_of_the_year(archive: sfm.Archive) -> None:
    moments = [datetime(2025, 5, 31, 12), datetime(2025, 6, 1, 12), datetime(2025, 12, 31, 23, 30), AT]
    for at in moments:
        add_blast(archive, at, save_report(archive, at, (1.0, 2.0, 1.0)))
    report = report_of(archive)
    assert share(report).n == 3 and len(report.blasts) == 1
    assert (share(report).since_local, share(report).until_local) == ("2025-06-01T00:00:00", "2026-06-01T00:00:00")
    assert share(report_of(archive, months=13)).n == 4
    assert share(report_of(archive, months=1)).n == 1
    january = report_of(archive, datetime(2026, 1, 1), datetime(2026, 2, 1), months=2)
    assert share(january).n == 1 and january.blasts == ()
    assert {event.event_id for event in report.provenance.events} == set(range(3, 6))


@pytest.mark.parametrize(
    ("until", "months", "since"),
    [
        (datetime(2026, 6, 1), 12, datetime(2025, 6, 1)),
        (datetime(2026, 1, 1), 1, datetime(2025, 12, 1)),
        (datetime(2026, 3, 31), 1, datetime(2026, 2, 28)),
        (datetime(2024, 3, 31), 1, datetime(2024, 2, 29)),
        (datetime(2026, 5, 15, 13, 30), 25, datetime(2024, 4, 15, 13, 30)),
    ],
)
def test_months_go_back_to_the_same_day(until: datetime, months: int, since: datetime) -> None:
    assert months_before(until, months) == since


@pytest.mark.parametrize("months", [0, -1, 1201])
def test_months_that_make_no_sense_are_refused(archive: sfm.Archive, months: int) -> None:
    with pytest.raises(sfm.UsageError, match="1 to 1200 months"):
        report_of(archive, months=months)
    with pytest.raises(sfm.UsageError, match="no day of this calendar"):
        months_before(datetime(50, 1, 1), 1200)
