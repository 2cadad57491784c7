"""`python -m sfm_archive.selftest`: try to lose something, and print how often it was tried.

Exit code 0 when nothing was lost, 1 with one line for each thing that was wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from sfm_archive.selftest.altered_cells import alter_and_read, alterations
from sfm_archive.selftest.bad_plugins import break_and_check
from sfm_archive.selftest.beside_writers import look_beside_writers
from sfm_archive.selftest.concurrent_use import SAVERS, use_at_once
from sfm_archive.selftest.flips import flip_and_check
from sfm_archive.selftest.fuzz import fuzz
from sfm_archive.selftest.io_errors import fail_in_opening, fail_in_steps, fill_up_in_steps
from sfm_archive.selftest.kills import kill_and_check
from sfm_archive.selftest.left_logs import leave_logs_and_check
from sfm_archive.selftest.moved import move_and_check
from sfm_archive.selftest.moving_trials import fail_in_moves
from sfm_archive.selftest.power_cuts import cut_everywhere
from sfm_archive.selftest.small_disks import work_on_small_disks
from sfm_archive.selftest.trials import trials
from sfm_archive.selftest.wrecks import salvage_wrecks


class Options(NamedTuple):
    """How much is tried."""

    every: int
    seeds: int
    kills: int
    moves: int
    events: int
    rounds: int
    flips: int
    cells: int
    inputs: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One line of the result: how often, what, and what was wrong."""

    count: int
    what: str
    wrong: list[str]


def power_cuts(folder: Path, options: Options) -> Iterator[Tried]:
    """Each trial with a cut at every operation."""
    for number, trial in enumerate(trials()):
        cuts = cut_everywhere(trial, folder / str(number), seeds=range(options.seeds), every=options.every)
        text = f"power cuts at {cuts.points:,} operations ({cuts.folders:,} different folders): {trial.name}"
        yield Tried(cuts.cuts, text, cuts.wrong)


def injected_errors(folder: Path, options: Options) -> Iterator[Tried]:
    """Each step with a failure at every operation."""
    for network in (False, True):
        place = "network drive" if network else "local disk"
        for fail in (fail_in_opening, fail_in_steps, fail_in_moves):
            for found in fail(folder / f"{place} {fail.__name__}", network=network, every=options.every):
                yield Tried(found.errors, f"errors and full disks: {found.step}, {place}", found.wrong)


def small_disks(folder: Path, options: Options) -> Iterator[Tried]:
    """A few kilobytes left: on the model of a disk, and on real ones where the system lets such be mounted."""
    for network in (False, True):
        place = "network drive" if network else "local disk"
        for found in fill_up_in_steps(folder / place, network=network, every=options.every):
            yield Tried(found.errors, f"disks full within 64 kB: {found.step}, {place}", found.wrong)
    real = work_on_small_disks(folder / "real", every=options.every)
    text = f"commands on real disks with up to 48 kB left, of which {real.full:,} found it full"
    yield Tried(real.commands, text if real.tried else "real small disks: this system mounts none", real.wrong)


def moved_archives(folder: Path, options: Options) -> Iterator[Tried]:
    """Taken away while somebody saves."""
    folder.mkdir()
    found = move_and_check(folder, options.moves)
    text = f"archives moved, deleted or replaced while a process saves, with {found.saves:,} saves that had returned"
    yield Tried(found.moves, text if found.tried else "moved archives: this system allows no such thing", found.wrong)


def left_logs(folder: Path, options: Options) -> Iterator[Tried]:
    """Where an archive was, and its writer was killed."""
    folder.mkdir()
    found = leave_logs_and_check(folder, options.moves)
    text = (
        f"logs of killed writers left where their archive was, with {found.saves:,} saves that had returned; "
        f"{found.refusals:,} archives made or opened there"
    )
    yield Tried(found.logs, f"{text}, each refused", found.wrong)


def kills(folder: Path, options: Options) -> Iterator[Tried]:
    """Processes that end without warning."""
    folder.mkdir()
    found = kill_and_check(folder, options.kills)
    yield Tried(found.kills, f"processes killed at work, with {found.saves:,} saves that had returned", found.wrong)


def concurrency(folder: Path, options: Options) -> Iterator[Tried]:
    """Many at once."""
    folder.mkdir()
    used = use_at_once(folder, options.events)
    text = f"saves by {SAVERS} processes at once, {used.listings:,} listings and {used.exports:,} exports meanwhile"
    yield Tried(used.saves, text, used.wrong)


def looks_beside_writers(folder: Path, options: Options) -> Iterator[Tried]:
    """What looks at a whole archive, while others write."""
    folder.mkdir()
    found = look_beside_writers(folder, options.rounds)
    done = ", ".join(f"{count} {name}" for name, count in found.done.items())
    text = (
        f"looks at a whole archive beside four that write ({done}; {found.saves:,} saves, {found.changes:,} imports, "
    )
    yield Tried(sum(found.done.values()), f"{text}reviews and pins meanwhile)", found.wrong)


