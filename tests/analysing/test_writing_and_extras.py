"""Files that people name, and packages that are not installed."""

from __future__ import annotations

import sys

import pytest

from sfm_archive.errors import AlreadyExists, StorageFailed, UsageError
from sfm_archive.extras import optional_packages
from sfm_archive.writing import write_file


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


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UsageError, match=r"pip install 'sfm-archive\[formats\]'"), optional_packages("this"):
        raise ModuleNotFoundError("no", name="h5py")
    with pytest.raises(ModuleNotFoundError), optional_packages("this"):
        raise ModuleNotFoundError("no", name="sfm_archive.gone")
