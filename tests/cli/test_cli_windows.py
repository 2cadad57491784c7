"""A level or limit that is asked for with a window is answered by what was recorded in it, in every command."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

import sfm_archive
from sfm_archive import testing
from sfm_archive.archive.measuring import above_limits
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.testing.histograms import HistogramInterval

OVERNIGHT = Path(__file__).parents[1] / "data" / "overnight_histogram"
BEGAN = datetime(2026, 5, 13, 18)


def _read(*values: tuple[str, str, str]) -> ReadingSet:
    readings = tuple(measured_reading(*one) for one in values)
    return ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)


@pytest.mark.parametrize("asked", [("--ppv-from", "0.5in/s"), ("--above", "usbm"), ("--above", "0.5in/s")])
def test_every_command_has_an_overnight_event_on_its_loud_day_only(sfm, asked):
    """36 hours from 18:00 on 13 May; 2.3 in/s at 10:00 on 14 May, below 0.1 in/s at any other time."""
    sfm("import", "a.sfm", *sorted(OVERNIGHT.glob("M*")), "--create")
    for day, levels in (("2026-05-13", []), ("2026-05-14", ["yes"]), ("2026-05-15", [])):
        words = (*asked, "--since", day, "--until", day)
        listed = sfm.json("list", "a.sfm", *words)
        assert [event["level"] for event in listed["events"]] == levels and listed["matching"] == len(levels)
        if "--ppv-from" in asked:
            assert (listed["levels"]["yes"], listed["levels"]["undecided"]) == (len(levels), 0)
        else:
            assert (listed["above"]["exceeded"], listed["above"]["within"]) == (len(levels), 1 - len(levels))
        summary = sfm.json("summary", "a.sfm", "--by", "day", *words)
        assert [(group["keys"]["day"], group["continued"]) for group in summary["groups"]] == [(day, 1)] * len(levels)
        code = 0 if levels else 3
        sfm("export", "a.sfm", f"out {day}", *words, code=code)
        sfm("export-data", "a.sfm", f"data {day}", "--format", "csv", *words, code=code)
        sfm("report", "a.sfm", *words, "-o", f"{day}.pdf", code=code)
    with (sfm.folder / "data 2026-05-14" / "events.csv").open(encoding="utf-8", newline="") as table:
        assert [row["level"] for row in csv.DictReader(table)] == ["yes"]
    assert len(sfm.json("list", "a.sfm", *asked)["events"]) == 1


def test_a_list_marks_what_reaches_beyond_its_window(sfm):
    """Its PPV is of all of the event, and 13 May was quiet."""
    sfm("import", "a.sfm", *sorted(OVERNIGHT.glob("M*")), "--create")
    for day, signs, runs_on in (("13", ("", " →"), True), ("14", ("← ", " →"), True), ("15", ("← ", ""), False)):
        window = ("--since", f"2026-05-{day}", "--until", f"2026-05-{day}")
        text = sfm("list", "a.sfm", *window).stdout
        assert f"1  {signs[0]}2026-05-13 18:00:00{signs[1]} " in text
        assert ("→: went on behind the time that was asked for; PPV is of the whole event" in text) is runs_on
        (event,) = sfm.json("list", "a.sfm", *window)["events"]
        assert event["runs_on"] is runs_on
        sfm("export-data", "a.sfm", f"data {day}", "--format", "csv", *window)
        for table in ("events", "peaks"):
            with (sfm.folder / f"data {day}" / f"{table}.csv").open(encoding="utf-8", newline="") as rows:
                assert [row["runs_on"] for row in csv.DictReader(rows)] == [{True: "yes", False: "no"}[runs_on]]
    assert "→" not in sfm("list", "a.sfm").stdout


def test_a_window_of_hours_says_that_peaks_are_of_whole_days(sfm):
    """At eight in the morning of 14 May all was quiet; 2.3 in/s came at ten."""
    sfm("import", "a.sfm", *sorted(OVERNIGHT.glob("M*")), "--create")
    note = "peaks, levels and verdicts are those of its whole days"
    hours = ("--since", "2026-05-14T07:00", "--until", "2026-05-14T08:00")
    for number, (name, *words) in enumerate((("list",), ("summary", "--limits", "usbm"), ("export", "--dry-run"))):
        folder = [f"out {number}"] if name == "export" else []
        assert note in sfm(name, "a.sfm", *folder, *words, *hours).stderr
        assert note not in sfm(name, "a.sfm", *folder, *words, "--since", "2026-05-14").stderr
    sfm("report", "a.sfm", *hours, "--above", "usbm", "-o", "a.pdf")
    assert note in " ".join(PdfReader(sfm.folder / "a.pdf").pages[0].extract_text().split())


@settings(max_examples=settings.default.max_examples * 40 // 100)
@given(
    st.lists(st.integers(1, 1500), min_size=8, max_size=60), st.integers(1, 1500), st.integers(0, 3), st.integers(0, 2)
)
def test_a_level_of_some_days_is_that_of_their_intervals(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], asked: int, first: int, more: int
) -> None:
    """Hourly intervals from 18:00 on with a stated range; what is asked lies half a count below a number of them."""
    intervals = [HistogramInterval(count, 20, 1, 20, 1, 20, 1, 20) for count in counts]
    made = testing.simulate_histogram(
        Random(1), serial="BE11529", recorded_at=BEGAN, intervals=intervals, interval_seconds=3600
    )
    since, until = f"2026-05-{12 + first}", f"2026-05-{12 + first + more}"
    own = [count for hour, count in enumerate(counts) if since <= f"2026-05-{13 + (18 + hour) // 24:02}" <= until]
    with sfm_archive.create(tmp_path_factory.mktemp("d") / "a.sfm") as archive:
        event = sfm_archive.Event(serial="BE11529", recorded_at=BEGAN, record_type=sfm_archive.RecordType.HISTOGRAM)
        archive.save(event, testing.read_out(made), readings=[_read(("geo_range", "10.000 in/s", ""))])
        level = f"{(asked - 0.5) * 0.005} in/s"
        chosen = sfm_archive.select(since=since, until=until, ppv_from=level)
        passing = any(count >= asked for count in own)
        assert archive.count(chosen) == len([*archive.listing(chosen)]) == passing
        window = sfm_archive.select(since=since, until=until)
        assert above_limits(archive, window, [level]).above_ids == (1,) * passing


def test_an_event_without_samples_is_found_until_it_ends(tmp_path):
    """Its report tells how many intervals it has; nothing tells which of them was the loud one."""
    with sfm_archive.create(tmp_path / "a.sfm") as archive:
        for serial, size in (("BE11529", "60 minutes"), ("BE11530", "5 minutes")):
            event = sfm_archive.Event(serial=serial, recorded_at=BEGAN, record_type=sfm_archive.RecordType.HISTOGRAM)
            peaks = [("ppv", "1.000 in/s", channel) for channel in ("Tran", "Vert", "Long")]
            archive.save(event, readings=[_read(*peaks, ("intervals", "36", ""), ("interval_size", size, ""))])

        def found(**window: str) -> list[str]:
            return [event.serial for event in archive.events(**window)]

        assert found(since="2026-05-15", until="2026-05-15") == ["BE11529"]
        assert found(since="2026-05-14", ppv_from="1in/s") == ["BE11529"]
        assert found(since="2026-05-15 06:00") == [], "it ended then"
        assert found(since="2026-05-15 05:59") == ["BE11529"]
        assert found(since="2026-05-13 20:59") == ["BE11529", "BE11530"]
        assert found(since="2026-05-13 21:00") == ["BE11529"]
