"""What pages of `sfm serve` take at an archive of many events, alone and beside an import.

    python -m benchmarks.browser ARCHIVE

ARCHIVE is copied: of 200,000 events one of `python -m benchmarks.scale`. Times are those between a request and the last
byte of its answer on this machine, the least and the median of several.
"""

from __future__ import annotations

import http.client
import multiprocessing
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sfm_archive as sfm
from benchmarks.workload import simulated_jobs

ROUNDS = 15
READERS = 20
BESIDE_S = 20.0
PAGES = {
    "list": "events", "list of one unit": "events?serial={serial}", "by serial": "events?sort=serial&down=0",
    "by PPV": "events?sort=ppv&down=1", "by name": "events?sort=name&down=0", "by point": "events?sort=point",
    "by encoding": "events?sort=encoding", "by type": "events?sort=record_type",
    "by review": "events?sort=false_trigger",
    "event of 3 s": "event/{waveform}", "first page": "",
}  # fmt: skip


def main() -> None:
    """Print a line for each page, then what readers waited beside an import."""
    with tempfile.TemporaryDirectory(prefix="sfm-browser-") as folder:
        path = Path(folder) / "large.sfm"
        shutil.copyfile(sys.argv[1], path)
        with sfm.open(path, read_only=True) as archive:
            first = next(iter(archive.listing(record_type="waveform", newest_first=True, limit=1)))
        with serving(path) as port:
            for name, address in PAGES.items():
                asked = f"/large/{address.format(serial=first.serial, waveform=first.event_id)}"
                times = sorted(answer(port, asked)[0] for _ in range(ROUNDS))
                print(f"{name:<18}{times[0] * 1000:>7.0f} ms at least{statistics.median(times) * 1000:>7.0f} ms")
            beside(path, port, [f"/large/event/{first.event_id}", "/large/events", "/large/events?sort=ppv"])


@contextmanager
def serving(path: Path) -> Iterator[int]:
    """A server of an archive, and its port."""
    command = [sys.executable, "-m", "sfm_archive", "serve", "--port", "0", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = re.search(r":(\d+)/ is open", process.stderr.readline())
        assert found is not None
        yield int(found[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answer(port: int, address: str) -> tuple[float, int]:
    """How long an answer took, and its status."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address)
    found = connection.getresponse()
    found.read()
    connection.close()
    return time.perf_counter() - started, found.status


def beside(path: Path, port: int, addresses: list[str]) -> None:
    """READERS at once, each a page after the other, while another process saves events."""
    saved = multiprocessing.Value("i", 0)
    writer = multiprocessing.Process(target=save, args=(path, saved))
    writer.start()
    found: list[tuple[float, int]] = []
    until = time.monotonic() + BESIDE_S

    def read(number: int) -> None:
        while time.monotonic() < until:
            found.append(answer(port, addresses[number % len(addresses)]))
            time.sleep(0.5)  # a person looks at what came

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    writer.terminate()
    writer.join()
    times = sorted(took for took, _ in found)
    failed = sum(status != 200 for _, status in found)
    late = times[len(times) * 95 // 100]
    print(f"{READERS} readers beside an import of {saved.value:,} events in {BESIDE_S:.0f} s: {len(times)} pages,")
    print(f"  {failed} failed; median {statistics.median(times) * 1000:.0f} ms, 95 % below {late * 1000:.0f} ms,")
    print(f"  longest {times[-1] * 1000:.0f} ms")


def save(path: Path, saved: object) -> None:
    """Save events until somebody ends it."""
    jobs = simulated_jobs(2000, seed=7)
    with sfm.open(path, wait_s=60) as archive:
        for start in range(0, len(jobs), 50):
            with archive.batch():
                for job in jobs[start : start + 50]:
                    archive.save(job.event, job.frames)
                    saved.value += 1  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
