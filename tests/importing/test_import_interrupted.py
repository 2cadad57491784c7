"""Imports that do not reach their end: Ctrl-C, a kill, a full disk, another program that writes. Then again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import astuple
from random import Random

import pytest

from sfm_archive.archive import Archive
from sfm_archive.archive.reading import waiting_files
from sfm_archive.errors import Busy, StorageFailed
from sfm_archive.importing import import_sources, prepare, run, waiting
from sfm_archive.testing import GAP, simulate_histogram, write_older_store

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system's signals")


def small_events(number):
    """Consecutive histograms of few intervals, of one unit."""
    random = Random(number)
    key = 0x0111_0000
    for _ in range(number):
        event = simulate_histogram(random, serial="BE11529", start_key=key, count=12)
        key = event.end_key + GAP
        yield event


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A store of 60 events with reports apart from them, so that documents are placed after all events."""
    root = tmp_path_factory.mktemp("store")
    write_older_store(root, small_events(60), random=Random(1), reports=True)
    (root / "texts").mkdir()
    for text in (root / "BE11529").glob("*.TXT"):
        text.rename(root / "texts" / text.name)
    return root


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(run, "_BATCH_BUNDLES", 10)


def contents(archive):
    """What the archive holds of each event, whatever the order in which it came."""
    return sorted(
        (
            row.event().recorded_at, row.name, row.revision, archive.revisions(row.event_id)[0].sha256,
            sorted((file.kind, file.name, file.sha256) for file in archive.files(row.event_id)),
            sorted(map(astuple, archive.values(row.event_id))),
        )
        for row in archive.events()
    )  # fmt: skip


@pytest.fixture(scope="session")
def undisturbed(store, tmp_path_factory):
    with Archive.create(tmp_path_factory.mktemp("undisturbed") / "a.sfm") as archive:
        import_sources(archive, [store])
        return contents(archive)


def check_finished(importing, store, undisturbed):
    """Started again, the import ends with everything there once."""
    report = importing(store)
    assert not report.interrupted and not report.anything_rejected
    assert contents(importing.archive) == undisturbed
    assert not waiting_files(importing.archive.store)
    assert importing.again_changes_nothing().files_found == 0
    assert importing(store).totals["duplicate"] == report.files_found


@pytest.mark.parametrize(
    ("where", "call"),
    [
        *((where, call) for where in ("read_file", "make", "save", "place") for call in (50,)),
        *(
            pytest.param(where, call, marks=pytest.mark.long)
            for where in ("read_file", "make", "save", "place")
            for call in (1, 7)
        ),
        ("join", 1),  # it happens once
    ],
)
def test_ctrl_c_keeps_what_was_done_and_the_next_import_goes_on(
    importing, store, undisturbed, small_batches, monkeypatch, where, call
):
    owner, name = {
        "read_file": (prepare, "read_file"),
        "make": (prepare.Preparer, "event"),
        "save": (run, "save_event"),
        "place": (run, "place_file"),
        "join": (run, "join_waiting"),
    }[where]
    real, calls = getattr(owner, name), []

    def interrupted_once(*arguments):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, interrupted_once)
        report = import_sources(importing.archive, [store])
    assert report.interrupted
    assert sum(report.totals.values()) == len(report.items) < report.files_found or where == "join"
    assert report.events_created == importing.archive.count()
    if where in ("read_file", "make") and call == 50:
        assert report.events_created > 0, "what was prepared is saved"
    check_finished(importing, store, undisturbed)


@posix
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file opened at just that moment
@pytest.mark.parametrize(
    "after", [0.005, 0.04, 0.1, *(pytest.param(at, marks=pytest.mark.long) for at in (0.02, 0.03, 0.05, 0.06, 0.08))]
)
def test_a_real_signal_at_any_moment_leaves_whole_events(importing, store, undisturbed, small_batches, after):
    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        import_sources(importing.archive, [store])
    except KeyboardInterrupt:
        pass  # before or behind the import's own work
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for row in importing.archive.events():
        kinds = [file.kind for file in importing.archive.files(row.event_id)]
        assert row.revision == 1 and {"event file", "sidecar"} <= set(kinds)
    importing.restart()
    check_finished(importing, store, undisturbed)


def start_import(archive, source, *options):
    command = [sys.executable, "-c", "from sfm_archive.cli import main; main()", "import", archive, source, *options]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@posix
