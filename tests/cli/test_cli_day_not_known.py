"""A histogram over midnight of which nothing tells on which day its peak was: booked at its start, and marked."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader

import sfm_archive
from sfm_archive import testing
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.testing.histograms import HistogramInterval

BEGAN = datetime(2026, 4, 30, 20)
NOTE = "nothing tells on which of them its peak was"


def _said(*values: tuple[str, str, str]) -> ReadingSet:
    readings = tuple(measured_reading(*one) for one in values)
    return ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)


def _save(path: Path, *said: tuple[str, str, str], counts: tuple[int, ...] = (), tells_stop: bool = True) -> None:
    """From 20:00 on 30 April; with samples, every quarter of an hour, where there are counts. `tells_stop`: otherwise
    the footer of these stops before they begin, and nothing tells how long an interval is."""
    event = sfm_archive.Event(serial="BE11529", recorded_at=BEGAN, record_type=sfm_archive.RecordType.HISTOGRAM)
    with sfm_archive.create(path) as archive:
        frames = None
        if counts:
            intervals = [HistogramInterval(count, 20, 1, 20, 1, 20, 1, 20) for count in counts]
            at = BEGAN if tells_stop else BEGAN - timedelta(days=3)
            made = testing.simulate_histogram(
                Random(1), serial="BE11529", recorded_at=at, intervals=intervals, interval_seconds=900
            )
            frames = testing.read_out(made)
        archive.save(event, frames, readings=[_said(*said)] if said else [])


NUMBERS_ONLY = (
    *(("ppv", "1.000 in/s", channel) for channel in ("Tran", "Vert", "Long")),
    ("intervals", "10", ""),
    ("interval_size", "60 minutes", ""),
)


KNOWN_BY = {
    "numbers only": (NUMBERS_ONLY, ()),
    "intervals of unknown length": ((), (20, 200, 20)),
    "numbers and intervals of unknown length": (NUMBERS_ONLY[:3], (20, 200, 20)),
}


@pytest.mark.parametrize("known_by", KNOWN_BY)
@pytest.mark.parametrize("by", ["month", "day"])
@pytest.mark.parametrize("window", [(), ("--since", "2026-04"), ("--until", "2026-05"), ("--since", "2026-05")])
def test_it_is_counted_where_it_starts_whatever_the_window(sfm, by, window, known_by):
    said, counts = KNOWN_BY[known_by]
    _save(sfm.folder / "a.sfm", *said, counts=counts, tells_stop=False)
    sfm("settings", "a.sfm", "BE11529", "--range", "normal", "--by", "Ann", "--reason", "as the unit was set", code=0)
    (group,) = sfm.json("summary", "a.sfm", "--by", by, "--limits", "0.5in/s", *window)["groups"]
    assert group["keys"][by] == {"month": "2026-04", "day": "2026-04-30"}[by]
    began_before = window == ("--since", "2026-05")
    assert (group["events"], group["continued"]) == ((0, 1) if began_before else (1, 0))
    assert (group["exceeded"], group["day_unknown"], group["ppv"]["day_known"]) == (1, 1, False)
    shown = sfm("summary", "a.sfm", "--by", by, *window)
    assert "1.000 in/s†" in shown.stdout and "day unknown †" in shown.stdout and NOTE in shown.stderr


@pytest.mark.parametrize("known_by", KNOWN_BY)
def test_every_table_marks_it(sfm, known_by):
    said, counts = KNOWN_BY[known_by]
    _save(sfm.folder / "a.sfm", *said, counts=counts, tells_stop=False)
    sfm("settings", "a.sfm", "BE11529", "--range", "normal", "--by", "Ann", "--reason", "as the unit was set", code=0)
    listed = sfm("list", "a.sfm").stdout
    assert "1.000†" in listed and NOTE in listed
    assert [event["day_known"] for event in sfm.json("list", "a.sfm")["events"]] == [False]
    (row,) = csv.DictReader(sfm("list", "a.sfm", "--csv").stdout.splitlines())
    assert row["day_known"] == "no"
    sfm("export-data", "a.sfm", "data", "--format", "csv", code=0)
    for table in ("events", "peaks"):
        with (sfm.folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as rows:
            assert [row["day_known"] for row in csv.DictReader(rows)] == ["no"]
    sfm("report", "a.sfm", "--above", "0.5in/s", "-o", "a.pdf")
    table, page = (" ".join(one.extract_text().split()) for one in PdfReader(sfm.folder / "a.pdf").pages)
    assert "1.000 in/s†" in table.replace("*", "") and "Day not known: 1" in table and NOTE in table and NOTE in page


def test_one_that_ends_at_midnight_or_whose_groups_hold_all_of_it_needs_no_mark(sfm):
    _save(sfm.folder / "a.sfm", *NUMBERS_ONLY[:3], ("intervals", "4", ""), ("interval_size", "60 minutes", ""))
    assert sfm.json("list", "a.sfm")["events"][0]["day_known"] is True
    (group,) = sfm.json("summary", "a.sfm", "--by", "day")["groups"]
    assert group["day_unknown"] == 0
    _save(sfm.folder / "b.sfm", *NUMBERS_ONLY)
    (group,) = sfm.json("summary", "b.sfm", "--by", "year,serial")["groups"]
    assert group["day_unknown"] == 0 and group["ppv"]["day_known"] is True


def test_one_interval_is_of_the_day_of_its_start_however_long(sfm):
    _save(sfm.folder / "a.sfm", counts=(200,), tells_stop=False)
    assert sfm.json("list", "a.sfm")["events"][0]["day_known"] is True
    for by in ("day", "serial"):
        (group,) = sfm.json("summary", "a.sfm", "--by", by)["groups"]
        assert (group["events"], group["day_unknown"], group["ppv"]["day_known"]) == (1, 0, True)
    (group,) = sfm.json("summary", "a.sfm", "--by", "day", "--since", "2026-05")["groups"]
    assert (group["events"], group["continued"], "ppv" in group and group["ppv"]) == (0, 1, None)


def test_a_window_behind_the_start_finds_what_may_be_above_in_it(sfm):
    _save(sfm.folder / "a.sfm", counts=(20, 200, 20), tells_stop=False)
    (event,) = sfm.json("list", "a.sfm", "--since", "2026-05", "--above", "0.5in/s")["events"]
    assert event["day_known"] is False and event["continued"] == "unknown"


def test_a_peak_printed_in_few_digits_is_that_of_its_interval(sfm):
    """400 counts are 50.8 mm/s, printed as 51: its day has it, and each other day its own."""
    said = [("ppv", "51 mm/s", "Tran"), ("geo_range", "254.0 mm/s", "")]
    _save(sfm.folder / "a.sfm", *said, counts=(*[10] * 16, 399, 400, 20))
    groups = sfm.json("summary", "a.sfm", "--by", "day", "--units", "mm/s")["groups"]
    peaks = {group["keys"]["day"]: group["ppv"]["number"] for group in groups}
    assert peaks == {"2026-04-30": pytest.approx(1.27), "2026-05-01": 51}
    assert all(group["day_unknown"] == 0 for group in groups)
    assert "contradict" not in sfm("show", "a.sfm", "1").stdout


def test_a_peak_that_differs_by_more_is_a_finding_and_of_no_known_day(sfm):
    said = [("ppv", "52 mm/s", "Tran"), ("geo_range", "254.0 mm/s", "")]
    _save(sfm.folder / "a.sfm", *said, counts=(*[10] * 16, 399, 400, 20))
    (group,) = sfm.json("summary", "a.sfm", "--by", "day")["groups"]
    assert (group["keys"]["day"], group["day_unknown"], group["ppv"]["day_known"]) == ("2026-04-30", 1, False)
    assert any(one["code"] == "peak-contradicted" for one in sfm.json("show", "a.sfm", "1")["sample_findings"])
