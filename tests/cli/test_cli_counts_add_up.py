"""What limits say adds up to the events, and is the same in text, JSON, CSV and PDF, and as a filter."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pypdf import PdfReader

from sfm_archive import Archive, Event, RecordType, testing
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource, measured_reading

VIBRATION = ("exceeded", "undecided", "within", "not_compared")
AIRBLAST = tuple(f"airblast_{name}" for name in VIBRATION)
PEAKS = ("0.100 in/s", "0.760 in/s", "2.500 in/s", "OORANGE", "N/A", "<0.005 in/s", ">10.0 in/s", "12.7 mm/s", "")
FREQUENCIES = ("3.0 Hz", "12 Hz", ">100 Hz", "N/A", "")
LEVELS = ("120.0 dB(L)", "140.0 dB(L)", "OORANGE", "110.0 dBC", "1.2 mb(L)", "3.0 mystery", "N/A", "")


def _archive(path: Path, random: Random, size: int) -> None:
    """Waveforms, histograms over midnight, events known by documents alone, monitor logs: each kind of a unit of its
    own, so that nothing is counted once; some with printed values of every state, some marked as false triggers."""
    with Archive.create(path) as archive:
        for number in range(size):
            at = datetime(2026, 5, 1, 17) + timedelta(hours=11 * number + random.randrange(8))
            kind = random.choice(("waveform", "histogram", "document", "monitor log"))
            frames = None
            if kind == "waveform":
                loud = random.choice(("quiet", "ordinary", "loud", "clipped"))
                made = testing.simulate_waveform(
                    random, serial="BE11529", recorded_at=at, seconds=0.3, sample_rate=1024, loudness=loud
                )
                frames = testing.read_out(made)
            elif kind == "histogram":
                made = testing.simulate_histogram(
                    random, serial="BE11530", recorded_at=at, count=30, interval_seconds=3600
                )
                frames = testing.read_out(made)
            serial, record_type = {
                "waveform": ("BE11529", RecordType.WAVEFORM),
                "histogram": ("BE11530", RecordType.HISTOGRAM),
                "document": ("BE11531", random.choice((RecordType.WAVEFORM, RecordType.HISTOGRAM))),
                "monitor log": ("BE11532", RecordType.MONITOR_LOG),
            }[kind]
            printed = [("pspl", random.choice(LEVELS), "MicL")]
            for channel in ("Tran", "Vert", "Long"):
                printed += [
                    ("ppv", random.choice(PEAKS), channel),
                    ("zc_frequency", random.choice(FREQUENCIES), channel),
                ]
            readings = tuple(measured_reading(what, text, channel) for what, text, channel in printed if text)
            said = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number:064}", readings=readings)
            event = Event(serial=serial, recorded_at=at, record_type=record_type)
            saved = archive.save(event, frames, readings=[said] if random.random() < 0.6 else [])
            if random.random() < 0.15:
                archive.review(saved.event_id, false_trigger=True, notes="truck")


def _sums(rows: list[dict[str, Any]], names: tuple[str, ...]) -> list[int]:
    return [sum(int(row[name]) for row in rows) for name in names]


def _text_sums(table: str) -> dict[str, int]:
    """Of the table for people: the outcomes are its last columns; one that is 0 everywhere may be left out."""
    title, *lines = table.splitlines()
    names = [name.replace(" ", "_") for name in re.split(r"\s{2,}", title.strip())]
    first = names.index("exceeded")
    rows = [dict(zip(names[first:], line.split()[first - len(names) :], strict=True)) for line in lines]
    return {name: sum(int(row[name].replace(",", "")) for row in rows) for name in names[first:]}


ASKED = (
    ("bs", ("--since", "2026-05-03", "--until", "2026-05-06")),
    ("usbm", ()),
    ("0.5in/s", ("--since", "2026-05-04")),
)


@pytest.mark.parametrize(
    ("seed", "size", "asked_for"), [(1, 14, 1), *(pytest.param(seed, 24, 3, marks=pytest.mark.long) for seed in (2, 3))]
)
def test_what_limits_say_adds_up_and_is_the_same_in_every_output(sfm, seed, size, asked_for):
    _archive(sfm.folder / "a.sfm", Random(seed), size)
    for number, (curve, window) in enumerate(ASKED[:asked_for]):
        asked = ("--limits", curve, "--airblast", "133dB", *window)
        for by in ("day", "serial"):
            groups = sfm.json("summary", "a.sfm", "--by", by, *asked)["groups"]
            for group in groups:
                events = group["events"] + group["continued"] - group["false_triggers"]
                assert sum(group[name] for name in VIBRATION) == sum(group[name] for name in AIRBLAST) == events
            printed = sfm("summary", "a.sfm", "--by", by, *asked, "--csv").stdout
            rows = list(csv.DictReader(io.StringIO(printed)))
            assert [[int(row[name]) for name in (*VIBRATION, *AIRBLAST)] for row in rows] == [
                [group[name] for name in (*VIBRATION, *AIRBLAST)] for group in groups
            ]
            text = _text_sums(sfm("summary", "a.sfm", "--by", by, *asked).stdout)
            assert [text.get(name, 0) for name in (*VIBRATION, *AIRBLAST)] == _sums(groups, (*VIBRATION, *AIRBLAST))
        vibration, airblast = _sums(groups, VIBRATION), _sums(groups, AIRBLAST)
        assert sum(vibration) == sfm.json("list", "a.sfm", *window, "--false-triggers", "without")["matching"]

        sfm("report", "a.sfm", *asked, "-o", f"{number}.pdf")
        front = " ".join(PdfReader(sfm.folder / f"{number}.pdf").pages[0].extract_text().split())
        for title, counts in (("Vibration", vibration), ("Airblast", airblast)):
            said = "{:,} exceeded, {:,} undecided, {:,} within, {:,} not compared".format(*counts)
            assert f"{title}: {said}" in front

        found = sfm.json("list", "a.sfm", "--above", curve, *window, "--false-triggers", "without")
        assert [found["above"][name] for name in VIBRATION] == vibration
        levels = [event["level"] for event in found["events"]]
        assert [levels.count("yes"), levels.count("undecided")] == vibration[:2]
        assert all(bool(event["level_why"]) == (event["level"] == "undecided") for event in found["events"])
        told = sfm("list", "a.sfm", "--above", curve, *window, "--false-triggers", "without").stderr
        said = "{:,} exceeded, {:,} undecided; ".format(*vibration[:2])
        assert f"against {curve}: {said.rstrip('; ')}" in told

        # Marked ones stay selected, and stand apart in every count.
        marked = sum(group["false_triggers"] for group in groups)
        found = sfm.json("list", "a.sfm", "--above", curve, *window)
        assert [found["above"][name] for name in VIBRATION] == vibration
        assert found["above"]["false_triggers"] == marked
        assert sum(vibration) + marked == sfm.json("list", "a.sfm", *window)["matching"]
        some = [event for event in found["events"] if event["false_trigger"]]
        assert len(found["events"]) == sum(vibration[:2]) + len(some)
        apart = f", {marked:,} false trigger{'s' * (marked != 1)} apart" if marked else "compared"
        assert apart in sfm("list", "a.sfm", "--above", curve, *window).stderr
        sfm("report", "a.sfm", *asked, "--above", curve, "-o", f"{number} above.pdf")
        front = " ".join(PdfReader(sfm.folder / f"{number} above.pdf").pages[0].extract_text().split())
        assert f"against {curve}: {said.rstrip('; ')}" in front and apart in front
