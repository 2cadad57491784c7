"""A day of a watch, its hours a second each: two units call home, reports come an hour late, the drive is lost at noon,
the watch is killed at three; at the end the archive is what an import of everything makes, and each notice went out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import sfm_archive as sfm
from tests.watching.conftest import World, event_files, state_of, until

UNITS = ("BE11529", "BE14036")
HOUR_S = 0.9
LIMIT = "0.3in/s"
COMMAND = (sys.executable, "-m", "sfm_archive", "watch")


class Day:
    """What the program that calls units writes; `drive`: where the folder is now."""

    def __init__(self, world: World) -> None:
        self.world, self.drive = world, world.incoming
        self.late: list[tuple[str, bytes]] = []

    def call(self, hour: int) -> None:
        """Each unit calls home at its hours: an event file first under another name; its report comes an hour later."""
        reports, self.late = self.late, []
        for name, data in reports:
            (self.drive / name).write_bytes(data)
        for at, serial in enumerate(UNITS):
            if hour < 24 and hour % 3 == at:
                loudness = "loud" if hour % 2 else "quiet"
                name, data, report_name, report = event_files(hour * 60 + at, serial, loudness)
                unit = self.drive / serial
                unit.mkdir(exist_ok=True)
                (unit / f"{name}.part").write_bytes(data[: len(data) // 2])
                (unit / f"{name}.part").write_bytes(data)
                (unit / f"{name}.part").rename(unit / name)
                self.late.append((f"{serial}/{report_name}", report))


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_day_ends_as_an_import_of_everything_with_each_notice_once(world: World) -> None:
    day, output = Day(world), (world.folder / "said").open("ab")
    command = [
        *COMMAND, str(world.path), str(world.incoming), "--settle", "0.3s", "--rescan", "2s",
        "--limits", LIMIT, "--notify", *world.program,
    ]  # fmt: skip

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    watching = begin()
    try:
        until(lambda: "notices up to" in actions(world.path))
        for hour in range(24):
            if hour == 12:
                world.incoming.rename(world.folder / "lost")
                day.drive = world.folder / "lost"
            if hour == 14:
                day.drive.rename(world.incoming)
                day.drive = world.incoming
            day.call(hour)
            if hour == 15:
                time.sleep(0.45)  # in the middle of an import, a notice, or between them
                watching.kill()
                watching.wait(20)
            if hour == 17:
                watching = begin()
            time.sleep(HOUR_S)
        day.call(24)
        arrived = [path for path in world.incoming.rglob("*.*") if path.is_file()]
        assert len(arrived) == 2 * 16
        until(lambda: len(imported(world.path)) == len(arrived), 60)
        expected = due(world)
        until(lambda: len(noted(world.path)) >= len(expected), 60)
        watching.terminate()
        assert watching.wait(40) == 0
    finally:
        watching.kill()
        watching.wait(20)
        output.close()
    assert state_of(world.path) == at_once(world)
    assert sorted(noted(world.path)) == sorted(expected)
    documents = Counter(one["id"] for one in world.told)
    assert len(documents) == len(expected)
    twice = [one for one, times in documents.items() if times > 1]
    assert len(twice) <= 1, "only the one that the kill met between its end and its note"
    said = (world.folder / "said").read_text()
    assert said.count(" is away;") == 1 and said.count(" is back;") == 1
    assert said.count("Traceback") == 0


def actions(path: Path) -> list[str]:
    with sfm.open(path, read_only=True) as archive:
        return [row.action for row in archive.history()]


def imported(path: Path) -> list[str]:
    """The files of which something is in the archive."""
    with sfm.open(path, read_only=True) as archive:
        return [file.name for row in archive.events() for file in archive.files(row.event_id)]


def noted(path: Path) -> list[tuple[str, str]]:
    """Of each notice that was sent the name of its event, and its kind."""
    with sfm.open(path, read_only=True) as archive:
        names = {row.event_id: row.name for row in archive.listing()}
        return [
            (names[row.event_id], row.change().kind)  # type: ignore[attr-defined]
            for row in archive.history()
            if row.action == "notify"
        ]


def at_once(world: World) -> dict:
    path = world.folder / "at-once.sfm"
    return state_of(path)


def due(world: World) -> list[tuple[str, str]]:
    """What a second way says is to be told: the filters and values of lists, on an import of everything."""
    path = world.folder / "at-once.sfm"
    with sfm.create(path) as archive:
        archive.import_from(world.incoming)
        names = {row.event_id: row.name for row in archive.listing()}
        above = set(sfm.above_limits(archive, sfm.Selection(), [LIMIT], decided=True).above_ids or ())
        may_be = set(sfm.above_limits(archive, sfm.Selection(), [LIMIT]).above_ids or ()) - above
        near = set(sfm.above_limits(archive, sfm.Selection(), ["0.24in/s"], decided=True).above_ids or ())
        over = {
            event_id
            for event_id in names
            for one in archive.values(event_id)
            if one.quantity in ("ppv", "pspl") and one.state == "over-range"
        }
        kinds = {"above limit": above, "undecided": may_be, "near limit": near - above - may_be, "over range": over}
    return [(names[event_id], kind) for kind, ids in kinds.items() for event_id in ids]
