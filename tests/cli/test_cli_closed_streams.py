"""Standard output or standard error that is closed, or that nobody takes in, changes nothing of what a command does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import SFM

pytestmark = pytest.mark.posix("a shell closes the streams")

CLOSED = {
    "standard output": ">&-",
    "standard error": "2>&-",
    "all three": "<&- >&- 2>&-",
    "a full disk behind standard error": "2>/dev/full",
}

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")


def run(redirected: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", "-c", f'"$@" {redirected}', "sh", *SFM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@needs_full
@pytest.mark.parametrize("closed", CLOSED)
def test_a_command_does_its_work(quarry, sfm, closed):
    how = CLOSED[closed]
    before = Path(quarry).stat().st_size
    for arguments in (
        ("list", quarry),
        ("export", quarry, "out", "1"),
        ("backup", quarry, "copy.sfm"),
        ("review", quarry, "1", "--reason", "blast log", "--false-trigger"),
    ):
        done = run(how, *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (arguments, done.stderr)
    assert len(list((sfm.folder / "out").rglob("*.C00H"))) == 1
    assert (sfm.folder / "copy.sfm").stat().st_size >= before
    assert sfm.json("verify", quarry)["ok"]
    assert sfm.json("verify", "copy.sfm")["ok"], "nothing was printed into a file that took the number of a stream"


@needs_full
@pytest.mark.parametrize("closed", CLOSED)
def test_an_error_keeps_its_exit_code(sfm, quarry, closed):
    assert run(CLOSED[closed], "list", "not there.sfm").returncode == 3
    assert run(CLOSED[closed], "backup", quarry, quarry).returncode == 6


def test_a_reader_of_errors_who_left_does_not_make_an_error_a_success(sfm, quarry):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([*SFM, "list", "not there.sfm"], stderr=writing, check=False, timeout=60)
    finally:
        os.close(writing)
    assert done.returncode == 3


@needs_full
@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("arguments", [["nosuch"], ["--nosuch"], ["list"], ["list", "--limit", "x", "a.sfm"], []])
def test_a_call_that_cannot_be_right_keeps_its_exit_code(sfm, closed, arguments):
    assert run(CLOSED[closed], *arguments).returncode == 2


@needs_full
@pytest.mark.parametrize(
    "arguments", [["list"], ["list", "--json"], ["list", "--csv"], ["verify"], ["history", "--json"]]
)
def test_data_that_finds_no_room_is_told_with_its_exit_code(quarry, arguments):
    done = run(">/dev/full", arguments[0], quarry, *arguments[1:])
    assert (done.returncode, "Traceback" in done.stderr) == (6, False)
    assert "standard output: No space left on device; free some space and try again" in done.stderr
