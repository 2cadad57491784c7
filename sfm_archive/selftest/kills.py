"""Processes killed at random moments while they save and read, and nothing lost of what they had saved."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive.selftest.processes_at_work import (
    ProcessesAtWork,
    list_events,
    missing_and_doubled,
    save_and_reopen,
    save_events,
)
from sfm_archive.selftest.state import faults_of_content, faults_of_file

_WRITERS = 3
_ENDLESS = 1_000_000


@dataclass(slots=True)
class Kills:
    """How many processes were killed in the midst of work, what they had saved before, and what was wrong."""

    kills: int = 0
    rounds: int = 0
    saves: int = 0
    wrong: list[str] = field(default_factory=list)


def kill_and_check(folder: Path, kills: int, seed: int = 0, longest_s: float = 0.25) -> Kills:
    """Rounds of three writers and a reader on one archive, all killed at random moments, until there were `kills`.

    Sometimes all at once, sometimes one after the other while the rest works on. After each round the archive is
    opened, everything reported as saved must be there, and after closing it is exactly one file.
    """
    random = Random(f"kills {seed}")
    path = folder / "quarry.sfm"
    with sfm.create(path):
        pass
    found = Kills()
    while found.kills < kills and not found.wrong:
        processes = ProcessesAtWork(path)
        names = []
        for number in range(_WRITERS):
            names.append(f"W{found.rounds}-{number}")
            processes.start(random.choice((save_events, save_and_reopen)), names[-1], _ENDLESS)
        names.append(f"R{found.rounds}")
        processes.start(list_events, names[-1], _ENDLESS)
        _until_somebody_saved(processes)
        processes.receive(random.uniform(0, longest_s))
        at_once = random.random() < 0.5
        random.shuffle(names)
        for group in [names] if at_once else [[name] for name in names]:
            found.kills += processes.kill(group)
            if not at_once:
                processes.receive(random.uniform(0, longest_s / 4))
        processes.wait(60)
        found.rounds += 1
        found.saves += processes.reported.saves
        found.wrong += [f"round {found.rounds}: {error}" for error in processes.reported.errors]
        found.wrong += [f"round {found.rounds}: {text}" for text in _check(path, processes)]
    found.wrong += faults_of_content(path)
    return found


def _until_somebody_saved(processes: ProcessesAtWork) -> None:
    end = time.monotonic() + 30
    while not processes.reported.saves and time.monotonic() < end:
        processes.receive(0.01)


def _check(path: Path, processes: ProcessesAtWork) -> list[str]:
    # A journal that a killed writer left is worked in by the next one; a reader may not do that and says so.
    with sfm.open(path) as archive:
        archive.info()
    wrong = missing_and_doubled(path, processes.reported.saved)
    beside = sorted(file.name for file in path.parent.iterdir() if file.name != path.name)
    return wrong + faults_of_file(path) + [f"{name} lies there after closing" for name in beside]
