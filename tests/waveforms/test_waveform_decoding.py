"""Waveform bodies: the published vectors, and round trips with the simulator, which knows nothing of the decoder."""

from __future__ import annotations

import struct
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from sfm_archive.errors import BadInput, UsageError
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import CHANNELS
from sfm_archive.testing import Motion, blastware_file, simulate_memory, simulate_waveform, synthetic_motion
from sfm_archive.testing.samples import delta_block, segment
from sfm_archive.waveforms import DECODER, decode_event, decode_event_file
from sfm_archive.waveforms.segments import decode_chain, unpack_deltas

HIGHEST, LOWEST = 2047, -2048


def assert_every_sample(event):
    decoded = decode_event(event.memory)
    assert decoded.findings == ()
    assert decoded.record_type is RecordType.WAVEFORM
    np.testing.assert_array_equal(decoded.waveform.counts, np.array(event.motion.channels))
    return decoded


def chain_of(*rounds):
    """Segments of four equal channels for each list of samples."""
    pieces = [segment(part, open_bytes=b"\xaa\xbb", counter=0x46) for part in rounds for _ in range(4)]
    return b"".join(pieces)


def deltas_of(payload):
    """The deltas of one block, through the whole decoder: one segment per channel around it."""
    body = b"".join(
        b"\0\0" + struct.pack(">H", 12 + len(payload)) + bytes.fromhex("46000000 0200 0000 0000") + payload
        for _ in range(4)
    )
    chain = decode_chain(body, 0, len(body))
    assert chain.findings == () and chain.end == len(body)
    return np.diff(chain.counts[0])[1:].tolist()


# --- published vectors ---


def test_the_published_block_of_four_twelve_bit_deltas():
    assert deltas_of(bytes.fromhex("30 04 01 10 2f 29 80 3d")) == [47, 297, 384, 61]


def test_the_published_tag_1190_is_400_nibble_deltas_in_a_block_of_202_bytes():
    payload = bytes(Random(1).randbytes(200))
    block = bytes.fromhex("1190") + payload
    expected = [(nibble ^ 8) - 8 for byte in payload for nibble in (byte >> 4, byte & 15)]
    assert len(block) == 202
    assert deltas_of(block) == expected


def test_the_published_segment_of_264_nibble_deltas_and_244_zeros():
    block = struct.pack(">H", 0x1000 | 264) + b"\x1f" * 132 + struct.pack(">H", 244)
    assert deltas_of(block) == [1, -1] * 132 + [0] * 244


def test_3328_samples_per_channel_are_28_segments():
    motion = synthetic_motion(Random(2), seconds=3.0, sample_rate=1024, loudness="loud")
    event = simulate_waveform(Random(3), motion=motion)
    assert len(motion.tran) == 3328
    assert event.memory.count(b"\x02\x00") >= 28
    assert assert_every_sample(event).waveform.counts.shape == (4, 3328)


@pytest.mark.parametrize(
    ("width", "payload", "deltas"),
    [
        (1, "7f80", [7, -1, -8, 0]),
        (2, "7f80ff00", [127, -128, -1, 0]),
        (3, "7f80ff000000", [2047, -256, -2048, 0]),
        (4, "7fff8000ffff0000", [32767, -32768, -1, 0]),
    ],
)
def test_deltas_of_each_width_are_signed(width, payload, deltas):
    stored = np.frombuffer(bytes.fromhex(payload), dtype=np.uint8)
    assert unpack_deltas(width, stored).tolist() == deltas


# --- round trips ---


@pytest.mark.parametrize("events", [300, pytest.param(1500, marks=pytest.mark.long)])
def test_short_events_of_every_loudness_without_one_wrong_sample(events):
    random = Random(20260501)
    seen = 0
    for number in range(events):
        loudness = ("flat", "quiet", "ordinary", "loud", "clipped")[number % 5]
        size = random.choice((2, 3, 4, 5, 6, 7, 100, 511, 512, 514, 515, 700, 1023, 1024))
        before = random.randrange(min(size, 40))
        motion = synthetic_motion(
            random, seconds=(size - before) / 1024, sample_rate=1024, pretrigger=before, loudness=loudness
        )
        event = simulate_waveform(random, motion=motion, start_key=random.randrange(1 << 31))
        seen += assert_every_sample(event).waveform.counts.size
    assert seen > 666 * events


def test_whole_events_at_every_loudness_and_rate():
    random = Random(7)
    for loudness in ("flat", "quiet", "ordinary", "loud", "clipped"):
        for rate in (1024, 2048):
            assert_every_sample(simulate_waveform(random, seconds=3.0, sample_rate=rate, loudness=loudness))


def test_samples_that_jump_between_the_rails_at_random():
    random = Random(8)
    for spread in (1, 7, 8, 127, 128, 2047, 2048):
        channels = [[random.randint(-spread, min(spread, HIGHEST)) for _ in range(1100)] for _ in range(4)]
        tran, vert, long, micl = channels
        motion = Motion(sample_rate=1024, pretrigger=0, tran=tran, vert=vert, long=long, micl=micl)
        assert_every_sample(simulate_waveform(random, motion=motion))


