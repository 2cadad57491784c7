"""A consultant's practice, simulated: twelve units, fourteen months, mixed settings, faults, reports that come late.

The truth of each event (what the ground did, at which rate and range it was recorded) is drawn here, and what limits
say of it is worked out here by rules written a second time. No loud event may be missing from what the program lists,
and no verdict may be one that the truth contradicts.
"""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sfm_archive.cli import main
from sfm_archive.testing.captures import capture
from sfm_archive.testing.histograms import HistogramInterval
from sfm_archive.testing.memory import Peaks, SimulatedEvent, blastware_file, simulate_histogram, simulate_waveform
from sfm_archive.testing.motion import Motion
from sfm_archive.testing.older_store import call_home_name

DATA = Path(__file__).parents[1] / "data" / "blastware-ascii"
NORMAL, SENSITIVE = 0.127, 0.127 / 8
"""mm/s a count."""
OUTCOMES = ("exceeded", "undecided", "within", "not_compared")
UNITS = tuple(f"BE115{number:02d}" for number in range(12))
FIRST_DAY = datetime(2025, 1, 6)
REAL = (("UM16127", "2026-06-26 15:41:05"), ("UM16121", "2026-06-26 15:40:50"))
"""The events of two real exports, of which the texts are all that came."""
OSMRE = ((1, 0.19 * 25.4), (4, 0.75 * 25.4), (11, 0.75 * 25.4), (30, 50.8), (100, 50.8))
DIN_2 = ((1, 5.0), (10, 5.0), (50, 15.0), (100, 20.0))
CURVES = ("osmre", "din-4150-3-line-2")


def limit_mm_s(curve: str, hz: float) -> float:
    """OSMRE is straight in log-log, DIN linear; both level beyond their last point, and below 1 Hz taken at 1 Hz."""
    points, log = (OSMRE, True) if curve == "osmre" else (DIN_2, False)
    hz = min(max(hz, points[0][0]), points[-1][0])
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= hz <= x1:
            if y0 == y1:
                return y0
            if log:
                return math.exp(math.log(y0) + math.log(hz / x0) / math.log(x1 / x0) * math.log(y1 / y0))
            return y0 + (hz - x0) / (x1 - x0) * (y1 - y0)
    raise AssertionError(hz)


@dataclass(frozen=True)
class HalfWave:
    """`mm_s`: its greatest reading; `hz`: by its length, None where the record's begin or end cuts it."""

    mm_s: float
    hz: float | None
    day: str

    def above(self, curve: str, slack: float, *, print_hz: float = 0.0) -> tuple[bool, bool]:
        """Whether it is above for sure, and whether it may be, by as much as a document rounds."""
        around = (1.0, 1e6) if self.hz is None else (self.hz - print_hz, self.hz + print_hz)
        limits = [limit_mm_s(curve, hz) for hz in around]
        tiny = 1e-7 * self.mm_s
        return self.mm_s - slack - tiny > max(limits), self.mm_s + slack + tiny > min(limits)


@dataclass(frozen=True)
class Truth:
    """One event. `count`: mm/s; `waves`: of three geophones before the converter cut them, a histogram's intervals."""

    event: SimulatedEvent
    count: float
    rate: int
    waves: tuple[tuple[HalfWave, ...], ...]
    document: str
    fault: str

    @property
    def key(self) -> tuple[str, str]:
        return self.event.serial, self.event.recorded_at.isoformat(sep=" ")

    @property
    def histogram(self) -> bool:
        return self.event.intervals is not None

    @property
    def mm_s(self) -> float:
        return max(wave.mm_s for waves in self.waves for wave in waves)

    @property
    def clipped(self) -> bool:
        return self.mm_s >= 2047 * self.count

    @property
    def told(self) -> bool:
        """Whether a whole document that came with the event tells its settings, and its samples all of its motion."""
        return self.document != "none" and self.fault in ("", "utf-16", "cp1252", "zeroed copy") and not self.clipped

    @property
    def slack(self) -> float:
        """mm/s by which a printed peak may differ: half of the last of three decimals (two from 10 up)."""
        unit = 25.4 if "in/s" in self.document else 1.0
        return 0.0 if self.document == "none" else (0.0005 if self.mm_s / unit < 9.9 else 0.005) * unit

    def any_above(self, curve: str, day: str | None = None) -> tuple[bool, bool]:
        """Whether any half wave or interval is above, for sure or perhaps."""
        found = [
            wave.above(curve, self.slack) for waves in self.waves for wave in waves if day is None or wave.day == day
        ]
        return any(sure for sure, _ in found), any(may for _, may in found)

    def peak_above(self, curve: str) -> tuple[bool, bool]:
        """The same of the greatest half waves of each channel."""
        hz = 0.0 if self.document == "none" else 0.5
        found = [
            wave.above(curve, self.slack, print_hz=hz)
            for waves in self.waves
            for wave in waves
            if wave.mm_s == max(other.mm_s for other in waves)
        ]
        return any(sure for sure, _ in found), any(may for _, may in found)


