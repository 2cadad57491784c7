"""The waveform body: samples packed into segments, as the unit's memory holds them.

Layout: docs/facts.md, "Waveform body" (the model is derived). Segments of 512 samples in
rotation Tran → Vert → Long → MicL; inside a segment two absolute samples and then runs of deltas of one
width.

Not claimed to be right, because nobody has published them: the two bytes before a segment's length (drawn
at random) and the counters (drawn so that they rise).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise
from random import Random

from sfm_archive.testing.motion import Motion

SEGMENT_SAMPLES = 512

_LOWEST, _HIGHEST = -32768, 32767


def _width(delta: int) -> int:
    """The fewest nibbles that hold a delta; 0 for no change."""
    if delta == 0:
        return 0
    if -8 <= delta < 8:
        return 1
    if -128 <= delta < 128:
        return 2
    return 3 if -2048 <= delta < 2048 else 4


# Indexed by a delta, negative ones from the end: a look-up is several times faster than the comparisons.
_TABLE_REACH = 4096
_WIDTH_OF = bytes(_width(d) for d in range(_TABLE_REACH + 1)) + bytes(_width(d) for d in range(-_TABLE_REACH, 0))

# One or two groups of four that would fit a narrower width cost more in tags than they save.
_SHORT_RUNS = tuple(
    (
        re.compile(b"(?<=[%b])[%b]{1,2}(?=[%b])" % (wider, narrower, wider)),
        {size: bytes([width + 1]) * size for size in (1, 2)},
    )
    for width in range(4)
    for wider, narrower in [(bytes(range(width + 1, 5)), bytes(range(width + 1)))]
)
_RUNS = re.compile(rb"\x00+|\x01+|\x02+|\x03+|\x04+")


def waveform_segments(random: Random, motion: Motion, *, first_counter: int) -> bytes:
    """All segments of a recording, each with its 14-byte header.

    `first_counter`: 0x46 or 0x0E. The first seven bytes belong to STRT[14:21]; the body of the published
    view starts after them, with the rest of the first header ("preamble"). Per channel and segment:
    min(512, what is left) samples.
    """
    pieces: list[bytes] = []
    counter = first_counter
    size = len(motion.tran)
    for start in range(0, size, SEGMENT_SAMPLES):
        stop = min(start + SEGMENT_SAMPLES, size)
        for channel in motion.channels:
            pieces.append(segment(channel[start:stop], open_bytes=random.randbytes(2), counter=counter))
            counter = (counter + random.randrange(1, 1 << 26)) & 0xFFFF_FFFF
    return b"".join(pieces)


def segment(samples: Sequence[int], *, open_bytes: bytes, counter: int) -> bytes:
    """One segment with its header: 2 open bytes, u16 BE length from here to the end, u32 LE counter,
    `02 00`, the first two samples as int16 BE, then the remaining samples as deltas.

    Raises ValueError for fewer than 2 or more than 512 samples and for a delta beyond 16 bits.
    """
    if not 2 <= len(samples) <= SEGMENT_SAMPLES:
        raise ValueError(f"a segment holds 2 to {SEGMENT_SAMPLES} samples, not {len(samples)}")
    payload = delta_blocks([after - before for before, after in pairwise(samples[1:])])
    return b"".join(
        (
            open_bytes,
            struct.pack(">H", 12 + len(payload)),
            struct.pack("<I", counter),
            b"\x02\x00",
            struct.pack(">hh", samples[0], samples[1]),
            payload,
        )
    )


def delta_blocks(deltas: Sequence[int]) -> bytes:
    """Deltas as tagged blocks: groups of four in the narrowest worthwhile width, the last 1–3 with width 4.

    Raises ValueError for a delta beyond 16 bits: no width holds it.
    """
    if deltas and (min(deltas) < _LOWEST or max(deltas) > _HIGHEST):
        raise ValueError("a delta between two samples does not fit 16 bits")
    whole = len(deltas) & ~3
    pieces: list[bytes] = []
    for width, start, stop in _runs(deltas[:whole]):
        pieces.append(delta_block(width, deltas[start:stop]))
    if whole < len(deltas):
        pieces.append(delta_block(4, deltas[whole:]))
    return b"".join(pieces)


def delta_block(width: int, deltas: Sequence[int]) -> bytes:
    """One block: the tag (high nibble `width`, low 12 bits the count) and the payload of that width.

    Raises ValueError when the count does not fit, or is not divisible by four where width 1–3 asks for it;
    struct.error or ValueError when a delta does not fit.
    """
    size = len(deltas)
    if size > 0xFFF or (0 < width < 4 and size % 4):
        raise ValueError(f"a block of width {width} cannot hold {size} deltas")
    tag = struct.pack(">H", width << 12 | size)
    if width == 0:
        if any(deltas):
            raise ValueError("a block of width 0 holds zeros only")
        return tag
    if width == 1:
        if min(deltas) < -8 or max(deltas) > 7:
            raise ValueError("a delta does not fit 4 bits")
        highs, lows = deltas[::2], deltas[1::2]
        return tag + bytes([(a & 15) << 4 | (b & 15) for a, b in zip(highs, lows, strict=True)])
    if width == 2:
        return tag + struct.pack(f">{size}b", *deltas)
    if width == 3:
        return tag + _twelve_bit(deltas)
    return tag + struct.pack(f">{size}h", *deltas)


def _twelve_bit(deltas: Sequence[int]) -> bytes:
    """Six bytes for each four deltas: their high nibbles first, then their low bytes."""
    if min(deltas) < -2048 or max(deltas) > 2047:
        raise ValueError("a delta does not fit 12 bits")
    packed = bytearray()
    for a, b, c, d in zip(deltas[::4], deltas[1::4], deltas[2::4], deltas[3::4], strict=True):
        packed += bytes(
            (
                (a >> 4) & 0xF0 | (b >> 8) & 0x0F,
                (c >> 4) & 0xF0 | (d >> 8) & 0x0F,
                a & 0xFF,
                b & 0xFF,
                c & 0xFF,
                d & 0xFF,
            )
        )
    return bytes(packed)


def _runs(deltas: Sequence[int]) -> list[tuple[int, int, int]]:
    """(width, start, stop) of the blocks; `deltas` in a whole number of groups of four."""
    if not deltas:
        return []
    if max(deltas) <= _TABLE_REACH and min(deltas) >= -_TABLE_REACH:
        widths = bytes(map(_WIDTH_OF.__getitem__, deltas))
    else:
        widths = bytes(map(_width, deltas))
    groups = bytes(map(max, widths[::4], widths[1::4], widths[2::4], widths[3::4]))
    for pattern, wider in _SHORT_RUNS:
        groups = pattern.sub(lambda run, wider=wider: wider[len(run[0])], groups)  # type: ignore[misc]
    lengths = [run.group() for run in _RUNS.finditer(groups)]
    stops = list(accumulate(4 * len(run) for run in lengths))
    return [(run[0], stop - 4 * len(run), stop) for run, stop in zip(lengths, stops, strict=True)]
