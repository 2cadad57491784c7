"""Many processes on one archive: all of them succeed or wait, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.errors import Busy
from sfm_archive.selftest.concurrent_use import SAVERS, use_at_once
from sfm_archive.selftest.power_cuts import on_a_network_drive
from sfm_archive.selftest.work import job


def test_eight_savers_a_reader_and_an_exporter(folder: Path, tried: Callable[[str, int], None]) -> None:
    used = use_at_once(folder, events_each=60)
    tried("concurrent saves", used.saves)
    assert used.wrong == []
    assert used.saves == SAVERS * 60
    assert used.listings > 0
    assert used.exports > 0


def test_waiting_is_bounded_and_says_what_for(tmp_path: Path) -> None:
    path = tmp_path / "quarry.sfm"
    with sfm.create(path) as holder, sfm.open(path, wait_s=0.4) as waiting, holder.batch():
        job("first").save(holder)
        start = time.monotonic()
        with pytest.raises(Busy, match=r"quarry\.sfm: another program is writing .* nothing was changed\. Try again"):
            job("second").save(waiting)
        assert 0.3 < time.monotonic() - start < 5
        assert waiting.count() == 0, "readers do not wait"


TRY_TO_SAVE = """
import sys
import sfm_archive as sfm
from sfm_archive.selftest.power_cuts import on_a_network_drive
from sfm_archive.selftest.work import job
with on_a_network_drive(), sfm.open(sys.argv[1], wait_s=0.3) as archive:
    job("other process").save(archive)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks belong to a process; those of Windows to a handle")
def test_opening_an_archive_again_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    """Closing any handle drops all POSIX locks that a process has on a file, a running transaction's too."""
    path = tmp_path / "quarry.sfm"
    with on_a_network_drive(), sfm.create(path) as archive:
        with archive.batch():
            job("this process").save(archive)
            with sfm.open(path, read_only=True) as reader:
                assert reader.count() == 0
            other = subprocess.run(
                [sys.executable, "-c", TRY_TO_SAVE, path], capture_output=True, text=True, check=False
            )
            assert "Busy: " in other.stderr.splitlines()[-1]
        assert archive.count() == 1
