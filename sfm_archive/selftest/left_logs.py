"""Logs of killed writers at paths from which their archive was moved: they get into no archive that is made there, or
put there, and are taken over when they are with their own again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.selftest.processes_at_work import ProcessesAtWork, missing_and_doubled, save_events
from sfm_archive.selftest.state import faults_of_content, faults_of_file, read_state
from sfm_archive.selftest.work import job

_ENDLESS = 1_000_000
_ENDINGS = ("-wal", "-shm")


@dataclass(slots=True)
class LeftLogs:
    """How many logs were left, what was saved before, how often something was refused beside them, and what was
    wrong."""

    logs: int = 0
    saves: int = 0
    refusals: int = 0
    wrong: list[str] = field(default_factory=list)


def _create(_: Path, path: Path) -> None:
    sfm.create(path).close()


def _backup(older: Path, path: Path) -> None:
    with sfm.open(older, read_only=True) as archive:
        archive.backup(path)


def _seal(older: Path, path: Path) -> None:
    with sfm.open(older, read_only=True) as archive:
        archive.seal(path)


def _salvage(older: Path, path: Path) -> None:
    salvage(older, path)


def _copy(older: Path, path: Path) -> None:
    """By other means, and opened then."""
    path.write_bytes(older.read_bytes())
    try:
        sfm.open(path).close()
    finally:
        if path.read_bytes() != older.read_bytes():
            raise AssertionError("the copy was altered")
        path.unlink()


def _copy_to_read(older: Path, path: Path) -> None:
    path.write_bytes(older.read_bytes())
    try:
        sfm.open(path, read_only=True).close()
    finally:
        path.unlink()


_WAYS: tuple[Callable[[Path, Path], None], ...] = (_create, _backup, _seal, _salvage, _copy, _copy_to_read)


def leave_logs_and_check(folder: Path, logs: int, seed: int = 0, longest_s: float = 0.2) -> LeftLogs:
    """A writer is killed at a random moment, its archive is moved without the log, and every way that gives the path
    to another archive is tried."""
    found = LeftLogs()
    random = Random(f"left logs {seed}")
    older = folder / "older.sfm"
    with sfm.create(older) as archive:
        job("older").save(archive)
    while found.logs < logs:
        place = folder / str(found.logs)
        place.mkdir()
        path = place / "quarry.sfm"
        sfm.create(path).close()
        processes = ProcessesAtWork(path)
        processes.start(save_events, "S", _ENDLESS)
        processes.receive_until_all_work(30)
        processes.receive(random.uniform(0, longest_s))
        processes.kill(["S"])
        processes.wait(60)
        there = path.rename(place / "broken.sfm")
        found.logs += 1
        found.saves += processes.reported.saves
        where = f"a log left after {processes.reported.saves} saves"
        found.wrong += [f"{where}: {text}" for text in _try_all(older, path, found)]
        for ending in _ENDINGS:
            path.with_name(f"{path.name}{ending}").rename(there.with_name(f"{there.name}{ending}"))
        with sfm.open(there):
            pass
        wrong = missing_and_doubled(there, processes.reported.saved) + faults_of_file(there) + faults_of_content(there)
        _backup(older, path)
        if read_state(path) != read_state(older):
            wrong.append("the backup that was made behind it is another")
        found.wrong += [f"{where}: {text}" for text in wrong]
    return found


def _try_all(older: Path, path: Path, found: LeftLogs) -> list[str]:
    left = {ending: path.with_name(f"{path.name}{ending}").read_bytes() for ending in _ENDINGS}
    wrong = []
    for way in _WAYS:
        name = way.__name__.strip("_").replace("_", " ")
        try:
            way(older, path)
            wrong.append(f"{name} was not refused")
        except sfm.LeftOverLog:
            found.refusals += 1
        except Exception as error:  # noqa: BLE001 - all of it is reported
            wrong.append(f"{name}: {type(error).__name__}: {error}")
        if path.exists():
            wrong.append(f"{name}: something was made")
            path.unlink()
        if left != {ending: path.with_name(f"{path.name}{ending}").read_bytes() for ending in _ENDINGS}:
            wrong.append(f"{name}: what was left is another now")
    return wrong
