"""The practice ends in one report for each job, in both languages and on both papers: its pages, read back, say what
the simulator drew. The practice itself is that of `test_jobs.py`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.reporting.language import Language, language
from tests.practice.test_jobs import JOBS, POINTS, Stay, Truth, archive_blasts, practice, where  # noqa: F401

pytestmark = pytest.mark.long

SINCE, UNTIL = datetime(2026, 8, 1), datetime(2026, 12, 1)
SIZES = {"a4": (595, 842), "letter": (612, 792)}
PEAK, COUNT = 2.54, 0.127
"""mm/s: of every waveform, and of a count of a histogram."""


@pytest.fixture(scope="module")
def decided(practice: tuple[sfm.Archive, Truth]) -> tuple[sfm.Archive, Truth]:  # noqa: F811
    """With the events of every blast confirmed, and a limit at every point."""
    archive, truth = practice
    for job in JOBS:
        for point in POINTS:
            sfm.limit_point(archive, f"{job}/{point}", limits=["din-4150-3-line-2"])
    numbers = {one.name: one.blast for one in sfm.list_blasts(archive).blasts}
    for name, events in truth.blasts.items():
        sure = sorted(events - truth.doubtful.keys())
        if sure:
            sfm.confirm_blast(archive, numbers[name], sure)
    return archive, truth


def stood(truth: Truth, key: str, at: datetime) -> list[Stay]:
    return [one for one in truth.stays if f"{one.job}/{one.point}" == key and one.since <= at < one.until]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("code", ["en", "de"])
@pytest.mark.parametrize("paper", list(SIZES))
def test_the_pages_of_every_job_say_what_was_drawn(
    decided: tuple[sfm.Archive, Truth], job: str, code: str, paper: str, tmp_path: Path
) -> None:
    archive, truth = decided
    words = language(code)
    report, _ = sfm.write_period_report(
        archive, tmp_path / "r.pdf", job, SINCE, UNTIL, units="mm/s", language=code, paper=paper, day_tables=False
    )
    pages = PdfReader(tmp_path / "r.pdf").pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {SIZES[paper]}
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    text = re.sub(r"(?<=\d),(?=\d)", ".", text) if code == "de" else text
    check_blasts(truth, job, words, text)
    check_counts(truth, job, words, text)
    check_largest(truth, job, words, text)
    assert len(report.blasts) == len(archive_blasts) / len(JOBS)


def check_blasts(truth: Truth, job: str, words: Language, text: str) -> None:
    """Each blast has the peak at exactly the points where an event of it was recorded; where no unit stood that is
    said."""
    part = text[text.index(words.says("Blasts at the points")) :]
    part = part.partition(words.says("Share of blasts within the limits"))[0]
    names = [name for own, _, name in archive_blasts if own == job]
    places = [part.index(f" {name} (") for name in names]
    assert places == sorted(places) and len(places) == 38
    at_of = {name: at for _, at, name in archive_blasts}
    for name, (begin, end) in zip(names, pairwise([*places, len(part)]), strict=True):
        whole, at = part[begin:end], at_of[name]
        assert words.moment(at) in whole
        peaks = "; ".join(f"{channel} {PEAK:.3f} mm/s" for channel in ("Tran", "Vert", "Long"))
        held = words.says("held against the limit: {value}", value=rf"\w+ {PEAK:.2f} mm/s")
        event = words.says("event {number}", number="0").replace("0", r"\d+")
        said, below = re.subn(rf"{peaks}(?:; {held}(?: \({event}\))?)? ?", "", whole)
        measured = {truth.points[one] for one in truth.blasts[name] if one not in truth.doubtful}
        rows = {point: f"{job}/{point}" in measured for point in POINTS}
        assert len(re.findall(rf"{PEAK:.3f} mm/s", said)) == below == sum(rows.values()), (name, said)
        for point, has_one in rows.items():
            found = re.search(rf"{point} ((?:\d+(?:, \d+)*)|–) [\d.,]+ m\*", said)
            if not stood(truth, f"{job}/{point}", at):
                assert found is None or has_one, (name, point, said)
            else:
                assert found is not None and (found[1] != "–") == has_one, (name, point, said)


def check_counts(truth: Truth, job: str, words: Language, text: str) -> None:
    """Events that began at each point; doubtful ones are of none for sure."""
    part = text[text.index(words.says("Events at the points in the period")) :]
    for point in POINTS:
        key = f"{job}/{point}"
        own = [one for one, place in truth.points.items() if place == key and one not in truth.doubtful]
        doubtful = [one for one, places in truth.doubtful.items() if key in places]
        (row,) = re.findall(rf"{point} (\d+) (\d+) (\d+) (\d+) ", part.partition(words.says("Blasts at the points"))[0])
        assert len(own) <= int(row[0]) <= len(own) + len(doubtful), (key, row)


def check_largest(truth: Truth, job: str, words: Language, text: str) -> None:
    """The greatest of all waveforms and of the intervals that began at the point."""
    part = text[text.index(words.says("Largest values")) :]
    for point in POINTS:
        key = f"{job}/{point}"
        waveform = any(place == key for one, place in truth.points.items() if one not in truth.doubtful)
        expected = max(PEAK if waveform else 0.0, COUNT * truth.peaks.get(key, 0))
        found = re.search(rf"{point} {words.says('PPV')} {words.channel('Tran')} ~?([\d.]+) mm/s", part)
        assert (found is not None) == (expected > 0), key
        if found is not None:
            assert abs(float(found[1]) - expected) < 0.006, (key, found[1], expected)


def test_a_stay_is_where_a_unit_stood() -> None:
    """Of `where`, by which all of this is worked out."""
    stay = Stay("BE1", "J", "P", SINCE, UNTIL)
    assert where([stay], "BE1", SINCE) is stay and where([stay], "BE1", UNTIL) is None
    assert where([stay], "BE2", SINCE + timedelta(days=1)) is None
