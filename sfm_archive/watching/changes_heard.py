"""What the system tells of changes in folders, by the package watchfiles. Anything may be missed: looks at everything
make up for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sfm_archive.base.extras import optional_packages

POLL_MS: Final = 2000
_GATHER_MS: Final = 300
_STEP_MS: Final = 50


class ChangesHeard:
    """Listens to some folders. `poll`: by looking at every file again and again, where the file system tells nothing;
    `why_polled`: why that is done although nobody asked for it, else ''."""

    def __init__(self, folders: Sequence[Path], *, poll: bool) -> None:
        self._folders = list(folders)
        self._poll = poll
        self.why_polled = ""
        self._notify: Any = None
        self._open()

    def _open(self) -> None:
        if not self._folders:
            return
        with optional_packages("sfm watch"):
            from watchfiles._rust_notify import RustNotify

        paths = [str(path) for path in self._folders]
        try:
            self._notify = RustNotify(paths, False, self._poll, POLL_MS, True, True)
        except OSError as error:
            if self._poll:
                self._notify = None  # the next look at the folders says what is with them
                return
            # No more watches are to be had (Linux: fs.inotify.max_user_watches), or the file system has none.
            self.why_polled, self._poll = str(error), True
            self._open()

    def wait(self, seconds: float, stop: threading.Event) -> set[Path]:
        """Up to so many seconds: the paths of which something was heard, none where nothing was or `stop` is set."""
        if self._notify is None:
            stop.wait(seconds)
            return set()
        try:
            heard = self._notify.watch(_GATHER_MS, _STEP_MS, max(1, round(seconds * 1000)), stop)
        except (OSError, RuntimeError):
            self.close()
            self._open()
            stop.wait(seconds)
            return set()
        return {Path(path) for _, path in heard} if isinstance(heard, set) else set()

    def close(self) -> None:
        """Hear nothing more."""
        if self._notify is not None:
            self._notify.close()
        self._notify = None
