"""CSV for programs and for the spreadsheets of people."""

from __future__ import annotations

import csv
import io
import sys

import pytest

from sfm_archive.base.system_locale import system_locale
from sfm_archive.cli.options import spreadsheet_form as from_a_command
from sfm_archive.errors import UsageError
from sfm_archive.formats.csv_text import MARK, PLAIN, NumberText, spreadsheet_form

COMPUTED = ["=1+1", "+49 170", "-5 m from wall", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


@pytest.mark.parametrize(
    ("word", "separator", "decimal"),
    [
        ("de", ";", ","), ("en", ",", "."), ("de-CH", ";", "."), ("de_AT.UTF-8", ";", ","), ("pt-BR", ";", ","),
        ("es-MX", ",", "."), ("es", ";", ","), ("fr_CA", ";", ","), ("zh-Hans-CN", ",", "."), ("EN-us", ",", "."),
        ("sr_RS@latin", ";", ","), ("de_CH.UTF-8@euro", ";", "."),
    ],
)  # fmt: skip
def test_a_language_has_its_separator_and_decimal_sign(word, separator, decimal):
    form = spreadsheet_form(word)
    assert (form.separator, form.decimal) == (separator, decimal)


@pytest.mark.parametrize("word", ["xx", "quarry.sfm", "", "german", "-", "C"])
def test_any_other_word_names_the_known_ones(word):
    with pytest.raises(UsageError, match=r"give one of af, am, az, .*, de, .*, en, .*de-CH"):
        spreadsheet_form(word)


@pytest.mark.parametrize("text", COMPUTED)
def test_texts_that_would_be_computed_are_guarded_and_numbers_are_not(text):
    form = spreadsheet_form("de")
    written = form.text([[text, -1.5, -3, NumberText("-0.005"), "1.285", None]])
    (row,) = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    assert row == [f"'{text}", "-1,5", "-3", "-0,005", "1.285", ""]
    assert next(csv.reader(io.StringIO(PLAIN.text([[text, -1.5]]), newline=""))) == [text, "-1.5"]


def test_only_the_beginning_of_a_spreadsheet_has_the_mark():
    form = spreadsheet_form("de")
    assert form.encoded([["a"]], beginning=True) == (MARK + "a\n").encode()
    assert form.encoded([["a"]], beginning=False) == b"a\n" == PLAIN.encoded([["a"]], beginning=True)


@pytest.mark.parametrize("separator", [",", ";"])
def test_every_text_comes_back_as_it_was(separator):
    texts = ['Süd; Halde 2, "alt"', "a\rb", "a\nb", "a\r\nb", "", "ok"]
    form = PLAIN._replace(separator=separator)
    assert next(csv.reader(io.StringIO(form.text([texts]), newline=""), delimiter=separator)) == texts


@pytest.mark.skipif(sys.platform != "linux", reason="Windows and macOS have settings of their own")
def test_the_language_of_the_environment_is_taken(monkeypatch):
    for name in ("LC_ALL", "LC_NUMERIC", "LANG"):
        monkeypatch.delenv(name, raising=False)
    word = "this computer's language"
    assert from_a_command(word) == spreadsheet_form("en")
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert from_a_command(word) == spreadsheet_form("en")
    monkeypatch.setenv("LC_NUMERIC", "de_DE.UTF-8")
    assert from_a_command(word) == spreadsheet_form("de")
    monkeypatch.setenv("LC_ALL", "de_CH")
    assert system_locale() == ("de_CH", "", "")
    assert from_a_command(word) == spreadsheet_form("de-CH")


@pytest.mark.skipif(sys.platform not in ("win32", "darwin"), reason="the environment decides elsewhere")
def test_the_settings_of_the_user_are_asked_for():
    found = system_locale()
    assert found.language
    if sys.platform == "win32":
        assert len(found.separator) == 1 and len(found.decimal) == 1
        form = from_a_command("this computer's language")
        assert (form.separator, form.decimal) == (found.separator, found.decimal)
