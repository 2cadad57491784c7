"""What pages, tables and `sfm show` say of the point at which an event was recorded."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.formats.data_tables import EVENT_COLUMNS, PEAK_COLUMNS, VALUE_COLUMNS, is_data_table
from tests.sites.conftest import OTHER, UNIT, save_histogram, save_waveform

BLAST, LATER, NIGHT = datetime(2026, 5, 1, 13, 16), datetime(2026, 5, 9, 8), datetime(2026, 5, 1, 20)
BORDER = datetime(2026, 5, 1, 23)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def placed(archive: sfm.Archive) -> tuple[int, int, int, int]:
    """A blast at Church, a histogram that crosses to School, one at no point, one of a unit without windows; ids."""
    made = (
        save_waveform(archive, BLAST),
        save_histogram(archive, NIGHT, 60),
        save_waveform(archive, LATER),
        save_waveform(archive, BLAST, OTHER),
    )
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 5, 1), until=BORDER)
    sfm.place(archive, UNIT, at="North/School", since=BORDER, until=datetime(2026, 5, 5))
    return made


def test_a_description_names_job_point_and_window(archive: sfm.Archive) -> None:
    blast, crossing, outside, other = placed(archive)
    place = archive.describe(blast).place
    assert (place.job, place.point, place.window, place.placed) == ("North", "Church", 1, "whole")
    assert place.told == "at North/Church (window 1)"
    place = archive.describe(crossing).place
    assert (place.point, place.placed, place.points) == ("Church", "part", ("North/Church", "North/School"))
    assert [(span.point, span.window) for span in place.spans] == [("Church", 1), ("School", 2)]
    assert place.told == (
        "at North/Church (window 1), from 2026-05-01 23:00:00 on at North/School (window 2); "
        "it crosses a border of windows"
    )
    assert archive.describe(outside).place.told == "at no point"
    place = archive.describe(other).place
    assert (place.told, place.spans) == ("", ())


def test_show_says_where_an_event_was_recorded(archive: sfm.Archive) -> None:
    blast, crossing, outside, other = placed(archive)
    assert "at North/Church (window 1)" in run("show", archive.path, blast).output
    assert "on at North/School (window 2)" in run("show", archive.path, crossing).output
    assert "at no point" in run("show", archive.path, outside).output
    assert "\nwhere" not in run("show", archive.path, other).output
    told = json.loads(run("show", archive.path, crossing, "--json").stdout)["place"]
    assert (told["job"], told["point"], told["window"], told["placed"]) == ("North", "Church", 1, "part")


def test_an_undecided_hour_names_the_points_that_it_may_be(archive: sfm.Archive) -> None:
    event_id, border = save_waveform(archive, datetime(2026, 10, 25, 2, 10)), datetime(2026, 10, 25, 2, 30)
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 10, 1), until=border)
    sfm.place(archive, UNIT, at="North/School", since=border)
    place = archive.describe(event_id).place
    assert (place.job, place.point, place.window, place.placed) == ("", "", 0, "undecided")
    assert place.told.startswith("undecided at which of North/Church, North/School: the clocks repeat")


def pages(archive: sfm.Archive, target: Path, *filters: str) -> list[str]:
    """The texts of the pages of a report, each on one line."""
    pytest.importorskip("matplotlib")
    assert run("report", archive.path, "-o", target, *filters).exit_code == 0
    return [" ".join(page.extract_text().split()) for page in PdfReader(target).pages]


def test_each_page_and_the_table_of_a_report_say_the_point(archive: sfm.Archive, tmp_path: Path) -> None:
    placed(archive)
    table, *events = pages(archive, tmp_path / "all.pdf")
    assert "point / location" in table
    assert "North/Church, then North/School" in table
    found = {word: [word in page for page in events].count(True) for word in ("at North/Church", "at no point")}
    assert found == {"at North/Church": 2, "at no point": 1}
    assert sum("on at North/School (window 2); it crosses a border of windows" in page for page in events) == 1


def test_a_report_says_which_points_were_asked_for(archive: sfm.Archive, tmp_path: Path) -> None:
    placed(archive)
    assert "only those at North/Church" in pages(archive, tmp_path / "church.pdf", "--point", "North/Church")[0]
    of_job = pages(archive, tmp_path / "job.pdf", "--job", "North")[0]
    assert "only those at North/Church or North/School" in of_job
    assert "only those at no point" in pages(archive, tmp_path / "none.pdf", "--unplaced")[0]


def test_a_report_of_a_point_has_the_part_of_an_event_that_was_there(archive: sfm.Archive, tmp_path: Path) -> None:
    placed(archive)
    (page,) = pages(archive, tmp_path / "school.pdf", "--point", "North/School")
    assert "Its intervals at North/School of 2026-05-01 to 2026-05-02: greatest peak" in page
    table = pages(archive, tmp_path / "church.pdf", "--point", "North/Church")[0]
    assert "At other points too: 1" in table and "Beyond the period" not in table and "⇄ recorded" in table


def test_a_report_without_windows_says_nothing_of_points(archive: sfm.Archive, tmp_path: Path) -> None:
    save_waveform(archive, BLAST), save_waveform(archive, LATER)
    whole = " ".join(pages(archive, tmp_path / "all.pdf"))
    assert "no point" not in whole and "point / location" not in whole


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.tables
def test_tables_have_job_point_and_how_an_event_is_placed(archive: sfm.Archive, tmp_path: Path) -> None:
    blast, crossing, outside, other = placed(archive)
    sfm.export_data(archive, tmp_path / "data", "csv")
    expected = {
        blast: ("North", "Church", "whole"),
        crossing: ("North", "Church", "part"),
        outside: ("", "", ""),
        other: ("", "", ""),
    }
    for name in ("events", "peaks", "values"):
        rows = rows_of(tmp_path / "data" / f"{name}.csv")
        found = {int(row["event_id"]): (row["job"], row["point"], row["placed"]) for row in rows}
        assert found == expected, name
    points = {int(row["event_id"]): row["points"] for row in rows_of(tmp_path / "data" / "events.csv")}
    assert points == {
        blast: "North/Church", crossing: "North/Church; North/School", outside: "no point", other: ""
    }  # fmt: skip


@pytest.mark.tables
def test_each_interval_has_its_point(archive: sfm.Archive, tmp_path: Path) -> None:
    _, crossing, _, _ = placed(archive)
    unplaced = save_histogram(archive, datetime(2026, 5, 1, 20, 3), 5, OTHER)
    report = sfm.export_data(archive, tmp_path / "data", "csv")
    paths = {item.event_id: item.paths[0] for item in report.items}
    rows = rows_of(tmp_path / "data" / paths[crossing])
    border = BORDER.isoformat()
    assert {row["point"] for row in rows if row["start_local"] < border} == {"North/Church"}
    assert {row["point"] for row in rows if row["start_local"] >= border} == {"North/School"}
    assert "point" not in rows_of(tmp_path / "data" / paths[unplaced])[0]


@pytest.mark.tables
def test_peaks_of_an_undecided_event_are_of_all_of_it_and_that_is_said(archive: sfm.Archive, tmp_path: Path) -> None:
    event_id, border = save_waveform(archive, datetime(2026, 10, 25, 2, 10)), datetime(2026, 10, 25, 2, 30)
    sfm.place(archive, UNIT, at="North/Church", since=datetime(2026, 10, 1), until=border)
    sfm.place(archive, UNIT, at="North/School", since=border)
    done = run("export-data", archive.path, tmp_path / "data", "--format", "csv", "--point", "North/School")
    assert done.exit_code == 0
    assert f"event {event_id}: written: nothing tells what of it was recorded at the points asked for" in done.stderr
    (row,) = rows_of(tmp_path / "data" / "peaks.csv")
    assert (row["placed"], row["points"], row["peaks_at"]) == ("undecided", "North/Church; North/School", "")
    assert row["ppv"]


@pytest.mark.parametrize("columns", [EVENT_COLUMNS, VALUE_COLUMNS, PEAK_COLUMNS])
def test_a_table_with_the_columns_of_an_earlier_version_is_known_again(columns: tuple[str, ...]) -> None:
    for many in (len(columns), len(columns) - 3):
        assert is_data_table(f"{','.join(columns[:many])}\r\n1,2\r\n".encode())
    assert not is_data_table(b"event_id,serial\r\n1,2\r\n")
    assert not is_data_table(f"{','.join(columns)},more\r\n".encode())
