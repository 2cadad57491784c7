"""Frame blobs: the bytes of format 1, and everything that is not that."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from random import Random
from threading import Thread

import msgpack
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadInput
from sfm_archive.formats import frame_blob
from sfm_archive.formats.frame_blob import (
    FrameBlob,
    compress,
    decompress,
    deserialise_frames,
    pack_frames,
    serialise_frames,
    unpack_frames,
)
from sfm_archive.model.frames import A5Frame

OCTET = st.integers(0, 255)
FRAMES = st.lists(st.builds(A5Frame, OCTET, OCTET, OCTET, st.binary(max_size=300), OCTET, st.booleans()), max_size=6)
GOOD = tuple(testing.read_out(testing.simulate_waveform(Random(1), seconds=1.0)))


def document(**changes: object) -> dict[str, object]:
    fields = [[f.sub, f.page_hi, f.page_lo, f.data, f.chk_byte, f.checksum_valid] for f in GOOD]
    return {"format": "sfm-archive a5 frames", "version": 1, "frames": fields} | changes


def test_the_logical_bytes_are_the_documented_messagepack() -> None:
    # Written out by hand from docs: fixmap of 3, fixstr keys, fixarrays, bin8, false.
    expected = (
        b"\x83" + b"\xa6format" + b"\xb5sfm-archive a5 frames" + b"\xa7version\x01" + b"\xa6frames"
        + b"\x91\x96" + b"\xcc\xa5" + b"\x00" + b"\x10" + b"\xc4\x02\x02\x00" + b"\xcc\x80" + b"\xc2"
    )  # fmt: skip
    assert serialise_frames([A5Frame(0xA5, 0, 16, b"\x02\x00", 0x80, False)]) == expected


@given(FRAMES)
def test_frames_come_back_and_equal_frames_give_equal_bytes(frames: list[A5Frame]) -> None:
    blob = pack_frames(frames)
    assert unpack_frames(blob) == tuple(frames)
    assert pack_frames(list(frames)) == blob
    logical = serialise_frames(frames)
    assert (blob.sha256, blob.logical_size) == (hashlib.sha256(logical).hexdigest(), len(logical))
    assert (blob.format_version, blob.codec, blob.frame_count) == (1, "zstd", len(frames))
    assert serialise_frames(deserialise_frames(logical)) == logical


def test_any_zstandard_library_reads_the_data() -> None:
    blob = pack_frames(GOOD)
    assert zstandard.ZstdDecompressor().decompress(blob.data) == serialise_frames(GOOD)
    assert zstandard.frame_content_size(blob.data) == blob.logical_size


@given(st.binary(max_size=200))
def test_arbitrary_logical_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(BadInput):
        deserialise_frames(data)


@pytest.mark.parametrize(
    "changed",
    [
        document(format="something else"),
        document(version=2),
        document(version=True),
        document(version=1.0),
        document(version="1"),
        document(frames={}),
        document(frames=None),
        document(extra=1),
        {"format": "sfm-archive a5 frames", "version": 1},
        [1, 2, 3],
        document(frames=[[0xA5, 0, 16, b"", 0]]),
        document(frames=[[0xA5, 0, 16, b"", 0, True, 1]]),
        document(frames=[[256, 0, 16, b"", 0, True]]),
        document(frames=[[-1, 0, 16, b"", 0, True]]),
        document(frames=[[0xA5, 0, True, b"", 0, True]]),
        document(frames=[[0xA5, 0, 16, "text", 0, True]]),
        document(frames=[[0xA5, 0, 16, b"", 0, 1]]),
        document(frames=[{"sub": 0xA5}]),
    ],
)
def test_everything_that_format_1_does_not_say_is_refused(changed: object) -> None:
    with pytest.raises(BadInput):
        deserialise_frames(msgpack.packb(changed))


def test_nothing_but_the_document_may_stand_in_the_blob() -> None:
    packed = msgpack.packb(document())
    assert deserialise_frames(packed) == GOOD
    with pytest.raises(BadInput):
        deserialise_frames(packed + b"\x00")
    with pytest.raises(BadInput):
        deserialise_frames(packed[:-1])
    with pytest.raises(BadInput, match="MessagePack"):
        deserialise_frames(b"\x91" * 5000)  # as deep as a hostile file likes
    with pytest.raises(BadInput):
        deserialise_frames(b"\xdd\xff\xff\xff\xff")  # announces 2**32 items
    with pytest.raises(BadInput):
        deserialise_frames(msgpack.packb({"format": msgpack.ExtType(5, b"x" * 10)}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format_version": 2}, "format 2"),
        ({"codec": "lzma"}, "codec 'lzma'"),
        ({"sha256": "0" * 64}, "hash to"),
        ({"logical_size": 12}, "announce"),
        ({"logical_size": 2**40}, "at most"),
        ({"logical_size": -1}, "at most"),
        ({"data": b""}, "cannot be read"),
        ({"data": b"not zstandard"}, "cannot be read"),
    ],
)
def test_a_blob_that_is_not_what_was_stored_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        unpack_frames(replace(pack_frames(GOOD), **change))  # type: ignore[arg-type]


@given(st.data())
def test_every_flipped_bit_is_found(data: st.DataObject) -> None:
    blob = pack_frames(GOOD)
    at, bit = data.draw(st.integers(0, len(blob.data) - 1)), data.draw(st.integers(0, 7))
    damaged = bytearray(blob.data)
    damaged[at] ^= 1 << bit
    with suppress(BadInput):
        assert unpack_frames(replace(blob, data=bytes(damaged))) == GOOD  # a bit without meaning may change


def test_a_small_blob_that_announces_gigabytes_costs_no_memory() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(200_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(BadInput, match="at most"):
        decompress(bomb, "zstd", 200_000_000)
    with pytest.raises(BadInput, match="announce"):
        decompress(bomb, "zstd", 1000)


def test_data_behind_the_compressed_frame_is_refused() -> None:
    blob = pack_frames(GOOD)
    with pytest.raises(BadInput):
        unpack_frames(replace(blob, data=blob.data + b"behind"))


def test_the_empty_file_can_be_kept_too() -> None:
    assert decompress(compress(b""), "zstd", 0) == b""


def test_more_frames_than_an_event_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_blob, "MAX_FRAMES", 3)
    with pytest.raises(BadInput, match="nothing was stored"):
        pack_frames(GOOD[:4])
    assert pack_frames(GOOD[:3]).frame_count == 3


def test_threads_pack_and_unpack_at_once() -> None:
    wanted, failed = pack_frames(GOOD), []

    def work() -> None:
        for _ in range(30):
            blob: FrameBlob = pack_frames(GOOD)
            if blob != wanted or unpack_frames(blob) != GOOD:
                failed.append(blob)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
