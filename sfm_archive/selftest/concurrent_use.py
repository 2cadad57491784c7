"""Eight processes saving, one listing and one exporting, all on one archive at once."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sfm_archive as sfm
from sfm_archive.selftest.processes_at_work import (
    ProcessesAtWork,
    export_events,
    list_events,
    missing_and_doubled,
    save_events,
)
from sfm_archive.selftest.state import faults_of_content, faults_of_file

SAVERS = 8
_ENDLESS = 1_000_000


@dataclass(slots=True)
class ConcurrentUse:
    """What was saved, how often it was listed and exported meanwhile, and what was wrong."""

    saves: int = 0
    seconds: float = 0.0
    listings: int = 0
    exports: int = 0
    wrong: list[str] = field(default_factory=list)


def use_at_once(folder: Path, events_each: int) -> ConcurrentUse:
    """Nothing may be lost or doubled, and no process may see an error: whoever finds the archive busy waits."""
    path = folder / "quarry.sfm"
    with sfm.create(path):
        pass
    started = time.monotonic()
    processes, readers = ProcessesAtWork(path), ProcessesAtWork(path)
    readers.start(list_events, "listing", _ENDLESS)
    readers.start(export_events, "exporting", _ENDLESS)
    for number in range(SAVERS):
        processes.start(save_events, f"S{number}", events_each)
    processes.wait(120 + events_each)
    found = ConcurrentUse(saves=processes.reported.saves, seconds=time.monotonic() - started)
    readers.receive(0.1)
    readers.kill(["listing", "exporting"])
    readers.wait(30)
    turns = readers.reported.turns
    found.listings, found.exports = turns["listing"], turns["exporting"]
    found.wrong += processes.reported.errors + readers.reported.errors
    if found.saves != SAVERS * events_each:
        found.wrong.append(f"{found.saves} saves returned, not {SAVERS * events_each}")
    return _checked(found, path, processes)


def _checked(found: ConcurrentUse, path: Path, processes: ProcessesAtWork) -> ConcurrentUse:
    found.wrong += missing_and_doubled(path, processes.reported.saved)
    with sfm.open(path) as archive:
        there = archive.info().events
        names = Counter(row.name for row in archive.events())
    if there != found.saves or len(names) != there:
        found.wrong.append(f"{found.saves} events were saved, {there} are there")
    beside = sorted(file.name for file in path.parent.iterdir() if file.name != path.name)
    found.wrong += [f"{name} lies there after closing" for name in beside]
    found.wrong += faults_of_file(path) + faults_of_content(path)
    return found
