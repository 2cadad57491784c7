"""Input/output errors and full disks at every operation of what an archive does.

Each must end in one of this project's errors with a sentence that names the archive, leave everything as it was, and
leave an archive that works on when the disk does: in the same program, and opened anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw

import sfm_archive as sfm
from sfm_archive.errors import StorageFailed
from sfm_archive.selftest.failing import Failure, Faults, failing_disk
from sfm_archive.selftest.power_cuts import NAME, on_a_network_drive
from sfm_archive.selftest.state import State, faults_of_content, faults_of_file, read_state
from sfm_archive.selftest.work import NamedStep, a_days_work, job

_MOST_OPERATIONS = 2000
_NEW = State("a new archive", (("archive", 1), ("history", 1)), ())


@dataclass(slots=True)
class Injected:
    """How many errors were injected into a step, how many of them a caller saw, and what was wrong."""

    step: str
    errors: int = 0
    reported: int = 0
    wrong: list[str] = field(default_factory=list)


def _read_everything(archive: sfm.Archive) -> None:
    archive.info()
    for event in archive.events():
        archive.frames(event.event_id)
        for file in archive.files(event.event_id):
            archive.file_bytes(file)


def steps() -> list[NamedStep]:
    """Everything an open archive does, and reading it."""
    return [*a_days_work(), NamedStep("read everything", _read_everything)]


_COPY = "copy.sfm"
_SIZES_KIB = (0, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64)


def _whole(run: Callable[[sfm.Archive], object]) -> Callable[[sfm.Archive], None]:
    def step(archive: sfm.Archive) -> None:
        run(archive)
        archive.path.with_name(_COPY).unlink(missing_ok=True)

    return step


_WHOLE = (
    NamedStep("compact", _whole(lambda archive: archive.compact())),
    NamedStep("rebuild", _whole(lambda archive: archive.rebuild())),
    NamedStep("backup", _whole(lambda archive: archive.backup(archive.path.with_name(_COPY), quick=True))),
)


def fail_in_steps(
    folder: Path,
    failures: Sequence[Failure] = tuple(Failure),
    *,
    network: bool = False,
    every: int = 1,
    only: Callable[[str], bool] = lambda _: True,
) -> Iterator[Injected]:
    """Let every n-th operation of each step fail, in every given way."""
    with on_a_network_drive() if network else nullcontext():
        for number, step in enumerate(steps()):
            if not only(step.name):
                continue
            template = folder / f"before {step.name}"
            before = _prepare(template, number)
            after = _done(template, folder / "done", step)
            found = Injected(step.name)
            for failure in failures:
                for operation in range(0, _MOST_OPERATIONS, every):
                    one = _Broken(folder / "broken", template, step, before, after, again=operation % (2 * every) == 0)
                    if not one.run(operation, failure, found):
                        break
            yield found


def fill_up_in_steps(folder: Path, *, network: bool = False, every: int = 1) -> Iterator[Injected]:
    """Each step, and each that writes the whole archive, on a disk with only some kilobytes left, at every n-th size:
    done, or "the disk is full" and as before; and while it still is full the archive is read."""
    with on_a_network_drive() if network else nullcontext():
        for number, step in enumerate([*steps(), *_WHOLE]):
            template = folder / f"before {step.name}"
            before = _prepare(template, min(number, len(steps())))
            after = _done(template, folder / "done", step)
            found = Injected(step.name)
            for kib in _SIZES_KIB[number % every :: every]:
                _fill_up(template, folder / "full", step, (before, after), kib, found)
            yield found


def _fill_up(
    template: Path, folder: Path, step: NamedStep, states: tuple[State, State], kib: int, found: Injected
) -> None:
    _copy(template, folder)
    path, failed, wrong = folder / NAME, False, []
    with failing_disk() as faults:
        archive = sfm.open(path)
        faults.leave_room(kib)
        try:
            step.run(archive)
        except sfm.SfmError as error:
            failed = True
            if "the disk is full" not in str(error):
                wrong.append(f"a sentence that does not help: {error}")
        except BaseException as error:  # noqa: BLE001 - whatever else comes out is what this looks for
            failed = True
            wrong.append(f"{type(error).__name__} instead of an error of this project: {error}")
        with suppress(sfm.SfmError):
            archive.close()
        wrong += _read_while_full(path)
    for copy in folder.glob(f"{_COPY}*"):
        copy.chmod(0o600)
        copy.unlink()
    found.errors += failed
    found.reported += failed
    where = f"{step.name} with {kib} kB left ({'full' if failed else 'done'})"
    found.wrong += [f"{where}: {text}" for text in wrong + _afterwards(path, states[0] if failed else states[1])]


def _read_while_full(path: Path) -> list[str]:
    try:
        reader = sfm.open(path, read_only=True)
        _read_everything(reader)
        sound = reader.verify(options=sfm.VerifyOptions(level=sfm.Level.QUICK)).ok
    except (sfm.SfmError, apsw.Error) as error:
        return [f"while the disk is full, reading says {type(error).__name__}: {error}"]
    # SQLite tries for a lock that a reader cannot have, and goes on without; under a VFS in Python, apsw raises that.
    with suppress(StorageFailed):
        reader.close()
    return [] if sound else ["while the disk is full, verify reports damage"]


def _prepare(folder: Path, steps_before: int) -> State:
    folder.mkdir(parents=True)
    with sfm.create(folder / NAME) as archive:
        job("before").save(archive)
        for step in steps()[:steps_before]:
            step.run(archive)
    return read_state(folder / NAME)


def _done(template: Path, folder: Path, step: NamedStep) -> State:
    _copy(template, folder)
    with sfm.open(folder / NAME) as archive:
        step.run(archive)
    return read_state(folder / NAME)


def _copy(template: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)


@dataclass(frozen=True, slots=True)
class _Broken:
    """One step with one failure. `again`: it is tried again in the same program, else the archive is closed at once.

    States are compared by their numbers of rows: times of receipt differ from run to run.
    """

    folder: Path
    template: Path
    step: NamedStep
    before: State
    after: State
    again: bool

    def run(self, operation: int, failure: Failure, found: Injected) -> bool:
        """Whether there still was an operation with this number."""
        _copy(self.template, self.folder)
        path = self.folder / NAME
        with failing_disk() as faults:
            archive = sfm.open(path)
            failed, wrong = self._fail(archive, faults, operation, failure)
            raised = failed
            where = f"{self.step.name}: {failure} at operation {operation} ({faults.failed})"
            try:
                if failed and self.again:
                    self.step.run(archive)
                    failed = False
                archive.info()
            except (sfm.SfmError, apsw.Error) as error:
                wrong.append(f"with the disk back, the open archive says {type(error).__name__}: {error}")
            with suppress(sfm.SfmError):
                archive.close()
        expected = self.before if failed else self.after
        if faults.failed:
            found.errors += 1
            found.reported += raised
        found.wrong += [f"{where}: {text}" for text in wrong + _afterwards(path, expected)]
        return bool(faults.failed)

    def _fail(self, archive: sfm.Archive, faults: Faults, operation: int, failure: Failure) -> tuple[bool, list[str]]:
        """Whether an error was raised, and what is wrong with it."""
        faults.arm(operation, failure)
        try:
            self.step.run(archive)
        except sfm.SfmError as error:
            faults.disarm()
            sentence = str(error)
            good = NAME in sentence and sentence.count(" ") > 5
            return True, [] if good else [f"a sentence that does not help: {sentence}"]
        except BaseException as error:  # noqa: BLE001 - whatever else comes out is what this looks for
            faults.disarm()
            return True, [f"{type(error).__name__} instead of an error of this project: {error}"]
        faults.disarm()
        return False, []


def _afterwards(path: Path, expected: State) -> list[str]:
    """Open it, look, save one more event, close, look."""
    try:
        with sfm.open(path) as archive:
            state = read_state(path)
            job("afterwards").save(archive)
        wrong = faults_of_file(path) + faults_of_content(path)
        if _filled(state) != _filled(expected):
            wrong.append(f"holds {state}, not {expected}")
        beside = sorted(file.name for file in path.parent.iterdir() if file.name != NAME)
        return wrong + [f"{name} lies there after closing" for name in beside]
    except (sfm.SfmError, apsw.Error) as error:
        return [f"afterwards {type(error).__name__}: {error}"]


def _filled(state: State) -> dict[str, int]:
    return {table: count for table, count in state.rows if count}


def fail_in_opening(
    folder: Path, failures: Sequence[Failure] = tuple(Failure), *, network: bool = False, every: int = 1
) -> Iterator[Injected]:
    """Let every n-th operation fail of making an archive, of opening one for writing or reading, and of closing."""
    with on_a_network_drive() if network else nullcontext():
        template = folder / "template"
        before = _prepare(template, 0)
        for name in ("create", "open", "open read-only", "close"):
            found = Injected(name)
            for failure in failures:
                for operation in range(0, _MOST_OPERATIONS, every):
                    if not _fail_at_the_ends(name, folder / "ends", template, before, operation, failure, found):
                        break
            yield found


def _fail_at_the_ends(
    name: str, folder: Path, template: Path, before: State, operation: int, failure: Failure, found: Injected
) -> bool:
    _copy(template, folder)
    path = folder / NAME
    if name == "create":
        path.unlink()
    wrong: list[str] = []
    archive: sfm.Archive | None = None
    raised = False
    with failing_disk() as faults:
        if name == "close":
            archive = sfm.open(path)
            job("in this session").save(archive)
        faults.arm(operation, failure)
        try:
            if archive is not None:
                archive.close()
            else:
                archive = sfm.create(path) if name == "create" else sfm.open(path, read_only="only" in name)
        except sfm.SfmError as error:
            raised = True
            if NAME not in str(error):
                wrong.append(f"a sentence that does not help: {error}")
        except BaseException as error:  # noqa: BLE001
            raised = True
            wrong.append(f"{type(error).__name__} instead of an error of this project: {error}")
        faults.disarm()
        with suppress(sfm.SfmError):
            if archive is not None:
                archive.close()
    found.errors += bool(faults.failed)
    found.reported += raised
    if name == "create" and raised and not path.exists():
        wrong += [f"{file.name} was left behind" for file in sorted(folder.iterdir())]
    elif name == "create":  # it may have been made, and then not have been opened
        wrong += _afterwards(path, _NEW)
    else:
        wrong += _afterwards(path, before if name != "close" else _one_more(before))
    where = f"{name}: {failure} at operation {operation} ({faults.failed})"
    found.wrong += [f"{where}: {text}" for text in wrong]
    return bool(faults.failed)


def _one_more(before: State) -> State:
    grows = {
        "encoding", "event", "event_computed", "event_file", "event_key", "event_peaks", "event_summary",
        "file_content", "file_piece", "frames", "history", "received_file",
    }  # fmt: skip
    return before._replace(rows=tuple((table, count + (table in grows)) for table, count in before.rows))
