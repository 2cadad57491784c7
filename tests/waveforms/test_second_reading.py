"""Bodies read a second time, plainly and from the words of docs/facts.md alone, held against the decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sfm_archive.model.events import RecordType
from sfm_archive.model.findings import Severity
from sfm_archive.waveforms import decode_event
from sfm_archive.waveforms.segments import decode_chain

# --- histograms: 32 bytes a record, of which five stand before the block that the published view sees ---

HEAD = bytes.fromhex("00120300") + b"STRT\xff\xfe" + bytes(8)
FIRST_RECORD = 20
STEP = 32
HEADER = b"\x1e\x0a\x00\x00\x00"
words16 = st.integers(0, 0xFFFF)


@st.composite
def records(draw: st.DrawFn) -> list[bytes]:
    """Records of a body, the first one's third byte any; every open byte may be anything."""
    first = draw(st.sampled_from([0, 1, 0x1E0A, 0xFFF0, 0xFFFF]) | words16)
    rows = draw(st.lists(st.tuples(*[words16] * 8), min_size=1, max_size=40))
    noise = draw(st.randoms(use_true_random=False))
    made = []
    for number, row in enumerate(rows):
        counter = bytes([noise.randrange(256), 0, 0, 0]) if number == 0 else HEADER[1:]
        crc = b"\0" if number == 0 else noise.randbytes(1)
        index = struct.pack(">H", first + number & 0xFFFF)
        made.append(
            crc + b"\x1e" + counter + index + noise.randbytes(2) + struct.pack(">8H", *row) + noise.randbytes(6)
        )
    return made


def memory_of(made: Sequence[bytes], *, mark: bool, rest: bytes = b"") -> bytes:
    """Event memory: two bytes less of the last record, which belong to a next one, unless its mark stands there."""
    body = b"".join(made)
    return HEAD + b"\0\0" + (body + b"\x1e\x0a\0\0" if mark else body[:-2]) + rest


def second_reading(memory: bytes) -> list[tuple[int, ...]]:
    """Index, then peak and half-period of each channel, of each record until the index or its five bytes stop."""
    found: list[tuple[int, ...]] = []
    at = FIRST_RECORD
    while at + 5 + 21 <= len(memory):
        if found and memory[at + 1 : at + 6] != HEADER:
            break
        index, *fields = struct.unpack(">H2x8H", memory[at + 6 : at + 26])
        if found and index != (found[-1][0] + 1) % 65536:
            break
        found.append((index, *fields))
        at += STEP
    return found


def decoded_rows(memory: bytes) -> list[tuple[int, ...]]:
    histogram = decode_event(memory).histogram
    if histogram is None:
        return []
    columns = [histogram.index]
    for peaks, halves in zip(histogram.peaks, histogram.half_periods, strict=True):
        columns += [peaks, halves]
    return [tuple(row) for row in np.array(columns).T.tolist()]


@given(records(), st.booleans(), st.sampled_from([b"", b"Project:\0\0Quarry", bytes(60)]))
def test_a_body_reads_as_its_words_say_with_and_without_the_last_mark(made, mark, rest):
    memory = memory_of(made, mark=mark, rest=rest)
    assume(memory[25:28] != b"\x00\x02\x00")  # an index of 512 and more looks like a waveform where no mark follows
    rows = decoded_rows(memory)
    assert rows == second_reading(memory)
    assert rows[: len(made)] == [
        (int.from_bytes(r[6:8], "big"), *struct.unpack(">8H", r[10:26])) for r in made
    ]  # fmt: skip
    if len(rows) == len(made):
        assert {found.code for found in decode_event(memory).findings} <= {"impossible-value"}


@given(records(), st.data())
def test_a_body_damaged_in_the_middle_ends_there_with_a_word(made, data):
    assume(len(made) > 3)
    where = data.draw(st.integers(1, len(made) - 3), label="record")
    at, bit = data.draw(st.sampled_from([*range(1, 8)]), label="byte"), data.draw(st.integers(0, 7), label="bit")
    memory = bytearray(memory_of(made, mark=False))
    memory[FIRST_RECORD + STEP * where + at] ^= 1 << bit
    memory = bytes(memory)
    assume(decode_event(memory).record_type is RecordType.HISTOGRAM)
    rows = decoded_rows(memory)
    assert rows == second_reading(memory) and len(rows) in (where, where + 1)
    assert "histogram-cut" in [found.code for found in decode_event(memory).findings]


@given(records(), st.integers(1, 31), st.booleans(), st.data())
def test_bytes_lost_or_put_in_are_never_passed_over(made, number, lost, data):
    assume(len(made) > 4)
    at = FIRST_RECORD + STEP * data.draw(st.integers(1, len(made) - 4), label="record") + 8
    memory = memory_of(made, mark=False)
    memory = memory[:at] + (memory[at + number :] if lost else bytes(number) + memory[at:])
    assume(decode_event(memory).record_type is RecordType.HISTOGRAM)
    assert decoded_rows(memory) == second_reading(memory)
    assert "histogram-cut" in [found.code for found in decode_event(memory).findings]


# --- waveforms: segments of 512 samples, walked by their blocks ---


