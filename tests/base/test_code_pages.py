"""Texts of other programs: which code page they are in, and what of it is read."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.base.code_pages import one_byte_signs, text_of, windows_text

TEXT = 'O’Brien – Quarry €\r\n"Kießling", 5 °C\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_the_same_in_every_code_page(encoding):
    assert text_of(TEXT.encode(encoding)) == text_of(one_byte_signs(TEXT.encode(encoding))) == TEXT


@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_utf_16_is_told_by_its_mark_in_either_order(mark, encoding):
    data = mark + (TEXT + "😀").encode(encoding)
    assert text_of(data) == TEXT + "😀" and one_byte_signs(data) == (TEXT + "😀").encode()


def test_the_bytes_that_windows_1252_leaves_undefined_stay_apart():
    data = bytes(range(256))
    assert len(set(windows_text(data))) == 256
    assert [windows_text(bytes((byte,))) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)] == list("\x81\x8d\x8f\x90\x9d")
    assert windows_text(b"\x92\x96\x80\xe4") == "’–€ä"


def test_utf_8_that_is_cut_off_within_a_character_stays_utf_8():
    whole = "Kießling – Söhne".encode()
    assert text_of(whole[:-5]).startswith("Kießling – S")
    assert text_of("Kießling ö".encode()[:-1]) == "Kießling \ufffd"
    assert text_of(b"Caf\xe9") == "Café", "nothing before it says that it is UTF-8"


def test_a_long_text_in_utf_16_is_read_in_pieces():
    text = "€😀" * 400_000
    assert one_byte_signs(text.encode("utf-16")).decode() == text


@given(st.binary(max_size=80))
def test_any_bytes_are_a_text_that_can_be_kept(data):
    for given_data in (data, b"\xff\xfe" + data, b"\xfe\xff" + data, b"\xef\xbb\xbf" + data):
        text_of(given_data).encode()
        one_byte_signs(given_data)
