"""Merges, extracts and copies that are cut off: by the power at every operation, and by a disk that fails or is full.

What is merged into holds at each moment what it held before, or that and some changes of the other archive whole; the
same merge again ends with what one that was not cut off gives. What makes a file leaves it whole, or none.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw

import sfm_archive as sfm
from sfm_archive.moving import source
from sfm_archive.selftest.failing import Failure, failing_disk
from sfm_archive.selftest.io_errors import Injected
from sfm_archive.selftest.power_cuts import NAME, Trial, Watch, on_a_network_drive
from sfm_archive.selftest.recording import normal_vfs
from sfm_archive.selftest.state import State, faults_of_content, faults_of_file, read_state
from sfm_archive.selftest.work import job

OTHER = f"other-{NAME}"
_TARGET = f"new-{NAME}"
_BROKEN = "broken"
_MOST_OPERATIONS = 4000
_AT_ONCE = 2
"""Changes of the other archive in one transaction: so there are several."""

Made = Callable[[sfm.Archive, Path], object]


def moving_trials() -> Iterator[Trial]:
    """All of them, each on a disk of this computer and on a network drive."""
    for network in (False, True):
        place = "network drive" if network else "local disk"
        yield Trial(
            name=f"merge, {place}",
            run=_merge_in_parts,
            prepare=_two_archives,
            network=network,
            also=partial(_again_it_ends_alike, {}, network),
        )
        for name, make, prepare in (("extract", _extract, _an_archive), ("backup --unsealed", _unsealed, _a_sealed)):
            yield Trial(
                name=f"{name}, {place}",
                run=partial(_make_one, name, make),
                prepare=prepare,
                network=network,
                open=_open_to_read,
                also=partial(_is_whole_or_not_there, make),
                makes={name: (_TARGET,)},
            )


def fail_in_moves(
    folder: Path, failures: Sequence[Failure] = tuple(Failure), *, network: bool = False, every: int = 1
) -> Iterator[Injected]:
    """Let every n-th operation of a merge, and of each that makes a file, fail in every given way."""
    with on_a_network_drive() if network else nullcontext():
        yield _fail_in(folder, "merge", _two_archives, _failing_merge(folder), failures, every)
        for name, make, prepare in (
            ("extract", _extract, _an_archive),
            ("backup --unsealed", _unsealed, _a_sealed),
            ("seal", _seal, _an_archive),
        ):
            yield _fail_in(folder, name, prepare, _failing_making(make), failures, every)


# --- what is there before ---


def _an_archive(folder: Path) -> None:
    with sfm.create(folder / NAME) as archive:
        job("before").save(archive)
        archive.review(1, false_trigger=False, notes="seen here", reviewer="Ann")


def _a_sealed(folder: Path) -> None:
    _an_archive(folder)
    with sfm.open(folder / NAME) as archive:
        archive.seal(folder / _TARGET)
    for path in (folder / NAME, *folder.glob("*.verification.txt")):
        path.unlink()
    (folder / _TARGET).chmod(0o644)
    (folder / _TARGET).rename(folder / NAME)


def _two_archives(folder: Path) -> None:
    """The other one has an event of both with another decision, its own, a file, a job, and one that waits here."""
    _an_archive(folder)
    with sfm.create(folder / OTHER, actor="laptop") as other:
        job("before").save(other)
        other.review(1, false_trigger=True, notes="seen there", reviewer="Ben")
        for number in range(2):
            job(f"there {number}").save(other)
        sfm.add_job(other, "Quarry", by="Ben")
        sfm.add_point(other, "Quarry", "Church", by="Ben")


# --- power cuts ---


def _in_parts() -> Any:
    return patch.object(source, "AT_ONCE", _AT_ONCE)


def _merge(archive: sfm.Archive, path: Path, progress: Callable[[int, int], None] = lambda _done, _of: None) -> None:
    with _in_parts():
        sfm.merge(archive, path.with_name(OTHER), progress=progress)


def _merge_in_parts(path: Path, watch: Watch) -> None:
    archive = sfm.open(path)
    watch.returned("open")
    _merge(archive, path, lambda _done, _of: watch.returned("part"))
    watch.returned("merge")
    archive.close()
    watch.returned("close")


def _make_one(name: str, make: Made, path: Path, watch: Watch) -> None:
    with sfm.open(path, read_only=True) as archive:
        make(archive, path.with_name(_TARGET))
    watch.returned(name)


def _extract(archive: sfm.Archive, target: Path) -> object:
    return sfm.extract(archive, target)


def _unsealed(archive: sfm.Archive, target: Path) -> object:
    return archive.backup(target, unsealed=True)


def _seal(archive: sfm.Archive, target: Path) -> object:
    return archive.seal(target)


def _open_to_read(path: Path) -> None:
    with sfm.open(path, read_only=True):
        pass


def content_of(path: Path) -> dict[str, list[str]]:
    """Every row of every table without the numbers of changes, which count on where a merge was cut off; of the history
    who did what to which event."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=normal_vfs())
    try:
        names: list[Any] = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = {}
        for (table,) in sorted(names):
            columns = [str(column[1]) for column in connection.execute(f"PRAGMA table_info({table})").fetchall()]
            kept = [name for name in columns if name != "sequence"]
            if table == "history":
                kept = ["actor", "action", "event_id", "detail"]
            if table == "archive":
                continue  # each has an id of its own
            rows: list[Any] = connection.execute(f"SELECT {', '.join(kept)} FROM {table}").fetchall()  # noqa: S608
            found[table] = sorted(map(repr, rows))
        return found
    finally:
        connection.close()


