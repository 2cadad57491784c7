"""Many files below one folder: what is compared, refused and written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from sfm_archive.errors import BadName, StorageFailed
from sfm_archive.files.paths import checked_path
from sfm_archive.files.standing import Standing, WriteAction, write_action
from sfm_archive.files.tree import OutputTree


def written(root: Path, files: dict[str, bytes], *, overwrite: bool = False) -> dict[str, WriteAction]:
    """Write files as a service does, and say what was done with each."""
    done = {}
    with OutputTree(root, overwrite=overwrite) as tree:
        for number, (path, data) in enumerate(files.items()):
            done[path], message = tree.action(path, len(data), hashlib.sha256(data).hexdigest())
            assert bool(message) is (done[path] is WriteAction.REFUSE)
            if done[path].writes:
                tree.write(number, path, data, done[path])
    assert tree.too_late == {}
    return done


def there(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_only_overwrite_replaces_and_only_a_different_file() -> None:
    assert {(standing, overwrite): write_action(standing, overwrite=overwrite)
            for standing in Standing for overwrite in (False, True)} == {
        (Standing.ABSENT, False): WriteAction.CREATE,
        (Standing.ABSENT, True): WriteAction.CREATE,
        (Standing.SAME, False): WriteAction.LEAVE,
        (Standing.SAME, True): WriteAction.LEAVE,
        (Standing.DIFFERENT, False): WriteAction.REFUSE,
        (Standing.DIFFERENT, True): WriteAction.REPLACE,
        (Standing.OBSTRUCTED, False): WriteAction.REFUSE,
        (Standing.OBSTRUCTED, True): WriteAction.REFUSE,
    }  # fmt: skip


def test_what_stands_there_is_compared_and_a_folder_made_only_to_write_into(tmp_path: Path) -> None:
    root = tmp_path / "new" / "out"
    with OutputTree(root) as tree:
        assert tree.action("BE11529/A", 1, "") == (WriteAction.CREATE, "")
        assert tree.read("BE11529/A") is None
    assert not root.parent.exists()
    assert set(written(root, {"BE11529/A": b"a", "BE11529/B": b"b"}).values()) == {WriteAction.CREATE}
    more = {"BE11529/A": b"a", "BE11529/B": b"other", "C": b"c"}
    assert list(written(root, more).values()) == [WriteAction.LEAVE, WriteAction.REFUSE, WriteAction.CREATE]
    assert there(root) == {"BE11529/A": b"a", "BE11529/B": b"b", "C": b"c"}
    assert list(written(root, more, overwrite=True).values())[1] is WriteAction.REPLACE
    assert there(root) == more


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_two_names_that_windows_takes_for_one_the_first_is_written(tmp_path: Path, overwrite: bool) -> None:
    files = {"BE11529/name.txt": b"one", "BE11529/NAME.TXT": b"two", "be11529/Name.Txt": b"three", "BE11529/n": b"4"}
    assert [action is WriteAction.REFUSE for action in written(tmp_path, files, overwrite=overwrite).values()] == [
        False, True, True, False
    ]  # fmt: skip
    assert there(tmp_path) == {"BE11529/name.txt": b"one", "BE11529/n": b"4"}


@pytest.mark.parametrize(
    "path",
    ["", "/a", "../a", "a/../b", "a//b", "a/.", "a\\b", "file:x", "C:/a", "a:b", "a/NUL", "con.txt", "COM1 .a/b",
     "a./b", "a /b", "a/b.", "a/.sfm-1", "a/\x00", "a/b\n", "a/\udcff", "a/" + "x" * 256],
)  # fmt: skip
def test_a_path_that_is_not_safe_on_every_system_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadName):
        checked_path(path)
    with OutputTree(tmp_path) as tree:
        with pytest.raises(BadName):
            tree.action(path, 0, "")
        with pytest.raises(BadName):
            tree.write(0, path, b"x", WriteAction.CREATE)
    assert there(tmp_path) == {}


def test_a_name_that_is_taken_before_its_batch_is_not_replaced(tmp_path: Path) -> None:
    with OutputTree(tmp_path) as tree:
        action, _ = tree.action("A", 3, "0" * 64)
        tree.write(7, "A", b"new", action)
        (tmp_path / "A").write_bytes(b"somebody's")
    assert list(tree.too_late) == [7] and "was not touched" in tree.too_late[7]
    assert there(tmp_path) == {"A": b"somebody's"}


def test_a_tree_that_is_left_with_an_error_leaves_nothing_unfinished(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), OutputTree(tmp_path) as tree:
        tree.write(0, "BE11529/A", b"a", WriteAction.CREATE)
        raise KeyboardInterrupt
    assert there(tmp_path) == {}


def test_a_file_in_place_of_the_root_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(StorageFailed, match="out"), OutputTree(tmp_path / "out") as tree:
        tree.action("BE11529/A", 1, "")
    with pytest.raises(StorageFailed, match="out"), OutputTree(tmp_path / "out") as tree:
        tree.write(0, "A", b"a", WriteAction.CREATE)


@pytest.mark.skipif(os.name != "nt", reason="elsewhere an open file can be replaced")
def test_an_open_file_that_cannot_be_replaced_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "A").write_bytes(b"one")
    with pytest.raises(StorageFailed, match="close it where another program has it open"), (tmp_path / "A").open("rb"):
        written(tmp_path, {"A": b"two", "B": b"b"}, overwrite=True)
    assert there(tmp_path)["A"] == b"one" and set(there(tmp_path)) <= {"A", "B"}
