"""What commands cost on archives of many events: process time with start-up, and the most memory that was held.

    python -m benchmarks.scale                           10,000 events
    python -m benchmarks.scale --events 200000 1000000   larger ones; an hour and 3 GB for the last
    python -m benchmarks.scale --events 1000000 --grown  on copies of 10,000 events, which are made in four minutes
    python -m benchmarks.scale --keep FOLDER             keep the archives, and use those that are there

Every figure is of a process of its own, as a person at a command line has it. Events are small, 95 % histograms of a
few intervals and 5 % short waveforms, from 40 units over three years; three of five have a report's values and texts.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

import sfm_archive as sfm
import sfm_blastware
import sfm_formats
from benchmarks.growing import grown
from benchmarks.workload import HISTOGRAM_SHARE, UNITS
from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.formats.blastware.streams import survey_stream, surveyed
from sfm_archive.formats.frame_blob import decompress, deserialise_frames
from sfm_archive.formats.reports.dialects import read_header
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.plugins.contracts import StatedSettings
from sfm_archive.storage import frames
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform
from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.reports import ascii_report

START = datetime(2023, 1, 1)
DAYS = 1095
TEMPLATES = 400
BATCH = 1000
SEED = 10_000
"""Events of the archive that large ones are grown from."""

PROJECTS = 60
REPORTED = 0.6
"""Share of events of which a report's values are known."""

_BETWEEN = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""A process between this one and a command's: the most memory of a process counts what its parent held at the start."""


Made = TypeVar("Made")


class Template(NamedTuple):
    """What events are copied from: frames, and the values that a report prints of them."""

    record_type: sfm.RecordType
    frames: tuple[sfm.A5Frame, ...]
    readings: tuple[Reading, ...]


class _Planned(NamedTuple):
    """An event to save, and whether there is a report of it."""

    serial: str
    template: Template
    reported: bool


class Cost(NamedTuple):
    """Of one process: seconds of the processor, seconds by the clock, and the most memory in MB."""

    processor: float
    elapsed: float
    memory: float


def main() -> None:
    """Make the archives, run the commands on each, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, nargs="+", default=[10_000])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where archives are kept and looked for")
    parser.add_argument("--grown", action="store_true", help="grow large archives from 10,000 events: see growing.py")
    parser.add_argument("--only", metavar="WORD", help="only the commands whose line has this word")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="sfm-scale-")) if arguments.keep is None else arguments.keep
    work.mkdir(parents=True, exist_ok=True)
    compiled()
    try:
        for count in arguments.events:
            grows = arguments.grown and count > SEED
            path = grown_of(work, count) if grows else made(work / f"{count}.sfm", count, DAYS)
            measure(path, count, arguments.only)
    finally:
        if arguments.keep is None:
            shutil.rmtree(work)


def compiled() -> None:
    """The program as an installation has it: where the environment keeps Python from writing what it compiled, each
    command of a checkout would compile 200 files anew, 0.15 s of every line."""
    for folder in (Path(sfm.__file__).parent, Path(sfm_formats.__file__).parent, Path(sfm_blastware.__file__).parent):
        compileall.compile_dir(folder, quiet=1)


def made(path: Path, count: int, days: int) -> Path:
    """The archive of so many events in so many days, made where it is not there."""
    if path.exists():
        return path
    started = time.process_time()
    partly = path.with_suffix(".making.sfm")
    partly.unlink(missing_ok=True)
    random = Random(20260501)
    templates = list(_templates(random))
    serials = [f"BE{number}" for number in random.sample(range(1000, 24000), UNITS)]
    events = [
        _Planned(serials[at % UNITS], random.choice(templates), random.random() < REPORTED) for at in range(count)
    ]
    # Of each unit and type the first and the last: what nothing tells of an event, documents around it do.
    of_each: dict[tuple[str, sfm.RecordType], list[int]] = {}
    for at, one in enumerate(events):
        of_each.setdefault((one.serial, one.template.record_type), []).append(at)
    for places in of_each.values():
        for at in (places[0], places[-1]):
            events[at] = events[at]._replace(reported=True)
    with sfm.create(partly) as archive:
        for start in range(0, count, BATCH):
            with archive.batch():
                for number in range(start, min(start + BATCH, count)):
                    _save(archive, timedelta(seconds=int(number * days * 86400 / count)), random, events[number])
            if sys.stderr.isatty():
                print(f"\r{start + BATCH} of {count} events", end="", file=sys.stderr)
    partly.rename(path)
    print(f"{count} events saved with {(time.process_time() - started) / count * 1e6:.0f} µs of the processor each")
    return path


def grown_of(folder: Path, count: int) -> Path:
    """The archive of so many copies of a small one's events, made where it is not there."""
    path = folder / f"{count}-grown.sfm"
    if not path.exists():
        if count % SEED:
            raise SystemExit(f"{count} events cannot be grown from {SEED}; give a multiple of it")
        times = count // SEED
        days = math.ceil(DAYS / times)
        grown(made(folder / f"{SEED}-of-{count}.sfm", SEED, days), path, times, days)
    return path


