"""`sfm report`: pages that hold what a reader asks for. Texts are taken from the pages before they are drawn, and from
the PDF."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from random import Random
from typing import NamedTuple

import pytest
from pypdf import PdfReader

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.archive.finding import name_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.selection import EVERYTHING, Selection, select
from sfm_archive.reporting.event_figure import draw_event
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.graph import Graph, Scale, numbers
from sfm_archive.reporting.judged import JudgedEvent, judged_event
from sfm_archive.reporting.lettering import MM_PER_POINT, fitted, text_width, wrapped
from sfm_archive.reporting.page import ALIGNED, Page
from sfm_archive.reporting.page import Box as Place
from sfm_archive.reporting.pdf_document import PdfDocument


def judged(archive: Archive, event_id: int, *limits: str) -> JudgedEvent:
    return judged_event(archive, recording_of(archive, event_id), LimitWords(limits))


def page_texts(path: str, event_id: int) -> list[str]:
    with Archive.open(path, read_only=True) as archive:
        event = judged(archive, event_id)
    pages = EventPages(event, "a4").draw(1, 1, "now")
    return [text for page in pages for text in texts_of(page)]


def texts_of(page: Page) -> list[str]:
    return [text.text for text in page.texts]


class Box(NamedTuple):
    """In mm; heights grow downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def lies_over(self, other: Box) -> bool:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        # Lines of small letters may touch: a box has room for accents and descenders that are not there.
        return wide > 0.4 and high > 0.45 * min(self.bottom - self.top, other.bottom - other.top)


def boxes_of(page: Page) -> list[tuple[str, Box]]:
    """The texts of a page, each with what it covers."""
    found = []
    for text in page.texts:
        wide, point = text_width(text.text, text.size, bold=text.bold), text.size * MM_PER_POINT
        before = wide * ALIGNED[text.align]
        if text.turned:
            low = text.y + before
            box = Box(text.x - 0.76 * point, low - wide, text.x + 0.24 * point, low)
        else:
            box = Box(text.x - before, text.y - 0.76 * point, text.x - before + wide, text.y + 0.24 * point)
        found.append((text.text, box))
    return found


