"""What an event takes beside its frames, and what saving and reading cost, by the size of SQLite's pages.

    python -m benchmarks.pages [EVENTS] [ROUNDS]

The pages of an archive have 4,096 bytes; here others are set in an empty one before events come. Derived rows are those
of event_computed, event_summary and event_peaks with their indexes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import apsw

import sfm_archive as sfm
from benchmarks.workload import Job, simulated_jobs

SIZES = (1024, 2048, 4096, 8192, 16384)
DERIVED = "event_computed", "event_summary", "event_peaks"


class Found(NamedTuple):
    """Bytes an event, and microseconds of the processor for each save, frames read back and listed event."""

    derived: float
    beside: float
    empty: float
    save: float
    read: float
    listing: float


def main() -> None:
    """Print a line for each size, the least times of all rounds."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    jobs = simulated_jobs(events)
    found: dict[int, list[Found]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size in SIZES:
            with tempfile.TemporaryDirectory(prefix="sfm-pages-") as folder:
                found[size].append(measured(Path(folder) / "a.sfm", size, jobs))
    print(f"{'page':>6}{'derived':>10}{'beside':>10}{'empty':>10}{'save':>12}{'read':>12}{'list':>12}")
    for size, rows in found.items():
        derived, beside, empty, save, read, listing = map(min, zip(*rows, strict=True))
        print(f"{size:>6}{derived:>8.0f} B{beside:>8.0f} B{empty:>8.0f} B", end="")
        print(f"{save:>9.0f} µs{read:>9.0f} µs{listing:>9.0f} µs")


def measured(path: Path, size: int, jobs: Sequence[Job]) -> Found:
    """One archive with pages of this size."""
    sfm.create(path).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(f"PRAGMA page_size = {size}").fetchall()
        connection.execute("VACUUM")
    times = []
    with sfm.open(path) as archive:
        started = time.process_time()
        with archive.batch():
            for job in jobs:
                archive.save(job.event, job.frames)
        times.append(time.process_time() - started)
    with sfm.open(path, read_only=True) as archive:
        ids = [row.event_id for row in archive.events()]
        for read in (lambda: [archive.frames(event_id) for event_id in ids], lambda: list(archive.listing())):
            started = time.process_time()
            read()
            times.append(time.process_time() - started)
    return Found(*bytes_of(path, len(ids)), *(each / len(ids) * 1e6 for each in times))


def bytes_of(path: Path, events: int) -> tuple[float, float, float]:
    """Of an event: derived rows, all else beside the frames' blobs, and what of that is empty space on their pages."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    tables = ",".join(f"'{name}'" for name in DERIVED)
    derived: Any = connection.execute(
        "SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) WHERE tbl_name IN (" + tables + ")"
    ).fetchone()
    blobs: Any = connection.execute("SELECT sum(length(data)) FROM frames").fetchone()
    empty: Any = connection.execute("SELECT sum(unused) FROM dbstat WHERE name = 'frames'").fetchone()
    connection.close()
    return derived[0] / events, (path.stat().st_size - derived[0] - blobs[0]) / events, empty[0] / events


if __name__ == "__main__":
    main()
