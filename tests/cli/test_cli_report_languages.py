"""`sfm report --language`: the pages of events in another language."""

from __future__ import annotations

import pytest
from pypdf import PdfReader

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.judged import judged_event
from sfm_archive.reporting.language import language
from tests.cli.test_cli_report import boxes_of


def pages_of(sfm, quarry, *options) -> list[str]:
    sfm("report", quarry, "-o", "r.pdf", "--overwrite", *options)
    return [" ".join(page.extract_text().split()) for page in PdfReader(sfm.folder / "r.pdf").pages]


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_event_pages_and_their_table_are_german(sfm, quarry, paper):
    sfm("review", quarry, "5", "--false-trigger", "--reason", "door slammed", "--by", "VMA")
    table, *events = pages_of(sfm, quarry, "--language", "de", "--units", "mm/s", "--paper", paper)
    for said in (
        "Erschütterungsbericht", "7 Ereignisse von 3 Messgeräten", "18.04.2026 bis 13.05.2026, Gerätezeit",
        "Fehlauslösungen: 1", "eingehalten", "12.05.2026 13:16:34", "Zeitverlauf", "Seite 1 von",
    ):  # fmt: skip
        assert said in table, said
    whole = next(text for text in events if "M529LL33.JM0W" in text)
    for said in (
        "Ereignisbericht Zeitverlauf", "Seriennummer BE11529", "Zeit (Gerätezeit) 12.05.2026 13:16:34", "Abtastrate",
        "(nach Beginn, Ende und Länge)", "Spitzenwert Geschwindigkeit, mm/s", "123,7 dB(L)", "Sensorprüfung",
        "Nulldurchgangsfrequenz, Hz", "Dekodiert mit waveform@1 aus Rahmen, Version 1", "Grenz- oder Anhaltswerte: ",
        "DIN 4150-3 Zeile 1", "North Quarry bench 12", "Sekunden ab der Auslösung",
    ):  # fmt: skip
        assert said in whole, said
    marked = next(text for text in events if "Fehlauslösung, sagt VMA: door slammed" in text)
    assert "in keiner Summe enthalten" in marked
    for english in (" the ", " of ", " is ", "limit", "peak", "recorded", "within", "Recording", "Made "):
        for text in (table, *events):
            without = text
            for typed in ("alternative blasting level criteria", "Bureau of Mines", "City of Troy"):
                without = without.replace(typed, "")
            assert english not in without, (english, text)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("event_id", [1, 2, 3])
def test_no_german_text_leaves_the_sheet_or_lies_over_another(quarry, event_id, paper):
    with Archive.open(quarry, read_only=True) as archive:
        event = judged_event(archive, recording_of(archive, event_id, "mm/s"), LimitWords(("usbm", "din", "osmre")))
    for page in EventPages(event, paper, language("de")).draw(1, 2, "jetzt"):
        boxes = boxes_of(page)
        for number, (text, box) in enumerate(boxes):
            assert box.left >= 6 and box.right <= page.width - 6 and box.bottom <= page.height - 2, text
            for other, place in boxes[number + 1 :]:
                assert not box.lies_over(place), (text, other)


def test_what_was_asked_for_is_said_in_german(sfm, quarry):
    options = ("--type", "waveform", "--project", "Quarry", "--since", "2026-05", "--ppv-from", "0.1in/s")
    table = pages_of(sfm, quarry, "--language", "de", *options)[0]
    assert "nur Ereignisse: aufgezeichnet ab 01.05.2026 00:00:00; der Art Zeitverlauf" in table
    assert "Projekt mit den Worten „Quarry“" in table or "project mit den Worten „Quarry“" in table
    assert "Spitzenwert, der mindestens 2,54 mm/s (0,1 in/s) ist oder sein kann" in table


def test_english_is_the_language_where_none_is_asked_for(sfm, quarry):
    assert "Waveform event report" in pages_of(sfm, quarry, "3")[0]


def test_a_language_that_there_is_not_is_refused(sfm, quarry):
    message = sfm.error("report", quarry, "-o", "r.pdf", "--language", "xx", code=2)
    assert "'xx' is no language of reports; choose de or en" in message
