"""Makes the demo's captures: `python -m sfm_archive.demo.make_captures`, from the top of a checkout.

For maintainers. Captures that have been released are imported into people's demo folders, so change them seldom.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from sfm_archive.testing import (
    GAP,
    OLD_STEP,
    SimulatedEvent,
    capture,
    recorded_motion,
    simulate_histogram,
    simulate_waveform,
    wire_read_out,
)

EXPORTS = Path("tests/data/blastware-ascii")
"""Recorded motion: Blastware text exports (MIT License, Copyright (c) 2025 Plusheart; the licence lies beside them)."""

_FAULTY_OFFSET = 0x1000

Step = Callable[[Random, int], SimulatedEvent]
"""Simulates one event at a start key."""


def make_captures(texts: Mapping[str, str]) -> dict[str, bytes]:
    """File names and bytes of all captures, made of the exports `5m.TXT` and `15m.TXT`."""
    near, far = texts["5m.TXT"], texts["15m.TXT"]
    quarry = {
        "project": "North Quarry bench 12",
        "client": "Granite & Sons",
        "user_name": "A. Tremblay",
    }
    tunnel = {
        "project": "Harbour tunnel lot 3",
        "client": "City of Troy",
        "user_name": "R. Kowalski",
    }
    house = {"seis_loc": "12 Main St, porch slab", "notes": "Shot 41, 86 kg per delay, 310 m"}
    church = {"seis_loc": "Church, north wall", "notes": "Shot 41, 86 kg per delay, 540 m"}
    shaft = {"seis_loc": "Shaft head, concrete", "notes": "Round 17, day shift"}
    return {
        "raw_s3_20260513_161204.bin": _quarry_house(near, {**quarry, **house, "serial": "BE11529"}),
        "raw_s3_20260513_164930.bin": _quarry_church(far, {**quarry, **church, "serial": "BE14036"}),
        "raw_s3_20260420_074512.bin": _old_download(near, {**tunnel, **shaft, "serial": "BE9413"}),
    }


def _quarry_house(near: str, given: dict[str, Any]) -> bytes:
    random = Random("sfm demo: the house")  # noqa: S311 - a simulator wants a seeded generator
    steps: list[Step] = [
        _blast(near, datetime(2026, 5, 12, 13, 16, 34), given, scale=1.0),
        _night(datetime(2026, 5, 12, 18, 0, 0), given, count=180),
        _blast(near, datetime(2026, 5, 13, 13, 4, 9), given, scale=0.55),
    ]
    return capture(random, _memory(random, 0x0111_0000, steps))


def _quarry_church(far: str, given: dict[str, Any]) -> bytes:
    random = Random("sfm demo: the church")  # noqa: S311 - a simulator wants a seeded generator
    steps: list[Step] = [
        _blast(far, datetime(2026, 5, 12, 13, 16, 35), given, scale=0.8),
        _night(datetime(2026, 5, 12, 19, 30, 0), given, count=210),
    ]
    return capture(random, _memory(random, 0x0111_8A2C, steps))


def _old_download(near: str, given: dict[str, Any]) -> bytes:
    """Two events; the second has the 0x1000 fault: content of its start where other content should be."""
    random = Random("sfm demo: the shaft")  # noqa: S311 - a simulator wants a seeded generator
    steps: list[Step] = [
        _night(datetime(2026, 4, 18, 6, 0, 0), given, count=150),
        _blast(near, datetime(2026, 4, 19, 9, 41, 50), given, scale=1.6, seconds=6.0),
    ]
    events = _memory(random, 0x0111_0000, steps)

    def wire_of(event: SimulatedEvent) -> Sequence[bytes]:
        wires = wire_read_out(event, OLD_STEP)
        if event is events[-1]:
            wires[_FAULTY_OFFSET // OLD_STEP] = wires[0]
        return wires

    return capture(random, events, wire_of=wire_of)


def _blast(text: str, recorded_at: datetime, given: dict[str, Any], *, scale: float, seconds: float = 3.0) -> Step:
    def step(random: Random, key: int) -> SimulatedEvent:
        motion = recorded_motion(text, random=random, seconds=seconds, scale=scale)
        return simulate_waveform(random, motion=motion, recorded_at=recorded_at, start_key=key, **given)

    return step


def _night(recorded_at: datetime, given: dict[str, Any], *, count: int) -> Step:
    def step(random: Random, key: int) -> SimulatedEvent:
        return simulate_histogram(
            random, count=count, interval_seconds=60, recorded_at=recorded_at, start_key=key, **given
        )

    return step


def _memory(random: Random, first_key: int, steps: Sequence[Step]) -> list[SimulatedEvent]:
    """Events one behind the other in a unit's memory."""
    events: list[SimulatedEvent] = []
    key = first_key
    for step in steps:
        events.append(step(random, key))
        key = events[-1].end_key + GAP
    return events


def main() -> None:
    """Write the captures beside this file."""
    texts = {path.name: path.read_text(encoding="ascii") for path in EXPORTS.glob("*.TXT")}
    for name, data in make_captures(texts).items():
        Path(__file__).with_name(name).write_bytes(data)
        sys.stdout.write(f"{name}: {len(data)} bytes\n")


if __name__ == "__main__":
    main()
