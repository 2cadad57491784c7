"""Many processes on one archive at once: savers, readers, exporters. And what they reported against what is there.

A saver reports, through a pipe, the number of every event whose save has returned. Whatever happens to it afterwards,
what it has reported must be in the archive, exactly once.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import sfm_archive as sfm
from sfm_archive.archive.finding import ids_by_name
from sfm_archive.selftest.work import job

SMALL = 4
"""Intervals in each event: so that savers often save at the same time."""


class Message(NamedTuple):
    """What a process reports: `saved` a number, `turn` of a reader, `error` a text, or `done` at its end."""

    what: str
    value: Any


Work = Callable[[Path, str, int, Callable[[Message], None]], None]


def save_events(path: Path, seed: str, count: int, report: Callable[[Message], None]) -> None:
    """Save `count` events, each in a transaction of its own; in an open archive, closed at the end."""
    with sfm.open(path) as archive:
        for number in range(count):
            one = job(f"{seed} {number}", intervals=SMALL)
            archive.save(one.event, one.frames, names=[f"{seed}.{number}"])
            report(Message("saved", number))


def save_and_reopen(path: Path, seed: str, count: int, report: Callable[[Message], None]) -> None:
    """As above, with the archive opened and closed around every third save: a program that is started often."""
    for start in range(0, count, 3):
        with sfm.open(path) as archive:
            for number in range(start, min(start + 3, count)):
                one = job(f"{seed} {number}", intervals=SMALL)
                archive.save(one.event, one.frames, names=[f"{seed}.{number}"])
                report(Message("saved", number))


def list_events(path: Path, seed: str, count: int, report: Callable[[Message], None]) -> None:
    """List again and again, opened anew now and then; the list only ever grows."""
    before, number = 0, 0
    while number < count:
        with sfm.open(path, read_only=True) as archive:
            for _ in range(5):
                found = [row.event_id for row in archive.events()]
                if len(found) < before or len(set(found)) != len(found):
                    raise AssertionError(f"{seed}: {before} events were listed, then {len(found)}")
                before, number = len(found), number + 1
                report(Message("turn", before))
                time.sleep(0.002)


def export_events(path: Path, seed: str, count: int, report: Callable[[Message], None]) -> None:
    """Export everything, again and again into one folder."""
    with tempfile.TemporaryDirectory(prefix=f"export-{seed}-") as folder:
        for number in range(count):
            with sfm.open(path, read_only=True) as archive:
                archive.export(folder)
            report(Message("turn", number))


class _Going(NamedTuple):
    seed: str
    process: BaseProcess
    pipe: Connection


@dataclass(slots=True)
class Reported:
    """What processes reported: numbers of saved events by seed, turns of readers, errors, and who came to the end."""

    saved: dict[str, list[int]] = field(default_factory=dict)
    turns: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)

    def note(self, seed: str, message: Message) -> None:
        """One thing more."""
        match message.what:
            case "saved":
                self.saved.setdefault(seed, []).append(message.value)
            case "turn":
                self.turns[seed] += 1
            case "error":
                self.errors.append(f"{seed}: {message.value}")
            case _:
                self.finished.add(seed)

    @property
    def at_work(self) -> set[str]:
        """Who has reported anything."""
        return self.saved.keys() | self.turns.keys()

    @property
    def saves(self) -> int:
        """How many saves were reported to have returned."""
        return sum(map(len, self.saved.values()))


class ProcessesAtWork:
    """Processes at work on the archive at `path`, and what they report."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reported = Reported()
        self._going: list[_Going] = []
        self._context = _context()

    def start(self, work: Work, seed: str, count: int) -> None:
        """One process more; `seed` names it and makes its events."""
        mine, its = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(work, self.path, seed, count, its), daemon=True)  # type: ignore[attr-defined]
        process.start()
        its.close()
        self._going.append(_Going(seed, process, mine))

    def receive(self, seconds: float) -> None:
        """Take in what is reported, for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            pipes = [going.pipe for going in self._going if not going.pipe.closed]
            if not pipes:
                return
            for ready in multiprocessing.connection.wait(pipes, timeout=left):
                self._take(next(going for going in self._going if going.pipe is ready))

    def receive_until_all_work(self, seconds: float) -> None:
        """Until each has saved something or come round once, or the time is up."""
        end = time.monotonic() + seconds
        names = {going.seed for going in self._going}
        while names - self.reported.at_work and time.monotonic() < end and not self.reported.errors:
            self.receive(0.01)

    def _take(self, going: _Going) -> None:
        try:
            self.reported.note(going.seed, going.pipe.recv())
        except (EOFError, OSError):
            going.pipe.close()

    def kill(self, seeds: Sequence[str]) -> int:
        """End processes at once, wherever they are; how many of them were still at work."""
        chosen = [going for going in self._going if going.seed in seeds and going.process.is_alive()]
        for going in chosen:
            going.process.kill()
        return len(chosen)

    def wait(self, seconds: float = 300.0) -> None:
        """Until all have ended and everything they reported is taken in."""
        end = time.monotonic() + seconds
        while any(not going.pipe.closed for going in self._going):
            if time.monotonic() > end:
                self.reported.errors.append(f"after {seconds:.0f} s some were still waiting")
                self.kill([going.seed for going in self._going])
                break
            self.receive(0.5)
        for going in self._going:
            going.process.join(10)
        self._going.clear()


def _context() -> BaseContext:
    if os.name == "nt":
        return multiprocessing.get_context("spawn")
    # Fork from a clean process that has the archive imported already: hundreds of starts cost little.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _work(work: Work, path: Path, seed: str, count: int, pipe: Connection) -> None:
    try:
        work(path, seed, count, pipe.send)
        pipe.send(Message("done", None))
    except BaseException as error:  # noqa: BLE001 - all of it is reported
        pipe.send(Message("error", f"{type(error).__name__}: {error}"))


def missing_and_doubled(path: Path, saved: dict[str, list[int]]) -> list[str]:
    """What was reported as saved and is not there exactly once, frame by frame."""
    wrong = []
    with sfm.open(path, read_only=True) as archive:
        at = Counter(row.name for row in archive.events())
        for seed, numbers in saved.items():
            for number in numbers:
                name = f"{seed}.{number}"
                if at[name] != 1:
                    wrong.append(f"{name} was saved and is there {at[name]} times")
                    continue
                (event_id,) = ids_by_name(archive.store, name)
                if archive.frames(event_id) != job(f"{seed} {number}", intervals=SMALL).frames:
                    wrong.append(f"{name} holds other frames than were saved")
    return wrong