def pdf_texts(data: bytes) -> list[str]:
    """The text of each page of a PDF, as a reader would copy it."""
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def test_the_page_of_a_waveform_has_everything(sfm, quarry):
    sfm("zones", quarry, "BE11529", "America/New_York")
    whole = "\n".join(page_texts(quarry, 3))
    shown = sfm.json("show", quarry, "3")
    for expected in (
        "BE11529", "M529LL33.JM0W", "2026-05-12 13:16:34", "2026-05-12 17:16:34 UTC", "America/New_York",
        "North Quarry bench 12", "Granite & Sons", "12 Main St, porch slab", "A. Tremblay",
        "Peak particle velocity, in/s", "0.395", "0.885", "0.870", "28.4 *", "1.243 in/s at 0.029 s *", "123.7 dB(L)",
        "Airblast 123.7 dB(L): within 133 dB(L) (OSMRE, 2 Hz high-pass assumed)",
        "1024 sps (by start, stop and length)", "10 in/s (by the reported peaks)", "trigger",
        "Siskind et al. 1980", "log-log between the points",
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
    reader = PdfReader(BytesIO(data))
    assert len(reader.pages) == 5 and reader.metadata.title == "Vibration report, 4 events"
    assert all(page.mediabox.width == 612 and page.mediabox.height == 792 for page in reader.pages[1:])
    drawn = [page.get_contents().get_data().count(b" l ") for page in reader.pages]
    assert min(drawn[1:]) > 100 and max(drawn) > 1000, "traces are lines, whatever the size that they are read at"
    table, *events = pdf_texts(data)
    assert "M529LL33.JM0W" in table and "page 1 of 5" in table and "exceeded: Long, USBM plaster +1" in table
    whole = next(text for text in events if "M529LL33.JM0W" in text)
    for expected in ("Peak particle velocity, in/s", "0.885", "seconds from the trigger", "123.7 dB(L)", "blastware@2"):
        assert expected in whole, expected


def test_notes_cannot_break_the_page():
    text = "A very long note, $x^2$ and more " * 20
    assert text_width(fitted(text, 50, 7.5), 7.5) <= 50 and fitted("short", 50, 7.5) == "short"
    lines = wrapped(text + "x" * 300, 60, 7)
    assert all(text_width(line, 7) <= 60 for line in lines)
    assert "".join(lines).replace(" ", "") == (text + "x" * 300).replace(" ", ""), "nothing is lost"
    assert wrapped(text, 60, 7, lines=2)[-1].endswith("…") and len(wrapped(text, 60, 7, lines=2)) == 2


def test_a_sensor_check_and_states_of_a_report_are_printed(sfm):
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading, stated_reading
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="clipped")
    readings = (
        measured_reading("ppv", "OORANGE", "Tran"), measured_reading("ppv", "0.500 in/s", "Vert"),
        measured_reading("zc_frequency", ">100 Hz", "Vert"), measured_reading("test_frequency", "7.7 Hz", "Tran"),
        stated_reading("test_results", "Passed", "Tran"), stated_reading("client", "Cost $5 & $6"),
        stated_reading("false_trigger", "yes"), stated_reading("reviewer", "A. Tremblay"),
    )  # fmt: skip
    said = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)
    with Archive.create(sfm.folder / "a.sfm") as archive:
        from sfm_archive import Event

        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event), readings=[said])
    whole = "\n".join(page_texts("a.sfm", 1))
    for expected in ("over range", ">100", "Sensor check, result", "Passed", "Cost $5 & $6", "Beyond rounding",
                     "False trigger, says A. Tremblay"):  # fmt: skip
        assert expected in whole, expected
    sfm("report", "a.sfm", "1", "-o", "a.pdf")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("133.0 dB(L)", "Airblast 133.0 dB(L): within 133 dB(L) (OSMRE, 2 Hz high-pass assumed)"),
        ("133.1 dB(L)", "Airblast 133.1 dB(L): exceeds 133 dB(L) (OSMRE, 2 Hz high-pass assumed)"),
        (">140.0 dB(L)", "Airblast >140.0 dB(L): exceeds 133 dB(L) (OSMRE, 2 Hz high-pass assumed)"),
        ("OORANGE", "Airblast over range: exceeds 133 dB(L) (OSMRE, 2 Hz high-pass assumed)"),
        ("0.005 psi", "Airblast 124.7 dB(L): within 133 dB(L) (OSMRE, 2 Hz high-pass assumed)"),
        ("104.0 dBC", "Airblast 104.0 dBC: not compared with 133 dB(L) (OSMRE, 2 Hz high-pass assumed); no level"),
    ],
)
@pytest.mark.parametrize("limits", [(), ("din", "bs", "osmre", "usbm")])
def test_airblast_in_the_verdicts_of_page_and_plot(sfm, printed, expected, limits):
    from sfm_archive import Event
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="quiet")
    said = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(measured_reading("pspl", printed, "MicL"),)
    )
    with Archive.create(sfm.folder / "a.sfm") as archive:
        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event), readings=[said])
        drawn = judged(archive, 1, *limits)
    sheets = EventPages(drawn, "a4").draw(1, 2, "now")
    plot = draw_event(drawn, fft=False)
    for pages in (sheets, [plot]):
        found = [text for page in pages for text in texts_of(page) if text.startswith("Airblast")]
        assert len(found) == 1 and found[0].startswith(expected)


def table_pages(path: str, event_ids: list[int], limits: tuple[str, ...] = (), chosen: Selection = EVERYTHING):
    with Archive.open(path, read_only=True) as archive:
        return EventsTable([line_of(judged(archive, event, *limits)) for event in event_ids], "a4", chosen).draw(
            2, "now"
        )


def table_texts(path: str, event_ids: list[int], limits: tuple[str, ...] = ()) -> list[str]:
    return [text for page in table_pages(path, event_ids, limits) for text in texts_of(page)]


def row_of(texts: list[str], name: str, cells: int = 9) -> list[str]:
    """The texts of a row from the event file's name on."""
    return texts[texts.index(name) :][:cells]


def test_the_table_in_front_tells_airblast_from_vibration(sfm, quarry):
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading

    loud = ReadingSet(
        source=ValueSource.DEVICE_RECORD, origin_sha256="c" * 64,
        readings=(measured_reading("pspl", "OORANGE", "MicL"), measured_reading("ppv", "0.100 in/s", "Vert")),
    )  # fmt: skip
    with Archive.open(quarry) as archive:
        archive.attach(4, [], [loud])
    tell_settings(quarry, 3, 4)
    texts = table_texts(quarry, [3, 4])
    first = row_of(texts, "M529LL33.JM0W")
    assert first[-3:] == ["123.7 dB(L)", "exceeded: Long, USBM plaster +1", "within"], "level, vibration, airblast"
    assert row_of(texts, "M529LL3G.O00H")[-3:] == ["over range", "within", "exceeded"]
    whole = "\n".join(texts)
    for expected in ("Vibration: 1 exceeded, 0 undecided, 1 within, 0 not compared",
                     "Airblast: 1 exceeded, 0 undecided, 1 within, 0 not compared", "Over range: 1",
                     "133 dB(L) (OSMRE, 2 Hz high-pass assumed)", "page 1 of 2"):  # fmt: skip
        assert expected in whole, expected


