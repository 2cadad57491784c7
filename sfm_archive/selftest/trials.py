"""What is done while the power may go: the trials of `power_cuts`."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import apsw

import sfm_archive as sfm
from sfm_archive.errors import StorageFailed
from sfm_archive.files.paths import TEMPORARY_PREFIX
from sfm_archive.maintaining import sheet_path
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.selftest.disk import Variant
from sfm_archive.selftest.moving_trials import moving_trials
from sfm_archive.selftest.power_cuts import NAME, Run, Trial, Watch, on_a_network_drive, record
from sfm_archive.selftest.state import State, faults_of_content, faults_of_file, read_state
from sfm_archive.selftest.work import NamedStep, Step, a_days_work, job
from sfm_archive.storage import schema
from sfm_archive.storage.connection import connect, settle, start_writing
from sfm_archive.storage.lock_waiting import LockWait
from sfm_archive.storage.structure import check_structure
from sfm_archive.storage.tables import schema_text

_COPY = f"{Path(NAME).stem}.before-format-2.sfm"
_TARGET = "copy.sfm"
_SHEET = sheet_path(Path(_TARGET)).name
_NEXT_FORMAT = "\nCREATE TABLE weather (event_id INTEGER PRIMARY KEY REFERENCES event, wind REAL NOT NULL) STRICT;\n"


def trials() -> Iterator[Trial]:
    """All of them, each on a disk of this computer and on a network drive."""
    for network in (False, True):
        place = "network drive" if network else "local disk"
        journal = "journal" if network else "log"
        yield Trial(name=f"create, {place}", run=_create, network=network)
        yield Trial(name=f"a day's work, {place}", run=_works(a_days_work()), prepare=_an_archive, network=network)
        yield Trial(name=f"two at once, {place}", run=_two_at_once, prepare=_an_archive, network=network)
        yield Trial(
            name=f"opening behind a {journal} that a cut left, {place}",
            run=_works(a_days_work()[:2]),
            prepare=_cut_off_work(network),
            network=network,
        )
        yield Trial(
            name=f"update of the format, {place}",
            run=_update,
            prepare=_an_archive,
            network=network,
            open=_open_and_update,
            also=_copy_is_there,
        )
        yield Trial(
            name=f"compaction, {place}",
            run=_works([NamedStep("compact", _compacted)]),
            prepare=_an_archive,
            network=network,
        )
        for name, copied, made in (("backup", _backed_up, (_TARGET,)), ("seal", _sealed, (_TARGET, _SHEET))):
            yield Trial(
                name=f"{name}, {place}",
                run=_works([NamedStep(name, copied)]),
                prepare=_an_archive,
                network=network,
                also=_copy_is_whole_or_not_there(copied, network),
                makes={name: made},
            )
        yield Trial(
            name=f"salvage, {place}",
            run=_salvage,
            prepare=_an_archive,
            network=network,
            also=_salvaged_whole_or_not_there,
            makes={"salvage": (_TARGET,)},
        )
    yield Trial(
        name="checkpoints all the while, local disk",
        run=_works(a_days_work(), checkpoint_pages=4),
        prepare=_an_archive,
    )
    yield Trial(
        name="update of the format behind a log that a cut left, local disk",
        run=_update,
        prepare=_cut_off_work(False),
        open=_open_and_update,
        also=_copy_is_there,
    )
    yield from moving_trials()


def _an_archive(folder: Path) -> None:
    with sfm.create(folder / NAME) as archive:
        job("before").save(archive)


def _create(path: Path, watch: Watch) -> None:
    archive = sfm.create(path)
    watch.returned("create")
    job("first").save(archive)
    watch.returned("save")
    archive.close()
    watch.returned("close")


def _works(steps: list[NamedStep], checkpoint_pages: int | None = None) -> Run:
    def run(path: Path, watch: Watch) -> None:
        archive = sfm.open(path)
        if checkpoint_pages is not None:
            archive.store.connection.wal_autocheckpoint(checkpoint_pages)
        watch.returned("open")
        for step in steps:
            step.run(archive)
            watch.returned(step.name)
        archive.close()
        watch.returned("close")

    return run


def _compacted(archive: sfm.Archive) -> None:
    archive.compact()


def _backed_up(archive: sfm.Archive) -> None:
    archive.backup(archive.path.with_name(_TARGET))


def _sealed(archive: sfm.Archive) -> None:
    archive.seal(archive.path.with_name(_TARGET))


def _salvage(path: Path, watch: Watch) -> None:
    salvage(path, path.with_name(_TARGET))
    watch.returned("salvage")


def _salvaged_whole_or_not_there(folder: Path, state: State) -> list[str]:
    """Under the name of the new archive stands one with all that the old one has, or nothing, and then it can be
    salvaged again."""
    target = folder / _TARGET
    if not target.exists():
        salvage(folder / NAME, target)
    data = target.read_bytes()
    if not data:
        return ["under the name of the salvaged archive stands an empty file"]
    with sfm.open(folder / NAME, read_only=True) as old, sfm.open(target, read_only=True) as new:
        wrong = (
            []
            if [row.event() for row in new.events()] == [row.event() for row in old.events()]
            else [f"the salvaged archive has other events than {state}"]
        )
    wrong += [f"{file.name} lies beside it" for file in folder.glob(f"{_TARGET}-*")]
    return wrong + faults_of_file(target) + faults_of_content(target)


def _copy_is_whole_or_not_there(copied: Step, network: bool) -> Callable[[Path, State], list[str]]:
    """Under the copy's name stands all that the archive holds, or nothing; then it can be copied again."""
    sound: set[str] = set()

    def copy_faults(folder: Path, state: State) -> list[str]:
        copy, sheet = folder / _TARGET, folder / _SHEET
        if not copy.exists():
            return ["there is a sheet without a copy"] if sheet.exists() else []
        data = copy.read_bytes()
        if not data:
            return ["under the copy's name stands an empty file"]
        wrong = [f"{file.name} lies beside the copy" for file in folder.glob(f"{_TARGET}-*")]
        sha256 = hashlib.sha256(data).hexdigest()
        if sheet.exists() and sha256.encode("ascii") not in sheet.read_bytes():
            wrong.append("the sheet is not that of the copy")
        if sha256 not in sound:
            found = read_state(copy, but_its_seal=copied is _sealed)
            if found != state:
                wrong.append(f"the copy holds {found}, the archive {state}")
            wrong += faults_of_file(copy) + faults_of_content(copy)
            sound.add(sha256)
        return wrong

    def look(folder: Path, state: State) -> list[str]:
        expected = {NAME, _TARGET, _SHEET}
        others = {path.name for path in folder.iterdir() if not path.name.startswith(f"{NAME}-")} - expected
        wrong = [f"{name} lies there" for name in sorted(others) if not name.startswith(TEMPORARY_PREFIX)]
        wrong += copy_faults(folder, state)
        if wrong or (folder / _TARGET).exists():
            return wrong
        with on_a_network_drive() if network else nullcontext(), sfm.open(folder / NAME) as archive:
            copied(archive)
        return [f"copied again: {text}" for text in copy_faults(folder, state)]

    return look


