"""A watch that is killed again and again: no notice is lost, and a kill sends at most the one in hand again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from random import Random

import pytest

import sfm_archive as sfm
from tests.watching.conftest import World, event_files

NOTICES = 25


@pytest.mark.trust
def test_kills_lose_no_notice_and_repeat_at_most_the_one_in_hand(world: World) -> None:
    random = Random()  # where a kill meets it is not repeatable anyway
    world.once(program=world.program)
    for number in range(NOTICES):
        name, data, *_ = event_files(number, loudness="loud")
        (world.incoming / name).write_bytes(data)
    command = [
        sys.executable, "-m", "sfm_archive", "watch", str(world.path), str(world.incoming), "--once", "--settle",
        "0.1s", "--limits", "0.001in/s", "--notify", *world.program,
    ]  # fmt: skip
    kills = 0
    while True:
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, errors = running.communicate(timeout=random.uniform(0.8, 3.0) if kills < 12 else 120)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            kills += 1
            time.sleep(0.2)  # a program that outlives the watch has ended
            continue
        assert running.returncode == 0, errors
        break
    told = Counter(one["id"] for one in world.told if one["kind"] == "above limit")
    assert len(told) == NOTICES
    assert sum(told.values()) - NOTICES <= kills
    with sfm.open(world.path, read_only=True) as archive:
        noted = Counter(
            (row.event_id, row.change().kind)  # type: ignore[attr-defined]
            for row in archive.history()
            if row.action == "notify"
        )
        assert archive.verify().ok
    assert set(noted.values()) == {1}
