"""Files that people name: whole or not at all, and in place of nothing unasked."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from sfm_archive.errors import AlreadyExists, BadName, StorageFailed
from sfm_archive.files.failures import make_folder
from sfm_archive.files.folder import temporary_name
from sfm_archive.files.standing import WriteAction
from sfm_archive.files.writing import GrowingFile, new_file, write_file


def test_a_file_appears_whole_and_replaces_nothing_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert write_file(path, b"one") is True
    assert write_file(path, b"one") is False
    with pytest.raises(AlreadyExists, match="--overwrite"):
        write_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert write_file(path, b"two", overwrite=True) is True
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"] and path.read_bytes() == b"two"


def test_a_folder_or_dangling_link_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AlreadyExists):
        write_file(tmp_path / "folder", b"x", overwrite=True)
    with pytest.raises(StorageFailed):
        write_file(tmp_path / "none" / "a.txt", b"x")


def test_what_a_killed_program_left_beside_a_file_is_removed_by_the_next_one(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    own = temporary_name()
    left = own.replace(f"-{os.getpid()}-", f"-{int(gone.stdout)}-")
    for name in (own, left):
        (tmp_path / name).write_bytes(b"unfinished")
    write_file(tmp_path / "a.txt", b"one")
    assert {found.name for found in tmp_path.iterdir()} == {own, "a.txt"}, "another thread may be at its own"


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_or_pipe_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "true.pdf").write_bytes(b"true")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "true.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    for name in ("link.pdf", "pipe.pdf"):
        with pytest.raises(AlreadyExists, match="is a link or not a regular file, and was not touched"):
            write_file(tmp_path / name, b"true", overwrite=overwrite)
    assert (tmp_path / "link.pdf").is_symlink() and (tmp_path / "pipe.pdf").is_fifo()
    assert (tmp_path / "true.pdf").read_bytes() == b"true"


def test_a_disk_that_fills_up_inside_the_block_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageFailed, match=r"a\.txt cannot be written: the disk is full"),
        new_file(tmp_path / "a.txt"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_growing_file_is_compared_when_it_is_whole(tmp_path: Path, overwrite: bool) -> None:
    found = []
    for pieces in ((b"one", b"two"), (b"onetwo",), (b"three",), ()):
        with GrowingFile(tmp_path / "new" / "a.csv") as file:
            for piece in pieces:
                file.add(piece)
            found.append(file.finish(overwrite=overwrite))
    last = WriteAction.REPLACE if overwrite else WriteAction.REFUSE
    assert found == [WriteAction.CREATE, WriteAction.LEAVE, last, last]
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "new").iterdir()] == [
        ("a.csv", b"" if overwrite else b"onetwo")
    ]


@pytest.mark.skipif(os.name != "nt", reason="elsewhere these are names like any other")
@pytest.mark.parametrize("name", ["a.pdf:b.pdf", "NUL.pdf", "com1.pdf", "a.pdf.", "a.pdf "])
def test_a_name_that_windows_misreads_is_refused_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName):
        write_file(tmp_path / name, b"one")
    with pytest.raises(BadName), new_file(tmp_path / name):
        pass
    for folder, dry_run in product((tmp_path / name, tmp_path / name / "below"), (False, True)):
        with pytest.raises(BadName, match="name another folder"):
            make_folder(folder, dry_run=dry_run)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "nt", reason="elsewhere an open file can be replaced")
def test_a_file_that_another_program_has_open_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"one")
    with (
        (tmp_path / "a.pdf").open("rb"),
        pytest.raises(StorageFailed, match=r"a\.pdf cannot be written: .*close it where another program has it open"),
    ):
        write_file(tmp_path / "a.pdf", b"two", overwrite=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.pdf", b"one")]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_folder_in_hundreds_of_others_is_refused_with_a_sentence(tmp_path: Path, dry_run: bool) -> None:
    deep = Path("/".join("a" * 2_000))
    with pytest.raises(StorageFailed, match="lies 2,000 folders deep, and this program makes up to 200") as caught:
        make_folder(deep, dry_run=dry_run)
    assert len(str(caught.value)) < 300
    assert not Path("a").exists()
