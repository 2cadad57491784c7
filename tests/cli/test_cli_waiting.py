"""A command that waits for another program says so on standard error, and Ctrl-C ends it at once."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sfm_archive.base.waiting import Holder, Wait
from sfm_archive.cli.opening import telling_each_wait_once
from sfm_archive.cli.progress_bar import SILENT_FOR_S, progress_on_terminal
from sfm_archive.demo import captures
from tests.cli.conftest import SFM

HOLDS_A_WRITE_LOCK = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.pragma("journal_mode", "wal")
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@contextmanager
def another_program(archive: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDS_A_WRITE_LOCK, archive]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "locked\n"
            yield holder
        finally:
            holder.communicate("\n")


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [*SFM, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()  # or a test that fails would wait as long as the command was told to


def test_one_line_says_what_is_waited_for_and_the_data_stay_clean(sfm, quarry):
    importing = ("import", quarry, captures()[0], "--json", "--wait", "100")
    with another_program(quarry) as holder, started(*importing) as command:
        assert command.stderr is not None
        line = command.stderr.readline()
        holder.kill()
        out, rest = command.communicate(timeout=60)
    assert line.startswith("quarry.sfm: ")
    assert line.endswith("; waiting up to 100 s, Ctrl-C stops\n")
    if sys.platform == "linux" and Path("/proc/locks").exists():
        assert f"(process {holder.pid}) is writing; waiting" in line
    assert command.returncode == 0
    assert json.loads(out)["totals"]
    assert "waiting up to" not in rest


@pytest.mark.posix("Windows has no Ctrl-C for one process of a console")
def test_ctrl_c_ends_the_wait_at_once(sfm, quarry):
    with another_program(quarry), started("encoders", quarry, "--pin", "blastware@1", "--wait", "1000") as command:
        assert command.stderr is not None
        assert "Ctrl-C stops" in command.stderr.readline()
        command.send_signal(signal.SIGINT)
        out, rest = command.communicate(timeout=20)
    assert (command.returncode, out) == (130, "")
    assert "Interrupted" in rest
    assert sfm.json("info", quarry)["pinned_encoder"] == "blastware@2"


def test_the_same_wait_before_each_of_many_batches_is_told_once(capsys):
    told = telling_each_wait_once()
    for process in (7, 7, 8):
        told(Wait(path=Path("quarry.sfm"), up_to_s=30.0, holders=(Holder(process, "sfm", True),)))
    assert [line.partition(" is ")[0] for line in capsys.readouterr().err.splitlines()] == [
        "quarry.sfm: sfm (process 7)",
        "quarry.sfm: sfm (process 8)",
    ]


def test_the_line_does_not_run_into_a_bar_that_is_drawn(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("sfm_archive.cli.progress_bar.SILENT_FOR_S", SILENT_FOR_S - 2)
    with progress_on_terminal("importing") as progress:
        progress(1, 2)
        telling_each_wait_once()(Wait(path=Path("quarry.sfm"), up_to_s=30.0))
    lines = terminal.getvalue().split("\r")
    assert lines[1].startswith("importing [")
    assert lines[2].isspace() and len(lines[2]) == len(lines[1])
    assert lines[3] == "quarry.sfm: another program is using it; waiting up to 30 s, Ctrl-C stops\n"
