"""Envelopes of long traces: whatever the samples are, no peak is missing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import UsageError
from sfm_archive.waveforms.envelope import envelope_of

NUMBERS = st.one_of(st.floats(-1e6, 1e6), st.integers(-8192, 8191).map(float), st.just(math.nan))


@given(st.lists(NUMBERS, min_size=1, max_size=300), st.integers(1, 400))
def test_every_part_has_its_least_and_its_greatest_sample(samples: list[float], parts: int) -> None:
    found = envelope_of(np.array(samples), parts)
    assert len(found.starts) == min(parts, len(samples)) and found.starts[0] == 0
    borders = [*found.starts.tolist(), len(samples)]
    longest = math.ceil(len(samples) / len(found.starts))
    assert all(0 < end - start <= longest for start, end in pairwise(borders))
    for place, (start, end) in enumerate(pairwise(borders)):
        own = [one for one in samples[start:end] if not math.isnan(one)]
        if not own:
            assert math.isnan(found.low[place]) and math.isnan(found.high[place])
        else:
            assert (found.low[place], found.high[place]) == (min(own), max(own))


def test_no_sample_and_no_part() -> None:
    assert len(envelope_of(np.zeros(0), 5).starts) == 0
    with pytest.raises(UsageError):
        envelope_of(np.zeros(3), 0)
