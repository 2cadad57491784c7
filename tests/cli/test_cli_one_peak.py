"""The peak of an event is the same in every table: channel, size, sign and note; events without one are counted."""

from __future__ import annotations

from datetime import datetime

import pytest
from pypdf import PdfReader

from sfm_archive import Archive, Event, RecordType
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading

AT_LEAST = "≥: at least that; a limit was passed, or another channel's peak is not known"
GEOPHONES = ("Tran", "Vert", "Long")


@pytest.fixture
def said(sfm):
    """Waveforms in a.sfm, a minute apart, each known by these values of a report."""

    def make(*events: tuple[tuple[str, str, str], ...]) -> str:
        with Archive.create(sfm.folder / "a.sfm") as archive:
            for number, values in enumerate(events):
                readings = tuple(measured_reading(*one) for one in values)
                report = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number:064}", readings=readings)
                event = Event(
                    serial="BE11529", recorded_at=datetime(2026, 5, 1, 6, number), record_type=RecordType.WAVEFORM
                )
                archive.save(event, readings=[report])
        return "a.sfm"

    return make


def _pages(sfm, archive: str, *words: str) -> list[str]:
    sfm("report", archive, *words, "--above", "0.01mm/s", "-o", "a.pdf", "--overwrite")
    return [" ".join(page.extract_text().split()) for page in PdfReader(sfm.folder / "a.pdf").pages]


def test_a_peak_beside_an_unknown_channel_is_at_least_that_in_every_table(sfm, said):
    archive = said((("ppv", "5.833 mm/s", "Tran"), ("ppv", "4.000 mm/s", "Vert")))
    listed, summary = sfm("list", archive), sfm("summary", archive)
    assert "≥5.833  mm/s" in listed.stdout and AT_LEAST in listed.stdout
    assert "Tran ≥5.833 mm/s" in summary.stdout and AT_LEAST in summary.stderr
    front, _ = _pages(sfm, archive)
    assert "Tran ≥5.833 mm/s" in front and AT_LEAST in front
    other = sfm("summary", archive, "--units", "in/s").stdout
    assert "Tran ≥0.230 in/s (5.833 mm/s printed)" in other
    assert "Tran ≥0.230 in/s (5.833 mm/s printed)" in _pages(sfm, archive, "--units", "in/s")[0]


def test_of_equal_channels_every_table_names_the_same(sfm, said):
    archive = said(tuple(("ppv", "0.500 in/s", channel) for channel in GEOPHONES))
    ((event,), (group,)) = sfm.json("list", archive)["events"], sfm.json("summary", archive)["groups"]
    channel = event["ppv"]["channel"]
    assert group["ppv"]["channel"] == channel
    assert f"{channel} 0.500 in/s" in sfm("summary", archive).stdout
    assert f"{channel} 0.500 in/s" in _pages(sfm, archive)[0]


def test_a_printed_peak_below_zero_is_shown_by_its_size_and_quoted_as_the_report_says(sfm, said):
    archive = said((("ppv", "-0.900 in/s", "Tran"), ("ppv", "0.500 in/s", "Vert"), ("ppv", "0.500 in/s", "Long")))
    assert " 0.900  in/s" in sfm("list", archive).stdout
    assert "Tran 0.900 in/s" in sfm("summary", archive).stdout
    front, page = _pages(sfm, archive)
    assert "Tran 0.900 in/s" in front and "-0.900" not in front
    assert page.count("-0.900") == 1 and "as the report says" in page
    for text in (sfm("list", archive, "--units", "mm/s").stdout, sfm("summary", archive, "--units", "mm/s").stdout):
        assert "22.86" in text and "-22.86" not in text and "(-0.900 in/s printed)" in text
    assert "-0.900 in/s" in sfm("show", archive, "1").stdout


def test_events_without_a_known_peak_are_counted_wherever_events_are(sfm, said):
    loud = tuple(("ppv", "0.500 in/s", channel) for channel in GEOPHONES)
    archive = said(loud, (("pspl", "120.0 dB(L)", "MicL"),), (("project", "quarry", ""),))
    words = "2 events without a known peak"
    for command in ("list", "summary"):
        assert sfm(command, archive).stderr.count(words) == 1
        assert words in sfm(command, archive, "--above", "0.1in/s").stderr
        assert "without a known peak" not in sfm(command, archive, "1").stderr
    table = sfm("summary", archive, "--by", "serial").stdout
    assert "no known peak" in table and "no known peak" not in sfm("summary", archive, "1").stdout
    assert sfm.json("list", archive)["unknown_peaks"] == 2
    assert "Without a known peak: 2" in _pages(sfm, archive)[0]
