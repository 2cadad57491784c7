"""How many events of an archive of old downloads each encoder makes a file of.

    python -m benchmarks.healing                 2,000 events
    python -m benchmarks.healing --events 500    quicker

The events are simulated, so it is known of every file whether it is the event's. The shares of the faults are assumed:
nobody has published how often each one occurs. So read the table by its rows, and the sum as an example.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import EncodeRefused
from sfm_archive.model.frames import A5Frame
from sfm_archive.testing.memory import SimulatedEvent

ENCODERS = ("blastware@1", "blastware@2", "blastware@3")
Frames = Sequence[A5Frame]


def old(random: Random, event: SimulatedEvent) -> Frames:
    """0x400 bytes at a time, past the end by up to two frames."""
    return testing.old_read_out(event, random.randrange(3))


def with_0x1000_fault(random: Random, event: SimulatedEvent, echo_start: bool) -> Frames:
    """The fault of old downloads; where the event ends before 0x1000, a plain old download."""
    frames = old(random, event)
    return testing.doubled_start(frames, echo_start=echo_start) if len(frames) > 4 else frames


def line_error_repeated(random: Random, event: SimulatedEvent) -> Frames:
    """One to three frames arrived damaged and were asked for again."""
    frames = old(random, event)
    for _ in range(random.randrange(1, 4)):
        position = random.randrange(len(frames))
        frames = testing.corrupted_byte(testing.repeated_frame(frames, position), position, random)
    return frames


def torn_and_repeated(random: Random, event: SimulatedEvent) -> Frames:
    """A frame that lost its end, also with a byte changed, then the whole one."""
    frames = old(random, event)
    position = random.randrange(len(frames))
    damaged = testing.corrupted_byte(frames, position, random)
    return [*testing.truncated_frame(damaged, position, random)[: position + 1], *frames[position:]]


def restarted(random: Random, event: SimulatedEvent) -> Frames:
    """Torn and started again, all kept."""
    frames = old(random, event)
    return testing.restarted(frames, random.randrange(1, len(frames) + 1))


def restarted_after_the_0x1000_fault(random: Random, event: SimulatedEvent) -> Frames:
    """The faulty download, then one by a program without the fault, all kept."""
    return [*with_0x1000_fault(random, event, False), *testing.read_out(event)]


def restarted_with_line_errors(random: Random, event: SimulatedEvent) -> Frames:
    """Torn after a damaged frame, and started again."""
    frames = old(random, event)
    after = random.randrange(1, len(frames) + 1)
    return [*testing.corrupted_byte(frames, random.randrange(after), random)[:after], *frames]


def torn(random: Random, event: SimulatedEvent) -> Frames:
    """Torn and never started again."""
    frames = testing.old_read_out(event, 0)
    return frames[: random.randrange(1, max(2, len(frames)))]


KINDS: dict[str, tuple[int, Callable[[Random, SimulatedEvent], Frames]]] = {
    "over-read or not": (40, old),
    "0x1000 fault, echo says start": (8, lambda random, event: with_0x1000_fault(random, event, True)),
    "0x1000 fault, echo says 0x1000": (8, lambda random, event: with_0x1000_fault(random, event, False)),
    "0x1000 fault, then downloaded again": (8, restarted_after_the_0x1000_fault),
    "restarted": (8, restarted),
    "restarted, first part damaged": (8, restarted_with_line_errors),
    "line errors, frames repeated": (8, line_error_repeated),
    "torn frame, repeated": (4, torn_and_repeated),
    "line error, not repeated": (4, lambda random, event: testing.corrupted_byte(old(random, event), 1, random)),
    "torn, never finished": (4, torn),
}
"""Each kind of download with its assumed share in percent."""


@dataclass(frozen=True, slots=True)
class Held:
    """One event of the archive: how it was downloaded, and the file it should be."""

    kind: str
    file: bytes


def fill(archive: sfm.Archive, count: int, seed: int) -> dict[int, Held]:
    """Save `count` events, downloaded in every way that KINDS names."""
    random = Random(seed)
    kinds = random.choices(list(KINDS), [share for share, _ in KINDS.values()], k=count)
    held: dict[int, Held] = {}
    with archive.batch():
        for kind in kinds:
            event = testing.simulate_histogram(random, count=random.randrange(60, 301))
            if random.random() < 0.2:
                event = testing.simulate_waveform(random, seconds=random.choice((1.0, 3.0)))
            behind = random.randbytes(testing.GAP) + testing.simulate_histogram(random, count=60).memory
            event = replace(event, after=behind)
            known = sfm.Event(
                serial=event.serial,
                recorded_at=event.recorded_at,
                record_type=event.record_type,
                start_key=event.start_key,
            )
            saved = archive.save(known, KINDS[kind][1](random, event))
            held[saved.event_id] = Held(kind, testing.blastware_file(event))
    return held


def outcomes(archive: sfm.Archive, held: dict[int, Held]) -> dict[str, Counter[tuple[str, str]]]:
    """For each encoder, events by kind of download and by what came out: `right`, `wrong` or `refused`."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for encoder in ENCODERS:
        counter: Counter[tuple[str, str]] = Counter()
        for event_id, truth in held.items():
            try:
                right = archive.encode(event_id, encoder).data == truth.file
            except EncodeRefused:
                counter[truth.kind, "refused"] += 1
            else:
                counter[truth.kind, "right" if right else "wrong"] += 1
        found[encoder] = counter
    return found


def report(held: dict[int, Held], found: dict[str, Counter[tuple[str, str]]]) -> str:
    """A table: for each kind of download, files made and, in brackets, how many of them are not the event's."""
    totals = Counter(truth.kind for truth in held.values())
    width = max(map(len, KINDS))
    lines = [f"{'download':{width}}  {'events':>6}" + "".join(f"  {encoder:>14}" for encoder in ENCODERS)]
    for kind in [*KINDS, "all"]:
        kinds = list(KINDS) if kind == "all" else [kind]
        line = f"{kind:{width}}  {sum(totals[one] for one in kinds):>6}"
        for encoder in ENCODERS:
            right, wrong = (sum(found[encoder][one, what] for one in kinds) for what in ("right", "wrong"))
            line += f"  {f'{right + wrong} ({wrong})':>14}"
        lines.append(line)
    lines.append("In brackets: files that are not the event as the unit holds it.")
    return "\n".join(lines)


def main() -> None:
    """Build the archive, encode everything, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.healing", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20260430)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="sfm-healing-") as folder, sfm.create(Path(folder) / "old.sfm") as archive:
        held = fill(archive, arguments.events, arguments.seed)
        with archive.batch():
            found = outcomes(archive, held)
        print(report(held, found))


if __name__ == "__main__":
    main()
