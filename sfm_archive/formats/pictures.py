"""What kind of picture bytes are, and how large it is: PNG and JPEG, which every maker of PDFs takes."""

from __future__ import annotations

from typing import NamedTuple

from sfm_archive.errors import BadInput

_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG segments that say how large the picture is."""


class PictureForm(NamedTuple):
    """`kind`: 'PNG' or 'JPEG'; `width` and `height` in pixels."""

    kind: str
    width: int
    height: int


def picture_form(data: bytes) -> PictureForm:
    """Raises BadInput for bytes that are neither, and for a picture that is cut off."""
    if data.startswith(_PNG):
        if len(data) < 33 or data[12:16] != b"IHDR" or not data.rstrip(b"\0\r\n").endswith(_PNG_END):
            raise BadInput("it is a PNG that is cut off")
        return _checked("PNG", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if data.startswith(_JPEG):
        return _jpeg(data)
    raise BadInput("it is neither PNG nor JPEG")


def _jpeg(data: bytes) -> PictureForm:
    at = 2
    while _JPEG_END in data[-64:] and at + 9 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # filled up
            at += 1
            continue
        if marker in _FRAMES:
            height, width = (int.from_bytes(data[at + 5 + two : at + 7 + two], "big") for two in (0, 2))
            return _checked("JPEG", width, height)
        at += 2 + size
    raise BadInput("it is a JPEG that is cut off or damaged")


def _checked(kind: str, width: int, height: int) -> PictureForm:
    if not width or not height:
        raise BadInput(f"it is a {kind} without a pixel")
    return PictureForm(kind, width, height)
