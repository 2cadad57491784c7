"""Disks with a few kilobytes left: done, or "the disk is full"; and read all the same.

All sizes: `python -m sfm_archive.selftest "small disks"`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfm_archive.selftest.io_errors import fill_up_in_steps
from sfm_archive.selftest.small_disks import COMMANDS, work_on_small_disks

Tried = Callable[[str, int], None]


@pytest.mark.trust
@pytest.mark.parametrize("network", [False, True], ids=["local disk", "network drive"])
def test_every_step_on_a_disk_that_fills_up(network: bool, folder: Path, tried: Tried) -> None:
    full = 0
    for found in fill_up_in_steps(folder, network=network, every=5):
        full += found.errors
        assert found.wrong == []
    tried("full disks", full)
    assert full > 15


@pytest.mark.trust
def test_every_command_on_a_real_disk(tmp_path: Path, tried: Tried) -> None:
    found = work_on_small_disks(tmp_path, every=5)
    if not found.tried:
        pytest.skip("this system mounts no disk for a user")
    tried("commands on small disks", found.commands)
    assert found.wrong == []
    assert found.commands == 2 * len(COMMANDS) and found.full > 5
