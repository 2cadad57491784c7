"""A blast that a unit recorded as a waveform and in an interval of its histogram is counted as above a limit once."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading
from sfm_archive.model.selection import EVERYTHING, select
from sfm_archive.testing.histograms import HistogramInterval

START = datetime(2026, 5, 4, 6)
LIMIT = sfm.limits_from(sfm.LimitWords(("1in/s",)))
SETTINGS = (("sample_rate", "1024 sps", ""), ("geo_range", "10.0 in/s", ""), ("pretrigger", "-0.250 sec", ""))
BLAST = tuple(("ppv", "1.500 in/s", channel) for channel in ("Tran", "Vert", "Long"))
QUIET = tuple(("ppv", "0.500 in/s", channel) for channel in ("Tran", "Vert", "Long"))


def save(archive: sfm.Archive, event: testing.SimulatedEvent, number: int, printed) -> None:
    document = ReadingSet(
        source=ValueSource.REPORT,
        origin_sha256=f"{number:064x}",
        readings=tuple(measured_reading(quantity, text, channel) for quantity, text, channel in printed),
    )
    identity = sfm.Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type)
    archive.save(identity, testing.read_out(event), readings=[document])


def site(folder, loud: dict[int, int], triggered_at: timedelta, printed=BLAST) -> sfm.Archive:
    """A histogram of 40 intervals of 5 minutes, those of `loud` with so many counts, and a waveform."""
    folder.mkdir(exist_ok=True)
    archive = sfm.create(folder / "a.sfm")
    intervals = [HistogramInterval(loud.get(place, 2), 20, 2, 20, 2, 20, 4, 20) for place in range(40)]
    random = Random(1)
    histogram = testing.simulate_histogram(random, intervals=intervals, interval_seconds=300, recorded_at=START)
    save(archive, histogram, 1, SETTINGS)
    waveform = testing.simulate_waveform(
        random, seconds=1.0, sample_rate=1024, loudness="quiet", recorded_at=START + triggered_at
    )
    save(archive, waveform, 2, (*SETTINGS, *printed))
    return archive


def counted(archive: sfm.Archive, selection=EVERYTHING) -> tuple[int, int, int]:
    with archive:
        (group,) = sfm.summarise(archive, ("serial",), selection, LIMIT).groups
    assert group.exceeded + group.undecided + group.within + group.not_compared + group.counted_once == group.events
    return group.exceeded, group.within, group.counted_once


@pytest.mark.parametrize("place", [9, 10, 11])
def test_an_interval_that_holds_a_trigger_give_or_take_one_is_not_counted_again(tmp_path, place):
    archive = site(tmp_path, {place: 300}, timedelta(minutes=52))
    assert counted(archive) == (1, 0, 1)


@pytest.mark.parametrize("place", [0, 8, 12, 39])
def test_its_other_intervals_are_counted(tmp_path, place):
    archive = site(tmp_path, {10: 300, place: 250}, timedelta(minutes=52))
    assert counted(archive) == (2, 0, 0)


def test_what_was_not_counted_a_first_time_is_counted(tmp_path):
    archive = site(tmp_path / "within", {10: 300}, timedelta(minutes=52), QUIET)
    assert counted(archive) == (1, 1, 0), "the waveform is within"
    archive = site(tmp_path / "left out", {10: 300}, timedelta(minutes=52))
    assert counted(archive, select(record_type="histogram")) == (1, 0, 0), "the waveform was not asked for"


def test_the_table_in_front_of_a_report_counts_it_once_too(tmp_path):
    with site(tmp_path, {10: 300}, timedelta(minutes=52)) as archive:
        sfm.write_report(archive, tmp_path / "a.pdf", limits=("1in/s",))
    table = PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    assert "Vibration: 1 exceeded, 0 undecided, 0 within, 0 not compared, 1 counted once" in table
    assert "1 histogram above a limit only where a waveform of the same unit was triggered" in table
