"""Merges and extracts that do not reach their end: killed processes, disks without room. Then again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import sfm_archive as sfm
from tests.moving.conftest import ALL, LAPTOPS, a_season, what_counts

KILLED = """
    import os, sys
    import sfm_archive as sfm
    from sfm_archive.moving import source
    source.AT_ONCE = 2
    left = int(sys.argv[1])
    def step(done, of):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
    with sfm.open(sys.argv[2]) as archive:
        sfm.merge(archive, *sys.argv[3:], progress=step)
"""
"""Ends as a kill does, in the middle of a transaction: nothing is closed or taken back."""

KILLED_EXTRACT = """
    import os, sys
    import sfm_archive as sfm
    from sfm_archive.moving import source
    source.AT_ONCE = 2
    left = int(sys.argv[1])
    def step(done, of):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
    with sfm.open(sys.argv[2], read_only=True) as archive:
        sfm.extract(archive, sys.argv[3], progress=step)
"""

LIMITED = """
    import resource, runpy, sys
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    sys.argv[:] = ["sfm", *sys.argv[2:]]
    runpy.run_module("sfm_archive", run_name="__main__", alter_sys=False)
"""


def python(code: str, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", dedent(code), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Archives at rest, and what the merge of all of them says."""
    folder = tmp_path_factory.mktemp("season")
    with a_season(folder):
        pass
    return folder


@pytest.fixture
def there(season: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(season, tmp_path / "season"))


def merged(folder: Path) -> None:
    """Merge all, and hold the outcome against the archive that saw everything."""
    with sfm.open(folder / "office.sfm") as office:
        report = sfm.merge(office, *(folder / f"{name}.sfm" for name in LAPTOPS))
        assert not report.damaged
        assert office.verify().findings == ()
        with sfm.open(folder / f"{ALL}.sfm") as everything:
            assert what_counts(office, folder) == what_counts(everything, folder)
        head = office.history_head()
        sfm.merge(office, *(folder / f"{name}.sfm" for name in LAPTOPS))
        assert office.history_head() == head


@pytest.mark.parametrize("after", [0, 3, 7, pytest.param(9, marks=pytest.mark.long)])
def test_a_killed_merge_goes_on_where_it_was(there: Path, after: int) -> None:
    others = [there / f"{name}.sfm" for name in LAPTOPS]
    done = python(KILLED, after, there / "office.sfm", *others)
    assert done.returncode == 9, done.stderr
    with sfm.open(there / "office.sfm", read_only=True) as office:
        assert office.verify().findings == ()
    merged(there)


def test_a_killed_extract_leaves_no_archive_and_the_next_one_is_whole(there: Path) -> None:
    done = python(KILLED_EXTRACT, 3, there / f"{ALL}.sfm", there / "new.sfm")
    assert done.returncode == 9, done.stderr
    assert not (there / "new.sfm").exists()
    with sfm.open(there / f"{ALL}.sfm", read_only=True) as archive:
        sfm.extract(archive, there / "new.sfm")
        with sfm.open(there / "new.sfm", read_only=True) as made:
            assert made.verify().findings == ()
            assert what_counts(made, there) == what_counts(archive, there)
    assert sorted(path.name for path in there.iterdir() if path.name.startswith(("new", ".sfm"))) == ["new.sfm"]


@pytest.mark.posix("Windows has no limit of this kind")
@pytest.mark.parametrize("kib", [8, 200, 400, pytest.param(600, marks=pytest.mark.long)])
def test_a_merge_on_a_full_disk_says_so_and_goes_on_when_there_is_room(there: Path, kib: int) -> None:
    names = [str(there / f"{name}.sfm") for name in LAPTOPS]
    done = python(LIMITED, kib * 1024, "merge", there / "office.sfm", *names)
    assert done.returncode in (0, 1, 6), done.stderr
    assert done.returncode != 6 or "disk" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    merged(there)


@pytest.mark.posix("Windows has no limit of this kind")
@pytest.mark.parametrize("kib", [8, 200])
def test_an_extract_on_a_full_disk_leaves_nothing(there: Path, kib: int) -> None:
    before = sorted(there.iterdir())
    done = python(LIMITED, kib * 1024, "extract", there / f"{ALL}.sfm", there / "new.sfm")
    assert done.returncode == 6 and "disk" in done.stderr, (done.stderr, done.stdout)
    assert sorted(there.iterdir()) == before