def _again_it_ends_alike(expected: dict[bool, Any], network: bool, folder: Path, _state: State) -> list[str]:
    """Merged again, it holds what a merge gives that nobody cut off, and merged once more nothing is new."""
    if network not in expected:
        expected[network] = _merged_at_once(folder)
    return _merged_again(folder, expected[network])


def _merged_at_once(folder: Path) -> dict[str, list[str]]:
    whole = folder.with_name("merged at once")
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(folder.with_name("done-copy"), whole)
    with sfm.open(whole / NAME) as archive:
        _merge(archive, archive.path)
    return content_of(whole / NAME)


def _merged_again(folder: Path, expected: dict[str, list[str]]) -> list[str]:
    again = folder.with_name("again")
    shutil.rmtree(again, ignore_errors=True)
    shutil.copytree(folder, again)
    with sfm.open(again / NAME) as archive:
        _merge(archive, archive.path)
        head = archive.history_head()
        _merge(archive, archive.path)
        wrong = [] if archive.history_head() == head else ["merged once more, something was new"]
    found = content_of(again / NAME)
    return wrong + [
        f"merged again, it has other rows of {table}" for table in expected if found[table] != expected[table]
    ]


def _is_whole_or_not_there(make: Made, folder: Path, _state: State) -> list[str]:
    """Under the new name stands an archive with all that it is to have, or nothing, and then it can be made."""
    target, beside = folder / _TARGET, {NAME, _TARGET}
    was_there = target.exists()
    if was_there and not target.stat().st_size:
        return ["under the new name stands an empty file"]
    if not was_there:
        with sfm.open(folder / NAME, read_only=True) as archive:
            make(archive, target)
    with sfm.open(folder / NAME, read_only=True) as old, sfm.open(target, read_only=True) as new:
        same = [row.event() for row in new.events()] == [row.event() for row in old.events()]
        same &= [one.reviewer for one in new.reviews()] == [one.reviewer for one in old.reviews()]
    wrong = [] if same else ["the new archive has other events or reviews"]
    wrong += [f"{file.name} lies beside it" for file in folder.glob(f"{_TARGET}-*") if file.name not in beside]
    return wrong + faults_of_file(target) + faults_of_content(target)


# --- disks that fail ---

Fails = Callable[[Path, Callable[[], None]], None]
"""Does it in a folder, and calls the function when the disk may begin to fail."""
Looks = Callable[[Path, bool], list[str]]
"""What is wrong in the folder then; whether it failed."""


def _fail_in(
    folder: Path,
    name: str,
    prepare: Callable[[Path], None],
    how: tuple[Fails, Looks],
    failures: Sequence[Failure],
    every: int,
) -> Injected:
    template, broken, (do, look) = folder / f"before {name}", folder / _BROKEN, how
    template.mkdir(parents=True)
    prepare(template)
    found = Injected(name)
    for failure in failures:
        for operation in range(0, _MOST_OPERATIONS, every):
            shutil.rmtree(broken, ignore_errors=True)
            shutil.copytree(template, broken)
            wrong: list[str] = []
            failed = False
            with failing_disk() as faults:
                try:
                    do(broken, partial(faults.arm, operation, failure))
                except BaseException as error:  # noqa: BLE001 - whatever else comes out is what this looks for
                    failed = True
                    wrong += _sentence(error)
            if not faults.failed:
                break
            found.errors += 1
            found.reported += failed
            wrong += look(broken, failed)
            found.wrong += [f"{name}: {failure} at operation {operation} ({faults.failed}): {text}" for text in wrong]
    return found


def _sentence(error: BaseException) -> list[str]:
    if not isinstance(error, sfm.SfmError):
        return [f"{type(error).__name__} instead of an error of this project: {error}"]
    sentence = str(error)  # which names the folder where that is full
    good = (NAME in sentence or f"{_BROKEN}:" in sentence) and sentence.count(" ") > 5
    return [] if good else [f"a sentence that does not help: {sentence}"]


def _failing_merge(folder: Path) -> tuple[Fails, Looks]:
    expected: list[dict[str, list[str]]] = []

    def do(broken: Path, arm: Callable[[], None]) -> None:
        with sfm.open(broken / NAME) as archive:
            arm()
            _merge(archive, archive.path)

    def look(broken: Path, _failed: bool) -> list[str]:
        if not expected:
            shutil.copytree(folder / "before merge", folder / "done-copy")
            expected.append(_merged_at_once(broken))
        with sfm.open(broken / NAME):
            pass
        return faults_of_file(broken / NAME) + faults_of_content(broken / NAME) + _merged_again(broken, expected[0])

    return do, look


def _failing_making(make: Made) -> tuple[Fails, Looks]:
    def do(broken: Path, arm: Callable[[], None]) -> None:
        with sfm.open(broken / NAME, read_only=True) as archive:
            arm()
            make(archive, broken / _TARGET)

    def look(broken: Path, failed: bool) -> list[str]:
        target = broken / _TARGET
        wrong = ["it failed, and under the new name stands something"] if failed and target.exists() else []
        if target.exists() and target.read_bytes()[18:20] != b"\1\1":
            wrong.append("the new archive is not at rest")
        return wrong + _is_whole_or_not_there(make, broken, read_state(broken / NAME))

    return do, look
