"""PNG and JPEG: their kind and size, and what is none or is cut off."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.formats.pictures import picture_form


def made(kind: str, width: int, height: int, **how: object) -> bytes:
    """By Pillow, which is not ours."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, kind, **how)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "how"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("JPEG", {"exif": b"Exif\0\0" + bytes(500)})],
)
def test_kind_and_size_are_those_with_which_it_was_made(kind: str, how: dict[str, object]) -> None:
    assert picture_form(made(kind, 321, 77, **how)) == (kind, 321, 77)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_one_that_is_cut_off_is_said_to_be(kind: str) -> None:
    data = made(kind, 40, 30)
    for size in (10, 20, len(data) // 2, len(data) - 3):
        with pytest.raises(BadInput, match="cut off"):
            picture_form(data[:size])


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.4", b"BM"])
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="neither PNG nor JPEG"):
        picture_form(data)


@given(data=st.binary(max_size=200), head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b""]))
def test_any_bytes_have_a_form_or_are_refused(data: bytes, head: bytes) -> None:
    try:
        form = picture_form(head + data)
    except BadInput:
        return
    assert form.width > 0 and form.height > 0
