"""What pages, tables and `sfm show` say of the point at which an event was recorded."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.cli import main
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


def test_a_report_without_windows_says_nothing_of_points(archive: sfm.Archive, tmp_path: Path) -> None:
    save_waveform(archive, BLAST), save_waveform(archive, LATER)
    whole = " ".join(pages(archive, tmp_path / "all.pdf"))
    assert "no point" not in whole and "point / location" not in whole
