"""Power cuts at every operation of what an archive does, and a look at what each leaves.

A trial is done once, recorded. Then for every operation and every variant of what may have reached the disk there is
a folder as the cut would have left it. It is opened as a user would open it, and must hold exactly what it held before
or after the step that was cut, and everything of the steps that had returned.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch

import apsw

import sfm_archive as sfm
from sfm_archive.errors import ArchiveNotFound, NotAnArchive, SealedArchive
from sfm_archive.selftest.disk import Variant
from sfm_archive.selftest.recording import Recorder, files_in, recording
from sfm_archive.selftest.state import State, faults_of_content, faults_of_file, read_state
from sfm_archive.selftest.work import Job, job
from sfm_archive.storage import connection as connection_module

NAME = "quarry.sfm"

NOTHING_THERE = State("no archive", (), ())
"""What a folder holds before an archive is made in it."""


class Mark(NamedTuple):
    """After `done` operations a step had returned, and the archive held `state`."""

    done: int
    step: str
    state: State


@dataclass(frozen=True, slots=True)
class Recorded:
    """A trial that was done: its operations, and where each step returned."""

    recorder: Recorder
    marks: list[Mark]
    files: frozenset[str]


@dataclass(slots=True)
class Watch:
    """Handed to a trial while it is recorded, so that it can say when a step has returned."""

    recorder: Recorder
    path: Path
    marks: list[Mark] = field(default_factory=list)

    def returned(self, step: str) -> None:
        """The step is over: from now on its change must survive every cut."""
        state = read_state(self.path) if self.path.exists() else NOTHING_THERE
        self.marks.append(Mark(self.recorder.now, step, state))


Run = Callable[[Path, Watch], None]
Prepare = Callable[[Path], None]


def _nothing(_: Path) -> None:
    """An empty folder is prepared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Something to do with an archive while the power may go.

    `prepare` fills the folder before the recording starts. `network`: as on a network drive, with a rollback journal.
    `open`: how the archive is opened after the cut. `also`: looks at the folder then, and says what is wrong.
    `makes`: the files that must be there once a step has returned.
    """

    name: str
    run: Run
    prepare: Prepare = _nothing
    network: bool = False
    open: Callable[[Path], None] | None = None
    also: Callable[[Path, State], list[str]] = lambda _folder, _state: []
    makes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self) -> AbstractContextManager[object]:
        """The kind of drive that the folder lies on."""
        return on_a_network_drive() if self.network else nullcontext()


@contextmanager
def on_a_network_drive() -> Iterator[None]:
    """Every path counts as one on a network drive."""
    with patch.object(connection_module, "is_network_path", lambda _: True):
        yield


@dataclass(slots=True)
class Cuts:
    """How often the power was cut, and what was wrong afterwards."""

    trial: str
    points: int = 0
    cuts: int = 0
    folders: int = 0
    wrong: list[str] = field(default_factory=list)


def record(trial: Trial, folder: Path) -> Recorded:
    """Do a trial in an empty folder."""
    folder.mkdir(parents=True)
    path = folder / NAME
    with trial.place():
        trial.prepare(folder)
        before = _held(folder)
        with recording(folder) as recorder:
            watch = Watch(recorder, path, [Mark(0, "start", before)])
            trial.run(path, watch)
    recorder.check_complete()
    return Recorded(recorder, watch.marks, frozenset(files_in(folder)))


def _held(folder: Path) -> State:
    """What the archive in a folder holds, without opening it there: that could already repair it."""
    if not (folder / NAME).exists():
        return NOTHING_THERE
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy)
    with suppress(SealedArchive), sfm.open(copy / NAME):  # a sealed one is at rest
        pass
    return read_state(copy / NAME)


def cut_everywhere(
    trial: Trial, folder: Path, *, seeds: Sequence[int] = (0,), every: int = 1, most_wrong: int = 5
) -> Cuts:
    """Do a trial, then cut the power before each operation (before each n-th with `every`) and after the last one.

    `seeds`: the variants that leave something to chance are tried once for each. Folders that are alike are looked at
    once. Ends early after `most_wrong` findings.
    """
    done = record(trial, folder / "done")
    found = Cuts(trial.name)
    seen: dict[str, State | None] = {}
    sound: set[str] = set()
    offset = Random(trial.name).randrange(every)
    for cut in range(done.recorder.now + 1):
        if cut % every != offset and cut not in (0, done.recorder.now):
            continue
        found.points += 1
        allowed = _allowed(done.marks, cut)
        for variant, seed in _variants(seeds):
            found.cuts += 1
            files = done.recorder.disk.after_cut(cut, variant, seed)
            key = _hash(files)
            name = f"{trial.name}: cut before operation {cut} ({_operation(done, cut)}), {variant}, seed {seed}"
            if key not in seen:
                found.folders += 1
                state, wrong = _check(trial, folder / "cut", files, cut, sound)
                found.wrong += [f"{name}: {text}" for text in wrong]
                seen[key] = state
            if cut == done.recorder.now and (back := sorted(set(files) - done.files)):
                found.wrong.append(f"{name}: everything was closed, and {', '.join(back)} came back")
            if lost := _made(trial, done.marks, cut) - set(files):
                found.wrong.append(f"{name}: {', '.join(sorted(lost))} had been made and is not there")
            state = seen[key]
            if state is not None and state not in allowed:
                expected = " or ".join(map(str, dict.fromkeys(allowed)))
                found.wrong.append(f"{name}: holds {state}, not {expected}")
            if len(found.wrong) >= most_wrong:
                return found
    return found


def _variants(seeds: Sequence[int]) -> Iterator[tuple[Variant, int]]:
    yield Variant.NOTHING, 0
    yield Variant.EVERYTHING, 0
    for seed in seeds:
        yield Variant.IN_ORDER, seed
        yield Variant.ANY, seed


def _allowed(marks: Sequence[Mark], cut: int) -> list[State]:
    """What the archive held when the last step returned, and what it was about to hold."""
    returned = max(number for number, mark in enumerate(marks) if mark.done <= cut)
    return [mark.state for mark in marks[returned : returned + 2]]


def _made(trial: Trial, marks: Sequence[Mark], cut: int) -> set[str]:
    """The files that the steps which had returned have made."""
    return {name for mark in marks if mark.done <= cut for name in trial.makes.get(mark.step, ())}


def _operation(done: Recorded, cut: int) -> str:
    steps = done.recorder.disk.steps
    return steps[cut].name if cut < len(steps) else "none, at the end"


def _hash(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _check(
    trial: Trial, folder: Path, files: dict[str, bytes], cut: int, sound: set[str]
) -> tuple[State | None, list[str]]:
    """Open a folder as a cut left it; what it holds, None where that cannot be read, and everything that is wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    path = folder / NAME
    if cut % 2 and f"{NAME}-wal" in files:
        # What was shared memory may be left as a file of anything.
        (folder / f"{NAME}-shm").write_bytes(Random(cut).randbytes(32768))
    with trial.place():
        try:
            _open(trial, path)
        except ArchiveNotFound:
            return NOTHING_THERE, []
        except sfm.SfmError as error:
            if files.get(NAME) == b"" and isinstance(error, NotAnArchive):
                return NOTHING_THERE, []  # the name was claimed, nothing more; the sentence says what to do
            return None, [f"{type(error).__name__}: {error}"]
        except apsw.Error as error:
            return None, [f"SQLite's own {type(error).__name__}: {error}"]
    try:
        return _inspect(trial, path, sound)
    except (sfm.SfmError, apsw.Error) as error:
        return None, [f"opens, but then {type(error).__name__}: {error}"]


def _inspect(trial: Trial, path: Path, sound: set[str]) -> tuple[State | None, list[str]]:
    state = read_state(path)
    wrong = faults_of_file(path) + trial.also(path.parent, state)
    if state.sha256 not in sound and trial.open is None:
        wrong += faults_of_content(path)
        sound.add(state.sha256)
    return state, wrong + _work_on(trial, path, state)


def _open(trial: Trial, path: Path) -> None:
    if trial.open is not None:
        trial.open(path)
        return
    with sfm.open(path):
        pass


@cache
def _probe() -> Job:
    return job("probe")


def _work_on(trial: Trial, path: Path, before: State) -> list[str]:
    """Save one more event; afterwards it is there, all else too, and the archive is exactly one file."""
    if trial.open is not None:
        return []
    with trial.place(), sfm.open(path) as archive:
        saved = _probe().save(archive)
    after = read_state(path)
    wrong = [] if saved.created else ["the archive knew an event that nobody had saved"]
    if after.history[:-1] != before.history:
        wrong.append(f"after one more save it holds {after}, before {before}")
    beside = sorted(file.name for file in path.parent.iterdir() if file.name.startswith(f"{NAME}-"))
    return wrong + faults_of_file(path) + [f"{name} lies there after closing" for name in beside]