def _two_at_once(path: Path, watch: Watch) -> None:
    """Two writers by turns, and a reader that closes last: it may not fold the log into the file."""
    first, second, reader = sfm.open(path), sfm.open(path), sfm.open(path, read_only=True)
    for number in range(4):
        job(f"turn {number}").save(first if number % 2 else second)
        reader.info()
        watch.returned("save")
    first.close()
    watch.returned("close one")
    job("last turn").save(second)
    watch.returned("save")
    second.close()
    watch.returned("close the other")
    # SQLite tries for a lock that a reader cannot have, and goes on without; under a VFS in Python, apsw raises that.
    with suppress(StorageFailed):
        reader.close()
    watch.returned("close the reader")
    with sfm.open(path):
        pass
    watch.returned("open and close")


def _cut_off_work(network: bool) -> Callable[[Path], None]:
    """A folder as a cut in the midst of a save has left it: with a journal to roll back or a log to take over."""

    def prepare(folder: Path) -> None:
        other = folder.with_name(f"{folder.name}-cut-off")
        shutil.rmtree(other, ignore_errors=True)
        work = Trial(name="cut off", run=_works(a_days_work("cut off")[:3]), prepare=_an_archive, network=network)
        recorded = record(work, other)
        saves = [mark.done for mark in recorded.marks if mark.step.startswith("save")]
        cut = saves[-1] - (3 if network else 1)
        for name, data in recorded.recorder.disk.after_cut(cut, Variant.EVERYTHING).items():
            (folder / name).write_bytes(data)

    return prepare


def _update(path: Path, watch: Watch) -> None:
    _open_and_update(path)
    watch.returned("update")


def _open_and_update(path: Path) -> None:
    """What opening does to an archive of the format before, with a made-up next format."""

    def migrate(connection: apsw.Connection) -> None:
        connection.execute(_NEXT_FORMAT)
        connection.execute("INSERT INTO weather SELECT event_id, 4.5 FROM event")

    connection = connect(path, read_only=False)
    try:
        version = schema.check_identity(connection, path, current=2)
        next_schema = schema_text() + _NEXT_FORMAT
        schema.bring_up_to_date(
            connection, path, version, read_only=False, current=2, migrations={1: migrate}, schema=next_schema
        )
        check_structure(connection, path, next_schema)
        start_writing(connection, path, LockWait(path, 1.0))
        settle(connection)
    finally:
        connection.close()


def _copy_is_there(folder: Path, state: State) -> list[str]:
    """Before anything of the archive is changed there is a copy that opens."""
    updated = any(table == "weather" for table, _ in state.rows)
    copy = folder / _COPY
    if not updated:
        return ["it was opened and not brought up to date"]
    if not copy.exists():
        return ["it was brought up to date, but the copy from before is not there"]
    kept = read_state(copy)
    return [] if kept.history == state.history else [f"the copy from before holds {kept}, the archive {state}"]