def said_of(archive: Archive, event_id: int, origin: str, *readings) -> None:
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource

    said = ReadingSet(source=ValueSource.REPORT, origin_sha256=origin * 64, readings=readings)
    archive.attach(event_id, [], [said])


def tell_settings(path: str, *event_ids: int) -> None:
    """Attach reports with the settings of events, so that nothing of them is assumed."""
    from sfm_archive.model.readings import measured_reading

    with Archive.open(path) as archive:
        for event_id in event_ids:
            settings = (("sample_rate", "1024 sps"), ("geo_range", "10.0 in/s"), ("pretrigger", "-0.250 sec"))
            said_of(archive, event_id, f"{event_id}", *(measured_reading(*setting) for setting in settings))


def test_a_false_trigger_is_marked_and_in_no_count(sfm, quarry):
    tell_settings(quarry, 3, 5)
    texts = table_texts(quarry, [3, 5])
    assert "Vibration: 1 exceeded, 0 undecided, 1 within, 0 not compared" in texts
    assert not any("alse trigger" in text for text in texts)
    reason = "truck on the haul road"
    sfm("review", quarry, "3", "--false-trigger", "--by", "A. Miller", "--reason", reason)
    texts = table_texts(quarry, [3, 5])
    for expected in ("Vibration: 0 exceeded, 0 undecided, 1 within, 0 not compared", "False triggers: 1",
                     "marked by a reviewer; left out of the counts above, grey in the table"):  # fmt: skip
        assert expected in texts, expected
    row = row_of(texts, "M529LL33.JM0W")
    assert row[2] == "12 Main St, porch slab", "the mark is no part of the place"
    assert row[-2:] == ["false trigger", "–"]
    colours = {text.text: text.colour for text in table_pages(quarry, [3, 5])[0].texts}
    assert colours["Vert 0.885 in/s"] == colours["id"] != colours["Vert 0.485 in/s"]

    first, second = (
        f"False trigger, says A. Miller: {reason}",
        "Marked as a false trigger by the reviewer; left out of all totals.",
    )
    whole = "\n".join(page_texts(quarry, 3))
    assert first in whole and second in whole and "Review" not in whole
    sfm("plot", quarry, "3", "-o", "event.svg")
    assert first in (sfm.folder / "event.svg").read_text(encoding="utf-8")
    assert sfm("plot", quarry, "3").stdout.splitlines()[-1] == first

    sfm("review", quarry, "3", "--no-false-trigger", "--by", "B. Roy", "--reason", "blast log found")
    assert "Vibration: 1 exceeded, 0 undecided, 1 within, 0 not compared" in table_texts(quarry, [3, 5])
    whole = "\n".join(page_texts(quarry, 3))
    assert "no false trigger, blast log found, B. Roy" in whole and "says A. Miller" not in whole


def test_the_table_names_its_limits_and_their_sources(quarry):
    usual, other = table_texts(quarry, [3, 5]), table_texts(quarry, [3, 5], ("din",))
    assert "USBM RI 8507, drywall; USBM RI 8507, plaster; OSMRE 30 CFR 816.67" in usual
    assert any(text.startswith("DIN 4150-3 line 1, commercial") for text in other)
    assert any("Siskind et al. 1980" in text and "log-log between the points" in text for text in usual)
    assert any("DIN 4150-3, short-term vibration at the foundation" in text for text in other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "every event of the archive"),
        ({"false_triggers": False}, "only those that are no false triggers"),
        ({"false_triggers": True, "event_ids": (3, 5)}, "only those named one by one; false triggers"),
        (
            {
                "project": "Job 1", "since": "2026-04", "until": "2026-05", "ppv_from": "0.5in/s",
                "serial": ("BE11529", "BE9413"), "record_type": "waveform",
            },
            "only those of unit BE11529 or BE9413; recorded from 2026-04-01 00:00:00 on; recorded before 2026-06-01 "
            "00:00:00; of type waveform; project with the words “Job 1”; PPV that is or may be at least 12.7 mm/s "
            "(0.5 in/s)",
        ),
    ],
)  # fmt: skip
def test_the_table_says_which_events_were_asked_for(quarry, given, said):
    texts = [text for page in table_pages(quarry, [3, 5], chosen=select(**given)) for text in texts_of(page)]
    at = texts.index("Selected")
    assert " ".join(texts[at + 1 :]).startswith(said)


