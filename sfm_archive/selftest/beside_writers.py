"""Verification and copies beside programs that save, import, review, pin and hand over: what they say must be true.

A verification looks at one moment while others write. It may not report damage that is not there, and what is damaged
at that moment may not escape it because somebody writes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import sfm_archive as sfm
from sfm_archive.errors import Busy
from sfm_archive.selftest.processes_at_work import (
    SMALL,
    Message,
    ProcessesAtWork,
    missing_and_doubled,
    save_and_reopen,
    save_events,
)
from sfm_archive.selftest.state import faults_of_content, faults_of_file
from sfm_archive.selftest.work import job
from sfm_archive.testing import blastware_file

_ENDLESS = 1_000_000
Report = Callable[[Message], None]


@dataclass(slots=True)
class BesideWriters:
    """How often each thing was done while others wrote, how many saves had returned, and what was wrong."""

    done: dict[str, int] = field(default_factory=dict)
    saves: int = 0
    changes: int = 0
    wrong: list[str] = field(default_factory=list)


def import_folders(path: Path, seed: str, count: int, report: Report) -> None:
    """Import one folder after the other, each with a few event files and reports."""
    with tempfile.TemporaryDirectory(prefix=f"import-{seed}-", dir=path.parent) as folder:
        for number in range(count):
            place = Path(folder) / str(number)
            place.mkdir()
            for one in range(3):
                made = job(f"{seed} {number} {one}", intervals=SMALL)
                (place / f"{made.event.serial}.{one:03}").write_bytes(blastware_file(made.simulated))
                (place / f"R{one}.TXT").write_bytes(made.report.data)
            with sfm.open(path) as archive:
                archive.import_from(place)
            shutil.rmtree(place)
            report(Message("turn", number))


def review_and_pin(path: Path, seed: str, count: int, report: Report) -> None:
    """Decide about events, state zones, pin another encoder, record what it makes, hand a folder over: by turns."""
    with tempfile.TemporaryDirectory(prefix=f"review-{seed}-", dir=path.parent) as folder, sfm.open(path) as archive:
        for number in range(count):
            ids = [row.event_id for row in archive.events()][-20:]
            for event_id in ids[:3]:
                archive.review(event_id, false_trigger=bool(number % 2), notes=f"turn {number}")
            archive.state_time_zone("BE11529", ("Europe/Berlin", "Europe/Vienna")[number % 2])
            if number % 5 == 0:
                archive.pin_encoder(f"blastware@{1 + number // 5 % 2}")
            for event_id in ids[:1]:
                archive.attach(event_id, [_note(number)])
            if number % 7 == 0:
                archive.export(Path(folder) / str(number))
            report(Message("turn", number))


def _note(number: int) -> sfm.ReceivedFile:
    return sfm.ReceivedFile(kind=sfm.FileKind.SIDECAR, name=f"N{number}.JSON", data=b'{"n": %d}' % number * 300)


def look_beside_writers(folder: Path, rounds: int, only: Collection[str] = ()) -> BesideWriters:
    """Rounds of two that save, one that imports and one that reviews, pins and hands over; beside them everything that
    looks at a whole archive, or `only` some of it. In every other round two of them are killed, and it is looked at
    behind that."""
    path = folder / "quarry.sfm"
    with sfm.create(path) as archive:
        for number in range(5):
            job(f"before {number}", intervals=SMALL).save(archive)
    found = BesideWriters()
    for number in range(rounds):
        processes = _writers(path, number)
        for name, look in [(name, look) for name, look in _LOOKS.items() if not only or name in only]:
            found.done[name] = found.done.get(name, 0) + 1
            found.wrong += [f"round {number}: {name}: {text}" for text in look(path, folder)]
            processes.receive(0)
        if number % 2:
            processes.kill([f"S{number}", f"I{number}"])
            found.wrong += [f"round {number}: behind a kill: {text}" for text in _verified(path, sfm.Level.FULL)]
        processes.kill([f"{kind}{number}" for kind in "SRID"])
        processes.wait(60)
        found.saves += processes.reported.saves
        found.changes += sum(processes.reported.turns.values())
        found.wrong += processes.reported.errors
        with sfm.open(path) as archive:
            archive.info()
        found.wrong += missing_and_doubled(path, processes.reported.saved)
    found.wrong += faults_of_file(path) + faults_of_content(path)
    return found


def _writers(path: Path, number: int) -> ProcessesAtWork:
    processes = ProcessesAtWork(path)
    for work, kind in ((save_events, "S"), (save_and_reopen, "R"), (import_folders, "I"), (review_and_pin, "D")):
        processes.start(work, f"{kind}{number}", _ENDLESS)
    processes.receive_until_all_work(30)
    return processes


def _verified(path: Path, level: sfm.Level) -> list[str]:
    with sfm.open(path, read_only=True) as archive:
        before = archive.history_head()
        report = archive.verify(options=sfm.VerifyOptions(level=level))
        there = {before[1]} | {row.sha256 for row in archive.history()}
    wrong = [f"{one.subject}: {one.message}" for one in report.damage]
    if report.history_head not in there:
        wrong.append("a head that is not in the history")
    return wrong


def _copied(path: Path, folder: Path, *, sealed: bool) -> list[str]:
    target = folder / "copy.sfm"
    try:
        with sfm.open(path, read_only=True) as archive:
            if sealed:
                archive.seal(target)
            else:
                archive.backup(target)
        with sfm.open(target, read_only=True) as copy:
            damage = copy.verify().damage
        return [f"{one.subject}: {one.message}" for one in damage]
    except sfm.SfmError as error:
        return [f"{type(error).__name__}: {error}"]
    finally:
        for left in folder.glob("copy.sfm*"):
            left.chmod(0o600)
            left.unlink()


def _compacted(path: Path, _: Path) -> list[str]:
    try:
        with sfm.open(path, wait_s=20) as archive:
            archive.compact()
    except Busy:
        return []  # it says that others write, and changes nothing
    except sfm.SfmError as error:
        return [f"{type(error).__name__}: {error}"]
    return []


_LOOKS: dict[str, Callable[[Path, Path], list[str]]] = {
    "verify": lambda path, _: _verified(path, sfm.Level.FULL),
    "verify --quick": lambda path, _: _verified(path, sfm.Level.QUICK),
    "backup": lambda path, folder: _copied(path, folder, sealed=False),
    "seal": lambda path, folder: _copied(path, folder, sealed=True),
    "compact": _compacted,
}