def test_consecutive_events_of_one_unit_end_where_they_end():
    for event in simulate_memory(Random(9), 12, histograms=0):
        assert_every_sample(event)


def test_any_width_that_holds_a_delta_may_carry_it_and_sixteen_bits_may_stand_anywhere():
    random = Random(10)
    for _ in range(150):
        rounds = []
        expected = []
        for size in (512, random.choice((2, 3, 9, 50, 512))):
            samples = np.clip(np.cumsum([random.randint(-9, 9) ** 3 for _ in range(size)]), LOWEST, HIGHEST).tolist()
            rounds.append(samples)
            expected += samples
        body = b"".join(_freely_packed(random, samples) for samples in rounds for _ in range(4))
        chain = decode_chain(body, 0, len(body))
        assert chain.findings == ()
        assert (chain.counts == np.array(expected)).all()


def _freely_packed(random, samples):
    """A segment whose blocks are of random lengths and of random widths that hold their deltas."""
    deltas = [after - before for before, after in pairwise(samples[1:])]
    payload = b""
    while deltas:
        size = min(len(deltas), random.choice((1, 2, 3, 4, 4, 8, 40, 300)))
        part, deltas = deltas[:size], deltas[size:]
        reach = max(abs(delta) for delta in part)
        narrowest = 0 if not reach else next(w for w in (1, 2, 3, 4) if reach < 1 << (4 * w - 1))
        widths = [4] if size % 4 else range(narrowest, 5)
        payload += delta_block(random.choice(widths), part)
    head = struct.pack(">hh", *samples[:2])
    return random.randbytes(2) + struct.pack(">H", 12 + len(payload)) + b"\x0a\0\0\0\x02\0" + head + payload


# --- where a stream ends ---


def test_the_stream_ends_where_no_header_follows_a_full_round():
    chain = decode_chain(chain_of([5] * 512) + bytes(40) + b"Project:", 0, 10_000)
    assert chain.counts.shape == (4, 512) and chain.findings == ()


def test_nothing_is_read_behind_a_round_of_fewer_than_512_samples():
    whole = chain_of([5] * 300)
    chain = decode_chain(whole + chain_of([6] * 512), 0, 10_000)
    assert chain.counts.shape == (4, 300) and chain.end == len(whole)


def test_settings_text_that_looks_like_a_header_is_never_taken_for_samples():
    text = b"Project:" + b"\x02\x00" + b"Quarry north bench, hole 12" * 3
    chain = decode_chain(chain_of([5] * 512) + text, 0, 10_000)
    assert chain.counts.shape == (4, 512)
    assert [finding.code for finding in chain.findings] == ["segment-not-understood"]
    known = decode_chain(chain_of([5] * 512) + text, 0, 10_000, expected=512)
    assert known.counts.shape == (4, 512) and known.findings == ()


def test_a_rounded_expectation_loses_no_samples_and_is_said():
    event = simulate_waveform(Random(11), seconds=2.0, sample_rate=1024)
    total = len(event.motion.tran)
    for expected in (512, total - 1, total, total + 1):
        decoded = decode_event(event.memory, samples=expected)
        assert decoded.waveform.size == total
        codes = [finding.code for finding in decoded.findings]
        assert codes == ([] if expected == total else ["sample-count"])


