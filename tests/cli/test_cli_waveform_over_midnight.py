"""A waveform is of the day of its start, also one that runs over midnight: with samples and known by its report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader

import sfm_archive
from sfm_archive import testing
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading

BEGAN = datetime(2026, 5, 13, 23, 59, 58)
FIRST = ("--since", "2026-05-13", "--until", "2026-05-13")
NEXT = ("--since", "2026-05-14", "--until", "2026-05-14")


@pytest.fixture(params=["samples", "samples and report", "report"])
def archive(sfm, request) -> Path:
    """Three seconds from two seconds before midnight, far above 0.1 in/s."""
    path = sfm.folder / "a.sfm"
    said = [("record_time", "3.0 sec", ""), ("sample_rate", "1024 sps", ""), ("geo_range", "10.000 in/s", "")]
    frames = None
    if request.param == "report":
        said += [("ppv", "1.000 in/s", channel) for channel in ("Tran", "Vert", "Long")]
    else:
        made = testing.simulate_waveform(
            Random(3), serial="BE11529", recorded_at=BEGAN, seconds=3.0, sample_rate=1024, loudness="loud"
        )
        frames = testing.read_out(made)
    event = sfm_archive.Event(serial="BE11529", recorded_at=BEGAN, record_type=sfm_archive.RecordType.WAVEFORM)
    readings = tuple(measured_reading(*one) for one in said)
    report = ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=readings)
    with sfm_archive.create(path) as made_archive:
        made_archive.save(event, frames, readings=[] if request.param == "samples" else [report])
    return path


def _pdf(sfm, archive: Path, *words: str) -> str:
    sfm("report", archive, *words, "--above", "0.1in/s", "--limits", "0.1in/s", "-o", "a.pdf", "--overwrite")
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(sfm.folder / "a.pdf").pages)


def test_its_peak_and_verdicts_are_of_the_day_of_its_start_without_a_mark(sfm, archive):
    for window in ((), FIRST):
        (group,) = sfm.json("summary", archive, "--by", "day", "--limits", "0.1in/s", *window)["groups"]
        assert group["keys"] == {"day": "2026-05-13"} and group["ppv"]["day_known"] is True
        assert (group["events"], group["continued"], group["day_unknown"]) == (1, 0, 0)
        assert group["exceeded"] + group["undecided"] == 1
        listed = sfm.json("list", archive, "--above", "0.1in/s", *window)
        assert [one["day_known"] for one in listed["events"]] == [True]
        assert listed["above"]["exceeded"] + listed["above"]["undecided"] == 1
        assert len(sfm.json("list", archive, "--ppv-from", "0.01in/s", *window)["events"]) == 1
        assert "†" not in sfm("list", archive, *window).stdout + sfm("summary", archive, *window).stdout
        text = _pdf(sfm, archive, *window)
        assert "†" not in text and "Day not known" not in text and "nothing tells on which" not in text


def test_the_next_day_finds_it_with_nothing_of_it_there(sfm, archive):
    assert [one["continued"] for one in sfm.json("list", archive, *NEXT)["events"]] == ["yes"]
    (group,) = sfm.json("summary", archive, "--by", "day", "--limits", "0.1in/s", *NEXT, code=1)["groups"]
    assert (group["events"], group["continued"], group["not_compared"], group["ppv"]) == (0, 1, 1, None)
    assert group["without_peaks"] == 0 and "without a known peak" not in sfm("summary", archive, *NEXT).stderr
    above = sfm.json("list", archive, "--above", "0.1in/s", *NEXT)
    assert above["events"] == [] and above["above"]["not_compared"] == 1
    level = sfm.json("list", archive, "--ppv-from", "0.01in/s", *NEXT)
    assert level["events"] == [] and (level["levels"]["yes"], level["levels"]["undecided"]) == (0, 0)
    sfm("report", archive, *NEXT, "--limits", "0.1in/s", "-o", "a.pdf")
    pages = PdfReader(sfm.folder / "a.pdf").pages
    page = " ".join(pages[0].extract_text().split())
    assert "Without a known peak" not in page
    assert "A waveform is of the day of its start: nothing of it counts in the period." in page
