"""A process and all that it starts, to be killed together: a group of processes, on Windows a job object."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any


class StartedGroup:
    """What a process starts that was just started itself, with `start_new_session` where there are sessions."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._job: Any = None
        if sys.platform == "win32":
            import ctypes
            from ctypes import wintypes

            self._kernel = ctypes.WinDLL("kernel32")
            self._kernel.CreateJobObjectW.restype = wintypes.HANDLE
            self._kernel.CreateJobObjectW.argtypes = [wintypes.LPVOID, wintypes.LPCWSTR]
            self._kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
            self._kernel.TerminateJobObject.argtypes = [wintypes.HANDLE, wintypes.UINT]
            self._kernel.CloseHandle.argtypes = [wintypes.HANDLE]
            self._job = self._kernel.CreateJobObjectW(None, None)
            if self._job:
                self._kernel.AssignProcessToJobObject(self._job, int(process._handle))

    def kill(self) -> None:
        """End all of it at once, and wait for the first one."""
        if sys.platform == "win32":
            if self._job:
                self._kernel.TerminateJobObject(self._job, 1)
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Let go of it; what still runs runs on."""
        if sys.platform == "win32" and self._job:
            self._kernel.CloseHandle(self._job)
        self._job = None
