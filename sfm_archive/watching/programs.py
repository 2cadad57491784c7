"""The program that notices are given to: started without a shell, given one document, and ended after its time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from sfm_archive.base.texts import quoted
from sfm_archive.errors import UsageError
from sfm_archive.watching.notice import Notice
from sfm_archive.watching.started_group import StartedGroup

SECONDS: Final = 30.0
_KEPT: Final = 2000
"""Bytes of what a program says that are kept: the last ones."""

_SHELLS_FILES = (".bat", ".cmd")


def checked_program(arguments: Sequence[str]) -> tuple[str, ...]:
    """The program with its arguments, found as the system finds programs. Raises UsageError where it is not there, and
    for a batch file of Windows, which only a shell can run."""
    found = shutil.which(arguments[0])
    if found is None:
        raise UsageError(
            f"--notify: {quoted(arguments[0])} is no program that can be run here; give its path, without a shell's "
            "words, and its arguments behind it"
        )
    if found.lower().endswith(_SHELLS_FILES):
        raise UsageError(
            f"--notify: {quoted(arguments[0])} is a batch file, which runs in a shell, and none is used here; write "
            f"--notify cmd /d /c {Path(found).name}, or name a program"
        )
    # As it is found now: the working folder, and what lies in it, may change.
    return (str(Path(found).absolute()), *arguments[1:])


def run_program(arguments: Sequence[str], notice: Notice, seconds: float = SECONDS) -> str:
    """Give a notice to a program and wait until it ends, at most so long; '' where it ended well, else what is wrong.

    It inherits the environment, with SFM_NOTICE_ID and SFM_NOTICE_KIND; its standard input is the document. It gets a
    group of its own, so that Ctrl-C does not reach it, and is killed with that.
    """
    name = Path(arguments[0]).name
    own: dict[str, object] = {"start_new_session": True}
    if sys.platform == "win32":
        own = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    environment = {**os.environ, "SFM_NOTICE_ID": notice.id, "SFM_NOTICE_KIND": notice.kind.value}
    with tempfile.TemporaryFile() as document:
        document.write(notice.document)
        document.seek(0)
        try:
            process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - the user names it
                list(arguments),
                stdin=document,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                **own,
            )
        except (OSError, ValueError) as error:
            return f"{name} could not be started: {error}"
        group, said = StartedGroup(process), _LastSaid(process.stdout)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            group.kill()
            return f"{name} did not end within {seconds:g} s and was stopped{said.in_words}"
        except BaseException:
            group.kill()
            raise
        finally:
            group.close()
            said.close()
    # What a program left behind by intent, such as a mail on its way, goes on.
    return "" if code == 0 else f"{name} ended with {code}{said.in_words}"


class _LastSaid:
    """Reads what a program says until it has ended, and keeps the last of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._last = stream, b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while data := os.read(self._stream.fileno(), 1 << 16):
                self._last = (self._last + data)[-_KEPT:]

    @property
    def in_words(self) -> str:
        """Its last line, behind a colon; '' where it said nothing."""
        self._thread.join(1.0)
        lines = self._last.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f": {quoted(last)}" if last else ""

    def close(self) -> None:
        """A process that left the group may keep the pipe open: it is not waited for."""
        self._thread.join(1.0)
        if not self._thread.is_alive():
            self._stream.close()
