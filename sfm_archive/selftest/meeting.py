"""Eight processes saving, one listing and one exporting, all on one archive at once."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sfm_archive as sfm
from sfm_archive.selftest.crowd import Crowd, export_events, list_events, missing_and_doubled, save_events
from sfm_archive.selftest.state import faults_of_content, faults_of_file

SAVERS = 8
_ENDLESS = 1_000_000


@dataclass(slots=True)
class Met:
    """What was saved, how often it was listed and exported meanwhile, and what was wrong."""

    saves: int = 0
    seconds: float = 0.0
    listings: int = 0
    exports: int = 0
    wrong: list[str] = field(default_factory=list)


def meet(folder: Path, events_each: int) -> Met:
    """Nothing may be lost or doubled, and no process may see an error: whoever finds the archive busy waits."""
    path = folder / "quarry.sfm"
    with sfm.create(path):
        pass
    started = time.monotonic()
    crowd, readers = Crowd(path), Crowd(path)
    readers.start(list_events, "listing", _ENDLESS)
    readers.start(export_events, "exporting", _ENDLESS)
    for number in range(SAVERS):
        crowd.start(save_events, f"S{number}", events_each)
    crowd.wait(120 + events_each)
    found = Met(saves=crowd.account.saves, seconds=time.monotonic() - started)
    readers.listen(0.1)
    readers.kill(["listing", "exporting"])
    readers.wait(30)
    turns = readers.account.turns
    found.listings, found.exports = turns["listing"], turns["exporting"]
    found.wrong += crowd.account.errors + readers.account.errors
    if found.saves != SAVERS * events_each:
        found.wrong.append(f"{found.saves} saves returned, not {SAVERS * events_each}")
    return _looked_at(found, path, crowd)


def _looked_at(found: Met, path: Path, crowd: Crowd) -> Met:
    found.wrong += missing_and_doubled(path, crowd.account.saved)
    with sfm.open(path) as archive:
        there = archive.info().events
        names = Counter(row.name for row in archive.events())
    if there != found.saves or len(names) != there:
        found.wrong.append(f"{found.saves} events were saved, {there} are there")
    beside = sorted(file.name for file in path.parent.iterdir() if file.name != path.name)
    found.wrong += [f"{name} lies there after closing" for name in beside]
    found.wrong += faults_of_file(path) + faults_of_content(path)
    return found
