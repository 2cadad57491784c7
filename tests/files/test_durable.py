"""Flushes that reach the disk, and names that are given in one step and never in place of anything."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

import sfm_archive as sfm
from sfm_archive.files.durable import flush_handle, give_name


def test_the_drives_own_cache_is_flushed_where_the_system_can_ask_for_it() -> None:
    asked: list[tuple[int, int]] = []
    mac = SimpleNamespace(F_FULLFSYNC=51, fcntl=lambda handle, command: asked.append((handle, command)))
    # No such handle is open: a flush of another kind would fail.
    flush_handle(1_000_000, mac)
    assert asked == [(1_000_000, 51)]
    with pytest.raises(OSError, match="Bad file descriptor"):
        flush_handle(1_000_000, SimpleNamespace())


def test_a_drive_that_does_not_know_that_flush_gets_the_usual_one(tmp_path: Path) -> None:
    def unknown(handle: int, command: int) -> None:
        raise OSError(45, "Operation not supported")

    with (tmp_path / "a").open("wb") as file:
        flush_handle(file.fileno(), SimpleNamespace(F_FULLFSYNC=51, fcntl=unknown))
    with pytest.raises(OSError, match="Bad file descriptor"):
        flush_handle(1_000_000, SimpleNamespace(F_FULLFSYNC=51, fcntl=unknown))


def test_sqlite_flushes_the_drives_own_cache_too(tmp_path: Path) -> None:
    with sfm.create(tmp_path / "a.sfm") as archive:
        for name, value in (("fullfsync", 1), ("checkpoint_fullfsync", 1), ("synchronous", 3)):
            assert archive.store.connection.pragma(name) == value


@pytest.mark.parametrize("links", [True, False])
def test_a_name_is_given_once_and_never_to_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:

        def refused(old: Path, new: Path, **more: object) -> None:
            if new.exists():
                raise FileExistsError(17, "File exists")
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", refused)
    (tmp_path / "one").write_bytes(b"one")
    (tmp_path / "two").write_bytes(b"two")
    give_name(tmp_path / "one", tmp_path / "name")
    with pytest.raises(FileExistsError):
        give_name(tmp_path / "two", tmp_path / "name")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"name": b"one", "two": b"two"}


def test_a_name_that_was_claimed_is_let_go_when_the_file_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(old: Path, new: Path, **more: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(FileNotFoundError):
        give_name(tmp_path / "gone", tmp_path / "name")
    assert list(tmp_path.iterdir()) == []
