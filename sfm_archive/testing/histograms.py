"""The histogram body: one 32-byte record for each interval.

Layout: docs/facts.md, "Histogram body". A record is 2 bytes (CRC-16?), then 30 bytes that
begin with their own length; those 30 begin five bytes before the 32-byte grid of blocks that the published
block test sees.

Not claimed to be right, because nobody has published them: the two bytes before the length, block bytes
[3:5] and [21:25], the index of the first interval. They are drawn at random. Nor is it known whether the mark of a
record that never came stands behind the last one: bodies are written with it and without.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from sfm_archive.testing.motion import LARGEST_PEAK

_RECORD = struct.Struct(">2sHIH2s8H4s")
_COUNTER = 0x0A00_0000  # `0a 00 00 00`


class HistogramInterval(NamedTuple):
    """One interval: peak in counts (0.005 in/s; MicL 0.25 Pa) and half-period in samples for each channel."""

    tran: int
    tran_half: int
    vert: int
    vert_half: int
    long: int
    long_half: int
    micl: int
    micl_half: int


def draw_intervals(random: Random, count: int) -> list[HistogramInterval]:
    """`count` intervals of a site: background, passages, and on loud sites peaks up to the rails.

    Raises ValueError for a count below one or beyond what the u16 index holds.
    """
    if not 1 <= count <= 0xFF00:
        raise ValueError(f"a histogram holds 1 to {0xFF00} intervals, not {count}")
    draw = random.random
    background = 1 + 6 * draw()
    passage = random.choice((20, 60, 300, 1000, 3000))
    often = 0.02 + 0.1 * draw()
    intervals = []
    for _ in range(count):
        loud = draw()
        level = background if loud > often else passage * (0.2 + draw())
        tran, vert, long, micl = (
            1 + int(level * draw()),
            1 + int(level * draw()),
            1 + int(level * draw()),
            1 + int(level * draw()),
        )
        # Where nothing moves, the half-period runs into the thousands: the published vector has 0x7969.
        longest = 0xFFFF if loud > 0.9 else 128
        intervals.append(
            HistogramInterval(
                tran if tran < LARGEST_PEAK else LARGEST_PEAK,
                2 + int(longest * draw() * 0.99),
                vert if vert < LARGEST_PEAK else LARGEST_PEAK,
                2 + int(longest * draw() * 0.99),
                long if long < LARGEST_PEAK else LARGEST_PEAK,
                2 + int(longest * draw() * 0.99),
                micl if micl < LARGEST_PEAK else LARGEST_PEAK,
                2 + int(longest * draw() * 0.99),
            )
        )
    return intervals


def histogram_records(
    random: Random,
    intervals: Sequence[HistogramInterval],
    *,
    first_counter: int,
    first_index: int | None = None,
    last_mark: bool | None = None,
) -> bytes:
    """All records of a histogram; with `last_mark` (drawn when None) the header of one that never came behind them.

    `first_counter`: 0x46 or 0x0E, as in a waveform, where every later record has 0x0A. The first seven
    bytes belong to STRT[14:21]; the grid of 32-byte blocks starts after them, at the body's start.
    `first_index`: 0 or 1, drawn when None.
    """
    pack = _RECORD.pack
    noise = random.randbytes(6 * len(intervals) + 2)
    # So that what an event draws behind its body does not depend on the body's form.
    more = Random(noise[:8])
    noise += more.randbytes(2 * len(intervals))
    marked = more.random() < 0.5 if last_mark is None else last_mark
    index = random.randrange(2) if first_index is None else first_index
    pieces = []
    at = 0
    for interval in intervals:
        counter = first_counter << 24 if at == 0 else _COUNTER
        crc, gap, behind = noise[at : at + 2], noise[at + 2 : at + 4], noise[at + 4 : at + 8]
        pieces.append(pack(crc, 30, counter, index & 0xFFFF, gap, *interval, behind))
        index += 1
        at += 8
    if marked:
        pieces.append(noise[-2:] + b"\x00\x1e\x0a\x00\x00")
    return b"".join(pieces)