def test_events_in_different_units_have_their_own_limits_named_with_their_number(sfm):
    from sfm_archive import Event
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading, stated_reading
    from sfm_archive.testing import read_out, simulate_waveform

    with Archive.create(sfm.folder / "a.sfm") as archive:
        for number, printed in enumerate(("0.100 in/s", "3.100 mm/s", "3.200 mm/s")):
            event = simulate_waveform(Random(number), seconds=1.0, sample_rate=1024, loudness="quiet")
            readings = (
                measured_reading("ppv", printed, "Vert"), measured_reading("zc_frequency", "5.0 Hz", "Vert"),
                stated_reading("project", "Nordwand " * 20), stated_reading("client", f"Client {number}"),
            )  # fmt: skip
            said = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number}" * 64, readings=readings)
            identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
            archive.save(identity, read_out(event), readings=[said])
    texts = table_texts("a.sfm", [1, 2, 3])
    assert "1 event in in/s: USBM RI 8507, drywall; USBM RI 8507, plaster; OSMRE 30 CFR 816.67" in texts
    assert any(text.startswith("2 events in mm/s: DIN 4150-3 line 1, commercial") for text in texts)
    assert texts.count("exceeded: Vert, DIN line 3") == 2, "the channel and the curve"
    assert "3 events of 1 unit" in texts
    assert texts[texts.index("Project") + 1].startswith("Nordwand Nordwand"), "of all events"
    assert "Client" not in texts and "location / client" in texts and {"Client 0", "Client 1"} < set(texts)
    own = sfm.folder / "permit.toml"
    own.write_text(
        'unit = "mm/s"\ninterpolation = "linear"\npoints = [[1, 3]]\nsource = "Permit of 3 March, annex 2"',
        encoding="utf-8",
    )
    texts = table_texts("a.sfm", [1, 2, 3], (str(own),))
    assert "permit" in texts, "one set of limits for all needs no number"
    assert any("Permit of 3 March, annex 2 (linear between the points)" in text for text in texts)


@pytest.mark.parametrize("count", [2, 60])
def test_no_text_of_the_table_is_cut_or_lies_over_another(sfm, quarry, count):
    place = "Church of the Holy Sepulchre, north wall, crypt level behind the altar, bolted to the bedrock"
    with Archive.open(quarry, read_only=True) as archive:
        lines = [line_of(judged(archive, event, "usbm", "osmre", "din", "bs")) for event in (3, 2, 1)]
        long = [
            replace(lines[n % 3], event_id=9000 + n, location=place, client=f"Client {n % 2}") for n in range(count)
        ]
        pages = EventsTable(long, "letter", EVERYTHING).draw(9, "now")
        shown = 0
        for page in pages:
            boxes = boxes_of(page)
            for at, (text, box) in enumerate(boxes):
                assert "…" not in text
                assert box.left > 0 and box.top > 0 and box.right < page.width and box.bottom < page.height, text
                for other, there in boxes[at + 1 :]:
                    assert not box.lies_over(there), (text, other)
            shown += sum(text.startswith("90") and len(text) == 4 for text, _ in boxes)
        assert shown == count


def test_a_vector_sum_beside_a_channel_over_range_is_over_range_everywhere(sfm, quarry):
    from sfm_archive.model.readings import measured_reading

    with Archive.open(quarry) as archive:
        said_of(archive, 3, "a", measured_reading("ppv", "OORANGE", "Long"), measured_reading("pvs", "2.741 in/s"))
    row = row_of(table_texts(quarry, [3, 5]), "M529LL33.JM0W")
    assert row[3:6] == ["Long over range", "13.1 Hz*", "over range"]
    page = page_texts(quarry, 3)
    assert any(text.startswith("over range † (device record: 1.243 in/s) at 0.029 s") for text in page)
    assert "PVS over range" in sfm("plot", quarry, "3").stdout


