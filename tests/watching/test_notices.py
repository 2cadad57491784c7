"""What a program is told of, and that it is told once: also when it fails, and when a watch ends and begins again."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.limits.named_curves import limits_from
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.testing import read_out, simulate_waveform
from tests.watching.conftest import World, event_files, until

HALF = limits_from(LimitWords(["0.5in/s"]))
AT = datetime(2024, 5, 1, 8)


def save(archive: sfm.Archive, minute: int, peak: float | str, serial: str = "BE11529", level: float = 90.0) -> int:
    """An event of which a document reports one peak for each geophone, '' for over range."""
    event_id = archive.save(sfm.Event(serial=serial, recorded_at=AT + timedelta(minutes=minute))).event_id
    value = {"state": ValueState.OVER_RANGE} if peak == "over" else {"number": peak}
    readings = [Reading(quantity="ppv", channel=one, unit="in/s", **value) for one in ("Tran", "Vert", "Long")]
    readings.append(Reading(quantity="pspl", channel="MicL", number=level, unit="dB(L)"))
    document = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{minute:064x}", readings=tuple(readings))
    archive.attach(event_id, [], [document])
    return event_id


def told(world: World) -> list[tuple[int, str]]:
    """Event and kind of each document, in the order in which they were given."""
    return [(one["event"]["event_id"], one["kind"]) for one in world.told]


def begun(world: World) -> None:
    """A first watch, from which on notices are sent."""
    world.once(program=world.program)
    assert world.told == []


@pytest.mark.parametrize(
    ("peak", "kinds"),
    [
        (0.399, []),
        (0.4, ["near limit"]),
        (0.5, ["near limit"]),
        (0.501, ["above limit"]),
        ("over", ["above limit", "over range"]),
    ],
)
def test_an_event_is_told_of_by_what_its_limit_says(world: World, peak: float | str, kinds: list[str]) -> None:
    begun(world)
    with sfm.open(world.path) as archive:
        save(archive, 1, peak)
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(1, kind) for kind in kinds]
    world.once(program=world.program, limits=HALF)
    assert len(world.told) == len(kinds), "each once"


def test_the_limits_of_a_point_count_before_those_given_and_airblast_counts(world: World) -> None:
    with sfm.open(world.path) as archive:
        sfm.add_job(archive, "North")
        sfm.add_point(archive, "North", "Church")
        sfm.limit_point(archive, "North/Church", limits=["1in/s"], airblast="120dB")
        save(archive, 0, 0.1)
        sfm.place(archive, "BE11529", at="North/Church", since=AT)
    begun(world)
    with sfm.open(world.path) as archive:
        at_point, elsewhere = save(archive, 1, 0.6), save(archive, 2, 0.6, "BE14036")
        loud, near = save(archive, 3, 0.1, level=120.01), save(archive, 4, 0.1, level=118.1)
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(elsewhere, "above limit"), (loud, "above limit"), (near, "near limit")]
    assert at_point == 2
    by_id = {one["event"]["event_id"]: one for one in world.told}
    assert by_id[loud]["event"]["point"] == "Church" and "120.01" in by_id[loud]["sentence"]
    assert "limits 1 of North/Church" in by_id[loud]["event"]["limits"]
    assert by_id[elsewhere]["event"]["ppv"]["number"] == 0.6


def test_what_falls_with_frequency_is_near_too(world: World) -> None:
    """Nearly level, so that the greatest peak says it."""
    begun(world)
    name, data, report_name, report = event_files(5)
    (world.incoming / name).write_bytes(data)
    (world.incoming / report_name).write_bytes(report)
    with sfm.create(world.folder / "measure.sfm") as other:
        other.import_from(world.incoming)
        (peak,) = [row.ppv_number for row in other.listing()]
    curve = world.folder / "falls.csv"
    curve.write_text(f"# interpolation: linear\nfrequency_hz,limit_in_s\n1,{peak * 1.1:.6f}\n200,{peak * 1.0999:.6f}\n")
    world.once(program=world.program, limits=limits_from(LimitWords([str(curve)])))
    assert told(world) == [(1, "near limit")]


def test_one_that_the_program_cannot_take_holds_up_no_other(world: World) -> None:
    code = (
        "import json, sys\ndata = sys.stdin.buffer.read()\n"
        "if json.loads(data)['event']['event_id'] == 1: sys.exit(1)\n"
        f"open({str(world.folder / 'told')!r}, 'ab').write(data)"
    )
    begun(world)
    with sfm.open(world.path) as archive:
        save(archive, 1, 2.0)
        save(archive, 2, 2.0)
        save(archive, 3, 2.0)
    with world.watched(program=(sys.executable, "-c", code), limits=HALF) as heard:
        until(lambda: len(heard.notices) == 2)
    assert [event_id for event_id, _ in told(world)] == [2, 3]


def test_undecided_is_told_and_what_a_late_report_decides_too(world: World) -> None:
    """An event without any peak may be above; with its report it is."""
    begun(world)
    with sfm.open(world.path) as archive:
        event_id = archive.save(sfm.Event(serial="BE11529", recorded_at=AT)).event_id
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(event_id, "undecided")]
    with sfm.open(world.path) as archive:
        assert save(archive, 0, 0.7) == event_id
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(event_id, "undecided"), (event_id, "above limit")]


def test_what_a_person_calls_a_false_trigger_is_not_told(world: World) -> None:
    begun(world)
    with sfm.open(world.path) as archive:
        archive.review(save(archive, 1, 2.0), false_trigger=True, notes="a truck", reviewer="Zoë")
    world.once(program=world.program, limits=HALF)
    assert world.told == []


def test_what_was_there_before_the_first_watch_is_not_told_and_what_came_unwatched_is(world: World) -> None:
    with sfm.open(world.path) as archive:
        save(archive, 1, 2.0)
    begun(world)
    with sfm.open(world.path) as archive:
        later = save(archive, 2, 2.0)
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(later, "above limit")]


def test_what_is_rejected_is_told_once_also_behind_a_restart(world: World) -> None:
    (world.incoming / "odd.bin").write_bytes(b"nothing that anybody knows" * 10)
    for _ in range(2):
        done, _ = world.once(program=world.program)
        assert done.rejected == 1
    ((document),) = world.told
    assert (document["kind"], document["about"]) == ("rejected", "odd.bin")
    assert document["file"]["path"] == str(world.incoming / "odd.bin") and document["file"]["message"]
    (world.incoming / "odd.bin").write_bytes(b"another thing that nobody knows" * 10)
    world.once(program=world.program)
    assert [one["about"] for one in world.told] == ["odd.bin"] * 2


def test_a_program_that_fails_is_told_and_tried_again_and_then_noted_once(world: World) -> None:
    broken = world.folder / "broken"
    broken.touch()
    code = (
        f"import os, sys\nif os.path.exists({str(broken)!r}): sys.exit('no route to host')\n"
        f"open({str(world.folder / 'told')!r}, 'ab').write(sys.stdin.buffer.read())"
    )
    program = (sys.executable, "-c", code)
    world.once(program=program)
    with sfm.open(world.path) as archive:
        save(archive, 1, 2.0)
        save(archive, 2, 2.0)
    done, heard = world.once(program=program, limits=HALF)
    assert done.not_sent and len(heard.sentences) == 1, "after one failure the others are not tried"
    assert "it is sent again in 2 s" in heard.sentences[0] and "no route to host" in heard.sentences[0]
    with world.watched(program=program, limits=HALF) as heard:
        until(lambda: heard.sentences)
        broken.unlink()
        until(lambda: len(heard.notices) == 2)
    assert told(world) == [(2, "above limit"), (1, "above limit")], "the one that failed goes last"
    with sfm.open(world.path, read_only=True) as archive:
        said = [one.what for one in sfm.told_history(archive) if one.action == "notify"]
    name = Path(sys.executable).name
    assert sorted(said) == [f"above limit: sent to {name}", f"above limit: sent to {name} after 2 tries"]


def test_a_hanging_program_does_not_keep_files_waiting_for_ever(world: World) -> None:
    begun(world)
    with sfm.open(world.path) as archive:
        save(archive, 1, 2.0)
    program = (sys.executable, "-c", "import time; time.sleep(300)")
    with world.watched(program=program, program_s=1.0, limits=HALF) as heard:
        until(lambda: heard.sentences)
        name, data, *_ = event_files(7)
        (world.incoming / name).write_bytes(data)
        until(lambda: heard.reports)
    assert "did not end within 1 s and was stopped" in heard.sentences[0]


def test_damage_that_keeps_notices_from_being_found_is_told_once_and_imports_go_on(world: World) -> None:
    with sfm.open(world.path) as archive:
        sfm.add_job(archive, "North")
        sfm.add_point(archive, "North", "Church")
        sfm.limit_point(archive, "North/Church", limits=["1in/s"])
    begun(world)
    connection = apsw.Connection(str(world.path))
    ((trigger,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'point_limits_is_never_changed'")
    connection.execute("DROP TRIGGER point_limits_is_never_changed")
    connection.execute("UPDATE point_limits SET limits = 'of another age'")
    connection.execute(trigger)
    connection.close()
    with world.watched(program=world.program, silent_after_s=1.0) as heard:
        for number in (1, 2):
            name, data, *_ = event_files(number)
            (world.incoming / name).write_bytes(data)
            until(lambda number=number: len(heard.reports) == number and heard.sentences)
    assert len(heard.sentences) == 1 and "what is to be told cannot be found" in heard.sentences[0]
    assert "limits 1 of a point" in heard.sentences[0] and world.told == []
    done, _ = world.once(program=world.program)
    assert done.not_sent


def test_a_silent_unit_is_told_once_for_each_silence(world: World) -> None:
    with world.watched(program=world.program, silent_after_s=1.0) as heard:
        for number in (1, 2):
            name, data, *_ = event_files(number)
            (world.incoming / name).write_bytes(data)
            until(lambda number=number: len(heard.notices) == number)
    assert [(one["kind"], one["about"]) for one in world.told] == [("unit silent", "BE11529")] * 2
    assert len({one["once_for"] for one in world.told}) == 2
    world.once(program=world.program, silent_after_s=1.0)
    assert len(world.told) == 2, "the same silence is told"


def test_a_unit_that_stands_at_a_point_is_expected_and_one_that_was_taken_down_is_not(world: World) -> None:
    with sfm.open(world.path) as archive:
        sfm.add_job(archive, "North")
        sfm.add_point(archive, "North", "Church")
        for minute, serial in enumerate(("BE11529", "BE14036", "BE18003")):
            save(archive, minute, 0.1, serial)
        sfm.place(archive, "BE11529", at="North/Church", since=AT)
        sfm.place(archive, "BE14036", at="North/Church", since=AT, until=AT + timedelta(hours=1))
    world.once(program=world.program, silent_after_s=0.01)
    assert [one["about"] for one in world.told] == ["BE11529"], "BE18003 was not heard since notices are sent"
    with sfm.open(world.path) as archive:
        save(archive, 10, 0.1, "BE18003")
        save(archive, 11, 0.1, "BE14036")
    world.once(program=world.program, silent_after_s=0.01)
    assert [one["about"] for one in world.told] == ["BE11529", "BE18003"]


def test_a_calibration_that_holds_no_more_is_told_once(world: World) -> None:
    day = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
    with sfm.open(world.path) as archive:
        for serial, valid in (("BE11529", "10days"), ("BE14036", "900days")):
            save(archive, 1, 0.1, serial)
            sfm.add_job(archive, serial)
            sfm.add_point(archive, serial, "Church")
            sfm.place(archive, serial, at=f"{serial}/Church", since=AT)
            sfm.calibrate(archive, serial, day, valid=valid)
    for _ in range(2):
        world.once(program=world.program)
    (document,) = world.told
    assert (document["kind"], document["about"], document["once_for"]) == ("calibration overdue", "BE11529", "1")
    assert f"calibrated on {day}" in document["unit"]["calibration"]


def test_a_kill_between_import_and_notice_loses_none(world: World) -> None:
    """As a kill leaves it: imported, and nothing said of it."""
    begun(world)
    made = simulate_waveform(Random(4), serial="BE18003", loudness="loud")
    with sfm.open(world.path) as archive:
        archive.save(sfm.Event(serial="BE18003", recorded_at=made.recorded_at), read_out(made))
    tiny = limits_from(LimitWords(["0.001in/s"]))
    world.once(program=world.program, limits=tiny)
    assert (1, "above limit") in told(world)


def test_a_merge_is_neither_told_nor_silences_anything(world: World) -> None:
    begun(world)
    with sfm.create(world.folder / "laptop.sfm") as laptop:
        save(laptop, 1, 2.0)
    with sfm.open(world.path) as archive:
        sfm.merge(archive, world.folder / "laptop.sfm")
        own = save(archive, 2, 2.0)
    world.once(program=world.program, limits=HALF)
    assert told(world) == [(own, "above limit")]
