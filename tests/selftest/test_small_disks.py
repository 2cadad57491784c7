"""Disks with a few kilobytes left: done, or "the disk is full"; and read all the same.

All sizes: `python -m sfm_archive.selftest "small disks"`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.selftest.io_errors import fill_up_in_steps
from sfm_archive.selftest.small_disks import COMMANDS, MOUNTED, work_on_small_disks
from sfm_archive.selftest.work import job

Tried = Callable[[str, int], None]


_LAST_FILES = """
import pathlib, subprocess, sys
disk, archive, command, free = sys.argv[1:]
others = 0
try:
    while True:
        (pathlib.Path(disk) / f"other {others}").touch()
        others += 1
except OSError:
    for number in range(int(free)):
        (pathlib.Path(disk) / f"other {number}").unlink()
sys.exit(subprocess.run([sys.executable, "-m", "sfm_archive", command, archive, f"{disk}/copy.sfm"]).returncode)
"""


@pytest.mark.parametrize(("command", "free"), [("seal", 0), ("seal", 1), ("seal", 2), ("backup", 0), ("backup", 1)])
def test_a_disk_without_room_for_one_more_file_is_full(tmp_path: Path, command: str, free: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with sfm.create(tmp_path / "quarry.sfm") as archive:
        job("one").save(archive)
    mounted = [*MOUNTED, 'mount -t tmpfs -o nr_inodes=20 tmpfs "$0" && exec "$@"', str(disk)]
    if not sys.platform.startswith("linux") or subprocess.run([*mounted, "true"], check=False).returncode:
        pytest.skip("this system mounts no disk for a user")
    words = [*mounted, sys.executable, "-c", _LAST_FILES, str(disk), str(tmp_path / "quarry.sfm"), command, str(free)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 6 and "the disk is full" in done.stderr and str(disk) in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and "cannot be opened" not in done.stderr


@pytest.mark.trust
@pytest.mark.parametrize("network", [False, True], ids=["local disk", "network drive"])
def test_every_step_on_a_disk_that_fills_up(network: bool, folder: Path, tried: Tried) -> None:
    full = 0
    for found in fill_up_in_steps(folder, network=network, every=13):
        full += found.errors
        assert found.wrong == []
    tried("full disks", full)
    assert full > 8


@pytest.mark.trust
def test_every_command_on_a_real_disk(tmp_path: Path, tried: Tried) -> None:
    found = work_on_small_disks(tmp_path, every=11)
    if not found.tried:
        pytest.skip("this system mounts no disk for a user")
    tried("commands on small disks", found.commands)
    assert found.wrong == []
    assert found.commands == len(COMMANDS) and found.full > 3
