"""`sfm watch`: ended by signals, its program's arguments, what it prints, and its exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sfm_archive.demo import captures

KEEPS = "import sys; open('told', 'ab').write(sys.stdin.buffer.read()); open('words', 'w').write(repr(sys.argv[1:]))"
ONCE = ["--once", "--settle", "0.1s"]


@pytest.fixture
def incoming(sfm) -> Path:
    """A folder that a program writes into, in which nothing is yet; `new.sfm` is empty."""
    sfm("create", "new.sfm")
    folder = sfm.folder / "incoming"
    folder.mkdir()
    return folder


@pytest.mark.posix("signals to one process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ended_by_a_signal_with_exit_code_0(sfm, incoming, number):
    command = [sys.executable, "-m", "sfm_archive", "watch", "new.sfm", "incoming", "--settle", "0.2s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        try:
            (incoming / captures()[0].name).write_bytes(captures()[0].read_bytes())
            assert watching.stdout is not None
            line = watching.stdout.readline()
            watching.send_signal(number)
            said, errors = watching.communicate(timeout=40)
        finally:
            watching.kill()
    assert "  imported 1 file: 1 new; 2 new events\n" in line and said == ""
    assert watching.returncode == 0 and errors.endswith("ended: 1 import of 1 file, 0 notices sent\n")
    assert [path.name for path in sfm.folder.glob("new.sfm*")] == ["new.sfm"]
    assert sfm.json("verify", "new.sfm")["ok"]


def test_a_program_is_told_by_the_published_schema_with_its_own_arguments(sfm, incoming, closed):
    arguments = ["new.sfm", "incoming", *ONCE, "--limits", "0.01in/s", "--notify", sys.executable, "-c", KEEPS]
    own = ["--help", "--once", "--", "a b"]
    sfm("watch", *arguments, *own)
    assert not Path("told").exists()
    for capture in captures():
        (incoming / capture.name).write_bytes(capture.read_bytes())
    (incoming / "odd.bin").write_bytes(b"nothing" * 40)
    done = sfm("watch", *arguments, *own, code=1)
    documents = [json.loads(line) for line in Path("told").read_bytes().splitlines()]
    for document in documents:
        closed("watch", document)
    assert {one["kind"] for one in documents} >= {"above limit", "rejected"}
    assert Path("words").read_text() == repr(own)
    imported, *told = done.stdout.splitlines()
    assert "  imported 4 files: " in imported and all("  told: " in line for line in told)
    assert len(told) == len(documents) == len({one["id"] for one in documents})
    assert "rejected: " in done.stderr
    again = sfm("watch", *arguments, *own, code=1)
    assert "told" not in again.stdout and len(Path("told").read_bytes().splitlines()) == len(documents)


def test_what_cannot_be_right_is_said_before_anything_is_watched(sfm, incoming):
    assert "name it: --notify" in sfm.usage_error("watch", "new.sfm", "incoming", "--silent-after", "26h")
    assert "such as 5s or 26h" in sfm.usage_error("watch", "new.sfm", "incoming", "--settle", "5")
    assert "at least 0.1s" in sfm.usage_error("watch", "new.sfm", "incoming", "--settle", "0s")
    assert "requires an argument" in sfm("watch", "new.sfm", "incoming", "--notify", code=2).stderr
    said = sfm.error("watch", "new.sfm", "incoming", "--notify", "no such program", code=2)
    assert said.startswith("--notify: 'no such program' is no program that can be run here")
    assert "gone is no folder that is there" in sfm.error("watch", "new.sfm", "incoming", "gone", code=3)
    assert "does not exist" in sfm.error("watch", "none.sfm", "incoming", code=3)
    assert not Path("none.sfm").exists()


def test_an_archive_that_is_busy_when_it_begins_ends_it(sfm, incoming):
    import sfm_archive

    with sfm_archive.open("new.sfm") as archive, archive.batch():
        begun = time.monotonic()
        (incoming / "x.bin").write_bytes(b"x" * 10)
        sfm("watch", "new.sfm", "incoming", *ONCE, "--wait", "0.2", code=4)
    assert time.monotonic() - begun < 20


@pytest.mark.skipif(sys.platform != "win32", reason="consoles of Windows")
@pytest.mark.parametrize("number", ["SIGINT", "SIGBREAK"])
def test_ctrl_c_and_ctrl_break_of_a_console_end_it_with_exit_code_0(sfm, incoming, number):
    program = (
        f"import signal, threading; threading.Timer(3, signal.raise_signal, [signal.{number}]).start()\n"
        "from sfm_archive.cli import main; main(['watch', 'new.sfm', 'incoming'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0 and done.stderr.splitlines()[-1].startswith("ended: 0 imports of 0 files")
