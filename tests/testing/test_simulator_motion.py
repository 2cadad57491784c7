"""Motion: what a MiniMate would have recorded, synthetic or from the real exports."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from sfm_archive.testing import Motion, recorded_motion, synthetic_motion
from sfm_archive.testing.motion import GEO_UNIT, HIGHEST, LOUDNESS, LOWEST, MM_PER_INCH, report_samples

EXPORTS = Path(__file__).parents[1] / "data" / "blastware-ascii"


def text(name: str) -> str:
    return (EXPORTS / name).read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("name", "rows", "ppv_mm"),
    [("5m.TXT", 33_493, (10.27, 22.52, 22.21)), ("15m.TXT", 23_176, (5.833, 12.44, 15.29))],
)
def test_real_export_is_read_whole_with_the_peaks_blastware_printed(name, rows, ppv_mm):
    source = report_samples(text(name))
    assert (source.sample_rate, source.pretrigger, len(source.tran)) == (4096, 2048, rows)
    for channel, printed in zip((source.tran, source.vert, source.long), ppv_mm, strict=True):
        assert max(map(abs, channel)) * MM_PER_INCH == pytest.approx(printed, abs=0.005)


def test_windows_line_ends_give_the_same_motion():
    plain = recorded_motion(text("15m.TXT"), random=Random(1))
    windows = recorded_motion(text("15m.TXT").replace("\n", "\r\n"), random=Random(1))
    assert plain == windows


def test_real_motion_has_the_minimates_length_and_keeps_its_strength():
    motion = recorded_motion(text("5m.TXT"), random=Random(1), seconds=3, sample_rate=1024)
    assert [len(channel) for channel in motion.channels] == [3328] * 4
    assert (motion.pretrigger, motion.seconds) == (256, 3.0)
    peak = max(map(abs, motion.vert)) * GEO_UNIT * MM_PER_INCH
    assert 0.8 * 22.52 < peak <= 22.52 + 0.1
    assert max(map(abs, motion.micl)) > 5


def test_real_motion_scales_up_to_the_rails_and_no_further():
    motion = recorded_motion(text("5m.TXT"), random=Random(1), scale=40)
    assert (min(motion.vert), max(motion.vert)) == (LOWEST, HIGHEST)


@pytest.mark.parametrize(("sample_rate", "samples"), [(1024, 3328), (2048, 6656), (4096, 13312)])
def test_all_rates_of_the_unit_are_reached(sample_rate, samples):
    motion = recorded_motion(text("15m.TXT"), random=Random(1), sample_rate=sample_rate)
    assert len(motion.long) == samples


def test_a_record_longer_than_the_export_ends_with_it():
    motion = recorded_motion(text("15m.TXT"), random=Random(1), seconds=60)
    assert len(motion.tran) == (23_176 - 1024) // 4


@pytest.mark.parametrize("rate", [1000, 8192])
def test_a_rate_that_does_not_divide_the_exports_is_refused(rate):
    with pytest.raises(ValueError, match="block-averaged"):
        recorded_motion(text("15m.TXT"), random=Random(1), sample_rate=rate)


@pytest.mark.parametrize("broken", ["", '"Event Type : Full Waveform"\n\n', '"A : b"\n\n Tran \n0.1\n'])
def test_a_text_without_samples_is_refused(broken):
    with pytest.raises(ValueError, match="report"):
        recorded_motion(broken, random=Random(1))


@pytest.mark.parametrize("loudness", LOUDNESS)
def test_synthetic_motion_is_reproducible_and_within_the_rails(loudness):
    motion = synthetic_motion(Random(5), seconds=2, loudness=loudness)
    assert motion == synthetic_motion(Random(5), seconds=2, loudness=loudness)
    assert motion != synthetic_motion(Random(6), seconds=2, loudness=loudness)
    assert [len(channel) for channel in motion.channels] == [256 + 2048] * 4
    assert all(LOWEST <= min(channel) <= max(channel) <= HIGHEST for channel in motion.channels)


def test_loud_motion_needs_wide_deltas_and_clipped_motion_the_widest():
    def widest(loudness: str) -> int:
        motion = synthetic_motion(Random(2), loudness=loudness)
        return max(abs(b - a) for channel in motion.channels for a, b in pairwise(channel))

    assert widest("flat") == 0
    assert widest("quiet") < 128
    assert 128 <= widest("loud") < 4097
    clipped = synthetic_motion(Random(2), loudness="clipped").channels
    assert (min(map(min, clipped)), max(map(max, clipped))) == (LOWEST, HIGHEST)


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        (([1, 2], [1, 2], [1, 2], [1, 2, 3]), "unequal"),
        (([1, 2], [1, 2], [1, 2], [1, 2049]), "rails"),
        (([0], [0], [0], [0]), "fewer than two"),
        (([0] * 513, [0] * 513, [0] * 513, [0] * 513), "fewer than two"),
    ],
)
def test_motion_that_no_unit_records_is_refused(channels, message):
    tran, vert, long, micl = channels
    with pytest.raises(ValueError, match=message):
        Motion(sample_rate=1024, pretrigger=0, tran=tran, vert=vert, long=long, micl=micl)
