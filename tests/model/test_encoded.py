"""Names of encoders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import UsageError
from sfm_archive.model.encoders import EncoderName, parse_encoder_name


@given(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), st.integers(0, 999_999_999))
def test_a_name_reads_back_as_it_is_written(family: str, version: int) -> None:
    name = EncoderName(family, version)
    assert parse_encoder_name(str(name)) == name


@pytest.mark.parametrize(
    "text",
    ["", "blastware", "blastware@", "@2", "blastware@02", "blastware@-1", "blastware@2.0", "Blastware@2",
     "blast ware@2", "blastware@2\n", " blastware@2", "blastware@٢", "blastware@1e3", "2@blastware",
     "blastware@9999999999"],
)  # fmt: skip
def test_another_text_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="family@version"):
        parse_encoder_name(text)


def test_versions_are_numbers_so_that_ten_comes_after_nine() -> None:
    assert sorted([parse_encoder_name("a@10"), parse_encoder_name("a@9")])[0].version == 9
