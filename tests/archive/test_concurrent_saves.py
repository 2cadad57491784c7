"""Several programs save at once: nothing is lost, nothing is there twice."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from random import Random
from textwrap import dedent
from threading import Thread

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.reading import names_of

SAVER = """
    import sys
    from random import Random
    import sfm_archive as sfm
    from sfm_archive import testing
    path, who = sys.argv[1], int(sys.argv[2])
    own = testing.simulate_memory(Random(100 + who), 12, f"BE{1000 + who}", histograms=1.0)
    shared = testing.simulate_memory(Random(7), 12, "BE7", histograms=1.0)
    everything = own + shared
    Random(who).shuffle(everything)
    sys.stdin.readline()
    with sfm.open(path, wait_s=60) as archive:
        for event in everything:
            file = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=testing.call_home_name(event),
                                    data=testing.blastware_file(event))
            report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="r.txt", data=event.serial.encode())
            archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event),
                         names=[file.name], files=[file, report])
    print("done")
"""


def test_processes_that_save_the_same_and_other_events_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sfm"
    sfm.create(path).close()
    command = [sys.executable, "-c", dedent(SAVER), str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    children = [subprocess.Popen([*command, str(who)], text=True, **pipes) for who in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    outputs = [child.communicate(timeout=120) for child in children]
    assert [output[0] for output in outputs] == ["done\n"] * 4, outputs
    with sfm.open(path) as archive:
        rows = list(archive.events())
        assert len(rows) == 4 * 12 + 12
        expected = {
            (event.serial, event.recorded_at.isoformat()): event
            for seed, serial in [(100 + who, f"BE{1000 + who}") for who in range(4)] + [(7, "BE7")]
            for event in testing.simulate_memory(Random(seed), 12, serial, histograms=1.0)
        }
        for row in rows:
            event = expected.pop((row.serial, row.recorded_at_local))
            assert archive.frames(row.event_id) == tuple(testing.read_out(event))
            assert row.revision == 1
            assert names_of(archive.store, row.event_id) == [testing.call_home_name(event)]
            files = archive.files(row.event_id)
            assert sorted(archive.file_bytes(file) for file in files) == sorted(
                [testing.blastware_file(event), event.serial.encode()]
            )
        assert expected == {}
        history = archive.history()
        assert [row.sequence for row in history] == list(range(1, len(history) + 1))
        assert all(row.previous_sha256 == before.sha256 for before, row in itertools.pairwise(history))
        assert len(history) == 1 + 60
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sfm"]


def test_threads_of_one_program_save_through_one_archive(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    memories = [testing.simulate_memory(Random(seed), 8, f"BE{seed}", histograms=1.0) for seed in (1, 2, 3, 1)]
    with sfm.create(tmp_path / "a.sfm", wait_s=60) as archive:

        def save(events: list[testing.SimulatedEvent]) -> None:
            try:
                for event in events:
                    archive.save(sfm.Event(serial=event.serial, recorded_at=event.recorded_at), testing.read_out(event))
            except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
                failures.append(error)

        threads = [Thread(target=save, args=(events,)) for events in memories]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert archive.count() == 24
        assert len(archive.history()) == 25
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sfm"]


def test_two_programs_that_create_one_archive_do_not_both_succeed(tmp_path: Path) -> None:
    script = "import sys, sfm_archive as sfm\nsys.stdin.readline()\nsfm.create(sys.argv[1]).close()\nprint('made')"
    command = [sys.executable, "-c", script, str(tmp_path / "a.sfm")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    children = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    outputs = [child.communicate(timeout=60) for child in children]
    assert sorted(output[0] for output in outputs) == ["", "", "made\n"]
    assert sum("AlreadyExists" in output[1] for output in outputs) == 2
    with sfm.open(tmp_path / "a.sfm") as archive:
        assert len(archive.history()) == 1