def test_a_frequency_that_nobody_recorded_is_no_frequency_that_was_not_found(sfm, quarry):
    from sfm_archive.model.readings import measured_reading

    texts = page_texts(quarry, 2)
    assert texts[texts.index("ZC, Hz") :].count("not recorded") == 3 and "N/A" not in texts
    assert "dotted level: frequency not recorded" in " ".join(texts)
    with Archive.open(quarry) as archive:
        said_of(archive, 2, "a", measured_reading("zc_frequency", "N/A", "Vert"))
    texts = page_texts(quarry, 2)
    assert texts[texts.index("ZC, Hz") :].count("not recorded") == 2 and "N/A" in texts
    assert "dotted level: frequency N/A or not recorded" in " ".join(texts)


def test_a_computed_answer_that_is_no_number_has_its_mark_wherever_it_stands(sfm):
    from sfm_archive import Event
    from sfm_archive.model.readings import measured_reading
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="flat")
    with Archive.create(sfm.folder / "a.sfm") as archive:
        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event))
        said_of(archive, 1, "a", *(measured_reading("zc_frequency", "N/A", name) for name in ("Tran", "Vert", "Long")))
    texts = page_texts("a.sfm", 1)
    assert "N/A" not in texts and {"N/A *", "N/A*"} <= set(texts)
    assert "N/A*" in table_texts("a.sfm", [1, 1])


def test_a_long_reason_is_cut_once_and_whole_on_the_second_sheet(sfm, quarry):
    reason = " ".join(f"word{number}" for number in range(120))
    sfm("review", quarry, "3", "--false-trigger", "--by", "A. Miller", "--reason", reason)
    with Archive.open(quarry, read_only=True) as archive:
        first, second = EventPages(judged(archive, 3), "a4").draw(1, 2, "now")
    begun = "False trigger, says A. Miller: word0 "
    assert sum(text.startswith(begun) for text in texts_of(first)) == 1
    assert sum(text.startswith(begun) for text in texts_of(second)) == 1, "no second time in the headline"
    assert "False trigger: see the review below" in texts_of(second)
    assert not any("…" in text for text in texts_of(second)) and "word119" in " ".join(texts_of(second))


def test_the_foot_of_a_page_is_for_its_reader(sfm, quarry):
    whole = " ".join(page_texts(quarry, 3))
    assert ".md" not in whole
    assert "Instantel, whose formats are not published: what is computed follows rules deduced from recordings" in whole
    with Archive.open(quarry, read_only=True) as archive:
        name = name_of(archive.event(3))
    sfm("export", quarry, "out", "3")
    sfm("import", "--create", "files.sfm", sfm.folder / "out")
    whole = " ".join(page_texts("files.sfm", 1))
    assert f"from event file {name}" in whole and "these frames" not in whole


def test_a_histogram_says_when_its_peaks_were_and_what_nobody_recorded(sfm, quarry):
    texts = page_texts(quarry, 4)
    whole = "\n".join(texts)
    for expected in ("2026-05-12 18:00:00", "2026-05-12 21:00:00", "180 of 60 s", "Date of peak", "18:12–18:13 *"):
        assert expected in whole, expected
    assert texts[texts.index("Calibration") + 1] == "not recorded"
    assert texts[texts.index("Time zone") + 1] == "not stated"


def test_what_does_not_fit_on_one_sheet_is_whole_on_a_second(sfm):
    from sfm_archive import Event
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, stated_reading
    from sfm_archive.testing import read_out, simulate_waveform

    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="quiet")
    note = " ".join(f"word{number}" for number in range(400))
    said = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="a" * 64,
        readings=(stated_reading("general", note), stated_reading("client", "Щ" * 200)),
    )  # fmt: skip
    with Archive.create(sfm.folder / "a.sfm") as archive:
        identity = Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
        archive.save(identity, read_out(event), readings=[said])
        pages = EventPages(judged(archive, 1), "letter")
    first, second = pages.draw(3, 9, "now")
    assert pages.count == 2
    assert "page 3 of 9" in texts_of(first) and "page 4 of 9" in texts_of(second)
    assert "… continued: notes in full on the next page" in texts_of(first)
    shown = " ".join(texts_of(second))
    assert all(f"word{number}" in shown for number in range(400)) and shown.count("Щ") == 200
    assert min(graph.bottom - graph.top for graph in first.graphs) > 7, "traces can be seen"


