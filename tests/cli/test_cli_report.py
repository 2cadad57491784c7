"""`sfm report`: pages that hold what a reader asks for. Texts are taken from the figures that become the pages."""

from __future__ import annotations

import re
import zlib
from random import Random

import pytest

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.analysing.compliance import curves_from
from sfm_archive.drawing.event_page import event_page
from sfm_archive.drawing.page import fitted, text_width, wrapped
from sfm_archive.drawing.style import styled


def page_texts(path: str, event_id: int) -> list[str]:
    with Archive.open(path, read_only=True) as archive:
        recording = recording_of(archive, event_id)
    with styled():
        figure = event_page(recording, curves_from(()), paper="a4", number="1 / 1", made_at="now")
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_the_page_of_a_waveform_has_everything(sfm, quarry):
    sfm("zones", quarry, "BE11529", "America/New_York")
    whole = "\n".join(page_texts(quarry, 3))
    shown = sfm.json("show", quarry, "3")
    for expected in (
        "BE11529", "M529LL33.JM0W", "2026-05-12 13:16:34", "2026-05-12 17:16:34 UTC", "America/New_York",
        "North Quarry bench 12", "Granite & Sons", "12 Main St, porch slab", "A. Tremblay",
        "Peak particle velocity, in/s", "0.395", "0.885", "0.870", "28.4 *", "1.243 in/s at 0.029 s", "123.7 dB(L)",
        "Airblast 123.7 dB(L): within 133 dB (2 Hz high-pass), OSMRE",
        "1024 per second (assumed)", "exceeded", "trigger",
        shown["frames"][0]["sha256"], shown["encodings"][0]["sha256"], "blastware@2", "waveform@1",
    ):  # fmt: skip
        assert expected in whole, expected


def test_an_event_without_samples_has_a_page_that_says_why(quarry):
    whole = "\n".join(page_texts(quarry, 2))
    assert "Not shown: frames revision 1" in whole and "1.415" in whole
    assert "Not decoded: frames revision 1" in whole and "waveform@1 from" not in whole


def test_the_pdf_has_a_page_for_each_event_and_a_table(sfm, quarry):
    sfm("report", quarry, "--type", "waveform", "-o", "w.pdf", "--paper", "letter")
    data = (sfm.folder / "w.pdf").read_bytes()
    assert data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", data)) == 5
    assert b"/MediaBox [ 0 0 612 792 ]" in data
    assert b"Vibration report, 4 events" in data
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)[:3]:
        if stream[:1] == b"x":
            zlib.decompressobj().decompress(stream)


def test_notes_cannot_break_the_page():
    text = "A very long note, $x^2$ and more " * 20
    assert text_width(fitted(text, 50, 7.5), 7.5) <= 50 and fitted("short", 50, 7.5) == "short"
    assert all(text_width(line, 7) <= 60 for line in wrapped(text + "x" * 300, 60, 7))


def test_a_sensor_check_and_states_of_a_report_are_printed(sfm):
    from sfm_archive.formats.readings import measured_reading, stated_reading
    from sfm_archive.results import ReadingSet, ValueSource
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="clipped")
    readings = (
        measured_reading("ppv", "OORANGE", "Tran"), measured_reading("ppv", "0.500 in/s", "Vert"),
        measured_reading("zc_frequency", ">100 Hz", "Vert"), measured_reading("test_frequency", "7.7 Hz", "Tran"),
        stated_reading("test_results", "Passed", "Tran"), stated_reading("client", "Cost $5 & $6"),
    )  # fmt: skip
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)
    with Archive.create(sfm.folder / "a.sfm") as archive:
        from sfm_archive import Event

        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event), readings=[said])
    whole = "\n".join(page_texts("a.sfm", 1))
    for expected in ("OVER RANGE", ">100", "Sensor check, result", "Passed", "Cost $5 & $6", "Beyond rounding"):
        assert expected in whole, expected
    sfm("report", "a.sfm", "1", "-o", "a.pdf")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("133.0 dB(L)", "Airblast 133.0 dB(L): within 133 dB (2 Hz high-pass), OSMRE"),
        ("133.1 dB(L)", "Airblast 133.1 dB(L): exceeds 133 dB (2 Hz high-pass), OSMRE"),
        (">140.0 dB(L)", "Airblast >140.0 dB(L): exceeds 133 dB (2 Hz high-pass), OSMRE"),
        ("OORANGE", "Airblast OVER RANGE: undecided against 133 dB (2 Hz high-pass), OSMRE"),
        ("0.005 psi", "Airblast 124.7 dB(L): within 133 dB (2 Hz high-pass), OSMRE"),
        ("104.0 dBC", None),
    ],
)
@pytest.mark.parametrize("limits", [(), ("din", "bs", "osmre", "usbm")])
def test_airblast_in_the_verdicts_of_page_and_plot(sfm, printed, expected, limits):
    from sfm_archive import Event
    from sfm_archive.drawing.event_figure import event_figure
    from sfm_archive.formats.readings import measured_reading
    from sfm_archive.results import ReadingSet, ValueSource
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="quiet")
    said = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(measured_reading("pspl", printed, "MicL"),)
    )
    with Archive.create(sfm.folder / "a.sfm") as archive:
        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event), readings=[said])
        recording = recording_of(archive, 1)
    curves = curves_from(limits)
    with styled():
        page = event_page(recording, curves, paper="a4", number="1 / 1", made_at="now")
        plot = event_figure(recording, curves, fft=False)
    for figure in (page, plot):
        texts = [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
        assert [text for text in texts if text.startswith("Airblast")] == ([] if expected is None else [expected])


def test_wrong_calls(sfm, quarry):
    assert "name the file so" in sfm.usage_error("report", quarry, "3", "-o", "a.png")
    assert "no event passes" in sfm.error("report", quarry, "--serial", "BE1", "-o", "a.pdf", code=3)
    assert "Missing option" in sfm.usage_error("report", quarry, "3")


@pytest.mark.parametrize("words", [("din", "bs"), ("osmre",)])
def test_any_number_of_curves_fits(quarry, words):
    with Archive.open(quarry, read_only=True) as archive:
        recording = recording_of(archive, 4)
    with styled():
        figure = event_page(recording, curves_from(words), paper="letter", number="1 / 1", made_at="now")
    heights = [text.get_position()[1] for text in figure.texts]
    assert min(heights) > 0 and max(heights) < 1
