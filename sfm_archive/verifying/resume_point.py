"""Where a full verification is: so that it ends when its time is over, and goes on there another day.

The place is kept in a small JSON file in the user's cache folder, never in the archive or beside it: archives are
verified on media that can only be read, too. It is removed when the verification has come to its end.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from sfm_archive.base.json_records import as_json, from_json
from sfm_archive.errors import NotUsable, UsageError
from sfm_archive.files.failures import make_folder
from sfm_archive.files.writing import write_file
from sfm_archive.storage.integrity import Key
from sfm_archive.verifying.options import EVERYTHING, Share, VerifyOptions
from sfm_archive.verifying.report import COUNTED_IN_WALKS, Account, VerifyFinding

_FORMAT = "sfm-archive verification 1"
_KEPT_EVERY_S = 10.0


def default_state(archive: Path) -> Path:
    """The file that keeps the place of a verification of the archive at this path."""
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(os.fsencode(os.path.realpath(archive))).hexdigest()[:16]
    return cache / "sfm-archive" / f"verify-{name}.json"


class ResumePoint:
    """The place of one verification, and what earlier runs of it found."""

    def __init__(self, options: VerifyOptions, archive_id: str, account: Account) -> None:
        self._options = options
        self._archive_id = archive_id
        self._account = account
        self._earlier: list[VerifyFinding] = []
        self.share = options.share
        self._done: dict[str, list[int]] = {}
        self._began = self._kept = time.monotonic()
        self.checked = 0
        self.left = 0
        if options.resume and options.state is not None:
            self._read(options.state)

    @property
    def time_is_over(self) -> bool:
        """Whether the time given is used up. At least one thing is checked in every run."""
        limit = self._options.max_seconds
        return limit is not None and self.checked > 0 and time.monotonic() - self._began >= limit

    def takes(self, subject: str, key: Key) -> bool:
        """Whether to check this thing now: it is in the share, no earlier run has, and there is time."""
        if not self.share.takes((subject, *key)):
            return False
        done = self._done.get(subject)
        if done is not None and list(key) <= done:
            return False
        if self.time_is_over:
            self.left += 1
            return False
        return True

    def of_page(self, subject: str, keys: list[Key]) -> list[Key]:
        """Those of several things, in the order of their keys, that are to be checked now."""
        done = self._done.get(subject)
        if self.share.is_everything and self._options.max_seconds is None and (done is None or done < list(keys[0])):
            return keys
        return [key for key in keys if self.takes(subject, key)]

    def did(self, subject: str, keys: list[Key]) -> None:
        """These things, in the order of their keys, are checked."""
        if not keys:
            return
        self.checked += len(keys)
        self._done[subject] = list(keys[-1])
        if self._options.state is not None and time.monotonic() - self._kept > _KEPT_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Write the place down. A cache that cannot be written costs nothing but the place."""
        state = self._options.state
        if state is None:
            return
        self._kept = time.monotonic()
        document = {
            "format": _FORMAT,
            "archive_id": self._archive_id,
            "share": [self.share.low, self.share.high, self.share.seed, self.share.text],
            "done": self._done,
            "checked": {what: self._account.checked[what] for what in COUNTED_IN_WALKS},
            "findings": [as_json(finding) for finding in self._account.findings],
        }
        with suppress(NotUsable):
            make_folder(state.parent)
            write_file(state, json.dumps(document).encode("utf-8"), overwrite=True)

    def finish(self, complete: bool) -> None:
        """At the end: keep the place where something is left, forget it where nothing is."""
        self._account.findings[:0] = [f for f in self._earlier if f not in self._account.findings]
        if not complete:
            self.keep()
        elif self._options.state is not None:
            with suppress(OSError):
                self._options.state.unlink(missing_ok=True)

    def _read(self, state: Path) -> None:
        try:
            document = json.loads(state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return  # nothing to go on with: begin anew
        try:
            if document["format"] != _FORMAT or document["archive_id"] != self._archive_id:
                return
            low, high, seed, text = document["share"]
            share = Share(low=float(low), high=float(high), seed=str(seed), text=str(text))
            done = {str(subject): [int(part) for part in key] for subject, key in document["done"].items()}
            checked = {what: int(document["checked"][what]) for what in COUNTED_IN_WALKS}
            earlier = [from_json(VerifyFinding, plain) for plain in document["findings"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            return
        if self.share not in (EVERYTHING, share):
            raise UsageError(f"the unfinished verification is of {share.text}; give --resume without a share")
        self.share, self._done, self._earlier = share, done, earlier
        self._account.checked.update(checked)
