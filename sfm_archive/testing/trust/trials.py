"""What is done while the power may go: the trials of `power_cuts`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sfm_archive as sfm
from sfm_archive.testing.trust.power_cuts import Trial, Watch
from sfm_archive.testing.trust.work import NamedStep, a_days_work, job


def _work(steps: list[NamedStep], checkpoint_pages: int | None = None) -> Callable[[Path, Watch], None]:
    def run(path: Path, watch: Watch) -> None:
        archive = sfm.open(path)
        if checkpoint_pages is not None:
            archive.store.connection.set_wal_autocheckpoint(checkpoint_pages)
        watch.returned("open")
        for step in steps:
            step.run(archive)
            watch.returned(step.name)
        archive.close()
        watch.returned("close")

    return run


def _create(path: Path, watch: Watch) -> None:
    archive = sfm.create(path)
    watch.returned("create")
    job("first").save(archive)
    watch.returned("save")
    archive.close()
    watch.returned("close")


def _with_an_archive(folder: Path, events: int = 1) -> None:
    with sfm.create(folder / "quarry.sfm") as archive:
        for number in range(events):
            job(f"before {number}").save(archive)


def trials() -> list[Trial]:
    """All of them, each on a disk of this computer and on a network drive."""
    found = []
    for network in (False, True):
        place = "network drive" if network else "local disk"
        found += [
            Trial(name=f"create, {place}", run=_create, network=network),
            Trial(name=f"a day's work, {place}", run=_work(a_days_work()), prepare=_with_an_archive, network=network),
        ]
    return found
