"""`sfm job report -o FILE.pdf`: a report of a real archive as pages."""

from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.analysing import recording_of
from sfm_archive.cli import main
from sfm_archive.errors import AlreadyExists
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.reporting.judged import JudgedEvent, judged_event
from sfm_archive.reporting.language import language
from sfm_archive.reporting.period.pdf_pages import job_report_pdf
from tests.reporting.period.conftest import SINCE, UNTIL, add_blast, quiet, report_of, save_histogram, save_report


@pytest.fixture
def quarry(archive: sfm.Archive, tmp_path: Path) -> Path:
    loud = save_report(archive, datetime(2026, 5, 12, 11, 0, 3), (3.2, 14.5, 30.3), hz=14.0, level_db=124.0)
    calm = save_report(archive, datetime(2026, 5, 4, 11, 0, 3), (1.2, 4.5, 3.3), trigger=0.51, level_db=112.3)
    add_blast(archive, datetime(2026, 5, 12, 11), loud)
    add_blast(archive, datetime(2026, 5, 4, 11), calm)
    add_blast(archive, datetime(2026, 5, 20, 11))
    for day in range(5, 9):
        save_histogram(archive, datetime(2026, 5, day, 6), quiet(24, peak=day), trigger=0.51)
    return tmp_path


def sfm_report(folder: Path, *options: str, code: int = 0) -> str:
    period = ("--since", "2026-05", "--until", "2026-05", "-o", str(folder / "may.pdf"))
    result = CliRunner().invoke(main, ["job", "report", str(folder / "quarry.sfm"), "North", *period, *options])
    assert result.exit_code == code, result.output
    return result.stderr


def texts_of(folder: Path) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(folder / "may.pdf").pages]


def test_a_report_is_written_with_the_pages_of_events_that_are_above(quarry: Path) -> None:
    said = sfm_report(quarry, "--pages", "above", "--number", "2026-17", "--measured-by", "A. Müller")
    assert "may.pdf written: North, 2026-05-01 to 2026-05-31, 1 event with a page" in said
    pages = texts_of(quarry)
    assert "2026-17" in pages[0] and "A. Müller" in pages[0] and "Analysed by" not in pages[0]
    assert "Waveform event report" in pages[-1] and "30.30" in pages[-1]
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in page


def test_a_page_of_an_event_names_the_firm_the_blast_and_how_far_it_was(archive: sfm.Archive, quarry: Path) -> None:
    sfm.state_firm(archive, name="Rock Consult")
    sfm_report(quarry, "--pages", "all")
    of_events = [page for page in texts_of(quarry) if "event report" in page]
    loud = next(page for page in of_events if "30.30" in page)
    assert loud.count("Rock Consult · Vibration report: North") == 1
    # 0.1 degrees of longitude at 47 degrees north, and the square root of 120 kg.
    assert re.search(
        r"Blast B 12 \(no\. 1\) · 2026-05-12 11:00:00 · charge of one delay 120 kg · .*: Church, distance 7,6\d\d m, "
        r"scaled distance 69\d m/√kg",
        loud,
    ), loud
    histograms = [page for page in of_events if "Histogram event report" in page]
    assert len(histograms) == 4 and all("Blast" not in page and "Rock Consult" in page for page in histograms)


def test_the_tables_of_days_can_be_left_out(quarry: Path) -> None:
    sfm_report(quarry)
    assert "In brackets: the frequency stored with it." in " ".join(texts_of(quarry))
    sfm_report(quarry, "--no-day-tables", "--overwrite")
    text = " ".join(texts_of(quarry))
    assert "In brackets: the frequency stored with it." not in text and "Band: grey a unit stood here" in text
    period = ("--since", "2026-05", "--until", "2026-05")
    told = CliRunner().invoke(main, ["job", "report", str(quarry / "quarry.sfm"), "North", *period, "--no-day-tables"])
    assert told.exit_code == 0 and "days at Church" not in told.output


def test_pages_and_events_are_german_on_either_paper(quarry: Path) -> None:
    for paper, size in (("a4", (595, 842)), ("letter", (612, 792))):
        sfm_report(quarry, "--language", "de", "--paper", paper, "--pages", "all", "--overwrite")
        boxes = [page.mediabox for page in PdfReader(quarry / "may.pdf").pages]
        assert {(round(box.width), round(box.height)) for box in boxes} == {size}
        text = " ".join(texts_of(quarry))
        for expected in ("30,30 mm/s", "überschritten", "124,0 dB(L)", "DIN 4150-3 Zeile 2, Wohngebäude",
                         "Ereignisbericht Histogramm", "nichts sagt, dass dort", "12.05.2026 11:00:03"):  # fmt: skip
            assert expected in text, expected
        for english in (" the ", " is ", "within", "exceeded", "not recorded"):
            assert english not in text, (english, text)


