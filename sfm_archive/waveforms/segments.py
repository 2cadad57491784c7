"""The waveform body: segments of delta blocks, turned into counts with numpy.

DERIVED (docs/facts.md, "Waveform body"; reproduces every published rule and vector). From STRT[14]
on, segments follow each other in rotation Tran → Vert → Long → MicL, 512 samples each, the last round shorter:

    2 open · u16 BE length, from here to the segment's end · u32 LE counter · 02 00 · two int16 BE = first two samples
    then blocks: u16 BE tag, high nibble w = width of a delta in nibbles, low 12 bits n = how many; n·w/2 bytes

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

MAX_SAMPLES: Final = 1 << 20
"""Samples per channel beyond which no unit records (17 minutes at 1024 sps); bounds the memory of a decode."""

_ROUND = len(CHANNELS)
_OPEN_BYTES = 2
_HEADER_MARK = b"\x02\x00"
_WIDEST = 4
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

    __slots__ = ("at", "counts", "findings", "sizes", "skips", "widths")

    def __init__(self, start: int) -> None:
        self.at = start
        self.skips: list[int] = []
        self.widths: list[int] = []
        self.counts: list[int] = []
        self.sizes: list[int] = []  # samples of each segment
        self.findings: list[Finding] = []

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
            walk.refuse(f"more than {MAX_SAMPLES} samples per channel; no unit records as long, the rest is left out")
            break
        if not _walk_round(memory, walk, limit):
            if expected is not None and rounds * SEGMENT_SAMPLES >= expected:
                walk.findings.clear()
            break
        rounds += 1
        if walk.sizes[-1] < SEGMENT_SAMPLES:
            break
    counts = _counts(memory, start, walk)
    if expected is not None and counts.shape[1] != expected:
        message = f"{counts.shape[1]} samples per channel were decoded where {expected} are expected"
        walk.findings.append(Finding(code="sample-count", message=message))
    return DecodedChain(counts=counts, findings=tuple(walk.findings), end=walk.at)


def _walk_round(memory: bytes, walk: _Walk, limit: int) -> bool:
    """Walk one segment of each channel; False, and nothing of the round kept, where the chain ends before."""
    began, blocks = walk.at, len(walk.widths)
    sizes: list[int] = []
    for channel in CHANNELS:
        at = walk.at
        if at + HEADER_SIZE > limit or memory[at + 8 : at + 10] != _HEADER_MARK:
            if sizes:
                walk.refuse(
                    f"no segment of {channel} at byte 0x{at:X} of event memory though its round has begun; "
                    f"{sum(sizes)} samples of this round are left out"
                )
            break
        size = _walk_segment(memory, walk, limit, channel)
        if size is None:
            break
        if sizes and size != sizes[0]:
            walk.refuse(
                f"the segment of {channel} at byte 0x{at:X} of event memory holds {size} samples, "
                f"that of {CHANNELS[0]} {sizes[0]}; the round is left out"
            )
            break
        sizes.append(size)
    if len(sizes) == _ROUND:
        walk.sizes += sizes
        return True
    del walk.skips[blocks:], walk.widths[blocks:], walk.counts[blocks:]
    walk.at = began
    return False


def _walk_segment(memory: bytes, walk: _Walk, limit: int, channel: str) -> int | None:
    """Samples of the segment at `walk.at`, which moves behind it; None with a finding where it breaks the model."""
    start = walk.at
    end = start + _OPEN_BYTES + int.from_bytes(memory[start + 2 : start + 4], "big")
    if end < start + HEADER_SIZE or end > limit:
        walk.refuse(
            f"the segment of {channel} at byte 0x{start:X} of event memory gives its end as 0x{end:X}, "
            "which is not inside the event's body"
        )
        return None
    skips, widths, counts = walk.skips, walk.widths, walk.counts
    # The header counts as a block of two 16-bit values behind ten skipped bytes.
    skips.append(HEADER_SIZE - 4)
    widths.append(_WIDEST)
    counts.append(2)
    at = start + HEADER_SIZE
    size = 2
    last = end - 1
    while at < last:
        high = memory[at]
        width = high >> 4
        count = (high & 15) << 8 | memory[at + 1]
        size += count
        half_bytes = width * count
        if width > _WIDEST or size > SEGMENT_SAMPLES or half_bytes & 1 or (width == 3 and count & 3):
            break
        skips.append(2)
        widths.append(width)
        counts.append(count)
        at += 2 + (half_bytes >> 1)
    if at != end:
        walk.refuse(
            f"the segment of {channel} at byte 0x{start:X} of event memory: its blocks are not understood "
            f"from byte 0x{at:X} on (segment end 0x{end:X})"
        )
        return None
    walk.at = end
    return size


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