def test_an_event_cut_short_keeps_its_whole_rounds_and_says_so():
    event = simulate_waveform(Random(12), seconds=3.0, sample_rate=1024, loudness="loud")
    decoded = decode_event(event.memory[: len(event.memory) // 2])
    assert 0 < decoded.waveform.size < 3328 and decoded.waveform.size % 512 == 0
    np.testing.assert_array_equal(decoded.waveform.counts, np.array(event.motion.channels)[:, : decoded.waveform.size])
    assert [finding.code for finding in decoded.findings] == ["segment-not-understood"]


@pytest.mark.parametrize("tag", ["5004", "1003", "3005", "3003", "0fff"])
def test_a_block_outside_the_model_ends_the_stream_with_its_place(tag):
    good = chain_of([1] * 512)
    bad = b"\0\0" + struct.pack(">H", 30) + bytes.fromhex("0a000000 0200 0000 0000" + tag) + bytes(16)
    chain = decode_chain(good + bad, 0, len(good + bad))
    assert chain.counts.shape == (4, 512)
    (finding,) = chain.findings
    assert finding.code == "segment-not-understood" and finding.start == len(good)


def test_a_round_whose_channels_differ_in_length_is_left_out():
    for sizes in ((300, 300, 299, 300), (300, 300, 512, 300), (300, 300, 300, 299), (299, 300, 300, 300)):
        body = b"".join(segment([0] * size, open_bytes=b"\0\0", counter=10) for size in sizes)
        chain = decode_chain(body, 0, len(body))
        assert chain.counts.shape == (4, 0)
        assert chain.findings[0].code == "segment-not-understood"
        assert CHANNELS[next(at for at in (1, 2, 3) if sizes[at] != sizes[0])] in chain.findings[0].message


# --- what the result says ---


def event_of(tran, rate=1024):
    channels = dict.fromkeys(("vert", "long", "micl"), [0] * len(tran))
    return simulate_waveform(Random(1), motion=Motion(sample_rate=rate, pretrigger=0, tran=tran, **channels))


def test_physical_units_at_both_ranges():
    waveform = decode_event(event_of([0, 1000, -1, 0]).memory).waveform
    assert waveform.physical()["Tran"].tolist() == pytest.approx([0, 5.0, -0.005, 0])
    assert waveform.physical(1.25)["Tran"][1] == pytest.approx(0.625)
    assert waveform.physical(unit="mm/s")["Tran"][1] == pytest.approx(127.0)
    for wrong in ({"range_in_s": 0}, {"range_in_s": float("nan")}, {"unit": "cm/s"}, {"mic_unit": "bar"}):
        with pytest.raises(UsageError):
            waveform.physical(**wrong)


def test_813_counts_of_the_microphone_are_140_1_decibels():
    motion = Motion(sample_rate=1024, pretrigger=0, tran=[0, 0], vert=[0, 0], long=[0, 0], micl=[813, 0])
    waveform = decode_event(simulate_waveform(Random(1), motion=motion).memory).waveform
    assert waveform.physical(mic_unit="dB(L)")["MicL"][0] == pytest.approx(140.1, abs=0.05)
    assert np.isnan(waveform.physical(mic_unit="dB(L)")["MicL"][1])
    assert waveform.physical(mic_unit="Pa")["MicL"][0] == 813 * 0.25
    assert waveform.physical(mic_unit="psi")["MicL"][0] == pytest.approx(813 * 3.626e-5, rel=1e-4)


def test_samples_at_either_rail_are_over_range():
    waveform = decode_event(event_of([0, HIGHEST, LOWEST, HIGHEST - 1, LOWEST + 1]).memory).waveform
    assert waveform.over_range[0].tolist() == [False, True, True, False, False]
    assert not waveform.impossible.any()


@pytest.mark.parametrize("beyond", [HIGHEST + 1, LOWEST - 1])
def test_a_count_beyond_the_rail_is_a_finding_and_no_value(beyond):
    body = chain_of([0, beyond, 0])
    decoded = decode_event(bytes.fromhex("00120300") + b"STRT\xff\xfe" + bytes(8) + _as_first(body))
    assert [finding.code for finding in decoded.findings] == ["impossible-value"] * 4
    assert decoded.waveform.impossible[0].tolist() == [False, True, False]
    assert np.isnan(decoded.waveform.physical()["Vert"][1])


def _as_first(chain):
    """The chain with its first counter as a unit writes it, so that the body begins with 00 02 00."""
    return chain[:4] + b"\x46\0\0\0" + chain[8:]


def test_rate_and_pretrigger_are_assumed_unless_given_and_the_result_says_which():
    event = event_of([0, 1, 2, 3])
    assumed = decode_event(event.memory).waveform
    assert (assumed.sample_rate, assumed.sample_rate_assumed) == (1024, True)
    assert (assumed.pretrigger, assumed.pretrigger_assumed) == (256, True)
    told = decode_event(event.memory, sample_rate=4096, pretrigger=2).waveform
    assert (told.sample_rate_assumed, told.pretrigger_assumed) == (False, False)
    assert told.times().tolist() == [-2 / 4096, -1 / 4096, 0, 1 / 4096]
    for wrong in ({"sample_rate": 0}, {"pretrigger": -1}, {"samples": 0}):
        with pytest.raises(UsageError):
            decode_event(event.memory, **wrong)


def test_an_event_file_decodes_like_its_memory():
    event = simulate_waveform(Random(13), seconds=1.0)
    decoded = decode_event_file(blastware_file(event))
    np.testing.assert_array_equal(decoded.waveform.counts, np.array(event.motion.channels))
    with pytest.raises(BadInput):
        decode_event_file(b"no event file")


def test_results_are_labelled_and_frozen():
    decoded = decode_event(event_of([0, 1, 2, 3]).memory)
    assert decoded.decoder == DECODER == "waveform@1"
    with pytest.raises(ValueError, match="read-only"):
        decoded.waveform.counts[0, 0] = 1


@pytest.mark.parametrize("memory", [b"", b"\0" * 100, bytes.fromhex("22010ea0") + bytes(60)])
def test_what_is_neither_waveform_nor_histogram_is_refused_by_a_finding(memory):
    decoded = decode_event(memory)
    assert decoded.waveform is None and decoded.histogram is None
    assert [finding.code for finding in decoded.findings] == ["no-samples"]
