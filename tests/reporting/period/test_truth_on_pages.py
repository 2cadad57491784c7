"""The pages of each job of a simulated practice, read back from their PDF and held against the truth.

The practice and the rules of what a report must say of it are those of `test_truth_of_job_reports.py`; nothing here is
taken from the report's values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

import sfm_archive as sfm
from sfm_archive.limits.outcomes import Outcome
from sfm_archive.reporting.language import Language, language
from sfm_archive.reporting.period.report import CellState
from tests.practice.test_jobs import JOBS, POINTS
from tests.reporting.period import test_truth_of_job_reports as truth_of
from tests.reporting.period.test_truth_of_job_reports import AIRBLAST_DB, COUNT, Shot, World, world  # noqa: F401

SINCE, UNTIL = truth_of.PERIODS[1]
ALL = [(job, code, paper) for job in JOBS for code in ("en", "de") for paper in ("a4", "letter")]
SIZES = {"a4": (595, 842), "letter": (612, 792)}


@pytest.fixture
def pages(
    request: pytest.FixtureRequest,
    world: tuple[sfm.Archive, World],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[World, str, Language, list[str]]]:
    """The truth, the job, the language and the text of each page, with numbers as in English."""
    archive, truth = world
    job, code, paper = request.param
    monkeypatch.setattr(truth_of, "JOB", job)
    sfm.write_period_report(archive, tmp_path / "r.pdf", job, SINCE, UNTIL, months=3, language=code, paper=paper)
    read = PdfReader(tmp_path / "r.pdf").pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in read} == {SIZES[paper]}
    texts = [" ".join(page.extract_text().split()) for page in read]
    yield truth, job, language(code), [as_english(text) for text in texts] if code == "de" else texts


def as_english(text: str) -> str:
    """Decimal commas as points; a point between digits that ends a date's part stays as it is."""
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def part(words: Language, texts: list[str], begin: str, end: str) -> str:
    """Of all pages from one heading to another one, without what stands on top and at the bottom of each."""
    whole = " ".join(texts)
    return whole[whole.index(words.says(begin)) :].partition(words.says(end))[0]


def here_of(truth: World, point: str) -> list[Shot]:
    return [
        one
        for one in truth.shots
        if not one.false and SINCE <= one.at < UNTIL and truth_of.point_at(truth.stays, one.serial, one.at) == point
    ]


ALWAYS = (1, ALL[2])
"""Drawn in every run; CI draws every report of that world, and this one of two others."""

CASES = [
    pytest.param(seed, one, id="-".join([str(seed), *one]), marks=[] if (seed, one) == ALWAYS else pytest.mark.long)
    for seed, one in [*((1, one) for one in ALL), (2, ALL[2]), (3, ALL[2])]
]


@pytest.mark.parametrize(("world", "pages"), CASES, indirect=True)
def test_the_pages_of_a_job_say_what_is_true(pages: tuple[World, str, Language, list[str]]) -> None:
    truth, job, words, texts = pages
    assert job in texts[0] and all(job in text for text in texts)
    if job == JOBS[0]:
        check_blasts(truth, words, texts)
        check_shares(truth, words, texts)
    else:
        assert words.says("No blast is stated for the period.") in " ".join(texts)
    check_largest(truth, words, texts)
    check_hours(truth, words, texts)
    check_false_triggers(truth, words, texts)


def check_blasts(truth: World, words: Language, texts: list[str]) -> None:
    text = part(words, texts, "Blasts at the points", "Share of blasts within the limits")
    name, no, _ = words.says("blast no. {number}", number=0).split()
    band = rf"{name.capitalize()} B \d+ \({re.escape(no)} (\d+)\)"
    found: dict[int, str] = {}
    for number, said, _ in re.findall(rf"{band} · (.*?)(?={band}|$)", text):
        found[int(number)] = found.get(int(number), "") + said
    expected = {number for number, at in truth.blasts.items() if SINCE <= at < UNTIL}
    assert set(found) == expected and len(expected) > 40
    for number, whole in found.items():
        at = truth.blasts[number]
        assert words.moment(at) in whole
        below, said = peaks_below(words, whole)
        for point in POINTS:
            state, vibration, airblast = truth_of.cell_of(truth, number, point)
            if state == "no unit":
                assert re.search(rf"{words.says('no unit stood at: {points}', points='(.*)')}", said), (number, point)
                continue
            (row,) = re.findall(rf"{point} ((?:\d|–).*?)(?=(?:{'|'.join(POINTS)}) (?:\d|–)|$)", said)
            assert words.term(Outcome(vibration)) in row and words.term(Outcome(airblast)) in row, (number, row)
            own = [one for one in here_of(truth, point) if one.blast == number and one.decision == "confirmed"]
            if state != "measured":
                assert words.term(CellState(state)) in row, (number, row)
                continue
            loud = max(own, key=lambda one: max(one.peaks))
            channel = ("Tran", "Vert", "Long")[loud.peaks.index(max(loud.peaks))]
            hz = {f"{one.hz:.1f} Hz" for one in own if max(one.peaks) == max(loud.peaks)}
            assert any(f"{channel} {max(loud.peaks):.2f} mm/s {one}" in row for one in hz), (number, row)
            check_peaks_below(truth, point, own, below, decided=vibration in ("within", "exceeded"))
            levels = [one.level for one in own if one.level is not None]
            assert not levels or f"{max(levels):.1f} dB(L)" in row
            if len(own) == 1 and vibration != "undecided":
                share = 100 * max(loud.peaks) / truth_of.limit_at(point, loud.hz, loud.at)
                (shown,) = re.findall(rf"{channel} ([\d.]+) % ", row)
                assert float(shown) == pytest.approx(share, rel=5e-3, abs=0.06), (number, row)


