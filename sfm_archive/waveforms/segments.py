"""The waveform body: segments of delta blocks, turned into counts with numpy.

DERIVED (docs/facts.md, "Waveform body"; reproduces every published rule and vector). From STRT[14]
on, segments follow each other in rotation Tran → Vert → Long → MicL, 512 samples each, the last round shorter:

    2 open · u16 BE length, from here to the segment's end · u32 LE counter · 02 00 · two int16 BE = first two samples
    then blocks: u16 BE tag, high nibble w = width of a delta in nibbles, low 12 bits n = how many; n·w/2 bytes

Where a segment ends is told by its blocks, which make 512 samples. The length in its header is only *stated* upstream,
and how many bytes beside the blocks it counts is OPEN: it tells how many samples the last, shorter round has, where it
leads to the next header as all others do (else the next header tells), and is a check on all others.

A Python loop walks the tags (one step a block); all payload bytes of one width are unpacked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.readings import CHANNELS

SEGMENT_SAMPLES: Final = 512
HEADER_SIZE: Final = 14
CHAIN_OFFSET: Final = 18
"""Where the first segment's header begins in event memory: STRT[14] behind the 4-byte tag."""

MAX_SAMPLES: Final = 1 << 22
"""Samples per channel up to which this program decodes (68 minutes at 1024 sps); bounds its memory."""

_ROUND = len(CHANNELS)
_OPEN_BYTES = 2
_HEADER_MARK = b"\x02\x00"
_WIDEST = 4
_EMPTY_BLOCKS = frozenset(bytes((width << 4, 0)) for width in range(_WIDEST + 1))
_SKIPPED = 9  # class of bytes that are no payload

