"""Half waves and the pairs that decide, against the rules written a second time from their words."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.waveforms import read_report
from sfm_archive.waveforms.peaks import half_waves, undominated
from sfm_archive.waveforms.quantities import half_period

REAL = Path(__file__).parent.parent / "data" / "blastware-ascii"

counts = st.lists(st.integers(-2048, 2047), max_size=60)


@given(counts)
def test_half_waves_are_the_runs_of_one_sign(samples: list[int]) -> None:
    expected, at = [], 0
    for sign, group in groupby(samples, key=lambda v: (v > 0) - (v < 0)):
        run = list(group)
        if sign:
            cut = at == 0 or at + len(run) == len(samples)
            expected.append((at, len(run), max(map(abs, run)), cut))
        at += len(run)
    found = half_waves(np.array(samples, dtype=np.int32))
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected


@given(counts.filter(len))
def test_every_half_wave_has_the_frequency_of_its_peak_by_the_vendors_rule(samples: list[int]) -> None:
    array = np.array(samples, dtype=np.int32)
    found = half_waves(array)
    for start, length, _, cut in zip(*found, strict=True):
        assert half_period(array, int(start)) == (0 if cut else length)


def test_a_rail_is_as_large_as_it_is() -> None:
    assert half_waves(np.array([0, -2048, -1, 0], dtype=np.int16)).peaks.tolist() == [2048]


@pytest.mark.parametrize(
    ("file", "channel", "peak", "frequency"), [("5m.TXT", "Tran", 7.27, 14.0), ("5m.TXT", "Tran", 10.27, 55.0)]
)
def test_a_real_blast_has_a_slow_half_wave_beside_its_peak(
    file: str, channel: str, peak: float, frequency: float
) -> None:
    """The peak of this real record is within DIN line 2 at its 55 Hz; its half wave at 14 Hz is not."""
    report = read_report((REAL / file).read_bytes())
    assert report.samples is not None
    traces = report.samples.traces()
    row = traces.row(channel)
    found = half_waves(traces.samples[row])
    pairs = {
        (round(float(p) * traces.quantum[row], 2), round(traces.sample_rate / (2 * int(n)), 0))
        for p, n, cut in zip(found.peaks, found.lengths, found.cut, strict=True)
        if not cut
    }
    assert (peak, frequency) in pairs


pairs = st.lists(st.tuples(st.one_of(st.none(), st.floats(0.5, 200)), st.integers(0, 10**8)), max_size=30)


def kept_of(given_pairs: list[tuple[float | None, int]]) -> list[tuple[float | None, int]]:
    hertz = np.array([[np.nan if hz is None else hz for hz, _ in given_pairs]], dtype=np.float64)
    return undominated(hertz, np.array([[peak for _, peak in given_pairs]], dtype=np.int64))[0]


@given(pairs)
def test_every_pair_is_outdone_by_a_kept_one_and_no_kept_one_by_another(
    given_pairs: list[tuple[float | None, int]],
) -> None:
    kept = kept_of(given_pairs)
    assert set(kept) <= set(given_pairs)
    for frequency, peak in given_pairs:
        if frequency is None:
            assert any(f is None and p >= peak for f, p in kept)
        else:
            assert any(f is not None and f <= frequency and p >= peak for f, p in kept)
    known = [pair for pair in kept if pair[0] is not None]
    assert known == sorted(known) and len({p for _, p in known}) == len(known)
    assert [p for _, p in known] == sorted(p for _, p in known)


@given(pairs, st.lists(st.tuples(st.floats(0.5, 200), st.integers(0, 10**8)), min_size=1, max_size=6))
def test_a_limit_that_does_not_fall_is_exceeded_by_a_kept_pair_where_it_is_by_any(
    given_pairs: list[tuple[float | None, int]], steps: list[tuple[float, int]]
) -> None:
    limits = list(zip(sorted(f for f, _ in steps), sorted(v for _, v in steps), strict=True))

    def limit(frequency: float) -> int:
        return max((value for from_hz, value in limits if from_hz <= frequency), default=limits[0][1])

    def exceeded(of: list[tuple[float | None, int]]) -> bool:
        return any(f is not None and p > limit(f) for f, p in of)

    assert exceeded(kept_of(given_pairs)) == exceeded(given_pairs)
