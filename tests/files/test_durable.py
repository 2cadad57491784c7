"""Flushes that reach the disk, and names that are given in one step and never in place of anything."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

import sfm_archive as sfm
from sfm_archive.files.durable import flush_handle, give_name


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The handles that got the usual flush."""
    handles: list[int] = []
    monkeypatch.setattr(os, "fsync", handles.append)
    return handles


def test_the_drives_own_cache_is_flushed_where_the_system_can_ask_for_it(flushed: list[int]) -> None:
    asked: list[tuple[int, int]] = []
    mac = SimpleNamespace(F_FULLFSYNC=51, fcntl=lambda handle, command: asked.append((handle, command)))
    flush_handle(7, mac)
    assert (asked, flushed) == ([(7, 51)], [])
    flush_handle(8, SimpleNamespace())
    assert (asked, flushed) == ([(7, 51)], [8])


def test_a_drive_that_does_not_know_that_flush_gets_the_usual_one(flushed: list[int]) -> None:
    def unknown(handle: int, command: int) -> None:
        raise OSError(45, "Operation not supported")

    flush_handle(7, SimpleNamespace(F_FULLFSYNC=51, fcntl=unknown))
    assert flushed == [7]


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
