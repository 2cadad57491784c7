"""The stored A5 frame and the logical bytes behind it."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfm_archive import testing
from sfm_archive.errors import BadFrames
from sfm_archive.formats.blastware.frames import as_a5_frames, byte_sum, logical_frame, unescape_stored
from sfm_archive.model.frames import A5Frame

STINGY_BYTES = st.lists(st.sampled_from(b"\x10\x02\x03\x04\x00\xa5"), max_size=60).map(bytes)


def naive_unescape(view: bytes) -> bytes:
    """The rule as the facts word it: left to right, drop each 10 that is followed by 02, 03 or 04."""
    kept = bytearray()
    for at, byte in enumerate(view):
        if byte == 0x10 and at + 1 < len(view) and view[at + 1] in (2, 3, 4):
            continue
        kept.append(byte)
    return bytes(kept)


def first_frame_of_the_published_event() -> A5Frame:
    """Start key 01110000, end offset 0x21F2."""
    return testing.read_out(testing.simulate_waveform(Random(1), start_key=0x0111_0000, size=0x21F2, seconds=1.0))[0]


@given(st.binary(max_size=80) | STINGY_BYTES)
@example(b"\x10\x10\x02")
@example(b"\x10\x10\x10\x03\x04")
@example(b"\x10\x02\x03")
@example(b"\x10")
def test_unescaping_equals_a_scan_from_left_to_right_on_any_bytes(view: bytes) -> None:
    assert unescape_stored(view) == naive_unescape(view)


@given(st.binary(max_size=3000))
@example(b"\xff" * 768)
@example(b"\xff" * 769)
@example(b"\xff" * 70_000)
def test_byte_sum_is_the_sum_of_the_bytes(data: bytes) -> None:
    assert byte_sum(data) == sum(data)


def test_strt_stands_at_data_17_and_the_end_key_at_data_23() -> None:
    # Published positions (docs/facts.md).
    frame = first_frame_of_the_published_event()
    assert frame.sub == 0xA5
    assert frame.data[17:21] == b"STRT"
    assert frame.data[23:27] == bytes.fromhex("011121f2")


def test_the_page_key_is_0010_on_ordinary_frames_and_0001_or_0000_on_the_closing_one() -> None:
    event = testing.simulate_waveform(Random(2), start_key=0x0111_0000, size=0x21F2, seconds=1.0)
    frames = testing.read_out(event)
    assert {(frame.page_hi, frame.page_lo) for frame in frames[:-1]} == {(0x00, 0x10)}
    assert (frames[-1].page_hi, frames[-1].page_lo) == (0x00, 0x01)  # the closing length is 0x01F2
    shorter = testing.simulate_waveform(Random(2), start_key=0x0111_0000, size=0x2080, seconds=1.0)
    assert (testing.read_out(shorter)[-1].page_hi, testing.read_out(shorter)[-1].page_lo) == (0x00, 0x00)


@given(st.integers(0, 0xFFFF_FFFF), st.binary(max_size=600) | STINGY_BYTES)
@example(0x0111_1000, b"\x10")
@example(0x1002_0304, b"\x10\x10\x02")
def test_a_frame_gives_back_address_and_content_whatever_they_are(address: int, content: bytes) -> None:
    logical = logical_frame(testing.a5_frame(address, content))
    assert (logical.address, logical.length, logical.content) == (address, len(content), content)
    assert logical.parameters == address.to_bytes(4, "big") + bytes(6)
    assert (logical.length_ok, logical.checksum_ok) == (True, True)


@given(st.integers(0, 0xFFFF_FFFF), st.binary(min_size=1, max_size=300) | STINGY_BYTES.filter(bool))
def test_an_old_record_without_its_checksum_byte_still_gives_its_content(address: int, content: bytes) -> None:
    (frame,) = testing.without_checksums([testing.a5_frame(address, content)])
    logical = logical_frame(frame)
    assert (logical.address, logical.content, logical.length_ok) == (address, content, True)
    assert logical.checksum_ok is not False


def test_a_changed_byte_fails_the_sum_and_a_lost_end_fails_the_length() -> None:
    random = Random(3)
    frames = testing.read_out(testing.simulate_waveform(random, seconds=1.0))
    corrupted = logical_frame(testing.corrupted_byte(frames, 1, random)[1])
    assert (corrupted.length_ok, corrupted.checksum_ok) == (True, False)
    truncated = logical_frame(testing.truncated_frame(frames, 1, random)[1])
    assert truncated.length_ok is False
    assert len(truncated.content) < truncated.length


def test_content_never_exceeds_what_the_frame_announces() -> None:
    frame = testing.a5_frame(0x0111_0000, b"abc")
    longer = frame._replace(data=frame.data + b"trailing bytes")
    assert logical_frame(longer).content == b"abc"
    assert logical_frame(longer).length_ok is False


@given(
    # The second byte of the length is the first of the data: half of the frames announce less than they bring.
    st.binary(max_size=40) | STINGY_BYTES | st.builds(bytes.__add__, st.binary(min_size=1, max_size=1), STINGY_BYTES),
    st.integers(0, 255),
    st.just(0) | st.integers(0, 255),
    st.integers(0, 255),
)
@example(b"\x05" + bytes(30), 0, 0, 0)
def test_any_stored_bytes_are_read_or_refused_with_bad_frames(data: bytes, hi: int, lo: int, chk: int) -> None:
    frame = A5Frame(0xA5, hi, lo, data, chk, True)
    whole = naive_unescape(bytes((hi, lo)) + data + bytes((chk,)))
    try:
        logical = logical_frame(frame)
    except BadFrames as error:
        assert "download" in str(error)
        assert len(whole) < 14
    else:
        assert logical.length == int.from_bytes(whole[1:3], "big")
        assert logical.content == whole[13:-1][: logical.length]
        if logical.checksum_ok is not None:
            assert logical.length_ok == (len(whole) == 13 + logical.length + 1)


def test_a_frame_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        first_frame_of_the_published_event().sub = 0  # type: ignore[misc]


def test_frames_dicts_and_objects_with_the_six_fields_are_the_same() -> None:
    frames = tuple(testing.read_out(testing.simulate_waveform(Random(4), seconds=1.0)))
    assert as_a5_frames(frames) == frames
    assert as_a5_frames([frame._asdict() for frame in frames]) == frames
    assert as_a5_frames([SimpleNamespace(**frame._asdict()) for frame in frames]) == frames
    mutable = [{**frame._asdict(), "data": bytearray(frame.data)} for frame in frames]
    assert as_a5_frames(mutable) == frames


def test_checksum_fields_that_an_old_record_lacks_read_as_0_and_true() -> None:
    plain = {"sub": 0xA5, "page_hi": 0, "page_lo": 16, "data": b"\x02"}
    assert as_a5_frames([plain]) == (A5Frame(0xA5, 0, 16, b"\x02", 0, True),)
    assert as_a5_frames([SimpleNamespace(**plain)]) == (A5Frame(0xA5, 0, 16, b"\x02", 0, True),)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sub", 256, "sub is 256"),
        ("sub", -1, "sub is -1"),
        ("page_hi", True, "page_hi is True"),
        ("page_lo", "16", "page_lo is '16'"),
        ("chk_byte", None, "chk_byte is None"),
        ("data", "text", "data is str"),
        ("data", [1, 2], "data is list"),
        ("checksum_valid", "yes", "checksum_valid is 'yes'"),
    ],
)
@pytest.mark.parametrize("as_frame", [False, True])
def test_a_field_of_another_type_or_range_is_named_with_its_frame(
    field: str, value: object, words: str, as_frame: bool
) -> None:
    good = first_frame_of_the_published_event()
    bad = good._replace(**{field: value}) if as_frame else {**good._asdict(), field: value}
    with pytest.raises(BadFrames, match="frame 1") as caught:
        as_a5_frames([good, bad])
    assert words in str(caught.value)


def test_a_missing_field_is_named() -> None:
    plain = first_frame_of_the_published_event()._asdict()
    del plain["data"]
    with pytest.raises(BadFrames, match="frame 0 has no field 'data'"):
        as_a5_frames([plain])
    with pytest.raises(BadFrames, match="no field 'data'"):
        as_a5_frames([object()])
