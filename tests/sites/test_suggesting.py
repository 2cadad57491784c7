"""Windows that titles and folders suggest: what a person could state, never more."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.base.shell_words import command_line
from sfm_archive.cli import main
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from tests.sites.conftest import OTHER, UNIT

START = datetime(2026, 3, 2, 11, 30, 20)
DAY = timedelta(days=1)


def save_titled(archive: sfm.Archive, at: datetime, title: str, location: str = "", serial: str = UNIT) -> int:
    """An event known by the texts of a report."""
    typed = {"project": title, "location": location}
    readings = tuple(Reading(quantity=name, text=text) for name, text in typed.items() if text)
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{at:%Y%m%d%H%M%S}".ljust(64, "0"), readings=readings)
    return archive.save(sfm.Event(serial=serial, recorded_at=at), readings=[said] if readings else []).event_id


def test_titles_with_slips_become_one_window_for_each_unit_and_run(archive: sfm.Archive) -> None:
    for day, title in enumerate(["Tunnel West", "TUNNEL WEST", "Tunel West", "Tunnel West", "Pit 3", "Pit 3"]):
        save_titled(archive, START + day * DAY, title, "Gate")
    save_titled(archive, START, "North", "Church", OTHER)
    found = {(one.serial, one.job): one for one in sfm.suggest_windows(archive)}
    assert set(found) == {(UNIT, "Tunnel West"), (UNIT, "Pit 3"), (OTHER, "North")}
    tunnel = found[UNIT, "Tunnel West"]
    assert (tunnel.events, tunnel.titles) == (4, ("Tunnel West", "TUNNEL WEST", "Tunel West"))
    assert (tunnel.from_local, tunnel.until_local) == ("2026-03-02T11:30:00", "2026-03-05T11:31:00")
    assert not tunnel.job_known
    assert len(tunnel.commands) == 3
    north = found[OTHER, "North"]
    assert north.job_known and north.point_known and len(north.commands) == 1


def test_the_commands_place_what_was_proposed_and_then_nothing_is_left(archive: sfm.Archive) -> None:
    ids = [save_titled(archive, START + day * DAY, "Tunnel 'West'", "Gate/A") for day in range(3)]
    stale = save_titled(archive, START + 5 * DAY, "Pit 3")
    runner = CliRunner()
    path = archive.path
    archive.close()
    proposed = runner.invoke(main, ["job", "suggest", str(path)])
    assert proposed.exit_code == 0, proposed.output
    commands = [line for line in proposed.stdout.splitlines() if line.startswith("sfm ")]
    for line in commands:
        run = command_line(sys.executable, "-m", "sfm_archive") + line.removeprefix("sfm")
        done = subprocess.run(run, shell=True, capture_output=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
    with sfm.open(path) as again:
        points = {one.event_id: (one.job, one.point) for one in again.listing()}
        assert points == {**dict.fromkeys(ids, ("Tunnel 'West'", "Gate-A")), stale: ("Pit 3", "POINT")}
        assert sfm.suggest_windows(again) == ()


def test_a_folder_stands_in_where_no_title_is_typed(archive: sfm.Archive, tmp_path: Path) -> None:
    file = sfm.ReceivedFile(
        kind=sfm.FileKind.REPORT, name="x.txt", data=b"x", folder=f"THORDATA/Harbour wall/{UNIT}/TXT"
    )
    archive.save(sfm.Event(serial=UNIT, recorded_at=START), files=[file])
    (one,) = sfm.suggest_windows(archive)
    assert (one.job, one.from_folder) == ("Harbour wall", True)


def test_events_without_title_and_folder_suggest_nothing_and_nothing_is_written(archive: sfm.Archive) -> None:
    save_titled(archive, START, "")
    head = archive.history_head()
    assert sfm.suggest_windows(archive) == ()
    assert archive.history_head() == head


def windows(archive: sfm.Archive) -> list[tuple[str, str, str, int]]:
    found = sfm.suggest_windows(archive)
    return [(one.job, one.from_local[5:16], one.until_local[5:16], one.events) for one in found]


def test_a_title_that_changes_within_a_minute_makes_no_windows_that_overlap(archive: sfm.Archive) -> None:
    second = timedelta(seconds=1)
    save_titled(archive, START - DAY, "Pit 3")
    for after, title in enumerate(["Pit 3", "Tunnel West", "Harbour wall"]):
        save_titled(archive, START + after * second, title)
    assert windows(archive) == [
        ("Pit 3", "03-01T11:30", "03-01T11:31", 1),
        ("Harbour wall", "03-02T11:30", "03-02T11:31", 3),
    ]


def test_no_window_is_proposed_across_one_that_is_stated(archive: sfm.Archive) -> None:
    for day in range(4):
        save_titled(archive, START + day * DAY, "Pit 3")
    sfm.place(archive, UNIT, at="School", since=datetime(2026, 3, 3), until=datetime(2026, 3, 4))
    assert windows(archive) == [
        ("Pit 3", "03-02T11:30", "03-02T11:31", 1),
        ("Pit 3", "03-04T11:30", "03-05T11:31", 2),
    ]
