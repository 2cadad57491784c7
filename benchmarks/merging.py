"""What a merge costs, against importing the same events in one run: seconds of the processor, start-up included.

    python -m benchmarks.merging                    10,000 events
    python -m benchmarks.merging --events 100000

Events come in captures of twenty, 95 % histograms of a few intervals and 5 % short waveforms, of 40 units, each at a
time and key of its own. An archive imports all of them, and an empty one merges that.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.scale import run
from benchmarks.workload import HISTOGRAM_SHARE, UNITS
from sfm_archive import testing
from sfm_archive.testing.memory import SimulatedEvent

IN_A_CAPTURE = 20
START = datetime(2023, 1, 1)


def main() -> None:
    """Make the captures, import them, merge, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.merging", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where to work; a folder on the disk in question")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="sfm-merging-", dir=arguments.folder))
    try:
        measure(work, arguments.events)
    finally:
        shutil.rmtree(work)


def measure(work: Path, events: int) -> None:
    """Print what both take."""
    captures, imported, merged = work / "captures", work / "imported.sfm", work / "merged.sfm"
    write_captures(captures, events)
    run(["create", str(merged)])
    first = run(["import", str(imported), str(captures), "--create"])
    second = run(["merge", str(merged), str(imported)])
    again = run(["merge", str(merged), str(imported)])
    for name, cost in (("import", first), ("merge", second), ("merge again, nothing new", again)):
        microseconds = cost.processor / events * 1e6
        print(f"{name:26}{microseconds:>9.0f} µs an event {cost.elapsed:>9.1f} s {cost.memory:>7.0f} MB", flush=True)
    print(f"{'merge / import':26}{second.processor / first.processor:>9.2f}")


def write_captures(folder: Path, events: int) -> None:
    """All events, each capture with those of one unit that follow each other."""
    random = Random(20260501)
    serials = [f"BE{number}" for number in random.sample(range(1000, 24000), UNITS)]
    folder.mkdir()
    for number in range(0, events, IN_A_CAPTURE):
        unit = number // IN_A_CAPTURE % UNITS
        some = list(_events(random, serials[unit], number, min(IN_A_CAPTURE, events - number)))
        (folder / f"raw_{number:07}.bin").write_bytes(testing.capture(random, some, damaged=0))


def _events(random: Random, serial: str, first: int, count: int) -> Iterator[SimulatedEvent]:
    for at in range(count):
        when = START + timedelta(minutes=10 * (first + at))
        key = 0x0111_0000 + 0x2000 * at
        if random.random() < HISTOGRAM_SHARE:
            yield testing.simulate_histogram(random, serial=serial, count=6, start_key=key, recorded_at=when)
        else:
            yield testing.simulate_waveform(random, serial=serial, seconds=0.25, start_key=key, recorded_at=when)


if __name__ == "__main__":
    main()
