"""Both ways of keeping events, measured in turn in one process, and their ratios.

    python -m benchmarks                 10,000 events, about two minutes
    python -m benchmarks --events 2000   quicker

The two ways take turns on parts of the same events, so that a machine that grows slower slows both. Ratios below 1
mean that the archive is faster or smaller than the peer. Elapsed time depends on what else uses the disk, and both
wait for it differently; the time of the processor, of `cp` too, says how much work each way is.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import sfm_archive as sfm
from benchmarks.peer import FolderStore
from benchmarks.workload import Job, simulated_jobs
from sfm_archive.archive import deriving
from sfm_archive.formats.blastware.names import decode_event_file_name
from sfm_archive.model.selection import select

_TURNS = 10
_Item = TypeVar("_Item")


class Spent(NamedTuple):
    """Seconds by the clock, and of the processor with those of programs that were started."""

    elapsed: float = 0.0
    processor: float = 0.0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(self.elapsed + other.elapsed, self.processor + other.processor)


def main() -> None:
    """Run everything and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--single", type=int, default=1_000, help="events for the single saves")
    parser.add_argument("--folder", type=Path, help="where to work; a folder on the disk in question")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="sfm-bench-", dir=arguments.folder))
    try:
        report(arguments.events, arguments.single, work)
    finally:
        shutil.rmtree(work)


def report(events: int, single: int, work: Path) -> None:
    """Measure and print."""
    print(f"making {events} events …", file=sys.stderr)
    jobs = simulated_jobs(events)
    print(f"{'':44}{'archive':>12}{'peer':>12}{'ratio':>8}{'processor':>15}{'peer':>12}{'ratio':>8}")
    peer = FolderStore(work / "peer")
    archive = sfm.create(work / "bench.sfm")
    with archive:
        line("batch save, per event", *batch_save(archive, peer, jobs), "µs", len(jobs))
        without_decoding(work, jobs)
        singles(work, jobs[:single])
        reading(archive, peer)
        listing(archive, peer)
        exporting(archive, peer, work)
    sizes(work)


def batch_save(archive: sfm.Archive, peer: FolderStore, jobs: list[Job]) -> tuple[Spent, Spent]:
    """For all events: one transaction for each thousand, against files that are never synced."""

    def ours(part: Sequence[Job]) -> None:
        with archive.batch():
            for job in part:
                archive.save(job.event, job.frames)

    def theirs(part: Sequence[Job]) -> None:
        for job in part:
            peer.save(job)

    return in_turn(jobs, ours, theirs)


def without_decoding(work: Path, jobs: list[Job]) -> None:
    """The same, but for the numbers that a save computes of the samples: the older store's way has none of them."""
    folder = work / "undecoded"
    folder.mkdir()
    with nothing_decoded(), sfm.create(folder / "bench.sfm") as archive:
        spent = batch_save(archive, FolderStore(folder / "peer"), jobs)
    line("batch save without decoding, per event", *spent, "µs", len(jobs))
    shutil.rmtree(folder)


@contextmanager
def nothing_decoded() -> Iterator[None]:
    """Saves leave out what they decode."""
    real = deriving.recompute
    deriving.recompute = lambda *_, **__: set()
    try:
        yield
    finally:
        deriving.recompute = real


def singles(work: Path, jobs: list[Job]) -> None:
    """One durable transaction for each event, against the peer as it is and against the peer with fsync."""
    third = len(jobs) // 3
    ways = ((False, False, "never syncs"), (True, False, "syncs each file"), (True, True, "syncs, none decoded"))
    with sfm.create(work / "single.sfm") as archive:

        def ours(part: Sequence[Job]) -> None:
            for job in part:
                archive.save(job.event, job.frames)

        for turn, (sync, undecoded, name) in enumerate(ways):
            peer = FolderStore(work / f"single-{turn}", sync=sync)

            def theirs(part: Sequence[Job], peer: FolderStore = peer) -> None:
                for job in part:
                    peer.save(job)

            own = jobs[turn * third : (turn + 1) * third]
            with nothing_decoded() if undecoded else nullcontext():
                line(f"single durable save (peer {name})", *in_turn(own, ours, theirs), "µs", len(own))


def reading(archive: sfm.Archive, peer: FolderStore) -> None:
    """Every event's frames, hash checked, against unpickling."""
    ids = [row.event_id for row in archive.events()]
    paths = list(peer.event_files())

    def ours(part: Sequence[int]) -> None:
        for _ in archive.frames_of(part):
            pass

    def one_by_one(part: Sequence[int]) -> None:
        for event_id in part:
            archive.frames(event_id)

    def theirs(part: Sequence[Path]) -> None:
        for path in part:
            peer.load_frames(path)

    mine = single = other = Spent()
    for part_ids, part_paths in zip(parts(ids), parts(paths), strict=True):
        mine = mine.plus(timed(partial(ours, part_ids)))
        other = other.plus(timed(partial(theirs, part_paths)))
        single = single.plus(timed(partial(one_by_one, part_ids)))
    line("read frames of all events back, per event", mine, other, "µs", len(ids))
    line("read frames back one event at a time", single, other, "µs", len(ids))