@pytest.mark.parametrize("number", [200, pytest.param(400, marks=pytest.mark.long)])
def test_a_killed_import_loses_nothing_and_the_next_one_finishes_it(importing, tmp_path, number):
    root = tmp_path / "store"
    write_older_store(root, small_events(number), random=Random(1), reports=False)
    importing.archive.close()
    path = importing.archive.path
    seen = 0
    for _ in range(3):
        process = start_import(path, root)
        try:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                log = path.with_name(path.name + "-wal")
                if log.exists() and log.stat().st_size > 0:
                    with Archive.open(path, read_only=True) as archive:
                        if archive.count() > seen:
                            break
                time.sleep(0.01)
        finally:
            process.kill()
            process.communicate()
        with Archive.open(path) as archive:
            assert archive.count() % 200 == 0 or archive.count() == number
            seen = archive.count()
    process = start_import(path, root)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert re.search(rf"{3 * number:,}\s+found", stdout)
    importing.archive = Archive.open(path)
    assert importing.archive.count() == number
    assert importing.archive.verify().ok
    assert importing(root).totals["duplicate"] == 3 * number
    assert sorted(p.name for p in path.parent.glob("quarry.sfm*")) and importing.archive.info().files == 2 * number


@posix
def test_a_full_disk_keeps_the_finished_batches_and_says_so(importing, store, undisturbed, tmp_path):
    """The limit on a file's size is what a full disk looks like, and needs no rights."""
    importing.archive.close()
    path = importing.archive.path
    script = f"""
import resource, signal, sys
from sfm_archive.importing import run
run._BATCH_BUNDLES = 10
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
from sfm_archive.cli import main
main(["import", {str(path)!r}, {str(store)!r}])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 6, done
    assert done.stderr.strip().splitlines()[-1].startswith(f"Error: {path}: ")
    importing.archive = Archive.open(path)
    kept = importing.archive.count()
    assert 0 < kept < 60 and kept % 10 == 0
    assert importing.archive.verify().ok
    check_finished(importing, store, undisturbed)


def test_two_imports_into_one_archive_at_once_both_succeed(importing, store, undisturbed, small_batches):
    path = importing.archive.path
    reports: list[object] = []

    def one_import(source):
        try:
            with Archive.open(path) as archive:
                reports.append(import_sources(archive, [source]))
        except BaseException as error:  # noqa: BLE001 - seen by the test
            reports.append(error)

    threads = [threading.Thread(target=one_import, args=(source,)) for source in (store, store, store / "BE11529")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [report for report in reports if isinstance(report, BaseException)]
    assert sum(report.events_created for report in reports) == 60
    check_finished(importing, store, undisturbed)


def test_an_archive_that_another_program_keeps_locked_is_busy_and_nothing_is_half_written(importing, store):
    path = importing.archive.path
    with (
        Archive.open(path) as other, other.batch(), Archive.open(path, wait_s=0.05) as archive, pytest.raises(Busy)
    ):  # fmt: skip
        import_sources(archive, [store])
    assert importing.archive.count() == 0


def test_an_archive_opened_read_only_refuses_the_import(importing, store):
    from sfm_archive.errors import ReadOnlyArchive

    importing.archive.close()
    with Archive.open(importing.archive.path, read_only=True) as archive, pytest.raises(ReadOnlyArchive):
        import_sources(archive, [store])
    importing.archive = Archive.open(importing.archive.path)


def test_a_failure_while_documents_are_placed_keeps_the_events(importing, store, undisturbed, monkeypatch):
    def fails(*arguments):
        raise StorageFailed("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(run, "place_file", fails)
        with pytest.raises(StorageFailed):
            import_sources(importing.archive, [store])
    assert importing.archive.count() == 60
    check_finished(importing, store, undisturbed)


def test_no_more_than_a_batch_of_files_is_in_memory_and_of_documents_only_paths(importing, store, monkeypatch):
    alive = most = 0
    real = prepare.read_file

    def let_go():
        nonlocal alive
        alive -= 1

    def counted(path, importers=()):
        nonlocal alive, most
        source = real(path, importers)
        weakref.finalize(source, let_go)
        alive += 1
        most = max(most, alive)
        return source

    monkeypatch.setattr(run, "_BATCH_BUNDLES", 10)
    monkeypatch.setattr(prepare, "read_file", counted)
    monkeypatch.setattr(waiting, "read_file", counted)
    importing(store)
    assert most <= 40
