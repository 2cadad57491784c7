"""Corrections of titles, clocks and zones: what is right counts, what was recorded stays."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.analysing.recordings import recording_of
from sfm_archive.cli import main
from sfm_archive.model.correcting import parse_shift
from sfm_archive.model.encoders import parse_encoder_name
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

MAY = datetime(2026, 5, 1, 8)
HOUR = timedelta(hours=1)


def run(*arguments: object) -> Any:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done


def starts(archive: sfm.Archive, **filters: Any) -> dict[int, str]:
    return {one.event_id: one.start_local for one in archive.listing(**filters)}


def titled(archive: sfm.Archive, at: datetime, project: str, serial: str = UNIT) -> int:
    """A blast whose report names a project."""
    said = sfm.Reading(quantity="project", text=project, source=sfm.ValueSource.REPORT)
    document = sfm.ReadingSet(
        source=sfm.ValueSource.REPORT, origin_sha256="ab" * 32, reader="by-hand@1", readings=(said,)
    )
    return archive.save(sfm.Event(serial=serial, recorded_at=at), readings=[document]).event_id


def test_a_clock_moves_an_event_over_the_end_of_a_month_in_every_filter_and_order(archive: sfm.Archive) -> None:
    last = save_waveform(archive, datetime(2026, 4, 30, 23, 30))
    first = save_waveform(archive, datetime(2026, 5, 1, 0, 10), OTHER)
    sfm.correct(archive, UNIT, clock_shift=HOUR, reason="still winter time")
    assert starts(archive) == {first: "2026-05-01T00:10:00", last: "2026-05-01T00:30:00"}
    assert [row.event_id for row in archive.events()] == [first, last]
    assert [row.event_id for row in archive.events(newest_first=True)] == [last, first]
    assert (archive.count(since="2026-05"), archive.count(until="2026-04")) == (2, 0)
    groups = sfm.summarise(archive, ["month"]).groups
    assert [(group.keys["month"], group.events) for group in groups] == [("2026-05", 2)]
    (by_day,) = sfm.summarise(archive, ["day"], sfm.select(serial=UNIT)).groups
    assert by_day.keys == {"day": "2026-05-01"}
    assert archive.event(last).recorded_at_local == "2026-04-30T23:30:00"
    assert archive.verify().ok


def test_each_interval_of_a_histogram_is_of_its_corrected_day(archive: sfm.Archive) -> None:
    event = save_histogram(archive, datetime(2026, 5, 1, 12), count=24)  # two hours of one day
    sfm.correct(archive, UNIT, clock_shift=11 * HOUR, reason="set at noon")
    found = {group.keys["day"]: group for group in sfm.summarise(archive, ["day"]).groups}
    assert set(found) == {"2026-05-01", "2026-05-02"}
    assert (found["2026-05-01"].events, found["2026-05-02"].continued) == (1, 1)
    (listed,) = archive.listing(since="2026-05-02")
    assert (listed.event_id, listed.continued, listed.stop_local) == (event, "yes", "2026-05-02T01:00:00")
    assert not archive.rebuild().changed
    sfm.withdraw_correction(archive, 1, reason="it was right")
    assert [group.keys["day"] for group in sfm.summarise(archive, ["day"]).groups] == ["2026-05-01"]
    assert archive.verify().ok


def test_windows_hold_what_lies_in_them_by_the_corrected_clock(archive: sfm.Archive) -> None:
    event = save_waveform(archive, MAY)
    sfm.place(archive, UNIT, at="North/Church", since=MAY - HOUR, until=MAY + HOUR)
    sfm.place(archive, UNIT, at="School", since=MAY + HOUR)
    assert [one.point for one in archive.listing()] == ["Church"]
    sfm.correct(archive, event, clock_shift=HOUR, reason="log book")
    assert [one.point for one in archive.listing()] == ["School"]
    sfm.withdraw_correction(archive, 1, reason="another event")
    assert [one.point for one in archive.listing()] == ["Church"]
    assert archive.verify().ok


def test_the_newest_correction_of_a_subject_counts_and_one_of_an_event_before_its_unit(archive: sfm.Archive) -> None:
    one, other = save_waveform(archive, MAY), save_waveform(archive, MAY + 48 * HOUR)
    sfm.correct(archive, UNIT, project="A", reason="x")
    sfm.correct(archive, one, project="B", reason="x")
    sfm.correct(archive, UNIT, project="C", since=MAY + HOUR, reason="x")
    sfm.correct(archive, UNIT, project="D", until=MAY + HOUR, reason="x")
    found = {event.event_id: event.corrected for event in archive.listing()}
    assert found == {one: {"project": "B"}, other: {"project": "C"}}
    sfm.withdraw_correction(archive, 3, reason="x")
    sfm.withdraw_correction(archive, 2, reason="x")
    found = {event.event_id: event.corrected for event in archive.listing()}
    assert found == {one: {"project": "D"}, other: {"project": "A"}}


def test_a_search_finds_the_right_title_and_the_recorded_one(archive: sfm.Archive) -> None:
    event = titled(archive, MAY, "Old  Quarry")
    right = titled(archive, MAY + HOUR, "North Quarry")
    sfm.correct(archive, UNIT, project="North Quarry", reason="the title of the job before")
    for words, found in (("north", {event, right}), ("old quarry", {event}), ("quarry", {event, right})):
        assert {row.event_id for row in archive.events(project=words)} == found
    corrected = {one.event_id: one.corrected for one in archive.listing()}
    assert corrected == {event: {"project": "North Quarry"}, right: {}}
    (group,) = sfm.summarise(archive, ["project"]).groups
    assert (group.keys, group.events) == ({"project": "North Quarry"}, 2)
    whole = archive.describe(event)
    (said,) = whole.corrections
    assert (said.right, said.recorded.split(), said.of_unit) == ("North Quarry", ["Old", "Quarry"], True)
    assert "recorded as" in run("show", archive.path, event).stdout
    assert archive.verify().ok


def test_the_zone_of_a_span_counts_before_that_of_the_unit(archive: sfm.Archive) -> None:
    before, inside = save_waveform(archive, MAY), save_waveform(archive, MAY + 24 * HOUR)
    archive.state_time_zone(UNIT, "Europe/Berlin")
    sfm.correct(archive, UNIT, zone="Europe/London", since=MAY + HOUR, reason="lent to the other branch")
    utc = {event_id: archive.describe(event_id).event.derived_utc for event_id in (before, inside)}
    assert utc == {before: "2026-05-01T06:00:00Z", inside: "2026-05-02T07:00:00Z"}
    sfm.correct(archive, inside, clock_shift=-HOUR, reason="log book")
    assert archive.describe(inside).event.derived_utc == "2026-05-02T06:00:00Z"


def test_a_corrected_zone_says_which_hours_are_repeated(archive: sfm.Archive) -> None:
    event = save_waveform(archive, datetime(2026, 10, 25, 2, 40))
    sfm.place(archive, UNIT, at="South/Church", since=datetime(2026, 10, 25, 2, 30))
    assert [one.placed for one in archive.listing()] == ["whole"]
    sfm.correct(archive, UNIT, zone="Europe/Berlin", reason="log book")
    assert [one.placed for one in archive.listing()] == ["undecided"]
    sfm.correct(archive, event, clock_shift=3 * HOUR, reason="log book")
    assert [one.placed for one in archive.listing()] == ["whole"]


def test_exported_event_files_and_names_stay_as_recorded(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_waveform(archive, MAY)
    archive.export(tmp_path / "before")
    for part in ({"clock_shift": 48 * HOUR}, {"project": "X"}, {"zone": "America/Denver"}):
        sfm.correct(archive, UNIT, **part, reason="log book")
    archive.export(tmp_path / "behind")
    files = [{p.name: p.read_bytes() for p in (tmp_path / one / UNIT).iterdir()} for one in ("before", "behind")]
    assert files[0] == files[1] and len(files[0]) == 1
    assert archive.find(next(iter(files[0]))).event_id == event
    assert not archive.save(sfm.Event(serial=UNIT, recorded_at=MAY), archive.frames(event)).created


def test_data_has_the_corrected_values_and_the_recorded_ones_beside(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_histogram(archive, MAY, count=3)
    sfm.correct(archive, UNIT, clock_shift=HOUR, reason="log book")
    sfm.correct(archive, event, location="Church", reason="log book")
    sfm.export_data(archive, tmp_path / "data", "csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "data" / "events.csv").read_text(encoding="utf-8")))
    assert (row["recorded_at_local"], row["start_local"]) == ("2026-05-01T08:00:00", "2026-05-01T09:00:00")
    assert (row["location"], row["recorded_location"]) == ("Church", "1032 Main St, gas line 19")
    assert row["corrected"] == "location: Church; clock: +01:00:00"
    (intervals,) = (tmp_path / "data" / UNIT).glob("20260501T080000_*.csv")
    assert "2026-05-01T09:00:00" in intervals.read_text(encoding="utf-8")


def test_lists_reports_and_history_say_what_is_corrected(archive: sfm.Archive, tmp_path: Path) -> None:
    event = save_waveform(archive, MAY)
    sfm.correct(archive, UNIT, clock_shift=HOUR, by="A. Miller", reason="still winter time")
    listed = run("list", archive.path).stdout
    assert "2026-05-01 09:00:00§" in listed and "§: its clock" in listed
    (plain,) = json.loads(run("list", archive.path, "--json").stdout)["events"]
    assert (plain["recorded_at_local"], plain["start_local"]) == ("2026-05-01T08:00:00", "2026-05-01T09:00:00")
    assert plain["corrected"] == {"clock": "+01:00:00"}
    assert any(
        (one.decided_by, one.reason) == ("A. Miller", "still winter time") for one in sfm.told_history(archive, event)
    )
    recording = recording_of(archive, event)
    from sfm_archive.reporting.event_facts import fact_rows
    from sfm_archive.reporting.language import language

    assert ("Recorded as", "2026-05-01 08:00:00, clock +01:00:00") in fact_rows(recording, language("en"))
    run("report", archive.path, "-o", tmp_path / "r.pdf")


def test_the_same_again_keeps_nothing_unless_a_newer_one_stands_before_it(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.correct(archive, UNIT, project="A", until=MAY + HOUR, reason="x")
    sfm.correct(archive, UNIT, project="B", since=MAY + HOUR, reason="x")
    head = archive.history_head()
    assert not sfm.correct(archive, UNIT, project="A", until=MAY + HOUR, reason="said twice").new
    assert archive.history_head() == head
    sfm.correct(archive, UNIT, project="C", reason="x")
    assert sfm.correct(archive, UNIT, project="A", until=MAY + HOUR, reason="x").number == 4
    assert [one.corrected for one in archive.listing()] == [{"project": "A"}]


def test_a_dry_run_keeps_nothing_and_says_what_it_would_change(archive: sfm.Archive) -> None:
    event = save_histogram(archive, datetime(2026, 5, 1, 23), count=24)
    head = archive.history_head()
    made = sfm.correct(archive, UNIT, clock_shift=HOUR, reason="x", dry_run=True)
    assert (made.events, made.changed, made.dry_run) == (1, 1, True)
    assert archive.history_head() == head
    assert starts(archive) == {event: "2026-05-01T23:00:00"}
    assert archive.verify().ok


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"clock_shift": timedelta()}, "a shift of 0 corrects nothing"),
        ({"clock_shift": timedelta(days=36_526)}, "more than a hundred years"),
        ({"clock_shift": timedelta(seconds=0.5)}, "whole seconds"),
        ({"zone": "Europe/Berlinn"}, "is not a time zone"),
        ({"zone": "unknown"}, "corrects nothing"),
        ({"project": " "}, "project is empty"),
        ({}, "nothing is corrected"),
        ({"project": "a", "zone": "Europe/Berlin"}, "project and zone are several"),
        ({"project": "a", "since": MAY, "until": MAY}, "ends before it begins"),
        ({"project": "a", "reason": " "}, "needs a reason"),
        ({"project": "a", "whose": "BE999"}, "has no event of BE999"),
        ({"project": "a", "whose": 99}, "99"),
        ({"project": "a", "whose": "no.such"}, "holds no event"),
        ({"project": "a", "whose": 1, "since": MAY}, "is one event"),
    ],
)
def test_a_correction_that_cannot_be_is_a_sentence_and_keeps_nothing(
    archive: sfm.Archive, parts: dict[str, Any], error: str
) -> None:
    save_waveform(archive, MAY)
    head = archive.history_head()
    with pytest.raises((sfm.UsageError, sfm.NotFound, sfm.EventNotFound), match=error):
        sfm.correct(archive, **{"whose": UNIT, "reason": "x", **parts})
    assert archive.history_head() == head
    with pytest.raises(sfm.NotFound, match=r"there is no correction 1; sfm correct .* lists them"):
        sfm.withdraw_correction(archive, 1, reason="x")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+01:02:03", 3723), ("-00:30", -1800), ("+1d 02:00:00", 93_600), ("-1 day 00:00:01", -86_401), ("90", 90),
     ("−15s", -15), ("2d", 172_800)],
)  # fmt: skip
def test_shifts_are_read_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_shift(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "+", "1:2:3", "00:60", "1h", "d", "1d2d", "１２"])
def test_what_is_no_shift_is_a_sentence(text: str) -> None:
    with pytest.raises(sfm.UsageError, match="is not a shift"):
        parse_shift(text)


def test_the_command_line_says_what_a_program_does(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    assert "nothing is corrected" in run("correct", archive.path).stdout
    run("correct", archive.path, UNIT, "--clock-shift", "-00:30", "--reason", "slow", "--by", "A. Miller")
    (one,) = json.loads(run("correct", archive.path, "--json").stdout)["corrections"]
    assert (one["serial"], one["right"], one["shift_s"], one["events"]) == (UNIT, "-00:30:00", -1800, 1)
    runner = CliRunner()
    for wrong, said in (
        (["--project", "x", "--reason", "x"], "say of which unit or event"),
        (["BE11529", "--withdraw", "1", "--reason", "x"], "stands alone"),
        (["BE11529", "--clock-shift", "soon", "--reason", "x"], "is not a shift"),
        (["BE11529", "--clock-shift", "1"], "needs a reason"),
    ):
        done = runner.invoke(main, ["correct", str(archive.path), *wrong])
        assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_coverage_is_in_the_corrected_time_of_the_clock(archive: sfm.Archive) -> None:
    save_histogram(archive, MAY, count=12)
    sfm.correct(archive, UNIT, clock_shift=24 * HOUR, reason="x")
    (unit,) = sfm.coverage(archive)
    assert [(span.since_local, span.until_local) for span in unit.spans] == [
        ("2026-05-02T08:00:00", "2026-05-02T09:00:00")
    ]


def test_no_list_of_a_corrected_archive_is_sorted_or_gone_through_whole(archive: sfm.Archive) -> None:
    """By SQLite's own plan: an index has events by their corrected start."""
    for number in range(3):
        save_waveform(archive, MAY + number * HOUR)
    sfm.correct(archive, 1, clock_shift=HOUR, reason="x")
    said: list[tuple[str, Any]] = []

    def noted(_: object, sql: str, bindings: Any) -> bool:
        said.append((sql, bindings))
        return True

    with archive.store.reading() as connection:
        connection.set_exec_trace(noted)
        list(archive.events(newest_first=True, limit=1))
        archive.count(since="2026-05-02", until="2026-05-03")
        list(archive.events(since="2026-05-02", until="2026-05-03"))
        connection.set_exec_trace(None)
        plans = [
            (parent, step)
            for sql, bindings in said
            # Those that ran into the window are few, and sorted.
            if "start_local" in sql and sql.lstrip().upper().startswith("SELECT") and "UNION ALL" not in sql
            for _, parent, _, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings).fetchall()
        ]
    gone_through = [step for _, step in plans if step.startswith("SCAN")]
    assert gone_through and not [step for step in gone_through if "event_summary_by_start" not in step], plans
    assert not [step for parent, step in plans if parent == 0 and "TEMP B-TREE" in step], plans