def listing(archive: sfm.Archive, peer: FolderStore) -> None:
    """Events of one unit in one year, newest first: a query, against walking the folders and decoding names."""
    serial = next(archive.events()).serial
    wanted = select(serial=serial, since="2020", until="2020", newest_first=True)

    def theirs() -> list[str]:
        folder = peer.root / serial
        names = [path.name for path in folder.iterdir() if path.suffix != ".pkl"]
        dated = sorted(((decode_event_file_name(name).recorded_at, name) for name in names), reverse=True)
        return [name for recorded_at, name in dated if recorded_at.year == 2020]

    mine = min(timed(lambda: list(archive.events(wanted))) for _ in range(_TURNS))
    line("list one unit's year", mine, min(timed(theirs) for _ in range(_TURNS)), "ms", 1)
    everything = min(timed(lambda: list(archive.events())) for _ in range(3))
    walking = min(timed(lambda: [decode_event_file_name(path.name) for path in peer.event_files()]) for _ in range(3))
    line("list everything", everything, walking, "ms", 1)


def exporting(archive: sfm.Archive, peer: FolderStore, work: Path) -> None:
    """Export against `cp -r` of the exported tree, in turn; then again with nothing to do."""
    times: list[tuple[Spent, Spent]] = []
    for turn in range(3):
        target = work / f"export-{turn}"
        mine = timed(partial(archive.export, target))
        copy = work / f"copy-{turn}"
        command = ["cp", "-r", str(target), str(copy)]
        times.append((mine, timed(partial(subprocess.run, command, check=True))))
        shutil.rmtree(copy)
        if turn:
            shutil.rmtree(target)
    mine, copied = sorted(times, key=lambda pair: pair[0].elapsed / pair[1].elapsed)[1]
    line("export everything (peer: cp -r)", mine, copied, "ms", 1)
    again = timed(lambda: archive.export(work / "export-0"))
    command = ["cp", "-ru", str(work / "export-0") + "/.", str(work / "copy-again")]
    subprocess.run(command, check=True)
    line(
        "export again, nothing to do (peer: cp -ru)",
        again,
        timed(partial(subprocess.run, command, check=True)),
        "ms",
        1,
    )


def sizes(work: Path) -> None:
    """Bytes on disk: blocks that the file system gives, and the sum of lengths."""
    for name, size in (("bytes on disk (blocks)", on_disk), ("bytes (lengths)", length)):
        mine, theirs = size(work / "bench.sfm"), size(work / "peer")
        print(f"{name:44}{mine / 1e6:>9.1f} MB{theirs / 1e6:>9.1f} MB{mine / theirs:>8.2f}")


def on_disk(path: Path) -> int:
    """Bytes in blocks of a file, or of everything below a folder."""
    return sum(each.stat().st_blocks * 512 for each in ([path, *path.rglob("*")] if path.is_dir() else [path]))


def length(path: Path) -> int:
    """Bytes in files."""
    files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files)


def parts(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    """The items in `_TURNS` parts."""
    step = max(1, -(-len(items) // _TURNS))
    return [items[start : start + step] for start in range(0, len(items), step)]


def in_turn(
    jobs: list[Job], ours: Callable[[Sequence[Job]], None], theirs: Callable[[Sequence[Job]], None]
) -> tuple[Spent, Spent]:
    """What each way takes over all parts, the two taking turns."""
    mine = other = Spent()
    for part in parts(jobs):
        mine = mine.plus(timed(partial(ours, part)))
        other = other.plus(timed(partial(theirs, part)))
    return mine, other


def timed(work: Callable[[], object]) -> Spent:
    """What the work takes."""
    start, start_processor = time.perf_counter(), _processor_s()
    work()
    return Spent(time.perf_counter() - start, _processor_s() - start_processor)


def _processor_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def line(name: str, mine: Spent, theirs: Spent, unit: str, count: int) -> None:
    """One line of the table."""
    scale = {"µs": 1e6, "ms": 1e3}[unit] / count
    columns = [
        f"{own * scale:>{width}.1f} {unit}{other * scale:>9.1f} {unit}{own / other:>8.2f}"
        for own, other, width in zip(mine, theirs, (9, 12), strict=True)
    ]
    print(f"{name:44}{''.join(columns)}", flush=True)


if __name__ == "__main__":
    main()