def test_the_firm_of_the_archive_stands_on_every_page_and_its_looks_count(archive: sfm.Archive, quarry: Path) -> None:
    assert report_of(archive).firm is None
    Image.new("RGB", (40, 10), "red").save(quarry / "rock.png")
    sfm.state_firm(
        archive, name="Rock Consult", address=["Main Street 1"], signature="Dr. Öhl", logo=quarry / "rock.png",
        paper="letter", language="de", units="in/s",
    )  # fmt: skip
    firm = report_of(archive).firm
    assert firm is not None and (firm.name, firm.lines, firm.signature) == (
        "Rock Consult",
        ("Main Street 1",),
        "Dr. Öhl",
    )
    assert firm.logo == (quarry / "rock.png").read_bytes()
    assert report_of(archive).unit == "mm/s", "that of the job comes before the firm's"
    sfm_report(quarry)
    first, *others = texts_of(quarry)
    assert "Main Street 1" in first and "Dr. Öhl" in first
    assert all("Rock Consult · Erschütterungsbericht: North" in page for page in others)
    made = PdfReader(quarry / "may.pdf").pages
    assert [image.image.size for image in made[0].images] == [(40, 10)]
    assert {round(page.mediabox.width) for page in made} == {612}
    sfm_report(quarry, "--language", "en", "--paper", "a4", "--overwrite")
    assert "Rock Consult · Vibration report: North" in texts_of(quarry)[1]
    sfm.withdraw_firm(archive, reason="sold")
    sfm_report(quarry, "--overwrite")
    assert "Rock Consult" not in " ".join(texts_of(quarry))


def test_units_of_the_firm_hold_where_the_job_has_none(archive: sfm.Archive) -> None:
    save_report(archive, datetime(2026, 5, 12, 11, 0, 3), (3.2, 14.5, 30.3))
    sfm.add_job(archive, "South")
    sfm.add_point(archive, "South", "Pipe")
    assert sfm.period_report(archive, "South", SINCE, UNTIL).unit == "mm/s"  # of the reports
    sfm.state_firm(archive, units="in/s")
    assert sfm.period_report(archive, "South", SINCE, UNTIL).unit == "in/s"


def test_units_of_the_call_hold_on_every_page(quarry: Path) -> None:
    sfm_report(quarry, "--units", "in/s", "--pages", "all")
    text = " ".join(texts_of(quarry))
    assert "1.193 in/s" in text and "ft/√lb" in text
    # A document is quoted as it printed a value, in brackets.
    quoted = re.sub(r"\([^()]*mm/s[^()]*\)", "", text)
    assert "mm/s" not in quoted


def test_limits_and_trigger_levels_of_the_other_unit_stand_in_that_of_the_report(
    archive: sfm.Archive, quarry: Path
) -> None:
    sfm.limit_point(archive, "North/Church", limits=["5mm/s"], since=datetime(2026, 5, 5))
    save_histogram(archive, datetime(2026, 5, 20, 9), quiet(36), trigger=0.51)
    report = report_of(archive, units="in/s")
    quiet_one = next(one for one in report.blasts if one.blast.at_local.startswith("2026-05-20")).points[0]
    assert quiet_one.trigger.startswith("0.020 in/s (0.510 mm/s as told; report of event ")
    assert quiet_one.vibration.outcome == "within"
    assert quiet_one.vibration.why.startswith(f"BE11529 ran and waited for {quiet_one.trigger.partition(' (')[0]} (")
    loud = next(one for one in report.blasts if one.blast.at_local.startswith("2026-05-12")).points[0]
    title = "5 mm/s (0.197 in/s) at every frequency"
    assert (loud.vibration.limit, loud.vibration.limit_low, loud.vibration.channel) == (title, 0.1968504, "Long")
    assert [one.titles for one in report.points[0].limits][-1] == (title,)
    assert next(one for one in report.shares if one.what == "vibration").limits == (
        "DIN 4150-3 line 2, dwellings", title
    )  # fmt: skip
    sfm_report(quarry, "--units", "in/s")
    without = re.sub(r"\([^()]*mm/s[^()]*\)", "", " ".join(texts_of(quarry)))
    assert set(re.findall(r"\S+ mm/s", without)) == {"5 mm/s"}, "the limit as it is stated, what it is behind it"
    assert "5 mm/s at every" not in without, "in the key of the chart"
    sfm_report(quarry, "--units", "in/s", "--language", "de", "--overwrite")
    german = " ".join(texts_of(quarry))
    assert "lief und wartete auf 0,020 in/s (0,510 mm/s wie genannt; Protokoll von Ereignis " in german
    assert "5 mm/s (0,197 in/s) bei jeder Frequenz" in german
    assert "sfm " not in german.partition("Programm")[0]