def flipped_bits(folder: Path, options: Options) -> Iterator[Tried]:
    """Single bits flipped anywhere in a file."""
    found = flip_and_check(folder, options.flips)
    yield Tried(found.found, "flipped bits refused at opening or reported by verify", [])
    yield Tried(found.commands, "reading commands on these, each with an answer or a sentence", [])
    text = "flipped bits without effect: free pages, rests of pages, unused numbers of headers"
    yield Tried(found.without_effect, text, found.escaped)


def wrecks(folder: Path, options: Options) -> Iterator[Tried]:
    """Files with pages missing or in the wrong place, salvaged."""
    found = salvage_wrecks(folder, options.pairs)
    text = (
        f"files with pages cut out, zeroed or replaced, salvaged: {found.whole:,} without a loss, "
        f"{found.with_losses:,} with each loss named, {found.refused:,} refused"
    )
    yield Tried(found.wrecks, text, found.wrong)


def fuzzed_inputs(folder: Path, options: Options) -> Iterator[Tried]:
    """Bytes that nobody wrote, into everything that reads bytes."""
    folder.mkdir()
    tried, found = fuzz(folder, options.inputs, seed=0)
    for name, number in tried.items():
        yield Tried(number, f"fuzz inputs: {name}", [one.what for one in found if one.target == name])


def bad_plugins(folder: Path, options: Options) -> Iterator[Tried]:
    """Code of strangers that breaks."""
    found = break_and_check(options.inputs)
    yield Tried(found.questions, "questions to plug-ins that raise, exit, print, or give what cannot be", found.wrong)


Trials = Callable[[Path, Options], Iterator[Tried]]


def altered_cells(folder: Path, options: Options) -> Iterator[Tried]:
    """What no program writes, in any column."""
    chosen = Random(1).sample(alterations(), min(options.cells, len(alterations())))
    found = alter_and_read(folder, chosen)
    yield Tried(found.cells, f"altered cells, each found by verify; {found.refused:,} commands refused one", [])
    yield Tried(found.commands, "reading commands on these, each with an answer or a sentence", found.wrong)


PARTS: dict[str, Trials] = {
    "power cuts": power_cuts,
    "injected errors": injected_errors,
    "small disks": small_disks,
    "kills": kills,
    "moved archives": moved_archives,
    "left logs": left_logs,
    "concurrent saves": concurrency,
    "beside writers": looks_beside_writers,
    "flips": flipped_bits,
    "altered cells": altered_cells,
    "salvage": wrecks,
    "fuzz": fuzzed_inputs,
    "bad plug-ins": bad_plugins,
}
"""What is tried, in this order. A further part is one entry more."""


def main(arguments: list[str] | None = None) -> int:
    """Run the parts asked for, all of them where none is named."""
    parser = argparse.ArgumentParser(prog="python -m sfm_archive.selftest", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--every", type=int, default=1, help="cut or fail at every n-th operation only (1)")
    parser.add_argument("--seeds", type=int, default=3, help="random remains of each power cut (3)")
    parser.add_argument("--kills", type=int, default=300, help="processes to kill (300)")
    parser.add_argument(
        "--moves", type=int, default=60, help="archives to move, delete or replace, and logs to leave (60)"
    )
    parser.add_argument("--events", type=int, default=500, help=f"events that each of {SAVERS} processes saves (500)")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of verifying and copying beside writers (6)")
    parser.add_argument("--flips", type=int, default=5000, help="bits to flip (5000)")
    parser.add_argument("--cells", type=int, default=1500, help="cells to alter (1500)")
    parser.add_argument("--inputs", type=int, default=20_000, help="fuzz inputs for each fast reader (20000)")
    parser.add_argument("--pairs", type=int, default=60, help="random pairs of pages missing from each archive (60)")
    parser.add_argument("--folder", type=Path, help="where to work; its disk is the one that is tried")
    given = parser.parse_args(arguments)
    if unknown := [part for part in given.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    options = Options(
        every=max(1, given.every),
        seeds=max(1, given.seeds),
        kills=given.kills,
        moves=given.moves,
        events=given.events,
        rounds=given.rounds,
        flips=given.flips,
        cells=given.cells,
        inputs=given.inputs,
        pairs=given.pairs,
    )
    with tempfile.TemporaryDirectory(prefix="sfm-trust-", dir=given.folder) as folder:
        return _run(given.parts or list(PARTS), Path(folder), options)


def _run(parts: list[str], folder: Path, options: Options) -> int:
    wrong = 0
    totals: list[str] = []
    for part in parts:
        count = 0
        with _timed() as seconds:
            for tried in PARTS[part](folder / part.replace(" ", "-"), options):
                print(f"{tried.count:>9,}  {tried.what}", flush=True)
                for text in tried.wrong:
                    print(f"           WRONG: {text}", flush=True)
                count += tried.count
                wrong += len(tried.wrong)
        totals.append(f"{count:>9,}  {part} in all, {seconds():.0f} s")
    print("\n".join(["", *totals]))
    print(f"{wrong:,} things wrong" if wrong else "nothing lost")
    return 1 if wrong else 0


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    start = time.monotonic()
    yield lambda: time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main())
