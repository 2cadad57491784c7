"""Lists of blasts as spreadsheets of several languages save them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.formats.blast_lists import Asked, BlastList, ListedLine, read_blast_list
from sfm_archive.formats.listed_numbers import decimal_signs, number_of
from sfm_archive.formats.time_forms import strptime_form
from sfm_archive.model.blasting import Charge

POINTS = ("Church", "Old School")


def read(text: str, encoding: str = "utf-8", **asked: str) -> BlastList:
    return read_blast_list(text.encode(encoding), Asked(POINTS, **asked))


def only(text: str, encoding: str = "utf-8", **asked: str) -> ListedLine:
    found = read(text, encoding, **asked)
    assert found.rejects == ()
    (line,) = found.lines
    return line


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("time,name,charge (kg)\n2026-05-04 11:30,17,120.5\n", "utf-8"),
        ("\ufeffDate/Time;Shot No.;MIC [kg]\r\n2026-05-04T11:30:00;17;120,5\r\n", "utf-8"),
        (
            "Datum\tUhrzeit\tSprengung Nr.\tHöchstlademenge je Zündzeitstufe kg\n2026-05-04\t11:30\t17\t120,5\n",
            "utf-16",
        ),
        ("sep=;\nDatum/Zeit;Bezeichnung;Lademenge je Zündzeitstufe (kg)\n2026-05-04 11:30;17;120,5\n", "cp1252"),
        ('"Date et heure";"N° de tir";"Charge unitaire (kg)"\n"2026-05-04 11:30";"17";"120,5"\n', "cp1252"),
        ("Fecha y hora;Voladura;Carga máxima por retardo (kg)\n2026-05-04 11:30;17;120,5\n", "cp1252"),
        ("Data e hora;Número;Carga por espera (kg)\n2026-05-04 11:30;17;120,5\n", "utf-8"),
        ("Data e ora;Volata;Carica massima cooperante (kg)\n2026-05-04 11:30;17;120,5\n", "utf-8"),
        ("Datum och tid;Salva;Samverkande laddning (kg)\n2026-05-04 11:30;17;120,5\n", "utf-8"),
        ("Päivä;Klo;Räjäytys;Momentaaninen panos (kg)\n2026-05-04;11:30;17;120,5\n", "utf-8"),
        ("Data i godzina;Strzał;Ładunek na opóźnienie (kg)\n2026-05-04 11:30;17;120,5\n", "utf-8"),
        ("time,name,charge per delay\n2026-05-04 11:30,17,120.5 kg\n\n,,\n", "utf-8"),
    ],
)
def test_headings_of_many_languages_and_what_spreadsheets_write_mean_the_same(text: str, encoding: str) -> None:
    found = only(text, encoding)
    assert (found.at, found.name, found.charge) == (datetime(2026, 5, 4, 11, 30), "17", Charge(120.5, "kg"))


def test_places_and_distances_are_read_with_their_units() -> None:
    text = (
        "time,lat,lon,distance Church (ft),Old school (km),Remarks\n"
        "2026-05-04 11:30,47.1,8.2,300,0.45,windy\n2026-05-04 11:31,,,,,\n"
    )
    found = read(text)
    assert found.unread == ("Remarks",)
    first, second = found.lines
    assert first.distances == {"Church": 91.44, "Old School": 450}
    assert first.place.coordinates == "47.100000000000,8.200000000000"
    assert second.distances == {}
    assert second.place == ("", "")
    grid = only("time;Rechtswert;Hochwert\n2026-05-04 11:30;2 683 400,5;1 247 100\n")
    assert grid.place.grid == "2683400.500000000000,1247100.000000000000"


def test_an_offset_of_the_time_is_kept() -> None:
    offset = only("time\n2026-05-04T11:30:15+02:00\n").at.utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 7200


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("time,charge (kg)\n", "no blast below it"),
        ("name,charge (kg)\n17,120\n", "no column is headed with a time; the first line is 'name, charge \\(kg\\)'"),
        ("2026-05-04 11:30,17,120\n", "no column is headed with a time"),
        ("time,charge (t)\n2026-05-04 11:30,0.1\n", "'t' is no unit that is read there; it is kg or lb"),
        ("time,distance Church (yd)\n2026-05-04 11:30,5\n", "'yd' is no unit that is read there"),
        ("time,east (ft),north (ft)\n2026-05-04 11:30,5,5\n", "'ft' is no unit that is read there; it is metres"),
        ("time,distance (m)\n2026-05-04 11:30,5\n", "to which point of the job\\? its points are: Church, Old School"),
        ("time,distance Mosque (m)\n2026-05-04 11:30,5\n", "to which point of the job"),
        ("time,lat\n2026-05-04 11:30,47\n", "a column for latitude and none for longitude"),
        ("time,charge (kg),Ladung (lb)\n2026-05-04 11:30,1,2\n", "say the same"),
        ("time\n2026-05-04 11:30\0\n", "it is no text"),
    ],
)
def test_what_is_no_list_of_blasts_is_a_sentence(text: str, error: str) -> None:
    with pytest.raises(sfm.BadInput, match=error):
        read(text)


def test_a_unit_that_two_say_differently_is_refused() -> None:
    with pytest.raises(sfm.BadInput, match="--charge-unit says lb"):
        read("time,charge (kg)\n2026-05-04 11:30,1\n", charge_unit="lb")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2026-05-04 11:30,17,120,47.1,8.2,9", "cells below"),
        ("04.05.2026 11:30,17,120,,", "--date-format"),
        ("2026-05-04,17,120,,", "--date-format"),
        (",17,120,,", "no time"),
        ("2026-05-04 11:30,17,many,,", "no number"),
        ("2026-05-04 11:30,17,120 lb,,", "which unit is right"),
        ("2026-05-04 11:30,17,-5,,", "cannot be"),
        ("2026-05-04 11:30,17,120,47.1,", "a latitude and no longitude"),
        ("2026-05-04 11:30,17,120,47.1 km,8.2", "no latitude"),
    ],
)
def test_a_line_that_is_no_blast_is_named_with_its_number_and_why(line: str, why: str) -> None:
    found = read(f"time,name,charge (kg),lat,lon\n2026-05-04 11:00,16,100,,\n{line}\n2026-05-04 12:00,18,100,,\n")
    assert [one.name for one in found.lines] == ["16", "18"]
    (reject,) = found.rejects
    assert reject.line == 3
    assert why in reject.why


def test_no_unit_of_a_charge_is_guessed() -> None:
    found = read("time,charge\n2026-05-04 11:30,120\n")
    assert "has no unit" in found.rejects[0].why
    assert only("time,charge\n2026-05-04 11:30,120\n", charge_unit="lb").charge == Charge(120, "lb")


def test_a_total_charge_is_not_taken_for_that_of_one_delay() -> None:
    found = read("time,total charge (kg)\n2026-05-04 11:30,5000\n")
    assert found.lines[0].charge is None
    assert found.unread == ("total charge (kg)",)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("DD.MM.YYYY hh:mm", "04.05.2026 11:30"),
        ("MM/DD/YY HH:mm:ss", "05/04/26 11:30:00"),
        ("TT.MM.JJJJ hh:mm", "04.05.2026 11:30"),
        ("%m/%d/%Y %I:%M %p", "05/04/2026 11:30 AM"),
        ("DD.MM.YYYY HH:MM", "04.05.2026 11:30"),
        ("dd.mm.yyyy hh:mm", "04.05.2026 11:30"),
        ("DD.MM.YYYY hh:MM", "04.05.2026 11:30"),
        ("DD.MM.YYYY HH:MM:SS", "04.05.2026 11:30:00"),
        ("HH:MM DD.MM.YYYY", "11:30 04.05.2026"),
        ("M/D/YYYY h:mm AM", "5/4/2026 11:30 AM"),
        ("MM/DD/YYYY hh:mm tt", "05/04/2026 11:30 AM"),
        ("D. MMMM YYYY hh:mm", "4. May 2026 11:30"),
        ("DD-MMM-YY hh:mm", "04-May-26 11:30"),
        ("JJ.MM.AAAA HH:mm", "04.05.2026 11:30"),
        ("YYYYMMDDThhmm", "20260504T1130"),
    ],
)
def test_times_of_other_forms_are_read_as_the_person_says(form: str, written: str) -> None:
    assert only(f"time\n{written}\n", date_format=strptime_form(form)).at == datetime(2026, 5, 4, 11, 30)


@pytest.mark.parametrize(
    "form",
    [
        "DD.MM.YYYY",
        "MM hh:mm",
        "%Q",
        "%I:%M %d.%m.%Y",
        "now",
        "",
        "%c",
        "%d.%m.%Y %H:%m",
        "%d.%d.%m.%Y %H:%M",
        "DD.MM.YYYY mm:hh",
        "DD.MM.YYYY hh:mm:mm",
        "%%d%m%Y%H%M",
        "%d.%m.%Y %H:%M %",
        "DD.MM.YYYY hh:mm Uhr",
        "DD" * 90,
    ],
)
def test_a_form_that_leaves_something_open_is_refused(form: str) -> None:
    with pytest.raises(sfm.UsageError):
        strptime_form(form)


_PIECES = [
    *"DMYHSApTJ.:/ -%dmyHIMSpBbjTzZfGVu\0é",
    "DD",
    "MM",
    "YYYY",
    "hh",
    "mm",
    "MMMM",
    "AM",
    "%d",
    "%m",
    "%Y",
    "%H",
]


@given(st.text(max_size=24) | st.lists(st.sampled_from(_PIECES), max_size=16).map("".join))
def test_any_form_is_one_of_whole_times_or_a_sentence(form: str) -> None:
    at = datetime(2025, 12, 30, 23, 58)
    try:
        written = strptime_form(form)
    except sfm.UsageError as error:
        assert str(error)
    else:
        assert datetime.strptime(at.strftime(written), written).replace(tzinfo=None) == at


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.234", "0.5"], [1.234, 0.5]),
        (["1.234", "0,5"], [1234, 0.5]),
        (["1,234", "0.5"], [1234, 0.5]),
        (["1,234", "0,5"], [1.234, 0.5]),
        (["1.234"], [1.234]),
        (["1 234,5", "1'234", "1\u202f234"], [1234.5, 1234, 1234]),
        (["1.234.567,8", "7"], [1234567.8, 7]),
    ],
)
def test_all_cells_of_a_list_tell_which_sign_is_the_decimal_one(cells: list[str], numbers: list[float]) -> None:
    signs = decimal_signs(cells)
    assert [number_of(cell, signs) for cell in cells] == numbers


@pytest.mark.parametrize("cells", [["1,234"], ["1,234", "0.5", "0,5"], ["1.234", "0.5", "0,5"]])
def test_a_cell_that_allows_two_numbers_is_none(cells: list[str]) -> None:
    with pytest.raises(sfm.UsageError, match="thousands or decimals"):
        number_of(cells[0], decimal_signs(cells))


@given(number=st.decimals(0, 10**6, places=2), comma=st.booleans())
def test_numbers_come_back_however_a_spreadsheet_writes_them(number: object, comma: bool) -> None:
    text = f"{number:,.2f}"
    if comma:
        text = text.translate(str.maketrans(",.", ".,"))
    assert number_of(text, decimal_signs([text])) == float(str(number))


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_sentence(data: bytes) -> None:
    try:
        read_blast_list(data, Asked(POINTS))
    except sfm.BadInput as error:
        assert str(error)


signs = st.characters(codec="utf-8", exclude_characters="\0")


@given(cells=st.lists(st.text(signs, max_size=12), min_size=5, max_size=5))
def test_any_cells_are_a_blast_or_a_reject(cells: list[str]) -> None:
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = read(f"time,name,charge (kg),lat,lon\n{row}\n2026-05-04 11:30,x,1,,\n")
    assert 1 <= len(found.lines) + len(found.rejects) <= 2
