"""Texts as a search compares them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.base.texts import folded


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("Québec", "quebec"),
        ("Que\u0301bec", "QUÉBEC"),
        ("MINERAÇÃO", "mineracao"),
        ("Steinbruch  Süd\n", "steinbruch sud"),
        ("Straße", "STRASSE"),
        ("Ｗｅｓｔ", "west"),
        ("ΝΟΤΟΣ", "νοτος"),
        ("Łódź", "lodz"),
        ("Østre", "ostre"),
        ("Taş Ocağı", "tas ocagi"),
    ],
)
def test_case_accents_and_blanks_do_not_count(typed: str, sought: str) -> None:
    assert folded(typed) == folded(sought)


@pytest.mark.parametrize(
    ("one", "other"), [("North", "Nort h"), ("pit 1", "pit 2"), ("北", "南"), ("sønder", "sander")]
)
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_again_and_any_form_of_the_same_signs_change_nothing(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text)) == once
