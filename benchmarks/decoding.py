"""Decoding and numbers of three-second events: the room `waveforms` against a plain decoder, one sample at a time.

    python -m benchmarks.decoding                about ten seconds
    python -m benchmarks.decoding --events 5     quicker

The two take turns on the same events, so that a machine that grows slower slows both; the best turn of each counts.
The plain one is what a careful reader of the published facts writes first; both must give the same answers.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import ParamSpec, TypeVar

from sfm_archive.model.readings import Reading
from sfm_archive.testing import simulate_histogram, simulate_waveform
from sfm_archive.waveforms import Waveform, decode_event, histogram_quantities, quantities_of, read_report, write_report

_Made = TypeVar("_Made")
_Given = ParamSpec("_Given")
_GEO_MM_S = 0.127
_REAL = Path(__file__).parent.parent / "tests" / "data" / "blastware-ascii" / "5m.TXT"


def plain_decode(memory: bytes) -> list[list[int]]:
    """Counts of the four channels, decoded delta by delta."""
    channels: list[list[int]] = [[], [], [], []]
    at, number = 18, 0
    while memory[at + 8 : at + 10] == b"\x02\x00":
        end = at + 2 + int.from_bytes(memory[at + 2 : at + 4], "big")
        first = int.from_bytes(memory[at + 10 : at + 12], "big", signed=True)
        value = int.from_bytes(memory[at + 12 : at + 14], "big", signed=True)
        samples = [first, value]
        at += 14
        while at < end:
            tag = int.from_bytes(memory[at : at + 2], "big")
            at += 2
            width, count = tag >> 12, tag & 0xFFF
            for index in range(count):
                if width == 0:
                    delta = 0
                elif width == 1:
                    byte = memory[at + index // 2]
                    nibble = byte & 15 if index % 2 else byte >> 4
                    delta = nibble - 16 if nibble > 7 else nibble
                elif width == 2:
                    byte = memory[at + index]
                    delta = byte - 256 if byte > 127 else byte
                elif width == 3:
                    group, place = divmod(index, 4)
                    high = memory[at + 6 * group + place // 2]
                    nibble = high & 15 if place % 2 else high >> 4
                    delta = nibble << 8 | memory[at + 6 * group + 2 + place]
                    delta = delta - 4096 if delta > 2047 else delta
                else:
                    delta = int.from_bytes(memory[at + 2 * index : at + 2 * index + 2], "big", signed=True)
                value += delta
                samples.append(value)
            at += width * count // 2
        channels[number % 4] += samples
        number += 1
        if len(samples) < 512 and number % 4 == 0:
            break
    return channels


def plain_numbers(channels: list[list[int]], rate: float) -> list[float]:
    """PPV, half period, acceleration and displacement of three geophones, and the vector sum."""
    numbers = []
    for trace in channels[:3]:
        at = 0
        for index, count in enumerate(trace):
            if abs(count) > abs(trace[at]):
                at = index
        first = last = at
        while first > 0 and trace[first - 1] * trace[at] > 0:
            first -= 1
        while last < len(trace) - 1 and trace[last + 1] * trace[at] > 0:
            last += 1
        step = largest = total = sign = 0
        for index, count in enumerate(trace):
            if index:
                step = max(step, abs(count - trace[index - 1]))
            if count * sign < 0:
                largest, total = max(largest, abs(total)), 0
            sign = count or sign
            total += count
        acceleration = step * _GEO_MM_S * rate / 9810
        displacement = largest * _GEO_MM_S / rate / 2
        numbers += [abs(trace[at]) * _GEO_MM_S, float(last - first + 1), acceleration, displacement]
    best = 0
    for tran, vert, long in zip(*channels[:3], strict=True):
        best = max(best, tran * tran + vert * vert + long * long)
    return [*numbers, math.sqrt(best) * _GEO_MM_S]


def main() -> None:
    """Measure and print a table; milliseconds for each event."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoding", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=12, help="events of each loudness")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    random = Random(20260501)
    print(f"{'three seconds at 1024 sps, ms an event':44}{'waveforms':>12}{'plain':>12}{'ratio':>8}")
    for loudness in ("flat", "quiet", "ordinary", "loud", "clipped"):
        memories = [
            simulate_waveform(random, seconds=3.0, sample_rate=1024, loudness=loudness).memory
            for _ in range(arguments.events)
        ]
        measure(loudness, memories, arguments.turns)
    others(random, arguments.events, arguments.turns)


def measure(loudness: str, memories: list[bytes], turns: int) -> None:
    """One line of the table: decode and numbers together, both ways in turn; the mean of the best turn of each."""
    ours = plain = math.inf
    for _ in range(turns):
        began = time.perf_counter()
        made = [_ours(memory) for memory in memories]
        ours = min(ours, time.perf_counter() - began)
        began = time.perf_counter()
        expected = [_plain(memory) for memory in memories]
        plain = min(plain, time.perf_counter() - began)
        for (waveform, readings), (channels, numbers) in zip(made, expected, strict=True):
            assert waveform.counts.tolist() == channels
            pvs = next(reading for reading in readings if reading.quantity == "pvs")
            assert pvs.number is None or math.isclose(pvs.number, numbers[-1])
    per_event = 1e3 / len(memories)
    name = f"{loudness}: decode and all numbers"
    print(f"{name:44}{ours * per_event:12.3f}{plain * per_event:12.2f}{ours / plain:8.3f}")


def others(random: Random, events: int, turns: int) -> None:
    """Histograms and the report of a real blast, where there is no peer."""
    memories = [simulate_histogram(random, count=225).memory for _ in range(events)]
    best = math.inf
    for _ in range(turns):
        took = 0.0
        for memory in memories:
            event, decoding = _timed(decode_event, memory)
            assert event.histogram is not None
            took += decoding + _timed(histogram_quantities, event.histogram)[1]
        best = min(best, took)
    print(f"{'histogram of 225 intervals':44}{best * 1e3 / events:12.3f}")
    text = _REAL.read_bytes()
    report, reading = min((_timed(read_report, text) for _ in range(turns)), key=lambda made: made[1])
    assert report.samples is not None
    traces, restoring = _timed(report.samples.traces)
    _, numbers = _timed(quantities_of, traces)
    written, writing = _timed(write_report, report.header_bytes, traces)
    assert written == text
    for name, seconds in (("read", reading), ("restore counts", restoring), ("numbers", numbers), ("write", writing)):
        print(f"{'report of 33,493 rows: ' + name:44}{seconds * 1e3:12.3f}")


def _ours(memory: bytes) -> tuple[Waveform, tuple[Reading, ...]]:
    waveform = decode_event(memory).waveform
    assert waveform is not None
    return waveform, quantities_of(waveform.traces(unit="mm/s"))


def _plain(memory: bytes) -> tuple[list[list[int]], list[float]]:
    channels = plain_decode(memory)
    return channels, plain_numbers(channels, 1024.0)


def _timed(make: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs) -> tuple[_Made, float]:
    began = time.perf_counter()
    made = make(*given, **named)
    return made, time.perf_counter() - began


if __name__ == "__main__":
    main()
