"""The text of a report in blocks of whole lines: nothing lost, nothing held, whatever pieces it comes in."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.base.code_pages import one_byte_signs
from sfm_archive.formats.reports import received_text
from sfm_archive.formats.reports.received_text import HEAD_SIZE, ReceivedText

LINES = st.lists(
    st.sampled_from([b"", b"a", b"0.127\t-0.5", b"\r", b"  ", b"\xef\xbb\xbf", b"\xe9", b"\x1ab"]), max_size=12
)


def in_pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in [*sizes, len(data)]:
        if at < len(data):
            yield data[at : at + size]
            at += size


@given(LINES, st.lists(st.integers(3, 9)), st.integers(0, 40))
def test_blocks_are_the_text_from_any_offset_on(lines: list[bytes], sizes: list[int], start: int) -> None:
    data = b"\n".join(lines)
    text = ReceivedText(lambda: in_pieces(data, sizes))
    whole = one_byte_signs(data)
    blocks = list(text.blocks(start))
    assert b"".join(blocks) == whole[start:]
    assert all(block.endswith(b"\n") for block in blocks[:-1]) and b"" not in blocks
    assert text.head == whole and text.is_whole


@given(st.text(max_size=30), st.lists(st.integers(3, 9)), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf_16_in_any_pieces_is_utf_8(text: str, sizes: list[int], encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    data = mark + text.encode(encoding)
    given_text = ReceivedText(lambda: in_pieces(data, sizes))
    assert given_text.head.rstrip(b"\x1a \t\r\n") == text.encode().removeprefix(codecs.BOM_UTF8).rstrip(b"\x1a \t\r\n")


@pytest.mark.parametrize(
    ("end", "kept"),
    [(b"\r\n\x1a", b"\r\n"), (b"\n\x1a", b"\n"), (b"\x1a", b""), (b"\r\n\x1a\r\n", b"\r\n"),
     (b"\n" + b"\x1a" * 200, b"\n"),
     (b" \x1a\n", b""), (b"\r\n", b"\r\n"), (b"", b""), (b"\x1ax", b"\x1ax")],
)  # fmt: skip
@pytest.mark.parametrize("before", [b"0.1\t0.2", b"x" * (HEAD_SIZE + 5) + b"\n0.1"], ids=["short", "long"])
def test_a_ctrl_z_ends_a_text_and_is_none_of_it(before: bytes, end: bytes, kept: bytes) -> None:
    text = ReceivedText.of(before + end)
    assert b"".join(text.blocks(0)).endswith(before[-3:] + kept)
    if text.is_whole:
        assert text.head == before + kept


def test_a_line_without_end_is_cut_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received_text, "_LONGEST_LINE", 100)
    data = b"a\n" + b"x" * 1000 + b"\nb\n" + b"y" * 1000
    for size in (7, 90, 500, 5000):
        text = ReceivedText(lambda size=size: (data[at : at + size] for at in range(0, len(data), size)))
        first, long, last, cut = b"".join(text.blocks(0)).split(b"\n")
        assert (first, last) == (b"a", b"b")
        assert 100 <= len(long) <= 1000 and set(long) == {ord("x")} and 100 <= len(cut) <= 1000


def test_of_a_large_file_only_the_beginning_is_held(tmp_path: Path) -> None:
    path = tmp_path / "long.TXT"
    line = b"0.127     \t-0.500    \r\n"
    path.write_bytes(line * (5 * HEAD_SIZE // len(line)))
    text = ReceivedText.in_file(path)
    assert (len(text.head), text.is_whole) == (HEAD_SIZE, False)
    sizes = [len(block) for block in text.blocks(len(line))]
    assert sum(sizes) == path.stat().st_size - len(line) and max(sizes) <= HEAD_SIZE + len(line)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        next(text.blocks(0))