def _templates(random: Random) -> Iterator[Template]:
    at = START - timedelta(days=1)  # so that the stop in no event's frames is one of the time it is saved with
    for number in range(TEMPLATES):
        simulated: SimulatedEvent
        if number < TEMPLATES * HISTOGRAM_SHARE:
            simulated = simulate_histogram(random, count=random.randint(4, 10), recorded_at=at)
        else:
            simulated = simulate_waveform(random, seconds=0.5, sample_rate=1024, recorded_at=at)
        readings = read_header(ascii_report(simulated, file_name="M529LK44.AB0")).readings
        yield Template(simulated.record_type, tuple(read_out(simulated)), readings)


def _save(archive: sfm.Archive, behind: timedelta, random: Random, planned: _Planned) -> None:
    """One event, so far behind the start; a report's texts name one of the projects."""
    serial, template, reported = planned
    at = START + behind
    documents = []
    if reported:
        typed = {"project": f"Quarry {random.randrange(PROJECTS)}", "client": f"Client {random.randrange(12)}"}
        readings = [
            replace(reading, text=typed[reading.quantity]) if reading.quantity in typed else reading
            for reading in template.readings
        ]
        documents.append(
            ReadingSet(
                source=ValueSource.REPORT,
                origin_sha256=random.randbytes(32).hex(),
                readings=tuple(readings),
                reader="blastware-text@1",
            )
        )
    event = sfm.Event(serial=serial, recorded_at=at, record_type=template.record_type)
    archive.save(event, template.frames, readings=documents)


def measure(path: Path, count: int, only: str | None) -> None:
    """Run each command as a process and print what it cost."""
    with sfm.open(path, read_only=True) as archive:
        hundred = list(archive.events(sfm.select(since="2024-06-15", limit=100)))
    out = Path(tempfile.mkdtemp(prefix="sfm-scale-out-", dir=path.parent))
    print(f"\n{count:,} events, {path.stat().st_size / 1e6:,.0f} MB\n")
    print(f"{'':58}{'processor':>11}{'elapsed':>11}{'memory':>10}")
    try:
        for name, words in commands(path, hundred, out):
            if only is None or only in name:
                cost = run(words)
                print(f"{name:58}{cost.processor:>9.2f} s{cost.elapsed:>9.2f} s{cost.memory:>7.0f} MB", flush=True)
        if only is None or only in "verify":
            for name, seconds in parts_alone(path):
                print(f"{name:58}{seconds * 1e6:>8.0f} µs", flush=True)
        if only is None or only in "one more save":
            print(f"{'one more save, in a batch of 1000':58}{further_saves(path, out) * 1e6:>8.0f} µs", flush=True)
    finally:
        shutil.rmtree(out)


