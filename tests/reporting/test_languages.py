"""The catalogue of words: every text that pages say is in every language's file, and no other."""

from __future__ import annotations

import ast
import string
from datetime import date, datetime
from pathlib import Path

import pytest

import sfm_archive.reporting
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.limits import outcomes
from sfm_archive.limits.curves import CURVES
from sfm_archive.reporting.language import ENGLISH, TERMS, VALUE_WORDS, language, languages

ROOM = Path(sfm_archive.reporting.__file__).parent
OTHERS = [code for code in languages() if code != ENGLISH]


def said_in_code() -> set[str]:
    """The first argument of every `….says(…)` and `phrase(…)`, where it is written out."""
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name not in ("says", "phrase"):
                continue
            for part in ast.walk(node.args[0]):
                assert not isinstance(part, ast.JoinedStr), f"{path.name}: an f-string is no text of a catalogue"
            texts = [node.args[0]]
            if isinstance(node.args[0], ast.IfExp):
                texts = [node.args[0].body, node.args[0].orelse]
            found |= {one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    curves = {text for one in CURVES for text in (one.title, one.source, one.note, one.short) if text}
    return found | {*VALUE_WORDS} | curves | {member.value for terms in TERMS for member in terms}


def forms_of(text: object) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]  # type: ignore[list-item]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_german_is_there():
    assert "de" in OTHERS


def test_no_text_of_a_page_names_a_command():
    texts = [form for code in OTHERS for text in language(code).texts.values() for form in forms_of(text)]
    texts += [text for code in OTHERS for text in language(code).sentences]
    assert [text for text in texts if "sfm " in text] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_that_is_said_is_in_the_file_and_no_other(code):
    texts = set(language(code).texts)
    assert sorted(said_in_code() - texts) == []
    assert sorted(texts - said_in_code()) == []


def test_english_has_only_the_plural_forms_of_what_is_said():
    english = language(ENGLISH).texts
    assert set(english) <= said_in_code()
    assert all(isinstance(text, dict) for text in english.values())
    assert {text for text in said_in_code() if "{count}" in text} == set(english)


@pytest.mark.parametrize("code", languages())
def test_placeholders_agree(code):
    for key, text in language(code).texts.items():
        for form in forms_of(text):
            assert form.strip() == form and form, key
            assert placeholders(form) | {"count"} == placeholders(key) | {"count"}, key
        if isinstance(text, dict):
            assert set(text) == set(language(code).locale.plural_form.tags) | {"other"}, key


def test_numbers_dates_and_thousands_are_those_of_the_language():
    english, german = language("en"), language("de")
    assert english.digits("≥1,234.50 mm/s") == "≥1,234.50 mm/s"
    assert german.digits("≥1,234.50 mm/s") == "≥1.234,50 mm/s"
    assert german.digits("over, e.g. 3.2, 7") == "over, e.g. 3,2, 7"
    assert (english.whole(12345), german.whole(12345)) == ("12,345", "12.345")
    day = date(2026, 5, 3)
    assert (english.day(day), german.day(day)) == ("2026-05-03", "03.05.2026")
    assert (english.month(day), german.month(day)) == ("May 2026", "Mai 2026")
    assert german.moment(datetime(2026, 5, 3, 7, 4, 9)) == "03.05.2026 07:04:09"


def test_no_text_is_said_in_another_language_where_one_is_missing():
    with pytest.raises(BadInput, match="no text for 'Nobody says this'"):
        language("de").says("Nobody says this")


def test_a_language_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match=r"'xx' is no language of reports; choose de or en"):
        language("xx")


@pytest.mark.parametrize("code", OTHERS)
def test_every_reason_that_limits_give_is_told(code):
    said_in = language(code)
    words = {
        "peak": "the peak is within; ", "channel": "Vert", "least": "12.30 mm/s", "most": "13.1 mm/s",
        "hertz": "8.2 to 10 Hz", "limits": "5.00 mm/s to 8.00 mm/s", "other": "Tran 3.21 mm/s at 12 Hz or more",
        "ratio": "1.20 times", "open": "its frequency is not known",
    }  # fmt: skip
    sentences = [form.format_map(words) for form in outcomes._SENTENCES.values()]
    sentences += [one.convention for one in outcomes.Judging]
    for sentence in sentences:
        told = said_in.told(sentence)
        assert told != sentence
        for english in (" is ", " the ", " at ", " to ", " or ", " times", "12.30"):
            assert english not in told, told


def test_what_people_wrote_stays_as_it_is_in_every_language():
    german = language("de")
    assert german.told("at Church and School/To 1.5 (window 3)") == "an Church and School/To 1.5 (Aufstellung 3)"
    assert german.told("permit of 28.5, 1.25 mm/s; said by VMA: yes") == "permit of 28.5, 1.25 mm/s; said by VMA: yes"
    stated = "stated: calibrated on 2026-02-11 by Lab to and fro, valid until 2027-02-11"
    assert german.told(stated) == "angegeben: kalibriert am 11.02.2026 von Lab to and fro, gültig bis 11.02.2027"
    assert german.told("DIN line 1, own: no peak is known") == "DIN Zeile 1, own: kein Spitzenwert ist bekannt"


def test_english_is_told_as_it_is():
    assert language(ENGLISH).told("no peak is known") == "no peak is known"


def test_no_english_is_left_beside_the_names_of_curves_and_limits_on_german_pages():
    german = language("de")
    assert german.told("DIN line 2: the peak is within; without samples, other half waves are not known") == (
        "DIN Zeile 2: der Spitzenwert hält ein; ohne Abtastwerte sind andere Halbwellen nicht bekannt"
    )
    unknown = "DIN line 2: Vert: the frequency is not known, and the limit depends on it"
    assert german.told(unknown).startswith("DIN Zeile 2: Vert: die Frequenz")
    for end in ("", " assumed"):
        assert "high-pass" not in german.told(f"133 dB(L) (OSMRE, 2 Hz high-pass{end})")


@pytest.mark.parametrize("code", languages())
def test_a_reason_on_a_page_has_no_command_in_it(code):
    words = language(code)
    for sentence in [*outcomes._SENTENCES.values(), *(one.convention for one in outcomes.Judging)]:
        assert not any(sign in words.reason(sentence) for sign in ("sfm", "--judge"))