def test_a_long_reason_of_a_reviewer_is_whole_on_a_second_sheet(sfm, quarry):
    reason = " ".join(f"reason{number}" for number in range(150))
    sfm("review", quarry, "3", "--false-trigger", "--by", "A. Miller", "--reason", reason)
    with Archive.open(quarry, read_only=True) as archive:
        first, second = EventPages(judged(archive, 3), "letter").draw(1, 2, "now")
    assert any(text.endswith("…") for text in texts_of(first))
    assert all(f"reason{number}" in " ".join(texts_of(second)) for number in range(150))
    assert min(graph.bottom - graph.top for graph in first.graphs) > 7, "traces can be seen"


def test_wrong_calls(sfm, quarry):
    assert "name the file so" in sfm.usage_error("report", quarry, "3", "-o", "a.png")
    assert "no event passes" in sfm.error("report", quarry, "--serial", "BE1", "-o", "a.pdf", code=3)
    assert "Missing option" in sfm.usage_error("report", quarry, "3")


@pytest.mark.parametrize(("event_id", "words"), [(3, ("din", "bs", "usbm", "osmre")), (4, ("osmre",)), (2, ())])
def test_no_text_leaves_the_sheet_or_lies_over_another_or_over_data(quarry, event_id, words):
    with Archive.open(quarry, read_only=True) as archive:
        event = judged(archive, event_id, *words)
    pages = [*EventPages(event, "letter").draw(1, 2, "now")]
    if not event.recording.why_not:
        pages.append(draw_event(event, fft=event.recording.traces is not None))
    for page in pages:
        boxes = boxes_of(page)
        charts = [("a chart", Box(one.left, one.top, one.right, one.bottom)) for one in page.graphs]
        for place, (text, box) in enumerate(boxes):
            assert box.left > 0 and box.top > 0 and box.right < page.width and box.bottom < page.height, text
            for other, there in [*boxes[place + 1 :], *charts]:
                assert not box.lies_over(there), (text, other)


def test_scripts_that_the_usual_letters_lack_or_that_are_shaped_are_drawn_and_measured():
    texts = ("Ул. Ленина 3, Αθήνα, Kraków, Tě", "רחוב הנביאים 5", "Щ户 12", "q̃ combined")
    page = Page(210, 297)
    document = PdfDocument("letters")
    for place, text in enumerate(texts):
        assert 5 < text_width(text, 12) < 80
        page.text(20, 30 + 20 * place, text, size=12, most=100)
    page.text(20, 150, "bold: Ёлка", bold=True)
    document.add(page)
    data = document.finish()
    whole = "\n".join(pdf_texts(data))
    assert texts[0] in whole and "bold: Ёлка" in whole


def test_the_same_pages_give_the_same_bytes_without_a_date_of_their_own(sfm, quarry):
    sfm("plot", quarry, "3", "-o", "event.pdf")
    assert "already" in sfm("plot", quarry, "3", "-o", "event.pdf").stderr
    (text,) = pdf_texts((sfm.folder / "event.pdf").read_bytes())
    assert "M529LL33.JM0W" in text and "0.885 in/s" in text


def test_what_has_no_numbers_to_draw_draws_nothing():
    page = Page(210, 297)
    graph = Graph(page, Place(20, 20, 120, 70), Scale(0.0, 1.0), Scale(0.1, 10.0, log=True))
    graph.line([], [], "#000000")
    graph.line([0.0, 1.0], [float("nan"), float("nan")], "#000000")
    graph.marks([], [], "o", 4, "#000000")
    document = PdfDocument("nothing")
    document.add(page)
    (drawn,) = PdfReader(BytesIO(document.finish())).pages
    assert b" m " not in drawn.get_contents().get_data()


@pytest.mark.parametrize(
    ("scale", "most", "texts"),
    [
        (Scale(-1.15, 1.15), 5, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
        (Scale(0.0, 0.0042), 5, ["0.000", "0.001", "0.002", "0.003", "0.004"]),
        (Scale(-0.25, 2.99), 12, ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]),
        (Scale(0.0, 180.0), 10, [str(number) for number in range(0, 181, 20)]),
    ],
)
def test_numbers_beside_a_graph_are_round_and_no_longer_than_needed(scale, most, texts):
    assert [text for _, text in numbers(scale.ticks(most))] == texts


def test_decades_of_a_logarithmic_side():
    assert Scale(1.0, 200.0, log=True).decades((1, 2, 5)) == [1, 2, 5, 10, 20, 50, 100, 200]
    low, middle, high = Graph(Page(100, 100), Place(0, 0, 100, 10), Scale(1, 100, log=True), Scale(0, 1)).places(
        [1, 10, 100], 0
    )
    assert [low[0], middle[0], high[0], high[1]] == [0, 50, 100, 10]