def half_waves(trace: np.ndarray[Any, Any], rate: int, count: float, day: str) -> tuple[HalfWave, ...]:
    """Readings of one sign in a row, each: the frequency is the rate by twice their number."""
    signs = np.sign(trace)
    edges = [0, *(np.flatnonzero(np.diff(signs)) + 1).tolist(), len(trace)]
    return tuple(
        HalfWave(
            float(np.abs(trace[first:last]).max()) * count,
            None if first == 0 or last == len(trace) else rate / (2 * (last - first)),
            day,
        )
        for first, last in pairwise(edges)
        if signs[first]
    )


def draw_truth(random: Random, serial: str, at: datetime, *, histogram: bool, rate: int, count: float) -> Truth:
    document = random.choice(("in/s", "mm/s", "in/s only numbers", "thor mm/s", "none", "none"))
    if histogram:
        return draw_histogram(random, serial, at, count, "none" if document != "in/s" else document)
    fault = random.choice(("", "", "", "zeroed copy", "torn", "cut report", "utf-16", "cp1252", "late", "late"))
    seconds = random.choice((1, 2))
    total = rate // 4 + seconds * rate
    times = np.arange(total) / rate - 0.25
    traces = []
    for _ in range(3):
        loud = math.exp(random.uniform(math.log(2), math.log(120)))  # mm/s
        motion = np.zeros(total)
        for share in (1.0, random.uniform(0.2, 0.9)):
            arrival, hz = random.uniform(0, 0.3), random.uniform(3, 90)
            t = np.maximum(times - arrival, 0.0)
            motion += share * loud * np.sin(2 * math.pi * hz * t) * np.exp(-random.uniform(4, 12) * t)
        traces.append(np.rint(motion / count).astype(int))
    clipped = [np.clip(trace, -2048, 2047) for trace in traces]
    day = at.date().isoformat()
    motion = Motion(
        sample_rate=rate,
        pretrigger=rate // 4,
        tran=clipped[0].tolist(),
        vert=clipped[1].tolist(),
        long=clipped[2].tolist(),
        micl=[random.randrange(-3, 4) for _ in range(total)],
    )
    greatest = [float(np.abs(trace).max()) for trace in clipped]
    pvs = math.sqrt(max(sum(trace.astype(float) ** 2 for trace in clipped)))
    inches = count / 25.4
    peaks = Peaks(*(peak * inches for peak in greatest), 3 * 0.25 * 1.450377e-4, pvs * inches)
    event = simulate_waveform(random, motion=motion, serial=serial, recorded_at=at, peaks=peaks)
    waves = tuple(half_waves(trace, rate, count, day) for trace in traces)
    return Truth(event, count, rate, waves, document, fault)


def draw_histogram(random: Random, serial: str, at: datetime, count: float, document: str) -> Truth:
    """Eight hours in intervals of five minutes; quiet but for some, each of which may be on either side of midnight."""
    intervals = []
    for _ in range(100):
        loud = random.uniform(5, 60) / count if random.random() < 0.03 else random.uniform(1, 3)
        drawn = [min(int(1 + loud * random.random()), 2046) for _ in range(3)]
        halves = [random.randrange(6, 120) for _ in range(3)]
        intervals.append(HistogramInterval(*(n for pair in zip(drawn, halves, strict=True) for n in pair), 2, 40))
    start = at.replace(hour=20)
    inches = count / 25.4
    greatest = [max(interval[position] for interval in intervals) * inches for position in (0, 2, 4)]
    peaks = Peaks(*greatest, 2 * 0.25 * 1.450377e-4, max(greatest))
    event = simulate_histogram(
        random, intervals=intervals, interval_seconds=300, serial=serial, recorded_at=start, peaks=peaks
    )
    waves = tuple(
        tuple(
            HalfWave(
                interval[position] * count,
                512 / interval[position + 1],
                (start + timedelta(seconds=300 * number)).date().isoformat(),
            )
            for number, interval in enumerate(intervals)
        )
        for position in (0, 2, 4)
    )
    return Truth(event, count, 1024, waves, document, random.choice(("", "late")))