def deltas_of(body: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Each delta from the block at `at` on, and where its block ends."""
    while True:
        width, count = body[at] >> 4, (body[at] & 15) * 256 + body[at + 1]
        payload = body[at + 2 : at + 2 + width * count // 2]
        at += 2 + len(payload)
        nibbles = [nibble for byte in payload for nibble in (byte >> 4, byte & 15)]
        for number in range(count):
            if width == 3:
                group = nibbles[12 * (number // 4) : 12 * (number // 4) + 12]
                place = number % 4
                digits = [group[place], group[4 + 2 * place], group[5 + 2 * place]]
            else:
                digits = nibbles[number * width : number * width + width]
            value = 0
            for digit in digits:
                value = value * 16 + digit
            yield (value - 16**width if digits and digits[0] > 7 else value), at


def second_reading_of_segments(body: bytes, total: int) -> list[list[int]]:
    """`total` samples of each channel, whatever the lengths in the headers are."""
    channels: list[list[int]] = [[], [], [], []]
    at = 0
    while len(channels[3]) < total:
        channel = min(channels, key=len)
        assert body[at + 8 : at + 10] == b"\x02\x00"
        samples = list(struct.unpack(">hh", body[at + 10 : at + 14]))
        at += 14
        deltas = deltas_of(body, at)
        while len(samples) < min(512, total - len(channel)):
            delta, at = next(deltas)
            samples.append(samples[-1] + delta)
        channel += samples
    return channels


def packed(random: Random, samples: Sequence[int], off: int) -> bytes:
    """A segment of blocks of random length and width, its stated end `off` bytes before the true one."""
    deltas = [after - before for before, after in pairwise(samples[1:])]
    blocks = b""
    while deltas:
        part = deltas[: random.choice((1, 4, 8, 20, 200))]
        deltas = deltas[len(part) :]
        reach = max(max(part), -min(part) - 1)
        narrowest = 0 if not any(part) else next(width for width in (1, 2, 3, 4) if reach < 1 << 4 * width - 1)
        width = 4 if len(part) % 4 else random.randrange(narrowest, 5)
        digits = [f"{delta % 16**width:0{width}x}" if width else "" for delta in part]
        if width == 3:
            groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
            digits = [text for group in groups for text in ("".join(d[0] for d in group), *(d[1:] for d in group))]
        blocks += struct.pack(">H", width << 12 | len(part)) + bytes.fromhex("".join(digits))
    head = random.randbytes(2) + struct.pack(">H", 12 + len(blocks) - off) + b"\x0a\0\0\0\x02\0"
    return head + struct.pack(">hh", *samples[:2]) + blocks


def segments_of(random: Random, channels: Sequence[Sequence[int]], off: int) -> list[bytes]:
    starts = range(0, len(channels[0]), 512)
    return [packed(random, channel[at : at + 512], off) for at in starts for channel in channels]


def moving(random: Random, total: int) -> list[list[int]]:
    """Four channels of quiet, loud and clipped stretches."""
    reach = random.choice((0, 3, 60, 900, 5000))
    return [[max(-2048, min(2047, random.randint(-reach, reach))) for _ in range(total)] for _ in range(4)]


lengths = st.integers(2, 1600).filter(lambda total: total % 512 != 1)


@given(st.randoms(use_true_random=False), lengths, st.integers(-4, 4))
def test_segments_read_as_their_words_say_however_their_length_counts(random, total, off):
    channels = moving(random, total)
    body = b"".join(segments_of(random, channels, off))
    chain = decode_chain(body, 0, len(body))
    assert chain.counts.tolist() == second_reading_of_segments(body, total) == channels
    assert [found.code for found in chain.findings] == (["segment-length"] if off else [])
    assert all(found.severity is Severity.NOTE for found in chain.findings)


@pytest.mark.parametrize("off", range(-4, 5))
@pytest.mark.parametrize("total", [2, 3, 100, 511, 512, 514, 1024, 1026, 3328, 10_000])
def test_events_of_every_length_are_read_whole_where_all_lengths_count_otherwise(total, off):
    random = Random(total)
    channels = moving(random, total)
    body = b"".join(segments_of(random, channels, off)) + b"settings, and no header"
    chain = decode_chain(body, 0, len(body))
    assert chain.counts.tolist() == channels
    assert [found.code for found in chain.findings] == (["segment-length"] if off else [])


@given(st.randoms(use_true_random=False), lengths, st.integers(0, 0xFFFF), st.data())
def test_a_damaged_length_of_one_segment_costs_no_sample_and_is_said(random, total, length, data):
    channels = moving(random, total)
    pieces = segments_of(random, channels, 0)
    damaged = data.draw(st.integers(0, len(pieces) - 1), label="segment")
    piece = pieces[damaged]
    assume(piece[2:4] != struct.pack(">H", length))
    pieces[damaged] = piece[:2] + struct.pack(">H", length) + piece[4:]
    body = b"".join(pieces)
    chain = decode_chain(body, 0, len(body))
    assert chain.counts.tolist() == channels
    assert [found.code for found in chain.findings] == ["segment-length"]


def test_a_record_of_half_an_hour_is_decoded_whole():
    total = round((0.25 + 1904.5) * 1024)
    assert total % 512 == 256
    full, last = (b"\0\0" + struct.pack(">H", 14) + bytes.fromhex("0a0000000200 0007 0007") + struct.pack(">H", count)
                  for count in (510, 254))  # fmt: skip
    body = full * 4 * (total // 512) + last * 4
    chain = decode_chain(body, 0, len(body), expected=total)
    assert chain.findings == () and chain.counts.shape == (4, total) and (chain.counts == 7).all()
