"""Archives moved, deleted or replaced at random moments while a process saves: it ends with an error that says so, and
what it had reported as saved is in the file, wherever that is now."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive.selftest.processes_at_work import ProcessesAtWork, missing_and_doubled, save_events
from sfm_archive.selftest.state import faults_of_content, faults_of_file

_ENDLESS = 1_000_000


@dataclass(slots=True)
class Moves:
    """How often an archive was taken away, how many saves had returned before, and what was wrong. `tried`: whether the
    system allows it."""

    tried: bool = True
    moves: int = 0
    saves: int = 0
    wrong: list[str] = field(default_factory=list)


def _moved(path: Path) -> Path:
    return path.rename(path.with_name("elsewhere.sfm"))


def _moved_with_its_folder(path: Path) -> Path:
    return path.parent.rename(path.parent.with_name(f"{path.parent.name} elsewhere")) / path.name


def _deleted(path: Path) -> Path:
    """Another name is given to it first, so that the trial can look into it."""
    kept = path.with_name("kept.sfm")
    os.link(path, kept)
    path.unlink()
    return kept


def _replaced(path: Path) -> Path:
    kept, other = path.with_name("kept.sfm"), path.with_name("other")
    os.link(path, kept)
    other.write_bytes(b"another file")
    other.replace(path)
    return kept


def _moved_and_another_put_there(path: Path) -> Path:
    other = path.with_name("other")
    sfm.create(other).close()
    kept = _moved(path)
    other.rename(path)
    return kept


def _moved_and_another_made(path: Path) -> Path:
    """As soon as the log is gone that is left at the path."""
    kept = _moved(path)
    _make_another(path)
    return kept


def _moved_with_its_log_and_another_made(path: Path) -> Path:
    kept = _moved(path)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):  # its program has seen the move already, and left none
            path.with_name(f"{path.name}{ending}").rename(kept.with_name(f"{kept.name}{ending}"))
    _make_another(path)
    return kept


def _make_another(path: Path) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            return sfm.create(path).close()
        except sfm.LeftOverLog:
            if time.monotonic() > end:
                raise
        time.sleep(0.005)


_WAYS: tuple[Callable[[Path], Path], ...] = (
    _moved,
    _moved_with_its_folder,
    _deleted,
    _replaced,
    _moved_and_another_put_there,
    _moved_and_another_made,
    _moved_with_its_log_and_another_made,
)


def move_and_check(folder: Path, moves: int, seed: int = 0, longest_s: float = 0.2) -> Moves:
    """Each way by turns, each on an archive of its own."""
    found = Moves(tried=sys.platform != "win32")
    random = Random(f"moves {seed}")
    while found.tried and found.moves < moves:
        way = _WAYS[found.moves % len(_WAYS)]
        place = folder / str(found.moves)
        place.mkdir()
        path = place / "quarry.sfm"
        sfm.create(path).close()
        processes = ProcessesAtWork(path)
        processes.start(save_events, "S", _ENDLESS)
        processes.receive_until_all_work(30)
        processes.receive(random.uniform(0, longest_s))
        there = way(path)
        processes.wait(60)
        where = f"{way.__name__.strip('_').replace('_', ' ')} after {processes.reported.saves} saves"
        found.moves += 1
        found.saves += processes.reported.saves
        told = processes.reported.errors
        if len(told) != 1 or "ArchiveMoved: " not in told[0]:
            found.wrong.append(f"{where}: the process said {told or 'nothing'}")
        with sfm.open(there):
            pass  # a log that moved along with the folder is taken over here
        wrong = missing_and_doubled(there, processes.reported.saved) + faults_of_file(there) + faults_of_content(there)
        wrong += [f"{left.name} lies there" for left in there.parent.iterdir() if left.name.startswith(f"{path.name}-")]
        if "another" in way.__name__:
            wrong += faults_of_file(path) + faults_of_content(path)
            with sfm.open(path) as other:
                wrong += [f"the other one has {other.count()} events"] if other.count() else []
        found.wrong += [f"{where}: {text}" for text in wrong]
    return found