def peaks_below(words: Language, said: str) -> tuple[list[tuple[str, str]], str]:
    """What stands below rows, each as all peaks and what was held against the limit; and all without that."""
    peak = r"(?:Tran|Vert|Long) [\d.]+ mm/s"
    event = words.says("event {number}", number="0").replace("0", r"\d+")
    held = words.says("{value} at {frequency}", value=peak, frequency=r"[\d.]+–[\d.]+ Hz")
    line = words.says("held against the limit: {value}", value=rf"({held})(?: \({event}\))? ?")
    pattern = rf"((?:{peak} [\d.]+ Hz;? ?){{3}})(?:{line})?"
    return re.findall(pattern, said), re.sub(pattern, "", said)


def check_peaks_below(
    truth: World, point: str, own: list[Shot], below: list[tuple[str, str]], *, decided: bool
) -> None:
    """The greatest of each channel with its frequency, and of one event what was held against the limit."""
    channels = ("Tran", "Vert", "Long")
    greatest = [max(one.peaks[place] for one in own) for place in range(3)]
    known = [
        {f"{channel} {most:.2f} mm/s {one.hz:.1f} Hz" for one in own if one.peaks[place] == most}
        for place, (channel, most) in enumerate(zip(channels, greatest, strict=True))
    ]
    rows = [
        held for peaks, held in below
        if all(any(one in peaks for one in texts) for texts in known)
    ]  # fmt: skip
    assert rows and bool(rows[0]) is decided, (point, known, below)
    if len(own) == 1 and rows[0]:
        (one,) = own
        shares = [peak / truth_of.limit_at(point, one.hz, one.at) for peak in one.peaks]
        channel = channels[shares.index(max(shares))]
        number, low, high = re.findall(r"[\d.]+", rows[0])
        assert rows[0].startswith(f"{channel} {max(one.peaks):.2f} mm/s")
        assert float(number) == max(one.peaks) and float(low) <= one.hz <= float(high)


def check_shares(truth: World, words: Language, texts: list[str]) -> None:
    text = part(words, texts, "Share of blasts within the limits", "Largest values")
    begin = datetime(2026, 8, 1)
    numbers = [number for number, at in truth.blasts.items() if begin <= at < UNTIL]
    for point in POINTS:
        cells = [truth_of.cell_of(truth, number, point) for number in numbers]
        for place, what in ((1, "Vibration"), (2, "Airblast")):
            with_unit = [cell for cell in cells if cell[0] != "no unit"]
            within, exceeded, undecided, none = (
                sum(cell[place] == word for cell in with_unit)
                for word in ("within", "exceeded", "undecided", "not compared")
            )
            quiet = sum(cell[0] == "nothing triggered" and cell[place] == "within" for cell in with_unit)
            total = within + exceeded + undecided
            tenths = [math.floor(1000 * within / total)]
            tenths += [math.ceil(1000 * (within + undecided) / total)] if undecided else []
            share = "–".join(f"{one / 10:g}" for one in dict.fromkeys(tenths))
            row = (
                f"{len(cells)} {within}{f' ({quiet})' if quiet else ''} {exceeded} {undecided} {none} "
                f"{len(cells) - len(with_unit)} {total} {share} %"
            )
            assert re.search(rf"{point} {words.says(what)}: (?:(?!{point} ).)*? {re.escape(row)}", text), (point, row)


def check_largest(truth: World, words: Language, texts: list[str]) -> None:
    text = part(words, texts, "Largest values", "Daily maxima of the histograms, and when units ran")
    for point in POINTS:
        intervals = [
            each
            for one in truth.series
            for at, place, each in one.placed(truth.stays)
            if place == point and SINCE <= at < UNTIL
        ]
        for place, channel in enumerate(("Tran", "Vert", "Long")):
            every = [one.peaks[place] for one in here_of(truth, point)]
            every += [getattr(each, channel.lower()) * COUNT for each in intervals]
            found = re.findall(rf"{point} {words.says('PPV')} {words.channel(channel)} ([\d.]+) mm/s", text)
            assert len(set(found)) == bool(every), (point, channel, found)
            assert not every or abs(float(found[0]) - max(every)) < 0.006


def check_hours(truth: World, words: Language, texts: list[str]) -> None:
    """How long a unit ran at a point, and of how long that is not known, in hours below its chart."""
    text = part(words, texts, "Daily maxima of the histograms, and when units ran", "False triggers")
    for point in POINTS:
        stays = [one for one in truth.stays if (one.job, one.point) == (truth_of.JOB, point)]
        stood = truth_of.covered([(one.since, one.until) for one in stays], SINCE, UNTIL)
        spans = [
            (max(since, stay.since), min(until, stay.until))
            for stay in stays
            for since, until in truth_of.spans(truth, stay.serial)
        ]
        ran = truth_of.covered(spans, SINCE, UNTIL)
        if stood:
            ran_h, not_known_h = (f"{one / 3600:,.1f} h".replace(",", "[,.]") for one in (ran, stood - ran))
            assert re.search(rf"{ran_h}.{{1,40}} {not_known_h}", text), (point, ran, stood)


def check_false_triggers(truth: World, words: Language, texts: list[str]) -> None:
    text = part(words, texts, "False triggers", "Undecided")
    false = {
        one.event
        for one in truth.shots
        if one.false and SINCE <= one.at < UNTIL and truth_of.point_at(truth.stays, one.serial, one.at)
    }
    found = {int(number) for number in re.findall(r"(?<!\S)(\d+) BE\d{5} ", text)}
    assert found == false
