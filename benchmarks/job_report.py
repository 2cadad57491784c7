"""What a job's report of a month of 3,000 histograms costs as a PDF, without pages of events.

    python -m benchmarks.job_report

Four units at four points, each with 750 histograms of 57 minutes, and 40 blasts. The command runs as a process of its
own, start-up included; said are seconds of its processor, elapsed ones, and the most memory that it held.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import sfm_archive as sfm
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.testing import read_out, simulate_histogram
from sfm_archive.testing.histograms import HistogramInterval

POINTS, EACH, INTERVALS, BLASTS = 4, 750, 57, 40
MONTH = datetime(2026, 5, 1)
TOLD = (
    Reading(quantity="geo_range", number=10.0, unit="in/s", text="10.00 in/s"),
    Reading(quantity="geo_trigger_level", number=0.5, unit="mm/s", text="0.500 mm/s"),
)


def simulated(path: Path) -> None:
    """The archive: each histogram has peaks and frequencies of its own, and what a report tells of the settings."""
    random = Random(1)
    serials = [f"BE1170{number}" for number in range(POINTS)]
    with sfm.create(path) as archive:
        with archive.batch():
            for number in range(POINTS * EACH):
                at, serial = MONTH + (number // POINTS) * timedelta(minutes=59), serials[number % POINTS]
                own = [HistogramInterval(*(random.randint(1, 30) for _ in range(8))) for _ in range(INTERVALS)]
                made = simulate_histogram(random, intervals=own, interval_seconds=60, serial=serial, recorded_at=at)
                told = ReadingSet(source=ValueSource.REPORT, origin_sha256=f"{number:064x}", readings=TOLD)
                event = sfm.Event(serial=serial, recorded_at=at, record_type=sfm.RecordType.HISTOGRAM)
                archive.save(event, read_out(made), readings=[told])
        sfm.add_job(archive, "Quarry", units="mm/s", zone="Europe/Berlin")
        for number, serial in enumerate(serials):
            sfm.add_point(archive, "Quarry", f"P{number}", coordinates=f"47.0,{8 + number / 100}")
            sfm.limit_point(archive, f"Quarry/P{number}", limits=["din-4150-3-line-2"], airblast="120dB")
            sfm.place(archive, serial, at=f"Quarry/P{number}", since=MONTH)
        for number in range(BLASTS):
            at = MONTH + timedelta(hours=12 + 17 * number)
            sfm.add_blast(archive, "Quarry", at, name=f"B{number}", charge="120 kg", coordinates="47.0,8.1")


def main() -> None:
    """Print one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "month.sfm"
        simulated(path)
        command = [sys.executable, "-m", "sfm_archive", "job", "report", str(path), "Quarry", "--since", "2026-05"]
        command += ["--until", "2026-05", "-o", str(path.with_suffix(".pdf"))]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        elapsed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        sys.stdout.write(f"{POINTS * EACH:,} histograms: {used:.1f} s, {elapsed:.1f} s elapsed, ")
        sys.stdout.write(f"{after.ru_maxrss / 1024:.0f} MB, PDF of {path.with_suffix('.pdf').stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