corrections = st.lists(
    st.tuples(
        st.sampled_from(["unit", "event"]),
        st.integers(0, 3),  # which event
        st.sampled_from([-26, -1, 1, 3, 25]),  # hours
        st.integers(0, 60),
        st.integers(1, 60),
        st.booleans(),  # withdrawn afterwards
    ),
    max_size=4,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=max(5, settings.default.max_examples // 4)
)
@given(said=corrections, hours=st.lists(st.integers(0, 80), min_size=4, max_size=4, unique=True), at=st.integers(0, 4))
def test_any_order_of_imports_and_corrections_comes_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[str, int, int, int, int, bool]],
    hours: list[int],
    at: int,
) -> None:
    """Against the words of the rule; corrections of events come behind their import, those of units anywhere."""
    with sfm.create(tmp_path_factory.mktemp("corrected") / "a.sfm") as archive:
        save_waveform(archive, MAY - 500 * HOUR)
        events: dict[int, int] = {}
        kept: list[tuple[str, int, int, int, int]] = []

        def save(which: int) -> None:
            moment = MAY + hours[which] * HOUR
            one = save_histogram(archive, moment, count=30) if which % 2 else save_waveform(archive, moment)
            events[which] = one

        def correct(kind: str, which: int, shift: int, begin: int, length: int, withdrawn: bool) -> None:
            span = {"since": MAY + begin * HOUR, "until": MAY + (begin + length) * HOUR}
            if kind == "event":
                if which not in events:
                    save(which)
                span = {}
            whose = events[which] if kind == "event" else UNIT
            made = sfm.correct(archive, whose, clock_shift=shift * HOUR, **span, reason="x")
            if withdrawn:
                sfm.withdraw_correction(archive, made.number, reason="x")
                kept[:] = [one for one in kept if one[0] != kind or one[1:] != (which, shift, begin, length)]
            elif made.new:
                kept.append((kind, which, shift, begin, length))

        for which in range(at):
            if which not in events:
                save(which)
        for one in said:
            correct(*one)
        for which in range(4):
            if which not in events:
                save(which)
        found = starts(archive)
        for which, event_id in events.items():
            own = [one for one in kept if one[0] == "event" and one[1] == which]
            unit = [one for one in kept if one[0] == "unit" and one[3] <= hours[which] < one[3] + one[4]]
            shift = (own or unit or [("", 0, 0, 0, 0)])[-1][2]
            assert found[event_id] == (MAY + (hours[which] + shift) * HOUR).isoformat(), (said, which)
        assert archive.rebuild(dry_run=True).changed == 0
        by_day = sum(group.events for group in sfm.summarise(archive, ["day"]).groups)
        assert by_day == archive.count() == len(list(archive.events()))


