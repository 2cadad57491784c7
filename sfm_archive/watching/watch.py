"""The whole watch: folders are looked at, what has settled is imported a batch at a time, and what is due is told.

One thread and one loop. The archive is open only for each batch, each look for what is due, and each note of a notice,
so that others can work with it between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from sfm_archive.archive import Archive
from sfm_archive.errors import ArchiveMoved, ArchiveNotFound, Busy, Damaged, SfmError, StorageFailed
from sfm_archive.importing import ImportItem, ImportOptions, ImportReport, import_sources
from sfm_archive.importing.bundles import bundle_files
from sfm_archive.limits.verdicts import Limits
from sfm_archive.watching.changes_heard import ChangesHeard
from sfm_archive.watching.folders import Folders, Turn, seen_at, why_unreadable
from sfm_archive.watching.notice import Notice
from sfm_archive.watching.programs import SECONDS
from sfm_archive.watching.sending import Sender
from sfm_archive.watching.settling import Ready, Settling

_MOST_FILES: Final = 500
"""Of one import: between two the archive is closed, and whoever ended the watch is heard."""

_TICK_S: Final = 2.0
_UNITS_EVERY_S: Final = 600.0
_FIRST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 60.0
_PASSES = (Busy, ArchiveNotFound, ArchiveMoved, StorageFailed)
"""What may be otherwise later: another program writes, the archive's drive is away, a disk is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How to watch. `settle_s`: for how long a file must not have changed. `rescan_s`: how often everything is looked
    at, whatever was heard. `poll`: the folders' files are compared again and again, since their file system tells of no
    changes. `once`: what is there is taken, then it ends. `program`: what notices are given to, with its arguments,
    empty for none; `program_s`: how long it may take. `silent_after_s`: how long nothing comes of a unit that is
    silent, None where that is not told. `limits`: for events whose point has none. `importing`: as for an import."""

    settle_s: float = 5.0
    rescan_s: float = 600.0
    poll: bool = False
    once: bool = False
    program: tuple[str, ...] = ()
    program_s: float = SECONDS
    silent_after_s: float | None = None
    limits: Limits = field(default_factory=lambda: Limits(()))
    importing: ImportOptions = field(default_factory=ImportOptions)


class WatchHeard(Protocol):
    """What hears of a watch while it runs."""

    def imported(self, report: ImportReport) -> None:
        """Files were imported."""

    def sent(self, notice: Notice) -> None:
        """A notice went out."""

    def told(self, sentence: str) -> None:
        """Something that somebody should know: once for each time that it begins or ends."""


@dataclass(slots=True, kw_only=True)
class WatchReport:
    """A watch that has ended. `imports`: how many there were; `files`: of how many files; `rejected`: how many of these
    were not taken, or not all of them; `sent`: how many notices went out; `not_sent`: whether one is known to be due
    that did not; `not_taken`: files that were left, as they could not be read."""

    imports: int = 0
    files: int = 0
    rejected: int = 0
    sent: int = 0
    not_sent: bool = False
    not_taken: list[str] = field(default_factory=list)


def watch(
    path: Path,
    folders: Sequence[Path],
    opened: Callable[[], Archive],
    options: WatchOptions,
    heard: WatchHeard,
    stop: Event,
) -> WatchReport:
    """Import what comes into folders until `stop` is set, or with `once` what is there. `path`: of the archive, which
    `opened` opens for changes; `stop` may be set by a signal, and is looked at between two batches.

    Raises NotFound for a folder that is not there at the beginning, NotInstalled, and what opening the archive raises
    where that does not pass by itself.
    """
    running = _Watch(path, folders, opened, options, heard, stop)
    try:
        running.begin()
        running.run()
    finally:
        running.close()
    return running.report


class _Watch:
    def __init__(
        self,
        path: Path,
        folders: Sequence[Path],
        opened: Callable[[], Archive],
        options: WatchOptions,
        heard: WatchHeard,
        stop: Event,
    ) -> None:
        self.report = WatchReport()
        self._options, self._heard, self._stop, self._opened = options, heard, stop, opened
        self._folders = Folders(folders, path)
        self._settling = Settling(options.settle_s)
        self._sender = None
        if options.program:
            self._sender = Sender(options.program, options.program_s, options.limits, options.silent_after_s, self)
        poll = options.poll or self._folders.any_on_network
        self._polls = poll
        self._changes = ChangesHeard([] if options.once else self._folders.there, poll=poll)
        self._next_look = self._next_units = self._archive_not_before = 0.0
        self._archive_trouble = self._not_found = ""
        self._archive_failures = 0
        self._came = True
        self._said_of_folders: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """See that everything can be used, while somebody is there to hear that it cannot."""
        with self._opened() as archive:
            if self._sender is not None:
                self._sender.begin(archive)
        if self._polls and not self._options.poll and not self._options.once:
            self.told("a folder is on a network drive: its files are looked at every 2 s, for nothing tells of changes")
        if self._changes.why_polled:
            self.told(f"files are looked at every 2 s, for the system tells of no changes ({self._changes.why_polled})")

    def close(self) -> None:
        self._changes.close()

    def run(self) -> None:
        """Until `stop` is set; with `once` until everything that is there was taken, told or given up."""
        while not self._stop.is_set():
            self._look()
            self._take()
            self._send()
            if self._options.once and self._is_done():
                break
            self._listen()
        behind = self._sender is not None and self._sender.is_behind
        self.report.not_sent = behind or bool(self._not_found)

    def _is_done(self) -> bool:
        return not self._archive_trouble and not self._settling.will_be_ready()

    def _listen(self) -> None:
        waiting = self._settling.waiting()
        seconds = min(_TICK_S, max(0.05, self._options.settle_s / 5)) if waiting else _TICK_S
        if self._options.silent_after_s is not None:
            seconds = min(seconds, max(0.05, self._options.silent_after_s / 4))
        heard = self._changes.wait(seconds, self._stop)
        known = {path: seen_at(path) for path in self._settling.waiting()}
        self._settling.look(time.monotonic(), known | self._folders.files_at(sorted(heard - known.keys())))

    def _look(self) -> None:
        """Whether the folders are there; and into all of each that came back, or was not looked into for a while."""
        turns = self._folders.turns()
        for folder, turn in turns:
            if turn is not Turn.BACK:
                self._settling.forget_waiting(folder)
            self.told(_TURNS[turn].format(folder))
        if turns:
            self._changes.close()
            self._changes = ChangesHeard([] if self._options.once else self._folders.there, poll=self._polls)
        now = time.monotonic()
        due = now >= self._next_look
        if due:
            self._next_look = now + self._options.rescan_s
        back = {folder for folder, turn in turns if turn is not Turn.AWAY}
        for folder in self._folders.there:
            if due or folder in back:
                self._look_into(folder)

    def _look_into(self, folder: Path) -> None:
        everything = self._folders.everything(folder)
        if everything is None:
            return
        found, items = everything
        self._settling.look(time.monotonic(), found)
        self._settling.forget_others(folder, found)
        for item in items:
            self._say_of_folder(item)

    def _say_of_folder(self, item: ImportItem) -> None:
        known = (item.path, item.message)
        if known not in self._said_of_folders and item.outcome.value == "rejected":
            self._said_of_folders.add(known)
            self.told(f"{item.path}: {item.message}")

    def _take(self) -> None:
        """Import what has settled and can be read."""
        now = time.monotonic()
        for left in self._settling.left(now):
            self.told(f"{left.path} is left: {left.why}")
            self.report.not_taken.append(str(left.path))
        if now < self._archive_not_before:
            return
        ready = []
        for one in self._settling.ready(now):
            why = why_unreadable(one.path)
            if not why:
                ready.append(one)
            elif self._settling.cannot_be_read(one.path, now):
                self.told(f"{one.path} cannot be read ({why}); it is tried again until it can")
                self.report.not_taken.append(str(one.path))
        for batch in batches_of(ready):
            if self._stop.is_set() or not self._import(batch):
                return

    def _import(self, batch: list[Ready]) -> bool:
        """Import files together; False where the archive cannot be used now."""
        there = [one for one in batch if one.path.exists()]
        if not there:
            return True
        try:
            with self._opened() as archive:
                report = import_sources(archive, [one.path for one in there], self._options.importing)
                # What the system could not give meanwhile, as when a drive went away, is not what was rejected.
                unread = {item.path for item in report.rejected if why_unreadable(Path(item.path))}
                refused = tuple(item for item in report.rejected if item.path not in unread)
                if self._sender is not None:
                    self._sender.remember_rejected(archive, refused, report)
        except _PASSES as error:
            self._wait_for_archive(error)
            return False
        self._archive_is_back()
        now = time.monotonic()
        for one in there:
            if str(one.path) in unread:
                self._settling.cannot_be_read(one.path, now)
            else:
                self._settling.take(one)
        self._came = True
        self.report.imports += 1
        self.report.files += report.files_found
        self.report.rejected += len(refused) + len(report.rejected_in_part()) + len(report.waiting_damaged)
        self._heard.imported(report)
        return True

    def _send(self) -> None:
        sender, now = self._sender, time.monotonic()
        if sender is None or sender.is_pausing(now) or now < self._archive_not_before:
            return
        every = min(_UNITS_EVERY_S, max(0.2, (self._options.silent_after_s or _UNITS_EVERY_S) / 4))
        if not (self._came or sender.is_behind or now >= self._next_units):
            return
        self._came, self._next_units = False, now + every
        try:
            sender.send_all(self._opened, time.monotonic, self._stop)
        except _PASSES as error:
            self._came = True
            self._wait_for_archive(error)
            return
        except Damaged as error:
            # Files are taken all the same; whoever hears this decides.
            if not self._not_found:
                self.told(f"what is to be told cannot be found: {error}")
            self._not_found = str(error)
            return
        self._not_found = ""
        self._archive_is_back()

    def _wait_for_archive(self, error: SfmError) -> None:
        if self._options.once:
            raise error
        if not self._archive_trouble:
            self.told(f"{error}; it is tried again until it can be used")
        self._archive_trouble = str(error)
        self._archive_not_before = time.monotonic() + min(_FIRST_PAUSE_S * 2**self._archive_failures, _LONGEST_PAUSE_S)
        self._archive_failures += 1

    def _archive_is_back(self) -> None:
        if self._archive_trouble:
            self.told("the archive can be used again")
        self._archive_trouble, self._archive_failures, self._archive_not_before = "", 0, 0.0

    def sent(self, notice: Notice) -> None:
        """A notice went out."""
        self.report.sent += 1
        self._heard.sent(notice)

    def told(self, sentence: str) -> None:
        """Hand on what somebody should know."""
        self._heard.told(sentence)


_TURNS = {
    Turn.AWAY: "{} is away; it is looked into again when it is back",
    Turn.BACK: "{} is back; everything in it is looked at",
    Turn.ANOTHER: "{} is another folder than before, as where a drive was taken off or put on; all of it is looked at",
}


def batches_of(ready: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Files for one import each, those of one event together."""
    by_path = {one.path: one for one in ready}
    batch: list[Ready] = []
    for bundle in bundle_files(by_path):
        if batch and len(batch) + len(bundle) > _MOST_FILES:
            yield batch
            batch = []
        batch += [by_path[path] for path in bundle]
    if batch:
        yield batch