def commands(path: Path, hundred: Sequence[sfm.EventRow], out: Path) -> Iterator[tuple[str, list[str]]]:
    """Each line of the table, and the words of its command."""
    archive, middle = str(path), hundred[0]
    events = [str(row.event_id) for row in hundred]
    name = event_file_name(middle.serial, middle.event().recorded_at, middle.event().record_type)
    fifty = ["--limit", "50"]
    yield "sfm --version", ["--version"]
    yield "list, newest 50", ["list", archive, *fifty]
    yield "list --ppv-from, 50", ["list", archive, *fifty, "--ppv-from", "5in/s"]
    yield "list --project, 50", ["list", archive, *fifty, "--project", "quarry 17"]
    yield "list --serial, 50", ["list", archive, *fifty, "--serial", middle.serial]
    yield "list of a week, 50", ["list", archive, *fifty, "--since", "2024-06-15", "--until", "2024-06-22"]
    yield "list --type waveform, 50", ["list", archive, *fifty, "--type", "waveform"]
    yield "show one event by id", ["show", archive, str(middle.event_id)]
    yield "show one event by name", ["show", archive, name]
    yield "export 100 events", ["export", archive, str(out / "a"), *events]
    yield "summary by month and serial", ["summary", archive, "--by", "month,serial"]
    yield "summary --limits by month and serial", ["summary", archive, "--by", "month,serial", "--limits", "usbm"]
    yield "list --json of everything", ["list", archive, "--json", "--all"]
    yield "list --csv of everything", ["list", archive, "--csv", "--all"]
    yield "verify --quick", ["verify", archive, "--quick"]
    yield "verify", ["verify", archive]
    yield "backup", ["backup", archive, str(out / "backup.sfm")]
    yield "rebuild --dry-run", ["rebuild", archive, "--dry-run"]


def run(words: Sequence[str]) -> Cost:
    """What one command costs."""
    started = time.perf_counter()
    command = [sys.executable, "-S", "-c", _BETWEEN, sys.executable, "-m", "sfm_archive", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, processor, memory = json.loads(done.stdout)
    if code != 0:
        print(f"sfm {' '.join(words)} ended with {code}", file=sys.stderr)
    return Cost(processor, time.perf_counter() - started, memory / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def parts_alone(path: Path) -> Iterator[tuple[str, float]]:
    """What a verification does with the frames of an event, each step alone, as seconds of the processor an event."""
    with sfm.open(path, read_only=True) as archive:
        rows = list(islice(archive.events(), SEED))
        with archive.store.reading() as connection:
            blobs = frames.current_of(connection, [row.event_id for row in rows])
        encoder, decoder = archive.plugins.encoder(archive.pinned_encoder), archive.plugins.decoder("waveform@1")
    events = [row.event() for row in rows]
    own = [blobs[row.event_id][1] for row in rows]
    logical, packed = timed(lambda: [decompress(blob.data, blob.codec, blob.logical_size) for blob in own])
    _, hashed = timed(lambda: [hashlib.sha256(data).digest() for data in logical])
    streams, read = timed(lambda: [deserialise_frames(data) for data in logical])
    surveyed_streams, unescaped = timed(lambda: [surveyed(stream) for stream in streams])
    _, encoded = timed(lambda: [encoder.encode(*one) for one in zip(events, surveyed_streams, strict=True)])
    memories = [survey_stream(stream).memory or b"" for stream in surveyed_streams]
    _, decoded = timed(lambda: [decoder.decode(memory, StatedSettings()) for memory in memories])
    steps = {"decompress": packed, "hash": hashed, "read frames": read, "unescape and check": unescaped}
    steps |= {"encode": encoded, "decode": decoded}
    for name, seconds in steps.items():
        yield f"  alone: {name}", seconds / len(rows)
    yield "  alone: their sum", sum(steps.values()) / len(rows)


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    """What it makes, and the seconds of the processor."""
    started = time.process_time()
    made = work()
    return made, time.process_time() - started


def further_saves(path: Path, out: Path) -> float:
    """Seconds of the processor for a save more, of a unit that has events all around, in a copy of the archive."""
    copy = out / "more.sfm"
    shutil.copyfile(path, copy)
    random = Random(7)
    templates = list(_templates(random))
    try:
        with sfm.open(copy) as archive:
            serial = next(iter(archive.events())).serial
            more = [_Planned(serial, random.choice(templates), random.random() < REPORTED) for _ in range(BATCH + 1)]
            # The first one loads the plug-ins and numpy.
            _save(archive, timedelta(seconds=7), random, more[0])
            started = time.process_time()
            with archive.batch():
                for number in range(1, BATCH + 1):
                    _save(archive, timedelta(days=number, seconds=7), random, more[number])
            return (time.process_time() - started) / BATCH
    finally:
        copy.unlink()


if __name__ == "__main__":
    main()
