"""Files that people name, and packages that are not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sfm_archive import Archive
from sfm_archive.base.extras import optional_packages
from sfm_archive.errors import AlreadyExists, StorageFailed, UsageError
from sfm_archive.files.folder import temporary_name
from sfm_archive.files.writing import write_file


def test_a_file_appears_whole_and_replaces_nothing_unasked(tmp_path):
    path = tmp_path / "a.txt"
    assert write_file(path, b"one") is True
    assert write_file(path, b"one") is False
    with pytest.raises(AlreadyExists, match="--overwrite"):
        write_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert write_file(path, b"two", overwrite=True) is True
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"] and path.read_bytes() == b"two"


def test_a_folder_or_dangling_link_is_not_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(AlreadyExists):
        write_file(tmp_path / "folder", b"x", overwrite=True)
    with pytest.raises(StorageFailed):
        write_file(tmp_path / "none" / "a.txt", b"x")


def test_what_a_killed_program_left_beside_a_file_is_removed_by_the_next_one(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    own = temporary_name()
    left = own.replace(f"-{os.getpid()}-", f"-{int(gone.stdout)}-")
    for name in (own, left):
        (tmp_path / name).write_bytes(b"unfinished")
    write_file(tmp_path / "a.txt", b"one")
    assert {found.name for found in tmp_path.iterdir()} == {own, "a.txt"}, "another thread may be at its own"


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UsageError, match=r"pip install 'sfm-archive\[formats\]'"), optional_packages("this"):
        raise ModuleNotFoundError("no", name="h5py")
    with pytest.raises(ModuleNotFoundError), optional_packages("this"):
        raise ModuleNotFoundError("no", name="sfm_archive.gone")


def without_numpy(code: str, folder: Path) -> str:
    """What Python says at the end where numpy is not installed."""
    blocked = "import sys; sys.modules['numpy'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", blocked + code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode != 0
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["analyse", "a.sfm"], "waveforms"),
        (["plot", "a.sfm", "1"], "waveforms"),
        (["plot", "a.sfm", "1", "-o", "a.png"], "plots"),
        (["report", "a.sfm", "-o", "a.pdf"], "plots"),
        (["export-data", "a.sfm", "out", "--format", "csv"], "waveforms"),
        (["export-data", "a.sfm", "out", "--format", "hdf5"], "formats"),
        (["export-data", "a.sfm", "out", "--format", "miniseed"], "obspy"),
    ],
    ids=" ".join,
)
def test_one_installation_is_enough_for_a_command(command, extra, tmp_path):
    said = without_numpy(f"from sfm_archive.cli import main; main({command!r})", tmp_path)
    assert said.startswith("Error: sfm ") and f"sfm-archive[{extra}]" in said


@pytest.mark.parametrize(("call", "extra"), [("analyse()", "waveforms"), ("stream(1)", "obspy")])
def test_so_it_is_for_a_program(call, extra, tmp_path):
    Archive.create(tmp_path / "a.sfm").close()
    said = without_numpy(f"import sfm_archive as sfm; sfm.open('a.sfm').{call}", tmp_path)
    assert "NotInstalled: archive." in said and f"sfm-archive[{extra}]" in said
