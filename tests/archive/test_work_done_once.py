"""The bytes of an event are gone over once for each thing that is to be known of them, and not again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType

import pytest

import sfm_archive as sfm
from sfm_archive import testing

FIRST, EVENT = testing.simulate_memory(Random(5), 2, "BE11529", histograms=1.0)
FRAMES = testing.read_out(EVENT)
IDENTITY = sfm.Event(serial=EVENT.serial, recorded_at=EVENT.recorded_at)

UNESCAPED = {"replace": 3 * len(FRAMES)}
"""Three kinds of escapes in each frame."""


def calls(work: Callable[[], object]) -> Counter[str]:
    """How often C functions were called by name; those of bytes and hashes are what counts here."""
    counted: Counter[str] = Counter()

    def note(frame: FrameType, what: str, called: object) -> None:
        if what == "c_call":
            owner = getattr(called, "__self__", None)
            name = getattr(called, "__name__", "")
            if name != "replace" or isinstance(owner, bytes):
                counted[name] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


@pytest.fixture
def archive(tmp_path: Path):
    with sfm.create(tmp_path / "a.sfm") as opened:
        # The first one loads plug-ins and packages.
        opened.save(sfm.Event(serial=FIRST.serial, recorded_at=FIRST.recorded_at), testing.read_out(FIRST))
        yield opened


def expected(found: Counter[str], numbers: dict[str, int]) -> None:
    assert {name: found[name] for name in numbers} == numbers


def test_a_save(archive):
    found = calls(lambda: archive.save(IDENTITY, FRAMES))
    # Hashes of the frames, the compressed frames, the file and the row of the history; of the rows of the event, its
    # key, its frames and its encoding; in the last two of the hashes that they hold; and of
    # what the numbers were computed from.
    expected(found, {**UNESCAPED, "compress": 1, "decompress": 0, "openssl_sha256": 11})


def test_reading_and_encoding(archive):
    saved = archive.save(IDENTITY, FRAMES)
    found = calls(lambda: archive.frames(saved.event_id))
    expected(found, {"replace": 0, "compress": 0, "decompress": 1, "openssl_sha256": 1})
    found = calls(lambda: archive.encode(saved.event_id))
    expected(found, {**UNESCAPED, "compress": 0, "decompress": 1, "openssl_sha256": 2})


def test_an_export_and_the_same_again(archive, tmp_path):
    archive.save(IDENTITY, FRAMES)
    found = calls(lambda: archive.export(tmp_path / "out", event_ids=[2]))
    expected(found, {**UNESCAPED, "decompress": 1})
    found = calls(lambda: archive.export(tmp_path / "out", event_ids=[2]))
    expected(found, {"replace": 0, "decompress": 0})