# Both signed nibbles of each byte, the high one first.
_NIBBLES: Final = np.array([[(b >> 4 ^ 8) - 8, (b & 15 ^ 8) - 8] for b in range(256)], dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedChain:
    """Counts of the four channels, shape (4, n), int32; what was not understood; the first byte after the chain."""

    counts: NDArray[np.int32]
    findings: tuple[Finding, ...]
    end: int


class _Walk:
    """Tags collected on the way along a chain: for each block the bytes skipped before it, width and count."""

    __slots__ = ("at", "counts", "findings", "off", "sizes", "skips", "widths")

    def __init__(self, start: int) -> None:
        self.at = start
        self.skips: list[int] = []
        self.widths: list[int] = []
        self.counts: list[int] = []
        self.sizes: list[int] = []  # samples of each segment
        self.findings: list[Finding] = []
        self.off: set[int] = set()  # bytes by which segments end behind their stated end

    def refuse(self, message: str) -> None:
        finding = Finding(code="segment-not-understood", message=message, start=self.at)
        self.findings.append(finding)


def decode_chain(memory: bytes, start: int, limit: int, expected: int | None = None) -> DecodedChain:
    """The counts of the segments that begin at `start`, of which none reaches beyond `limit`.

    The chain ends with a round of fewer than 512 samples or where the next header has no `02 00`. A segment that
    does not follow the model ends it too, with a finding; what came before it is kept, in whole rounds.

    `expected`: samples per channel where they are known. What stands behind so many is not the event's, so
    that nothing there is a finding; only whole rounds that follow the model are still taken, since `expected` may be
    a rounded number. A result of another length is the finding `sample-count`. Never raises for any bytes.
    """
    walk = _Walk(start)
    rounds = 0
    while True:
        if rounds * SEGMENT_SAMPLES >= MAX_SAMPLES:
            walk.refuse(
                f"this program decodes up to {MAX_SAMPLES:,} samples per channel; the rest of the record is left out"
            )
            break
        if not _walk_round(memory, walk, limit):
            if expected is not None and rounds * SEGMENT_SAMPLES >= expected:
                walk.findings.clear()
            break
        rounds += 1
        if walk.sizes[-1] < SEGMENT_SAMPLES:
            break
    counts = _counts(memory, start, walk)
    if walk.off - {0}:
        walk.findings.append(_lengths_are_off(walk.off))
    if expected is not None and counts.shape[1] != expected:
        message = f"{counts.shape[1]} samples per channel were decoded where {expected} are expected"
        walk.findings.append(Finding(code="sample-count", message=message))
    return DecodedChain(counts=counts, findings=tuple(walk.findings), end=walk.at)


def _walk_round(memory: bytes, walk: _Walk, limit: int) -> bool:
    """Walk one segment of each channel; False, and nothing of the round kept, where the chain ends before."""
    before = len(walk.findings)
    told = next(iter(walk.off)) if len(walk.off) == 1 else 0
    if _try_round(memory, walk, limit, off=told):
        return True
    if walk.findings[before:] and memory[walk.at + 8 : walk.at + 10] == _HEADER_MARK:
        refusals = walk.findings[before:]
        for size in _sizes_before_a_header(memory, walk.at, limit):
            del walk.findings[before:]
            if _try_round(memory, walk, limit, size=size):
                return True
        walk.findings[before:] = refusals
    return False


def _try_round(memory: bytes, walk: _Walk, limit: int, *, off: int = 0, size: int | None = None) -> bool:
    """Walk one round of segments of `size` samples; None: the first one's blocks and stated length tell how many, which
    lies `off` bytes before its true end."""
    began, blocks, known = walk.at, len(walk.widths), set(walk.off)
    sizes: list[int] = []
    for number, channel in enumerate(CHANNELS):
        at = walk.at
        if at + HEADER_SIZE > limit or memory[at + 8 : at + 10] != _HEADER_MARK:
            if number:
                walk.refuse(
                    f"no segment of {channel} at byte 0x{at:X} of event memory though its round has begun; "
                    f"{number * (size or 0)} samples of this round are left out"
                )
            break
        size = _walk_segment(memory, walk, limit, channel, off, size)
        if size is None:
            break
        sizes.append(size)
    else:
        walk.sizes += sizes
        return True
    del walk.skips[blocks:], walk.widths[blocks:], walk.counts[blocks:]
    walk.at, walk.off = began, known
    return False


def _walk_segment(memory: bytes, walk: _Walk, limit: int, channel: str, off: int, size: int | None) -> int | None:
    """Samples of the segment at `walk.at`, which moves behind it; None with a finding where it breaks the model.

    `size`: how many it holds, as all segments of its round; None for a round's first one.
    """
    start = walk.at
    stated = start + _OPEN_BYTES + int.from_bytes(memory[start + 2 : start + 4], "big")
    ends = stated + off
    full = SEGMENT_SAMPLES if size is None else size
    skips, widths, counts = walk.skips, walk.widths, walk.counts
    # The header counts as a block of two 16-bit values behind ten skipped bytes.
    skips.append(HEADER_SIZE - 4)
    widths.append(_WIDEST)
    counts.append(2)
    at = start + HEADER_SIZE
    found = 2
    while found < full:
        if at == ends and size is None and memory[at + 8 : at + 10] == _HEADER_MARK:
            break
        width, count, after = 0, 0, 0
        if at + 2 <= limit:
            high = memory[at]
            width = high >> 4
            count = (high & 15) << 8 | memory[at + 1]
            found += count
            after = at + 2 + (width * count >> 1)
        if not 0 < after <= limit or found > full or width > _WIDEST or width * count & 1 or (width == 3 and count & 3):
            walk.refuse(
                f"the segment of {channel} at byte 0x{start:X} of event memory: its blocks are not understood "
                f"from byte 0x{at:X} on (stated end 0x{stated:X})"
            )
            return None
        skips.append(2)
        widths.append(width)
        counts.append(count)
        at = after
    behind = at
    # Open bytes of a header can look like an empty block.
    while behind < ends and memory[at + 8 : at + 10] != _HEADER_MARK and memory[behind : behind + 2] in _EMPTY_BLOCKS:
        behind += 2
    if at < behind == ends:
        skips.append(behind - at)
        widths.append(0)
        counts.append(0)
        at = behind
    walk.off.add(at - stated)
    walk.at = at
    return found


def _sizes_before_a_header(memory: bytes, start: int, limit: int) -> list[int]:
    """How many samples the segment at `start` may hold where its stated length is wrong: up to each block behind which
    a header seems to stand."""
    sizes: list[int] = []
    at, found = start + HEADER_SIZE, 2
    while found < SEGMENT_SAMPLES and at + HEADER_SIZE <= limit:
        if memory[at + 8 : at + 10] == _HEADER_MARK and found not in sizes[-1:]:
            sizes.append(found)
        if memory[at] >> 4 > _WIDEST:
            break
        count = (memory[at] & 15) << 8 | memory[at + 1]
        found += count
        at += 2 + ((memory[at] >> 4) * count >> 1)
    return sizes


def _lengths_are_off(off: set[int]) -> Finding:
    """The finding for stated lengths that are not those of the blocks."""
    if len(off) == 1:
        by = next(iter(off))
        message = (
            f"every segment ends {abs(by)} bytes {'behind' if by > 0 else 'before'} the end that its header states; "
            "the samples were read by their blocks"
        )
        return Finding(code="segment-length", message=message, severity=Severity.NOTE)
    message = "the lengths in the headers of segments do not agree with their blocks, by which the samples were read"
    return Finding(code="segment-length", message=message)


def _counts(memory: bytes, start: int, walk: _Walk) -> NDArray[np.int32]:
    """Unpack all blocks of a walk in whole rounds: shape (4, n)."""
    if not walk.sizes:
        return np.zeros((_ROUND, 0), dtype=np.int32)
    widths = np.array(walk.widths, dtype=np.uint8)
    counts = np.array(walk.counts, dtype=np.int32)
    spans = np.empty((len(widths), 2), dtype=np.int32)
    spans[:, 0] = walk.skips
    spans[:, 1] = widths * counts >> 1
    classes = np.full((len(widths), 2), _SKIPPED, dtype=np.uint8)
    classes[:, 1] = widths
    class_of_byte = np.repeat(classes.ravel(), spans.ravel())
    width_of_sample = np.repeat(widths, counts)
    stored = np.frombuffer(memory, dtype=np.uint8, count=len(class_of_byte), offset=start)
    deltas = np.zeros(len(width_of_sample), dtype=np.int32)
    for width in np.unique(widths[widths > 0]).tolist():
        deltas[width_of_sample == width] = unpack_deltas(width, stored[class_of_byte == width])
    return _summed(deltas, walk.sizes)


def unpack_deltas(width: int, payload: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Deltas of one width (1–4 nibbles), shape (n,), from their payload bytes, shape (n·width/2,)."""
    if width == 1:
        return _NIBBLES[payload].ravel()
    if width == 2:
        return payload.view(np.int8).astype(np.int32)
    if width == 3:
        groups = payload.reshape(-1, 6)
        highs = _NIBBLES[groups[:, :2]].reshape(-1, 4)
        return (highs * 256 + groups[:, 2:]).ravel()
    return payload.view(">i2").astype(np.int32)


def _summed(deltas: NDArray[np.int32], sizes: list[int]) -> NDArray[np.int32]:
    """Running sums per segment, segments of a channel joined: shape (4, n)."""
    last = sizes[-1]
    whole = len(sizes) // _ROUND - (last < SEGMENT_SAMPLES)
    parts = []
    split = whole * _ROUND * SEGMENT_SAMPLES
    for part, size in ((deltas[:split], SEGMENT_SAMPLES), (deltas[split:], last)):
        if len(part):
            segments = part.reshape(-1, _ROUND, size)
            # The header's second sample is absolute like its first.
            segments[:, :, 1] -= segments[:, :, 0]
            sums = np.cumsum(segments, axis=2, dtype=np.int32)
            parts.append(sums.transpose(1, 0, 2).reshape(_ROUND, -1))
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def no_samples(message: str) -> Finding:
    """The finding for an event of which no sample was understood; such a result never replaces another one."""
    return Finding(code="no-samples", message=message, severity=Severity.REFUSAL)
