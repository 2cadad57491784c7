"""Output of everything is written while it is read: memory does not grow with the archive."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import sfm_archive as sfm

# Between the test and the command: the most memory of a process counts what its parent held when it was started.
BETWEEN = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:], stdout=open(sys.argv[1], "wb"), stderr=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
MOST_MORE_KB = 10_000


def archive_of(path: Path, count: int) -> Path:
    with sfm.create(path) as archive, archive.batch():
        for number in range(count):
            at = datetime(2024, 1, 1) + timedelta(minutes=number)
            archive.save(sfm.Event(serial="BE11529", recorded_at=at, record_type=sfm.RecordType.HISTOGRAM))
    return path


def peak_kb(out: Path, *words: str) -> int:
    command = [sys.executable, "-S", "-c", BETWEEN, str(out), sys.executable, "-m", "sfm_archive", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    code, memory = map(int, done.stdout.split())
    assert code == 0
    return memory // (1024 if sys.platform == "darwin" else 1)


@pytest.mark.long
@pytest.mark.posix("peak memory of a process")
def test_memory_of_a_list_of_everything_does_not_grow(tmp_path: Path) -> None:
    few, many = archive_of(tmp_path / "few.sfm", 1000), archive_of(tmp_path / "many.sfm", 5_000)
    for form in ("--json", "--csv"):
        small, large = (peak_kb(tmp_path / path.stem, "list", str(path), form, "--all") for path in (few, many))
        assert large - small < MOST_MORE_KB, form
        text = (tmp_path / "many").read_text(encoding="utf-8")
        if form == "--json":
            document = json.loads(text)
            assert document["shown"] == document["matching"] == len(document["events"]) == 5_000
        else:
            assert len(text.splitlines()) == 5_001


TRACED = """
import sys, tracemalloc
from sfm_archive.cli import main
tracemalloc.start()
try:
    main(sys.argv[1:])
finally:
    print(tracemalloc.get_traced_memory()[1], file=sys.stderr)
"""
MOST_AN_EVENT = 200
"""Bytes: for its id, and no more."""


def traced_peak(*words: str) -> int:
    """The most that Python's objects took at once."""
    command = [sys.executable, "-c", TRACED, *words]
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True, timeout=120
    )
    return int(done.stderr.splitlines()[-1])


@pytest.mark.long
def test_no_form_of_a_list_holds_its_events(tmp_path: Path) -> None:
    """But for their ids, which are read at once. Peak memory of the process, above, says less at so few events."""
    few, many = archive_of(tmp_path / "few.sfm", 2_000), archive_of(tmp_path / "many.sfm", 4_000)
    for words in (["--json"], ["--csv"], ["--csv", "--ppv-from", "1mm/s"]):
        small, large = (traced_peak("list", str(path), "--all", *words) for path in (few, many))
        assert (large - small) / 2_000 < MOST_AN_EVENT, words


@pytest.mark.posix("a pipe whose reader leaves")
def test_a_reader_that_leaves_ends_a_long_list(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a.sfm", 3000)
    command = [sys.executable, "-m", "sfm_archive", "list", str(path), "--csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline().startswith("event_id,")
            process.stdout.close()
            assert process.wait(60) == 0
        finally:
            process.kill()
