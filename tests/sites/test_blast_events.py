"""Events beside a blast: proposed by time, confirmed or refused by people; distances, verdicts, and who ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.archive.running import note_running
from sfm_archive.cli import main
from sfm_archive.model.running import MONITORING_REPLY, Running
from sfm_archive.model.statements import Correction
from sfm_archive.sites.stating import state_row
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii"
AT = datetime(2026, 5, 4, 11, 30)
SECOND = timedelta(seconds=1)


def place(archive: sfm.Archive, serial: str, at: str) -> None:
    sfm.place(archive, serial, at=at, since=datetime(2026, 1, 1))


def decisions(archive: sfm.Archive, blast: int, within_s: float = 60) -> dict[int, tuple[str, float | None]]:
    shown = sfm.show_blast(archive, blast, within_s=within_s)
    events = [one for point in shown.points for one in point.events] + [*shown.elsewhere]
    return {one.event_id: (one.decision, one.offset_s) for one in events}


def states(archive: sfm.Archive, blast: int) -> dict[str, str]:
    return {unit.serial: unit.state.value for point in sfm.show_blast(archive, blast).points for unit in point.units}


@pytest.fixture
def real(tmp_path: Path) -> Iterator[sfm.Archive]:
    """Two exports of one blast, 15 s apart, at two points."""
    with sfm.create(tmp_path / "real.sfm") as archive:
        archive.import_from(REAL / "5m.TXT", REAL / "15m.TXT")
        sfm.add_job(archive, "Trial", zone="Europe/Berlin", units="mm/s")
        sfm.add_point(archive, "Trial", "5 m")
        sfm.add_point(archive, "Trial", "15 m")
        sfm.place(archive, "UM16127", at="5 m", since=datetime(2026, 6, 1))
        sfm.place(archive, "UM16121", at="15 m", since=datetime(2026, 6, 1))
        sfm.add_blast(
            archive,
            "Trial",
            datetime(2026, 6, 26, 15, 41),
            name="1",
            charge="2 kg",
            distances=(("5 m", "5m"), ("15 m", "15m")),
        )
        yield archive


def test_two_real_exports_of_one_blast_are_proposed_and_judged_once_confirmed(real: sfm.Archive) -> None:
    near, far = sfm.show_blast(real, 1).points
    assert [(one.serial, one.decision, one.offset_s) for one in (*near.events, *far.events)] == [
        ("UM16127", "proposed", 5),
        ("UM16121", "proposed", -10),
    ]
    assert (near.outcome, far.outcome) == ("not compared", "not compared")
    assert states(real, 1) == {"UM16127": "perhaps triggered", "UM16121": "perhaps triggered"}
    sfm.confirm_blast(real, 1, sfm.proposed_events(real, 1), by="A. Miller")
    shown = sfm.show_blast(real, 1)
    near, far = shown.points
    assert near.m_kg_square == pytest.approx(5 / 2**0.5)
    assert (near.limit_in_s, near.factor, near.factor_met) == (1.25, 50, False)
    assert (near.outcome, far.outcome) == ("within", "within")
    peaks = [(one.channel, one.ppv, one.unit, one.outcome) for one in near.events[0].components]
    assert peaks == [
        ("Tran", 10.27, "mm/s", "within"),
        ("Vert", 22.52, "mm/s", "within"),
        ("Long", 22.21, "mm/s", "within"),
    ]
    assert near.events[0].decided_by == "A. Miller"
    assert states(real, 1) == {"UM16127": "triggered", "UM16121": "triggered"}
    assert [(one.serial, one.offset_s, one.shift_s, one.events) for one in shown.clocks] == [
        ("UM16121", -10, 10, 1),
        ("UM16127", 5, -5, 1),
    ]
    assert real.verify().ok


def test_a_stated_clock_correction_counts_for_proposals_and_offsets(real: sfm.Archive) -> None:
    sfm.confirm_blast(real, 1, [1, 2])
    said = ("A", "by the blast")
    serials = {one.event_id: one.serial for one in real.listing()}
    for serial, shift in (("UM16121", 10), ("UM16127", -5)):
        state_row(real, Correction(0, 0, serial, 0, "clock", "", shift, "2026-01-01T00:00:00", "", 0, *said))
    assert decisions(real, 1) == dict.fromkeys(serials, ("confirmed", 0))
    assert [(one.offset_s, one.shift_s) for one in sfm.show_blast(real, 1).clocks] == [(0, 10), (0, -5)]


def test_a_clock_that_is_months_wrong_is_found_once_it_is_stated(archive: sfm.Archive) -> None:
    wrong = AT - timedelta(days=100)
    event = save_waveform(archive, wrong + 3 * SECOND)
    sfm.add_blast(archive, "North", AT)
    assert decisions(archive, 1) == {}
    shift = int(timedelta(days=100).total_seconds())
    state_row(archive, Correction(0, 0, UNIT, 0, "clock", "", shift, "2026-01-01T00:00:00", "", 0, "A", "log book"))
    assert decisions(archive, 1) == {event: ("proposed", 3)}


def test_proposed_are_events_at_points_of_the_job_and_apart_those_at_none(archive: sfm.Archive) -> None:
    third = "BE999"
    own, unplaced, foreign = (save_waveform(archive, AT + 2 * SECOND, one) for one in (UNIT, OTHER, third))
    save_waveform(archive, AT + 61 * SECOND)
    save_waveform(archive, AT - timedelta(minutes=2))
    place(archive, UNIT, "North/Church")
    place(archive, third, "South/Church")
    sfm.add_blast(archive, "North", AT)
    shown = sfm.show_blast(archive, 1)
    assert [one.event_id for point in shown.points for one in point.events] == [own]
    assert [one.event_id for one in shown.elsewhere] == [unplaced]
    assert sfm.proposed_events(archive, 1) == [own]
    assert foreign not in decisions(archive, 1)
    assert len(sfm.proposed_events(archive, 1, within_s=61)) == 2
    with pytest.raises(sfm.UsageError, match="3601 s is outside"):
        sfm.show_blast(archive, 1, within_s=3601)


def test_a_proposal_counts_for_nothing(archive: sfm.Archive) -> None:
    save_waveform(archive, AT)
    place(archive, UNIT, "North/Church")
    sfm.add_blast(archive, "North", AT, distances=(("Church", "10m"),))
    assert sfm.show_blast(archive, 1).points[0].outcome == "not compared"
    assert sfm.show_blast(archive, 1).clocks == ()


def test_without_a_distance_nothing_is_compared_and_that_is_said(archive: sfm.Archive) -> None:
    event = save_waveform(archive, AT)
    place(archive, UNIT, "North/Church")
    sfm.add_blast(archive, "North", AT, charge="5 kg")
    sfm.confirm_blast(archive, 1, [event])
    church = sfm.show_blast(archive, 1).points[0]
    assert (church.distance_m, church.m_kg_square, church.limit_in_s, church.outcome) == (
        *(None, None, None, "not compared"),
    )
    assert {one.why for one in church.events[0].components} == {"the distance to the blast is not known"}


def test_an_event_is_confirmed_for_one_blast_at_most_and_both_decisions_are_kept(archive: sfm.Archive) -> None:
    event = save_waveform(archive, AT + 20 * SECOND)
    place(archive, UNIT, "North/Church")
    first = sfm.add_blast(archive, "North", AT).number
    second = sfm.add_blast(archive, "North", AT + 30 * SECOND).number
    assert decisions(archive, first) == {event: ("proposed", 20)}
    assert decisions(archive, second) == {event: ("proposed", -10)}
    (made,) = sfm.confirm_blast(archive, first, [event], by="A")
    assert decisions(archive, second) == {}
    with pytest.raises(sfm.UsageError, match=f"event {event} is confirmed for blast {first}"):
        sfm.confirm_blast(archive, second, [event])
    (again,) = sfm.refuse_blast(archive, first, [event], by="B")
    assert (again.number, again.new) == (made.number, True)
    sfm.confirm_blast(archive, second, [event], by="B")
    assert decisions(archive, first) == {event: ("refused", 20)}
    assert decisions(archive, second) == {event: ("confirmed", -10)}
    told = [(one.what, one.decided_by) for one in sfm.told_history(archive, event) if one.action == "state"]
    assert [what.rpartition(": ")[2] for what, _ in told][-3:] == [
        f"event {event} confirmed for blast {first}",
        f"event {event} refused for blast {first}",
        f"event {event} confirmed for blast {second}",
    ]
    assert archive.verify().ok


def test_a_decision_that_is_taken_back_leaves_the_event_proposed(archive: sfm.Archive) -> None:
    event = save_waveform(archive, AT)
    sfm.add_blast(archive, "North", AT)
    sfm.refuse_blast(archive, 1, [event])
    sfm.withdraw_blast_event(archive, 1, event, reason="slip")
    assert decisions(archive, 1) == {event: ("proposed", 0)}
    with pytest.raises(sfm.NotFound, match="nobody decided"):
        sfm.withdraw_blast_event(archive, 1, event, reason="slip")


def test_events_of_a_withdrawn_blast_are_free_for_another(archive: sfm.Archive) -> None:
    event = save_waveform(archive, AT)
    kept = archive.frames(event)
    first = sfm.add_blast(archive, "North", AT, name="17").number
    sfm.confirm_blast(archive, first, [event])
    sfm.withdraw_blast(archive, first, reason="entered twice")
    second = sfm.add_blast(archive, "North", AT, name="18").number
    assert decisions(archive, second) == {event: ("proposed", 0)}
    sfm.confirm_blast(archive, second, [event])
    assert archive.frames(event) == kept
    assert archive.verify().ok


def test_of_several_events_one_that_cannot_be_confirmed_keeps_all_of_them_out(archive: sfm.Archive) -> None:
    event, histogram = save_waveform(archive, AT), save_histogram(archive, AT, 3, OTHER)
    sfm.add_blast(archive, "North", AT)
    assert decisions(archive, 1) == {event: ("proposed", 0)}  # nothing triggered a histogram
    head = archive.history_head()
    with pytest.raises(sfm.UsageError, match=f"event {histogram} is a histogram"):
        sfm.confirm_blast(archive, 1, [event, histogram])
    assert archive.history_head() == head
    with pytest.raises(sfm.EventNotFound):
        sfm.confirm_blast(archive, 1, [99])
    with pytest.raises(sfm.NotFound, match="there is no blast 7"):
        sfm.confirm_blast(archive, 7, [event])
    sfm.confirm_blast(archive, 1, [event], dry_run=True)
    assert archive.history_head() == head


def test_a_clock_in_another_zone_is_compared_as_moments(archive: sfm.Archive) -> None:
    event = save_waveform(archive, datetime(2026, 5, 4, 9, 30, 4))
    archive.state_time_zone(UNIT, "UTC")
    sfm.add_blast(archive, "North", AT)
    assert decisions(archive, 1) == {event: ("proposed", 4)}


def test_in_a_repeated_hour_both_readings_are_taken_and_it_is_said(archive: sfm.Archive) -> None:
    """On 2026-10-25 clocks in Berlin show 02:00 to 03:00 twice; 02:30 is 00:30 or 01:30 UTC."""
    blast = datetime(2026, 10, 25, 2, 30)
    first, second = (save_waveform(archive, datetime(2026, 10, 25, hour, 30, 5), OTHER) for hour in (0, 1))
    own = save_waveform(archive, blast + SECOND)
    archive.state_time_zone(OTHER, "UTC")
    sfm.add_blast(archive, "North", blast)
    assert decisions(archive, 1) == {first: ("proposed", 5), second: ("proposed", 5), own: ("proposed", 1)}
    (listed,) = sfm.list_blasts(archive).blasts
    assert listed.hour == "repeated hour"
    assert {one.hour for one in sfm.show_blast(archive, 1).elsewhere} == {"repeated hour"}


def test_in_a_missing_hour_both_readings_are_taken(archive: sfm.Archive) -> None:
    """On 2026-03-29 clocks in Berlin go from 02:00 to 03:00; a unit that did not shows 02:30 at 01:30 UTC."""
    event = save_waveform(archive, datetime(2026, 3, 29, 2, 30, 5))
    sfm.add_blast(archive, "North", datetime(2026, 3, 29, 3, 30))
    assert decisions(archive, 1) == {event: ("proposed", 5)}
    assert sfm.show_blast(archive, 1).elsewhere[0].hour == "missing hour"


def test_a_unit_that_ran_without_a_trigger_is_told_from_one_of_which_nothing_is_known(archive: sfm.Archive) -> None:
    third = "BE999"
    save_histogram(archive, AT - timedelta(hours=1), 24)
    save_waveform(archive, AT - timedelta(days=1), OTHER)
    save_waveform(archive, AT - timedelta(days=1), third)
    monitored = Running(AT - timedelta(hours=2), AT + timedelta(hours=2), MONITORING_REPLY, "11" * 32)
    note_running(archive, third, [monitored])
    place(archive, UNIT, "North/Church")
    place(archive, OTHER, "North/School")
    place(archive, third, "North/Church")
    sfm.add_blast(archive, "North", AT)
    assert states(archive, 1) == {
        UNIT: "running, nothing triggered",
        OTHER: "not known",
        third: "running, nothing triggered",
    }
    church = sfm.show_blast(archive, 1).points[0]
    assert {unit.serial: unit.sources for unit in church.units} == {UNIT: "histogram", third: MONITORING_REPLY}
    # Near the end of what is known, a trigger may lie beyond it.
    sfm.add_blast(archive, "North", AT + timedelta(hours=2) - 10 * SECOND)
    assert states(archive, 2)[third] == "not known"


def test_a_unit_that_stood_elsewhere_at_the_time_says_nothing_of_a_point(archive: sfm.Archive) -> None:
    save_histogram(archive, AT - timedelta(hours=1), 24)
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 1, 1), until=AT)
    sfm.place(archive, UNIT, at="North/School", since=AT)
    sfm.add_blast(archive, "North", AT)
    church, school = sfm.show_blast(archive, 1).points
    assert church.units == ()
    assert [unit.window for unit in school.units] == [2]


def test_a_refused_event_is_no_trigger(archive: sfm.Archive) -> None:
    event = save_waveform(archive, AT + 30 * SECOND)
    note_running(
        archive, UNIT, [Running(AT - timedelta(hours=2), AT + timedelta(hours=2), MONITORING_REPLY, "11" * 32)]
    )
    place(archive, UNIT, "North/Church")
    sfm.add_blast(archive, "North", AT)
    assert states(archive, 1) == {UNIT: "perhaps triggered"}
    sfm.refuse_blast(archive, 1, [event])
    assert states(archive, 1) == {UNIT: "running, nothing triggered"}


def test_a_printed_scaled_distance_is_shown_and_not_used(tmp_path: Path) -> None:
    text = (REAL / "5m.TXT").read_text(encoding="cp1252")
    line = '"Geo Range : 254.0 mm/s"\n'
    printed = text.replace(line, f'{line}"Scaled Distance : 8224.7 (2600.9 m, 0.1 kg)"\n', 1)
    assert printed != text
    (tmp_path / "5m.TXT").write_text(printed, encoding="cp1252")
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "5m.TXT")
        sfm.add_job(archive, "Trial", zone="Europe/Berlin")
        sfm.add_point(archive, "Trial", "5 m")
        place(archive, "UM16127", "5 m")
        sfm.add_blast(archive, "Trial", datetime(2026, 6, 26, 15, 41))
        (point,) = sfm.show_blast(archive, 1).points
    assert point.events[0].printed_scaled_distance == "8224.7 (2600.9 m, 0.1 kg)"
    assert (point.distance_m, point.m_kg_square) == (None, None)


POINTS = ("", "North/Church", "North/School", "South/Church")
UNITS = tuple(f"BE{number}" for number in range(101, 105))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    blasts=st.lists(st.integers(0, 400), min_size=1, max_size=5, unique=True),
    events=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3)), max_size=8, unique=True),
    shifts=st.lists(st.sampled_from((0, 0, 3600, -86_400)), min_size=4, max_size=4),
    within=st.integers(0, 90),
)
def test_proposals_are_those_of_the_words(
    tmp_path_factory: pytest.TempPathFactory,
    blasts: list[int],
    events: list[tuple[int, int]],
    shifts: list[int],
    within: int,
) -> None:
    """By the words: each event within so many seconds of a blast, by its corrected clock, but for those at points of
    another job; unit N stands at POINTS[N], and its clock is wrong by shifts[N]."""
    with sfm.create(tmp_path_factory.mktemp("blasts") / "a.sfm") as archive:
        for job in ("North", "South"):
            sfm.add_job(archive, job, zone="Europe/Berlin")
        for name in POINTS[1:]:
            sfm.add_point(archive, *name.split("/"))
        ids = {}
        for second, unit in events:
            recorded = AT + (second - shifts[unit]) * SECOND
            ids[second, unit] = save_waveform(archive, recorded, UNITS[unit])
        for unit, name in enumerate(POINTS):
            if name and any(one == unit for _, one in events):
                place(archive, UNITS[unit], name)
            if shifts[unit]:
                begin = "2026-01-01T00:00:00"
                said = Correction(0, 0, UNITS[unit], 0, "clock", "", shifts[unit], begin, "", 0, "A", "log book")
                state_row(archive, said)
        for second in blasts:
            sfm.add_blast(archive, "North", AT + second * SECOND)
        for number, second in enumerate(blasts, start=1):
            near = {
                ids[at, unit]: ("proposed", at - second)
                for at, unit in events
                if abs(at - second) <= within and not POINTS[unit].startswith("South")
            }
            assert decisions(archive, number, within) == near


@pytest.fixture
def two_blasts(archive: sfm.Archive) -> tuple[sfm.Archive, int, int]:
    """Two blasts 40 s apart, and an event of one unit 2 s behind each."""
    first, second = save_waveform(archive, AT + 2 * SECOND), save_waveform(archive, AT + 42 * SECOND)
    place(archive, UNIT, "North/Church")
    sfm.add_blast(archive, "North", AT, name="1")
    sfm.add_blast(archive, "North", AT + 40 * SECOND, name="2")
    return archive, first, second


def test_proposed_takes_only_events_to_which_no_blast_is_nearer(two_blasts: tuple[sfm.Archive, int, int]) -> None:
    archive, first, second = two_blasts
    assert set(decisions(archive, 1)) == {first, second}
    (church, _) = sfm.show_blast(archive, 1).points
    assert {one.event_id: one.nearer_blast for one in church.events} == {first: None, second: 2}
    assert [one.nearer_another for one in sfm.list_blasts(archive).blasts] == [1, 1]
    assert sfm.list_blasts(archive, until=AT + SECOND).blasts[0].nearer_another == 1
    assert (sfm.proposed_events(archive, 1), sfm.proposed_events(archive, 2)) == ([first], [second])
    assert sfm.proposed_events(archive, 1, nearest=False) == [first, second]
    said = CliRunner().invoke(main, ["blast", "confirm", str(archive.path), "1", "--proposed"])
    assert said.exit_code == 0, said.output
    assert f"event {second}: another blast is as near or nearer" in said.stderr
    assert decisions(archive, 1)[first][0] == "confirmed"


def test_an_event_refused_at_the_nearer_blast_is_of_the_other(two_blasts: tuple[sfm.Archive, int, int]) -> None:
    archive, first, second = two_blasts
    sfm.refuse_blast(archive, 2, [second])
    assert sfm.proposed_events(archive, 1) == [first, second]


def test_an_event_as_near_to_two_blasts_is_taken_for_neither(archive: sfm.Archive) -> None:
    save_waveform(archive, AT + 20 * SECOND)
    place(archive, UNIT, "North/Church")
    for second in (0, 40):
        sfm.add_blast(archive, "North", AT + second * SECOND)
    assert sfm.proposed_events(archive, 1) == sfm.proposed_events(archive, 2) == []


def test_two_events_of_one_unit_for_one_blast_are_said(two_blasts: tuple[sfm.Archive, int, int]) -> None:
    archive, first, second = two_blasts
    one, other = sfm.confirm_blast(archive, 1, [first, second])
    assert one.notes == ()
    assert f"of {UNIT} 2 events are confirmed ({first}, {second})" in other.notes[0]
    shown = CliRunner().invoke(main, ["blast", "show", str(archive.path), "1"])
    assert f"{UNIT}: 2 events are confirmed ({first}, {second})" in shown.stderr


def test_a_blast_whose_time_is_corrected_says_what_it_leaves_behind(two_blasts: tuple[sfm.Archive, int, int]) -> None:
    archive, first, _ = two_blasts
    sfm.confirm_blast(archive, 1, [first])
    assert sfm.correct_blast(archive, 1, charge="5 kg", reason="log book").notes == ()
    made = sfm.correct_blast(archive, 1, at=AT + timedelta(hours=1), reason="log book", dry_run=True)
    assert f"1 confirmed event more than 60 s from it ({first})" in made.notes[0]
    sfm.correct_blast(archive, 1, at=AT + timedelta(hours=1), reason="log book")
    assert [one.confirmed_far for one in sfm.list_blasts(archive).blasts] == [0, 1]
    shown = CliRunner().invoke(main, ["blast", "show", str(archive.path), "1"])
    assert f"event {first}: confirmed, and more than 60 s from the blast" in shown.stderr


def test_an_offset_of_a_blast_leaves_one_reading_of_a_repeated_hour(archive: sfm.Archive) -> None:
    first, second = (save_waveform(archive, datetime(2026, 10, 25, hour, 30, 5), OTHER) for hour in (0, 1))
    archive.state_time_zone(OTHER, "UTC")
    sfm.add_blast(archive, "North", datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))))
    assert decisions(archive, 1) == {second: ("proposed", 5)}
    sfm.correct_blast(
        archive, 1, at=datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2))), reason="log book"
    )
    assert decisions(archive, 1) == {first: ("proposed", 5)}


def test_a_histogram_that_begins_at_the_second_of_a_blast_does_not_cover_it(archive: sfm.Archive) -> None:
    save_histogram(archive, AT, 24)
    place(archive, UNIT, "North/Church")
    sfm.add_blast(archive, "North", AT)
    assert states(archive, 1) == {UNIT: "not known"}
    sfm.add_blast(archive, "North", AT + timedelta(minutes=1))
    assert states(archive, 2) == {UNIT: "running, nothing triggered"}