def hertz(hz: float | None) -> str:
    if hz is None:
        return "N/A"
    return ">100 Hz" if hz > 100 else "<1 Hz" if hz < 1 else f"{hz:.1f} Hz" if hz < 50 else f"{hz:.0f} Hz"


def report_of(truth: Truth) -> bytes:
    """A text as Blastware prints it, or THOR's CSV, in the unit of the document, with or without rows of samples."""
    event, unit = truth.event, "in/s" if "in/s" in truth.document else "mm/s"
    step = truth.count / (25.4 if unit == "in/s" else 1.0)
    thor = "thor" in truth.document
    rows: list[list[str]] = []
    lines = [("Event Type", "Full Histogram" if truth.histogram else "Full Waveform"), ("Serial Number", event.serial)]
    if thor:
        lines.append(("Event Date", f"{event.recorded_at:%Y-%m-%d %H:%M:%S}"))
    else:
        name = call_home_name(event)
        lines += [("File Name", name), ("Event Time", f"{event.recorded_at:%H:%M:%S}")]
        lines.append(("Event Date", f"{event.recorded_at:%B} {event.recorded_at.day}, {event.recorded_at.year}"))
    if event.motion is None:
        lines += [("Number of Intervals", "100"), ("Interval Size", "300 seconds")]
        peaks = [max(wave.mm_s for wave in waves) for waves in truth.waves]
        recorded = [(mm_s / truth.count * step, None) for mm_s in peaks]
        over = [False] * 3
    else:
        motion = event.motion
        lines += [("Pre-trigger Length", "-0.250 sec"), ("Record Time", f"{motion.seconds:.3f} sec")]
        recorded, over = [], []
        for trace in motion.channels[:3]:
            waves = half_waves(np.array(trace), truth.rate, step, "")
            peak = max(waves, key=lambda wave: wave.mm_s)
            recorded.append((peak.mm_s, peak.hz))
            over.append(max(trace) == 2047 or min(trace) == -2048)
        if "only numbers" not in truth.document:
            rows = [
                ["OORANGE" if not -2048 < n < 2047 else f"{n * step:.5f}" for n in row]
                for row in zip(*motion.channels[:3], strict=True)
            ]
    lines += [("Sample Rate", f"{truth.rate} sps")]
    lines += [] if thor else [("Units", f"{unit} and dB(L)"), ("Client:", "Kieswerk Süd" if truth.fault else "Quarry")]
    full = (10.0 if truth.count == NORMAL else 1.25) * (25.4 if unit == "mm/s" else 1.0)
    lines.append(("Geo Range", f"{full:.3f} {unit}"))
    for (peak, hz), channel, is_over in zip(recorded, ("Tran", "Vert", "Long"), over, strict=True):
        lines += [("Channel", channel)] if thor else []
        before = "" if thor else f"{channel} "
        printed = "OORANGE" if is_over else f"{peak:.3f} {unit}" if peak < 9.9 else f"{peak:.2f} {unit}"
        lines.append((f"{before}PPV", printed))
        lines += [(f"{before}ZC Freq", hertz(hz))] if not truth.histogram else []
    if thor:
        text = [f'"{key}","{value}"' for key, value in lines]
        text += ['"Tran","Vert","Long"', *(",".join(f'"{cell}"' for cell in row) for row in rows)] if rows else []
    else:
        text = [f'"{key} : {value}"' for key, value in [*lines, ("PC SW Version", "V 10.74")]]
        text += ["", "Tran\tVert\tLong", *("\t".join(row) for row in rows)] if rows else [""]
    if truth.fault == "cut report":
        text = text[: len(text) // 2] if rows else text[:-4]
    return "\r\n".join([*text, ""]).encode({"utf-16": "utf-16", "cp1252": "cp1252"}.get(truth.fault, "utf-8"))


def drawn_practice(seed: int, each: int) -> list[Truth]:
    """`each`: events of a unit; each unit changes its rate and range once, in one of its months."""
    random = Random(seed)
    truths = []
    for serial in UNITS:
        rates = random.choices((1024, 2048, 4096), k=2)
        counts = random.choices((NORMAL, SENSITIVE), (2, 1), k=2)
        changed = random.uniform(0.2, 0.8)
        for number in range(each):
            day = int((number + random.random() * 0.9) / each * 425)
            at = FIRST_DAY + timedelta(days=day, hours=random.randrange(9, 16), seconds=random.randrange(3600))
            now = int(number / each > changed)
            histogram = random.random() < 0.25
            truths.append(draw_truth(random, serial, at, histogram=histogram, rate=rates[now], count=counts[now]))
    return truths


def written(truths: Sequence[Truth], folder: Path, seed: int) -> tuple[Path, Path]:
    """The folder of the first import, and that of the second, with what came late."""
    random = Random(seed)
    first, second = folder / "first", folder / "second"
    for place in (first / "copies", second):
        place.mkdir(parents=True)
    for truth in truths:
        name, data = call_home_name(truth.event), blastware_file(truth.event)
        if truth.fault == "torn":
            wire = capture(random, [truth.event], noise=False)
            (first / f"raw_{name}.bin").write_bytes(wire[: len(wire) * 2 // 3])
            (second / f"raw_{name}.bin").write_bytes(capture(random, [truth.event]))
        elif truth.fault == "zeroed copy":
            at = len(data) // 3
            (first / "copies" / name).write_bytes(data[:at] + bytes(512) + data[at + 512 :])
            (first / name).write_bytes(data)
        else:
            (first / name).write_bytes(data)
        if truth.document != "none":
            place = second if truth.fault == "late" else first
            ending = ".csv" if "thor" in truth.document else "_ASCII.TXT"
            (place / (name.replace(".", "_") + ending)).write_bytes(report_of(truth))
    for real in ("5m.TXT", "15m.TXT"):
        shutil.copy(DATA / real, second / real)
    return first, second


def sfm(*words: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in codes, (words, result.exit_code, result.stderr[-2000:])
    return result.stdout


def listed(archive: Path, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads(sfm("list", archive, "--json", *words))
    events = {(one["serial"], one["recorded_at_local"].replace("T", " ")[:19]): one for one in document["events"]}
    assert len(events) == document["matching"] == len(document["events"])
    return events


def days_of(archive: Path, serial: str, curve: str) -> dict[str, dict[str, Any]]:
    words = ("--by", "day", "--limits", curve, "--serial", serial)
    groups = json.loads(sfm("summary", archive, "--json", *words))["groups"]
    for group in groups:
        assert sum(group[name] for name in OUTCOMES) == group["events"] + group["continued"]
    return {group["keys"]["day"]: group for group in groups}


def judged(archive: Path, truths: Sequence[Truth], curve: str) -> Counter[str]:
    """Every verdict of a curve against the truth; how often each was given."""
    may_be = listed(archive, "--above", curve)
    counts: Counter[str] = Counter()
    by_unit = {serial: days_of(archive, serial, curve) for serial in {truth.event.serial for truth in truths}}
    for truth in truths:
        level = may_be[truth.key]["level"] if truth.key in may_be else "no"
        counts[level] += 1
        told = (curve, truth.key, truth.document, truth.fault, truth.rate, truth.count)
        samples = truth.histogram or truth.fault not in ("cut report", "torn")
        sure, may = truth.any_above(curve)
        peak_sure, peak_may = truth.peak_above(curve)
        if level == "no":
            assert not (sure if samples else peak_sure), f"within, and it is above: {told}"
        elif level == "yes":
            assert may if truth.histogram or truth.clipped else peak_may, f"exceeded, and it is not above: {told}"
        elif truth.told and sure == may == peak_sure == peak_may:
            raise AssertionError(f"undecided, and all of it is known: {told}")
    # A day has what was recorded in it: each of its outcomes is that of some event, or of an event's intervals.
    for serial, days in by_unit.items():
        own = [truth for truth in truths if truth.event.serial == serial]
        for day, group in days.items():
            here = [truth for truth in own if any(wave.day == day for waves in truth.waves for wave in waves)]
            assert len(here) == group["events"] + group["continued"], (serial, day)
            sure, may = (sum(truth.any_above(curve, day)[at] for truth in here) for at in (0, 1))
            assert group["exceeded"] <= may, (serial, day, curve)
            assert group["exceeded"] + group["undecided"] + group["not_compared"] >= sure, (serial, day, curve)
    return counts


def checked(archive: Path, truths: Sequence[Truth], folder: Path) -> dict[str, Counter[str]]:
    """All that a consultant asks of an archive, held against the truth."""
    everything = listed(archive)
    for truth in truths:
        assert truth.key in everything, truth.key
    for level in (2.0, 12.7, 25.4):
        found = listed(archive, "--ppv-from", f"{level}mm/s")
        for truth in truths:
            told = (level, truth.key, truth.mm_s, truth.document, truth.fault, truth.rate, truth.count)
            if truth.mm_s - truth.slack > level * (1 + 1e-9):
                assert truth.key in found, f"a loud event is missing: {told}"
            if truth.key in found and found[truth.key]["level"] == "yes":
                assert truth.mm_s + truth.slack >= level * (1 - 1e-9), f"loud, and it was not: {told}"
    results = {curve: judged(archive, truths, curve) for curve in CURVES}
    for curve, counts in results.items():
        months = json.loads(sfm("summary", archive, "--json", "--by", "month", "--limits", curve))["groups"]
        assert sum(group["events"] for group in months) == len(everything)
        assert sum(sum(group[name] for name in OUTCOMES) - group["continued"] for group in months) == len(everything)
        (whole,) = json.loads(
            sfm("summary", archive, "--json", "--by", "year", "--limits", curve, *serials(truths), "--until", "2027")
        )["groups"][:1]
        assert whole["exceeded"] <= counts["yes"]
    sfm("export-data", archive, folder, "--format", "csv", "--above", "osmre", *serials(truths))
    with (folder / "events.csv").open(encoding="utf-8", newline="") as table:
        levels = Counter(row["level"] for row in csv.DictReader(table))
    assert levels == Counter({name: n for name, n in results["osmre"].items() if name != "no" and n})
    return results


def serials(truths: Sequence[Truth]) -> list[str]:
    return [word for serial in sorted({truth.event.serial for truth in truths}) for word in ("--serial", serial)]


def imported(archive: Path, *folders: Path) -> Path:
    for folder in folders:
        # Torn downloads, cut reports and damaged copies are named, and end it with 1.
        sfm("import", archive, folder, "--create", codes=(0, 1))
    return archive


def practised(tmp_path: Path, seed: int, each: int) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    truths = drawn_practice(seed, each)
    first, second = written(truths, tmp_path, seed)
    archive = imported(tmp_path / "practice.sfm", first)
    there = listed(archive)  # of a torn download what came of it, where that tells unit and time
    came = [truth for truth in truths if truth.fault != "torn" or truth.key in there]
    early = checked(archive, came, tmp_path / "early")
    imported(archive, second)
    late = checked(archive, truths, tmp_path / "late")
    din = listed(archive, "--above", "din-4150-3-line-2")
    # 22.52 mm/s at 29.3 Hz and 22.21 at 13.0; 12.44 mm/s at 20.9 Hz and 15.29 at 34.7: as the real texts print them.
    assert [din[key]["level"] for key in REAL] == ["yes", "yes"]
    other = imported(tmp_path / "other.sfm", second, first)
    assert {key: one["level"] for key, one in listed(other, "--above", "osmre").items()} == {
        key: one["level"] for key, one in listed(archive, "--above", "osmre").items()
    }
    return early, late


def test_no_loud_event_is_missing_and_no_verdict_is_contradicted(tmp_path):
    _, late = practised(tmp_path, 1, 1)
    assert all(sum(late.values(), Counter())[level] for level in ("yes", "undecided", "no"))


@pytest.mark.long
def test_the_same_of_five_busy_months(tmp_path):
    early, late = practised(tmp_path, 2, 5)
    for curve in CURVES:
        assert all(late[curve][level] for level in ("yes", "undecided", "no"))
        assert late[curve]["yes"] + late[curve]["no"] > early[curve]["yes"] + early[curve]["no"]