def test_a_border_of_windows_cuts_a_histogram_by_the_corrected_clock(archive: sfm.Archive) -> None:
    event = save_histogram(archive, MAY, count=24)  # two hours
    sfm.place(archive, UNIT, at="North/Church", since=MAY, until=MAY + HOUR * 3)
    sfm.place(archive, UNIT, at="School", since=MAY + HOUR * 3)
    assert [(one.point, one.placed) for one in archive.listing()] == [("Church", "whole")]
    sfm.correct(archive, event, clock_shift=HOUR * 2, reason="log book")
    assert [(one.point, one.placed) for one in archive.listing()] == [("Church", "part")]
    found = {group.keys["point"]: (group.events, group.continued) for group in sfm.summarise(archive, ["point"]).groups}
    assert found == {"North/Church": (1, 0), "North/School": (0, 1)}
    assert archive.rebuild(dry_run=True).changed == 0
    sfm.end_window(archive, 1, MAY + HOUR * 2 + timedelta(minutes=10))
    sfm.withdraw_window(archive, 2, reason="x")
    sfm.place(archive, UNIT, at="School", since=MAY + HOUR * 3 + timedelta(minutes=5))
    assert archive.rebuild(dry_run=True).changed == 0
    sfm.withdraw_correction(archive, 1, reason="x")
    assert archive.rebuild(dry_run=True).changed == 0
    assert archive.verify().ok


def test_days_of_a_wrong_clock_never_stay_where_the_decoder_is_not_installed(
    archive: sfm.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_waveform(archive, MAY)
    monkeypatch.setattr(type(archive), "pinned_decoder", property(lambda _: parse_encoder_name("gone@1")))
    head = archive.history_head()
    with pytest.raises(sfm.NotFound, match="gone@1"):
        sfm.correct(archive, UNIT, clock_shift=HOUR, reason="x")
    assert archive.history_head() == head
    sfm.correct(archive, UNIT, project="X", reason="x")


def test_a_search_for_false_triggers_and_loud_events_goes_by_the_corrected_days(archive: sfm.Archive) -> None:
    event = save_histogram(archive, datetime(2026, 5, 1, 22), count=24)
    sfm.correct(archive, UNIT, clock_shift=HOUR, reason="x")
    for day in ("2026-05-01", "2026-05-02"):
        found = archive.events(since=day, until=day, ppv_from="0.001mm/s")
        assert [row.event_id for row in found] == [event]
    above = sfm.above_limits(archive, sfm.select(since="2026-05-02"), ["0.001mm/s"])
    assert above.above_ids == (event,)
