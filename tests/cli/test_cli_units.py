"""One unit of velocity in each output; what was printed in the other one is quoted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.archive.reading import unit_of_most_reports
from sfm_archive.model.one_unit import in_unit, printed_in_another_unit
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.model.selection import EVERYTHING, select

DATA = Path(__file__).parents[1] / "data" / "csv_spreadsheet"


@pytest.mark.parametrize(
    ("printed", "unit", "quantity", "shown"),
    [
        ("19.05 mm/s", "in/s", "ppv", "0.750 in/s (19.05 mm/s printed)"),
        ("0.750 in/s", "mm/s", "ppv", "19.05 mm/s (0.750 in/s printed)"),
        ("0.750 in/s", "in/s", "ppv", "0.750 in/s"),
        ("<0.127 mm/s", "in/s", "ppv", "<0.00500 in/s (<0.127 mm/s printed)"),
        ("0.10 mm", "in/s", "peak_displacement", "0.0039 in (0.10 mm printed)"),
        ("OORANGE", "mm/s", "ppv", "over range"),
        ("24 Hz", "mm/s", "zc_frequency", "24 Hz"),
        ("107.0 dB(L)", "mm/s", "pspl", "107.0 dB(L)"),
    ],
)
def test_what_was_printed_in_another_unit_is_quoted(printed, unit, quantity, shown):
    from dataclasses import replace

    reading = in_unit(replace(measured_reading(quantity, printed), source=ValueSource.REPORT), unit)
    assert reading_text(reading) == shown.replace("0.00500", "0.005")
    assert bool(printed_in_another_unit(reading)) == ("printed" in shown)


@pytest.fixture
def mixed(sfm):
    """Two events whose reports print mm/s, one that prints in/s, and one without a report."""
    for number, path in enumerate(sorted(DATA.glob("*.TXT"))):
        text = path.read_text(encoding="utf-8")
        if number < 2:
            text = re.sub(r'([0-9.]+) in/s"', lambda match: f'{float(match[1]) * 25.4:.2f} mm/s"', text)
        Path(path.name).write_text(text, encoding="utf-8")
    event_files = [path for path in DATA.iterdir() if path.suffix != ".TXT"]
    sfm("import", "a.sfm", ".", *event_files, "--create")
    from sfm_archive.demo import captures

    sfm("import", "a.sfm", captures()[0])
    return "a.sfm"


def test_the_unit_of_most_reports_is_that_of_the_output(sfm, mixed):
    sfm("report", mixed, "-o", "r.pdf")
    front, *pages = [page.extract_text() for page in PdfReader("r.pdf").pages]
    assert " in/s" not in re.sub(r"\(\S+ in/s printed\)|, 2\.0 in/s", "", front)
    assert "(0.290 in/s printed)" in front and "7.37 mm/s" in front
    assert all("Peak particle velocity, mm/s" in page for page in pages if "Numbers" in page)
    sfm("report", mixed, "-o", "i.pdf", "--units", "in/s")
    front = PdfReader("i.pdf").pages[0].extract_text()
    assert "Vert 0.290 in/s\n(7.37 mm/s printed)" in front
    sfm("plot", mixed, "1", "-o", "p.pdf", "--units", "mm/s")
    assert "mm/s" in PdfReader("p.pdf").pages[0].extract_text()
    assert "mm/s" in sfm("plot", mixed, "1", "--units", "mm/s").stdout


def test_an_event_converted_says_the_same(sfm, mixed):
    with Archive.open(mixed, read_only=True) as archive:
        ids = [row.event_id for row in archive.events()]
        assert unit_of_most_reports(archive, EVERYTHING) == "mm/s"
        assert unit_of_most_reports(archive, select(since="2050")) == "in/s"
        for event_id in ids:
            own, other = recording_of(archive, event_id), recording_of(archive, event_id, "mm/s")
            assert other.settings.unit == "mm/s" and {r.unit for r in other.computed if r.quantity == "ppv"} <= {"mm/s"}
            assert [d.agrees for d in own.differences] == [d.agrees for d in other.differences]
            for key, reading in own.values.items():
                converted, there = in_unit(reading, "mm/s").number, other.values[key].number
                assert converted == there or converted == pytest.approx(there, rel=1e-6), key


def test_the_table_of_peaks_has_one_unit_and_keeps_the_strongest_event(sfm, mixed):
    import csv
    import io

    with Archive.open(mixed) as archive:
        from sfm_archive.model.documents import ReadingSet

        said = ReadingSet(
            source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(measured_reading("ppv", "OORANGE", "Vert"),)
        )
        archive.attach(3, [], [said])
    sfm("export-data", mixed, "data", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(Path("data/peaks.csv").read_text(encoding="utf-8"))))
    assert {row["unit"] for row in rows} == {"mm/s"} and len(rows) == len(sfm.json("list", mixed)["events"])
    by_id = {row["event_id"]: row for row in rows}
    assert (by_id["1"]["ppv_Vert"], by_id["1"]["zc_frequency_Vert"], by_id["1"]["pspl_db"]) == ("7.37", "30.1", "107.0")
    over = by_id["3"]
    assert (over["ppv_Vert"], over["ppv_Vert_state"], over["ppv_basis"]) == ("", "over-range", "over range")
    assert max(rows, key=lambda row: float(row["ppv_at_least"] or 0)) is over
    assert float(over["ppv_at_least"]) == pytest.approx(2047 * 0.005 * 25.4)
    sfm("export-data", mixed, "inches", "--format", "csv", "--units", "in/s")
    rows = list(csv.DictReader(io.StringIO(Path("inches/peaks.csv").read_text(encoding="utf-8"))))
    assert {row["unit"] for row in rows} == {"in/s"}
    header = next(Path("inches/BE11529").iterdir()).read_text(encoding="utf-8").partition("\n")[0]
    assert "Vert [in/s]" in header
    assert sfm.json("import", mixed, "inches/peaks.csv")["totals"]["left out"] == 1


def test_a_list_has_one_unit_and_quotes_what_was_printed(sfm, mixed):
    document = sfm.json("list", mixed)
    assert document["unit"] == "mm/s"
    assert {event["ppv"]["unit"] for event in document["events"] if event["ppv"]} == {"mm/s"}
    assert {event["ppv_at_least"] for event in sfm.json("list", mixed, "1", "2", "3")["events"]} == {7.37, 7.366}
    assert "7.366 (0.290 in/s printed)  mm/s" in sfm("list", mixed).stdout
    text = sfm("list", mixed, "--units", "in/s").stdout
    assert "0.290 (7.37 mm/s printed)  in/s" in text and "mm/s\n" not in text


def test_a_summary_has_one_unit_and_says_what_is_at_least(sfm, mixed):
    document = sfm.json("summary", mixed, "--by", "serial")
    (group,) = [group for group in document["groups"] if group["keys"]["serial"] == "BE11529"]
    assert document["unit"] == "mm/s" and (group["ppv"]["number"], group["ppv"]["unit"]) == (7.37, "mm/s")
    assert group["ppv_at_least"] == 7.37
    assert {group["ppv"]["unit"] for group in document["groups"]} == {"mm/s"}
    assert "0.290 in/s (7.37 mm/s printed)" in sfm("summary", mixed, "--by", "serial", "--units", "in/s").stdout
    with Archive.open(mixed) as archive:
        from sfm_archive.model.documents import ReadingSet

        said = ReadingSet(
            source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(measured_reading("ppv", "OORANGE", "Vert"),)
        )
        archive.attach(3, [], [said])
    row = sfm("summary", mixed, "--by", "type", "--units", "in/s", "--csv").stdout.splitlines()
    names, cells = row[0].split(","), row[-1].split(",")
    cells = dict(zip(names, cells, strict=True))
    assert (cells["ppv"], cells["ppv_state"], cells["ppv_at_least"]) == ("", "over-range", "10.235")
