"""A merge of what is here already: not a byte changes, and a salvaged archive brings no statement twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.maintaining.salvaging import salvage
from tests.moving.conftest import ALL, LAPTOPS, a_season, what_counts


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    """A season at rest, all of it merged into the office's archive."""
    with a_season(tmp_path) as world:
        sfm.merge(world.archives["office"], *(world.path(name) for name in LAPTOPS))
    return tmp_path


def run_sfm(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sfm_archive", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_where_nothing_is_new_not_a_byte_changes(merged: Path) -> None:
    with sfm.open(merged / "office.sfm", read_only=True) as office:
        sfm.extract(office, merged / "part.sfm", sfm.select(serial="BE11529"))
    before = bytes_in(merged)
    for names in (LAPTOPS, ("part",)):
        done = run_sfm("merge", merged / "office.sfm", *(merged / f"{name}.sfm" for name in names))
        assert "nothing new" in done.stdout, done.stderr
        assert bytes_in(merged) == before
    done = run_sfm("merge", merged / "north.sfm", merged / "south.sfm")
    assert "new event" in done.stdout and bytes_in(merged)["north.sfm"] != before["north.sfm"]


def test_statements_of_a_salvaged_archive_are_those_of_the_archive_that_it_was(merged: Path) -> None:
    salvage(merged / f"{ALL}.sfm", merged / "salvaged.sfm")
    for into, source in ((ALL, "salvaged"), ("salvaged", ALL)):
        with sfm.open(merged / f"{into}.sfm") as archive:
            said = what_counts(archive, merged)
            (report,) = sfm.merge(archive, merged / f"{source}.sfm").sources
            assert (dict(report.rows), report.conflicts) == ({}, ())
            assert what_counts(archive, merged) == said


def test_a_source_without_its_first_page_is_one_to_salvage(merged: Path) -> None:
    data = (merged / "north.sfm").read_bytes()
    (merged / "north.sfm").write_bytes(bytes(100) + data[100:])
    done = run_sfm("merge", merged / "office.sfm", merged / "north.sfm")
    assert done.returncode == 6 and f"sfm salvage {merged / 'north.sfm'} NEW" in done.stderr
    (merged / "north.sfm").write_bytes(data[: len(data) // 2])
    done = run_sfm("merge", merged / "office.sfm", merged / "north.sfm")
    assert done.returncode == 5 and "sfm salvage saves what is intact" in done.stderr
