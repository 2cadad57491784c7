"""A pipe, a socket, a device or a folder in the place of a file: no command waits for it, reads it, or replaces it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sfm_archive.base.regular_files import NOT_A_FILE, read_file
from sfm_archive.cli import COMMANDS, main
from tests.cli.conftest import SFM

pytestmark = pytest.mark.posix("named pipes, sockets and devices")

ODD = ("pipe", "socket", "/dev/zero", "/dev/null", "folder")


@pytest.fixture
def odd(sfm):
    os.mkfifo("pipe")
    Path("folder").mkdir()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
        yield


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("demo", "completion")])
def test_no_command_waits_for_what_is_no_file(sfm, quarry, odd, calls_with, command):
    for arguments in [call for name in ODD for call in calls_with(command, name)]:
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
        assert stat.S_ISFIFO(os.lstat("pipe").st_mode) and stat.S_ISSOCK(os.lstat("socket").st_mode), arguments


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's own files")
@pytest.mark.parametrize("name", ["/proc/kmsg", "/proc/self/mem", "/proc/self/status"])
def test_what_the_kernel_shows_as_files_is_neither_read_nor_waited_for(sfm, quarry, name):
    """They look like regular files without a size. The kernel's messages are waited for without end."""
    if not os.access(name, os.R_OK):
        pytest.skip("not for this user")
    for arguments in (
        ["verify", name],
        ["compact", name],
        ["backup", name, "copy.sfm"],
        ["salvage", name, "copy.sfm"],
        ["merge", quarry, name],
        ["list", quarry, "--above", name],
        ["check-report", name],
        ["check-file", name, "--report", name],
        ["import", quarry, name],
    ):
        done = subprocess.run([*SFM, *arguments], capture_output=True, text=True, check=False, timeout=20)
        assert done.returncode in (1, 2, 6) and "Traceback" not in done.stderr, (arguments, done.stderr)


@pytest.mark.parametrize("name", ["pipe", "socket", "/dev/zero"])
def test_a_decision_about_a_file_reads_files_alone(sfm, quarry, odd, name):
    for option in ("--leave-out", "--take-again"):
        said = sfm.error("import", quarry, option, name, "--reason", "no event", code=6)
        assert said.startswith(f"{name} cannot be read: it is a folder, device, pipe or socket, not a regular file; ")


def test_a_pipe_that_takes_the_place_of_a_file_after_the_look_at_it_is_not_waited_for(sfm):
    """It is exchanged again and again meanwhile; one that is waited for would hold this until the time limit."""
    code = (
        "import os\n"
        "while True:\n"
        "    open('new', 'w').close(); os.rename('new', 'name'); os.mkfifo('new'); os.rename('new', 'name')\n"
    )
    Path("name").touch()
    exchanging = subprocess.Popen([sys.executable, "-c", code], cwd=sfm.folder)
    try:
        met = set()
        for _ in range(3000):
            try:
                met.add(read_file(Path("name")))
            except OSError as error:
                met.add(error.strerror)
        assert met <= {b"", NOT_A_FILE}
    finally:
        exchanging.kill()
        exchanging.wait()