def test_the_channel_that_reaches_most_of_its_limit_is_named_beside_the_greatest_peak(
    archive: sfm.Archive, quarry: Path
) -> None:
    """A real blast: Vert has the greatest peak, 22.52 mm/s at 29.3 Hz, and Long is above with 22.21 at 13.0 Hz."""
    archive.import_from(Path(__file__).parents[2] / "data" / "blastware-ascii" / "5m.TXT")
    sfm.place(archive, "UM16127", at="North/School", since=datetime(2026, 6, 26))
    sfm.limit_point(archive, "North/School", limits=["din-4150-3-line-1"])
    number = add_blast(archive, datetime(2026, 6, 26, 15, 41))
    sfm.confirm_blast(archive, number, sfm.proposed_events(archive, number))
    june = {"since": datetime(2026, 6, 1), "until": datetime(2026, 7, 1)}
    cell = report_of(archive, **june).blasts[0].points[1]
    assert cell.ppv is not None and (cell.ppv.channel, cell.ppv.number) == ("Vert", 22.52)
    assert (cell.vibration.outcome, cell.vibration.channel) == ("exceeded", "Long")
    assert (cell.vibration.limit_low, cell.vibration.ratio) == (21.48101, 1.033936)
    sfm.write_period_report(archive, quarry / "may.pdf", "North", **june)
    assert "Vert 22.52 mm/s 29.3 Hz 21.5 Long 103.4 % exceeded" in " ".join(texts_of(quarry))


def test_the_events_of_a_point_add_up_on_the_page(archive: sfm.Archive, quarry: Path) -> None:
    door = save_report(archive, datetime(2026, 5, 13, 9), (9.0, 9.0, 9.0))
    archive.review(door, false_trigger=True, reviewer="A", notes="door")
    sfm_report(quarry)
    (row,) = re.findall("Church" + r" (\d+)" * 10 + " School", " ".join(texts_of(quarry)))
    events, waveforms, histograms, ran_into, *outcomes = map(int, row)
    assert (events, waveforms, histograms, ran_into) == (7, 3, 4, 0) and outcomes[-1] == 1
    assert sum(outcomes) == events + ran_into


def test_every_number_of_the_values_is_on_the_pages(archive: sfm.Archive, quarry: Path) -> None:
    report = report_of(archive)
    sfm_report(quarry)
    text = " ".join(texts_of(quarry))
    for one in report.largest:
        assert one.value.text in text
    for blast in report.blasts:
        for point in blast.points:
            for value in (point.ppv, point.pvs, point.pspl):
                assert value is None or value.text in text
            if point.distance_m is not None and point.units:
                assert f"{point.distance_m:,.0f} m" in text
            if point.vibration.ratio is not None:
                assert f"{100 * point.vibration.ratio:,.1f} %" in text
    for share in report.shares:
        assert share.least_percent is None or f"{round(share.least_percent, 1):g}" in text
    for undecided in report.undecided:
        assert undecided.why in text
    for event in report.provenance.events:
        for used in event.used:
            assert used.sha256 in text.replace(" ", "")
    assert report.provenance.history_head in text


def test_values_and_pages_can_be_had_at_once(quarry: Path) -> None:
    period = ("--since", "2026-05", "--until", "2026-05", "-o", str(quarry / "may.pdf"), "--json")
    result = CliRunner().invoke(main, ["job", "report", str(quarry / "quarry.sfm"), "North", *period])
    assert json.loads(result.stdout)["report"]["job"]["name"] == "North"
    assert len(texts_of(quarry)) > 2


def test_wrong_calls_write_nothing(quarry: Path) -> None:
    sfm_report(quarry, "--language", "xx", code=2)
    assert not (quarry / "may.pdf").exists()
    sfm_report(quarry)
    before = (quarry / "may.pdf").read_bytes()
    assert "overwrite" in sfm_report(quarry, "--number", "2", code=AlreadyExists.exit_code)
    assert (quarry / "may.pdf").read_bytes() == before


@pytest.mark.long
def test_memory_does_not_grow_with_the_pages_of_events(archive: sfm.Archive, quarry: Path) -> None:
    def read(event_id: int) -> JudgedEvent:
        return judged_event(archive, recording_of(archive, event_id, "mm/s"), LimitWords(("point",)))

    report = report_of(archive, pages=["all"])
    peaks = []
    for times in (1, 1, 4):
        many = replace(report, pages=report.pages * times)
        tracemalloc.start()
        job_report_pdf(many, read, language("en"), made_at="now")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    more = 3 * len(report.pages)
    assert peaks[2] - peaks[1] < 60_000 * more, "little more than what is written of a page"
