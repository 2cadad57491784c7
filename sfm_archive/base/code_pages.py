"""Texts that other programs wrote: UTF-8 with and without a byte-order mark, UTF-16 by its mark, else Windows-1252.

Blastware and THOR run on Windows, which writes a code page of its own; editors and spreadsheets save UTF-16 as
"Unicode". Every text that is read is decoded here, so that no two readers differ.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

UTF_8_MARK: Final = codecs.BOM_UTF8
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_AT_ONCE = 1 << 20


def _windows_sign(byte: int) -> str:
    """The five bytes that Windows-1252 leaves undefined (81, 8D, 8F, 90, 9D) are the control characters of Latin-1, as
    in Windows itself: so every byte has a character of its own."""
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_WINDOWS_1252 = {byte: _windows_sign(byte) for byte in range(0x80, 0xA0)}


def windows_text(data: bytes) -> str:
    """Bytes of Windows-1252, one character each; what a program of Windows put into a unit, too. Never raises."""
    return data.decode("latin-1").translate(_WINDOWS_1252)


def text_of(data: bytes) -> str:
    """A text without its byte-order mark. Never raises.

    A character of UTF-8 that the end cuts off, and half of one in UTF-16, is `\\ufffd`; so is what cannot be in a text
    that a mark says to be UTF-8.
    """
    if data.startswith(UTF_8_MARK):
        return data[len(UTF_8_MARK) :].decode("utf-8", "replace")
    if data[:2] in _UTF_16:
        return data[2:].decode(_UTF_16[data[:2]], "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        if error.end == len(data) and error.reason == "unexpected end of data" and not before.isascii():
            return data.decode("utf-8", "replace")  # cut off, as the characters before it show
    return windows_text(data)


def one_byte_signs(data: bytes) -> bytes:
    """The same text without its byte-order mark, and with one byte for each sign of ASCII, for readers that look for
    those: UTF-16 becomes UTF-8, any other text stays as it is. Never raises."""
    if data[:2] not in _UTF_16:
        return _without_marks(data)
    return b"".join(one_byte_sign_pieces(data[at : at + _AT_ONCE] for at in range(0, len(data), _AT_ONCE)))


def one_byte_sign_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same of a text that comes in pieces, the mark whole in the first of them."""
    decoder: codecs.IncrementalDecoder | None = None
    for number, piece in enumerate(pieces):
        if number == 0 and piece[:2] in _UTF_16:
            decoder = codecs.getincrementaldecoder(_UTF_16[piece[:2]])("replace")
            yield _without_marks(decoder.decode(piece[2:]).encode())
        elif decoder is not None:
            yield decoder.decode(piece).encode()
        else:
            yield piece if number else _without_marks(piece)
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode()


def _without_marks(text: bytes) -> bytes:
    """UTF-8 without its mark, and without others behind it, so that doing it again changes nothing."""
    while text.startswith(UTF_8_MARK):
        text = text[len(UTF_8_MARK) :]
    return text
