"""Whatever the bytes: the decoder answers, in bounded time and memory, and never with an unmarked impossible value."""

from __future__ import annotations

import struct
import time
import tracemalloc
from random import Random

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sfm_archive.testing import simulate_histogram, simulate_waveform
from sfm_archive.waveforms import decode_event, histogram_quantities, quantities_of, read_report, read_thor
from sfm_archive.waveforms.segments import MAX_SAMPLES, decode_chain

HEAD = bytes.fromhex("00120300") + b"STRT\xff\xfe" + bytes(8)
WAVEFORM = simulate_waveform(Random(1), seconds=1.0, sample_rate=1024, loudness="loud").memory
HISTOGRAM = simulate_histogram(Random(2), count=20).memory


def assert_sound(memory):
    decoded = decode_event(memory)
    if decoded.waveform is not None:
        assert decoded.waveform.counts.dtype == np.int32 and decoded.waveform.size > 0
        beyond = (decoded.waveform.counts > 2047) | (decoded.waveform.counts < -2048)
        codes = {finding.code for finding in decoded.findings}
        assert beyond.any() == ("impossible-value" in codes)
        for reading in quantities_of(decoded.waveform.traces()):
            assert reading.number is None or np.isfinite(reading.number)
            if reading.quantity == "ppv" and reading.number is not None:
                assert 0 <= reading.number <= 2048 * 0.005
        decoded.waveform.physical(mic_unit="dB(L)")
    elif decoded.histogram is not None:
        for reading in histogram_quantities(decoded.histogram):
            assert reading.number is None or np.isfinite(reading.number)
        decoded.histogram.frequencies()
    else:
        assert "no-samples" in {finding.code for finding in decoded.findings}


@given(st.binary(max_size=400))
@example(b"")
def test_any_bytes(data):
    assert_sound(data)


@given(st.binary(max_size=2000), st.integers(0, 0xFFFF))
def test_any_bytes_behind_a_true_beginning(data, length):
    assert_sound(HEAD + b"\0\0" + struct.pack(">H", length) + b"\x46\0\0\0\x02\0" + data)


@given(st.sampled_from([WAVEFORM, HISTOGRAM]), st.data())
def test_true_events_with_bytes_changed_or_cut(memory, data):
    damaged = bytearray(memory)
    for _ in range(data.draw(st.integers(0, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert_sound(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@given(st.integers(0, 0xFFFF), st.binary(max_size=64))
def test_any_tag_in_an_otherwise_sound_segment(tag, payload):
    body = struct.pack(">H", tag) + payload
    segment = b"\0\0" + struct.pack(">H", 12 + len(body)) + bytes.fromhex("460000000200 0001 0002") + body
    chain = decode_chain(segment * 4, 0, 4 * len(segment))
    width, count = tag >> 12, tag & 0xFFF
    fits = width <= 4 and width * count == 2 * len(payload) and count <= 510
    if fits and not (width == 3 and count % 4):
        assert chain.counts.shape == (4, 2 + count) and chain.findings == ()


def test_a_file_that_unpacks_to_too_much_is_bounded_in_time_and_memory():
    # 512 samples in 16 bytes each: 6 MB would be 800 MB of counts. What is in use is a few times the counts.
    segment = b"\0\0" + struct.pack(">H", 14) + bytes.fromhex("460000000200 0000 0000 01fe")
    memory = HEAD + segment * 400_000
    tracemalloc.start()
    began = time.process_time()
    decoded = decode_event(memory)
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoded.waveform.size == MAX_SAMPLES == 1 << 22
    assert "this program decodes up to 4,194,304 samples" in decoded.findings[-1].message
    assert peak < 4 * decoded.waveform.counts.nbytes and took < 20


class Counted(bytes):
    """Bytes that count how often one of them was looked at, and refuse to be looked at for ever."""

    looked_at = 0

    def __getitem__(self, key):
        found = super().__getitem__(key)
        self.looked_at += len(found) if isinstance(key, slice) else 1
        assert self.looked_at <= 3 * len(self)
        return found


def test_blocks_of_no_deltas_are_walked_once():
    segment = b"\0\0" + struct.pack(">H", 0xFFFC) + bytes.fromhex("460000000200 0000 0000") + bytes(0xFFF0)
    memory = Counted(segment * 4)
    chain = decode_chain(memory, 0, len(memory))
    assert chain.counts.tolist() == [[0, 0]] * 4 and chain.findings == () and chain.end == len(memory)
    assert memory.looked_at >= len(memory) - 4 * 14
    decoded = decode_event(HEAD + segment * 20)
    assert decoded.waveform.size == 2


@given(st.text(alphabet='0123456789.-+<>OoRANGE*/N \t\r\n",:', max_size=300), st.booleans())
def test_any_text_behind_a_report_header(rest, crlf):
    header = '"Event Type : Full Waveform"\n"Units : mm/s and Pa"\n"Sample Rate : 1024 sps"\n"PC SW Version : V"\n\n'
    text = header + "   Tran   \t   MicL   \n" + rest
    report = read_report((text.replace("\n", "\r\n") if crlf else text).encode())
    if report.samples is not None:
        assert report.samples.values.shape == report.samples.states.shape == report.samples.decimals.shape
        quantities_of(report.samples.traces())


@given(st.binary(max_size=300))
def test_any_bytes_behind_a_report_header(rest):
    read_report(b'"Event Type : Full Histogram"\n"PC SW Version : V"\n' + rest)
    read_thor(b'"Serial","UM1"\n"Channel","Tran"\n' + rest)
