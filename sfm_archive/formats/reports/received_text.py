"""The text of a report as its readers take it: a beginning that is held, and blocks of whole lines behind it.

A record of half an hour prints as a hundred megabytes. Nothing here holds more of a text than beginning and a block.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from sfm_archive.base.code_pages import one_byte_sign_pieces
from sfm_archive.base.regular_files import open_file
from sfm_archive.formats.reports.lines import MAX_HEADER_SIZE

HEAD_SIZE: Final = 4 * MAX_HEADER_SIZE
"""Bytes within which the row of names stands: behind the header, and a monitor log as long."""

_BLOCK = 1 << 20
_LONGEST_LINE = 1 << 18
_END_MARK = b"\x1a"
"""Ctrl-Z, by which programs of DOS and its descendants end a text."""

_END_OF_LINE = re.compile(rb"[ \t]*\r?\n")


class ReceivedText:
    """A report in either dialect. `head`: its beginning without a byte-order mark, with one byte for each sign of
    ASCII; offsets count in such bytes. `is_whole`: whether that is all of it."""

    def __init__(self, pieces: Callable[[], Iterable[bytes]]) -> None:
        """`pieces`: gives the bytes as received, from the first one on, each time it is called."""
        self.pieces = pieces
        head = bytearray()
        for piece in one_byte_sign_pieces(pieces()):
            head += piece
            if len(head) > HEAD_SIZE:
                break
        self.is_whole = len(head) <= HEAD_SIZE
        self.head = _without_end_mark(bytes(head)) if self.is_whole else bytes(head[:HEAD_SIZE])

    @classmethod
    def of(cls, data: bytes) -> ReceivedText:
        """A text that is in memory."""
        return cls(lambda: (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)))

    @classmethod
    def in_file(cls, path: Path) -> ReceivedText:
        """A text that is read from its file each time. Raises OSError, here and where it is read."""

        def pieces() -> Iterator[bytes]:
            with open_file(path) as file:
                while piece := file.read(_BLOCK):
                    yield piece

        return cls(pieces)

    def sha256(self) -> str:
        """Of the bytes as received."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()

    def blocks(self, start: int) -> Iterator[bytes]:
        """From an offset on, blocks of whole lines, the last one perhaps without its end. A line of more than 256 KiB,
        which no row is, is cut there."""
        before = b""
        for block in _whole_lines(_from(start, one_byte_sign_pieces(self.pieces()))):
            if before:
                yield before
            before = block
        if before := _without_end_mark(before):
            yield before


def _from(start: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[start:]
        start = max(0, start - len(piece))


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    left, in_long_line = b"", False
    for piece in pieces:
        begin = 0
        if in_long_line:
            begin = piece.find(b"\n")
            if begin == -1:
                continue
            in_long_line = False
        end = piece.rfind(b"\n") + 1
        if end:
            yield left + piece[begin:end]
            left = piece[end:]
        else:
            left += piece
        if len(left) > _LONGEST_LINE:
            left, in_long_line = left[:_LONGEST_LINE], True
    if left:
        yield left


def _without_end_mark(text: bytes) -> bytes:
    size = len(text.rstrip(_END_MARK + b" \t\r\n"))
    if text.find(_END_MARK, size) == -1:
        return text
    end = _END_OF_LINE.match(text, size)
    return text[: size if end is None else end.end()]
